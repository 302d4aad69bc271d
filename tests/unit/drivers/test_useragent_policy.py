"""What a request means before the stack sees it: a table of messages, no stack and no socket."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deskphone.core.events import CallNotified, CheckSync, MessageWaiting, ReferReceived
from deskphone.sip.policy.dialogs import Dialog, Dialogs
from deskphone.sip.policy.requests import Answer, Scene, Verdict, judge
from deskphone.sip.policy.sender import NO_SERVER, Sender, Servers
from deskphone.wire.errors import WireError
from deskphone.wire.message import parse_request

SERVER = "10.1.1.5:5060"
STRANGER = "10.9.9.9:5060"
SERVERS = Servers({SERVER: 0, "10.1.1.6:5060": 1})
SCENE = Scene(
    calls=Dialogs(Dialog("in-1", "them", "us", 2, "call-1")),
    packages=frozenset({"as-feature-event"}),
    subscriptions=frozenset({"sub-1"}),
)


def request(method: str, *fields: str, to_tag: str = "us", call_id: str = "call-1", body: str = "") -> bytes:
    """A request from the far end with tag `them`."""
    lines = [
        f"{method} sip:1502@10.1.1.20 SIP/2.0", "Via: SIP/2.0/UDP 10.1.1.5;branch=z9hG4bK1",
        "From: <sip:2001@site>;tag=them", f"To: <sip:1502@site>{';tag=' + to_tag if to_tag else ''}",
        f"Call-ID: {call_id}", f"CSeq: 2 {method}", *fields, f"Content-Length: {len(body)}", "", body,
    ]  # fmt: skip
    return "\r\n".join(lines).encode()


def verdict(raw: bytes, source: str = SERVER, scene: Scene = SCENE) -> Verdict:
    """The verdict on raw bytes."""
    return judge(parse_request(raw), SERVERS.sender(source), scene)


def code(given: Verdict) -> int:
    """The answer's code, 0 where pjsip goes on, -1 for silence."""
    return given.answer.code if given.answer else -int(given.silent)


@pytest.mark.parametrize("package", ["talk", "hold"])
def test_talk_and_hold_in_a_call_are_answered_and_told(package: str) -> None:
    given = verdict(request("NOTIFY", f"Event: {package}"))
    assert code(given) == 200
    assert given.events == (CallNotified("in-1", package),)


def test_talk_from_a_stranger_is_forbidden_and_does_nothing() -> None:
    given = verdict(request("NOTIFY", "Event: talk"), STRANGER)
    assert (code(given), given.events) == (403, ())


def test_talk_while_switched_off_is_forbidden() -> None:
    scene = Scene(calls=SCENE.calls, talk=False)
    assert code(verdict(request("NOTIFY", "Event: talk"), scene=scene)) == 403


@pytest.mark.parametrize("method", ["NOTIFY", "REFER", "OPTIONS", "SUBSCRIBE", "MESSAGE", "DANCE"])
@pytest.mark.parametrize("tag", [b"tag=them", b"tag=us"])
def test_a_wrong_tag_belongs_to_no_dialog(method: str, tag: bytes) -> None:
    raw = request(method, "Event: talk", "Refer-To: <sip:2001@site>").replace(tag, b"tag=others")
    given = verdict(raw)
    assert (code(given), given.events) == (481, ())


@pytest.mark.parametrize("method", ["INVITE", "UPDATE", "INFO", "PRACK", "OPTIONS", "SUBSCRIBE", "REFER", "DANCE"])
def test_a_call_that_has_ended_has_no_dialog(method: str) -> None:
    assert code(verdict(request(method, "Refer-To: <sip:2001@site>", call_id="ended"))) == 481


