"""Session timers (RFC 4028): who refreshes, and what happens where nobody does."""

from __future__ import annotations

import asyncio

from centre import FarEnd, SipServer
from centre.leg import Leg
from centre.sessiontimer import SessionTimer
from tests.centre.unit.phone import PATIENCE, Phone, sdp


async def refreshed_by(refresher: str, server: SipServer, bob: Phone) -> tuple[FarEnd, Leg]:
    """A customer's call that Bob answered with a session timer, and the server's dialog with him."""
    customer = server.call("1503")
    invite = await bob.ring()
    bob.reply(invite, 200, body=sdp(bob.rtp_port), headers={"Session-Expires": f"90;refresher={refresher}"})
    await bob.next("ACK")
    await customer.wait("answered", within=PATIENCE)
    [leg] = server.calls.legs_of("1503")
    return customer, leg


async def test_the_session_timer_the_phone_proposes_is_agreed_and_too_short_refused(
    server: SipServer, alice: Phone
) -> None:
    _, ok = await alice.call("9196", Session_Expires="100", Supported="timer")
    assert ok.headers["Session-Expires"] == "100;refresher=uac"
    assert "timer" in ok.headers["Require"]
    _, refused = await alice.call("9196", Session_Expires="30", Supported="timer")
    assert (refused.code, refused.headers["Min-SE"]) == (422, "90")


async def test_the_server_refreshes_with_update_when_that_is_its_part(server: SipServer, bob: Phone) -> None:
    _, leg = await refreshed_by("uac", server, bob)
    assert (leg.timer.interval, leg.timer.ours) == (90, True)
    leg.timer.start(0, ours=True)  # half of nothing: due now
    update = await bob.next_request("UPDATE")
    assert update.body == b""
    bob.reply(update, 200, headers={"Session-Expires": "90;refresher=uac"})
    await server.wait_until(lambda: leg.timer.interval == 90, within=PATIENCE)


async def test_a_phone_that_does_not_refresh_loses_its_call(server: SipServer, bob: Phone) -> None:
    customer, leg = await refreshed_by("uas", server, bob)
    assert leg.timer.ours is False
    leg.timer.start(0, ours=False)
    bye = await bob.next_request("BYE")
    assert "session timer expired" in bye.headers["Reason"]
    await customer.wait("ended", within=PATIENCE)


async def test_a_session_timer_expires_before_the_peer_gives_up() -> None:
    timer = SessionTimer(lambda: None, lambda: None)
    timer.start(90, ours=False)
    assert timer._handle is not None
    left = timer._handle.when() - asyncio.get_running_loop().time()
    assert 59 < left <= 60  # RFC 4028 section 10: a third, at most 32 s, before the end
    timer.stop()
