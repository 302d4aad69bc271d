"""The one door for NOTIFY bodies: multipart, message-summary, sipfrag, URLs, and what is none of these."""

from __future__ import annotations

import pytest

from deskphone.wire import multipart, sipfrag, summary
from deskphone.wire.asfeature import (
    AgentReadyEvent,
    DoNotDisturbEvent,
    ForwardingEvent,
    ForwardingType,
    UnknownDocument,
)
from deskphone.wire.body_types import ProfileUrl, notify_documents
from deskphone.wire.errors import MAX_BODY, WireError
from deskphone.wire.fields import Params, Valued
from deskphone.wire.hoteling import HotelingEvent
from deskphone.wire.sipfrag import Progress
from deskphone.wire.summary import Counts, MessageSummary

FEATURE = "application/x-as-feature-event+xml"
DND = b"<DoNotDisturbEvent><device>1502</device><doNotDisturbOn>true</doNotDisturbOn></DoNotDisturbEvent>"
FORWARD = (
    b"<ForwardingEvent><device>1502</device><forwardingType>forwardBusy</forwardingType>"
    b"<forwardStatus>false</forwardStatus><forwardTo/><ringCount/></ForwardingEvent>"
)


def part(body: bytes, content_type: str = FEATURE, end: bytes = b"\r\n") -> bytes:
    head = f"Content-Type: {content_type}".encode() + end + b"Content-Length: %d" % len(body) + end + end
    return b"--UniqueBoundary" + end + head + body + end


def mixed(
    *parts: bytes, boundary: str = "UniqueBoundary", last: bytes = b"--UniqueBoundary--\r\n"
) -> tuple[str, bytes]:
    return f'multipart/mixed;boundary="{boundary}"', b"".join(parts) + last


def test_two_documents_in_one_multipart() -> None:
    content_type, body = mixed(part(DND), part(FORWARD))
    assert notify_documents("as-feature-event", content_type, body) == (
        DoNotDisturbEvent("1502", True),
        ForwardingEvent("1502", ForwardingType.BUSY, False),
    )


def test_line_feeds_a_preamble_and_an_unquoted_boundary_are_tolerated() -> None:
    body = b"for old mail readers\n" + part(DND, end=b"\n") + b"--UniqueBoundary--"
    found = notify_documents("as-feature-event", "Multipart/Mixed; boundary=UniqueBoundary", body)
    assert found == (DoNotDisturbEvent("1502", True),)


def test_a_wrong_content_length_of_a_part_changes_nothing() -> None:
    body = part(DND).replace(b"Content-Length: %d" % len(DND), b"Content-Length: 99999")
    assert notify_documents("as-feature-event", *mixed(body)) == (DoNotDisturbEvent("1502", True),)


def test_parts_of_another_kind_are_unknown_and_empty_ones_silent() -> None:
    found = notify_documents("as-feature-event", *mixed(part(b"hello", "text/plain"), part(b""), part(DND)))
    assert found == (UnknownDocument("text/plain"), DoNotDisturbEvent("1502", True))


def test_a_multipart_in_a_multipart_is_read_once_more_but_not_twice() -> None:
    inner_type, inner = mixed(part(DND))
    inner = inner.replace(b"UniqueBoundary", b"Inner")
    inner_type = inner_type.replace("UniqueBoundary", "Inner")
    assert notify_documents("x", *mixed(part(inner, inner_type))) == (DoNotDisturbEvent("1502", True),)
    middle_type, middle = mixed(part(inner, inner_type))
    middle, middle_type = middle.replace(b"UniqueBoundary", b"Middle"), middle_type.replace("UniqueBoundary", "Middle")
    with pytest.raises(WireError, match="levels"):
        notify_documents("x", *mixed(part(middle, middle_type)))


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        mixed(part(DND), last=b""),  # truncated: the last boundary is missing
        mixed(part(DND)[:40], last=b""),
        mixed(part(DND), boundary=""),
        mixed(part(DND), boundary="x" * 71),
        mixed(part(DND), boundary="Other"),
        mixed(last=b"--UniqueBoundary--\r\n"),
        mixed(*[part(DND)] * 17),
        mixed(b"--UniqueBoundary\r\nContent-Type: text/xml\r\n"),
        mixed(b"--UniqueBoundary\r\n" + b"A: b\r\n" * 200 + b"\r\nx\r\n"),
        mixed(b"--UniqueBoundary\r\nContent-Transfer-Encoding: base64\r\n\r\nPGEvPg==\r\n"),
        ("multipart/mixed", part(DND)),
    ],
)
def test_a_broken_multipart_is_refused_as_a_whole(content_type: str, body: bytes) -> None:
    with pytest.raises(WireError):
        notify_documents("as-feature-event", content_type, body)


def test_a_boundary_nobody_may_use_is_named_in_the_error() -> None:
    for boundary in ("", "x" * 71, "a\x01b"):
        with pytest.raises(WireError, match="boundary"):
            notify_documents("x", f'multipart/mixed;boundary="{boundary}"', b"--" + boundary.encode() + b"--")


def test_one_bad_document_spoils_the_notify() -> None:
    with pytest.raises(WireError):
        notify_documents("as-feature-event", *mixed(part(DND), part(b"<AgentReadyEvent>")))


def test_a_longer_boundary_line_is_text_of_the_part() -> None:
    (found,) = multipart.parse(
        Valued("multipart/mixed", Params((("boundary", "b"),))), b"--b\r\n\r\n--bc\r\nx--b\r\n--b--"
    )
    assert found.body == b"--bc\r\nx--b"


