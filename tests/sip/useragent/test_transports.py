"""UDP is everywhere else; here TCP, TLS with a checked certificate, IPv6, and encrypted media."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path as File

import pytest

from deskphone.config.schema.words import SrtpMode
from deskphone.config.settings import Settings
from deskphone.core.effects import Answer, Dial, Hangup, Hold, Register, Ring
from deskphone.core.events import (
    CallEnded,
    CallEstablished,
    CallIncoming,
    CallMedia,
    Registered,
    RegistrationFailed,
    ServerSilent,
)
from deskphone.core.voice_path import VoicePath
from deskphone.sip.stack import account
from deskphone.view.outputs import Audio
from deskphone.wire.message import Request
from tests.sip.useragent.conftest import Phone, account_at, granting, settings_for, wait_for
from tests.sip.useragent.peer import Peer, Rtp, StreamPeer, sdp
from tests.unit.provisioning.authority import Authority

pytestmark = pytest.mark.sip
Make = Callable[..., Phone]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> File:
    """A self-signed certificate of 127.0.0.1 with its key, in one PEM file."""
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-keyout", str(file), "-out", str(file) + ".crt", "-days", "2", "-subj", "/CN=127.0.0.1"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(command, check=True, capture_output=True)
    file.write_bytes(file.read_bytes() + File(str(file) + ".crt").read_bytes())
    return file


@pytest.fixture
def tls_peer(certificate: File) -> StreamPeer:
    """A far end that speaks TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return StreamPeer(tls=context)


