"""Feature key synchronisation: do-not-disturb and forwarding kept equal with the server, both directions.

Law: what the person changes is in force here at once and told to the servers; what a server tells is taken over and
never sent on. So no loop can begin. What the person set last stands until the server has echoed it: the echo of an
older key press overturns nothing. Where no server has the package (489) the local switches work as ever.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from deskphone.core.agent.state import SyncWish
from deskphone.core.agent.wishes import WISH_SECONDS
from deskphone.core.calls import call, forwarding, services
from deskphone.core.calls.forwarding import RING_SECONDS, Forward
from deskphone.core.deadlines import Deadline
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
from deskphone.core.lines.subscription_table import DEAF
from deskphone.core.screen.state import Notice
from deskphone.core.state import Phone
from deskphone.core.turn import Turn

Document = DoNotDisturbEvent | ForwardingEvent
DND = "dnd"
KINDS = {
    "always": ForwardingType.IMMEDIATE,
    "busy": ForwardingType.BUSY,
    "no_reply": ForwardingType.NO_ANSWER,
}
WORDS = {kind: word for word, kind in KINDS.items()}
OFF = (False, "")


# --- what the person does --------------------------------------------------------------------------------


def set_dnd(turn: Turn, on: bool) -> None:
    """The person switches do-not-disturb: in force here at once, and sent to each server that has the package."""
    services.set_dnd(turn, on)
    _tell(turn, DND, on, SetDoNotDisturb(number(turn.phone), on))


def set_forward(turn: Turn, kind: str, target: str) -> None:
    """The person sets forwarding in place of the kind that is shown, as on the 420HD; without a target ends that kind,
    and without a kind all of them. Each is told by itself: a server keeps each by itself."""
    before, ended = turn.phone.forward, {kind} if kind else set(forwarding.STRENGTH)
    if kind and target.strip() and before.kind:
        ended = {before.kind}
    kept = {each.kind: each for each in turn.phone.forwards if each.kind not in ended}
    gone = [each for each in turn.phone.forwards if each.kind in ended]
    if kind and target.strip():
        kept[kind] = Forward(kind, target.strip(), turn.phone.settings.forward.timeout)
    _put_in_force(turn, kept)
    device = number(turn.phone)
    for each in gone:
        if each.kind not in kept:
            _tell(turn, each.kind, OFF, SetForwarding(device, KINDS[each.kind], False, each.number))
    after = turn.phone.forward_of(kind)
    if kind in kept and after.kind:
        rings = _rings(after) if after.kind == "no_reply" else None
        told = SetForwarding(device, KINDS[after.kind], True, after.number, rings)
        _tell(turn, after.kind, _to(after.number), told)


def _put_in_force(turn: Turn, forwards: dict[str, Forward]) -> None:
    """These kinds and no others: the strongest becomes the settings' one, the rest is kept beside it."""
    ordered = [forwards[kind] for kind in forwarding.STRENGTH if kind in forwards]
    first, before = (ordered or [Forward()])[0], forwarding.own(turn.phone.settings)
    if (first.kind, first.number) != (before.kind, before.number) or (
        first.kind == "no_reply" and first.after != before.after
    ):
        services.set_forward(turn, first.kind, first.number, first.after if first.kind == "no_reply" else 0)
    turn.set(forwards_beside=tuple(ordered[1:]))


# --- what a server tells ---------------------------------------------------------------------------------


def notified(turn: Turn, event: NotifyBody) -> None:
    """The server's state comes in force here, but for the echo of what the person has overturned meanwhile."""
    if not turn.phone.settings.feature_key_sync.enabled:
        return
    for document in event.documents:
        if not isinstance(document, DoNotDisturbEvent | ForwardingEvent):
            continue
        if not _is_older_echo(turn, event.server, document):
            _take(turn, document)


