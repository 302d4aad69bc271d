"""Why a call is sent elsewhere: the reason that goes with our 302, for every way a call leaves unanswered."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deskphone.config.schema.words import ForwardType
from deskphone.config.settings import Settings
from deskphone.core import events as ev
from deskphone.core.calls import call
from deskphone.core.calls.state import Call, CallState
from deskphone.core.effects import Reject
from deskphone.core.lines.state import Line, LineStatus
from deskphone.core.state import Phone
from deskphone.core.turn import Turn
from tests.layers import of_file
from tests.unit.core.turns import NOW, turn, wait

FACTORY = Settings()
REASONS = {
    ForwardType.UNCONDITIONAL: "unconditional",
    ForwardType.BUSY: "user-busy",
    ForwardType.NO_REPLY: "no-answer",
}


def phone(kind: ForwardType | None, diversion: bool) -> Phone:
    """A phone that talks, has room for one call, and forwards so."""
    line = FACTORY.line[0]
    forward = line.call_forward
    if kind is not None:
        forward = replace(forward, active=True, type=kind, number="2424", timeout=4)
    settings = replace(
        FACTORY, line=(replace(line, id="1502", call_forward=forward), *FACTORY.line[1:]),
        forwarding=replace(FACTORY.forwarding, diversion=diversion),
        calls=replace(FACTORY.calls, max_calls=1 if kind is ForwardType.BUSY else 4),
    )  # fmt: skip
    return replace(
        Phone(), layers=of_file(settings), powered=True, now=NOW, lines=(Line(0, "a:5060", LineStatus.REGISTERED),),
        calls=(Call("c", state=CallState.ESTABLISHED),) if kind is ForwardType.BUSY else (),
    )  # fmt: skip


@pytest.mark.parametrize("kind", ForwardType)
@pytest.mark.parametrize("diversion", [True, False])
def test_each_kind_of_forwarding_says_why(kind: ForwardType, diversion: bool) -> None:
    now, done = turn(phone(kind, diversion), ev.CallIncoming("in-1", 0, ev.Party("2001")))
    now, late = wait(now, 5)
    said = REASONS[kind] if diversion else ""
    assert [each for each in (*done, *late) if isinstance(each, Reject)] == [Reject("in-1", 302, "2424", said)]


@pytest.mark.parametrize("diversion", [True, False])
def test_a_call_that_the_person_sends_on_is_deflected(diversion: bool) -> None:
    now, _ = turn(phone(None, diversion), ev.CallIncoming("in-1", 0, ev.Party("2001")))
    doing = Turn(now)
    call.deflect(doing, "in-1", "2424")
    assert Reject("in-1", 302, "2424", "deflection" if diversion else "") in doing.effects


def test_a_refusal_has_no_such_reason() -> None:
    now, _ = turn(phone(None, True), ev.CallIncoming("in-1", 0, ev.Party("2001")))
    doing = Turn(now)
    call.reject(doing, "in-1")
    assert [each.diversion for each in doing.effects if isinstance(each, Reject)] == [""]
