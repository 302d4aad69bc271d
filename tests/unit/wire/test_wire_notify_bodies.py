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
from deskphone.wire.body_types import ProfileUrl, Unreadable, notify_documents
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
    (found,) = notify_documents("x", *mixed(part(middle, middle_type)))
    assert isinstance(found, Unreadable)
    assert "levels" in found.error


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
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
def test_a_broken_multipart_says_nothing(content_type: str, body: bytes) -> None:
    (found,) = notify_documents("as-feature-event", content_type, body)
    assert isinstance(found, Unreadable)


def test_a_boundary_nobody_may_use_is_named() -> None:
    for boundary in ("", "x" * 71, "a\x01b"):
        (found,) = notify_documents("x", f'multipart/mixed;boundary="{boundary}"', b"--" + boundary.encode() + b"--")
        assert isinstance(found, Unreadable)
        assert "boundary" in found.error


@pytest.mark.parametrize(
    "bad",
    [
        part(b"<AgentReadyEvent>"),
        part(b""),
        part(b"<!DOCTYPE a []><a/>"),
        part(FORWARD.replace(b"false", b"")),
        part(FORWARD.replace(b"false", b"maybe")),
        part(DND.replace(b"true", b"")),
        part(b"<HotelingEvent><authenticationData/></HotelingEvent>"),
        b"--UniqueBoundary\r\nContent-Type: text/xml\r\n",
        b"--UniqueBoundary\r\nContent-Transfer-Encoding: base64\r\n\r\nPGEvPg==\r\n",
        part(b"Messages-Waiting: perhaps\r\n", summary.CONTENT_TYPE),
        part(b"x", "multipart/mixed"),
    ],
)
@pytest.mark.parametrize("first", [False, True])
def test_a_bad_document_costs_itself_and_no_other(bad: bytes, first: bool) -> None:
    pieces = (bad, part(DND)) if first else (part(DND), bad)
    found = notify_documents("as-feature-event", *mixed(*pieces))
    assert [each for each in found if not isinstance(each, Unreadable)] == [DoNotDisturbEvent("1502", True)]


def test_a_missing_last_boundary_costs_nothing_and_a_cut_document_itself() -> None:
    good = DoNotDisturbEvent("1502", True)
    assert notify_documents("as-feature-event", *mixed(part(DND), last=b"")) == (good,)
    found = notify_documents("as-feature-event", *mixed(part(DND), part(FORWARD)[:-40], last=b""))
    assert found[0] == good
    assert isinstance(found[1], Unreadable)


def test_a_label_that_cannot_be_read_is_none() -> None:
    assert notify_documents("as-feature-event", ";;;", DND) == (DoNotDisturbEvent("1502", True),)


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


@pytest.mark.parametrize(
    "label", ["text/plain", "application/octet-stream", "application/vnd.example+xml", "application/pidf+xml", "a/b"]
)
@pytest.mark.parametrize(
    ("package", "body", "document"),
    [
        ("as-feature-event", b"<AgentReadyEvent/>", AgentReadyEvent()),
        ("as-feature-event", b'\r\n<?xml version="1.0"?><AgentReadyEvent/>', AgentReadyEvent()),
        ("x-broadworks-hoteling", b"\xef\xbb\xbf<HotelingEvent/>", HotelingEvent()),
        ("refer", b"SIP/2.0 200 OK\r\n", Progress(200, "OK")),
        ("message-summary", b"Messages-Waiting: yes\r\n", MessageSummary(True)),
        ("message-summary", b"Message-Account: sip:1@h\nMessages-Waiting: no\n", MessageSummary(False, "sip:1@h")),
    ],
)
def test_a_document_tells_itself_whatever_its_label(package: str, label: str, body: bytes, document: object) -> None:
    assert notify_documents(package, label, body) == (document,)


def test_a_part_without_a_label_tells_itself() -> None:
    unlabelled = b"--UniqueBoundary\r\n\r\n" + DND + b"\r\n"
    assert notify_documents("as-feature-event", *mixed(unlabelled)) == (DoNotDisturbEvent("1502", True),)


@pytest.mark.parametrize("charset", ["iso-8859-15", "ISO-8859-2", "windows-1250", "cp1251"])
def test_a_charset_of_one_byte_is_read(charset: str) -> None:
    body = b"<AgentReadyEvent><agentID>7001</agentID></AgentReadyEvent>"
    assert notify_documents("x", f"{FEATURE};charset={charset}", body) == (AgentReadyEvent("", "7001"),)
    declared = f'<?xml version="1.0" encoding="{charset}"?>'.encode()
    assert notify_documents("x", FEATURE, declared + body) == (AgentReadyEvent("", "7001"),)


def test_the_letters_of_such_a_charset_are_its_own() -> None:
    body = "<AgentReadyEvent><agentID>Žofie €</agentID></AgentReadyEvent>".encode("iso-8859-15")
    assert notify_documents("x", FEATURE + ";charset=iso-8859-15", body) == (AgentReadyEvent("", "Žofie €"),)


