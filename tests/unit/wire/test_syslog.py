"""Lines for a syslog server: each one message, bounded, and nothing in a text can begin another."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from deskphone.wire.syslog import BOM, LONGEST, Line, framed, rfc3164, rfc5424

AT = (2026, 3, 7, 8, 9, 10), 120_000, 120
LINE = Line(4, *AT, "420hd-0200.site.test", "deskphone", 77, "deskphone.sip", "out of service", "0.1.0")


def test_rfc_5424() -> None:
    assert rfc5424(LINE) == (
        b"<132>1 2026-03-07T08:09:10.120000+02:00 420hd-0200.site.test deskphone 77 deskphone.sip"
        b' [origin software="deskphone" swVersion="0.1.0"] out of service'
    )


def test_rfc_3164_has_the_wall_clock_a_blank_before_a_short_day_and_no_domain() -> None:
    assert rfc3164(LINE) == b"<132>Mar  7 08:09:10 420hd-0200 deskphone[77]: out of service"


def test_what_is_not_known_is_a_dash() -> None:
    bare = Line(9, AT[0], AT[1], 0, "", "deskphone", 1, "", "x")
    assert rfc5424(bare) == (
        b'<135>1 2026-03-07T08:09:10.120000Z - deskphone 1 - [origin software="deskphone" swVersion="-"] x'
    )
    assert rfc3164(bare).startswith(b"<135>Mar  7 08:09:10 - deskphone[1]: ")


@given(
    st.text(max_size=40),
    st.text(max_size=40),
    st.text(max_size=4_000) | st.text('a\u05e9\U0001f600\n\r\0]\\"', max_size=4_000),
    st.integers(-5, 20),
)
def test_any_text_is_one_bounded_message(host: str, kind: str, text: str, severity: int) -> None:
    line = Line(severity, *AT, host, "deskphone", 1, kind, text, host)
    for message in (rfc5424(line), rfc3164(line)):
        assert len(message) <= LONGEST
        assert not any(byte < 0x20 or byte == 0x7F for byte in message)
        message.decode("utf-8")
    head = rfc5424(line).split(b" ")
    assert head[0][-2:] == b">1" and all(head[:6]) and head[6] == b"[origin"
    assert (BOM in rfc5424(line)) <= (not text.isascii())


def test_octets_are_counted() -> None:
    assert framed(BOM + b"abc") == b"6 " + BOM + b"abc"


def test_west_of_greenwich() -> None:
    assert b"T08:09:10.000007-03:30 " in rfc5424(Line(4, AT[0], 7, -210, "h", "deskphone", 1, "k", "x"))
