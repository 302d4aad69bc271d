"""The reducer: `reduce(phone, event, now) -> (phone', effects)`. The product's behaviour hangs on three tables.

Law: pure. No clock, no I/O, no threads; time and chance come in with the event. An event that the state does not allow
changes nothing and comes back as one `Illegal` effect, for the journal and the count.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from deskphone.core import deadlines, events
from deskphone.core.agent import agent, featuresync, hot_seat, kept, session, wishes
from deskphone.core.calls import (
    autoanswer,
    beeps,
    call,
    calllog,
    conference,
    elsewhere,
    order,
    patience,
    room,
    third_party,
    transfer,
)
from deskphone.core.deadlines import Deadline
from deskphone.core.effects import Effect, Illegal
from deskphone.core.lines import fallback, line, names, sites, subscription, suspicion
from deskphone.core.moment import Moment
from deskphone.core.phone import boot, checksync, devices, follow, light, settings, sound, update
from deskphone.core.screen import (
    aside,
    confirm,
    dial,
    directory,
    form,
    keys,
    provisioning_login,
    slips,
    status,
    web_code,
)  # fmt: skip
from deskphone.core.state import Phone
from deskphone.core.turn import IllegalEvent, Turn

Step = Callable[[Turn, Any], bool | None]
"""Takes a turn and the event. True: this event is done with, the row's further steps are left out."""

# The whole path of each event, step by step.
HANDLERS: dict[type[events.Event], tuple[Step, ...]] = {
    events.PowerOn: (boot.power_on,),
    events.SettingsLoaded: (settings.loaded,),
    events.SettingsSet: (settings.administered,),
    events.SettingsRejected: (settings.rejected,),
    events.DirectoryLoaded: (directory.loaded,),
    events.Provisioned: (boot.provisioned, provisioning_login.provisioned),
    events.FirmwareOffered: (boot.firmware_offered, update.offered),
    events.UpdateTold: (update.told,),
    events.ClockTicked: (boot.clock_ticked,),
    events.NetworkChanged: (boot.network_changed,),
    events.LanPortTold: (boot.lan_port_told,),
    events.DriverFailed: (boot.driver_failed,),
    events.DriverRecovered: (boot.driver_recovered,),
    events.KeyDown: (line.insist, keys.down),
    events.KeyUp: (keys.up,),
    events.TextTyped: (keys.typed,),
    events.HookMoved: (line.insist, devices.hook_moved, slips.hook_moved),
    events.CallOrder: (line.insist, order.ordered),
    events.WebCode: (web_code.told,),
    events.Registered: (fallback.of_another, line.registered, boot.announce, follow.reconnected),
    events.RegistrationFailed: (fallback.of_another, suspicion.doubted, line.failed),
    events.Resolved: (fallback.resolved, names.acd_resolved, names.resolved),
    events.ServerSilent: (suspicion.suspected,),
    events.ServerSpoke: (line.spoke,),
    events.ServerHeard: (fallback.of_another, suspicion.heard),
    events.Unregistered: (line.unregistered,),
    events.CallIncoming: (
        third_party.take_over, call.refuse, autoanswer.refuse, call.ring, autoanswer.alert, autoanswer.answer,
    ),
    events.CallProgress: (call.progress, third_party.progress),
    events.CallEstablished: (call.established, third_party.established, room.established),
    events.CallMedia: (call.media,),
    events.CallRemoteChanged: (call.remote_changed,),
    events.HoldFailed: (call.hold_failed,),
    events.CallEnded: (
        sites.refused, elsewhere.in_another_profile, elsewhere.redirected, elsewhere.failed, calllog.ended,
        third_party.ended, call.ended,
    ),
    events.DtmfReceived: (),
    events.TransferProgress: (room.progress, transfer.progress),
    events.CallNotified: (third_party.notified,),
    events.ReferReceived: (third_party.referred,),
    events.SubscriptionAnswered: (follow.answered,),
    events.SubscriptionEnded: (follow.ended,),
    events.NotifyBody: (follow.deaf, follow.agent_told, featuresync.notified),
    events.MessageWaiting: (boot.message_waiting, follow.mail_notified),
    events.CheckSync: (checksync.asked,),
    events.Elapsed: (lambda turn, event: deadlines.elapsed(turn, DEADLINES),),
}  # fmt: skip

# After every event, so that no path can forget it.
AFTER: tuple[Callable[[Turn], None], ...] = (
    boot.synchronise,
    fallback.follow,
    hot_seat.follow,
    names.follow,
    subscription.follow,
    agent.follow,
    kept.follow,
    provisioning_login.follow,
    conference.follow,
    room.follow,
    confirm.follow,
    sites.follow,
    aside.follow,
    sound.follow,
    slips.follow,
)

# Everything that is ever waited for.
DEADLINES: tuple[Deadline, ...] = (
    *line.DEADLINES,
    *suspicion.DEADLINES,
    *sites.DEADLINES,
    *fallback.DEADLINES,
    *names.DEADLINES,
    *subscription.DEADLINES,
    *wishes.DEADLINES,
    *session.DEADLINES,
    *kept.DEADLINES,
    *featuresync.DEADLINES,
    *hot_seat.DEADLINES,
    *call.DEADLINES,
    *patience.DEADLINES,
    *elsewhere.DEADLINES,
    *transfer.DEADLINES,
    *autoanswer.DEADLINES,
    *third_party.DEADLINES,
    *beeps.DEADLINES,
    *dial.DEADLINES,
    *form.DEADLINES,
    *keys.DEADLINES,
    *status.DEADLINES,
    *web_code.DEADLINES,
    *sound.DEADLINES,
    *light.DEADLINES,
    *boot.DEADLINES,
    *update.DEADLINES,
)


def next_deadline(phone: Phone) -> float:
    """When the phone wants an `Elapsed`, in monotonic seconds; `moment.NEVER` while it waits for nothing."""
    return deadlines.next_deadline(phone, DEADLINES)


def reduce(phone: Phone, event: events.Event, now: Moment) -> tuple[Phone, tuple[Effect, ...]]:
    """The next state, and what to do; now: when the event came. Never raises for a known kind of event; see the law."""
    steps = HANDLERS.get(type(event))
    name = type(event).__name__
    if steps is None:
        return phone, (Illegal(name, "no handler"),)
    if not phone.powered and not isinstance(event, events.PowerOn):
        return phone, (Illegal(name, "the phone is not on yet"),)
    turn = Turn(phone)
    turn.set(now=now if now.mono >= phone.now.mono else replace(now, mono=phone.now.mono))
    try:
        any(step(turn, event) for step in steps)
        for each in AFTER:
            each(turn)
    except IllegalEvent as error:
        return phone, (Illegal(name, str(error)),)
    return turn.phone, tuple(turn.effects)