@pytest.mark.parametrize(("method", "call_id"), [("BYE", "ended"), ("OPTIONS", "sub-1"), ("INVITE", "call-2")])
def test_a_farewell_that_crosses_ours_and_what_the_stack_knows_better_are_its_to_answer(
    method: str, call_id: str
) -> None:
    scene = replace(SCENE, calls=Dialogs(Dialog("out-1", call_id="call-2")))  # nothing has come back yet
    assert code(verdict(request(method, call_id=call_id), scene=scene)) == 0


@pytest.mark.parametrize("dialog", [Dialog("in-1", "them"), Dialog("out-1", "", "us")])
def test_before_both_tags_are_known_nobody_is_in_the_dialog(dialog: Dialog) -> None:
    scene = Scene(calls=Dialogs(replace(dialog, call_id="call-1")))
    assert code(verdict(request("NOTIFY", "Event: talk"), scene=scene)) == 481
    assert code(verdict(request("REFER", "Refer-To: <sip:2001@site>"), scene=scene)) == 481


@pytest.mark.parametrize(("method", "answer"), [("NOTIFY", 500), ("REFER", 500), ("INVITE", 500), ("BYE", 0)])
def test_a_request_from_before_the_last_one_is_stale(method: str, answer: int) -> None:
    raw = request(method, "Event: talk", "Refer-To: <sip:2001@site>").replace(b"CSeq: 2", b"CSeq: 1")
    given = verdict(raw)
    assert (code(given), given.events) == (answer, ())


def test_a_dialog_loses_no_tag_and_counts_upwards_only() -> None:
    known = Dialog("in-1", "them", "us", 7)
    assert known.learnt(Dialog("in-1")) == known
    assert known.learnt(Dialog("in-1", "other", cseq=8)) == Dialog("in-1", "other", "us", 8)


def test_talk_outside_a_dialog_belongs_to_no_dialog() -> None:
    assert code(verdict(request("NOTIFY", "Event: talk", to_tag=""))) == 481


def test_a_notify_in_a_dialog_we_do_not_have_belongs_to_no_dialog() -> None:
    assert code(verdict(request("NOTIFY", "Event: talk", call_id="other"))) == 481
    assert code(verdict(request("NOTIFY", "Event: as-feature-event", call_id="sub-1"))) == 0


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        ("INFO", 481),
        ("UPDATE", 481),
        ("PUBLISH", 405),
        ("MESSAGE", 405),
        ("REGISTER", 405),
        ("DANCE", 501),
        ("OPTIONS", 200),
    ],
)
def test_every_method_outside_a_dialog_has_its_answer(method: str, answer: int) -> None:
    assert code(verdict(request(method, to_tag=""))) == answer


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        ("UPDATE", 0), ("PRACK", 0), ("BYE", 0), ("INVITE", 0), ("OPTIONS", 200), ("SUBSCRIBE", 489),
        ("PUBLISH", 405), ("MESSAGE", 405), ("REGISTER", 405), ("DANCE", 501),
    ],
)  # fmt: skip
def test_every_method_in_a_call_has_its_answer(method: str, answer: int) -> None:
    given = verdict(request(method, "Event: talk"))
    assert code(given) == answer
    if given.answer is not None:
        names = {name for name, _ in given.answer.headers}
        assert names >= ({"Allow-Events"} if answer == 489 else {"Allow"})
    assert code(verdict(request(method, "Event: talk", call_id="sub-1"))) == 0


def test_another_event_in_a_call_is_a_bad_event_that_names_the_good_ones() -> None:
    given = verdict(request("NOTIFY", "Event: line-seize"))
    assert given.answer is not None
    assert given.answer.code == 489
    assert ("Allow-Events", "talk,hold,conference,refer,check-sync") in given.answer.headers


@pytest.mark.parametrize("event", ["refer", "as-feature-event"])
def test_our_own_subscriptions_are_left_to_the_stack_and_of_others_nothing_is_known(event: str) -> None:
    assert code(verdict(request("NOTIFY", f"Event: {event}"))) == 481
    assert code(verdict(request("NOTIFY", f"Event: {event}", call_id="sub-1"))) == 0


