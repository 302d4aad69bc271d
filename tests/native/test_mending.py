"""Messages that pjsip's parser drops, on real sockets: mended and taken, or refused by name; never without a word."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator

import deskphone_sipext as sipext
import pytest

from deskphone.sip.stack.mending import Mender
from tests.native.native_peer import Message, Peer
from tests.native.native_phone import SDP, Phone

NAMES = {"From": "<sip:2001@sips-a.example.com>;tag=caller", "To": "<sip:1502@sips-a.example.com>"}
LEFT_OUT = ""


@pytest.fixture
def mender(phone: Phone) -> Iterator[Mender]:
    """A phone with a mender at its doors that answers OPTIONS, NOTIFY and MESSAGE with 200."""
    keeper = Mender("deskphone-test")
    keeper.install()
    phone.decide = lambda message: None if message.startswith((b"INVITE", b"ACK", b"BYE")) else (200, "", [])
    yield keeper


def lines(peer: Peer, method: str, changed: dict[str, str], call_id: str = "mended") -> list[str]:
    """The lines of a request with some of its headers changed, or left out where the value is ""."""
    fixed = {
        "Via": f"SIP/2.0/UDP 127.0.0.1:{peer.port};branch=z9hG4bK-{call_id}",
        "Max-Forwards": "70", **NAMES, "Call-ID": call_id, "CSeq": f"1 {method}",
        "Contact": f"<sip:2001@127.0.0.1:{peer.port}>",
    }  # fmt: skip
    return [f"{name}: {value}" for name, value in {**fixed, **changed}.items() if value != LEFT_OUT]


def send(peer: Peer, phone: Phone, method: str, changed: dict[str, str], body: bytes = b"", *, start: str = "") -> None:
    """Send such a request."""
    first = start or f"{method} sip:1502@127.0.0.1:{phone.port} SIP/2.0"
    head = [first, *lines(peer, method, changed), f"Content-Length: {len(body)}"]
    peer.socket.sendto("\r\n".join(head).encode() + b"\r\n\r\n" + body, ("127.0.0.1", phone.port))


@pytest.mark.parametrize(
    "value",
    ["active, 3600", "active 3600", "active;expires=", "active;expires", "Active ; expires=\"60\" , x", "active;;x=;,"],
)  # fmt: skip
def test_a_notify_whose_subscription_state_is_odd_is_taken(
    phone: Phone, peer: Peer, mender: Mender, value: str
) -> None:
    send(peer, phone, "NOTIFY", {"Event": "as-feature-event", "Subscription-State": value})
    assert phone.take("NOTIFY", 200)
    assert phone.seen[-1][0].split(b"\r\n")[0].startswith(b"NOTIFY sip:1502@")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("From", '""unknown"" <sip:2001@127.0.0.1>;tag=a'),
        ("From", '"Jos\u00e9 "Pepe" M\u00fcller" <sip:2001@127.0.0.1>;tag=a'),
        ("From", 'Anna "x <sip:2001@127.0.0.1>;tag=a'),
        ("From", "M\u00fcller, Anna <sip:2001@127.0.0.1>;tag=a"),
        ("From", '"open <sip:2001@127.0.0.1>;tag=a'),
        ("From", "<sip:2001@127.0.0.1;tag=a"),
        ("From", "<sip:20 01@127.0.0.1>;tag=a"),
        ("From", "<urn:service:sos>;tag=a"),
        ("From", "<2001@127.0.0.1>;tag=a"),
        ("From", "<sip:2001@127.0.0.1:99999>;tag=a"),
        ("To", '"1502"1" <sip:1502@127.0.0.1>'),
        ("Contact", '<sip:a"b@127.0.0.1>, <sip:2001@127.0.0.1>'),
        ("Contact", "<sip:2001@127.0.0.1>;q=high"),
        ("Record-Route", "<sip:127.0.0.1;lr>, "),
        ("Record-Route", "sip:127.0.0.1;lr"),
        ("Route", "<>"),
        ("Expires", "one hour"),
        ("Expires", "3600 s"),
        ("Session-Expires", "1800;refresher"),
        ("Session-Expires", "soon"),
        ("Min-SE", "-"),
        ("Max-Forwards", "many"),
        ("Max-Forwards", "70, 70"),
        ("Retry-After", "(tomorrow)"),
        ("Supported", ", ".join(f"x{number}" for number in range(60))),
        ("Allow", ",".join(["INVITE"] * 40)),
        ("Proxy-Authorization", 'Bearer x="y"'),
        ("Authorization", "NTLM abcd="),
        ("CSeq", "0001 OPTIONS extra"),
        ("Content-Type", "application"),
        ("Event", ";id=4"),
        ("Subject", "a\r\nno colon here"),
        ("X-Name With Blank", "y"),
        ("Subject", "a\x01b\x00c"),
        ("Via", "SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK-odd;ttl=many;rport=x;;"),
        ("Via", "SIP / 2.0 / UDP 127.0.0.1:{port} ; branch=z9hG4bK-blanks;ttl=999999"),
    ],
)  # fmt: skip
def test_a_header_we_need_not_read_costs_no_request(
    phone: Phone, peer: Peer, mender: Mender, name: str, value: str
) -> None:
    body = b"x" if name == "Content-Type" else b""
    send(peer, phone, "OPTIONS", {name: value.format(port=peer.port)}, body)
    answer = phone.take("OPTIONS", 200)
    assert answer.get("Call-ID") == "mended" and phone.seen
    assert answer.get("Via").split("branch=")[1].split(";")[0] in ("z9hG4bK-mended", "z9hG4bK-odd", "z9hG4bK-blanks")


@pytest.mark.usefixtures("mender")
@pytest.mark.parametrize(
    ("method", "changed", "phrase"),
    [
        ("OPTIONS", {"To": "<"}, "Bad To header"),
        ("OPTIONS", {"From": "\u00fc"}, "Bad From header"),
        ("OPTIONS", {"CSeq": "one OPTIONS"}, "Bad CSeq header"),
        ("OPTIONS", {"CSeq": "99999999999 OPTIONS"}, "Bad CSeq header"),
        ("OPTIONS", {"From": LEFT_OUT}, "Missing From header"),
        ("OPTIONS", {"Call-ID": LEFT_OUT}, "Missing Call-ID header"),
        ("OPTIONS", {"CSeq": LEFT_OUT}, "Missing CSeq header"),
        ("NOTIFY", {"Event": ";"}, "Bad Event header"),
        ("INVITE", {"Replaces": ";"}, "Bad Replaces header"),
        ("OPTIONS", {"Expires": "x", "Content-Length": "4000"}, "Bad Content-Length header"),
    ],
)  # fmt: skip
def test_what_cannot_be_mended_is_refused_by_name(
    phone: Phone, peer: Peer, method: str, changed: dict[str, str], phrase: str
) -> None:
    first = f"{method} sip:1502@127.0.0.1:{phone.port} SIP/2.0"
    peer.socket.sendto("\r\n".join([first, *lines(peer, method, changed), "", ""]).encode(), ("127.0.0.1", phone.port))
    refused = phone.until(lambda: next((each for each in _received(peer) if each.code == 400), None))
    assert refused.first_line == f"SIP/2.0 400 {phrase}"
    assert "received=127.0.0.1" in refused.get("Via") and refused.get("Server") == "deskphone-test"
    assert not refused.get("To") or refused.tag("To")
    assert not phone.seen


def _received(peer: Peer) -> list[Message]:
    peer.poll()
    return peer.received


@pytest.mark.parametrize(
    ("start", "code"),
    [
        ("OPTIONS nobodyKnowsThisScheme:totallyopaquecontent SIP/2.0", 416),
        ("OPTIONS sip:1502@127.0.0.1 SIP/7.0", 505),
        ("OPTIONS sip:1502@127.0.0.1; lr SIP/2.0", 400),
        ("OPTIONS sip:1502@ SIP/2.0", 400),
        ("OPTIONS <sip:1502@127.0.0.1> SIP/2.0", 200),
        ("OPTIONS  sip:1502@127.0.0.1  SIP/2.0", 200),
    ],
)
def test_a_request_line_is_mended_or_answered(phone: Phone, peer: Peer, mender: Mender, start: str, code: int) -> None:
    send(peer, phone, "OPTIONS", {}, start=start)
    assert phone.take("OPTIONS", code)


@pytest.mark.parametrize(
    "challenge",
    [
        ('Bearer realm="x"', 'Digest realm="test", nonce="n1", algorithm=MD5, qop="auth"'),
        ('NTLM', 'Digest realm="test", nonce="n1", algorithm=MD5, qop="auth"'),
        ('Digest realm="test", nonce="n1", algorithm=MD5, qop="auth", Bearer realm="x"',),
        ('Basic realm="x", Digest realm="test", nonce="n1", qop="auth"',),
        ('Digest realm="test" nonce="n1" qop="auth"',),
        ("Negotiate", 'Bearer realm="x", error="invalid_token"', 'Digest realm="test",nonce="n1",qop="auth",'),
    ],
)  # fmt: skip
def test_an_unknown_scheme_beside_digest_is_ignored(
    phone: Phone, peer: Peer, mender: Mender, challenge: tuple[str, ...]
) -> None:
    sipext.subscribe(phone.account.getId(), "x-challenged", lambda _event: None)
    first = phone.take("SUBSCRIBE")
    peer.answer(first, 401, "Unauthorized", [("WWW-Authenticate", value) for value in challenge])
    assert 'nonce="n1"' in phone.take("SUBSCRIBE").get("Authorization")


@pytest.mark.parametrize(
    "raw",
    [
        b"ACK sip:1502@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK1\r\nFrom: x\r\n\r\n",
        b"SIP/2.0 4294967301 better not break the receiver\r\nVia: SIP/2.0/UDP 127.0.0.1\r\n\r\n",
        b"OPTIONS sip:a@b SIP/2.0\r\nFrom: <sip:a@b>;tag=1\r\n\r\n",
        b"OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{port};maddr=127.0.0.2\r\nTo: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 9,
        b"GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n",
        b"OPTIONS" * 2000,
    ],
)
def test_what_can_take_no_answer_gets_none_and_is_counted(phone: Phone, peer: Peer, mender: Mender, raw: bytes) -> None:
    before = sipext.counts()["unreadable"]
    peer.socket.sendto(raw.replace(b"{port}", b"%d" % peer.port), ("127.0.0.1", phone.port))
    send(peer, phone, "OPTIONS", {"Call-ID": "after"})
    phone.take("OPTIONS", 200)
    assert sipext.counts()["unreadable"] == before + 1 and sum(mender.counts.values()) >= 1
    assert not _received(peer)


@pytest.fixture
def stream(phone: Phone, mender: Mender, tcp_port: Callable[[], int]) -> Iterator[socket.socket]:
    """A connection to the phone."""
    with socket.create_connection(("127.0.0.1", tcp_port())) as connection:
        connection.setblocking(False)
        yield connection


def options(call_id: str, *more: str, length: str = "Content-Length: 0", end: str = "\r\n") -> bytes:
    """An OPTIONS for a stream."""
    head = [
        "OPTIONS sip:1502@127.0.0.1 SIP/2.0", f"Via: SIP/2.0/TCP 127.0.0.1:9;branch=z9hG4bK-{call_id};rport",
        *(f"{name}: {value}" for name, value in NAMES.items()), f"Call-ID: {call_id}", "CSeq: 1 OPTIONS", *more,
    ]  # fmt: skip
    return end.join([*head, *([length] if length else []), "", ""]).encode()


def answered(phone: Phone, stream: socket.socket, count: int) -> dict[str, int]:
    """The codes of that many answers, by Call-ID."""
    received = b""
    codes: dict[str, int] = {}

    def enough() -> bool:
        nonlocal received
        try:
            received += stream.recv(65536)
        except BlockingIOError:
            return False
        for piece in received.split(b"SIP/2.0 ")[1:]:
            if b"\r\n\r\n" in piece:
                call_id = piece.split(b"Call-ID: ")[1].split(b"\r\n")[0].decode()
                codes[call_id] = int(piece[:3])
        return len(codes) >= count

    phone.until(enough)
    return codes


def test_a_bad_message_on_a_stream_costs_neither_itself_nor_its_neighbours(phone: Phone, stream: socket.socket) -> None:
    good, odd = options("one"), options("two", "Expires: never")
    stream.sendall(good + odd + options("three")[:40])
    assert answered(phone, stream, 2) == {"one": 200, "two": 200}
    stream.sendall(options("three")[40:] + options("four", "CSeq: x"))
    assert answered(phone, stream, 2) == {"three": 200, "four": 400}


@pytest.mark.parametrize(
    "odd",
    [
        options("odd", length=""),
        options("odd", length="Content-Length: none"),
        options("odd", length="Content-Length: -1"),
        options("odd", end="\n"),
        options("odd", "Content-Type: text/plain", length="") + b"a body\r\n",
    ],
    ids=["no length", "no number", "negative", "line feeds", "body without length"],
)
def test_a_message_without_a_usable_length_does_not_take_the_connection_with_it(
    phone: Phone, stream: socket.socket, odd: bytes
) -> None:
    stream.sendall(options("before") + odd + options("after") + options("later")[:30])
    assert answered(phone, stream, 3) == {"before": 200, "odd": 200, "after": 200}
    stream.sendall(options("later")[30:])
    assert answered(phone, stream, 1) == {"later": 200}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"m=audio", b"m= audio"),
        (b"RTP/AVP 8\r\n", b"RTP/AVP 8 \r\n"),
        (b"RTP/AVP 8\r\n", b"RTP/AVP 97 8 98 101\r\n"),
        (b"RTP/AVP 8\r\n", b"RTP/AVP 8 300 x\r\n"),
        (b"RTP/AVP 8\r\n", b"RTP/AVP 8 101\r\na=rtpmap:101 telephone-event\r\n"),
        (b"RTP/AVP 8\r\n", b"RTP/AVP 8 99\r\na=rtpmap:99 x\r\n"),
        (b"RTP/AVP 8\r\n", b"RTP/AVP " + b" ".join(b"%d" % each for each in range(10, 60)) + b" 8\r\n"),
        (b"t=0 0\r\n", b""),
        (b"s=-\r\n", b""),
        (b"s=-", b"s="),
        (b"o=- 1 1 IN IP4 127.0.0.1", b"o=x"),
        (b"o=- 1 1 IN IP4 127.0.0.1", b"o=- abc 12345678901234567890123 IN IP4 127.0.0.1"),
        (b"c=IN IP4 127.0.0.1", b"c=IN IP4 127.0.0.1\r\nb=fast"),
        (b"t=0 0", b"t=now"),
        (b"a=rtpmap", b"a=\r\na= x\r\na=rtpmap"),
        (b"\r\n", b"\r"),
        (b"\r\n", b"\n"),
        (b"a=rtpmap:8 PCMA/8000\r\n", b"a=rtpmap:8 PCMA/8000\r\nX: y\r\n@\r\n"),
        (b"a=rtpmap:8 PCMA/8000\r\n", b"".join(b"a=candidate:%d\r\n" % each for each in range(90))),
        (b"v=0\r\n", b""),
        (b"v=0\r\n", b"\r\n v=0\r\n"),
        (
            b"a=rtpmap:8 PCMA/8000\r\n",
            b"a=rtpmap:8 PCMA/8000\r\nm=video 0\r\nm=image 1 udptl t38\r\nc=TN RFC2543 1\r\n",
        ),
    ],
)
def test_an_offer_that_pjmedia_would_not_read_rings(
    phone: Phone, peer: Peer, mender: Mender, old: bytes, new: bytes
) -> None:
    offer = SDP.replace(old, new)
    assert offer != SDP
    before = sipext.counts()["sdp"]
    send(peer, phone, "INVITE", {"Content-Type": "application/sdp"}, offer)
    assert phone.take("INVITE", 180)
    if not sipext.reads_sdp(offer):
        assert sipext.counts()["sdp"] == before + 1


def test_a_good_offer_is_not_looked_at(phone: Phone, peer: Peer, mender: Mender) -> None:
    before = sipext.counts()
    send(peer, phone, "INVITE", {"Content-Type": "application/sdp"}, SDP)
    assert phone.take("INVITE", 180)
    assert sipext.counts() == before and not mender.counts


def test_what_follows_the_body_in_a_datagram_is_no_part_of_it(phone: Phone, peer: Peer, mender: Mender) -> None:
    first = f"INVITE sip:1502@127.0.0.1:{phone.port} SIP/2.0"
    head = [first, *lines(peer, "INVITE", {"Content-Type": "application/sdp"}), f"Content-Length: {len(SDP)}"]
    datagram = "\r\n".join(head).encode() + b"\r\n\r\n" + SDP + b"\x00\x00surplus\r\n@@@\r\n"
    peer.socket.sendto(datagram, ("127.0.0.1", phone.port))
    assert phone.take("INVITE", 180) and not mender.counts


@pytest.mark.parametrize("result", [None, ("again",), ("perhaps", b"", 0), ValueError, ("again", b"\x00junk", 0)])
def test_a_broken_mender_loses_that_message_only(
    phone: Phone, peer: Peer, monkeypatch: pytest.MonkeyPatch, result: object
) -> None:
    problems: list[str] = []
    monkeypatch.setattr("sys.unraisablehook", lambda problem: problems.append(str(problem.exc_value)))

    def broken(*_arguments: object) -> object:
        if result is ValueError:
            raise ValueError("broken")
        return result

    sipext.set_mender(broken)  # type: ignore[arg-type]
    phone.decide = lambda _message: (200, "", [])
    send(peer, phone, "OPTIONS", {"Expires": "x"})
    send(peer, phone, "OPTIONS", {"Call-ID": "good"})
    assert phone.take("OPTIONS", 200).get("Call-ID") == "good"
    assert len(problems) == (0 if isinstance(result, tuple) and result[0] == "again" and len(result) == 3 else 1)
    with pytest.raises(TypeError, match="callable"):
        sipext.set_mender(5)  # type: ignore[arg-type]
