"""A far end or a proxy that gives its host's name: looked up beside the SIP thread; where nobody knows it, the phone
asks where the name came from.

pjsip asked the name server on the SIP thread: with a dead one each ACK and BYE stood for ten seconds, and the watchdog
ends a phone that stands for five.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path as File
from typing import Any

import pytest

from deskphone.core.effects import Answer, Dial, Hangup, Register, Ring, Subscribe
from deskphone.core.events import CallEnded, CallEstablished, CallIncoming, Registered
from deskphone.sip.stack import names
from deskphone.wire.message import Request
from tests.sip.useragent.conftest import Phone, account_at, address_of, granting, settings_for
from tests.sip.useragent.peer import Dialog, Peer, Rtp, StreamPeer, learn, sdp
from tests.unit.provisioning.authority import Authority

pytestmark = pytest.mark.sip
NAME = "pbx.site.example"
Known = dict[str, tuple[str, ...]]


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> Iterator[Known]:
    """What the name server knows; of NAME it says nothing for ever, as a dead one, until the test is over."""
    told: Known = {}
    over = threading.Event()

    def look(name: str, *_: Any, **__: Any) -> list[Any]:
        if name not in told:
            over.wait(60)
        if not told.get(name):
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return [(socket.AF_INET, socket.SOCK_DGRAM, 0, "", (each, 0)) for each in told[name]]

    monkeypatch.setattr(names.socket, "getaddrinfo", look)
    monkeypatch.setattr(names, "PATIENCE", 0.3)
    yield told
    over.set()


def still_there(phone: Phone, peer: Peer) -> None:
    """The server's OPTIONS is answered at once."""
    peer.send("OPTIONS", Dialog("alive", "<sip:a@b>;tag=o", "<sip:c@d>", address_of(phone)))
    peer.response(200, "OPTIONS", within=1.0)


def call_out(phone: Phone, peer: Peer, rtp: Rtp, *fields: tuple[str, str]) -> None:
    """A call of the phone's that a far end with these fields has answered, acknowledged."""
    phone.do(Dial("out-1", 0, "2001"))
    peer.reply(peer.request("INVITE"), 200, "OK", fields, sdp(rtp.port))
    still_there(phone, peer)
    peer.request("ACK")
    phone.expect(CallEstablished)


def goodbye(phone: Phone, peer: Peer) -> Request:
    """The phone ends that call; its BYE, answered."""
    phone.do(Hangup("out-1"))
    bye = peer.request("BYE")
    peer.reply(bye, 200, "OK")
    return bye


def test_with_a_dead_name_server_a_call_is_made_and_ended_and_the_phone_goes_round_meanwhile(
    phone: Phone, peer: Peer, rtp: Rtp, known: Known
) -> None:
    call_out(phone, peer, rtp, ("Contact", f"<sip:2001@{NAME}>"))
    assert goodbye(phone, peer).uri == f"sip:2001@{NAME}"


@pytest.mark.parametrize("told", [(), ("127.0.0.1",), ("::1", "127.0.0.1")], ids=["no such name", "known", "both"])
def test_what_the_name_server_says_counts_and_where_it_says_nothing_the_sender(
    phone: Phone, peer: Peer, rtp: Rtp, known: Known, told: tuple[str, ...]
) -> None:
    known[NAME] = told
    where = f"{NAME}:{peer.port}"
    call_out(phone, peer, rtp, ("Record-Route", f"<sip:{where};lr>"), ("Contact", "<sip:2001@192.0.2.1>"))
    bye = goodbye(phone, peer)
    assert (bye.uri, bye.headers.get("route")) == ("sip:2001@192.0.2.1", f"<sip:{where};lr>")


