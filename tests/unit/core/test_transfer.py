"""Whom a transfer would connect, what is asked of the far end, and what a report of it means."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deskphone.config.settings import Settings
from deskphone.core import effects as fx
from deskphone.core import events as ev
from deskphone.core.calls import transfer
from deskphone.core.calls.state import Call, CallState, Direction
from deskphone.core.lines.state import Line, LineStatus
from deskphone.core.moment import NEVER
from deskphone.core.state import Phone
from deskphone.core.turn import Turn
from deskphone.core.voice_path import VoicePath
from tests.layers import of_file
from tests.unit.core.turns import NOW, turn

S = CallState
SETTINGS = Settings()
UNATTENDED = replace(SETTINGS, transfer=replace(SETTINGS.transfer, semi_attended=False))
SEMI = replace(SETTINGS, transfer=replace(SETTINGS.transfer, semi_attended=True))
KEEPS = replace(SETTINGS, transfer=replace(SETTINGS.transfer, semi_attended=True, keep_second_leg=True))


def call(name: str, state: S = S.ESTABLISHED, **fields: object) -> Call:
    direction = Direction.OUT if state in (S.OUTGOING, S.RINGING, S.EARLY) else Direction.IN
    return Call(
        name, 0, direction, state, ev.Party(f"200{name}"), since=1.0 if state is S.ESTABLISHED else 0.0, **fields
    )  # type: ignore[arg-type]


def phone(*calls: Call, focus: str = "", settings: Settings = SEMI, path: VoicePath = VoicePath.SPEAKER) -> Phone:
    before = Phone(
        now=NOW, layers=of_file(settings), powered=True, lines=(Line(0, "a:5060", LineStatus.REGISTERED),), calls=calls,
        focus=focus or calls[-1].id,
    )  # fmt: skip
    return replace(before, sound=replace(before.sound, path=path))


HELD = {"local_hold": True}


@pytest.mark.parametrize(
    ("before", "sent", "to"),
    [
        (phone(call("a", **HELD), call("b", partner="a")), "a", "b"),
        (phone(call("a"), call("b", partner="a", **HELD), focus="a"), "a", "b"),
        (phone(call("a", **HELD), call("b")), "b", "a"),
        (phone(call("a", **HELD), call("b"), focus="a"), "a", "b"),
        (phone(call("a", **HELD), call("x", **HELD), call("b", partner="a")), "a", "b"),
        (phone(call("a", **HELD), call("x", **HELD), call("b")), "b", "x"),
        (phone(call("a", **HELD), call("b", S.RINGING, partner="a")), "a", "b"),
        (phone(call("a", **HELD), call("b", S.OUTGOING, partner="a")), "a", "b"),
        (phone(call("a", **HELD), call("b", S.RINGING)), "", ""),
        (phone(call("a", **HELD), call("b", S.RINGING, partner="a"), settings=UNATTENDED), "", ""),
        (phone(call("a", **HELD), call("b", S.INCOMING)), "", ""),
        (phone(call("a", S.ENDING), call("b")), "", ""),
        (phone(call("a", transfer="200c", **HELD), call("b")), "", ""),
        (phone(call("a", **HELD), call("b", transfer="200c")), "", ""),
        (phone(call("a")), "", ""),
    ],
)
def test_whom_trans_would_connect(before: Phone, sent: str, to: str) -> None:
    found = transfer.pair(before)
    assert (found[0].id if found else "", found[1].id if found else "") == (sent, to)


@pytest.mark.parametrize(
    ("before", "name"),
    [
        (phone(call("a", **HELD), call("b", partner="a")), "b"),
        (phone(call("a"), call("b", partner="a"), focus="a"), "b"),
        (phone(call("a", **HELD), call("b")), ""),
        (phone(call("a", S.ENDING), call("b", partner="a")), ""),
    ],
)
def test_which_call_is_the_consultation(before: Phone, name: str) -> None:
    found = transfer.consultation(before)
    assert (found.id if found else "") == name


def completed(before: Phone) -> tuple[Phone, list[fx.Effect]]:
    so_far, both = Turn(before), transfer.pair(before)
    assert both is not None
    transfer.complete(so_far, *both)
    return so_far.phone, [each for each in so_far.effects if isinstance(each, fx.Transfer | fx.Hangup)]


def test_who_is_up_is_replaced_and_who_rings_is_given_up_first_or_kept_where_it_is_set_so() -> None:
    up = (call("a", **HELD), call("b", partner="a"))
    after, done = completed(phone(*up))
    assert done == [fx.Transfer("a", consultation="b")]
    sent = after.call("a")
    assert sent is not None and sent.transfer == "b"
    assert sent.transfer_until == NOW.mono + SETTINGS.transfer.progress_timeout
    rings = (call("a", **HELD), call("b", S.RINGING, partner="a"))
    after, done = completed(phone(*rings))
    assert done == [fx.Hangup("b"), fx.Transfer("a", target="200b")]
    sent = after.call("a")
    assert sent is not None and sent.transfer == "200b"
    _, done = completed(phone(*rings, settings=KEEPS))
    assert done == [fx.Transfer("a", consultation="b")]
    by_uri = replace(rings[1], remote=ev.Party("2001", uri="sip:2001@sips-b"))
    _, done = completed(phone(rings[0], by_uri))
    assert done[-1] == fx.Transfer("a", target="sip:2001@sips-b")


WAITING = (call("a", transfer="b", transfer_until=NOW.mono + 30, **HELD), call("b", partner="a"))


def orders(done: tuple[fx.Effect, ...]) -> list[tuple[str, str]]:
    kinds = fx.Hangup | fx.Retrieve | fx.Hold
    return [(type(each).__name__, each.call) for each in done if isinstance(each, kinds)]


def test_a_provisional_report_changes_nothing() -> None:
    after, done = turn(phone(*WAITING), ev.TransferProgress("a", 180, "Ringing", False))
    assert after.calls == WAITING and orders(done) == [] and after.notice is None


@pytest.mark.parametrize("code", [200, 202, 299])
def test_success_ends_our_part_in_both_calls(code: int) -> None:
    after, done = turn(phone(*WAITING), ev.TransferProgress("a", code, "OK", True))
    assert orders(done) == [("Hangup", "a"), ("Hangup", "b")]
    assert after.notice is not None and after.notice.title == "transferred"
    assert [(each.transfer, each.transfer_until, each.state) for each in after.calls] == [("", NEVER, S.ENDING)] * 2


def test_success_of_a_blind_one_ends_the_only_call() -> None:
    blind = (call("a", transfer="2009", transfer_until=NOW.mono + 30),)
    _, done = turn(phone(*blind), ev.TransferProgress("a", 200, "OK", True))
    assert orders(done) == [("Hangup", "a")]


@pytest.mark.parametrize("code", [199, 300, 404, 486, 503])
def test_failure_says_why_and_leaves_the_consultation_as_it_was(code: int) -> None:
    after, done = turn(phone(*WAITING), ev.TransferProgress("a", code, "Why", True))
    assert orders(done) == [] and after.focus == "b"
    assert after.notice is not None
    assert (after.notice.title, after.notice.text) == ("transfer_failed", f"{code} Why")
    assert [(each.transfer, each.transfer_until) for each in after.calls] == [("", NEVER)] * 2


def test_where_nobody_is_left_to_talk_to_who_was_sent_away_is_taken_back() -> None:
    alone = (call("a", transfer="2009", transfer_until=NOW.mono + 30, **HELD),)
    after, done = turn(phone(*alone), ev.TransferProgress("a", 404, "Not Found", True))
    assert orders(done) == [("Retrieve", "a")] and after.focus == "a"
    after, done = turn(phone(*alone, path=VoicePath.NONE), ev.TransferProgress("a", 404, "Not Found", True))
    assert orders(done) == [], "the device was put down meanwhile: nobody would hear"


def test_who_talks_and_was_sent_away_is_held_where_the_device_was_put_down_meanwhile() -> None:
    alone = (call("a", transfer="2009", transfer_until=NOW.mono + 30),)
    _, done = turn(phone(*alone, path=VoicePath.NONE), ev.TransferProgress("a", 404, "Not Found", True))
    assert orders(done) == [("Hold", "a")]


def test_a_report_that_never_comes_gives_the_calls_back_at_its_time() -> None:
    after, done = turn(phone(*WAITING), ev.Elapsed(), 29)
    assert after.calls[0].transfer == "b" and orders(done) == []
    after, done = turn(after, ev.Elapsed(), 1)
    assert [each.transfer for each in after.calls] == ["", ""]
    assert after.notice is not None and after.notice.title == "transfer_unreported"


def test_a_report_of_a_call_nobody_knows_is_illegal() -> None:
    _, done = turn(phone(*WAITING), ev.TransferProgress("z", 200, "OK", True))
    assert [type(each) for each in done] == [fx.Illegal]


def test_dropping_a_consultation_takes_the_first_call_back_if_it_is_still_there() -> None:
    so_far = Turn(phone(call("a", **HELD), call("b", S.RINGING, partner="a")))
    transfer.drop(so_far, so_far.phone.calls[1])
    assert orders(tuple(so_far.effects)) == [("Hangup", "b"), ("Retrieve", "a")]
    so_far = Turn(phone(call("b", S.RINGING, partner="a")))
    transfer.drop(so_far, so_far.phone.calls[0])
    assert orders(tuple(so_far.effects)) == [("Hangup", "b")]
