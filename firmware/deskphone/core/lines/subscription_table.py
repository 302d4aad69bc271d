"""One subscription of ours at a server (RFC 6665) as a table: stage x happening -> what to do, and the next stage.

Law: `TABLE` names every pair; what an action does is `core.lines.subscription`'s. docs/states.md is drawn from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from deskphone.core.documents import Command
from deskphone.core.moment import NEVER


class Stage(StrEnum):
    """How far the subscription is, as the subscriber knows it (RFC 6665 section 4.1.2)."""

    OFF = "off"  # not wanted, or its line is out of service
    ASKING = "asking"  # the first SUBSCRIBE is pending
    EARLY = "early"  # a NOTIFY came before its 200
    WAITING = "waiting"  # 200, and no NOTIFY yet
    ACTIVE = "active"
    BUSY = "busy"  # a SUBSCRIBE is pending in the dialog: a refresh or a command
    PAUSED = "paused"  # the server asked for a moment (491, CSeq too small); the dialog lives
    BACKOFF = "backoff"  # no dialog; a new one after a pause
    REFUSED = "refused"  # the server has no such package; nothing more is asked until the line registers anew


class Happening(StrEnum):
    """What can happen to a subscription."""

    START = "start"  # the line came into service
    STOP = "stop"  # the line went
    LEAVE = "leave"  # no longer wanted, the line stays
    ACCEPTED = "accepted"  # 2xx
    NOTIFIED = "notified"
    COMMAND = "command"  # the phone has something to say; it stands in the queue already
    REFRESH = "refresh"  # half of the lifetime is over
    SILENCE = "silence"  # no NOTIFY for subs_no_notify_timer after a 200
    RETRY = "retry"  # the pause is over
    REPEAT = "repeat"  # 491, 500 CSeq too small: the same again after a pause
    NOT_ACCEPTED = "not accepted"  # 415 and the like: the command is bad, the subscription is not
    REFUSED = "refused"  # 489, 404, 405, 501
    LOST = "lost"  # the dialog is over or useless; a new one after a pause
    DROPPED = "dropped"  # the same; a new one at once


class Action(StrEnum):
    """What a step does; `core.lines.subscription.ACTIONS` has the functions."""

    NONE = ""
    ASK = "ask"
    END = "end"
    FORGET = "forget"
    WAIT = "wait"
    SETTLE = "settle"
    SEND = "send"
    REFRESH = "refresh"
    AGAIN = "again"
    PAUSE = "pause"
    BACK_OFF = "back off"
    GIVE_UP = "give up"
    DROP_COMMAND = "drop command"
    DROP_QUEUE = "drop queue"


@dataclass(frozen=True, slots=True)
class Subscription:
    """One package at one server. Times are monotonic seconds.

    expires: lifetime asked for, granted: given. queue: commands not sent yet; under_way: the pending one.
    heard: a NOTIFY came since the last SUBSCRIBE. since: when it became active, 0 before. failures: troubles in a row
    of dialogs that did not last; repeats: of the pending request. code and reason tell the last failure.
    refresh_at, silence_at, retry_at: deadlines of the next refresh, of the NOTIFY that must come, of the next try.
    """

    server: int
    package: str
    stage: Stage = Stage.OFF
    expires: int = 0
    granted: int = 0
    queue: tuple[Command, ...] = ()
    under_way: Command | None = None
    heard: bool = False
    since: float = 0.0
    failures: int = 0
    repeats: int = 0
    code: int = 0
    reason: str = ""
    refresh_at: float = NEVER
    silence_at: float = NEVER
    retry_at: float = NEVER


S, H, A = Stage, Happening, Action
Row = dict[Happening, tuple[Action, Stage]]


def _row(stage: Stage, steps: Row) -> Row:
    """A whole row: what it does not name changes nothing (late answers, late timers, NOTIFYs of a dialog gone)."""
    return {happening: steps.get(happening, (A.NONE, stage)) for happening in H}


_OUT: Row = {H.START: (A.ASK, S.ASKING), H.STOP: (A.FORGET, S.OFF), H.LEAVE: (A.END, S.OFF)}
_OVER: Row = {
    H.REFUSED: (A.GIVE_UP, S.REFUSED),
    H.LOST: (A.BACK_OFF, S.BACKOFF),
    H.DROPPED: (A.ASK, S.ASKING),
}
_FIRST: Row = {**_OUT, **_OVER, H.REPEAT: (A.BACK_OFF, S.BACKOFF), H.NOT_ACCEPTED: (A.BACK_OFF, S.BACKOFF)}
_SILENT: Row = {H.SILENCE: (A.BACK_OFF, S.BACKOFF)}
TABLE: dict[Stage, Row] = {
    S.OFF: _row(S.OFF, {H.START: (A.ASK, S.ASKING), H.COMMAND: (A.DROP_QUEUE, S.OFF)}),
    S.ASKING: _row(S.ASKING, {**_FIRST, H.ACCEPTED: (A.WAIT, S.WAITING), H.NOTIFIED: (A.NONE, S.EARLY)}),
    S.EARLY: _row(S.EARLY, {**_FIRST, H.ACCEPTED: (A.SETTLE, S.ACTIVE)}),
    S.WAITING: _row(S.WAITING, {**_OUT, **_OVER, **_SILENT, H.NOTIFIED: (A.SETTLE, S.ACTIVE)}),
    S.ACTIVE: _row(
        S.ACTIVE,
        {
            **_OUT, **_OVER, **_SILENT,
            H.NOTIFIED: (A.NONE, S.ACTIVE),
            H.COMMAND: (A.SEND, S.BUSY),
            H.REFRESH: (A.REFRESH, S.BUSY),
        },
    ),
    S.BUSY: _row(
        S.BUSY,
        {
            **_OUT, **_OVER, **_SILENT,
            H.NOTIFIED: (A.NONE, S.BUSY),
            H.ACCEPTED: (A.SETTLE, S.ACTIVE),
            H.REPEAT: (A.PAUSE, S.PAUSED),
            H.NOT_ACCEPTED: (A.DROP_COMMAND, S.ACTIVE),
        },
    ),
    S.PAUSED: _row(
        S.PAUSED,
        {
            **_OUT, **_OVER, **_SILENT,
            H.NOTIFIED: (A.NONE, S.PAUSED),
            H.RETRY: (A.AGAIN, S.BUSY),
        },
    ),
    S.BACKOFF: _row(S.BACKOFF, {**_OUT, H.LEAVE: (A.FORGET, S.OFF), H.RETRY: (A.ASK, S.ASKING)}),
    S.REFUSED: _row(
        S.REFUSED,
        {**_OUT, H.LEAVE: (A.FORGET, S.OFF), H.COMMAND: (A.DROP_QUEUE, S.REFUSED)},
    ),
}  # fmt: skip
DEAF = (Stage.OFF, Stage.BACKOFF, Stage.REFUSED)  # a NOTIFY that still comes is of a dialog gone
