"""What a call keeps and what it forgets: the clock, the log, the server, the focus."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from deskphone.config.settings import Settings
from deskphone.core import effects as fx
from deskphone.core import events as ev
from deskphone.core.calls import calllog
from deskphone.core.calls.state import Call, CallState, Direction, LogEntry
from deskphone.core.lines.state import Line, LineStatus
from deskphone.core.state import Phone, Sound
from deskphone.core.turn import Turn
from deskphone.core.voice_path import VoicePath
from tests.layers import of_file
from tests.unit.core.turns import turn

S = CallState
SETTINGS = Settings()
JANE, OTTO = ev.Party("0301234567", "Jane"), ev.Party("0409876", "Otto")


def phone(*calls: Call, settings: Settings = SETTINGS, focus: str = "") -> Phone:
    lines = tuple(Line(number, "a:5060", LineStatus.REGISTERED) for number in (0, 1))
    return replace(
        Phone(), layers=of_file(settings), powered=True, lines=lines, calls=calls,
        focus=focus or (calls[0].id if calls else ""), sound=Sound(path=VoicePath.HEADSET),
    )  # fmt: skip


def call(name: str = "c", state: S = S.ESTABLISHED, **fields: object) -> Call:
    since = 99_000.0 if state is S.ESTABLISHED else 0.0
    return Call(name, 0, Direction.IN, state, JANE, since=since, **fields)  # type: ignore[arg-type]


def of(after: Phone, name: str = "c") -> Call:
    found = after.call(name)
    assert found is not None
    return found


# --- established, media, identity --------------------------------------------------------------------


def test_a_second_200_begins_no_second_clock() -> None:
    after, _ = turn(phone(call()), ev.CallEstablished("c", OTTO), 5)
    assert (of(after).since, of(after).remote) == (99_000.0, JANE)


def test_a_200_that_crosses_the_hang_up_begins_none_either() -> None:
    after, done = turn(phone(replace(call(state=S.ENDING), since=0.0)), ev.CallEstablished("c"))
    assert (of(after).state, of(after).since) == (S.ENDING, 0.0)
    assert not any(isinstance(each, fx.Hold) for each in done)


def test_who_answers_is_shown_where_the_200_says_so() -> None:
    out = replace(call(state=S.RINGING), direction=Direction.OUT)
    for told, shown in ((OTTO, OTTO), (None, JANE)):
        after, _ = turn(phone(out), ev.CallEstablished("c", told))
        assert of(after).remote == shown


def test_media_tells_codec_encryption_and_directions() -> None:
    after, _ = turn(phone(call()), ev.CallMedia("c", True, False, "opus/48000", secure=True))
    told = of(after)
    assert (told.codec, told.secure, told.remote_hold, told.local_hold) == ("opus/48000", True, True, False)
    after, _ = turn(after, ev.CallMedia("c", False, True, "PCMA/8000"))
    told = of(after)
    assert (told.codec, told.secure, told.remote_hold, told.local_hold) == ("PCMA/8000", False, False, True)


@pytest.mark.parametrize(("wish", "is_held", "left"), [(True, True, None), (True, False, True), (False, True, False)])
def test_a_wish_for_hold_stays_until_it_is_so(wish: bool, is_held: bool, left: bool | None) -> None:
    after, _ = turn(phone(call(hold_wanted=wish)), ev.CallMedia("c", False, is_held, "PCMA/8000"))
    assert of(after).hold_wanted is left


def test_another_identity_in_the_call_is_shown() -> None:
    after, _ = turn(phone(call()), ev.CallRemoteChanged("c", OTTO))
    assert of(after).remote == OTTO


# --- ringing and being turned away --------------------------------------------------------------------


def test_what_rings_wakes_the_display_and_keeps_server_time_and_tone() -> None:
    hint = replace(ev.CallIncoming("x", 0, JANE).hint, alert="marimba")
    after, _ = turn(replace(phone(), dim=True), ev.CallIncoming("c", 1, JANE, hint=hint))
    rings = of(after)
    assert (rings.server, rings.state, rings.direction, rings.remote, rings.alert) == (
        1,
        S.INCOMING,
        Direction.IN,
        JANE,
        "marimba",
    )
    assert rings.began == 1_800_000_000 and after.focus == "c" and not after.dim


def test_who_rang_first_stays_on_the_screen_and_who_rings_covers_a_talk() -> None:
    after, _ = turn(phone(call("a", S.INCOMING)), ev.CallIncoming("b", 0, OTTO))
    assert after.focus == "a"
    after, _ = turn(phone(call("a")), ev.CallIncoming("b", 0, OTTO))
    assert after.focus == "b"


DND = replace(Settings(), line=(replace(Settings().line[0], do_not_disturb=True), *Settings().line[1:]))


def test_a_call_refused_by_do_not_disturb_is_missed_once() -> None:
    after, done = turn(phone(settings=DND), ev.CallIncoming("c", 0, JANE))
    assert [each.code for each in done if isinstance(each, fx.Reject)] == [Settings().dnd.code]
    assert (after.missed, [each.kind for each in after.log]) == (1, ["missed"])
    assert after.log[0].at == 1_800_000_000
    after, _ = turn(after, ev.CallEnded("c", 603, by_remote=False))
    assert (after.missed, len(after.log)) == (1, 1)


def test_a_call_that_rings_twice_is_illegal() -> None:
    after, done = turn(phone(call(state=S.INCOMING)), ev.CallIncoming("c", 0, JANE))
    assert [type(each) for each in done] == [fx.Illegal] and len(after.calls) == 1


# --- the end -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "tone"), [(486, "busy"), (600, "busy"), (603, "busy"), (404, "congestion"), (503, "congestion")]
)
def test_why_a_call_of_ours_failed_is_shown_and_heard(code: int, tone: str) -> None:
    out = replace(call(state=S.RINGING), direction=Direction.OUT)
    after, _ = turn(phone(out), ev.CallEnded("c", code, "Why"))
    assert after.notice is not None
    assert (after.notice.title, after.notice.text, after.notice.tone) == (f"failure:{code}", "Why", tone)
    assert after.calls == () and after.focus == ""


@pytest.mark.parametrize(
    ("before", "code", "notice"),
    [
        (call(), 408, "call_lost"),
        (call(), 200, None),
        (call(state=S.INCOMING), 487, None),
        (call(state=S.ANSWERING), 408, None),
        (replace(call(state=S.ENDING), direction=Direction.OUT), 487, None),
        (replace(call(state=S.RINGING), direction=Direction.OUT), 200, None),
    ],
)
def test_which_ends_are_worth_a_message(before: Call, code: int, notice: str | None) -> None:
    after, _ = turn(phone(before), ev.CallEnded("c", code, "Gone"))
    assert (after.notice.title if after.notice is not None else None) == notice
    if notice == "call_lost":
        assert after.notice is not None and after.notice.text == f"{code} Gone"


def test_after_a_call_what_rings_is_shown_else_what_talks_else_what_is_held() -> None:
    held, talks, rings = call("h", local_hold=True), call("t"), call("r", S.INCOMING)
    for others, shown in (((held, talks, rings), "r"), ((held, talks), "t"), ((held,), "h"), ((), "")):
        after, _ = turn(phone(call("x"), *others), ev.CallEnded("x", 200))
        assert after.focus == shown
        assert [each.id for each in after.calls] == [each.id for each in others]


def test_who_was_consulted_for_a_call_that_has_gone_is_a_call_like_any_other() -> None:
    after, _ = turn(phone(call("x"), call("c", partner="x"), call("d", partner="y")), ev.CallEnded("x", 200))
    assert [each.partner for each in after.calls] == ["", "y"]


# --- forwarding when nobody answers -------------------------------------------------------------------


def forwarding(kind: str = "NO_REPLY", number: str = "2001", after: int = 20) -> Settings:
    line = Settings().line[0]
    types = type(line.call_forward.type)
    forward = replace(line.call_forward, enabled=True, active=True, type=types[kind], number=number, timeout=after)
    return replace(Settings(), line=(replace(line, call_forward=forward), *Settings().line[1:]))


def test_a_call_that_nobody_answers_is_forwarded_and_missed_once() -> None:
    ringing, _ = turn(phone(settings=forwarding()), ev.CallIncoming("c", 0, JANE))
    assert of(ringing).forward_at == ringing.now.mono + 20
    after, done = turn(ringing, ev.Elapsed(), 20)
    assert [(each.code, each.contact) for each in done if isinstance(each, fx.Reject)] == [(302, "2001")]
    assert (after.missed, after.log[0].kind, after.log[0].at) == (1, "missed", 1_800_000_000)
    after, _ = turn(after, ev.CallEnded("c", 302, by_remote=False))
    assert (after.missed, len(after.log)) == (1, 1)


@pytest.mark.parametrize("settings", [forwarding("UNCONDITIONAL"), forwarding(number=""), Settings()])
def test_forwarding_that_was_ended_or_changed_while_it_rang_forwards_nothing(settings: Settings) -> None:
    ringing, _ = turn(phone(settings=forwarding()), ev.CallIncoming("c", 0, JANE))
    after, done = turn(replace(ringing, layers=of_file(settings)), ev.Elapsed(), 20)
    assert not any(isinstance(each, fx.Reject) for each in done)
    assert of(after).state is S.INCOMING and after.missed == 0


# --- the call log ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "event", "kind", "length"),
    [
        (replace(call(), direction=Direction.OUT), ev.CallEnded("c", 200), "dialled", 1000),
        (replace(call(state=S.RINGING), direction=Direction.OUT), ev.CallEnded("c", 486), "dialled", 0),
        (call(), ev.CallEnded("c", 200), "received", 1000),
        (replace(call(state=S.ENDING), since=99_000.0), ev.CallEnded("c", 200), "received", 1000),
        (call(state=S.ENDING), ev.CallEnded("c", 486), "received", 0),
        (call(state=S.INCOMING), ev.CallEnded("c", 200, answered_elsewhere=True), "received", 0),
        (call(state=S.INCOMING), ev.CallEnded("c", 487), "missed", 0),
        (call(state=S.ANSWERING), ev.CallEnded("c", 487), "missed", 0),
    ],
)
def test_what_the_log_says_of_a_call(before: Call, event: ev.CallEnded, kind: str, length: int) -> None:
    after, done = turn(phone(replace(before, began=77)), event)
    assert after.log == (LogEntry(kind, "0301234567", "Jane", 77, length),)
    assert after.missed == (kind == "missed")
    assert after.redial == ("0301234567" if kind == "dialled" else "")
    [stored] = [json.loads(each.text) for each in done if isinstance(each, fx.Store)]
    assert stored["missed"] == after.missed and stored["log"][0]["kind"] == kind


def test_a_redirected_call_is_logged_under_the_number_that_was_dialled() -> None:
    out = replace(call(), direction=Direction.OUT, asked=OTTO)
    after, _ = turn(phone(out), ev.CallEnded("c", 200))
    assert (after.log[0].number, after.redial) == ("0409876", "0409876")


def test_the_log_is_bounded_newest_first_and_comes_back_as_it_was() -> None:
    so_far = Turn(phone())
    for number in range(105):
        calllog.add(so_far, "missed", ev.Party(str(number)), number)
    calllog.add(so_far, "received", ev.Party("", "Nobody", uri="sip:x@y"), 500, 7)
    kept = so_far.phone.log
    assert len(kept) == 100 and kept[0] == LogEntry("received", "sip:x@y", "Nobody", 500, 7)
    assert kept[1].number == "104" and so_far.phone.missed == 105
    stored = so_far.effects[-1]
    assert isinstance(stored, fx.Store) and stored.section == "calls"
    again = Turn(phone())
    calllog.load(again, stored.text)
    assert (again.phone.log, again.phone.missed, again.phone.redial) == (kept, 105, "")


def test_an_entry_of_another_kind_is_left_out_and_of_too_many_the_newest_stay() -> None:
    entry = {"kind": "missed", "number": "1", "name": "", "at": 1, "duration": 0}
    so_far = Turn(phone())
    calllog.load(so_far, json.dumps({"log": [{"kind": "fax"}, {}, entry], "missed": 1, "redial": "9"}))
    assert so_far.phone.log == (LogEntry("missed", "1", "", 1, 0),) and so_far.phone.redial == "9"
    calllog.load(so_far, json.dumps({"log": [{**entry, "at": at} for at in range(120)], "missed": 0, "redial": ""}))
    assert [each.at for each in so_far.phone.log] == list(range(100))


def test_looking_at_no_missed_calls_writes_nothing() -> None:
    so_far = Turn(phone())
    calllog.seen(so_far)
    assert so_far.effects == []


# --- keypad digits -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "sent"),
    [
        (call(), True),
        (call(state=S.EARLY), True),
        (call(state=S.RINGING), False),
        (call(local_hold=True), False),
        (call(hold_wanted=True), False),
        (call(local_hold=True, hold_wanted=False), True),
    ],
)
def test_where_a_digit_can_be_heard_it_is_sent(before: Call, sent: bool) -> None:
    after, done = turn(phone(before), ev.KeyDown("5"))
    dtmf = [each for each in done if isinstance(each, fx.SendDtmf)]
    assert [(each.call, each.digits) for each in dtmf] == ([("c", "5")] if sent else [])
    assert of(after).digits == ("5" if sent else "")


@pytest.mark.parametrize(("mode", "way"), [("RFC2833", "rfc4733"), ("VIA_SIP", "info"), ("INBAND", "inband")])
def test_the_way_a_digit_goes_is_the_settings(mode: str, way: str) -> None:
    dtmf = replace(Settings().dtmf, mode=type(Settings().dtmf.mode)(mode))
    _, done = turn(phone(call(), settings=replace(Settings(), dtmf=dtmf)), ev.KeyDown("5"))
    assert [each.method for each in done if isinstance(each, fx.SendDtmf)] == [way]


def test_of_the_digits_the_last_twenty_are_shown() -> None:
    after, _ = turn(phone(call(digits="01234567890123456789")), ev.KeyDown("5"))
    assert of(after).digits == "12345678901234567895"


# --- redirected --------------------------------------------------------------------------------------


def dialled(done: tuple[fx.Effect, ...]) -> list[str]:
    return [each.target for each in done if isinstance(each, fx.Dial)]


def test_the_targets_of_a_redirect_are_tried_one_after_the_other_and_the_last_failure_is_told() -> None:
    out = replace(call("out-1", S.RINGING), direction=Direction.OUT)
    targets = ("sip:a@x", "sip:b@x", "sip:c@x")
    after, done = turn(phone(out), ev.CallEnded("out-1", 302, redirect=targets[0], others=targets[1:]))
    tried = dialled(done)
    for _ in range(2):
        after, done = turn(after, ev.CallEnded(after.calls[0].id, 486, "Busy Here"))
        tried += dialled(done)
    assert tried == list(targets)
    after, done = turn(after, ev.CallEnded(after.calls[0].id, 486, "Busy Here"))
    assert (dialled(done), after.calls) == ([], ())
    assert after.notice is not None and after.notice.title == "failure:486"


def test_no_target_is_tried_twice_and_a_row_of_redirects_that_turns_back_ends() -> None:
    """RFC 3261 section 8.1.3.4."""
    after, done = turn(phone(), ev.CallOrder("dial", number="2001", by="web"))
    tried = dialled(done)
    for redirect in ("sip:a@x", "sip:b@x", "sip:a@x"):
        after, done = turn(after, ev.CallEnded(after.calls[0].id, 302, redirect=redirect, others=("sip:b@x",)))
        tried += dialled(done)
        if not after.calls:
            break
    assert tried == ["2001", "sip:a@x", "sip:b@x"]
    assert after.calls == ()


def test_a_target_that_failed_at_this_phone_is_no_reason_to_leave_out_the_next() -> None:
    out = replace(call("out-1", S.OUTGOING), direction=Direction.OUT, others=("sip:b@x",))
    _, done = turn(phone(out), ev.CallEnded("out-1", 408, "Request Timeout", by_remote=False))
    assert dialled(done) == ["sip:b@x"]


def test_a_person_who_has_hung_up_is_taken_nowhere() -> None:
    out = replace(call("out-1", S.ENDING), direction=Direction.OUT, others=("sip:b@x",))
    _, done = turn(phone(out), ev.CallEnded("out-1", 487, by_remote=False))
    assert dialled(done) == []


# --- another profile ---------------------------------------------------------------------------------


def test_who_may_have_refused_the_profile_is_asked_once_with_feedback() -> None:
    """RFC 4585: a far end that demands RTP/AVPF refuses an offer of RTP/AVP. Who answers by then changes no target."""
    fields = (("X-Case", "7"),)
    out = replace(call("out-1", S.RINGING), direction=Direction.OUT, target="2001", headers=fields, partner="a")
    after, done = turn(phone(out), ev.CallEnded("out-1", 488, feedback=True))
    (again,) = [each for each in done if isinstance(each, fx.Dial)]
    assert (again.target, again.headers, again.feedback) == ("2001", fields, True)
    assert (after.calls[0].remote, after.calls[0].partner) == (out.remote, "a")
    after, done = turn(after, ev.CallEnded(again.call, 488, "Not Acceptable Here", feedback=True))
    assert (dialled(done), after.calls) == ([], ())
    assert after.notice is not None and after.notice.title == "failure:488"


def test_a_refused_profile_ends_the_call_where_no_server_is_left_to_ask_again() -> None:
    out = replace(call("out-1", S.RINGING), direction=Direction.OUT, target="2001")
    after, done = turn(replace(phone(out), lines=()), ev.CallEnded("out-1", 488, feedback=True))
    assert (after.calls, dialled(done)) == ((), [])
    assert after.notice is not None and after.notice.title == "failure:488"


def test_a_target_is_asked_in_both_profiles_before_the_next_one() -> None:
    out = replace(call("out-1", S.OUTGOING), direction=Direction.OUT, target="sip:a@x", others=("sip:b@x",))
    after, done = turn(phone(out), ev.CallEnded("out-1", 488, feedback=True))
    assert dialled(done) == ["sip:a@x"]
    _, done = turn(after, ev.CallEnded(after.calls[0].id, 488))
    assert [(each.target, each.feedback) for each in done if isinstance(each, fx.Dial)] == [("sip:b@x", False)]


def test_a_conference_that_answers_from_elsewhere_is_still_the_conference() -> None:
    ours = replace(call("out-1", S.OUTGOING), direction=Direction.OUT, room=True)
    asked = (replace(call("a"), joins="out-1"), replace(call("b"), joins="out-1"))
    after, _ = turn(phone(*asked, ours), ev.CallEnded("out-1", 302, redirect="sip:room-7@x"))
    new = after.focus
    after, done = turn(after, ev.CallEstablished(new))
    told = [(each.call, each.target) for each in done if isinstance(each, fx.Transfer)]
    assert told == [("a", "sip:room-7@x"), ("b", "sip:room-7@x")]


def test_a_conference_that_another_call_replaces_is_still_the_conference() -> None:
    ours = replace(call("out-1"), room=True)
    asked = replace(call("a"), joins="out-1", transfer="sip:room@x")
    incoming = ev.CallIncoming("in-2", 0, OTTO, trusted=True, replaces="out-1")
    after, _ = turn(phone(asked, ours, focus="out-1"), incoming)
    assert (of(after, "in-2").room, of(after, "a").joins) == (True, "in-2")
    after, _ = turn(after, ev.CallEnded("out-1", 200, by_remote=False))
    after, done = turn(after, ev.TransferProgress("a", 200, "OK", True))
    assert fx.Hangup("a") in done


def test_without_a_server_a_call_is_refused_by_a_message_and_its_tone() -> None:
    after, done = turn(replace(phone(), lines=()), ev.CallOrder("dial", number="2001", by="web"))
    assert dialled(done) == [] and after.notice is not None
    assert (after.notice.title, after.notice.tone) == ("not_registered", "congestion")
