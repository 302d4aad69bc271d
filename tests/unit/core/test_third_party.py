"""What the server does to the calls: REFER and its reports, and INVITE with Replaces."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deskphone.config.settings import Settings
from deskphone.core import effects as fx
from deskphone.core import events as ev
from deskphone.core.calls import call
from deskphone.core.calls.state import Call, CallState, Direction
from deskphone.core.lines.state import Line, LineStatus
from deskphone.core.state import Phone
from tests.layers import of_file
from tests.unit.core.turns import turn

DELIVERED = Settings()  # click to dial is on, outside a call while an agent is logged in
SETTINGS = replace(DELIVERED, click_to_dial=replace(DELIVERED.click_to_dial, only_logged_in=False))
OFF = replace(SETTINGS, click_to_dial=replace(SETTINGS.click_to_dial, enabled=False))
OTTO, OLGA = ev.Party("2001", "Otto"), ev.Party("2002", "Olga")
TALKING = Call("c", 0, Direction.OUT, CallState.ESTABLISHED, OTTO, since=1.0)
REFER = ev.ReferReceived("r1", 1, "sip:2003@sips-b;user=phone")


def phone(*calls: Call, settings: Settings = SETTINGS) -> Phone:
    lines = tuple(Line(number, "a:5060", LineStatus.REGISTERED) for number in (0, 1))
    focus = calls[0].id if calls else ""
    return replace(Phone(), layers=of_file(settings), powered=True, lines=lines, calls=calls, focus=focus)


def reports(done: tuple[fx.Effect, ...]) -> list[fx.NotifyRefer]:
    return [each for each in done if isinstance(each, fx.NotifyRefer)]


# --- REFER -----------------------------------------------------------------------------------------


def test_a_refer_is_dialled_at_its_server_and_every_step_is_told_to_who_asked() -> None:
    after, done = turn(phone(), REFER)
    assert reports(done) == [fx.NotifyRefer("r1", 100, "Trying", False)]
    [dialled] = [each for each in done if isinstance(each, fx.Dial)]
    assert (dialled.server, dialled.target, dialled.headers) == (1, "sip:2003@sips-b;user=phone", ())
    [one] = after.calls
    assert (one.remote.number, one.remote.uri, one.partner, one.refer) == ("2003", REFER.target, "", "r1")
    after, done = turn(after, ev.CallProgress(one.id, 180))
    assert reports(done) == [fx.NotifyRefer("r1", 180, "Ringing", False)]
    after, done = turn(after, ev.CallProgress(one.id, 183, early_media=True))
    assert reports(done) == [fx.NotifyRefer("r1", 183, "Session Progress", False)]
    assert after.calls[0].early_media
    after, done = turn(after, ev.CallEstablished(one.id))
    assert reports(done) == [fx.NotifyRefer("r1", 200, "OK", True)]
    after, done = turn(after, ev.CallEnded(one.id, 200))
    assert reports(done) == [], "it was told that it is up: that was the last word"


@pytest.mark.parametrize(
    ("ended", "code", "reason"),
    [
        (ev.CallEnded("out-1", 486, "Busy Here"), 486, "Busy Here"),
        (ev.CallEnded("out-1", 300, ""), 300, "Request Terminated"),
        (ev.CallEnded("out-1", 200, by_remote=False), 487, "Request Terminated"),
    ],
)
def test_a_call_that_ends_before_it_is_up_is_told_as_a_failure(ended: ev.CallEnded, code: int, reason: str) -> None:
    before, _ = turn(phone(), REFER)
    _, done = turn(before, ended)
    assert reports(done) == [fx.NotifyRefer("r1", code, reason, True)]


def test_a_refer_in_a_call_makes_a_consultation_and_one_with_replaces_says_whose_place_it_takes() -> None:
    after, done = turn(phone(TALKING), replace(REFER, call="c", replaces="x;to-tag=1;from-tag=2"))
    [dialled] = [each for each in done if isinstance(each, fx.Dial)]
    assert dialled.headers == (("Replaces", "x;to-tag=1;from-tag=2"),)
    assert after.calls[1].partner == "c"
    assert [each.call for each in done if isinstance(each, fx.Hold)] == ["c"]


@pytest.mark.parametrize(
    ("before", "event", "code", "reason"),
    [
        (phone(), replace(REFER, trusted=False), 403, "Forbidden"),
        (phone(settings=OFF), REFER, 403, "Forbidden"),
        (replace(phone(), lines=()), REFER, 480, "Temporarily Unavailable"),
        (phone(replace(TALKING, state=CallState.OUTGOING)), REFER, 486, "Busy Here"),
        (phone(replace(TALKING, direction=Direction.IN, state=CallState.INCOMING)), REFER, 486, "Busy Here"),
    ],
)
def test_a_refer_that_may_not_be_is_refused_by_its_name(
    before: Phone, event: ev.ReferReceived, code: int, reason: str
) -> None:
    after, done = turn(before, event)
    assert reports(done) == [fx.NotifyRefer("r1", code, reason, True)]
    assert after.calls == before.calls


# --- Replaces --------------------------------------------------------------------------------------


def test_the_new_call_is_where_the_old_one_was_and_nothing_of_the_old_ones_media_is_left() -> None:
    old = replace(
        TALKING, local_hold=True, remote_hold=True, hold_wanted=False, early_media=True, refer="r", digits="5"
    )
    other = Call("d", 0, Direction.OUT, CallState.ESTABLISHED, OLGA, partner="c", local_hold=True)
    third = Call("e", 0, Direction.OUT, CallState.ESTABLISHED, OLGA, partner="x", local_hold=True)
    after, done = turn(phone(old, other, third), ev.CallIncoming("in-1", 1, OLGA, replaces="c"))
    new = after.call("in-1")
    assert new is not None
    assert (new.server, new.direction, new.state, new.remote) == (1, Direction.IN, CallState.ANSWERING, OLGA)
    assert (new.local_hold, new.remote_hold, new.hold_wanted, new.early_media, new.refer) == (
        False, False, None, False, "",
    )  # fmt: skip
    assert new.digits == "5"
    leaving = after.call("c")
    assert leaving is not None
    assert (leaving.state, leaving.logged, leaving.partner) == (CallState.ENDING, True, "")
    assert after.focus == "in-1"
    assert [each.partner for each in after.calls if each.id in "de"] == ["in-1", "x"]
    sent = [each for each in done if isinstance(each, fx.Answer | fx.Hangup)]
    assert sent == [fx.Answer("in-1"), fx.Hangup("c")]


def test_who_takes_a_place_in_a_conference_is_heard_by_all_and_a_third_call_is_held() -> None:
    one, two = (
        replace(TALKING, conference=True),
        Call("d", 0, Direction.OUT, CallState.ESTABLISHED, OLGA, conference=True),
    )
    _, done = turn(phone(one, two), ev.CallIncoming("in-1", 1, OLGA, replaces="c"))
    assert [each for each in done if isinstance(each, fx.Hold)] == []
    apart = replace(two, conference=False)
    _, done = turn(phone(replace(TALKING, local_hold=True), apart), ev.CallIncoming("in-1", 1, OLGA, replaces="c"))
    assert [each.call for each in done if isinstance(each, fx.Hold)] == ["d"]


@pytest.mark.parametrize(
    ("old", "trusted", "taken"),
    [
        (TALKING, True, True),
        (TALKING, False, False),
        (replace(TALKING, state=CallState.RINGING), True, True),
        (replace(TALKING, state=CallState.ENDING), True, False),
        (replace(TALKING, direction=Direction.IN, state=CallState.INCOMING), True, False),
        (replace(TALKING, direction=Direction.IN, state=CallState.ESTABLISHED), True, True),
    ],
)
def test_which_calls_can_be_replaced_and_by_whom(old: Call, trusted: bool, taken: bool) -> None:
    after, _ = turn(phone(old), ev.CallIncoming("in-1", 0, OLGA, replaces="c", trusted=trusted))
    new = after.call("in-1")
    assert (new is not None and new.state is CallState.ANSWERING) == taken


# --- numbers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("uri", "user"),
    [
        ("sip:127.0.0.8;line=sr-N6I", "127.0.0.8"),
        ("tel:+4930;isub=1", "+4930"),
        ("sip:2001@a", "2001"),
        ("tel:+49", "+49"),
        ("sip:a@b@c", "a"),
        ("2001", "2001"),
        ("a@b", "a@b"),
        ("sip:h", "h"),
    ],
)
def test_the_user_part_of_a_uri(uri: str, user: str) -> None:
    assert call.user_of(uri) == user