def call_through(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    """One call in and one out."""
    dialog = peer.invite("sip:1502@phone", (), sdp(rtp.port))
    incoming = phone.expect(CallIncoming)
    assert incoming.trusted
    phone.do(Ring(incoming.call), Answer(incoming.call))
    peer.ack(dialog, peer.response(200, "INVITE"))
    phone.expect(CallEstablished, call=incoming.call)
    phone.do(Dial("out-1", 0, "2001"))
    peer.reply(peer.request("INVITE"), 200, "OK", (), sdp(rtp.port))
    phone.expect(CallEstablished, call="out-1")
    peer.automatic["BYE"] = lambda bye: peer.reply(bye, 200, "OK")


def test_tcp_carries_registration_and_calls(make_phone: Make, rtp: Rtp) -> None:
    peer = StreamPeer()
    granting(peer)
    phone = make_phone(settings_for(sip={"transport": "TCP"}))
    phone.do(Register(account_at(peer, transport="tcp")))
    phone.expect(Registered)
    assert "transport=tcp" in peer.seen[0].headers.get("contact").lower()
    call_through(phone, peer, rtp)
    phone.stop()
    peer.close()


def test_a_far_end_that_has_nothing_but_udp_is_answered_there_and_may_ask_nothing_there(
    make_phone: Make, rtp: Rtp
) -> None:
    """Its proxy speaks TCP and does not stay between (no Record-Route)."""
    proxy, far = StreamPeer(), Peer()
    granting(proxy)
    phone = make_phone(settings_for(sip={"transport": "TCP"}))
    phone.do(Register(account_at(proxy, transport="tcp")))
    phone.expect(Registered)
    phone.do(Dial("out-1", 0, "2001"))
    contact = (("Contact", f"<sip:2001@{far.host}:{far.port}>"),)
    proxy.reply(proxy.request("INVITE"), 200, "OK", contact, sdp(rtp.port))
    phone.expect(CallEstablished, call="out-1")
    far.request("ACK")
    far.invite("sip:1502@phone", (), sdp(rtp.port))  # to where the ACK came from
    phone.do(Hangup("out-1"))
    far.reply(far.request("BYE"), 200, "OK")
    phone.nothing(CallIncoming)
    far.close()
    phone.stop()
    proxy.close()


def test_a_lost_connection_is_made_anew_and_said_to_be(make_phone: Make) -> None:
    peer = StreamPeer()
    granting(peer)
    phone = make_phone(settings_for(sip={"transport": "TCP"}))
    phone.do(Register(account_at(peer, transport="tcp")))
    assert not phone.expect(Registered).fresh
    peer.hang_up()
    assert phone.expect(Registered).fresh
    phone.stop()
    peer.close()


@pytest.mark.parametrize("transport", ["tcp", "tls"])
def test_what_is_registered_is_where_the_connection_of_now_comes_from(
    make_phone: Make, certificate: File, tls_peer: StreamPeer, transport: str
) -> None:
    """A proxy that was started anew knows the phone by its Contact alone: one of the connection before reaches nobody
    (Kamailio tells the caller 477)."""
    peer = tls_peer if transport == "tls" else StreamPeer()
    granting(peer)
    phone = make_phone(settings_for(sip={"transport": transport.upper()}), ca_file=str(certificate) + ".crt")
    phone.do(Register(account_at(peer, transport=transport)))
    ports = []
    for _ in range(3):
        phone.expect(Registered)
        registered = peer.seen[-1].headers.get("contact").partition("@")[2]
        assert registered.startswith(f"127.0.0.1:{peer.phone[1]}"), registered
        ports.append(peer.phone[1])
        peer.hang_up()
    assert len(set(ports)) == 3
    phone.stop()
    peer.close()


def test_a_call_is_where_the_connection_of_now_comes_from_as_soon_as_something_is_offered_in_it(
    make_phone: Make, rtp: Rtp
) -> None:
    peer = StreamPeer()
    granting(peer)
    phone = make_phone(settings_for(sip={"transport": "TCP"}))
    phone.do(Register(account_at(peer, transport="tcp")))
    phone.expect(Registered)
    here = (("Contact", f"<sip:peer@127.0.0.1:{peer.port};transport=tcp>"),)
    phone.do(Dial("out-1", 0, "2001"))
    peer.reply(peer.request("INVITE"), 200, "OK", here, sdp(rtp.port))
    peer.request("ACK")
    phone.expect(CallEstablished)
    peer.hang_up()
    assert phone.expect(Registered).fresh
    phone.do(Hold("out-1"))
    hold = peer.request("INVITE")
    assert hold.headers.get("contact").startswith(f"<sip:1502@127.0.0.1:{peer.phone[1]};transport=TCP>")
    peer.reply(hold, 200, "OK", here, sdp(rtp.port, "recvonly"))
    peer.request("ACK")
    phone.do(Hangup("out-1"))
    peer.reply(peer.request("BYE"), 200, "OK")
    phone.stop()
    peer.close()


def patience_of(port: int) -> list[int]:
    """TCP_USER_TIMEOUT of each connection of this process to that port, in milliseconds."""
    found = []
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(int(name))) as each:
            peer = each.getpeername() if each.family == socket.AF_INET else ("", 0)
            if peer[1] == port and each.type == socket.SOCK_STREAM:
                found.append(each.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT))
    return found


@pytest.mark.parametrize("transport", ["tcp", "tls"])
def test_a_host_that_acknowledges_nothing_loses_the_connection_within_seconds(
    make_phone: Make, certificate: File, tls_peer: StreamPeer, transport: str
) -> None:
    """Else TCP repeats itself ever more rarely, and a server whose power is back waits for two minutes."""
    peer = tls_peer if transport == "tls" else StreamPeer()
    granting(peer)
    phone = make_phone(settings_for(sip={"transport": transport.upper()}), ca_file=str(certificate) + ".crt")
    phone.do(Register(account_at(peer, transport=transport)))
    phone.expect(Registered)
    assert patience_of(peer.port) == [5000]
    phone.stop()
    peer.close()


