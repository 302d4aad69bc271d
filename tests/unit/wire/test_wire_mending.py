"""Messages that a stack's parser drops: what is mended, what is refused and how, what is let go."""

from __future__ import annotations

import pytest
from strict_parser import StrictParser  # type: ignore[import-not-found, unused-ignore]

from deskphone.wire.mending import Again, Answer, Drop, frame, mend
from deskphone.wire.mending_headers import _MENDERS
from deskphone.wire.mending_sdp import mend_sdp
from deskphone.wire.message import parse_request, parse_response
from deskphone.wire.refusal import Source

PARSER = StrictParser()
SOURCE = Source("192.0.2.7", 5099)
HEADERS = {
    "Via": "SIP/2.0/UDP 192.0.2.2:5070;branch=z9hG4bK1", "Max-Forwards": "70", "From": "<sip:2001@192.0.2.2>;tag=a",
    "To": "<sip:1502@192.0.2.1>", "Call-ID": "call@192.0.2.2", "CSeq": "1 OPTIONS",
}  # fmt: skip


def request(method: str = "OPTIONS", body: bytes = b"", **changed: str) -> bytes:
    """A request with some headers changed, "_" for "-"."""
    fields = {**HEADERS, "CSeq": f"1 {method}", **{name.replace("_", "-"): value for name, value in changed.items()}}
    lines = [f"{method} sip:1502@192.0.2.1 SIP/2.0", *(f"{name}: {value}" for name, value in fields.items() if value)]
    return "\r\n".join([*lines, "", ""]).encode() + body


def mended(raw: bytes) -> Again:
    """It is mended."""
    verdict = mend(raw, SOURCE, PARSER)
    assert isinstance(verdict, Again), verdict
    return verdict


@pytest.mark.parametrize(
    ("name", "value", "written"),
    [
        ("Subscription-State", "active, 3600", "active;expires=3600"),
        ("Subscription-State", "Terminated; reason=\"timeout\", x y", "terminated;reason=timeout"),
        ("Subscription-State", "pending 60", "pending;expires=60"),
        ("Subscription-State", '"active"', "active"),
        ("Subscription-State", '"active;expires=60"', "active;expires=60"),
        ("From", '""unknown"" <sip:2001@192.0.2.2>;tag=a', '"unknown" <sip:2001@192.0.2.2>;tag=a'),
        ("From", '"A "B" C" <sip:2001@192.0.2.2>;tag=a', '"A B C" <sip:2001@192.0.2.2>;tag=a'),
        ("From", "2001@192.0.2.2;tag=a", "<sip:2001@192.0.2.2>;tag=a"),
        ("From", "<mailto:x@y>;tag=a", "<sip:anonymous@anonymous.invalid>;tag=a"),
        ("From", "<sip:20 01@192.0.2.2>;tag=a", "<sip:2001@192.0.2.2>;tag=a"),
        ("Contact", "<sip:2001@192.0.2.2>, <nonsense>, sip:3@192.0.2.2", "<sip:2001@192.0.2.2>|<sip:3@192.0.2.2>"),
        ("Expires", "3600 s", "3600"), ("Expires", "99999999999999", "2147483647"), ("Expires", "soon", ""),
        ("Max-Forwards", "many", "70"), ("Max-Forwards", "70, 70", "70"), ("Retry-After", "120 (I sleep)", "120"),
        ("Session-Expires", "1800 ;refresher = uac, x", "1800;refresher=uac"), ("Authorization", 'Bearer "x"', ""),
        ("WWW-Authenticate", 'Bearer realm="x", Digest realm="y", nonce="n"', ""),
        ("CSeq", "0001 OPTIONS x", "1 OPTIONS"), ("Content-Type", "sdp", ""),
        ("Via", "sip/2.0 / udp 192.0.2.2 ;branch=z9hG4bK1;ttl=x", "SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK1"),
        ("Subject", "a\x02b", "a b"),
    ],
)  # fmt: skip
def test_a_header_is_written_so_that_it_is_read(name: str, value: str, written: str) -> None:
    again = mended(request(**{name.replace("-", "_"): value}))
    values = parse_request(again.raw).headers.every(name.lower())
    if name == "WWW-Authenticate":
        assert values == ('Digest realm="y", nonce="n"',)
    else:
        assert "|".join(values) == written
    assert again.kinds == (name.lower(),)


def test_what_is_read_stays_as_it_is() -> None:
    raw = request(Expires="never", User_Agent="Old \u00dcbung", X_Odd="a;;b,,c")
    again = parse_request(mended(raw).raw)
    assert again.headers.get("user-agent") == "Old \u00dcbung" and again.headers.get("x-odd") == "a;;b,,c"
    assert again.headers.every("expires") == () and again.headers.get("content-length") == "0"