@pytest.mark.parametrize(
    ("event", "reboot"),
    [
        ("check-sync", None), ("check-sync;reboot=true", True), ("check-sync;reboot=false", False),
        ("resync", False), ("reboot", True), ("Check-Sync;Reboot=TRUE", True),
    ],
)  # fmt: skip
def test_check_sync_says_whether_to_reboot(event: str, reboot: bool | None) -> None:
    given = verdict(request("NOTIFY", f"Event: {event}", to_tag=""), "10.1.1.6:5060")
    assert code(given) == 200
    assert given.events == (CheckSync(1, reboot),)


def test_check_sync_from_a_stranger_is_forbidden() -> None:
    given = verdict(request("NOTIFY", "Event: check-sync;reboot=true", to_tag=""), STRANGER)
    assert (code(given), given.events, given.asked) == (403, (), True)
    raw = request("NOTIFY", "Event: check-sync;reboot=true", to_tag="")
    proved = judge(parse_request(raw), Sender(STRANGER).with_proof(), SCENE)
    assert proved == Verdict(Answer(200), (CheckSync(NO_SERVER, True),)), "unless it proves to know the password"


def test_a_proof_is_for_check_sync_and_opens_nothing_else() -> None:
    sender = Sender(STRANGER).with_proof()
    for method, field, answer in (
        ("INVITE", "", -1), ("REFER", "Refer-To: <sip:2001@site>", 403), ("NOTIFY", "Event: message-summary", 403)
    ):  # fmt: skip
        raw = request(method, field or "X: y", to_tag="", call_id="new")
        assert code(judge(parse_request(raw), sender, SCENE)) == answer


@pytest.mark.parametrize(
    ("source", "server", "neighbour"),
    [
        ("10.1.1.5:5060", 0, 0), ("10.1.1.5:41234", 0, 0), ("10.1.1.6:9", NO_SERVER, 1), ("10.1.1.6:5060", 1, 1),
        ("10.9.9.9:5060", NO_SERVER, NO_SERVER), ("", NO_SERVER, NO_SERVER),
        ("[2001:db8::5]:5060", 2, 2), ("[2001:db8::5]:6000", 2, 2), ("[2001:db8::6]:5060", NO_SERVER, NO_SERVER),
        ("127.0.0.1:5070", 3, 3), ("127.0.0.1:5080", 4, 3), ("127.0.0.1:9999", NO_SERVER, 3),
    ],
)  # fmt: skip
def test_a_sender_is_judged_by_where_answers_to_register_came_from(source: str, server: int, neighbour: int) -> None:
    """Address and port over UDP: any process of that host can send from another one, and anybody can write an address.
    A new TCP connection of a server comes from a port of its own."""
    known = {"10.1.1.5:5060": 0, "10.1.1.6:5060": 1, "[2001:db8::5]:5060": 2, "127.0.0.1:5070": 3, "127.0.0.1:5080": 4}
    servers = Servers(known, any_port=frozenset({0, 2}))
    assert servers.sender(source) == Sender(source, server)
    assert servers.neighbour(source) == neighbour
    assert Servers(known, frozenset(known.values())).sender(source) == Sender(
        source, server if server >= 0 else neighbour
    )


def test_check_sync_of_a_server_needs_a_proof_where_the_settings_ask_for_it() -> None:
    given = verdict(request("NOTIFY", "Event: check-sync", to_tag=""), scene=replace(SCENE, challenge=True))
    assert (code(given), given.events) == (403, ())
    assert given.asked
    proved = SERVERS.sender(SERVER).with_proof()
    raw = request("NOTIFY", "Event: check-sync", to_tag="")
    assert judge(parse_request(raw), proved, replace(SCENE, challenge=True)) == Verdict(Answer(200), (CheckSync(0),))