def test_tls_checks_the_certificate(make_phone: Make, certificate: File, tls_peer: StreamPeer, rtp: Rtp) -> None:
    granting(tls_peer)
    phone = make_phone(settings_for(sip={"transport": "TLS"}), ca_file=str(certificate) + ".crt")
    phone.do(Register(account_at(tls_peer, transport="tls")))
    phone.expect(Registered)
    call_through(phone, tls_peer, rtp)
    phone.stop()
    tls_peer.close()


def test_sips_addresses_stay_sips(make_phone: Make, certificate: File, tls_peer: StreamPeer, rtp: Rtp) -> None:
    """Nothing of such a line goes on without TLS: its own addresses are sips:, a far end's or a redirect's sip: are no
    way on (RFC 5630)."""
    granting(tls_peer)
    phone = make_phone(settings_for(sip={"transport": "TLS"}), ca_file=str(certificate) + ".crt")
    plain = account_at(tls_peer, transport="tls")
    phone.do(Register(replace(plain, **{
        name: getattr(plain, name).replace("sip:", "sips:") for name in ("aor", "registrar", "proxy")})))  # fmt: skip
    phone.expect(Registered)
    register = tls_peer.seen[0]
    assert isinstance(register, Request)
    assert register.uri.startswith("sips:")
    for name in ("from", "to", "contact"):
        assert "<sips:" in register.headers.get(name), name
    for number, said in (("out-1", "sips:"), ("out-2", "sip:")):
        phone.do(Dial(number, 0, "2001"))
        invite = tls_peer.request("INVITE")
        assert invite.uri.startswith("sips:2001@")
        assert "<sips:" in invite.headers.get("contact")
        tls_peer.reply(invite, 200, "OK", (("Contact", f"<{said}peer@127.0.0.1:{tls_peer.port}>"),), sdp(rtp.port))
        if said == "sips:":
            tls_peer.request("ACK")
            phone.expect(CallEstablished, call=number)
            phone.do(Hangup(number))
            tls_peer.reply(tls_peer.request("BYE"), 200, "OK")
        ended = phone.expect(CallEnded, call=number)
        assert (ended.code == 200) is (said == "sips:")
    phone.do(Dial("out-3", 0, "sip:2002@site"))
    invite = tls_peer.request("INVITE")
    assert invite.uri.startswith("sips:2002@site")
    contacts = (("Contact", "<sip:2003@site>"), ("Contact", "<sips:2004@site>;q=0.1"))
    tls_peer.reply(invite, 302, "Moved", contacts)
    ended = phone.expect(CallEnded, call="out-3")
    assert (ended.redirect, ended.others) == ("sips:2004@site", ())
    phone.stop()
    tls_peer.close()


def test_tls_with_an_unknown_certificate_is_refused(make_phone: Make, tls_peer: StreamPeer) -> None:
    granting(tls_peer)
    phone = make_phone(settings_for(sip={"transport": "TLS"}))
    phone.do(Register(account_at(tls_peer, transport="tls")))
    failed = phone.expect(RegistrationFailed)
    assert (failed.code, failed.reason) == (503, "tls:untrusted")
    assert not tls_peer.seen
    phone.stop()
    tls_peer.close()


@pytest.mark.parametrize(
    ("dates", "name", "said"),
    [
        (("20240101000000Z", "20990101000000Z"), "DNS:elsewhere.example", "tls:wrong_name"),
        (("20240101000000Z", "20240201000000Z"), "IP:127.0.0.1", "tls:not_valid_now"),
        (("20980101000000Z", "20990101000000Z"), "IP:127.0.0.1", "tls:not_valid_now"),
        (("20240101000000Z", "20990101000000Z"), "IP:127.0.0.1", ""),
    ],
)
def test_each_fault_of_a_certificate_has_its_name(
    make_phone: Make, tmp_path: File, dates: tuple[str, str], name: str, said: str
) -> None:
    """The authority is the site's, kept in the data folder; the last certificate is good."""
    owner = Authority(tmp_path / "owner", "owner")
    (tmp_path / "certificates").mkdir()
    (tmp_path / "certificates" / "authority-0.pem").write_bytes(owner.certificate.read_bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*owner.issue_for("server", start=dates[0], end=dates[1], address=name))
    peer = StreamPeer(tls=context)
    granting(peer)
    phone = make_phone(settings_for(sip={"transport": "TLS"}), data=tmp_path)
    phone.do(Register(account_at(peer, transport="tls")))
    if said:
        assert phone.expect(RegistrationFailed).reason == said
    else:
        phone.expect(Registered)
    phone.stop()
    peer.close()