def test_every_via_of_a_request_stays_and_the_first_of_a_response_is_enough() -> None:
    vias = "SIP/2.0/UDP 192.0.2.2;branch=1;ttl=x, SIP/2.0/UDP 192.0.2.3;branch=2"
    assert parse_request(mended(request(Via=vias)).raw).headers.every("via") == (
        "SIP/2.0/UDP 192.0.2.2;branch=1", "SIP/2.0/UDP 192.0.2.3;branch=2",
    )  # fmt: skip
    assert isinstance(mend(request(Via=vias.replace("192.0.2.3;", '"; ')), SOURCE, PARSER), Answer)
    raw = request(Via="SIP/2.0/UDP 192.0.2.1;branch=1\r\nVia: odd").replace(
        b"OPTIONS sip:1502@192.0.2.1 SIP/2.0", b"SIP/2.0 200 OK"
    )
    assert parse_response(mended(raw).raw).headers.every("via") == ("SIP/2.0/UDP 192.0.2.1;branch=1",)


@pytest.mark.parametrize(
    ("raw", "code", "phrase"),
    [
        (request(To="<"), 400, "Bad To header"), (request(From=""), 400, "Missing From header"),
        (request(CSeq="x OPTIONS"), 400, "Bad CSeq header"), (request(Call_ID="a b\x01"), 400, "Bad Call-ID header"),
        (request(To="<sip:a@b>\r\nTo: <sip:c@d>"), 400, "Several To headers"),
        (request("NOTIFY", Event=";"), 400, "Bad Event header"),
        (request("INVITE", Require="\x01", Expires="x"), 200, ""),
        (request("INVITE", Replaces="x"), 400, "Bad Replaces header"),
        (request(Content_Length="9", Expires="x"), 400, "Bad Content-Length header"),
        (request().replace(b"SIP/2.0\r\nVia", b"SIP/9.0\r\nVia"), 505, "Version Not Supported"),
        (request().replace(b"sip:1502", b"weird:1502", 1), 416, "Unsupported URI Scheme"),
        (request().replace(b"sip:1502@", b"sip:15 02@", 1), 400, "Bad request line"),
    ],
)  # fmt: skip
def test_what_is_vital_and_cannot_be_read_is_refused_by_name(raw: bytes, code: int, phrase: str) -> None:
    verdict = mend(raw, SOURCE, PARSER, "deskphone")
    if code == 200:
        assert isinstance(verdict, Again)
        return
    assert isinstance(verdict, Answer)
    response = parse_response(verdict.raw)
    assert (response.code, response.reason) == (code, phrase)
    assert response.headers.get("server") == "deskphone" and ";received=192.0.2.7" in response.headers.get("via")
    assert verdict.port == 5070 and (not response.headers.get("to") or ";tag=" in response.headers.get("to"))
    assert mend(raw, SOURCE, PARSER, "deskphone") == verdict


@pytest.mark.parametrize(
    ("via", "port", "written"),
    [
        ("SIP/2.0/UDP 192.0.2.2;branch=1", 5060, "SIP/2.0/UDP 192.0.2.2;branch=1;received=192.0.2.7"),
        ("SIP/2.0/UDP h:99999;branch=1", 5060, "SIP/2.0/UDP h:99999;branch=1;received=192.0.2.7"),
        ("SIP/2.0/UDP [::1]:5071;rport;branch=1", 5099,
         "SIP/2.0/UDP [::1]:5071;rport=5099;branch=1;received=192.0.2.7"),
        ("SIP/2.0/UDP h;received=8.8.8.8;branch=1, SIP/2.0/UDP i;branch=2", 5060,
         "SIP/2.0/UDP h;branch=1;received=192.0.2.7, SIP/2.0/UDP i;branch=2"),
    ],
)  # fmt: skip
def test_a_refusal_goes_where_the_request_came_from(via: str, port: int, written: str) -> None:
    verdict = mend(request(Via=via, From="<"), SOURCE, PARSER)
    assert isinstance(verdict, Answer) and verdict.port == port
    assert parse_response(verdict.raw).headers.get("via") == written


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", request("ACK", From="<"), request(Via="", From="<"), b"\x00" * 99,
        request(From="<", Via="SIP/2.0/UDP h;MADDR = 10.0.0.1;branch=1"),
        request(From="<").replace(b"OPTIONS sip:1502@192.0.2.1 SIP/2.0", b"SIP/2.0 200 OK"),
        request().replace(b"OPTIONS sip:1502@192.0.2.1 SIP/2.0", b"SIP/2.0 4294967301 x"), b"x" * 70_000,
    ],
)  # fmt: skip
def test_some_things_are_let_go(raw: bytes) -> None:
    assert isinstance(mend(raw, SOURCE, PARSER), Drop)


def test_a_message_that_costs_too_much_is_refused() -> None:
    contact = ", ".join(f'"a"b" <sip:{number}@h;x="y>;q=z;w=v' for number in range(64))
    assert isinstance(mend(request(Contact=contact, Record_Route=contact), SOURCE, PARSER), Answer | Again)


class _Deaf:
    """A parser that takes no header of these: everything is tried."""

    def header(self, name: str, value: bytes) -> bool:
        """Only what a message cannot do without."""
        return name in ("via", "to", "call-id", "cseq") and len(value) < 100

    def message(self, raw: bytes) -> bool:
        """Any."""
        return bool(raw)


