"""The reducer as a whole: every call state against every call event, and that nothing illegal changes anything."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deskphone.config.layers import Layers
from deskphone.core import effects, events
from deskphone.core.calls.state import Call, CallState, Direction
from deskphone.core.event import Network
from deskphone.core.lines.state import Line, LineStatus
from deskphone.core.reduce import HANDLERS
from deskphone.core.screen.keys import KEYS
from deskphone.core.state import Phone, Sound
from deskphone.core.voice_path import VoicePath
from deskphone.view.raster import raster
from deskphone.view.render import render
from tests.unit.core.turns import turn

PARTY = events.Party("2001", "Otto")


def phone_with(state: CallState, held: bool = False) -> Phone:
    """A registered phone with one call in that state, and somebody at it where the call does not ring."""
    direction = Direction.IN if state in (CallState.INCOMING, CallState.ANSWERING) else Direction.OUT
    one = Call("c", 0, direction, state, PARTY, local_hold=held)
    path = VoicePath.NONE if state is CallState.INCOMING else VoicePath.HEADSET
    lines = (Line(0, "127.0.0.1:5060", LineStatus.REGISTERED),)
    return replace(Phone(), powered=True, calls=(one,), focus="c", lines=lines, sound=Sound(path=path))


CALL_EVENTS: tuple[events.Event, ...] = (
    events.CallProgress("c", 100),
    events.CallProgress("c", 180),
    events.CallProgress("c", 183, early_media=True),
    events.CallEstablished("c"),
    events.CallMedia("c", False, False, "PCMA/8000"),
    events.CallMedia("c", True, True),
    events.CallRemoteChanged("c", PARTY),
    events.HoldFailed("c", 488, "No"),
    events.CallEnded("c", 200),
    events.CallEnded("c", 486, "Busy"),
    events.CallEnded("c", 302, "", redirect="sip:5@h"),
    events.TransferProgress("c", 200, "OK", True),
    events.TransferProgress("c", 503, "No", True),
)


@pytest.mark.parametrize("event", CALL_EVENTS, ids=repr)
@pytest.mark.parametrize("held", [False, True], ids=["", "held"])
@pytest.mark.parametrize("state", list(CallState))
def test_every_call_event_in_every_state_leaves_a_screen(state: CallState, held: bool, event: events.Event) -> None:
    before = phone_with(state, held)
    after, done = turn(before, event)
    illegal = [each for each in done if isinstance(each, effects.Illegal)]
    if illegal:
        assert after is before
        assert done == tuple(illegal)
    raster(render(after).screen)


@pytest.mark.parametrize("event", CALL_EVENTS, ids=repr)
def test_events_of_an_unknown_call_are_illegal_and_change_nothing(event: events.Event) -> None:
    before = replace(Phone(), powered=True)
    after, done = turn(before, event)
    assert after is before
    assert isinstance(done[0], effects.Illegal)


@pytest.mark.parametrize("key", sorted(KEYS))
@pytest.mark.parametrize("state", [None, *CallState])
def test_every_key_in_every_call_state_leaves_a_phone_that_can_be_drawn(key: str, state: CallState | None) -> None:
    before = phone_with(state) if state else replace(Phone(), powered=True)
    down, _ = turn(before, events.KeyDown(key))
    up, effects_up = turn(down, events.KeyUp(key))
    assert not any(isinstance(each, effects.Illegal) for each in effects_up)
    raster(render(up).screen)


def test_nothing_happens_before_power_on_and_power_on_happens_once() -> None:
    after, done = turn(Phone(), events.KeyDown("1"))
    assert after == Phone() and isinstance(done[0], effects.Illegal)
    on, _ = turn(Phone(), events.PowerOn(Layers()))
    again, done = turn(on, events.PowerOn(Layers()))
    assert again is on and isinstance(done[0], effects.Illegal)


def test_every_event_has_a_row() -> None:
    kinds = {kind for kind in vars(events).values() if isinstance(kind, type) and issubclass(kind, events.Event)}
    assert kinds - {events.Event} == set(HANDLERS)


def test_a_phone_that_is_not_ringing_has_no_ring_tone() -> None:
    for state in CallState:
        ringing = render(phone_with(state)).ringing
        assert (ringing is not None) == (state is CallState.INCOMING)


def test_another_address_is_told_to_the_user_agent_and_the_same_is_not() -> None:
    """A new lease, another VLAN: the user agent binds anew; what it does about an address it has already is nothing."""
    phone = phone_with(CallState.ESTABLISHED)
    told: list[str] = []
    for address in ("10.1.1.20", "10.1.1.20", "", "10.1.1.21", "10.1.1.21"):
        phone, orders = turn(phone, events.NetworkChanged(Network(address)))
        told += [order.address for order in orders if isinstance(order, effects.MoveTo)]
    assert told == ["10.1.1.20", "10.1.1.21"]
