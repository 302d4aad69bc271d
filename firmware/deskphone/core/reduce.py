"""The reducer: `reduce(phone, event) -> (phone', effects)`. The product's behaviour hangs on two tables.

Law: pure. No clock, no I/O, no threads, no chance. An event that the state does not allow changes nothing
and comes back as one `Illegal` effect, for the journal and the count.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from deskphone.core import events
from deskphone.core.agent import hot_seat
from deskphone.core.agent import session as agent_session
from deskphone.core.calls import autoanswer, call, conference, third_party
from deskphone.core.effects import Effect, Illegal
from deskphone.core.lines import line, subscription
from deskphone.core.phone import boot, devices
from deskphone.core.phone import follow as service
from deskphone.core.screen import dial, form, keys
from deskphone.core.state import Phone
from deskphone.core.turn import IllegalEvent, Turn

HANDLERS: dict[type[events.Event], Callable[[Turn, Any], None]] = {
    events.PowerOn: boot.power_on,
    events.SettingsLoaded: boot.settings_loaded,
    events.SettingsRejected: boot.settings_rejected,
    events.Provisioned: boot.provisioned,
    events.FirmwareOffered: boot.firmware_offered,
    events.ClockTicked: boot.clock_ticked,
    events.NetworkChanged: boot.network_changed,
    events.DriverFailed: boot.driver_failed,
    events.DriverRecovered: boot.driver_recovered,
    events.KeyDown: keys.down,
    events.KeyUp: keys.up,
    events.TextTyped: keys.typed,
    events.HookMoved: devices.hook_moved,
    events.Registered: service.registered,
    events.RegistrationFailed: line.failed,
    events.Unregistered: line.unregistered,
    events.CallIncoming: third_party.incoming,
    events.CallProgress: third_party.progress,
    events.CallEstablished: third_party.established,
    events.CallMedia: call.media,
    events.CallRemoteChanged: call.remote_changed,
    events.HoldFailed: call.hold_failed,
    events.CallEnded: third_party.ended,
    events.TransferProgress: conference.progress,
    events.CheckSync: boot.check_sync,
    events.MessageWaiting: service.message_waiting,
    events.DtmfReceived: lambda turn, event: None,
    events.SubscriptionAnswered: service.answered,
    events.SubscriptionEnded: service.ended,
    events.NotifyBody: service.notified,
    events.CallNotified: third_party.notified,
    events.ReferReceived: third_party.referred,
}


def _notice_over(turn: Turn, _: str) -> None:
    turn.set(notice=None)


def _volume_over(turn: Turn, _: str) -> None:
    turn.set(sound=replace(turn.phone.sound, volume_shown=""))


def _preview_over(turn: Turn, _: str) -> None:
    turn.set(sound=replace(turn.phone.sound, preview=False))


# The name of a timer up to the colon; what stands behind it is its argument.
TIMERS: dict[str, Callable[[Turn, str], None]] = {
    "register": lambda turn, server: line.register(turn, int(server)),
    "register_answer": lambda turn, server: line.unanswered(turn, int(server)),
    "keep_alive": lambda turn, server: line.keep_alive(turn, int(server)),
    "no_reply": call.no_reply,
    "auto_answer": autoanswer.answer,
    "beep": lambda turn, _: autoanswer.beep_over(turn),
    "dial": lambda turn, _: dial.timed_out(turn),
    "entry": lambda turn, _: form.settle(turn),
    "held": keys.held,
    "notice": _notice_over,
    "volume": _volume_over,
    "preview": _preview_over,
    "sync_rest": lambda turn, _: boot.rested(turn),
    "dim": lambda turn, _: turn.set(dim=True),
    "hands_off": lambda turn, _: turn.set(touched=False),
    **agent_session.TIMERS,
    **hot_seat.TIMERS,
    **subscription.TIMERS,
}


def timer_fired(turn: Turn, event: events.TimerFired) -> None:
    """Route a timer to its owner."""
    name, _, argument = event.name.partition(":")
    if name not in TIMERS:
        raise IllegalEvent(f"no timer {name}")
    TIMERS[name](turn, argument)


HANDLERS[events.TimerFired] = timer_fired


def reduce(phone: Phone, event: events.Event) -> tuple[Phone, tuple[Effect, ...]]:
    """The next state, and what to do. Never raises for a known kind of event; see the law above."""
    handler = HANDLERS.get(type(event))
    name = type(event).__name__
    if handler is None:
        return phone, (Illegal(name, "no handler"),)
    if not phone.powered and not isinstance(event, events.PowerOn):
        return phone, (Illegal(name, "the phone is not on yet"),)
    turn = Turn(phone)
    try:
        handler(turn, event)
        boot.synchronise(turn)
        service.follow(turn)
    except IllegalEvent as error:
        return phone, (Illegal(name, str(error)),)
    return turn.phone, tuple(turn.effects)