def test_ipv6_carries_registration_calls_and_voice(make_phone: Make) -> None:
    try:
        peer = Peer("::1")
    except OSError as error:
        pytest.skip(f"no ::1 here: {error}")
    granting(peer)
    phone = make_phone(address="::1")
    phone.do(Register(account_at(peer)))
    phone.expect(Registered)
    phone.do(Dial("out-1", 0, "2001"))
    invite = peer.request("INVITE")
    assert b"c=IN IP6 ::1\r\n" in invite.body
    assert "[::1]" in invite.headers.get("contact")
    phone.stop()
    peer.close()


def secured(settings: Settings, mode: SrtpMode) -> Settings:
    """With SRTP."""
    return replace(settings, media=replace(settings.media, srtp=replace(settings.media.srtp, mode=mode)))


def test_required_encryption_offers_nothing_else_and_is_told(make_phone: Make, peer: Peer, rtp: Rtp) -> None:
    phone = make_phone(secured(settings_for(), SrtpMode.REQUIREENCRYPTION))
    phone.do(Register(account_at(peer)))
    phone.expect(Registered)
    phone.do(Dial("out-1", 0, "2001"))
    invite = peer.request("INVITE")
    assert b"RTP/SAVP" in invite.body
    key = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz"
    answer = sdp(rtp.port, extra=key).replace(b"RTP/AVP", b"RTP/SAVP")
    peer.reply(invite, 200, "OK", (), answer)
    assert phone.expect(CallMedia).secure
    phone.sound(Audio(VoicePath.HANDSET, calls=("out-1",)))
    wait_for(lambda: len(rtp.payloads(0)) > 3, "SRTP")
    assert len(rtp.payloads(0)[0]) == 170, "20 ms of PCMU and ten bytes of authentication"


def test_optional_encryption_takes_a_plain_answer(make_phone: Make, peer: Peer, rtp: Rtp) -> None:
    phone = make_phone(secured(settings_for(), SrtpMode.SUPPORTENCRYPTION))
    phone.do(Register(account_at(peer)))
    phone.expect(Registered)
    phone.do(Dial("out-1", 0, "2001"))
    invite = peer.request("INVITE")
    assert b"a=crypto:" in invite.body
    peer.reply(invite, 200, "OK", (), sdp(rtp.port))
    assert not phone.expect(CallMedia).secure


def test_a_connection_that_never_lasts_is_made_anew_ever_later(
    make_phone: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that closes after each 200 was asked at once, for ever: 70 times in 20 s (RFC 5626 section 4.5)."""
    asked: list[int] = []

    def pause(short_lived: int, drawn: float) -> float:
        asked.append(short_lived)
        assert 0 <= drawn <= 1
        return 0.01

    monkeypatch.setattr(account.bindings, "pause_before_reconnect", pause)
    peer = StreamPeer()
    granting(peer)
    phone = make_phone(settings_for(sip={"transport": "TCP"}))
    phone.do(Register(account_at(peer, transport="tcp")))
    for number in range(4):
        phone.expect(Registered)
        peer.hang_up()
        wait_for(lambda number=number: len(asked) > number, "the loss")  # type: ignore[misc]
    assert asked == [0, 1, 2, 3]
    # Whether it lives is asked by OPTIONS after the first loss: that makes a connection, which is lost again.
    assert len([each for each in phone.events if isinstance(each, ServerSilent)]) == 1
    phone.stop()
    peer.close()
