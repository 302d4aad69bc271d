"""The grammar inside a header value: names with brackets and quotes, lists, URIs."""

from __future__ import annotations

import pytest

from deskphone.wire import fields
from deskphone.wire.errors import WireError


@pytest.mark.parametrize(
    ("text", "display", "uri", "tag"),
    [
        ("<sip:1502@h>;tag=a", "", "sip:1502@h", "a"),
        ("sip:1502@h;tag=a", "", "sip:1502@h", "a"),
        ("Miller, Anna <sip:1@h>", "Miller, Anna", "sip:1@h", ""),
        ('"Miller \\"Ann\\" <x>; \\\\" <sip:1@h;lr>;tag=b', 'Miller "Ann" <x>; \\', "sip:1@h;lr", "b"),
        ("  Jörg   Weiß<sip:1@h> ; tag = c ", "Jörg Weiß", "sip:1@h", "c"),
        ('"Anna"<sip:1@h>', "Anna", "sip:1@h", ""),
        ('5" screen" <sip:1@h>', '5" screen"', "sip:1@h", ""),
        ('"" <tel:+49-30-1>', "", "tel:+49-30-1", ""),
        ("<sip:1@h?Replaces=a%40b%3Bto-tag%3D1>", "", "sip:1@h?Replaces=a%40b%3Bto-tag%3D1", ""),
    ],
)
def test_addresses_as_phones_send_them(text: str, display: str, uri: str, tag: str) -> None:
    address = fields.address(text)
    assert (address.display, address.uri, address.params.get("tag")) == (display, uri, tag)


@pytest.mark.parametrize("text", ["", "<>", "<sip:a@b", '"x <sip:a@b>', "<sip:a@b> x", "<sip:a b@c>", "a <sip:\x01>"])
def test_an_address_without_an_end_is_an_error(text: str) -> None:
    with pytest.raises(WireError):
        fields.address(text)


def test_a_display_name_cannot_forge_the_screen() -> None:
    assert fields.address('"a\u202egnp.exe\x07" <sip:1@h>').display == "agnp.exe"
    assert fields.address('"a\u07b9b\ue000c\u2028d\u00a0e" <sip:1@h>').display == "abc d e"
    assert len(fields.address(f'"{"x" * 5000}" <sip:1@h>').display) == 128


@pytest.mark.parametrize(
    ("text", "user", "host", "port", "number"),
    [
        ("sip:1502@h", "1502", "h", None, "1502"),
        ("SIP:1502:secret@h:5080;transport=tcp", "1502", "h", 5080, "1502"),
        ("sip:a@h:65535", "a", "h", 65535, "a"),
        ("sips:h.example.com", "", "h.example.com", None, ""),
        ("sip:%2a9%23@my_host", "*9#", "my_host", None, "*9#"),
        ("sip:J%C3%B6rg@[2001:db8::1]:5060", "Jörg", "[2001:db8::1]", 5060, "Jörg"),
        ("sip:J%F6rg@h", "Jörg", "h", None, "Jörg"),
        ("sip:+49(30)12-34;phone-context=x@h;user=phone", "+49(30)12-34;phone-context=x", "h", None, "+49301234"),
        ("tel:+49-30.1234;phone-context=example.com", "+49-30.1234", "", None, "+49301234"),
        ("sip:a?b=c@h?Subject=x@y", "a?b=c", "h", None, "a?b=c"),
    ],
)
def test_uris_in_every_dress(text: str, user: str, host: str, port: int | None, number: str) -> None:
    uri = fields.uri(text)
    assert (uri.user, uri.host, uri.port, uri.number) == (user, host, port, number)


@pytest.mark.parametrize(
    "text",
    [
        "", "sip:", "http://h/", "sip:a@", "sip:a@h:0", "sip:a@h:65536", "sip:a@h:99999999999", "sip:a@h:x",
        "sip:a b@h",        "sip:a@h:", "tel:", "tel:abc-x", "sip:a%00b@h", "sip:a%0d%0a@h", "sip:a@h@i", "sip:a@<h>",
        "sip:a@" + "h" * 3000,        "sip:a@h?x=%0d%0aVia:", "sip:a@h?x y=1", "sip:a@h?" + "a=b&" * 40,
    ],
)  # fmt: skip
def test_a_uri_nobody_could_call_is_an_error(text: str) -> None:
    with pytest.raises(WireError):
        fields.uri(text)


def test_lists_split_outside_quotes_and_brackets_only() -> None:
    assert fields.split('"a,b" <sip:x,y@h>, <sip:z>,,c', ",") == ('"a,b" <sip:x,y@h>', "<sip:z>", "", "c")
    with pytest.raises(WireError, match="at most 64"):
        fields.split("," * 100, ",")
    with pytest.raises(WireError, match="closing quote"):
        fields.split('"a\\"', ",")


def test_an_error_quotes_little_and_cleanly() -> None:
    with pytest.raises(WireError) as refused:
        fields.uri("evil\x1b[31m" + "x" * 500 + ":")
    assert str(refused.value).isprintable() and len(str(refused.value)) < 120
