"""Our subscriptions: which are wanted, and the table `subscription_table.TABLE` carried out.

Law: owns `Phone.subscriptions` with its deadlines; what the documents say is for `core.agent` and
`core.agent.featuresync`. One pending SUBSCRIBE in a dialog, further commands in a queue; after failures never more than
one new dialog in SPACING seconds a package, whatever the server does: phones in the field have stormed theirs.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace

from deskphone.config.schema.words import MwiMode
from deskphone.core.deadlines import Deadline
from deskphone.core.documents import AS_FEATURE, HOTELING, MESSAGE_SUMMARY, Command, SetHoteling
from deskphone.core.effects import Attach, Resubscribe, Subscribe
from deskphone.core.events import SubscriptionAnswered, SubscriptionEnded
from deskphone.core.lines import acd
from deskphone.core.lines.subscription_table import DEAF, TABLE, Action, Happening, Stage, Subscription
from deskphone.core.lines.subscription_trouble import BAD_COMMAND, SPACING, Trouble, back_off, judge, lasted
from deskphone.core.moment import NEVER
from deskphone.core.state import Phone
from deskphone.core.turn import IllegalEvent, Turn

KEEP_COMMANDS = 5.0  # seconds: a command that would wait longer is dropped, nobody expects it any more
SHORTEST = 5.0  # seconds between refreshes, however short a life the server grants
JITTER = 0.25  # pauses are spread upward only: no timer fires before the time it stands for
ACCEPT: dict[str, tuple[str, ...]] = {
    AS_FEATURE: ("application/x-as-feature-event+xml", "multipart/mixed"),
    HOTELING: ("application/x-broadworks-hoteling+xml",),
    MESSAGE_SUMMARY: ("application/simple-message-summary",),
}


def packages(phone: Phone) -> dict[str, int]:
    """The packages the settings ask for, each with its lifetime in seconds."""
    settings = phone.settings
    wanted: dict[str, int] = {}
    if settings.acd.enabled or settings.feature_key_sync.enabled:
        wanted[AS_FEATURE] = settings.acd.expires
    if settings.acd.enabled:
        wanted[HOTELING] = settings.acd.expires
    if settings.mwi.subscribe and settings.mwi.mode is not MwiMode.DISABLE:
        wanted[MESSAGE_SUMMARY] = settings.mwi.expires or 3600
    return wanted


def servers(phone: Phone) -> dict[int, tuple[str, ...]]:
    """The servers in service, each with the packages that are its business: where the ACD server is apart, the agent's
    are its own."""
    wanted = tuple(packages(phone))
    up = {each.server: wanted for each in phone.registered}
    if not up or (there := acd.account(phone)) is None:
        return up
    theirs = tuple(package for package in wanted if package not in (AS_FEATURE, HOTELING))
    own = {acd.SERVER: tuple(each for each in wanted if each not in theirs)} if acd.ready(there) else {}
    return {**dict.fromkeys(up, theirs), **own}


def find(phone: Phone, server: int, package: str) -> Subscription | None:
    """The subscription, or None where there never was one."""
    return next((each for each in phone.subscriptions if (each.server, each.package) == (server, package)), None)


def follow(turn: Turn) -> None:
    """Start what a line in service wants and has not, stop what it must not have any more; a waiting command goes out
    where the dialog is free: after the event that freed it, whose documents cannot be the answer."""
    up = servers(turn.phone)
    for server, wanted in up.items():
        for package in wanted:
            sub = find(turn.phone, server, package)
            if sub is None:
                sub = Subscription(server, package)
                turn.set(subscriptions=(*turn.phone.subscriptions, sub))
            if sub.stage is Stage.OFF:
                happen(turn, sub, Happening.START)
    for sub in turn.phone.subscriptions:
        if sub.stage is not Stage.OFF and sub.server not in up:
            happen(turn, sub, Happening.STOP)
        elif sub.stage is not Stage.OFF and sub.package not in up[sub.server]:
            happen(turn, sub, Happening.LEAVE)
    for sub in turn.phone.subscriptions:
        if sub.stage is Stage.ACTIVE and sub.queue:
            happen(turn, sub, Happening.COMMAND)


def restart(turn: Turn, server: int) -> None:
    """The connection to the server is a new one: no NOTIFY would come over it without new dialogs
    (Genesys, Phone-Based Login)."""
    for sub in turn.phone.subscriptions:
        if sub.server == server and sub.stage is not Stage.OFF:
            happen(turn, sub, Happening.START)


def ask_after(turn: Turn, server: int, old: bool = False) -> None:
    """Refresh one subscription at the server, the first that is at rest: a server that lost its dialog answers 481.
    old: only one that the server has not answered for SPACING seconds."""
    at_rest = (each for each in turn.phone.subscriptions if each.server == server and each.stage is Stage.ACTIVE)
    before = turn.now.mono - SPACING if old else NEVER
    for sub in itertools.islice((each for each in at_rest if each.refresh_at - _half(each) <= before), 1):
        happen(turn, sub, Happening.REFRESH)


def command(turn: Turn, server: int, package: str, what: Command) -> None:
    """Send a command in the dialog of a package, now or when the pending SUBSCRIBE has its final response; nothing
    where there is no such subscription."""
    sub = find(turn.phone, server, package)
    if sub is None:
        return
    queue = sub.queue
    if isinstance(what, SetHoteling):  # a newer claim makes one that still waits meaningless
        queue = tuple(each for each in queue if not isinstance(each, SetHoteling))
    _put(turn, replace(sub, queue=(*queue, what)))
    happen(turn, sub, Happening.COMMAND)


def withdraw(turn: Turn, server: int, package: str, kind: type[Command]) -> None:
    """Forget the commands of one kind that were not sent yet: the time for them is over. Others have other owners."""
    sub = find(turn.phone, server, package)
    if sub is not None:
        _put(turn, replace(sub, queue=tuple(each for each in sub.queue if not isinstance(each, kind))))


def waits(phone: Phone, server: int, package: str, kind: type[Command]) -> bool:
    """Whether a command of that kind has not gone out yet, so that no NOTIFY can be the answer to it."""
    sub = find(phone, server, package)
    return sub is not None and any(isinstance(each, kind) for each in sub.queue)


# --- what happens ----------------------------------------------------------------------------------


def answered(turn: Turn, event: SubscriptionAnswered) -> Command | None:
    """The final response to a SUBSCRIBE of ours; hands back a command that the server does not accept."""
    sub = _known(turn, event.server, event.package)
    if 200 <= event.code < 300:
        _put(turn, replace(sub, granted=event.expires or sub.expires))
        happen(turn, sub, Happening.ACCEPTED)
        return None
    gone = sub.stage in (Stage.ASKING, Stage.EARLY)
    refused = sub.under_way if sub.stage is Stage.BUSY and event.code in BAD_COMMAND else None
    _trouble(turn, sub, Trouble(event.code, event.reason, event.retry_after, event.min_expires, gone))
    return refused


def ended(turn: Turn, event: SubscriptionEnded) -> Command | None:
    """The dialog is over; hands back a command that was its end, for the stack gives up a dialog at any refusal."""
    sub = _known(turn, event.server, event.package)
    refused = sub.under_way if sub.stage is Stage.BUSY and event.code in BAD_COMMAND else None
    if refused is not None:
        sub = _put(turn, replace(sub, under_way=None))
    _trouble(turn, sub, Trouble(event.code, event.reason, event.retry_after, event.min_expires, True))
    return refused


def notified(turn: Turn, server: int, package: str) -> bool:
    """A NOTIFY came; False where it belongs to a dialog that is gone and is to be ignored. IllegalEvent where there
    never was a subscription."""
    sub = _known(turn, server, package)
    if sub.stage in DEAF:
        return False
    happen(turn, sub, Happening.NOTIFIED)
    return True


def _due(
    name: str,
    when: Callable[[Subscription], float],
    over: Callable[[Subscription], Subscription],
    happening: Happening,
) -> Deadline:
    """The row of one of a subscription's three deadlines; over: the subscription without it."""

    def at(phone: Phone) -> Iterator[tuple[float, tuple[int, str]]]:
        return ((when(sub), (sub.server, sub.package)) for sub in phone.subscriptions)

    def run(turn: Turn, which: tuple[int, str]) -> None:
        sub = _put(turn, over(_known(turn, *which)))
        if happening is Happening.SILENCE and TABLE[sub.stage][happening][0] is Action.BACK_OFF:
            sub = _blame(turn, sub, Trouble(0, "no NOTIFY", gone=True))
        happen(turn, sub, happening, back_off(turn.phone, sub))

    return Deadline(name, at, run)


