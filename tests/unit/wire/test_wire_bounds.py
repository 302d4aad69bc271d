"""Every bound on what comes from outside: what just fits is taken, one more refused. The numbers stand here again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from deskphone.wire import fields, message, multipart, referto, replaces, sipfrag, summary, xml
from deskphone.wire.errors import WireError, bounded, clip, whole_number

START = b"OPTIONS sip:a@b SIP/2.0\r\n"


def nested(deep: int) -> bytes:
    return b"<a>" * deep + b"</a>" * deep


def parts(number: int) -> bytes:
    return b"--x\r\n\r\nbody\r\n" * number + b"--x--\r\n"


def header_block(size: int) -> bytes:
    """A block of that size of lines no longer than 4000 bytes."""
    lines = [b"A: " + b"b" * 3995 + b"\r\n"] * (size // 4000)
    return b"".join(lines) + (b"A: " + b"b" * (size % 4000 - 3) if size % 4000 else b"")


# The bound in words, its number, and a reader given something of that size.
BOUNDS: tuple[tuple[str, int, Callable[[int], object]], ...] = (
    ("bytes of a message", 65_535, lambda n: message.parse_request(
        START + b"l: 32768\r\n" + b"".join([b"A: " + b"b" * 4000 + b"\r\n"] * 8) + b"\r\n" + b"x" * 32_768
        + b"y" * (n - len(START) - 12 - 8 * 4005 - 32_768))),
    ("bytes of a body", 32_768, lambda n: message.parse_request(START + b"\r\n" + b"x" * n)),
    ("bytes of header fields", 32_768, lambda n: message.parse_headers(header_block(n))),
    ("header fields", 128, lambda n: message.parse_request(START + b"A: b\r\n" * n + b"\r\n")),
    ("characters of a header's value", 8_192, lambda n: message.parse_request(START + b"A:" + b"b" * n + b"\r\n\r\n")),
    ("characters of a Request-URI", 2_048, lambda n: message.parse_request(
        b"OPTIONS sip:" + b"a" * (n - 4) + b" SIP/2.0\r\n\r\n")),
    ("characters of a URI", 2_048, lambda n: fields.uri("sip:" + "a" * (n - 6) + "@b")),
    ("characters of an address's URI", 2_048, lambda n: fields.address("<sip:" + "a" * (n - 4) + ">")),
    ("characters of a host", 255, lambda n: fields.uri("sip:" + "h" * n)),
    ("digits of a port", 5, lambda n: fields.uri("sip:h:" + "5" * n)),
    ("headers embedded in a URI", 16, lambda n: fields.uri("sip:a@b?" + "&".join(["c=d"] * n))),
    ("entries of a list, commas between them", 64, lambda n: fields.split("," * n, ",")),
    ("parameters", 64, lambda n: fields.valued("v" + ";p" * n)),
    ("parameters of a URI", 64, lambda n: fields.uri("sip:b" + ";p" * n)),
    ("characters of a token", 255, lambda n: fields.token("t" * n, "here")),
    ("characters of a value that is split", 8_192, lambda n: fields.split("v" * n, ";")),
    ("characters of a Call-ID in Replaces", 255, lambda n: replaces.parse_replaces("c" * n + ";to-tag=a;from-tag=b")),
    ("characters of a user to call", 128, lambda n: referto.parse(
        message.parse_headers(b"Refer-To: <sip:" + b"1" * n + b"@b>\r\n").fields)),
    ("elements inside each other", 16, lambda n: xml.parse(nested(n))),
    ("elements", 256, lambda n: xml.parse(b"<a>" + b"<b/>" * (n - 1) + b"</a>")),
    ("attributes of an element", 32, lambda n: xml.parse(
        b"<a " + b" ".join(b'x%d="1"' % each for each in range(n)) + b"/>")),
    ("characters of an element's name", 256, lambda n: xml.parse(b"<" + b"a" * n + b"/>")),
    ("bytes of an XML document", 32_768, lambda n: xml.parse(b"<a/>" + b" " * (n - 4))),
    ("characters of an element's text", 256, lambda n: xml.parse(b"<a><b>" + b"t" * n + b"</b></a>").child_text("b")),
    ("bytes of a message summary", 32_768, lambda n: summary.parse(
        b"Messages-Waiting: yes\r\n".ljust(n, b"\n"))),
    ("bytes of a sipfrag", 32_768, lambda n: sipfrag.parse(b"SIP/2.0 200 OK\r\n".ljust(n, b"\n"))),
    ("parts of a multipart", 16, lambda n: multipart.parse(
        message.parse_content_type("multipart/mixed;boundary=x"), parts(n))),
    ("seconds", 4_294_967_295, lambda n: whole_number(str(n), "here")),
    ("what a caller of bounded says", 7, lambda n: bounded(n, 7, "here")),
)  # fmt: skip


@pytest.mark.parametrize(("words", "limit", "read"), BOUNDS, ids=[words for words, *_ in BOUNDS])
def test_what_just_fits_is_taken_and_one_more_is_refused(words: str, limit: int, read: Callable[[int], object]) -> None:
    read(limit)
    with pytest.raises(WireError):
        read(limit + 1)


def test_a_number_is_ten_digits_at_the_most_and_zero_is_one() -> None:
    assert whole_number("0", "here") == 0
    assert whole_number("0000000007", "here") == 7
    for text in ("00000000007", "", "-1", "+1", " 1", "1_0", "٣", "1.0"):
        with pytest.raises(WireError, match=r"here: .*; expected a number from 0 to 4294967295"):
            whole_number(text, "here")
    assert whole_number("9", "here", 9) == 9
    with pytest.raises(WireError, match="'10'; expected a number from 0 to 9"):
        whole_number("10", "here", 9)


def test_a_message_quotes_forty_harmless_characters_and_says_when_there_were_more() -> None:
    assert clip(" ~") == " ~"
    assert clip("\x1f\x7fä") == "???"
    assert clip("x" * 40) == "x" * 40
    assert clip("x" * 41) == "x" * 40 + "..."
    assert clip("abcd", 3) == "abc..."


def test_an_error_says_what_where_and_what_was_expected() -> None:
    with pytest.raises(WireError) as refused:
        bounded(8, 7, "there")
    error = refused.value
    assert (error.what, error.where, error.expected) == ("8 bytes", "there", "at most 7 bytes")
    assert str(error) == "there: 8 bytes; expected at most 7 bytes"
    assert error.args == ("8 bytes", "there", "at most 7 bytes")
    with pytest.raises(WireError, match="8 pieces; expected at most 7 pieces"):
        bounded(8, 7, "there", "pieces")