def test_a_caller_that_names_itself_is_answered_and_told_goodbye(
    phone: Phone, peer: Peer, rtp: Rtp, known: Known
) -> None:
    dialog = peer.invite(address_of(phone), (("Contact", f"<sip:2001@{NAME}>"),), sdp(rtp.port))
    name = phone.expect(CallIncoming).call
    phone.do(Ring(name), Answer(name))
    answer = peer.response(200, "INVITE")
    learn(dialog, answer)
    peer.ack(dialog, answer)
    phone.expect(CallEstablished)
    phone.do(Hangup(name))
    still_there(phone, peer)
    peer.reply(peer.request("BYE"), 200, "OK")


@pytest.mark.parametrize("named", ["[2001:db8::7]", "[2001:db8::7]:5062", "[::1]"])
def test_who_names_an_address_of_the_other_network_is_asked_where_the_message_came_from(
    phone: Phone, peer: Peer, rtp: Rtp, named: str
) -> None:
    """A server with both networks that writes the one this call is not of."""
    call_out(phone, peer, rtp, ("Contact", f"<sip:2001@{named}>"))
    assert goodbye(phone, peer).uri == f"sip:2001@127.0.0.1:{peer.port}"


def test_a_proxy_is_left_to_find_the_way_to_the_other_network(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    way = f"<sip:127.0.0.1:{peer.port};lr>"
    call_out(phone, peer, rtp, ("Record-Route", way), ("Contact", "<sip:2001@[2001:db8::7]>"))
    bye = goodbye(phone, peer)
    assert (bye.uri, bye.headers.get("route")) == ("sip:2001@[2001:db8::7]", way)


def test_a_stranger_who_gives_himself_that_name_is_not_asked(phone: Phone, peer: Peer, rtp: Rtp, known: Known) -> None:
    call_out(phone, peer, rtp, ("Contact", f"<sip:2001@{NAME}>"))
    stranger = Peer("127.0.0.2")
    stranger.phone = ("127.0.0.1", phone.agent.address[1])
    for method, to in (
        ("OPTIONS", ""),
        ("INVITE", ""),
        ("UPDATE", ";tag=x"),
        ("INVITE", ";tag=x"),
        ("NOTIFY", ";tag=x"),
    ):
        asked = Dialog(f"poison-{method}{to}", "<sip:a@b>;tag=o", f"<sip:c@d>{to}", address_of(phone), 1)
        stranger.send(method, asked, (("Contact", f"<sip:x@{NAME}>"), ("Record-Route", f"<sip:{NAME};lr>")))
    still_there(phone, peer)
    phone.do(Hangup("out-1"))
    peer.reply(peer.request("BYE"), 200, "OK")
    stranger.nothing("BYE")
    stranger.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_name_that_could_not_be_looked_up_for_want_of_a_thread_is_looked_up_the_next_time(
    phone: Phone, peer: Peer, rtp: Rtp, known: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none_left(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    known[NAME] = ("127.0.0.2",)
    there = Peer("127.0.0.2", peer.port)
    monkeypatch.setattr(names, "NONE_FOR", 0.0)
    with monkeypatch.context() as short:
        short.setattr(names.threading.Thread, "start", none_left)
        call_out(phone, peer, rtp, ("Contact", f"<sip:2001@{NAME}:{peer.port}>"))
    phone.do(Hangup("out-1"))
    there.reply(there.request("BYE"), 200, "OK")
    there.close()


def requests(peer: Peer, method: str) -> list[Request]:
    """Those of that method that have come."""
    return [each for each in peer.seen if isinstance(each, Request) and each.method == method]


@pytest.fixture
def certified(tmp_path: File) -> ssl.SSLContext:
    """A server "localhost", or NAME, whose authority a phone with data=tmp_path knows."""
    owner = Authority(tmp_path / "owner", "owner")
    (tmp_path / "certificates").mkdir()
    (tmp_path / "certificates" / "authority-0.pem").write_bytes(owner.certificate.read_bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    dates = {"start": "20240101000000Z", "end": "20990101000000Z"}
    context.load_cert_chain(*owner.issue_for("server", address=f"DNS:localhost,DNS:{NAME}", **dates))
    return context


@pytest.mark.parametrize("transport", ["tcp", "tls"])
def test_a_server_with_a_name_is_told_goodbye(
    make_phone: Callable[..., Phone], tmp_path: File, certified: ssl.SSLContext, known: Known, transport: str
) -> None:
    """Nobody is asked any more for what the name means; it means what it meant."""
    known["localhost"] = ("127.0.0.1",)
    peer = StreamPeer(tls=certified if transport == "tls" else None)
    granting(peer)
    phone = make_phone(settings_for(sip={"transport": transport.upper()}), data=tmp_path)
    place = f"sip:localhost:{peer.port}"
    at = replace(account_at(peer, transport=transport), aor=f"sip:1502@localhost:{peer.port}", registrar=place)
    phone.do(Register(replace(at, proxy=place)))
    phone.expect(Registered)
    phone.stop()
    assert peer.seen[-1].headers.get("expires") == "0"
    peer.close()


def test_over_tls_too_nobody_else_asks_the_name_server_and_contact_is_that_of_the_connection(
    make_phone: Callable[..., Phone], tmp_path: File, certified: ssl.SSLContext, known: Known
) -> None:
    """The C library, which pjsip asks, does not know this name."""
    known[NAME] = ("127.0.0.1",)
    peer = StreamPeer(tls=certified)
    granting(peer)
    phone = make_phone(settings_for(sip={"transport": "TLS"}), data=tmp_path)
    place = f"sip:{NAME}:{peer.port}"
    at = replace(account_at(peer, transport="tls"), aor=f"sip:1502@{NAME}:{peer.port}", registrar=place, proxy=place)
    phone.do(Register(at))
    phone.expect(Registered)
    first = peer.phone
    peer.hang_up()
    phone.expect(Registered)
    assert peer.phone != first
    before, now = (each.headers.every("contact") for each in requests(peer, "REGISTER"))
    assert [each.partition("@")[2].partition(";")[0] for each in (*before, *now)] == [
        f"127.0.0.1:{port}" for port in (first[1], peer.phone[1], first[1])
    ]
    assert now[1].endswith(";expires=0")
    phone.do(Dial("out-1", 0, "2001"))
    invite = peer.request("INVITE")
    assert f"@127.0.0.1:{peer.phone[1]};" in invite.headers.get("contact")
    peer.reply(invite, 486)
    phone.expect(CallEnded)
    phone.stop()
    last = requests(peer, "REGISTER")[-1]
    assert (last.headers.every("contact"), last.headers.get("expires")) == (now[:1], "0")
    peer.close()


def test_a_subscription_at_a_name_ends_with_the_phone(phone: Phone, peer: Peer, known: Known) -> None:
    known[NAME] = ("127.0.0.1",)
    here = f"<sip:events@{NAME}:{peer.port}>"
    granted = lambda each: peer.reply(each, 200, "OK", (("Contact", here), ("Expires", "3600")))  # noqa: E731
    phone.do(Subscribe(0, "message-summary", ("application/simple-message-summary",), 3600))
    granted(peer.request("SUBSCRIBE"))
    still_there(phone, peer)
    peer.automatic["SUBSCRIBE"] = granted
    phone.stop()
    ended = requests(peer, "SUBSCRIBE")[-1]
    assert (ended.headers.get("expires"), ended.uri) == ("0", here.strip("<>"))


def test_what_waits_for_a_name_when_the_phone_stops_goes_to_where_the_name_came_from(
    phone: Phone, peer: Peer, rtp: Rtp, known: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(names, "NONE_FOR", 0.0)
    call_out(phone, peer, rtp, ("Contact", f"<sip:2001@{NAME}>"))
    monkeypatch.setattr(names, "PATIENCE", 60.0)
    peer.automatic["BYE"] = lambda bye: peer.reply(bye, 200, "OK")
    phone.do(Hangup("out-1"))
    still_there(phone, peer)
    assert not requests(peer, "BYE")
    phone.stop()
    assert [each.uri for each in requests(peer, "BYE")] == [f"sip:2001@{NAME}"]
