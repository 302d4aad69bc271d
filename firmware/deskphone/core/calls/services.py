"""Do not disturb, forwarding, call waiting and automatic answer: the person's switches.

Law: names of settings and nothing else: they are values of the person's layer. They act in the phone (302, 486)
whatever the server type; sharing them with a server is `core.agent.featuresync`.
"""

from __future__ import annotations

from deskphone.config.schema.words import CallWaitingMode, ForwardType, LocalAnswer
from deskphone.config.settings import Value
from deskphone.core.phone import settings
from deskphone.core.turn import Turn

FORWARD = "voip/line/0/call_forward"
AUTO_ANSWER = "voip/advanced_auto_answer"
TYPES = {"always": ForwardType.UNCONDITIONAL, "busy": ForwardType.BUSY, "no_reply": ForwardType.NO_REPLY}


def set_dnd(turn: Turn, on: bool) -> None:
    """Switch do-not-disturb in the person's layer."""
    settings.choose(turn, {"voip/line/0/do_not_disturb/activated": on})


def set_forward(turn: Turn, kind: str, number: str, after: int = 0) -> None:
    """Forward calls: kind always, busy or no_reply; an empty kind or number ends it. after: seconds, 0 as set."""
    number = number.strip()
    values: dict[str, Value] = {f"{FORWARD}/active": bool(kind and number)}
    if kind and number:
        values |= {f"{FORWARD}/type": TYPES[kind], f"{FORWARD}/destination": number}
        if after:
            values[f"{FORWARD}/timeout"] = after
    settings.choose(turn, values)


def set_auto_answer(turn: Turn, on: bool) -> None:
    """The person's own automatic answer of every call, after the configured delay."""
    how: dict[str, Value] = {f"{AUTO_ANSWER}/type": LocalAnswer.TIMER} if on else {}
    settings.choose(turn, {f"{AUTO_ANSWER}/activated": on, **how})


def set_call_waiting(turn: Turn, on: bool) -> None:
    """Let a second call ring (True), or refuse it as busy."""
    mode: dict[str, Value] = {"voip/services/call_waiting/mode": CallWaitingMode.ENABLE} if on else {}
    settings.choose(turn, {"voip/services/call_waiting/enabled": on, **mode})
