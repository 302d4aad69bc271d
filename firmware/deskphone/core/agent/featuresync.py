"""Feature key synchronisation: do-not-disturb and forwarding kept equal with the server, both directions.

Law: what the person changes is in force here at once and told to the servers; what a server tells is taken over and
never sent on. So no loop can begin. Where no server has the package (489) the local switches work as ever.
"""

from __future__ import annotations

from deskphone.core.calls import services
from deskphone.core.documents import (
    AS_FEATURE,
    Command,
    DoNotDisturbEvent,
    ForwardingEvent,
    ForwardingType,
    SetDoNotDisturb,
    SetForwarding,
)
from deskphone.core.events import NotifyBody
from deskphone.core.lines import subscription
from deskphone.core.lines.line import number
from deskphone.core.state import Forward, Phone
from deskphone.core.turn import Turn

RING_SECONDS = 6  # one ring and its silence; what most of the world's exchanges do within a second
KINDS = {
    "always": ForwardingType.IMMEDIATE,
    "busy": ForwardingType.BUSY,
    "no_reply": ForwardingType.NO_ANSWER,
}
WORDS = {kind: word for word, kind in KINDS.items()}
STRONGEST_LAST = (ForwardingType.NO_ANSWER, ForwardingType.BUSY, ForwardingType.IMMEDIATE)


def set_dnd(turn: Turn, on: bool) -> None:
    """The person switches do-not-disturb."""
    services.set_dnd(turn, on)
    _tell(turn, SetDoNotDisturb(number(turn.phone), on))


def set_forward(turn: Turn, kind: str, target: str) -> None:
    """The person sets forwarding, or ends it with an empty kind; one kind at a time, as on the 420HD."""
    before = turn.phone.forward
    services.set_forward(turn, kind, target)
    after = turn.phone.forward
    device = number(turn.phone)
    if before.kind and before.kind != after.kind:
        _tell(turn, SetForwarding(device, KINDS[before.kind], False, before.number))
    if after.kind:
        rings = _rings(after) if after.kind == "no_reply" else None
        _tell(turn, SetForwarding(device, KINDS[after.kind], True, after.number, rings))


def notified(turn: Turn, event: NotifyBody) -> None:
    """The server's state comes in force here. Of several kinds of forwarding the strongest stays."""
    if not turn.phone.settings.feature_key_sync.enabled:
        return
    for document in event.documents:
        if isinstance(document, DoNotDisturbEvent) and document.on != turn.phone.dnd:
            services.set_dnd(turn, document.on)
    forwards = [each for each in event.documents if isinstance(each, ForwardingEvent)]
    for each in sorted(forwards, key=lambda each: (each.active, STRONGEST_LAST.index(each.type))):
        _forwarding(turn, each)


def _forwarding(turn: Turn, event: ForwardingEvent) -> None:
    kind, now = WORDS[event.type], turn.phone.forward
    if event.active and event.target:
        after = event.rings * RING_SECONDS if event.rings else now.after
        if (now.kind, now.number) != (kind, event.target) or (kind == "no_reply" and now.after != after):
            services.set_forward(turn, kind, event.target, after if kind == "no_reply" else 0)
    elif not event.active and now.kind == kind:
        services.set_forward(turn, "", "")


def _rings(forward: Forward) -> int:
    return min(100, max(1, round(forward.after / RING_SECONDS)))


def _tell(turn: Turn, what: Command) -> None:
    if turn.phone.settings.feature_key_sync.enabled:
        for server in _servers(turn.phone):
            subscription.command(turn, server, AS_FEATURE, what)


def _servers(phone: Phone) -> tuple[int, ...]:
    return tuple(line.server for line in phone.registered)