@pytest.mark.parametrize(
    ("word", "kind"),
    [("ForwardImmediate", ForwardingType.IMMEDIATE), ("FORWARDBUSY", ForwardingType.BUSY),
     ("forwardNoAnswer", ForwardingType.NO_ANSWER)],
)  # fmt: skip
def test_a_kind_of_forwarding_is_read_in_any_case(word: str, kind: ForwardingType) -> None:
    body = FORWARD.replace(b"forwardBusy", word.encode())
    assert notify_documents("as-feature-event", FEATURE, body) == (ForwardingEvent("1502", kind, False),)


def test_the_charset_of_the_content_type_counts() -> None:
    body = "<AgentReadyEvent><agentID>Jürgen</agentID></AgentReadyEvent>".encode("iso-8859-1")
    assert notify_documents("x", FEATURE + ';charset="iso-8859-1"', body) == (AgentReadyEvent("", "Jürgen"),)
    (found,) = notify_documents("x", FEATURE + ";charset=utf-7", body)
    assert isinstance(found, Unreadable)
    assert "encoding" in found.error


def test_a_64_kilobyte_body_is_refused_whatever_it_is() -> None:
    for content_type in (FEATURE, "", "text/plain", mixed()[0], summary.CONTENT_TYPE, sipfrag.CONTENT_TYPE):
        for size in (MAX_BODY + 1, 64_000, 65_536):
            (found,) = notify_documents("as-feature-event", content_type, b"<a>" + b" " * size + b"</a>")
            assert isinstance(found, Unreadable)
            assert "at most" in found.error


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
        b"Messages-Waiting: yes\r\nMessages-Waiting: no\r\n", b"<html>", b"\xff\xfe",
    ],
)  # fmt: skip
def test_a_summary_that_does_not_say_whether_is_an_error(body: bytes) -> None:
    with pytest.raises(WireError):
        summary.parse(body)


@pytest.mark.parametrize(
    "detail",
    [
        b"Voice-Message: many", b"Voice-Message: 1", b"Voice-Message: -1/2", b"Voice-Message: 99999999999/0",
        b"Voice-Message:", b"Voice-Message: 1/2 (x", b"Fax-Message: /", b"Message-Account: \x01", b"no header at all",
        b"Sp ace: x", b"\xff\xfe", b": x", b"X: " + b"y" * 9_000, b" folded",
    ],
)  # fmt: skip
@pytest.mark.parametrize("first", [False, True])
def test_a_detail_that_cannot_be_read_spoils_no_yes_or_no(detail: bytes, first: bool) -> None:
    lines = (detail, b"Messages-Waiting: yes") if first else (b"Messages-Waiting: yes", detail)
    assert summary.parse(b"\r\n".join(lines) + b"\r\n") == MessageSummary(True)


@pytest.mark.parametrize("fold", [b"\r\n ", b" \n\t", b"\t\r\n   "])
def test_the_word_may_stand_on_the_next_line(fold: bytes) -> None:
    assert summary.parse(b"Messages-Waiting:" + fold + b"yes\r\nVoice-Message: 1/0\r\n").voice.new == 1


@pytest.mark.parametrize(
    "body",
    [
        b'Messages-Waiting: "yes"\r\n', b"Messages-Waiting: yes;x=1\r\n", b"Messages-Waiting: yes (2)\r\n",
        b"Messages-Waiting: Yes.\r\n", b"\xef\xbb\xbfMessages-Waiting: yes\r\n", b"Messages-Waiting: yes\x00\r\n",
        b"Message-Account: sip:\x01\rMessages-Waiting: yes\r", b"Messages-Waiting: yes\x00",
    ],
)  # fmt: skip
def test_signs_round_the_word_spoil_it_as_little(body: bytes) -> None:
    assert summary.parse(body) == MessageSummary(True)


def test_a_word_said_twice_alike_is_said() -> None:
    assert summary.parse(b"Messages-Waiting: no\r\nMessages-Waiting: NO \r\n") == MessageSummary(False)


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


@pytest.mark.parametrize(
    "body", [b"SIP/2.0  200  OK", b"SIP/2.0\t200\tOK\r\n", b"\xef\xbb\xbfSIP/2.0 200 OK", b"SIP/2.0 200 OK\rVia: x\r",
             b" SIP/2.0 200 OK\x00"]
)  # fmt: skip
def test_blanks_and_line_ends_of_a_fragment_hide_no_success(body: bytes) -> None:
    assert sipfrag.parse(body) == Progress(200, "OK")


def test_our_own_fragment_is_read_back() -> None:
    assert sipfrag.parse(sipfrag.build(180, "Ringing")) == Progress(180, "Ringing")
    assert sipfrag.build(200, "OK\r\nVia: x") == b"SIP/2.0 200 OK Via: x\r\n"
    with pytest.raises(WireError):
        sipfrag.build(99, "x")


# --- plug and play -----------------------------------------------------------------------------------


def test_plug_and_play_names_a_url() -> None:
    assert notify_documents("ua-profile", "application/url", b"http://p/;x.cfg\r\n") == (ProfileUrl("http://p/;x.cfg"),)
    for body in (b"\xef\xbb\xbfhttp://p/", b'"http://p/"\r\n', b"<http://p/>\x00", b" http://p/ \n"):
        assert notify_documents("ua-profile", "application/url", body) == (ProfileUrl("http://p/"),)
    for body in (b"a\x00b", b"http://a\r\nhttp://b", b"h" * 3000):
        (found,) = notify_documents("ua-profile", "application/url", body)
        assert isinstance(found, Unreadable)