def test_an_empty_body_says_nothing_new() -> None:
    for body in (b"", b"\r\n"):
        assert notify_documents("as-feature-event", "", body) == ()
        assert notify_documents("as-feature-event", FEATURE, body) == ()


def test_a_missing_content_type_is_that_of_the_package() -> None:
    assert notify_documents("as-feature-event", "", b"<AgentReadyEvent/>") == (AgentReadyEvent(),)
    assert notify_documents("x-broadworks-hoteling", "", b"<HotelingEvent><guestAddress/></HotelingEvent>") == (
        HotelingEvent(""),
    )
    assert notify_documents("talk", "", b"x") == (UnknownDocument("no media type"),)


def test_a_hoteling_document_under_a_wrong_label_is_still_one() -> None:
    for label in (FEATURE, "text/xml;charset=utf-8", "application/xml"):
        assert notify_documents("x-broadworks-hoteling", label, b"<HotelingEvent/>") == (HotelingEvent(),)


def test_the_charset_of_the_content_type_counts() -> None:
    body = "<AgentReadyEvent><agentID>Jürgen</agentID></AgentReadyEvent>".encode("iso-8859-1")
    assert notify_documents("x", FEATURE + ';charset="iso-8859-1"', body) == (AgentReadyEvent("", "Jürgen"),)
    with pytest.raises(WireError, match="encoding"):
        notify_documents("x", FEATURE + ";charset=utf-7", body)


def test_a_64_kilobyte_body_is_refused_whatever_it_is() -> None:
    for content_type in (FEATURE, "", "text/plain", mixed()[0], summary.CONTENT_TYPE, sipfrag.CONTENT_TYPE):
        for size in (MAX_BODY + 1, 64_000, 65_536):
            with pytest.raises(WireError, match="at most"):
                notify_documents("as-feature-event", content_type, b"<a>" + b" " * size + b"</a>")


# --- message-summary (RFC 3842) -----------------------------------------------------------------------


def test_messages_wait() -> None:
    body = (
        b"Messages-Waiting: yes\r\nMessage-Account: sip:4000@vm.example.com\r\n"
        b"Voice-Message: 4/8 (1/2)\r\nFax-Message: 0/1\r\n\r\nSubject: x\r\n"
    )
    expected = MessageSummary(True, "sip:4000@vm.example.com", Counts(4, 8, 1, 2), (("fax-message", Counts(0, 1)),))
    assert notify_documents("message-summary", "application/simple-message-summary", body) == (expected,)


def test_no_messages_wait_and_no_counts_are_told() -> None:
    assert summary.parse(b"messages-waiting:no\n") == MessageSummary(False)


@pytest.mark.parametrize(
    "body",
    [
        b"Voice-Message: 1/0\r\n", b"Messages-Waiting: maybe\r\n",
        b"Messages-Waiting: yes\r\nVoice-Message: many\r\n",
        b"Messages-Waiting: yes\r\nVoice-Message: 1\r\n", b"Messages-Waiting: yes\r\nVoice-Message: -1/2\r\n",
        b"Messages-Waiting: yes\r\nVoice-Message: 99999999999/0\r\n",
        b"Messages-Waiting: yes\r\nMessages-Waiting: no\r\n", b"<html>", b"\xff\xfe",
    ],
)  # fmt: skip
def test_a_summary_that_counts_nothing_is_an_error(body: bytes) -> None:
    with pytest.raises(WireError):
        summary.parse(body)


# --- sipfrag (RFC 3420) -------------------------------------------------------------------------------


def test_a_transfer_tells_its_progress() -> None:
    assert notify_documents("refer", "message/sipfrag;version=2.0", b"SIP/2.0 100 Trying\r\n") == (
        Progress(100, "Trying"),
    )
    final = sipfrag.parse(b"SIP/2.0 486 Busy Here\r\nRetry-After: 5\r\n")
    assert (final.code, final.reason, final.final) == (486, "Busy Here", True)
    assert sipfrag.parse(b"SIP/2.0 200").code == 200


@pytest.mark.parametrize(
    "body", [b"", b"INVITE sip:a@b SIP/2.0", b"SIP/2.0 99 x", b"SIP/2.0 700 x", b"SIP/2.0 2x0 x", b"SIP/2.0 0200 OK",
             b"HTTP/1.1 200 OK", b"SIP/2.0 200" + b" " * 9000]
)  # fmt: skip
def test_a_fragment_without_a_status_line_is_an_error(body: bytes) -> None:
    with pytest.raises(WireError):
        sipfrag.parse(body)


def test_our_own_fragment_is_read_back() -> None:
    assert sipfrag.parse(sipfrag.build(180, "Ringing")) == Progress(180, "Ringing")
    assert sipfrag.build(200, "OK\r\nVia: x") == b"SIP/2.0 200 OK Via: x\r\n"
    with pytest.raises(WireError):
        sipfrag.build(99, "x")


# --- plug and play -----------------------------------------------------------------------------------


def test_plug_and_play_names_a_url() -> None:
    assert notify_documents("ua-profile", "application/url", b"http://p/;x.cfg\r\n") == (ProfileUrl("http://p/;x.cfg"),)
    for body in (b"a\x00b", b"http://a\r\nhttp://b", b"h" * 3000):
        with pytest.raises(WireError):
            notify_documents("ua-profile", "application/url", body)
