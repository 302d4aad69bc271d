"""Floods from the voice LAN: the phone answers little, keeps nothing, writes little, and goes on for its server.

Short here; `tests/fuzz/README.md` has the command for the long ones.
"""

from __future__ import annotations

import contextlib
import re
import socket
import time
from pathlib import Path

import pytest

from deskphone.sip.policy.realms import MOST
from deskphone.wire.message import Request
from tests.netns.forger import Site
from tests.netns.lab import run
from tests.netns.lan import PHONE, SERVER, STRANGER, Lan
from tests.sip.useragent.conftest import granting
from tests.sip.useragent.peer import StreamPeer, audio_of, learn, sdp
from tests.unit.provisioning.authority import Authority

pytestmark = [pytest.mark.netns, pytest.mark.slow]
FLOOD = 1500
RATE = 1000  # a second, where the machine can
ANSWERED = 250, 120
"""At once and a second: a little more than `doors.STRANGERS` says."""
MOST_GROWTH = 8_000_000
"""Bytes. 28 s of such INVITEs took 430 MB when each was kept and refused six times; what is dropped takes none."""
FEW_LINES = 12


@pytest.fixture
def lan() -> Lan:
    return Lan()


def flood(site: Site, source: tuple[str, int], method: str = "INVITE") -> float:
    """RATE a second, a call and a branch each; how many seconds it took."""
    began = time.monotonic()
    packets = []
    for number in range(FLOOD):
        lines = (
            f"{method} sip:1502@{PHONE}:{site.port} SIP/2.0",
            f"Via: SIP/2.0/UDP {source[0]}:{source[1]};branch=z9hG4bK-flood-{method}-{number};rport",
            "Max-Forwards: 70",
            f"From: <sip:6@{source[0]}>;tag=f{number}", f"To: <sip:1502@{SERVER}>", f"Call-ID: flood-{method}-{number}",
            f"CSeq: 1 {method}", f"Contact: <sip:6@{STRANGER}>", f"Refer-To: <sip:6@{STRANGER}>",
            "Event: check-sync", "Content-Type: application/sdp", "", "",
        )  # fmt: skip
        packets.append("\r\n".join(lines).encode() + sdp(4000, host=STRANGER))
    for number, packet in enumerate(packets):
        site.lan.forge(source, (PHONE, site.port), packet)
        if (ahead := number / RATE - (time.monotonic() - began)) > 0:
            time.sleep(ahead)
    return time.monotonic() - began


@pytest.mark.parametrize("source", [(STRANGER, 5060), (SERVER, 5060)], ids=["his own name", "the server's name"])
def test_a_flood_of_invites_costs_no_memory_and_is_not_reflected(
    lan: Lan, tmp_path: Path, source: tuple[str, int]
) -> None:
    with lan, lan.media("wire", SERVER) as voice, lan.phone(tmp_path) as phone:
        site = Site(lan, phone, phone.story(), voice)
        site.honest_call()
        before, lines = phone.memory(), len(phone.journal().splitlines())
        seconds = flood(site, source)
        site.heard_out()
        growth = phone.memory() - before
        told = (
            lan.of_the_phone()
            if source[0] == STRANGER
            else [
                each
                for each in lan.server.seen
                if not isinstance(each, Request) and each.call_id.startswith("flood-INVITE")
            ]
        )
        print(f"{FLOOD} INVITEs: {growth / 1e6:.1f} MB, {len(told)} answers")
        assert growth < MOST_GROWTH
        assert len(told) < ANSWERED[0] + seconds * ANSWERED[1], "most of it is not answered at all, and nothing twice"
        for method in ("REFER", "NOTIFY"):
            flood(site, source, method)
        site.heard_out()
        assert phone.memory() - before < MOST_GROWTH
        assert len(phone.journal().splitlines()) - lines < FEW_LINES, phone.journal()
        while phone.state()["calls"]:
            phone.softkey("reject")
            site.story.pass_time(0.2)
        site.honest_call()
        assert phone.troubles() == []