def test_waiting_messages_are_told_without_a_subscription() -> None:
    body = "Messages-Waiting: yes\r\nVoice-Message: 2/5\r\n"
    raw = request("NOTIFY", "Event: message-summary", "Content-Type: application/simple-message-summary",
                  to_tag="", body=body)  # fmt: skip
    assert verdict(raw).events == (MessageWaiting(0, True, 2, 5),)
    assert code(verdict(raw, STRANGER)) == 403


def test_an_unknown_event_outside_a_dialog_is_a_bad_event() -> None:
    assert code(verdict(request("NOTIFY", "Event: presence", to_tag=""))) == 489
    assert code(verdict(request("NOTIFY", to_tag=""))) == 489


def test_nobody_may_subscribe_to_the_phone() -> None:
    assert code(verdict(request("SUBSCRIBE", "Event: talk", to_tag=""))) == 489


def test_only_a_registered_server_may_ring() -> None:
    assert code(verdict(request("INVITE", to_tag="", call_id="new"))) == 0
    for stranger in (STRANGER, "10.1.1.5:61000"):
        asked = request("INVITE", to_tag="", call_id="new")
        assert code(verdict(asked, stranger)) == -1, "silence: a refusal would go to whoever's address is written there"
        assert code(verdict(asked, stranger, replace(SCENE, answer_strangers=True))) == 403
    assert code(verdict(request("INVITE", to_tag="", call_id="new"), STRANGER, Scene(only_servers=False))) == 0


@pytest.mark.parametrize("field", ["Require: x-odd", "Contact: <tel:+49301>", "Session-Expires: 1\r\nSupported: timer"])
def test_no_field_of_a_strangers_invite_brings_an_answer(field: str) -> None:
    assert code(verdict(request("INVITE", field, to_tag="", call_id="new"), STRANGER)) == -1


@pytest.mark.parametrize(
    ("fields", "least", "answer"),
    [
        (("Session-Expires: 40", "Supported: 100rel, timer"), 90, 422), (("x: 89;refresher=uac", "k: timer"), 90, 422),
        (("Session-Expires: 90", "Supported: timer"), 90, 0), (("Session-Expires: 40",), 90, 0),
        (("Session-Expires: 40", "Supported: timer"), 0, 0), (("Session-Expires: odd", "Supported: timer"), 90, 0),
        ((), 90, 0),
    ],
)  # fmt: skip
def test_a_session_interval_too_short_is_refused_before_it_rings(
    fields: tuple[str, ...], least: int, answer: int
) -> None:
    """It is sent again with a longer one: rung before, it would count as a missed call."""
    raw = request("INVITE", *fields, to_tag="", call_id="new")
    given = verdict(raw, scene=replace(SCENE, least_interval=least))
    assert code(given) == answer
    assert not answer or (given.answer is not None and given.answer.headers == (("Min-SE", str(least)),))


def test_an_invite_in_a_dialog_may_come_from_the_other_half_of_a_pair() -> None:
    assert code(verdict(request("INVITE"), STRANGER)) == 0


def test_click_to_dial_is_accepted_and_told() -> None:
    given = verdict(request("REFER", "Refer-To: <sip:2001@site>", to_tag="", call_id="new"))
    assert code(given) == 202
    assert given.events == (ReferReceived("new/2", 0, "sip:2001@site"),)
    assert given.refer == given.events[0]


def test_a_refer_in_a_call_names_the_call_and_what_to_replace() -> None:
    given = verdict(request("REFER", "Refer-To: <sip:2001@site?Replaces=a%40b%3Bto-tag%3D1%3Bfrom-tag%3D2>"))
    assert given.events == (ReferReceived("call-1/2", 0, "sip:2001@site", "in-1", replaces="a@b;to-tag=1;from-tag=2"),)


@pytest.mark.parametrize("wish", ["Refer-Sub: false", "Refer-Sub: False;x=y", "Require: norefersub"])
def test_a_refer_without_reports_gets_none(wish: str) -> None:
    given = verdict(request("REFER", "Refer-To: <sip:2001@site>", wish, to_tag=""))
    assert given.answer is not None
    assert ("Refer-Sub", "false") in given.answer.headers
    assert given.refer is None