DEADLINES = (
    _due(
        "subscription refresh",
        lambda sub: sub.refresh_at,
        lambda sub: replace(sub, refresh_at=NEVER),
        Happening.REFRESH,
    ),
    _due(
        "subscription silence",
        lambda sub: sub.silence_at,
        lambda sub: replace(sub, silence_at=NEVER),
        Happening.SILENCE,
    ),
    _due("subscription retry", lambda sub: sub.retry_at, lambda sub: replace(sub, retry_at=NEVER), Happening.RETRY),
)


def _trouble(turn: Turn, sub: Subscription, trouble: Trouble) -> None:
    if sub.stage in DEAF:
        return
    may_hurry = sub.failures == 0 or lasted(turn.phone, sub)
    sub = _blame(turn, sub, trouble)
    if sub.server == acd.SERVER:
        acd.failed(turn, trouble.code)
    happening, pause = judge(turn.phone, sub, trouble, may_hurry)
    if trouble.min_expires > sub.expires and happening is Happening.DROPPED:
        sub = _put(turn, replace(sub, expires=trouble.min_expires))
    level = "info" if happening is Happening.REFUSED else "warning"
    turn.note(
        f"subscription {sub.package} at server {sub.server}: {trouble.code} {trouble.reason}".rstrip()
        + f": {happening}",
        level,
    )
    happen(turn, sub, happening, pause)


