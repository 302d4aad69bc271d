"""Valid messages and what can go wrong with their bytes: seeded, so that a failure can be fired again.

Law: pure functions of a random.Random; nothing here knows a socket.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

Mutation = Callable[[random.Random, bytes], bytes]
CRLF = b"\r\n"
URIS = (
    b"sip:",
    b"sip:@",
    b"sip::@:",
    b"sip:1502@[::1",
    b"sip:1502@[fe80::1%25eth0]:99999",
    b"sip:%00%ff@127.0.0.1",
    b"tel:",
    b"sips:a@b;transport=\xff",
    b"http://127.0.0.1/",
    b"sip:a@b?Replaces=x%3Bto-tag%3D1&Method=BYE",
    b"sip:" + b"a" * 3000,
    b"sip:a@" + b"h." * 300,
    b"sip:a:b:c@d",
    b"sip:1502@127.0.0.1:-1",
    b"sip:1502@127.0.0.1;lr;lr;lr=;=",
    b"<<>>",
    b"*",
    b"",
)
NUMBERS = (
    b"-1",
    b"0",
    b"1e9",
    b"4294967295",
    b"4294967296",
    b"99999999999999999999999",
    b"0x10",
    b"",
    b"\x00",
    b" ",
    b"07",
)
HEADERS = (
    b"Via",
    b"From",
    b"To",
    b"Call-ID",
    b"CSeq",
    b"Contact",
    b"Content-Type",
    b"Content-Length",
    b"Max-Forwards",
    b"Expires",
    b"Event",
    b"Subscription-State",
    b"Route",
    b"Record-Route",
    b"Require",
    b"RSeq",
    b"RAck",
    b"Session-Expires",
    b"Min-SE",
    b"Replaces",
    b"Refer-To",
    b"Alert-Info",
    b"Call-Info",
    b"P-Asserted-Identity",
    b"Privacy",
    b"Authorization",
    b"WWW-Authenticate",
    b"Proxy-Authenticate",
    b"Retry-After",
    b"Accept",
    b"Allow-Events",
    b"Warning",
    b"Date",
    b"User-Agent",
)


def mutate(chance: random.Random, message: bytes) -> tuple[str, bytes]:
    """One to three mutations; their names, and the bytes."""
    names = []
    for _ in range(chance.choice((1, 1, 1, 2, 2, 3))):
        mutation = chance.choice(MUTATIONS)
        names.append(mutation.__name__)
        message = mutation(chance, message)
    return "+".join(names), message


def cut_off(chance: random.Random, message: bytes) -> bytes:
    return message[: chance.randrange(len(message) + 1)]


def flip_bits(chance: random.Random, message: bytes) -> bytes:
    changed = bytearray(message)
    for _ in range(chance.choice((1, 2, 8, 64))):
        if changed:
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def set_bytes(chance: random.Random, message: bytes) -> bytes:
    changed = bytearray(message)
    for _ in range(chance.choice((1, 4, 16))):
        if changed:
            changed[chance.randrange(len(changed))] = chance.choice(b'\x00\xff\r\n<>";:@=%\\ \t,')
    return bytes(changed)


def nul_inside(chance: random.Random, message: bytes) -> bytes:
    place = chance.randrange(len(message) + 1)
    return message[:place] + b"\x00" * chance.choice((1, 2, 500)) + message[place:]


def wrong_length(chance: random.Random, message: bytes) -> bytes:
    return re.sub(rb"Content-Length: *\d+", b"Content-Length: " + chance.choice(NUMBERS), message)


def cseq(chance: random.Random, message: bytes) -> bytes:
    return re.sub(rb"CSeq: *\d+", b"CSeq: " + chance.choice(NUMBERS), message)


def other_method(chance: random.Random, message: bytes) -> bytes:
    method = chance.choice(
        (b"INVITE", b"BYE", b"ACK", b"CANCEL", b"PRACK", b"UPDATE", b"NOTIFY", b"X" * 600, b"", b"in vite")
    )
    where = rb"^[A-Z]+ " if chance.random() < 0.5 else rb"(?m)(?<=CSeq: \d )[A-Z]+"
    return re.sub(where, method + (b" " if where.startswith(b"^") else b""), message, count=1)


def bad_uri(chance: random.Random, message: bytes) -> bytes:
    places = list(re.finditer(rb"sips?:[^\s>;,]+", message))
    if not places:
        return message
    place = chance.choice(places)
    return message[: place.start()] + chance.choice(URIS) + message[place.end() :]


def huge_header(chance: random.Random, message: bytes) -> bytes:
    value = chance.choice(
        (b"a" * 9000, b'"' * 3000, b"<" * 3000, b"," * 5000, b"a=b;" * 2000, b"\xc3\xa9" * 2000, b"%" * 4000)
    )
    return _insert(message, chance, chance.choice(HEADERS) + b": " + value)


def odd_header(chance: random.Random, message: bytes) -> bytes:
    values = (
        b"",
        b" ",
        b";",
        b";;;=",
        b"<",
        b'"',
        b"\xff\xfe",
        b"a;b=\x01",
        b"-1",
        b"99999999999",
        b"<sip:a@b>;tag=;tag=",
        b"*",
    )
    return _insert(message, chance, chance.choice(HEADERS) + b": " + chance.choice(values))


def twice(chance: random.Random, message: bytes) -> bytes:
    lines = _head(message)
    if len(lines) < 2:
        return message
    line = chance.choice(lines[1:])
    return _insert(message, chance, CRLF.join([line] * chance.choice((1, 2, 40))))


def dropped(chance: random.Random, message: bytes) -> bytes:
    lines = _head(message)
    if len(lines) < 2:
        return message
    return message.replace(chance.choice(lines[1:]) + CRLF, b"", 1)


def long_via_chain(chance: random.Random, message: bytes) -> bytes:
    count = chance.choice((5, 70, 150))
    chain = (
        b"Via: SIP/2.0/UDP 127.0.0.1:%d;branch=z9hG4bK%d" % (chance.randrange(1, 65536), place)
        for place in range(count)
    )
    return _insert(message, chance, CRLF.join(chain))


def folded(chance: random.Random, message: bytes) -> bytes:
    return message.replace(b": ", b":" + CRLF + b" " * chance.choice((1, 200)), chance.choice((1, 3, 30)))


def other_newlines(chance: random.Random, message: bytes) -> bytes:
    return message.replace(CRLF, chance.choice((b"\n", b"\r", b"\r\r\n", b"\r\n\r\n")), chance.choice((1, 3, 100)))


def shuffled_parameters(chance: random.Random, message: bytes) -> bytes:
    return message.replace(b";", chance.choice((b";;", b" ; ", b";=;", b";\x00;", b";a=" + b"b" * 2000 + b";")), 2)


def multipart(chance: random.Random, message: bytes) -> bytes:
    head, _, body = message.partition(CRLF * 2)
    edge = chance.choice((b"edge", b"e" * 200, b"", b'"'))
    parts = b"".join(
        b"--" + edge + CRLF + b"Content-Type: application/sdp" + CRLF * 2 + body + CRLF
        for _ in range(chance.choice((1, 2, 60)))
    )
    end = b"--" + edge + b"--" if chance.random() < 0.5 else b""
    head = re.sub(rb"Content-Type: *[^\r]*", b"Content-Type: multipart/mixed;boundary=" + edge, head)
    head = re.sub(rb"Content-Length: *\d+", b"Content-Length: %d" % len(parts + end), head)
    return head + CRLF * 2 + parts + end


def sdp_line(chance: random.Random, message: bytes) -> bytes:
    lines = (
        b"m=audio 0 RTP/AVP",
        b"m=audio 99999 RTP/AVP 8",
        b"m=audio 1 RTP/AVP " + b"8 " * 500,
        b"m=video 1 RTP/AVP 31",
        b"c=IN IP4 ",
        b"c=IN IP6 ::1",
        b"c=IN IP4 999.1.1.1",
        b"a=rtpmap:8 /0",
        b"a=rtpmap:999 X/-1/-1",
        b"a=fmtp:8 " + b"x=y;" * 900,
        b"a=ptime:0",
        b"a=" + b"z" * 4000,
        b"v=1",
        b"o=",
        b"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:",
        b"a=sendonly" + CRLF + b"a=inactive",
    )
    head, found, body = message.partition(CRLF * 2)
    rows = body.split(CRLF)
    rows.insert(chance.randrange(len(rows) + 1), chance.choice(lines))
    body = CRLF.join(rows)
    return re.sub(rb"Content-Length: *\d+", b"Content-Length: %d" % len(body), head) + found + body


def glued(chance: random.Random, message: bytes) -> bytes:
    return (
        message * chance.choice((2, 3))
        if chance.random() < 0.5
        else message + bytes(chance.randrange(256) for _ in range(400))
    )


def noise(chance: random.Random, message: bytes) -> bytes:
    return bytes(chance.randrange(256) for _ in range(chance.choice((1, 3, 20, 1400))))


MUTATIONS: Sequence[Mutation] = (
    cut_off,
    flip_bits,
    flip_bits,
    set_bytes,
    nul_inside,
    wrong_length,
    cseq,
    other_method,
    bad_uri,
    bad_uri,
    huge_header,
    odd_header,
    odd_header,
    twice,
    dropped,
    long_via_chain,
    folded,
    other_newlines,
    shuffled_parameters,
    multipart,
    sdp_line,
    sdp_line,
    glued,
    noise,
)


def _head(message: bytes) -> list[bytes]:
    return message.partition(CRLF * 2)[0].split(CRLF)


def _insert(message: bytes, chance: random.Random, line: bytes) -> bytes:
    head, found, body = message.partition(CRLF * 2)
    lines = head.split(CRLF)
    lines.insert(chance.randrange(1, len(lines) + 1), line)
    return CRLF.join(lines) + found + body
