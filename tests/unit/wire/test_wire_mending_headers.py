"""A header that the stack refused, form by form: exactly what is written instead, and by which of two ways.

`anything` stands for a parser that takes whatever is left, so that the mender's own words are seen; `plainly` for one
that takes a value only where it matches what the field's grammar allows.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from deskphone.wire import mending_headers
from deskphone.wire.mending_headers import decides, name_of, plain, plain_uri, shortened, value_of

Reads = Callable[[str, bytes], bool]


def anything(_name: str, _value: bytes) -> bool:
    """Refuses nothing."""
    return True


def without(*words: bytes) -> Reads:
    """Refuses a value in which one of the words stands."""
    return lambda _name, value: not any(word in value for word in words)


def only(name: str, pattern: bytes) -> Reads:
    """Reads values of one header that match as a whole."""
    return lambda asked, value: asked == name and re.fullmatch(pattern, value) is not None


def mended(name: str, value: bytes, reads: Reads = anything, body: bytes = b"") -> tuple[bytes, ...]:
    """As the phone does it, but for the cleaning that comes first: a value without control characters is mended."""
    return mending_headers.mended(name, value, reads, body)


EXPECTED = {
    ("expires", b"3600 s"): (b"3600",),
    ("expires", b"= 60;x=1"): (b"60;x=1",),
    ("expires", b"+7"): (b"7",),
    ("expires", b"9999999999"): (b"2147483647",),
    ("expires", b"soon"): (),
    ("max-forwards", b"300"): (b"255",),
    ("max-forwards", b"256"): (b"255",),
    ("max-forwards", b"254"): (b"254",),
    ("max-forwards", b"many"): (b"70",),
    ("retry-after", b"120 (in a meeting);duration=3600"): (b"120;duration=3600",),
    ("session-expires", b"1800 ; refresher = uas"): (b"1800;refresher=uas",),
    ("subscription-state", b"active, 3600"): (b"active;expires=3600",),
    ("subscription-state", b"Active 60"): (b"active;expires=60",),
    ("subscription-state", b"active:;, 60"): (b"active;expires=60",),
    ("subscription-state", b"active; EXPIRES = \"20\", 30"): (b"active;expires=20",),
    ("subscription-state", b"terminated; reason=noresource; retry-after=5"): (
        b"terminated;reason=noresource;retry-after=5",
    ),
    ("subscription-state", b"= active"): (),
    ("www-authenticate", b'Bearer realm="x", Digest realm="y", nonce="n"'): (b'Digest realm="y", nonce="n"',),
    ("www-authenticate", b'digest realm="a,b", nonce=n , Digest realm="c", nonce="m",'): (
        b'Digest realm="a,b", nonce=n', b'Digest realm="c", nonce="m"',
    ),
    ("www-authenticate", b'Digest realm="x" nonce="n"'): (b'Digest realm="x", nonce="n"',),
    ("www-authenticate", b"Negotiate abc"): (),
    ("authorization", b"Digest x"): (),
    ("from", b'""unknown"" <sip:2001@192.0.2.1>;tag=a'): (b'"unknown" <sip:2001@192.0.2.1>;tag=a',),
    ("from", b'Back\\slash <sip:2001@192.0.2.1> ; tag = a'): (b'"Back slash" <sip:2001@192.0.2.1>;tag=a',),
    ("from", b"< sip:2001@ 192.0.2.1 >;tag=a"): (b"<sip:2001@192.0.2.1>;tag=a",),
    ("from", b'"A > B" <sip:2001@192.0.2.1>;tag=a;x="y>z"'): (b'"A > B" <sip:2001@192.0.2.1>;tag=a;x="y>z"',),
    ("from", b"sip:2001@192.0.2.1;tag=a"): (b"<sip:2001@192.0.2.1>;tag=a",),
    ("from", b'"Anna" SIPS:2001@192.0.2.1;tag=a'): (b'"Anna" <SIPS:2001@192.0.2.1>;tag=a',),
    ("from", b"tel:+4930123;tag=a"): (b"<tel:+4930123>;tag=a",),
    ("from", b"Anna 2001@192.0.2.1;tag=a"): (b'"Anna" <2001@192.0.2.1>;tag=a',),
    ("from", b"@192.0.2.1;tag=a"): (b"<@192.0.2.1>;tag=a",),
    ("from", b"Anna;tag=a;tag=b;x=1"): (b"<sip:anonymous@anonymous.invalid>;tag=a",),
    ("from", b"<>;TAG=a"): (b"<sip:anonymous@anonymous.invalid>;TAG=a",),
    ("from", b"Anna"): (),
    ("to", b"Anna;tag=a"): (),
    ("contact", b"<sip:a@192.0.2.1>;q=0.5, nobody, sip:b@192.0.2.1;expires=60"): (
        b"<sip:a@192.0.2.1>;q=0.5", b"<sip:b@192.0.2.1>;expires=60",
    ),
    ("contact", b'"never ends <sip:a@192.0.2.1>, <sip:b@192.0.2.1>'): (
        b'"never ends" <sip:a@192.0.2.1>', b"<sip:b@192.0.2.1>",
    ),
    ("route", b"<sip:a@192.0.2.1;lr>,,<sip:b@192.0.2.1;lr>"): (b"<sip:a@192.0.2.1;lr>", b"<sip:b@192.0.2.1;lr>"),
    ("supported", b"replaces ,, 100rel  timer ,"): (b"replaces, 100rel timer",),
    ("via", b"sip / 2.0 / udp 192.0.2.1 : 5060 ; branch = z9hG4bK1"): (b"SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1",),
    ("via", b"SIP/2.0/tls 192.0.2.1:5061;branch=z9hG4bK1"): (b"SIP/2.0/TLS 192.0.2.1:5061;branch=z9hG4bK1",),
    ("via", b"SIP/2.0/UDP 192.0.2.1:1;branch=z9hG4bK1"): (b"SIP/2.0/UDP 192.0.2.1:1;branch=z9hG4bK1",),
    ("via", b"SIP/2.0/UDP 192.0.2.1:65535;branch=z9hG4bK1"): (b"SIP/2.0/UDP 192.0.2.1:65535;branch=z9hG4bK1",),
    ("via", b"SIP/2.0/UDP 192.0.2.1:0;branch=z9hG4bK1"): (b"SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1",),
    ("via", b"SIP/2.0/UDP 192.0.2.1:65536;branch=z9hG4bK1"): (b"SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1",),
    ("via", b"SIP/2.0/UDP 192.0.2.1:x;branch=z9hG4bK1"): (b"SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1",),
    ("via", b"SIP/2.0/UDP 2001:db8::1;branch=z9hG4bK1"): (b"SIP/2.0/UDP [2001:db8::1];branch=z9hG4bK1",),
    ("via", b"SIP/2.0/UDP ::1;branch=z9hG4bK1"): (b"SIP/2.0/UDP [::1];branch=z9hG4bK1",),
    ("via", b"SIP/2.0/UDP [2001:db8::1] : 5060;branch=z9hG4bK1"): (b"SIP/2.0/UDP [2001:db8::1]:5060;branch=z9hG4bK1",),
    ("via", b"SIP/2.0/UDP a;branch=1, SIP/2.0/TCP b;branch=2"): (b"SIP/2.0/UDP a;branch=1", b"SIP/2.0/TCP b;branch=2"),
    ("via", b"SIP/2.0/UDP a;branch=1, SIP/1.0/TCP b;branch=2"): (),
    ("cseq", b"0012INVITE now"): (b"12 INVITE",),
    ("cseq", b"INVITE 12"): (),
    ("event", b"message-summary , x;id=7"): (b"message-summary;id=7",),
    ("event", b";id=7"): (),
    ("replaces", b"abc@192.0.2.1 ; to-tag = x;from-tag=y"): (b"abc@192.0.2.1;to-tag=x;from-tag=y",),
    ("replaces", b"abc@192.0.2.1"): (),
    ("replaces", b";to-tag=x"): (),
    ("content-type", b"application / sdp ; charset = utf-8"): (b"application/sdp;charset=utf-8",),
    ("x-unknown", b"whatever"): (b"whatever",),
    ("x-unknown", b""): (),
}  # fmt: skip


@pytest.mark.parametrize(("name", "value"), EXPECTED)
def test_what_is_written_instead(name: str, value: bytes) -> None:
    assert mended(name, value) == EXPECTED[name, value]


def test_what_only_had_control_characters_in_it_stays_as_it_is_otherwise() -> None:
    assert plain(b"a\x00\x01b\x7f\x1fc\td\r\n") == b"a b c\td"
    assert mended("expires", b"3600 s\x00") == (b"3600 s",)
    assert mended("expires", b"3600 s\x00", only("expires", rb"\d+")) == (b"3600",)
    assert mended("expires", b"\x00\x01") == ()


@pytest.mark.parametrize(
    ("body", "kind"),
    [(b"", ()), (b"\r\n v=0\r\n", (b"application/sdp",)), (b"V=0", (b"application/octet-stream",))],
)
def test_a_content_type_that_cannot_be_read_is_guessed_by_the_body(body: bytes, kind: tuple[bytes, ...]) -> None:
    assert mended("content-type", b"none", body=body) == kind


@pytest.mark.parametrize(
    ("name", "value", "reads", "written"),
    [
        # of its parameters those stay that are read with it
        ("expires", b"60;bad=1;good=2", without(b"bad"), (b"60;good=2",)),
        ("event", b"dialog;bad=1;good=2", without(b"bad"), (b"dialog;good=2",)),
        ("subscription-state", b"active;reason=x;expires=5", without(b"reason"), (b"active;expires=5",)),
        ("event", b"dialog;id=7", only("event", rb"dialog;id=7|dialog"), (b"dialog;id=7",)),
        # a value of which not even the head is read is left out
        ("expires", b"60;good=2", only("expires", rb"x"), ()),
        ("replaces", b"a@b;to-tag=x", without(b"to-tag"), ()),
        ("supported", b"replaces", only("supported", rb"x"), ()),
        # a name in the way is left out before the address is written anew; then both
        ("from", b'"Bad" <sip:a@192.0.2.1>;tag=t', without(b"Bad"), (b"<sip:a@192.0.2.1>;tag=t",)),
        ("from", b'"Anna" <sip:a:pw@192.0.2.1:5060;x=y?h=1>;tag=t', without(b"pw"),
         (b'"Anna" <sip:a@192.0.2.1:5060>;tag=t',)),
        ("from", b'"Bad" <sip:a:pw@192.0.2.1>;tag=t', without(b"Bad", b"pw"), (b"<sip:a@192.0.2.1>;tag=t",)),
        ("from", b"<sip:a@192.0.2.1>;tag=t", without(b"192.0.2.1"), (b"<sip:anonymous@anonymous.invalid>;tag=t",)),
        ("to", b"<sip:a@192.0.2.1>;tag=t", without(b"192.0.2.1"), ()),
        # a Via whose branch would be lost answers nobody
        ("via", b"SIP/2.0/UDP a;branch=1", without(b"branch"), ()),
        ("via", b"SIP/2.0/UDP a;BRANCH=1;ttl=1", without(b"BRANCH"), ()),
        ("via", b"SIP/2.0/UDP a;branch=1;ttl=1", without(b"ttl"), (b"SIP/2.0/UDP a;branch=1",)),
        ("via", b"SIP/2.0/UDP a;branch=1", without(b"SIP"), ()),
    ],
)  # fmt: skip
def test_what_the_stack_reads_decides(name: str, value: bytes, reads: Reads, written: tuple[bytes, ...]) -> None:
    assert mended(name, value, reads) == written


@pytest.mark.parametrize(
    ("uri", "written"),
    [
        (b"SIP:anna@192.0.2.1", b"sip:anna@192.0.2.1"),
        (b"sips:anna@example.com:5061", b"sips:anna@example.com:5061"),
        (b"sip:192.0.2.1", b"sip:192.0.2.1"),
        (b"sip:a b@192.0.2.1", b"sip:a%20b@192.0.2.1"),
        (b"sip:a\xfcb@192.0.2.1", b"sip:a%FCb@192.0.2.1"),
        (b"sip:a:secret@192.0.2.1:5060;transport=tcp?Subject=x", b"sip:a@192.0.2.1:5060"),
        (b"sip:a@b@192.0.2.1", b"sip:a%40b@192.0.2.1"),
        (b"sip:a@192.0.2.1:1", b"sip:a@192.0.2.1:1"),
        (b"sip:a@192.0.2.1:65535", b"sip:a@192.0.2.1:65535"),
        (b"sip:a@192.0.2.1:0", b"sip:a@192.0.2.1"),
        (b"sip:a@192.0.2.1:65536", b"sip:a@192.0.2.1"),
        (b"sip:a@192.0.2.1:123456", b"sip:a@192.0.2.1"),
        (b"sip:a@[2001:db8::1]:5060", b"sip:a@[2001:db8::1]:5060"),
        (b"anna@192.0.2.1", b"sip:anna@192.0.2.1"),
        (b"12:3@192.0.2.1", b"sip:12@192.0.2.1"),
        (b"tel:+49 (30) 12-3;phone-context=x", b"tel:+49(30)12-3"),
        (b"TEL:*21#Ab.gZ", b"tel:*21#Ab."),
        (b"mailto:anna@192.0.2.1", b""),
        (b"anna", b""),
        (b"sip:anna@", b""),
        (b"sip:anna@!", b""),
    ],
)
def test_an_address_is_written_plainly(uri: bytes, written: bytes) -> None:
    assert plain_uri(uri) == written


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (b"Subject: x", "subject"), (b"s \t: x", "subject"), (b"I:x", "call-id"), (b" s: x", ""), (b"s", ""),
        (b"a b: x", ""), (b": x", ""), (b"x" * 128 + b": y", "x" * 128), (b"x" * 129 + b": y", ""),
    ],
)  # fmt: skip
def test_the_name_of_a_line(line: bytes, name: str) -> None:
    assert name_of(line) == name


def test_the_value_of_a_line() -> None:
    assert value_of(b"Subject:  a:b \t") == b"a:b"
    assert value_of(b"Subject") == b""


@pytest.mark.parametrize(
    ("name", "method", "must"),
    [
        ("require", "OPTIONS", True), ("replaces", "INVITE", True), ("refer-to", "REFER", True),
        ("event", "NOTIFY", True), ("event", "SUBSCRIBE", True), ("event", "PUBLISH", False), ("via", "NOTIFY", False),
    ],
)  # fmt: skip
def test_without_some_headers_a_request_would_ask_for_something_else(name: str, method: str, must: bool) -> None:
    assert decides(name, method) is must


def test_lists_come_on_one_line_each_where_the_first_of_them_stood() -> None:
    many = b",".join(b"x%d" % number for number in range(40))
    assert shortened(
        [("via", b"1"), ("allow", b"INVITE, ACK"), ("via", b"2"), ("supported", many), ("allow", b"BYE"), ("x", b"y")]
    ) == [
        ("via", b"1"), ("allow", b"INVITE, ACK, BYE"), ("via", b"2"),
        ("supported", b", ".join(b"x%d" % number for number in range(31))), ("x", b"y"),
    ]  # fmt: skip


def test_what_comes_in_great_number_is_bounded() -> None:
    many = b", ".join(b'Digest realm="%d", nonce=n' % number for number in range(9))
    assert len(mended("www-authenticate", many)) == 8
    assert len(mended("contact", b", ".join([b"<sip:a@192.0.2.1>"] * 100))) == mending_headers.MAX_LIST
    assert len(mended("via", b", ".join([b"SIP/2.0/UDP a;branch=1"] * 100))) == mending_headers.MAX_LIST
    assert mended("expires", b"1" + b";x=1" * 100) == (b"1" + b";x=1" * mending_headers.MAX_LIST,)
    long = b"a" * 300 + b"@192.0.2.1;tag=t"
    assert mended("from", long) == (b'"' + b"a" * 44 + b'" <' + b"a" * 256 + b"@192.0.2.1>;tag=t",)