def _blame(turn: Turn, sub: Subscription, trouble: Trouble) -> Subscription:
    """Count the failure and keep its cause for the Status page."""
    failures = 1 if lasted(turn.phone, sub) else sub.failures + 1
    return _put(turn, replace(sub, failures=failures, code=trouble.code, reason=trouble.reason))


# --- the table carried out ---------------------------------------------------------------------------


def happen(turn: Turn, sub: Subscription, happening: Happening, pause: float = 0.0) -> None:
    """Carry out the table's step for a happening. pause: seconds, for the actions that wait."""
    sub = _known(turn, sub.server, sub.package)
    action, after = TABLE[sub.stage][happening]
    if happening is Happening.NOTIFIED and sub.stage not in DEAF:
        sub = replace(sub, heard=True, silence_at=NEVER)
    _put(turn, replace(ACTIONS[action](turn, sub, pause), stage=after))


def _ask(turn: Turn, sub: Subscription, pause: float) -> Subscription:
    expires = max(sub.expires, packages(turn.phone).get(sub.package, 0))  # sub.expires: what a 423 asked for
    account = acd.account(turn.phone) if sub.server == acd.SERVER else None
    if account is not None:
        turn.do(Attach(account))
    turn.do(Subscribe(sub.server, sub.package, ACCEPT[sub.package], expires))
    waiting = (sub.under_way, *sub.queue) if sub.under_way is not None else sub.queue
    return replace(
        _quiet(sub), expires=expires, granted=0, queue=waiting, under_way=None, heard=False, repeats=0, since=0.0
    )