@pytest.mark.parametrize("transport", ["TCP", "TLS"])
def test_idle_connections_keep_nobody_out(lan: Lan, tmp_path: Path, transport: str) -> None:
    """280 of them, from 20 addresses: more than pjsip has handles for. With TLS none of them shakes hands."""
    identity = Authority(tmp_path / "authority", "site").server() if transport == "TLS" else None
    with lan, contextlib.ExitStack() as ends:
        for last in range(100, 120):
            run("ip", "-n", lan.spaces["stranger"], "addr", "add", f"10.78.0.{last}/24", "dev", "eth0")
        server = ends.enter_context(contextlib.closing(lan.at("wire", lambda: StreamPeer(SERVER, identity))))
        granting(server)
        phone = ends.enter_context(
            lan.phone(
                tmp_path,
                server.port,
                voip__signalling__sip__transport_protocol=transport,
                deskphone__sip__tls__verify_server_certificate="0",
            )
        )
        listening = run("ip", "netns", "exec", lan.spaces["phone"], "ss", "-tlnH")
        found = re.search(rf"{re.escape(PHONE)}:(\d+)", listening)
        assert found, listening
        port = int(found[1])
        open_now = []

        def connect() -> None:
            for number in range(280):
                with contextlib.suppress(OSError):
                    address = (f"10.78.0.{100 + number % 20}", 0)
                    open_now.append(socket.create_connection((PHONE, port), 0.5, source_address=address))

        lan.at("stranger", connect)
        assert len(open_now) > 100, "else nobody was kept out"
        ends.callback(lambda: [each.close() for each in open_now])
        story = phone.story()
        came = len(server.seen)
        server.hang_up()
        story.wait("the phone's own connection made anew", lambda _: len(server.seen) > came, within=30)
        story.registered(within=30)

        def left(_: object) -> int:
            return sum(not closed(each) for each in open_now)

        story.wait("the strangers' connections closed", lambda state: left(state) <= 32, within=20)
        assert phone.troubles() == []


def closed(connection: socket.socket) -> bool:
    """Whether the phone has ended it."""
    connection.setblocking(False)
    try:
        return connection.recv(1) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def test_a_server_with_a_new_realm_in_each_answer_is_asked_a_bounded_number_of_times(lan: Lan, tmp_path: Path) -> None:
    with lan:
        server, number = lan.server, iter(range(10_000))

        def challenge(request: Request) -> None:
            value = f'Digest realm="realm {next(number)}", nonce="n", algorithm=MD5, qop="auth"'
            server.reply(request, 401, "Unauthorized", (("WWW-Authenticate", value),))

        server.automatic["REGISTER"] = challenge
        with lan.phone(tmp_path, registers=False) as phone:
            story = phone.story()
            story.wait("the first realms", lambda _: len(server.seen) > 2)
            story.pass_time(3)
            assert len(server.seen) <= 2 * MOST, f"{len(server.seen)} REGISTERs"
            assert len(phone.journal().splitlines()) < FEW_LINES
            assert phone.troubles() == []


def test_junk_fills_no_journal(lan: Lan, tmp_path: Path) -> None:
    """Requests of every kind of nonsense from a stranger and in the server's name; junk for voice in a call."""
    with lan, lan.media("wire", SERVER) as voice, lan.phone(tmp_path) as phone:
        site = Site(lan, phone, phone.story(), voice)
        before = len(phone.journal().splitlines())
        for number in range(400):
            for source in (STRANGER, SERVER):
                first = (
                    f"J{number} sip:{number}", f"OPTIONS sip:1502@{PHONE} SIP/2.0\r\nVia: {number}",
                    f"SIP/2.0 {number}", f"NOTIFY sip:{number}@{PHONE} SIP/{number}.0",
                )[number % 4]  # fmt: skip
                lan.forge((source, 5060), (PHONE, site.port), f"{first}\r\nX{number}: y\r\n\r\n".encode())
            for method, uri in (("REFER", f"sip:{number}@x"), (f"M{number}", f"sip:{number}@y"), ("NOTIFY", "tel:1")):
                site.forge(method, f"Event: e{number}", uri=uri)
        site.heard_out()
        dialog = lan.server.invite(site.target, (), sdp(voice.port, host=SERVER, codec="111 opus/48000/2"))
        ringing = lan.server.response(180)
        learn(dialog, ringing)
        site.story.press("soft1")
        answer = lan.server.response(200, "INVITE")
        lan.server.ack(dialog, answer)
        site.story.in_call()
        heard = len(voice.packets)
        for number in range(500):
            junk_payload = bytes((number * each) % 256 for each in range(number % 200))
            voice.send(audio_of(answer), 111 if number % 3 else number % 128, junk_payload, number, number * 960)
        site.story.wait("voice all the same", lambda _: len(voice.packets) > heard + 10)
        lan.server.send("BYE", dialog)
        lan.server.response(200, "BYE")
        site.story.idle()
        lines = phone.journal().splitlines()[before:]
        assert len(lines) < 4 * FEW_LINES, "\n".join(lines)
        site.honest_call()
        assert phone.troubles() == []