@pytest.mark.timeout(30)  # a pattern that goes over its input again and again takes minutes for these
@pytest.mark.parametrize("name", sorted({*_MENDERS, "content-type", "call-id", "subject"}))
def test_long_values_cost_no_more_than_their_length(name: str) -> None:
    for piece in (
        "a",
        "a ",
        " ",
        "a=",
        "=",
        ";a",
        ";",
        ",",
        "a,",
        '"',
        '\\"',
        "<",
        "<a>",
        ":",
        "@",
        "a@",
        "1",
        "/",
        "sip:",
    ):
        for value in (
            piece * (8000 // len(piece)),
            "x " + piece * (8000 // len(piece)) + " y",
            "Digest " + piece * 4000,
        ):
            mend(request(**{name.title().replace("-", "_"): value}), SOURCE, _Deaf())


@pytest.mark.timeout(30)
@pytest.mark.parametrize("kind", ["m=", "a=", "c=", "b=", "o=", "a=rtpmap:", "a=crypto:", "m=audio 4 RTP/AVP "])
def test_long_lines_of_a_description_cost_no_more_than_their_length(kind: str) -> None:
    for piece in ("a", "a ", " ", "1", "1 ", "0", "/", ":", "a:", "\n" + kind, "\x00"):
        mend_sdp(f"v=0\n{kind}{piece * (30_000 // len(piece))}".encode())


def test_a_stream_is_cut_where_its_messages_end() -> None:
    first, second = request(), request(Call_ID="other@h")
    framed = frame(first + second)
    assert framed is not None and framed.size == len(first)
    assert parse_request(framed.raw).headers.get("content-length") == "0"
    with_body = request(Content_Type="text/plain") + b"hello\r\n"
    framed = frame(with_body + second)
    assert framed is not None and framed.size == len(with_body) and parse_request(framed.raw).body == b"hello\r\n"
    assert frame(first.replace(b"\r\n", b"\n")) is not None
    assert frame(request(Content_Length="9") + b"12345") is None  # the rest is still to come
    assert frame(first[:-4]) is None and frame(b"junk\r\n\r\n") is None


SDP = """v=0
o=- 1 2 IN IP4 192.0.2.2
s=-
c=IN IP4 192.0.2.2
t=0 0
m=audio 40000 RTP/AVP 8 101
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-15
a=sendonly
"""


def sdp(old: str = "", new: str = "") -> list[str]:
    """The lines of the mended description."""
    again = mend_sdp(SDP.replace(old, new).encode() if old else SDP.encode())
    assert again is not None
    return again.decode().splitlines()


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("m=audio", "m= audio", "m=audio 40000 RTP/AVP 8 101"),
        ("8 101", "8 97 101 300 x", "m=audio 40000 RTP/AVP 8 101"),
        ("t=0 0\n", "", "t=0 0"), ("s=-\n", "", "s=-"), ("o=- 1 2 IN IP4 192.0.2.2", "o=x", "o=- 0 0 IN IP4 0.0.0.0"),
        ("o=- 1", "o=- abc", "o=- 0 2 IN IP4 192.0.2.2"), ("c=IN", "c=TN", "m=audio 0 RTP/AVP 8 101"),
        ("40000", "99999", "m=audio 0 RTP/AVP 8 101"), ("event/8000", "event", "a=rtpmap:101 telephone-event/8000"),
        ("a=sendonly", "a= SendOnly ", "a=sendonly"), ("audio 40000 RTP/AVP 8 101", "audio", "m=audio 0 RTP/AVP 0"),
        ("a=sendonly", "m=image 5000 udptl t38", "m=image 5000 udptl t38"), ("IP4 192.0.2.2\ns", "IP4 ::1\ns", "s=-"),
        ("a=sendonly", "a=crypto:1 ROT13 inline:x\na=sendonly", "a=sendonly"),
    ],
)  # fmt: skip
def test_a_description_keeps_what_can_be_read(old: str, new: str, line: str) -> None:
    again = sdp(old, new)
    assert line in again and not any("crypto" in each or "300" in each for each in again)
    assert sum(each.startswith("m=") for each in again) == SDP.replace(old, new).count("m=")


def test_an_offer_of_everything_keeps_what_the_phone_speaks() -> None:
    maps = "".join(f"a=rtpmap:{number} codec{number}/8000\n" for number in range(96, 128) if number != 101)
    again = sdp("8 101\n", " ".join(map(str, range(96, 128))) + f" 8\n{maps}")
    line = next(each for each in again if each.startswith("m="))
    assert line.split()[3:5] == ["101", "8"] and len(line.split()) == 3 + 31
    assert sum(each.startswith("a=") for each in again) <= 67


@pytest.mark.parametrize("raw", [b"", b"hello", b"v" * 40_000, b"o=- 1 1 IN IP4 h\r\n"])
def test_what_is_no_description_is_none(raw: bytes) -> None:
    assert mend_sdp(raw) is None
