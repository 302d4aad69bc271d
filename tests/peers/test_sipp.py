"""The phone against SIPp: races, forks, refusals and losses of SIP, each a scenario in sipp/.

Every `desk.play` ends with the same questions: is SIPp content, is the phone idle, registered where it was,
without an illegal event, and does it answer OPTIONS?
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.peers.desk import Desk, open_desk
from tests.peers.exchange import Exchange
from tests.peers.phone import PeerPhone
from tests.peers.sipp import Sipp

PROVES = pytest.mark.proves("races, forks, challenges, session timers, REFER", "SIPp 3.6")
pytestmark = [pytest.mark.peer, pytest.mark.slow, PROVES]


@pytest.fixture(scope="module")
def shared_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with open_desk(tmp_path_factory.mktemp("desk")) as desk:
        yield desk


LONG = ("timer_refreshed_by_phone", "timer_refresh_refused", "timer_lost")


@pytest.fixture(scope="module", autouse=True)
def long_calls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[Desk, Sipp]]]:
    """Calls whose session timers need a minute, begun before the other tests and judged at the end."""
    with contextlib.ExitStack() as ends:
        calls = {}
        for scenario in LONG:
            without_rtp = {"voip__media__broken_connection_detection": "0"}  # SIPp sends none
            desk = ends.enter_context(open_desk(tmp_path_factory.mktemp(scenario), **without_rtp))
            sipp = Sipp(scenario, desk.folder, desk.exchange.port, longest=110)
            ends.callback(sipp.stop)
            desk.exchange.sipp = sipp.port
            desk.answer()
            calls[scenario] = desk, sipp
        yield calls


@pytest.fixture
def desk(shared_desk: Desk) -> Iterator[Desk]:
    """The shared phone, idle."""
    yield shared_desk
    shared_desk.tidy()


# --- CANCEL --------------------------------------------------------------------------------------


def test_a_caller_who_gives_up_stops_the_ring(desk: Desk) -> None:
    with desk.play("cancel_while_ringing") as sipp:
        desk.story.idle(within=10)
    assert sipp.saw(r"SIP/2\.0 200 [^\0]*?CSeq: 1 CANCEL"), "the answer to the CANCEL itself"
    desk.story.hears("")


def test_a_cancel_that_crosses_our_200_changes_nothing(desk: Desk) -> None:
    with desk.play("cancel_after_200"):
        desk.answer()


def test_an_answer_that_crosses_our_cancel_is_ended(desk: Desk) -> None:
    with desk.play("cancel_meets_200"):
        desk.story.dial("2001")
        desk.story.shows("Ringing")
        desk.hang_up()


# --- forks ---------------------------------------------------------------------------------------


def test_two_early_dialogs_are_one_ringing_call(desk: Desk) -> None:
    with desk.play("forked_180"):
        desk.story.dial("2001")
        desk.story.in_call()
        desk.hang_up()


def test_a_second_fork_that_answers_is_let_go(desk: Desk) -> None:
    with desk.play("forked_200") as sipp:
        desk.story.dial("2001")
        desk.story.in_call()
        sipp.wait_for("BYE sip:")
        desk.story.in_call()
        desk.hang_up()


# --- digest --------------------------------------------------------------------------------------


def test_register_is_challenged_twice_by_a_stale_nonce(tmp_path: Path) -> None:
    exchange = Exchange()
    exchange.registrar = False
    sipp = Sipp("register_401_twice", tmp_path, exchange.port)
    try:
        sipp.listening()
        exchange.sipp = sipp.port
        with PeerPhone(tmp_path / "phone", exchange.port) as phone:
            phone.story().registered(within=10)
            sipp.finish()
            exchange.sipp = 0
            assert phone.troubles() == []
            assert exchange.options() == 200
    finally:
        sipp.stop()
        exchange.close()


def test_invite_is_challenged_twice_by_a_stale_nonce(desk: Desk) -> None:
    with desk.play("invite_407_twice"):
        desk.story.dial("2001")
        desk.story.in_call()
        desk.hang_up()


@pytest.mark.parametrize("scenario", ["invite_401_same_nonce", "invite_401_ever_new"])
def test_a_server_that_refuses_the_credentials_is_believed(desk: Desk, scenario: str) -> None:
    with desk.play(scenario):
        desk.story.dial("2001")
        desk.story.shows("401")


# --- re-INVITE and UPDATE ------------------------------------------------------------------------


@pytest.mark.parametrize("scenario", ["hold_491", "hold_glare"])
def test_a_hold_that_meets_glare_succeeds_at_the_second_try(desk: Desk, scenario: str) -> None:
    with desk.play(scenario):
        desk.answer()
        desk.hold()


def test_a_server_that_forgot_the_call_ends_it_here_too(desk: Desk) -> None:
    with desk.play("hold_481"):
        desk.answer()
        desk.story.press("hold")
        desk.story.idle(within=10)


@pytest.mark.parametrize("scenario", ["reinvite_without_sdp", "invite_without_sdp"])
def test_an_invite_without_sdp_gets_our_offer(desk: Desk, scenario: str) -> None:
    with desk.play(scenario):
        desk.answer()
        desk.story.wait("a codec", lambda state: [call["codec"] for call in state["calls"]] == ["PCMA/8000"])


@pytest.mark.parametrize("scenario", ["reinvite_hold_and_back", "update"])
def test_the_far_end_holds_and_takes_back(desk: Desk, scenario: str) -> None:
    with desk.play(scenario):
        desk.answer()
        desk.story.shows("Held by other side")
        desk.story.wait("no hold", lambda state: [call["remote_hold"] for call in state["calls"]] == [False])
        if scenario == "update":
            desk.story.shows("Other Person")


def test_a_reinvite_without_a_common_codec_changes_nothing(desk: Desk) -> None:
    with desk.play("reinvite_bad_codec"):
        desk.answer()


# --- BYE -----------------------------------------------------------------------------------------


def test_a_late_bye_does_not_disturb_the_idle_phone(desk: Desk) -> None:
    with desk.play("bye_again", repeats=True):
        desk.story.shows("Incoming call")
        desk.story.press("ok")


def test_both_hang_up_at_once(desk: Desk) -> None:
    with desk.play("bye_crossing"):
        desk.answer()
        desk.hang_up()


def test_a_bye_that_is_lost_is_sent_again(desk: Desk) -> None:
    with desk.play("bye_lost") as sipp:
        desk.answer()
        desk.hang_up()
        desk.story.wait("no call on the display", lambda state: "Talking" not in state["title"], 1)
    assert len(sipp.saw(r"\nBYE sip:")) >= 3


# --- 100rel, 302, REFER --------------------------------------------------------------------------


def test_a_reliable_180_is_repeated_until_prack(desk: Desk) -> None:
    with desk.play("prack") as sipp:
        desk.story.shows("Incoming call")
        sipp.wait_for("PRACK sip:")
        desk.story.press("ok")
        desk.story.in_call()
    assert len(sipp.saw(r"\nSIP/2.0 180 ")) >= 2


def test_a_reliable_183_is_pracked(desk: Desk) -> None:
    with desk.play("prack_by_phone"):
        desk.story.dial("2001")
        desk.story.in_call()
        desk.hang_up()


def test_a_redirect_is_followed(desk: Desk) -> None:
    with desk.play("redirect_302", calls=2):
        desk.story.dial("2001")
        desk.story.in_call()
        desk.story.shows("2002")
        desk.hang_up()


def test_a_blind_transfer_lets_go_when_the_other_answered(desk: Desk) -> None:
    with desk.play("refer_blind"):
        desk.answer()
        blind_transfer(desk, "2003")
        desk.story.idle(within=10)


def test_a_refused_transfer_leaves_the_call(desk: Desk) -> None:
    with desk.play("refer_refused"):
        desk.answer()
        blind_transfer(desk, "2003")


def blind_transfer(desk: Desk, number: str) -> None:
    """Through the softkeys, whichever they are: More, then Blind transfer, number, send."""
    for _ in range(4):
        commands = desk.phone.state()["softkey_commands"]
        if "blind" in commands:
            desk.story.press(f"soft{commands.index('blind') + 1}")
            break
        desk.story.press(f"soft{commands.index('more') + 1}")
    else:
        raise AssertionError(f"no softkey for a blind transfer: {desk.story.screen()}")
    desk.story.press(*number, "ok")


# --- session timers ------------------------------------------------------------------------------


def test_a_session_interval_too_small_is_refused(desk: Desk) -> None:
    with desk.play("timer_too_small"):
        pass
    assert "Incoming call" not in desk.story.screen().text


def test_a_server_that_wants_a_longer_interval_gets_it(desk: Desk) -> None:
    with desk.play("timer_422"):
        desk.story.dial("2001")
        desk.story.in_call()
        desk.hang_up()


def test_our_refresh_is_answered(desk: Desk) -> None:
    with desk.play("timer_refreshed_by_us"):
        desk.answer()


@pytest.mark.parametrize("scenario", LONG)
def test_a_session_lives_as_long_as_it_is_refreshed(long_calls: dict[str, tuple[Desk, Sipp]], scenario: str) -> None:
    """Last in this file: the calls were begun before the first test."""
    desk, sipp = long_calls[scenario]
    sipp.finish()
    desk.exchange.sipp = 0
    desk.story.idle(within=10)
    assert desk.phone.troubles() == []
    assert desk.exchange.options() == 200
