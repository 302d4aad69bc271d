"""Every state of a call with everything that can happen to it, told apart from the table under test.

The reading is RFC 3261's: 9.1 (CANCEL), 12 (dialogs), 13.2 and 13.3 (INVITE as client and as server), 14 (re-INVITE),
15 (BYE), 8.1.3.4 (redirection); for the server's word in a call RFC 5373 and the talk and hold packages.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from deskphone.config.layers import Layers
from deskphone.config.schema.words import ForwardType
from deskphone.core import effects as fx
from deskphone.core import events as ev
from deskphone.core.calls import call
from deskphone.core.calls.state import Call, CallState, Direction
from deskphone.core.lines.state import Line, LineStatus
from deskphone.core.state import Phone
from deskphone.core.turn import Turn
from tests.unit.core.turns import turn

S = CallState
STATES = {
    "outgoing": S.OUTGOING, "ringing": S.RINGING, "early": S.EARLY, "incoming": S.INCOMING, "answering": S.ANSWERING,
    "talking": S.ESTABLISHED, "held": S.ESTABLISHED, "ending": S.ENDING,
}  # fmt: skip
# A cell: the letter of the state that follows, `.` where it stays, `x` where the call is gone, `!` where the happening
# is illegal; behind a slash what goes to the far end.
LETTERS = {"o": S.OUTGOING, "r": S.RINGING, "e": S.EARLY, "i": S.INCOMING, "a": S.ANSWERING, "t": S.ESTABLISHED,
           "n": S.ENDING}  # fmt: skip
SENT = {"I": fx.Dial, "2": fx.Answer, "R": fx.Reject, "B": fx.Hangup, "H": fx.Hold, "U": fx.Retrieve, "D": fx.SendDtmf}
FROM_THE_WIRE = """
           100  180  183  early  200  media  identity  refused  bye  failed  moved  talk  hold  unanswered  auto  again
outgoing   .    r    r    e      t    .      .         !        x    x       o/I    .     .     .           .     !
ringing    .    .    .    e      t    .      .         !        x    x       o/I    .     .     .           .     !
early      .    r    r    .      t    .      .         !        x    x       o/I    .     .     .           .     !
incoming   !    !    !    !      !    .      .         !        x    x       x      a/2   .     n/R         a/2   !
answering  !    !    !    !      t    .      .         !        x    x       x      .     .     .           .     !
talking    !    !    !    !      .    .      .         .        x    x       x      .     ./H   .           .     !
held       !    !    !    !      .    .      .         .        x    x       x      ./U   .     .           .     !
ending     .    .    .    .      .    .      .         .        x    x       x      .     .     .           .     !
"""
BY_THE_PERSON = """
           answer  reject  hang_up  hold  retrieve  digit  silence
