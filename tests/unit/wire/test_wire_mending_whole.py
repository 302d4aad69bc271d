"""A whole message written again, byte by byte; and where one ends in a stream."""

from __future__ import annotations

import pytest

from deskphone.wire import mending
from deskphone.wire.mending import Again, Answer, Drop, Framed, frame, mend
from deskphone.wire.refusal import Source

SOURCE = Source("192.0.2.9", 5060)
FROM = "Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1\r\nFrom: <sip:a@192.0.2.9>;tag=a\r\nTo: <sip:b@192.0.2.1>\r\n"
IDS = "Call-ID: x\r\nCSeq: 1 OPTIONS\r\n"


class Takes:
    """A parser that refuses a value or message with one of `bad` in it; `asked`: how often it was."""

    def __init__(self, *bad: bytes) -> None:
        self.bad, self.asked = bad, 0

    def header(self, _name: str, value: bytes) -> bool:
        """Whether a header is parsed."""
        self.asked += 1
        return not any(each in value for each in self.bad)

    def message(self, raw: bytes) -> bool:
        """Whether a message is parsed."""
        return not any(each in raw for each in self.bad)


def written(raw: str, *bad: bytes) -> tuple[str, tuple[str, ...]]:
    """The message as written again, and the kinds of what was mended."""
    again = mend(raw.encode("latin-1"), SOURCE, Takes(*bad))
    assert isinstance(again, Again), again
    return again.raw.decode("latin-1"), again.kinds


def refused(raw: str, *bad: bytes) -> str:
    """The status line of the response."""
    answer = mend(raw.encode("latin-1"), SOURCE, Takes(*bad))
    assert isinstance(answer, Answer), answer
    assert answer.raw.split(b" ", 2)[2].split(b"\r\n")[0].decode() == answer.kinds[0]
    return answer.raw.split(b"\r\n", 1)[0].decode()


def test_a_request_comes_out_in_the_canonical_form() -> None:
    raw = "\r\n OPTIONS <sip:b@192.0.2.1> sip/2.0\n" + FROM + "i: x\nCSEQ : 1 OPTIONS\nSubject: a\n b\n\tc\n\nbody"
    head = "OPTIONS sip:b@192.0.2.1 SIP/2.0\r\n" + FROM + IDS + "subject: a b c\r\nContent-Length: 4\r\n\r\nbody"
    assert written(raw) == (head, ("form",))


def test_a_response_comes_out_in_the_canonical_form() -> None:
    again = "SIP/2.0 200 All is well\r\n" + FROM + IDS + "Content-Length: 0\r\n\r\n"
    assert written("sip/2.0 200 All  is\twell\r\n" + FROM + IDS + "\r\n") == (again, ("form",))
    assert written("SIP/2.0 200\r\r".replace("\r\r", "\r") + FROM + IDS + "\r\n")[0].startswith("SIP/2.0 200\r\nVia")


def test_a_line_behind_the_start_line_that_begins_with_a_blank_is_no_continuation() -> None:
    raw, kinds = written("OPTIONS sip:b@192.0.2.1 SIP/2.0\r\n lost\r\n" + FROM + IDS + "\r\n")
    assert "lost" not in raw
    assert kinds == ("line",)


@pytest.mark.parametrize(
    ("start", "code"),
    [
        ("OPTIONS", "SIP/2.0 400 Bad request line"),
        ("OPTIONS sip:b@192.0.2.1", "SIP/2.0 400 Bad request line"),
        ("OPTIONS SIP/2.0", "SIP/2.0 400 Bad request line"),
        ("OPTIONS sip:b@192.0.2.1 HTTP/1.1", "SIP/2.0 400 Bad request line"),
        ("OPTIONS sip:b@192.0.2.1 SIP/3.0", "SIP/2.0 505 Version Not Supported"),
        ("OPTIONS sip:b @192.0.2.1 SIP/2.0", "SIP/2.0 400 Bad request line"),
        ("OPT(IONS sip:b@192.0.2.1 SIP/2.0", "SIP/2.0 400 Bad request line"),
        (f"{'O' * 33} sip:b@192.0.2.1 SIP/2.0", "SIP/2.0 400 Bad request line"),
        ("OPTIONS mailto:b@192.0.2.1 SIP/2.0", "SIP/2.0 416 Unsupported URI Scheme"),
        ("OPTIONS MAILTO:b@192.0.2.1 SIP/2.0", "SIP/2.0 416 Unsupported URI Scheme"),
        ("OPTIONS <> SIP/2.0", "SIP/2.0 400 Bad Request-URI"),
        ("OPTIONS nobody SIP/2.0", "SIP/2.0 400 Bad Request-URI"),
    ],
)  # fmt: skip
def test_a_start_line_that_is_none_is_refused(start: str, code: str) -> None:
    assert refused(f"{start}\r\n{FROM}{IDS}\r\n", b"nobody") == code


