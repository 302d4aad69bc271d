"""A stranger on the voice LAN sends RTP and RTCP to the phone in a call: he hears nothing, and nobody hears him.

What worked: a dozen packets to each port of the range and a few a second turned all of the agent's voice to him; three
packets of RTCP turned the reports, in encrypted calls too. He is tried from his own address and with the far end's.
"""

from __future__ import annotations

import contextlib
import math
import socket
import struct
import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from centre import g711
from tests.netns.lan import FIRST_MEDIA, PHONE, SERVER, STRANGER, Lan
from tests.peers.ear import Ear
from tests.sip.useragent.peer import Dialog, Rtp, audio_of, learn, sdp
from tests.stories.bench import Story

pytestmark = [pytest.mark.netns, pytest.mark.slow]
HONEST, FOREIGN = 440, 600  # hertz
PORTS = range(FIRST_MEDIA, FIRST_MEDIA + 64)
KEY = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz"
SR, RR, BYE = 200, 201, 203


def tone(hertz: int, at: int) -> bytes:
    """20 ms of a sine as PCMU, the `at`-th of them."""
    return g711.encode(
        "PCMU", [round(9000 * math.sin(2 * math.pi * hertz * n / 8000)) for n in range(at * 160, at * 160 + 160)]
    )


@contextlib.contextmanager
def speaking(rtp: Rtp, to: tuple[str, int]) -> Iterator[None]:
    """The far end is heard, as a person whose telephone sends a packet each 20 ms."""
    over = threading.Event()

    def speak() -> None:
        at = 0
        while not over.wait(0.02):
            rtp.send(to, 0, tone(HONEST, at), at, at * 160)
            at += 1

    thread = threading.Thread(target=speak, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


class Stranger:
    """His two sockets, and what he does for a while."""

    def __init__(self, lan: Lan, far_end: tuple[str, int]) -> None:
        self._lan, self._far_end = lan, far_end
        self._doors = [lan.at("stranger", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in "ab"]
        self.round = 0

    def send(self, port: int, packet: bytes) -> None:
        """From his own address, and as if from the far end's host."""
        self._doors[0].sendto(packet, (PHONE, port))
        self._lan.forge((self._far_end[0], self._far_end[1] + 2), (PHONE, port), packet)

    def attack(self, port: int, *, everywhere: bool) -> None:
        """Empty packets, his voice, digits, and reports that say goodbye; `everywhere`: to each port of the range."""
        self.round += 1
        for number in range(12 if everywhere else 2):
            head = struct.pack("!BBHII", 0x80, 0, self.round * 100 + number, number * 160, 0xBAD)
            for each in PORTS[::2] if everywhere else (port,):
                self._doors[0].sendto(head, (PHONE, each))
            self.send(port, head + tone(FOREIGN, number))
            self.send(port, struct.pack("!BBHII", 0x80, 101, number, 160, 0xBAD) + b"\x05\x8a\x03\x20")
            for kind, size in ((SR, 6), (RR, 1), (BYE, 1)):
                report = struct.pack("!BBH", 0x80 | (kind == BYE), kind, size) + bytes(4 * size)
                self.send(port + 1, report)
                self.send(port, report)  # RTP and RTCP on one port (RFC 5761)

    def close(self) -> None:
        for door in self._doors:
            door.close()


@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "SRTP"])
def test_a_stranger_turns_no_call_away_and_is_not_heard(tmp_path: Path, encrypted: bool) -> None:
    mode = "SUPPORTENCRYPTION" if encrypted else "DONOTSUPPORTENCRYPTION"
    with (
        Lan() as lan,
        lan.media("wire", SERVER) as voice,
        lan.media("wire", SERVER) as reports,
        lan.phone(tmp_path, voip__media__srtp__mode=mode) as phone,
    ):
        story = phone.story()
        dialog, port = talk(lan, story, voice, reports, encrypted)
        before = len(voice.packets)
        story.wait("voice", lambda _: len(voice.packets) > before + 10)
        ear = Ear("the agent", lambda: phone.heard)
        honest = contextlib.nullcontext() if encrypted else speaking(voice, (PHONE, port))
        with contextlib.closing(Stranger(lan, (SERVER, voice.port))) as stranger, honest:
            if not encrypted:
                ear.hears(HONEST)
            told = len(reports.packets)
            stranger.attack(port, everywhere=True)

            def reported(_: object) -> bool:
                """Until the phone has reported twice: to whom, was up to the stranger."""
                stranger.attack(port, everywhere=False)
                return len(reports.packets) >= told + 2

            story.wait("two reports of the phone", reported, within=30)
            if not encrypted:
                ear.hears(HONEST)
        assert lan.of_the_phone() == []
        assert all((after - number) % 65_536 == 1 for number, after in pairwise(voice.numbers)), (
            "the far end lost voice"
        )
        story.in_call()
        assert [call["secure"] for call in phone.state()["calls"]] == [encrypted]
        lan.server.send("BYE", dialog)
        lan.server.response(200, "BYE")
        story.idle()
        assert phone.troubles() == []
        assert STRANGER not in phone.journal()


def talk(lan: Lan, story: Story, voice: Rtp, reports: Rtp, encrypted: bool) -> tuple[Dialog, int]:
    """A call of the server that the agent answered; the phone's RTP port."""
    body = sdp(voice.port, host=SERVER, extra=f"a=rtcp:{reports.port}" + (f"\r\n{KEY}" if encrypted else ""))
    if encrypted:
        body = body.replace(b"RTP/AVP", b"RTP/SAVP")
    contact = next(each for each in lan.server.seen if each.headers.get("contact")).headers.get("contact")
    dialog = lan.server.invite(contact.partition("<")[2].partition(">")[0], (), body)
    learn(dialog, lan.server.response(180))
    story.shows("Incoming call")
    story.press("soft1")
    answer = lan.server.response(200, "INVITE")
    lan.server.ack(dialog, answer)
    story.in_call()
    assert (b"RTP/SAVP" in answer.body) == encrypted
    host, port = audio_of(answer)
    assert host == PHONE and port in PORTS
    return dialog, port