def _take(turn: Turn, document: Document) -> None:
    if isinstance(document, DoNotDisturbEvent):
        if document.on != turn.phone.dnd:
            services.set_dnd(turn, document.on)
        return
    kind, now = WORDS[document.type], {each.kind: each for each in turn.phone.forwards}
    if document.active and document.target:
        before = now.get(kind, Forward(after=turn.phone.settings.forward.timeout))
        now[kind] = Forward(kind, document.target, document.rings * RING_SECONDS if document.rings else before.after)
    elif not document.active:
        now.pop(kind, None)
    _put_in_force(turn, now)


def _is_older_echo(turn: Turn, server: int, document: Document) -> bool:
    """Whether the person's newest wish stands against it; what comes back of it is counted off."""
    topic, value = _meaning(document)
    wish = next((each for each in turn.phone.sync_wishes if (each.server, each.topic) == (server, topic)), None)
    if wish is None:
        return False
    if value not in wish.awaited:
        _change_wish(turn, wish, lambda old: replace(old, last=document))
        return True
    left = wish.awaited[wish.awaited.index(value) + 1 :]
    _change_wish(turn, wish, lambda old: replace(old, awaited=left, last=document) if left else None)
    return bool(left)


def _meaning(document: Document) -> tuple[str, object]:
    """What a document is about, and what it says of that, as `SyncWish` has them."""
    if isinstance(document, DoNotDisturbEvent):
        return DND, document.on
    return WORDS[document.type], _to(document.target) if document.active else OFF


def _to(target: str) -> tuple[bool, str]:
    """(forwarded, to whom) as `SyncWish` has it; a server may give a number back as a SIP URI, of which the user part
    is kept."""
    return True, call.user_of(target.strip("<> ")).partition(";")[0]


# --- wishes ----------------------------------------------------------------------------------------------


def _tell(turn: Turn, topic: str, value: object, what: Command) -> None:
    if not turn.phone.settings.feature_key_sync.enabled:
        return
    for server in _servers(turn.phone):
        sub = subscription.find(turn.phone, server, AS_FEATURE)
        if sub is not None and sub.stage not in DEAF:
            old = next((w for w in turn.phone.sync_wishes if (w.server, w.topic) == (server, topic)), None)
            wish = SyncWish(server, topic, (*(old.awaited if old else ()), value), old.last if old else None)
            others = tuple(each for each in turn.phone.sync_wishes if each is not old)
            turn.set(sync_wishes=(*others, replace(wish, until=turn.after(WISH_SECONDS))))
        subscription.command(turn, server, AS_FEATURE, what)


def _change_wish(turn: Turn, wish: SyncWish, how: Callable[[SyncWish], SyncWish | None]) -> None:
    changed = how(wish)
    kept = (each if each is not wish else changed for each in turn.phone.sync_wishes)
    turn.set(sync_wishes=tuple(each for each in kept if each is not None))


def _wish_over(turn: Turn, wish: SyncWish) -> None:
    """The echo did not come: what the server said last counts, unless the command has not even gone out yet."""
    sub = subscription.find(turn.phone, wish.server, AS_FEATURE)
    kind = SetDoNotDisturb if wish.topic == DND else SetForwarding
    if sub is not None and any(isinstance(each, kind) for each in (sub.under_way, *sub.queue)):
        _change_wish(turn, wish, lambda old: replace(old, until=turn.after(WISH_SECONDS)))
        return
    _change_wish(turn, wish, lambda _: None)
    if wish.last is not None and _meaning(wish.last)[1] != wish.awaited[-1]:
        _take(turn, wish.last)
        call.show_notice(turn, Notice("not_accepted"))


DEADLINES = (Deadline("feature key", lambda phone: ((wish.until, wish) for wish in phone.sync_wishes), _wish_over),)


def _rings(forward: Forward) -> int:
    return min(100, max(1, round(forward.after / RING_SECONDS)))


def _servers(phone: Phone) -> tuple[int, ...]:
    return tuple(server for server, packages in subscription.servers(phone).items() if AS_FEATURE in packages)
