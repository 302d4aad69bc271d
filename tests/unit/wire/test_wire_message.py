"""A SIP message from raw bytes: what a phone must understand, and what it must refuse."""

from __future__ import annotations

import pytest

from deskphone.wire import message
from deskphone.wire.errors import MAX_BODY, WireError
from deskphone.wire.fields import Valued
from deskphone.wire.message import Request

NOTIFY = (
    b"NOTIFY sip:1502@10.1.1.20:5060 SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP 10.1.1.5:5060;branch=z9hG4bK-s1;received=10.1.1.6, SIP/2.0/TCP far.example.com\r\n"
    b"From: <sip:1502@sips-a.example.com>;tag=s-9\r\n"
    b"To: <sip:1502@sips-a.example.com>;tag=f-77a1\r\n"
    b"Call-ID: feat-9c2e@10.1.1.20\r\n"
    b"CSeq: 2 NOTIFY\r\n"
    b"Event: as-feature-event\r\n"
    b"Subscription-State: active;expires=3600\r\n"
    b'Content-Type: application/x-as-feature-event+xml;charset="UTF-8"\r\n'
    b"Content-Length: 4\r\n"
    b"\r\n"
    b"<a/>"
)


def with_header(line: bytes) -> Request:
    return message.parse_request(b"NOTIFY sip:1502@h SIP/2.0\r\n" + line + b"\r\n\r\n")


def test_a_notify_gives_its_dialog_event_and_body() -> None:
    notify = message.parse_request(NOTIFY)
    assert (notify.method, notify.uri) == ("NOTIFY", "sip:1502@10.1.1.20:5060")
    assert (notify.call_id, notify.from_tag, notify.to_tag) == ("feat-9c2e@10.1.1.20", "s-9", "f-77a1")
    assert notify.cseq == (2, "NOTIFY")
    assert notify.event == Valued("as-feature-event")
    assert notify.content_type.value == "application/x-as-feature-event+xml"
    assert notify.content_type.params.get("charset") == "UTF-8"
    assert notify.body == b"<a/>"


def test_the_topmost_via_says_where_it_came_from() -> None:
    via = message.parse_request(NOTIFY).via
    assert (via.transport, via.host, via.port) == ("udp", "10.1.1.5", 5060)
    assert (via.branch, via.received) == ("z9hG4bK-s1", "10.1.1.6")


def test_a_via_with_blanks_wherever_the_grammar_allows_them_is_read() -> None:
    via = message.parse_via("SIP  / 2.0\t/ TCP   spindle.example.com ;  branch  =   z9hG4bK9ikj8")
    assert (via.transport, via.host, via.branch) == ("tcp", "spindle.example.com", "z9hG4bK9ikj8")
    assert message.parse_via("SIP/2.0/UDP [2001:db8::9:1]:5080;branch=z").host == "[2001:db8::9:1]"


def test_compact_names_mean_the_long_ones() -> None:
    raw = b"NOTIFY sip:a@b SIP/2.0\r\n"
    raw += b"v: SIP/2.0/UDP h\r\nf: <sip:a@b>;tag=1\r\nt: <sip:c@d>\r\ni: x\r\no: talk\r\nl: 0\r\n\r\n"
    notify = message.parse_request(raw)
    assert (notify.from_tag, notify.to_tag, notify.call_id, notify.event.value) == ("1", "", "x", "talk")


def test_a_header_that_stands_twice_alike_is_one() -> None:
    assert with_header(b"Event: talk\r\nEvent: talk").event.value == "talk"
    with pytest.raises(WireError, match="2 of them"):
        _ = with_header(b"Event: talk\r\nEvent: hold").event


def test_folded_lines_are_one_line() -> None:
    notify = with_header(b"Event: check-sync\r\n\t ;reboot\r\n =true")
    assert notify.event.value == "check-sync"
    assert notify.event.params.get("reboot") == "true"


def test_header_names_ignore_case_and_blanks_before_the_colon() -> None:
    assert with_header(b"eVENT \t:  Talk ").event.value == "talk"


def test_bare_line_feeds_and_empty_lines_in_front_are_tolerated() -> None:
    assert message.parse_request(b"\r\n\r\nOPTIONS sip:a@b SIP/2.0\nCall-ID: x\n\n").call_id == "x"


def test_names_come_in_utf_8_or_iso_8859_1() -> None:
    for encoding in ("utf-8", "iso-8859-1"):
        request = with_header('From: "Jürgen Groß" <sip:1@h>;tag=1'.encode(encoding))
        assert request.from_.display == "Jürgen Groß"


