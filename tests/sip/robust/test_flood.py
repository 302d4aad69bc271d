"""Floods: a stranger's INVITEs and REGISTERs, and a server's burst of calls given up at once."""

from __future__ import annotations

import statistics
import time

import pytest

from tests.peers.desk import Desk
from tests.sip.robust.caller import Call, Caller

pytestmark = [pytest.mark.sip, pytest.mark.slow]

RATE = 100  # INVITEs a second, and as many REGISTERs
SECONDS = 10
SLOW_PANEL = 1.0  # seconds, of 95 answers in 100, on a loaded machine; usual is a few milliseconds
BURST = 60  # calls at once: more than pjsip has numbers for


def test_a_strangers_flood_rings_nothing_and_the_panel_answers(desk: Desk, caller: Caller, stranger: Caller) -> None:
    waits: list[float] = []
    began = time.monotonic()
    sent = 0
    while (elapsed := time.monotonic() - began) < SECONDS:
        while sent < elapsed * RATE:
            stranger.invite()
            stranger.fire(stranger.request("REGISTER", Call(f"reg-{sent}-{began}", f"r{sent}")))
            sent += 1
        asked = time.monotonic()
        state = desk.phone.state()
        waits.append(time.monotonic() - asked)
        assert state["calls"] == []
        assert state["tone"] == ""
        assert state["lamps"]["ring"] == "off"
    print(f"{sent} INVITEs; panel p50 {statistics.median(waits) * 1000:.1f} ms, worst {max(waits) * 1000:.1f} ms")
    print(f"answers sent to the stranger: {len(stranger.heard)}, memory {desk.phone.memory() / 1e6:.1f} MB")
    assert sent >= RATE * SECONDS * 0.9
    assert statistics.quantiles(waits, n=20)[-1] < SLOW_PANEL
    caller.options()
    assert not any(answer.startswith((b"SIP/2.0 18", b"SIP/2.0 2")) for answer in stranger.heard)
    assert desk.place() == [(desk.place()[0][0], True)]
    assert desk.phone.troubles() == []


def test_a_burst_of_calls_given_up_at_once_leaves_no_call_behind(desk: Desk, caller: Caller) -> None:
    for _ in range(BURST):
        call = caller.invite()
        caller.fire(caller.request("CANCEL", call, branch=call.branch))
    caller.options()
    desk.story.idle(within=15)
    desk.story.hears("")
    desk.story.pass_time(0.6)  # pjlib gives the sockets of ended calls to new ones after half a second
    call = caller.invite()
    desk.story.shows("Incoming call")
    desk.story.press("ok")
    caller.taken(call)
    desk.story.in_call()
    caller.bye(call)
    desk.story.idle()
    assert desk.phone.troubles() == []
