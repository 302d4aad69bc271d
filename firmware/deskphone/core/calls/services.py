"""Do not disturb, forwarding and call waiting: the person's switches, kept over power-off.

Law: they act in the phone (302, 486) whatever the server type; sharing them with a server is `core.agent.featuresync`.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from deskphone.config.schema.words import LocalAnswer
from deskphone.config.settings import Settings
from deskphone.core.effects import Store
from deskphone.core.state import Forward
from deskphone.core.turn import Turn

KINDS = {"UNCONDITIONAL": "always", "BUSY": "busy", "NO_REPLY": "no_reply"}


@dataclass(frozen=True, slots=True)
class _Switches:
    """What a configuration says of the person's switches."""

    forward: Forward
    call_waiting: bool
    dnd: bool
    auto_answer: bool


def _configured(settings: Settings) -> _Switches:
    forward, local = settings.line[0].call_forward, settings.auto_answer
    active = forward.enabled and forward.active and bool(forward.number)
    return _Switches(
        Forward(KINDS[str(forward.type)], forward.number, forward.timeout) if active else Forward(),
        settings.call_waiting.enabled,
        settings.line[0].do_not_disturb,
        local.local_enabled and local.local_type is LocalAnswer.TIMER,
    )


def from_settings(turn: Turn, before: Settings | None = None) -> None:
    """Take what the configuration says; after power-on only what it says differently from `before`, because the
    person's own choice stays until the administrator changes that very setting."""
    old = _configured(before) if before is not None else None
    new, phone = _configured(turn.phone.settings), turn.phone
    turn.set(
        forward=new.forward if old is None or old.forward != new.forward else phone.forward,
        call_waiting=new.call_waiting if old is None or old.call_waiting != new.call_waiting else phone.call_waiting,
        dnd=new.dnd if old is None or old.dnd != new.dnd else phone.dnd,
        auto_answer=new.auto_answer if old is None or old.auto_answer != new.auto_answer else phone.auto_answer,
    )


def load(turn: Turn, text: str) -> None:
    """Take back what was kept."""
    kept = json.loads(text)
    forward = Forward(str(kept["forward"]["kind"]), str(kept["forward"]["number"]), int(kept["forward"]["after"]))
    turn.set(dnd=bool(kept["dnd"]), call_waiting=bool(kept["call_waiting"]), forward=forward,
             auto_answer=bool(kept.get("auto_answer", turn.phone.auto_answer)))  # fmt: skip


def _keep(turn: Turn) -> None:
    phone = turn.phone
    kept = {"dnd": phone.dnd, "call_waiting": phone.call_waiting, "forward": asdict(phone.forward),
            "auto_answer": phone.auto_answer}  # fmt: skip
    turn.do(Store("services", json.dumps(kept)))


def set_dnd(turn: Turn, on: bool) -> None:
    """Do not disturb on or off."""
    turn.set(dnd=on)
    _keep(turn)


def set_forward(turn: Turn, kind: str, number: str, after: int = 0) -> None:
    """Forward calls: kind always, busy or no_reply; an empty kind or number ends it. after: seconds, 0 as set."""
    number = number.strip()
    after = after or turn.phone.settings.line[0].call_forward.timeout
    turn.set(forward=Forward(kind, number, after) if kind and number else Forward())
    _keep(turn)


def set_auto_answer(turn: Turn, on: bool) -> None:
    """The person's own automatic answer of every call, after the configured delay."""
    turn.set(auto_answer=on)
    _keep(turn)


def set_call_waiting(turn: Turn, on: bool) -> None:
    """Let a second call ring, or refuse it as busy."""
    turn.set(call_waiting=on)
    _keep(turn)