def test_the_same_header_may_come_several_times_and_as_a_list() -> None:
    request = with_header(b"Supported: replaces, 100rel\r\nk: norefersub,\r\nSupported: ")
    assert request.headers.listed("supported") == ("replaces", "100rel", "norefersub")
    assert len(request.headers.every("supported")) == 3


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("120", 120), ("18000;duration=3600", 18000), ("120 (I'm in a meeting)", 120), ("0", 0), (" 5 ", 5)],
)
def test_retry_after_in_every_form(value: str, seconds: int) -> None:
    assert message.parse_retry_after(value) == seconds
    assert with_header(b"Retry-After: " + value.encode()).retry_after == seconds


@pytest.mark.parametrize("value", ["", "-1", "soon", "99999999999", "1_0", "²", "+5", "(5)"])
def test_a_retry_after_that_is_no_time_is_an_error(value: str) -> None:
    with pytest.raises(WireError, match="retry-after"):
        message.parse_retry_after(value)


def test_content_length_rules_over_surplus_bytes_but_not_over_missing_ones() -> None:
    head = b"NOTIFY sip:a@b SIP/2.0\r\nContent-Length: 3\r\n\r\n"
    assert message.parse_request(head + b"abcdef").body == b"abc"
    with pytest.raises(WireError, match="the 3 bytes of Content-Length"):
        message.parse_request(head + b"ab")


def test_a_response_gives_its_status_line_and_headers() -> None:
    response = message.parse_response(b"SIP/2.0 503 Service Unavailable\r\nRetry-After: 30\r\n\r\n")
    assert (response.code, response.reason, response.retry_after) == (503, "Service Unavailable", 30)
    assert message.parse_response(b"SIP/2.0 200 \r\n\r\n").reason == ""


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"\r\n\r\n", b"NOTIFY", b"NOTIFY sip:a@b SIP/2.0", b"NOTIFY sip:a@b SIP/2.0\r\n",
        b"NOTIFY sip:a@b SIP/3.0\r\n\r\n", b"NOTIFY sip:a @b SIP/2.0\r\n\r\n", b"NO\x00TIFY sip:a@b SIP/2.0\r\n\r\n",
        b"NOTIFY nowhere SIP/2.0\r\n\r\n", b"SIP/2.0 200 OK\r\n\r\n",
        b"NOTIFY sip:a@b SIP/2.0\r\n folded first\r\n\r\n", b"NOTIFY sip:a@b SIP/2.0\r\nno colon\r\n\r\n",
        b"NOTIFY sip:a@b SIP/2.0\r\nna me: x\r\n\r\n", b"NOTIFY sip:a@b SIP/2.0\r\n: x\r\n\r\n",
        b"NOTIFY sip:a@b SIP/2.0\r\nA: x\x00y\r\n\r\n", b"NOTIFY sip:a@b SIP/2.0\r\nA: x\ry\r\n\r\n",
        b"NOTIFY sip:a@b SIP/2.0\r\nContent-Length: x\r\n\r\n",
        b"NOTIFY sip:a@b SIP/2.0\r\nContent-Length: -1\r\n\r\n",
        b"NOTIFY sip:a@b SIP/2.0\r\nl: 0\r\nContent-Length: 1\r\n\r\nx",
        b"NOTIFY sip:" + b"a" * 3000 + b" SIP/2.0\r\n\r\n",
        b"NOTIFY sip:a@b SIP/2.0\r\n" + b"A: b\r\n" * 200 + b"\r\n",
        b"NOTIFY sip:a@b SIP/2.0\r\nA: " + b"b" * 9000 + b"\r\n\r\n",
        b"NOTIFY sip:a@b SIP/2.0\r\n" + b"A: " + b"b" * 4000 + b"\r\n" + (b" " + b"c" * 4000 + b"\r\n") * 9 + b"\r\n",
    ],
)  # fmt: skip
def test_what_is_no_request_is_refused_with_one_line(raw: bytes) -> None:
    with pytest.raises(WireError) as refused:
        message.parse_request(raw)
    assert "\n" not in str(refused.value) and len(str(refused.value)) < 200
    assert refused.value.what and refused.value.where and refused.value.expected


def test_a_body_of_64_kilobytes_is_refused() -> None:
    for size in (MAX_BODY + 1, 64_000, 65_536):
        with pytest.raises(WireError, match="at most"):
            message.parse_request(b"NOTIFY sip:a@b SIP/2.0\r\nEvent: talk\r\n\r\n" + b" " * size)


def test_a_header_that_must_be_there_once_is_named_when_it_is_not() -> None:
    for line in (b"X: y", b"Event: talk\r\nEvent: hold"):
        with pytest.raises(WireError, match="header event"):
            _ = with_header(line).event


@pytest.mark.parametrize(
    "line", [b"CSeq:", b"CSeq: 1", b"CSeq: x NOTIFY", b"CSeq: 4294967296 NOTIFY", b"CSeq: 1 NO/TIFY"]
)
def test_a_cseq_that_is_none_is_an_error(line: bytes) -> None:
    with pytest.raises(WireError, match="cseq"):
        _ = with_header(line).cseq
