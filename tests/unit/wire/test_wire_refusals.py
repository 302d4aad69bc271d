"""What is refused is refused in one line that says what, where and what was expected: each refusal of the wire room.

The lines go to the journal; somebody who has only the journal must be able to tell what his server sent.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from deskphone.config.secret import Secret
from deskphone.core.documents import ForwardingType, Proof, RequestedAgentState
from deskphone.wire import (
    asfeature,
    body_types,
    dhcp,
    digest,
    fields,
    hoteling,
    message,
    multipart,
    provisioning_url,
    referto,
    replaces,
    sdp,
    sipfrag,
    summary,
    xml,
)
from deskphone.wire.errors import WireError

START = b"OPTIONS sip:a@b SIP/2.0\r\n"
MIXED = message.parse_content_type("multipart/mixed;boundary=x")


def said_of(package: str, content_type: str, body: bytes) -> None:
    """What the journal has of a NOTIFY body that cannot be read: raised, as others raise."""
    (found,) = body_types.notify_documents(package, content_type, body)
    assert isinstance(found, body_types.Unreadable)
    raise WireError(*re.fullmatch(r"(.*?): (.*); expected (.*)", found.error).group(2, 1, 3))  # type: ignore[union-attr]


MAC = bytes.fromhex("00908f3bbcba")
UNIT = provisioning_url.device("420HD", MAC.hex())
GOOD = (
    "Digest username=a, realm=r, nonce=n, uri=sip:a, cnonce=c, qop=auth, nc=00000001, algorithm=MD5, response="
    + "0" * 32
)


def nested(deep: int) -> tuple[str, bytes]:
    """Content type and body of multiparts inside each other."""
    body, kind = b"", "text/plain"
    for level in range(deep):
        mark = b"--m%d" % level
        body = mark + b"\r\nContent-Type: " + kind.encode() + b"\r\n\r\n" + body + b"\r\n" + mark + b"--\r\n"
        kind = f"multipart/mixed;boundary=m{level}"
    return kind, body


def eighteen() -> tuple[str, bytes]:
    """Two multiparts of nine documents each, in one."""
    inner = b"--i\r\nContent-Type: message/sipfrag\r\n\r\nSIP/2.0 200 OK\r\n" * 9 + b"--i--\r\n"
    part = b"--o\r\nContent-Type: multipart/mixed;boundary=i\r\n\r\n" + inner + b"\r\n"
    return "multipart/mixed;boundary=o", part * 2 + b"--o--\r\n"


# What is read, and the line.
REFUSED: tuple[tuple[Callable[[], object], str], ...] = (
    (lambda: message.parse_request(b"OPTIONS sip:a@b\r\n\r\n"),
     "request line: 2 words; expected method, Request-URI, SIP/2.0"),
    (lambda: message.parse_request(b"OPTIONS sip:a@b SIP/3.0\r\n\r\n"),
     "request line: 3 words; expected method, Request-URI, SIP/2.0"),
    (lambda: message.parse_request(b"OPTIONS host SIP/2.0\r\n\r\n"),
     "request line: a Request-URI of 4 characters; expected a URI up to 2048"),
    (lambda: message.parse_request(b"OPT{ONS sip:a@b SIP/2.0\r\n\r\n"), "request line: 'OPT{ONS'; expected a token"),
    (lambda: message.parse_request(START),
     "SIP message: no empty line; expected an empty line after the header fields"),
    (lambda: message.parse_request(START + b" folded\r\n\r\n"),
     "header fields: a folded line before any header; expected name: value"),
    (lambda: message.parse_request(START + b"n{me: x\r\n\r\n"), "header name: 'n{me'; expected a token and a colon"),
    (lambda: message.parse_request(START + b"no colon\r\n\r\n"),
     "header name: 'no colon'; expected a token and a colon"),
    (lambda: message.parse_request(START + b"A: x\x00y\r\n\r\n"), "header a: NUL or bare CR; expected text"),
    (lambda: message.parse_request(START + b"l: 1\r\nContent-Length: 2\r\n\r\nxx"),
     "header content-length: several that differ; expected one"),
    (lambda: message.parse_request(START + b"l: 3\r\n\r\nxx"),
     "SIP body: 2 bytes; expected the 3 bytes of Content-Length"),
    (lambda: message.parse_request(START + b"l: three\r\n\r\nxx"),
     "header content-length: 'three'; expected a number from 0 to 4294967295"),
    (lambda: message.parse_request(START + b"\r\n" + b"x" * 32_769),
     "SIP body: 32769 bytes; expected at most 32768 bytes"),
    (lambda: message.parse_request(START + b"A: b\r\n" * 129 + b"\r\n"),
     "header fields: 129 of them; expected at most 128 of them"),
    (lambda: message.parse_request(START + b"A:" + b"b" * 8_193 + b"\r\n\r\n"),
     "header a: 8193 characters; expected at most 8192 characters"),
    (lambda: message.parse_request(b"x" * 65_536), "SIP message: 65536 bytes; expected at most 65535 bytes"),
    (lambda: message.parse_request(b"x" * 32_769 + b"\r\n\r\n"),
     "header fields: 32769 bytes; expected at most 32768 bytes"),
    (lambda: message.parse_headers(b"x" * 32_769), "header fields: 32769 bytes; expected at most 32768 bytes"),
    (lambda: message.parse_request(START + b"i: " + b"c" * 256 + b"\r\n\r\n").call_id,
     "header call-id: 256 characters; expected at most 255 characters"),
    (lambda: message.parse_request(START + b"\r\n").event, "header event: 0 of them; expected exactly one"),
    (lambda: message.parse_response(b"HTTP/1.1 200 OK\r\n\r\n"),
     "status line: 'HTTP/1.1 200 OK'; expected SIP/2.0, a code of three digits, a reason"),
    (lambda: message.parse_response(b"SIP/2.0 20 OK\r\n\r\n"),
     "status line: 'SIP/2.0 20 OK'; expected SIP/2.0, a code of three digits, a reason"),
    (lambda: message.parse_response(b"SIP/2.0 099 Low\r\n\r\n"), "status line: code 099; expected 100 to 699"),
    (lambda: message.parse_response(b"SIP/2.0 700 High\r\n\r\n"),
     "status line: '700'; expected a number from 0 to 699"),
    (lambda: message.parse_event("talk hold"), "header event: 'talk hold'; expected a token"),
    (lambda: message.parse_content_type("text"), "header content-type: 'text'; expected type/subtype"),
    (lambda: message.parse_content_type("te xt/plain"), "media type: 'te xt'; expected a token"),
    (lambda: message.parse_content_type("text/pl ain"), "media subtype: 'pl ain'; expected a token"),
    (lambda: message.parse_retry_after("soon"), "header retry-after: 'soon'; expected a number from 0 to 4294967295"),
    (lambda: message.parse_via("SIP/2.0/UDP"), "header via: 'SIP/2.0/UDP'; expected SIP/2.0/transport host"),
    (lambda: message.parse_via("SIP/2.0/U{P a"), "header via: 'u{p'; expected a token"),
    (lambda: fields.split('"open', ","), "header value: a quoted string that does not end; expected a closing quote"),
    (lambda: fields.split("v" * 8_193, ","), "header value: 8193 characters; expected at most 8192 characters"),
    (lambda: fields.split("," * 65, ","), "header value split at ',': 65 pieces; expected at most 64 pieces"),
    (lambda: fields.params(("p",) * 65), "parameters: 65 of them; expected at most 64 of them"),
    (lambda: fields.address("<sip:a"), "address: no `>` after `<`; expected display-name <uri>"),
    (lambda: fields.address("<sip:a> b"), "address: text after `>`; expected a semicolon or the end"),
    (lambda: fields.address("<sip:a b>"),
     "address: URI 'sip:a b' of 7 characters; expected a URI up to 2048 characters"),
    (lambda: fields.uri("u" * 2_049), "URI: 2049 characters; expected at most 2048 characters"),
    (lambda: fields.uri("http://a"), "URI: scheme 'http'; expected sip, sips or tel"),
    (lambda: fields.uri("sip:a b"), "URI: a blank, control or angle character; expected none of these"),
    (lambda: fields.uri("tel:call me".replace(" ", "_")),
     "tel URI: no telephone number; expected digits and visual separators"),
    (lambda: fields.uri("sip:a%0ab@c"),
     "SIP URI: a control character in the user part; expected printable characters"),
    (lambda: fields.uri("sip:@{"), "URI: host '{'; expected a name, an IPv4 address or [an IPv6 address]"),
    (lambda: fields.uri("sip:a@b:0"), "URI: port ':0'; expected 1 to 65535"),
    (lambda: fields.uri("sip:a@b:500000"), "URI: a port of more than five digits; expected 1 to 65535"),
    (lambda: fields.uri("sip:a@b?" + "&".join(["c=d"] * 17)),
     "headers embedded in a URI: 17 of them; expected at most 16 of them"),
    (lambda: fields.uri("sip:a@b?c{=d"), "URI: embedded header 'c{'; expected name=value without control characters"),
    (lambda: referto.parse((("refer-to", "<sip:a@b;method=BYE>"),)), "header refer-to: method BYE; expected INVITE"),
    (lambda: referto.parse((("refer-to", "<sip:a@b?replaces=c&replaces=d>"),)),
     "header refer-to: 2 Replaces; expected at most one"),
    (lambda: referto.parse((("refer-to", "<sip:" + "1" * 129 + "@b>"),)),
     "header refer-to: a user part of 129 characters; expected at most 128"),
    (lambda: referto.parse(()), "header refer-to: 0 of them; expected exactly one"),
    (lambda: replaces.parse_replaces("a b;to-tag=1;from-tag=2"),
     "header replaces: call-id 'a b'; expected a word of at most 255 characters"),
    (lambda: replaces.parse_replaces("a;from-tag=2"), "tag in header replaces: ''; expected a token"),
    (lambda: replaces.replaces((("replaces", "a"), ("replaces", "b"))),
     "header replaces: 2 of them; expected at most one"),
    (lambda: sipfrag.parse(b"x" * 32_769), "sipfrag: 32769 bytes; expected at most 32768 bytes"),
    (lambda: sipfrag.parse(b"x" * 8_193), "status line of a sipfrag: 8193 bytes; expected at most 8192 bytes"),
    (lambda: sipfrag.build(99, ""), "sipfrag: code 99; expected 100 to 699"),
    (lambda: sdp.media(b"m=audio\n"),
     "session description: media line 'm=audio'; expected m=<media> <port> <profile> <formats>, 64 at most"),
    (lambda: sdp.media(b"x" * 32_769), "session description: 32769 bytes; expected at most 32768 bytes"),
    (lambda: summary.parse(b"Messages-Waiting: maybe\r\n"), "messages-waiting: 'maybe'; expected yes or no"),
    (lambda: summary.parse(b"x" * 32_769), "message summary: 32769 bytes; expected at most 32768 bytes"),
    (lambda: multipart.parse(message.parse_content_type("multipart/mixed"), b""),
     "header content-type: boundary ''; expected 1 to 70 characters, RFC 2046"),
    (lambda: multipart.parse(MIXED, b""),
     "multipart body: 0 boundary lines; expected parts and `--boundary--`"),
    (lambda: multipart.parse(MIXED, b"--x\r\nno header\r\n--x--\r\n"),
     "part of a multipart: no empty line; expected an empty line after its header fields"),
    (lambda: multipart.parse(MIXED, b"--x\r\nA: " + b"b" * 4_100 + b"\r\n\r\n\r\n--x--\r\n"),
     "header fields of a part: 4103 bytes; expected at most 4096 bytes"),
    (lambda: multipart.parse(MIXED, b"--x\r\nContent-Transfer-Encoding: base64\r\n\r\n\r\n--x--\r\n"),
     "part of a multipart: a transfer encoding; expected 8bit or binary (RFC 3261 section 7.4.1)"),
    (lambda: multipart.parse(MIXED, b"--x\r\n\r\nbody\r\n" * 17 + b"--x--\r\n"),
     "multipart body: 17 parts; expected at most 16 parts"),
    (lambda: multipart.parse(MIXED, b"x" * 32_769), "multipart body: 32769 bytes; expected at most 32768 bytes"),
    (lambda: said_of("ua-profile", "application/url", b"u" * 2_049),
     "application/url: 2049 characters; expected at most 2048 characters"),
    (lambda: said_of("ua-profile", "application/url", b"http://a/\x07"),
     "application/url: 'http://a/?'; expected one URL"),
    (lambda: said_of("x", *eighteen()),
     "multipart body: 18 documents; expected at most 16 documents"),
    (lambda: said_of("ua-profile", "", b"x" * 32_769),
     "NOTIFY body: 32769 bytes; expected at most 32768 bytes"),
    (lambda: said_of("x", *nested(3)), "multipart body: 3 levels; expected at most 2 levels"),
    (lambda: xml.parse(b""), "XML document line 1 column 0: no element found; expected well-formed XML"),
    (lambda: xml.parse(b"<a>"), "XML document line 1 column 3: no element found; expected well-formed XML"),
    (lambda: xml.parse(b"<!DOCTYPE a><a/>"),
     "XML document: a document type or entity declaration; expected none (XML 1.0 section 2.8)"),
    (lambda: xml.parse(b"\xff\xfe<a/>"), "XML document: UTF-16; expected UTF-8 or ISO-8859-1"),
    (lambda: xml.parse(b"<a/>", "koi8-r"), "XML document: encoding 'koi8-r'; expected UTF-8 or ISO-8859-1"),
    (lambda: xml.parse(b"<a>" * 17), "XML document: 17 elements deep; expected at most 16 elements deep"),
    (lambda: xml.parse(b"<a>" + b"<b/>" * 256 + b"</a>"),
     "XML document: 257 elements; expected at most 256 elements"),
    (lambda: xml.parse(b"<a " + b" ".join(b'x%d="1"' % n for n in range(33)) + b"/>"),
     "XML element: 33 attributes; expected at most 32 attributes"),
    (lambda: xml.parse(b"<" + b"a" * 257 + b"/>"),
     "XML element name: 257 characters; expected at most 256 characters"),
    (lambda: xml.parse(b"x" * 32_769), "XML document: 32769 bytes; expected at most 32768 bytes"),
    (lambda: xml.parse(b"<a><b>" + b"t" * 257 + b"</b></a>").child_text("b"),
     "<b> in <a>: 257 characters; expected at most 256 characters"),
    (lambda: xml.tag("a", "t" * 257), "text of <a>: 257 characters; expected at most 256 characters"),
    (lambda: xml.tag("a", "\x07"), "text of <a>: a control character; expected characters of XML 1.0"),
    (lambda: asfeature.parse(b"<DoNotDisturbEvent/>"),
     "<doNotDisturbOn> in <DoNotDisturbEvent>: ''; expected true or false"),
    (lambda: asfeature.set_agent_state(RequestedAgentState.READY, "1"),
     "SetAgentState: a reason with ready; expected a reason with notReady only"),
    (lambda: asfeature.set_forwarding("1502", ForwardingType.IMMEDIATE, True, "9", 3),
     "SetForwarding: 3 rings with forwardImmediate; expected 1 to 100 with forwardNoAns, else none"),
    (lambda: asfeature.set_forwarding("1502", ForwardingType.NO_ANSWER, True, "9", 101),
     "SetForwarding: 101 rings with forwardNoAns; expected 1 to 100 with forwardNoAns, else none"),
    (lambda: hoteling.parse(b"<HotelingEvent><authenticationData/></HotelingEvent>"),
     "<authenticationData>: no nonce; expected <nonce> with a text"),
    (lambda: hoteling.set_hoteling("7001", Proof("nonce", Secret("x"), "SHA-256")),
     "<authenticationData>: algorithm 'SHA-256'; expected MD5"),
    (lambda: digest.credentials("Basic abc"), "header authorization: scheme 'Basic'; expected Digest"),
    (lambda: digest.credentials("Digest username=a"),
     "header authorization: no realm; expected username, realm, nonce, uri, cnonce"),
    (lambda: digest.credentials(GOOD.replace("MD5", "MD4")),
     "header authorization: another algorithm or qop; expected SHA-256 or MD5, qop=auth"),
    (lambda: digest.credentials(GOOD.replace("qop=auth", "qop=auth-int")),
     "header authorization: another algorithm or qop; expected SHA-256 or MD5, qop=auth"),
    (lambda: digest.credentials(GOOD.replace("nc=00000001", "nc=1")),
     "header authorization: a response or nc of another form; expected hexadecimal digits"),
    (lambda: digest.credentials(GOOD.replace("realm=r", "realm=" + "r" * 256)),
     "header authorization: 256 characters; expected at most 255 characters"),
    (lambda: dhcp.text(b"\x07"), "value: 1 bytes that are not all text; expected printable ASCII"),
    (lambda: dhcp.host_name(b"a b"), "value: 'a b'; expected letters, digits, hyphens and dots"),
    (lambda: dhcp.servers(b"\x0a"), "value: 1 bytes; expected IPv4 addresses, four bytes each"),
    (lambda: dhcp.sip_servers(b"\x07"), "value: encoding 07; expected 00 or 01 (RFC 3361)"),
    (lambda: dhcp.sip_servers(b""), "value: encoding missing; expected 00 or 01 (RFC 3361)"),
    (lambda: dhcp.sip_servers(b"\x00"), "value: no name; expected at least one"),
    (lambda: dhcp.sip_servers(b"\x00\x40a"),
     "value: label of 64 bytes; expected at most 63, and whole (RFC 3361)"),
    (lambda: dhcp.sip_servers(b"\x00\x01{\x00"), "value: name '{'; expected a host name that ends with a root label"),
    (lambda: provisioning_url.device("420HD", "00:11"), "MAC address: '00:11'; expected twelve hexadecimal digits"),
    (lambda: provisioning_url.device("420 HD", "001122334455"),
     "model: '420 HD'; expected letters, digits, dots, hyphens"),
    (lambda: provisioning_url.from_url("http://a/" + "b" * 1_024, UNIT),
     "provisioning URL: 1033 characters, some not allowed; expected a URL up to 1024"),
    (lambda: provisioning_url.from_url("http://[a/", UNIT),
     "provisioning URL: no host or port; expected tftp, ftp, http or https, `://`, a host, a port below 65536"),
    (lambda: provisioning_url.from_url("gopher://a/", UNIT),
     "provisioning URL: scheme 'gopher'; expected tftp, ftp, http or https, `://`, a host, a port below 65536"),
    (lambda: provisioning_url.from_url("http://a{/", UNIT),
     "provisioning URL: a host that is no host; expected tftp, ftp, http or https, `://`, a host, a port below 65536"),
    (lambda: provisioning_url.from_url("http://a/<who>.cfg", UNIT),
     "provisioning URL: 18 characters, some not allowed; expected a URL up to 1024"),
)  # fmt: skip


@pytest.mark.parametrize(("read", "line"), REFUSED, ids=[line[:60] for _, line in REFUSED])
def test_a_refusal_says_what_where_and_what_was_expected(read: Callable[[], object], line: str) -> None:
    with pytest.raises(WireError) as refused:
        read()
    assert str(refused.value) == line


def test_what_is_wrong_with_one_dhcp_option_is_a_line_of_its_own_and_the_others_count() -> None:
    facts = dhcp.read_facts({12: b"a b", 2: b"\x7f\x00\x00\x00", 42: b"\x0a\x01\x01\x05", 120: b"x" * 1_025})
    assert facts.ntp_servers == ("10.1.1.5",)
    assert facts.problems == (
        "DHCP option 12: value: 'a b'; expected letters, digits, hyphens and dots",
        "DHCP option 2: value: 4 bytes; expected four bytes, whole minutes, at most 14 hours either way",
        "DHCP option 120: value: 1025 bytes; expected at most 1024 bytes",
    )
    offer = dhcp.read_offer({160: b"gopher://a", 43: b"\x01", 66: b"files"}, UNIT)
    assert [source.option for source in offer.sources] == [66]
    assert offer.problems == (
        "DHCP option 160: provisioning URL: scheme 'gopher'; expecte"
        "d tftp, ftp, http or https, `://`, a host, a port below 65536",
        "DHCP option 43: value: 1 bytes without a URL or host; expected a URL, or sub-options that hold one",
    )
