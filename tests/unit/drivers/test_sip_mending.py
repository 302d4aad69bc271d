"""What the parser refuses, between the extension and the wire room: who is told, what the journal says, how often."""

from __future__ import annotations

import logging

import pytest

from deskphone.sip.stack import mending
from deskphone.sip.stack.mending import EVERY, MOST_KINDS, Mender
from tests.fuzz.wire.strict_parser import StrictParser

SERVER, STRANGER = "192.0.2.1", "192.0.2.9"
ODD = (
    b"OPTIONS sip:1502@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n"
    b"To: <sip:c@d>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\nExpires: never\r\n\r\n"
)


class Desk:
    """A mender that tells servers only, and a clock."""

    def __init__(self) -> None:
        self.now = 0.0
        self.mender = Mender("deskphone", lambda host: host == SERVER, lambda: self.now)

    def ask(self, raw: bytes, host: str = SERVER, problem: str = "syntax", attempt: int = 0) -> tuple[str, bytes, int]:
        """What becomes of a message."""
        return self.mender.message(raw, host, 5060, problem, attempt)


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A mender whose stack is the strict parser."""
    monkeypatch.setattr(mending, "_Parser", StrictParser)
    return Desk()


def test_a_kind_is_told_once_an_hour_and_counted_each_time(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    for _ in range(3):
        assert desk.ask(ODD)[0] == "again"
    desk.ask(ODD.replace(b"Expires: never", b"Min-SE: never"))
    desk.now = EVERY + 1
    desk.ask(ODD)
    assert [record.getMessage() for record in caplog.records] == [
        "message: expires that the parser refuses, from 192.0.2.1 (1 so far)",
        "message: min-se that the parser refuses, from 192.0.2.1 (1 so far)",
        "message: expires that the parser refuses, from 192.0.2.1 (4 so far)",
    ]
    assert desk.mender.counts == {"message: expires": 4, "message: min-se": 1}


def test_names_without_end_are_one_kind(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    for number in range(3 * MOST_KINDS):
        desk.ask(ODD.replace(b"Expires: never", b"X-%d: a\x01b" % number))
    assert len(desk.mender.counts) == MOST_KINDS + 1 and len(caplog.records) <= MOST_KINDS + 1
    assert sum(desk.mender.counts.values()) == 3 * MOST_KINDS


def test_a_stranger_is_told_nothing(desk: Desk) -> None:
    bad = ODD.replace(b"To: <sip:c@d>\r\n", b"")
    verb, answer, port = desk.ask(bad)
    assert verb == "answer" and answer.startswith(b"SIP/2.0 400 Missing To header\r\n") and port == 5060
    assert desk.ask(bad, STRANGER) == ("drop", b"", 0)
    assert desk.ask(bad, STRANGER, "framing") == ("drop", b"", len(bad))


def test_what_is_refused_twice_is_not_mended_twice(desk: Desk) -> None:
    assert desk.ask(ODD, attempt=1) == ("drop", b"", 0)


def test_a_piece_of_a_stream_is_mended_for_its_headers_too(desk: Desk) -> None:
    verb, raw, size = desk.ask(ODD + ODD, problem="framing")
    assert (verb, size) == ("again", len(ODD)) and b"Expires" not in raw and b"Content-Length: 0\r\n" in raw
    assert desk.ask(b"junk", problem="framing") == ("drop", b"", 0)
    assert desk.mender.counts["message: framing"] == 2


def test_descriptions_are_counted_too(desk: Desk) -> None:
    assert desk.mender.description(b"v=0\r\nm= audio 4 RTP/AVP 8\r\nc=IN IP4 h\r\n")
    assert desk.mender.description(b"none") is None
    assert desk.mender.counts == {"SDP: mended": 1, "SDP: unreadable": 1}
