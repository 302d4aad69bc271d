"""Registration and calls through Kamailio to and from baresip, as both sides see them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.peers import baresip
from tests.peers.phone import PeerPhone
from tests.peers.site import SPOKEN, Site, open_site

PROVES = pytest.mark.proves("digest, calls, busy, hold and retrieve", "Kamailio 5.6 with baresip 1.0")
pytestmark = [pytest.mark.peer, pytest.mark.slow, PROVES]

SILENCE = -60.0  # dB


def test_kamailio_lets_nobody_in_with_a_wrong_password(site: Site, tmp_path: Path) -> None:
    with PeerPhone(tmp_path, site.kamailio.port, voip__line__0__auth_password="wrong") as stranger:
        stranger.story().shows("Wrong password", within=10)
        assert not any(server["registered"] for server in stranger.state()["servers"])


def test_a_number_nobody_has_is_unknown(site: Site) -> None:
    site.story.dial("2999")
    site.story.shows("Unknown number", "404", within=10)


def test_the_far_end_hangs_up(site: Site) -> None:
    site.call_out()
    site.baresip.command("hangup")
    site.story.idle(within=10)
    site.call_in()
    site.baresip.command("hangup")
    site.story.idle(within=10)


def test_the_phone_gives_up_before_the_answer(site: Site) -> None:
    seen = len(site.baresip.events)
    site.story.dial("2001")
    site.baresip.event("CALL_INCOMING", after=seen)
    site.story.shows("Ringing")
    site.story.press("cancel")
    site.baresip.event("CALL_CLOSED", after=seen)
    site.story.idle()


def test_the_far_end_gives_up_before_the_answer(site: Site) -> None:
    site.baresip.command("dial", f"sip:1502@127.0.0.1:{site.kamailio.port}")
    site.story.shows("Incoming call", "2001", within=10)
    site.baresip.command("hangup")
    site.story.idle(within=10)
    site.story.hears("")


def test_a_busy_far_end_is_shown_and_heard(site: Site) -> None:
    seen = len(site.baresip.events)
    site.story.lift()
    site.story.press(*"2001#")
    site.baresip.event("CALL_INCOMING", after=seen)
    site.baresip.command("hangup")  # of a call that is not answered yet: 486
    site.story.shows("Busy", "486")
    site.story.hears("busy")
    site.story.put_down()


def test_the_phone_refuses_a_second_caller_as_busy(tmp_path: Path) -> None:
    with open_site(tmp_path, voip__services__call_waiting__enabled="0") as site:
        second = baresip.Baresip(tmp_path / "second", site.kamailio.port, "2002")
        try:
            site.call_out()
            second.command("dial", f"sip:1502@127.0.0.1:{site.kamailio.port}")
            assert "486" in second.event("CALL_CLOSED")["param"]
            site.story.in_call()
            site.hang_up()
        finally:
            second.stop()
        site.quiet()


def test_the_phone_holds_and_retrieves(site: Site) -> None:
    site.call_out()
    site.listen(0.3)
    site.story.press("hold")
    site.story.wait("hold", lambda state: [call["local_hold"] for call in state["calls"]] == [True], within=10)
    site.story.shows("On hold")
    site.story.press("hold")
    site.story.wait("no hold", lambda state: [call["local_hold"] for call in state["calls"]] == [False], within=10)
    site.listen(0.5)
    heard = site.listen(1.0)
    assert heard.level(baresip.TONE) - heard.level(SPOKEN) > 20
    site.hang_up()


def test_the_far_end_holds_and_retrieves(site: Site) -> None:
    site.call_in()
    site.baresip.command("hold")
    site.story.shows("Held by other side", within=10)
    assert [call["remote_hold"] for call in site.phone.state()["calls"]] == [True]
    site.baresip.command("resume")
    site.story.wait("no hold", lambda state: [call["remote_hold"] for call in state["calls"]] == [False], within=10)
    site.listen(0.5)
    heard = site.listen(1.0)
    assert heard.level(baresip.TONE) - heard.level(SPOKEN) > 20
    site.hang_up()