@pytest.mark.parametrize(
    "refer_to",
    [
        "<http://x>",
        "<sip:a@b;method=BYE>x",
        "<sip:2001@site?method=BYE>",
        "<sip:2001@site;method=BYE>",
        "<sip:2001@site?Replaces=a%0D%0AEvil%3A%201%3Bto-tag%3D1%3Bfrom-tag%3D2>",
        "",
    ],
)
def test_a_refer_to_something_else_is_a_bad_request(refer_to: str) -> None:
    assert code(verdict(request("REFER", f"Refer-To: {refer_to}", to_tag=""))) == 400


def test_a_refer_from_a_stranger_dials_nothing() -> None:
    given = verdict(request("REFER", "Refer-To: <sip:2001@site>", to_tag=""), STRANGER)
    assert (code(given), given.events) == (403, ())


@pytest.mark.parametrize(
    ("heard", "registered"),
    [
        ("[::1]:5060", "::1:5060"),
        ("[2001:db8:0:0::1]:5060", "[2001:db8::1]:5060"),
        ("[::ffff:192.0.2.1]:5060", "192.0.2.1:5060"),
        ("[FE80::1]:5060", "[fe80::1]:5060"),
        ("192.0.2.1:5060", "[::ffff:192.0.2.1]:5060"),
    ],
)
def test_a_server_is_known_by_its_address_however_that_is_written(heard: str, registered: str) -> None:
    servers = Servers({registered: 1})
    assert servers.sender(heard).server == 1
    assert not servers.sender("[2001:db8::2]:5060").trusted


def test_a_bye_without_a_to_tag_belongs_to_no_dialog() -> None:
    assert code(verdict(request("BYE", to_tag=""))) == 481


@pytest.mark.parametrize("method", ["OPTIONS", "NOTIFY", "REFER", "INFO"])
def test_an_extension_that_is_required_and_unknown_is_named(method: str) -> None:
    given = verdict(request(method, "Require: timer, precondition, x-odd", "Event: talk", "Refer-To: <sip:1@h>"))
    assert given.answer == Answer(420, "", (("Unsupported", "precondition, x-odd"),))
    assert given.events == ()


def test_an_extension_that_is_known_may_be_required() -> None:
    assert code(verdict(request("OPTIONS", "Require: timer, replaces", to_tag=""))) == 200
    assert code(verdict(request("REFER", "Require: norefersub", "Refer-To: <sip:2001@site>", to_tag=""))) == 202


@pytest.mark.parametrize(
    "fields",
    [("a@b;to-tag=1;from-tag=2", "c@d;to-tag=3;from-tag=4"), ("a@b;to-tag=1",), ("",)],
    ids=["two", "no from-tag", "empty"],
)
def test_a_call_that_replaces_none_that_can_be_read_does_not_ring(fields: tuple[str, ...]) -> None:
    asked = request("INVITE", *(f"Replaces: {each}" for each in fields), to_tag="", call_id="call-2")
    with pytest.raises(WireError, match="replaces"):
        verdict(asked)
    assert code(verdict(asked, STRANGER)) == -1


def test_a_call_that_replaces_one_is_the_stacks() -> None:
    assert code(verdict(request("INVITE", "Replaces: a@b;to-tag=1;from-tag=2;early-only", to_tag="", call_id="c"))) == 0


@pytest.mark.parametrize("interval", ["9" * 5000, "٩٠", "-1", "", "90;refresher=uac"])
def test_a_session_interval_of_any_form_is_no_error(interval: str) -> None:
    asked = request("INVITE", "Supported: timer", f"Session-Expires: {interval}", to_tag="", call_id="call-2")
    assert code(verdict(asked, scene=replace(SCENE, least_interval=90))) == 0