outgoing   .       .       n/B      .     .         .      .
ringing    .       .       n/B      .     .         .      .
early      .       .       n/B      .     .         ./D    .
incoming   a/2     n/R     n/R      .     .         .      .
answering  .       .       n/B      .     .         .      .
talking    .       .       n/B      ./H   .         ./D    .
held       .       .       n/B      .     ./U       .      .
ending     .       .       .        .     .         .      .
"""
FORWARD = "voip/line/0/call_forward"
LAYERS = Layers().with_file({
    "voip/talk_event/enabled": True, f"{FORWARD}/active": True, f"{FORWARD}/type": ForwardType.NO_REPLY,
    f"{FORWARD}/destination": "2009",
})  # fmt: skip
PARTY, OTHER = ev.Party("2001", "Otto"), ev.Party("2002", "Olga")
EVENTS: dict[str, ev.Event] = {
    "100": ev.CallProgress("c", 100),
    "180": ev.CallProgress("c", 180),
    "183": ev.CallProgress("c", 183),
    "early": ev.CallProgress("c", 183, early_media=True),
    "200": ev.CallEstablished("c"),
    "media": ev.CallMedia("c", False, False, "PCMA/8000"),
    "identity": ev.CallRemoteChanged("c", OTHER),
    "refused": ev.HoldFailed("c", 488, "Not Acceptable Here"),
    "bye": ev.CallEnded("c", 200),
    "failed": ev.CallEnded("c", 486, "Busy Here"),
    "moved": ev.CallEnded("c", 302, redirect="sip:2003@sips-a"),
    "talk": ev.CallNotified("c", "talk"),
    "hold": ev.CallNotified("c", "hold"),
    "unanswered": ev.Elapsed(),
    "auto": ev.Elapsed(),
    "again": ev.CallIncoming("c", 0, PARTY),
}
VERBS: dict[str, Callable[[Turn], None]] = {
    "answer": lambda turn: call.answer(turn, "c"),
    "reject": lambda turn: call.reject(turn, "c"),
    "hang_up": lambda turn: call.hang_up(turn, "c"),
    "hold": lambda turn: call.hold(turn, "c"),
    "retrieve": lambda turn: call.retrieve(turn, "c"),
    "digit": lambda turn: call.digits(turn, "c", "5"),
    "silence": lambda turn: call.silence(turn, "c"),
}


def cells(table: str) -> list[tuple[str, str, str]]:
    """(state, happening, cell) of a table."""
    head, *rows = (line.split() for line in table.strip().splitlines())
    return [(row[0], name, cell) for row in rows for name, cell in zip(head, row[1:], strict=True)]


def phone_in(state: str, happening: str = "") -> Phone:
    """A registered phone with one call in that state; a deadline that is the happening has come."""
    direction = Direction.IN if state in ("incoming", "answering") else Direction.OUT
    deadlines = {"unanswered": {"forward_at": 1.0}, "auto": {"answer_at": 1.0}}
    one = Call("c", 0, direction, STATES[state], PARTY, local_hold=state == "held", **deadlines.get(happening, {}))
    return replace(
        Phone(layers=LAYERS), powered=True, calls=(one,), focus="c",
        lines=(Line(0, "sips-a:5060", LineStatus.REGISTERED),),
    )  # fmt: skip


def follows(state: str, cell: str, after: Phone, done: tuple[fx.Effect, ...] | list[fx.Effect]) -> None:
    """The state behind the cell's letter, and exactly that to the far end."""
    letter, _, spoken = cell.partition("/")
    sent = [each for each in done if isinstance(each, (fx.Ring, *SENT.values()))]
    assert [type(each) for each in sent] == ([SENT[spoken]] if spoken else [])
    assert not any(isinstance(each, fx.Illegal) for each in done)
    if letter == "x":
        assert after.calls == ()
    else:
        [one] = after.calls
        assert one.state is (STATES[state] if letter == "." else LETTERS[letter])


def test_the_tables_are_complete() -> None:
    assert {(state, name) for state, name, _ in cells(FROM_THE_WIRE)} == {(s, e) for s in STATES for e in EVENTS}
    assert {(state, name) for state, name, _ in cells(BY_THE_PERSON)} == {(s, v) for s in STATES for v in VERBS}
    assert set(STATES.values()) == set(CallState)


@pytest.mark.parametrize(("state", "happening", "cell"), cells(FROM_THE_WIRE))
def test_what_comes_from_the_wire(state: str, happening: str, cell: str) -> None:
    before = phone_in(state, happening)
    after, done = turn(before, EVENTS[happening])
    if cell == "!":
        assert [type(each) for each in done] == [fx.Illegal]
        assert after is before
    else:
        follows(state, cell, after, done)


@pytest.mark.parametrize(("state", "verb", "cell"), cells(BY_THE_PERSON))
def test_what_a_person_does(state: str, verb: str, cell: str) -> None:
    doing = Turn(phone_in(state))
    VERBS[verb](doing)
    follows(state, cell, doing.phone, doing.effects)


@pytest.mark.parametrize("state", STATES)
def test_a_call_on_its_way_out_says_no_more_and_a_live_one_says_that_its_hold_was_refused(state: str) -> None:
    after, _ = turn(phone_in(state), EVENTS["refused"])
    told = after.notice is not None and after.notice.title == "hold_failed"
    assert told == (state in ("talking", "held"))


def test_what_a_redirected_call_calls_then() -> None:
    after, done = turn(phone_in("ringing"), EVENTS["moved"])
    assert [each.target for each in done if isinstance(each, fx.Dial)] == ["sip:2003@sips-a"]
    assert after.focus == after.calls[0].id != "c"
