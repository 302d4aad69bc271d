"""A far end, or who has guessed all there is to guess of it, sends more than a call can use: the call goes on."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import struct
import time
from collections.abc import Callable

import pytest

from tests.peers.desk import Desk
from tests.sip.robust.caller import LOOPBACK, SDP, Caller
from tests.sip.robust.test_wordy import processor, said

pytestmark = [pytest.mark.sip, pytest.mark.slow]
SECONDS = 1.0
RATE = 3000
"""Packets a second: sixty times a voice."""
MOST_GROWTH = 3_000_000
FEW_LINES = 6
SHARE = 0.9
"""Of one processor, on a slow machine."""
STUN = struct.pack("!HHI", 1, 0, 0x2112A442) + bytes(12)
HELLO = bytes.fromhex("16feff0000000000000000003c010000300000000000000030fefd") + bytes(36) + b"\xc0\x2b\x01\x00"


def rtp(kind: int, number: int, payload: bytes, ssrc: int = 1, step: int = 160) -> bytes:
    return struct.pack("!BBHII", 0x80, kind, number % 65_536, number * step % (1 << 32), ssrc) + payload


def rtcp(kind: int, count: int, *words: int) -> bytes:
    return struct.pack(f"!BBH{len(words)}I", 0x80 | count, kind, len(words), *words)


REPORT = rtcp(201, 0, 1)
KINDS: dict[str, Callable[[int], tuple[bytes, int]]] = {
    "voice": lambda n: (rtp(8, n, b"\xd5" * 160), 0),
    "voice of another source each": lambda n: (rtp(8, n, b"\xd5" * 160, ssrc=n), 0),
    "voice from the future": lambda n: (rtp(8, n * 1000, b"\xd5" * 160, step=1 << 20), 0),
    "the same packet": lambda _n: (rtp(8, 7, b"\xd5" * 160), 0),
    "a codec each": lambda n: (rtp((8, 0, 9, 13, 101, 96)[n % 6], n, b"\xd5" * 160), 0),
    "empty": lambda n: (rtp(8, n, b""), 0),
    "large": lambda n: (rtp(8, n, b"\xd5" * 1400), 0),
    "a digit each": lambda n: (rtp(101, n, bytes((n % 16, 0x8A, 3, 32))), 0),
    "a digit without end": lambda n: (rtp(101, n, bytes((5, 0x0A, n >> 8 & 255, n & 255)), step=0), 0),
    "goodbyes": lambda _n: (REPORT + rtcp(203, 1, 1), 1),
    "goodbyes with a reason": lambda _n: (REPORT + rtcp(203, 31, *range(31), 0x1F414141, *[0x41414141] * 7), 1),
    "of an application": lambda n: (REPORT + rtcp(204, n % 32, 1, 0x41424344, *range(300)), 1),
    "feedback": lambda n: (REPORT + rtcp(205 + n % 2, 1, 1, 1, n), 1),
    "extended reports": lambda n: (REPORT + rtcp(207, 0, 1, 0x04000002, n, n, 0x05000003, n, n, n), 1),
    "names": lambda n: (REPORT + rtcp(202, 31, *[n, 0x01024141] * 31), 1),
    "STUN": lambda n: (STUN, n % 2),
    "DTLS": lambda n: (HELLO, n % 2),
}


def used(process: int) -> tuple[int, int]:
    """Descriptors and threads."""
    return len(os.listdir(f"/proc/{process}/fd")), len(os.listdir(f"/proc/{process}/task"))


def pair() -> tuple[socket.socket, socket.socket]:
    """Two sockets on neighbouring ports."""
    while True:
        voice, reports = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in "ab")
        try:
            voice.bind((LOOPBACK, 0))
            reports.bind((LOOPBACK, voice.getsockname()[1] + 1))
        except OSError:
            voice.close()
            reports.close()
            continue
        voice.setblocking(False)
        return voice, reports


def flood(make: Callable[[int], tuple[bytes, int]], doors: tuple[socket.socket, socket.socket], port: int) -> int:
    """RATE a second; how many packets of the phone came meanwhile."""
    began, number = time.monotonic(), 0
    while (elapsed := time.monotonic() - began) < SECONDS:
        while number < elapsed * RATE:
            packet, away = make(number)
            doors[away].sendto(packet, (LOOPBACK, port + away))
            number += 1
        time.sleep(0.005)
    heard = 0
    with contextlib.suppress(BlockingIOError):
        while True:
            doors[0].recv(2048)
            heard += 1
    return heard


def test_a_call_outlives_floods_of_every_kind(desk: Desk, caller: Caller) -> None:
    process, doors = desk.phone.process, pair()
    assert process is not None
    with doors[0], doors[1]:
        call = caller.invite(body=SDP.replace("40000", str(doors[0].getsockname()[1])))
        desk.story.shows("Incoming call")
        desk.story.press("ok")
        answer = caller.taken(call)
        desk.story.in_call()
        found = re.search(r"m=audio (\d+) ", answer)
        assert found, answer
        flood(KINDS["voice"], doors, int(found[1]))
        handles, memory, lines = used(process.pid), desk.phone.memory(), len(said(desk))
        for name, make in KINDS.items():
            took = processor(process.pid)
            heard = flood(make, doors, int(found[1]))
            share, waited = (processor(process.pid) - took) / SECONDS, caller.options()
            print(f"{name}: {share:.2f} of a processor, {heard} of ours, OPTIONS after {waited * 1000:.0f} ms")
            assert share < SHARE, name
            assert heard > SECONDS * 50 * 0.7, f"{name}: the phone fell silent"
        growth = desk.phone.memory() - memory
        print(f"{growth / 1e3:.0f} kB more, {len(said(desk)) - lines} lines")
        assert growth < MOST_GROWTH
        assert len(said(desk)) - lines < FEW_LINES
        assert used(process.pid) == handles
        desk.story.in_call()
        caller.bye(call)
        desk.story.idle()
    assert desk.phone.troubles() == []