def _end(turn: Turn, sub: Subscription, pause: float) -> Subscription:
    turn.do(Resubscribe(sub.server, sub.package, 0))
    return _forget(turn, sub, pause)


def _forget(turn: Turn, sub: Subscription, pause: float) -> Subscription:
    return Subscription(sub.server, sub.package)


def _wait(turn: Turn, sub: Subscription, pause: float) -> Subscription:
    return replace(sub, silence_at=turn.after(turn.phone.settings.subscription.no_notify_timeout / 1000))


def _settle(turn: Turn, sub: Subscription, pause: float) -> Subscription:
    if not sub.heard:
        sub = _wait(turn, sub, pause)
    return replace(
        sub, under_way=None, repeats=0, since=sub.since or turn.now.mono,
        refresh_at=turn.after(_half(sub)),
    )  # fmt: skip


def _half(sub: Subscription) -> float:
    """Seconds after which it is refreshed."""
    return max(SHORTEST, sub.granted / 2)


def _send(turn: Turn, sub: Subscription, pause: float) -> Subscription:
    what = sub.queue[0]
    turn.do(Resubscribe(sub.server, sub.package, sub.expires, what))
    sub = _wait(turn, sub, pause)  # for an answer: no order that got lost keeps the dialog busy for ever
    return replace(sub, queue=sub.queue[1:], under_way=what, heard=False, refresh_at=NEVER)


def _again(turn: Turn, sub: Subscription, pause: float) -> Subscription:
    turn.do(Resubscribe(sub.server, sub.package, sub.expires, sub.under_way))
    return replace(_wait(turn, sub, pause), heard=False, refresh_at=NEVER, retry_at=NEVER)


def _pause(turn: Turn, sub: Subscription, pause: float) -> Subscription:
    return replace(sub, repeats=sub.repeats + 1, retry_at=turn.after(pause))


def _later(turn: Turn, sub: Subscription, pause: float) -> Subscription:
    sub = replace(_quiet(sub), retry_at=turn.after(pause / (1 - JITTER), JITTER))
    if pause <= KEEP_COMMANDS:
        return sub
    return replace(sub, queue=(), under_way=None)


def _give_up(turn: Turn, sub: Subscription, pause: float) -> Subscription:
    return replace(_quiet(sub), queue=(), under_way=None)


def _drop_command(turn: Turn, sub: Subscription, pause: float) -> Subscription:
    # its refresh did not happen
    return replace(sub, under_way=None, refresh_at=turn.after(max(SHORTEST, sub.granted / 4)))


ACTIONS: dict[Action, Callable[[Turn, Subscription, float], Subscription]] = {
    Action.NONE: lambda turn, sub, pause: sub,
    Action.ASK: _ask,
    Action.END: _end,
    Action.FORGET: _forget,
    Action.WAIT: _wait,
    Action.SETTLE: _settle,
    Action.SEND: _send,
    Action.REFRESH: _again,
    Action.AGAIN: _again,
    Action.PAUSE: _pause,
    Action.BACK_OFF: _later,
    Action.GIVE_UP: _give_up,
    Action.DROP_COMMAND: _drop_command,
    Action.DROP_QUEUE: lambda turn, sub, pause: replace(sub, queue=()),
}


def _quiet(sub: Subscription) -> Subscription:
    """The subscription without its three deadlines."""
    return replace(sub, refresh_at=NEVER, silence_at=NEVER, retry_at=NEVER)


def _known(turn: Turn, server: int, package: str) -> Subscription:
    sub = find(turn.phone, server, package)
    if sub is None:
        raise IllegalEvent(f"no subscription {package} at server {server}")
    return sub


def _put(turn: Turn, sub: Subscription) -> Subscription:
    turn.set(
        subscriptions=tuple(
            sub if (each.server, each.package) == (sub.server, sub.package) else each
            for each in turn.phone.subscriptions
        )
    )
    return sub