@pytest.mark.parametrize("uri", ["SIPS:b@192.0.2.1", "sip:b@192.0.2.1", "TEL:+4930"])
def test_these_schemes_are_spoken(uri: str) -> None:
    assert written(f"OPTIONS {uri} SIP/2.0\r\n{FROM}{IDS}\r\n")[0].startswith(f"OPTIONS {uri} SIP/2.0\r\n")


def test_an_address_that_is_not_parsed_is_written_plainly() -> None:
    raw, _ = written(f"OPTIONS sip:b:pw@192.0.2.1;x SIP/2.0\r\n{FROM}{IDS}\r\n", b"pw")
    assert raw.startswith("OPTIONS sip:b@192.0.2.1 SIP/2.0\r\n")
    raw, _ = written(f"{'O' * 32} sip:b@192.0.2.1 SIP/2.0\r\n{FROM}{IDS}\r\n")
    assert raw.startswith("O" * 32)


@pytest.mark.parametrize(
    ("line", "phrase"),
    [
        ("Call-ID: y", "Several Call-ID headers"), ("CSeq: 2 OPTIONS", "Several CSeq headers"),
        ("Require: BAD", "Bad require header"),
        ("Replaces: BAD", "Bad Replaces header"),
        ("Content-Length: -1", "Bad Content-Length header"),
        ("Content-Length: 3", "Bad Content-Length header"), ("v: BAD", "Bad Via header"),
    ],
)  # fmt: skip
def test_a_header_that_decides_is_refused_by_name(line: str, phrase: str) -> None:
    said = refused(f"OPTIONS sip:b@192.0.2.1 SIP/2.0\r\n{FROM}{IDS}{line}\r\n\r\n", b"BAD")
    assert said.lower() == f"SIP/2.0 400 {phrase}".lower()


@pytest.mark.parametrize("missing", ["Via", "From", "To", "Call-ID", "CSeq"])
def test_a_header_that_is_missing_is_named(missing: str) -> None:
    lines = [line for line in (FROM + IDS).splitlines() if not line.startswith(f"{missing}:")]
    answer = mend("\r\n".join(["SIP/2.0 200 OK", *lines, "", ""]).encode(), SOURCE, Takes())
    assert answer == Drop((f"Missing {missing} header",))


def test_what_does_not_decide_is_left_out_and_counted() -> None:
    raw = (
        "OPTIONS sip:b@192.0.2.1 SIP/2.0\r\n"
        + FROM
        + "Call-ID: x\r\n"
        + IDS
        + "Subject: BAD\r\nno header\r\nExpires: 5 BAD\r\n"
    )
    again, kinds = written(raw + "Content-Length: many\r\n\r\nbody", b"BAD", b"5 BAD")
    assert again == "OPTIONS sip:b@192.0.2.1 SIP/2.0\r\n" + FROM + IDS + "Expires: 5\r\nContent-Length: 4\r\n\r\nbody"
    assert kinds == ("call-id", "subject", "line", "expires", "content-length")


@pytest.mark.parametrize(("length", "body", "kinds"), [
    ("4", "body", ("form",)), ("2", "bo", ("form",)), ("0", "", ("form",)), ("5", "body", ("content-length",)),
    ("6", "body", ("content-length",)), ("x", "body", ("content-length",)), ("1234567", "body", ("content-length",)),
])  # fmt: skip
def test_the_body_ends_where_its_length_says(length: str, body: str, kinds: tuple[str, ...]) -> None:
    again, told = written(f"OPTIONS sip:b@192.0.2.1 SIP/2.0\r\n{FROM}{IDS}Content-Length: {length}\r\n\r\nbody")
    assert again.partition("\r\n\r\n")[2] == body
    assert told == kinds


def test_a_response_needs_its_first_via_only() -> None:
    raw = "SIP/2.0 200 OK\r\n" + FROM + IDS + "Via: BAD\r\n\r\n"
    assert written(raw, b"BAD") == ("SIP/2.0 200 OK\r\n" + FROM + IDS + "Content-Length: 0\r\n\r\n", ("via",))
    first = mend(b"SIP/2.0 200 OK\r\nVia: BAD\r\n" + (FROM + IDS).encode() + b"\r\n", SOURCE, Takes(b"BAD"))
    assert first == Drop(("Bad Via header",))


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "start line"),
        (b"\r\n\r\n", "start line"),
        (b"SIP/2.0", "status line"),
        (b"SIP/2.0 700 x", "status line"),
        (b"SIP/1.0 200 OK", "status line"), (b"SIP/2.0 20 x", "status line"), (b"SIP/2.0 2000 x", "status line"),
        (b"ack sip:b@192.0.2.1 SIP/2.0\r\n\r\n", "Missing Via header"), (b"x" * (mending.MAX_MESSAGE + 1), "size"),
    ],
)  # fmt: skip
def test_what_gets_no_response(raw: bytes, why: str) -> None:
    assert mend(raw, SOURCE, Takes()) == Drop((why,))


def test_a_message_as_large_as_is_taken_is_taken() -> None:
    raw = f"OPTIONS sip:b@192.0.2.1 SIP/2.0\r\n{FROM}{IDS}\r\n".encode()
    assert isinstance(mend(raw + b"x" * (mending.MAX_MESSAGE - len(raw)), SOURCE, Takes()), Again)


def test_the_parser_is_asked_so_often_and_no_more() -> None:
    """Each of these needs two questions: as it stands and mended."""
    raw = f"OPTIONS sip:b@192.0.2.1 SIP/2.0\r\n{FROM}{IDS}"
    parser = Takes(b"BAD")
    lines = "Contact: " + ", ".join(["<sip:a@BAD>"] * 64) + "\r\n"
    answer = mend((raw + lines * 4 + "\r\n").encode(), SOURCE, parser)
    assert isinstance(answer, Answer)
    assert answer.raw.startswith(b"SIP/2.0 400 Bad Request\r\n")
    assert parser.asked == mending.MOST_QUESTIONS


FIRST = "OPTIONS sip:b@192.0.2.1 SIP/2.0\n" + FROM.replace("\r", "") + "\n"


@pytest.mark.parametrize(
    ("stream", "body", "size"),
    [
        (FIRST, "", len(FIRST)),  # without Content-Type it ends with its headers
        (FIRST + "rest", "", len(FIRST)),
        (FIRST.replace("\n\n", "\nContent-Length: 4\n\n") + "bodyOPTIONS", "body", len(FIRST) + 18 + 4),
        (FIRST.replace("\n\n", "\nl: 4\n\n") + "body", "body", len(FIRST) + 5 + 4),
        (FIRST.replace("\n\n", "\nl: x\nc: a/b\n\n") + "body", "body", len(FIRST) + 12 + 4),
        (FIRST.replace("\n\n", "\nc: a/b\n\n") + "body" + FIRST, "body", len(FIRST) + 7 + 4),
    ],
)  # fmt: skip
def test_where_the_first_message_of_a_stream_ends(stream: str, body: str, size: int) -> None:
    framed = frame(stream.encode())
    assert isinstance(framed, Framed)
    head, _, rest = framed.raw.decode().partition("\r\n\r\n")
    assert (rest, framed.size) == (body, size)
    assert head.splitlines()[-1] == f"Content-Length: {len(body)}"
    assert head.count("Content-Length") + head.count("\nl:") == 1


@pytest.mark.parametrize(
    "stream", ["", "OPTIONS sip:b SIP/2.0\n", "hello\n\n", FIRST.replace("\n\n", "\nContent-Length: 5\n\n") + "body"]
)
def test_of_these_no_whole_message_is_there_yet(stream: str) -> None:
    assert frame(stream.encode()) is None
