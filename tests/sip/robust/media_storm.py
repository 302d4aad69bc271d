"""Broken RTP, RTCP and SRTP at a running call, from the far end's own address, so that all of it is looked at.

Law: the seed is fixed. In a plain call what is broken reaches pjmedia; in an encrypted one, where only the far end can
write what is authentic, it is noise and the phone's own packets sent back.
"""

from __future__ import annotations

import random
import re
import socket
import struct
import time

from tests.peers.desk import Desk
from tests.sip.robust.caller import LOOPBACK, SDP, Caller
from tests.sip.robust.storm import PATIENCE, Weather, dropped

SEED = 3550
BATCH = 50  # what a socket holds
ASK = 20  # batches from one OPTIONS to the next
OWN = 64  # of the phone's own packets are kept
SR, RR, SDES, BYE, APP, RTPFB, PSFB, XR = range(200, 208)


def media_storm(desk: Desk, caller: Caller, total: int, patience: float = PATIENCE) -> Weather:
    """Fire `total` packets at a call of this caller; an OPTIONS after each thousand."""
    chance = random.Random(SEED)
    seen = Weather()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as voice:
        voice.bind((LOOPBACK, 0))
        voice.setblocking(False)
        call = caller.invite(body=SDP.replace("40000", str(voice.getsockname()[1])))
        desk.story.shows("Incoming call", within=2 * patience)
        desk.story.press("ok")
        answer = caller.taken(call)
        desk.story.in_call(within=2 * patience)
        found = re.search(r"m=audio (\d+) ", answer)
        assert found, answer
        port = int(found[1])
        own: list[bytes] = []
        for batch in range(total // BATCH):
            for _ in range(BATCH):
                packet, away = spoilt(chance, own)
                voice.sendto(packet[:1_500], (LOOPBACK, port + away))
            seen.sent += BATCH
            heard(voice, own)
            time.sleep(0.002)  # the phone reads from a socket of a few hundred packets
            if batch % ASK == 0:
                seen.slowest = max(seen.slowest, caller.options(patience))
            if batch == total // BATCH // 2:
                seen.half = desk.phone.memory()
        caller.options(patience)
        seen.end = desk.phone.memory()
        seen.lost = dropped(port) + dropped(port + 1)
        heard(voice, own)
        assert own, "the phone spoke all the while"
        desk.story.in_call(within=2 * patience)
        caller.bye(call)
        desk.story.idle(within=2 * patience)
    assert desk.phone.troubles() == []
    return seen


def heard(voice: socket.socket, own: list[bytes]) -> None:
    """Keep the newest packets of the phone."""
    try:
        while True:
            own.append(voice.recv(2_048))
            del own[:-OWN]
    except BlockingIOError:
        return


def spoilt(chance: random.Random, own: list[bytes]) -> tuple[bytes, int]:
    """A packet, and 0 for the RTP port or 1 for the RTCP port; sometimes the wrong one."""
    kind = chance.randrange(10)
    if kind < 5:
        packet, away = rtp(chance), 0
    elif kind < 8 or not own:
        packet, away = rtcp(chance), 1
    else:
        packet, away = chance.choice(own), chance.choice((0, 0, 1))
    changed = bytearray(packet)
    for _ in range(chance.choice((0, 1, 1, 2, 8))):
        at = chance.randrange(len(changed)) if changed else 0
        match chance.randrange(5):
            case 0 if changed:
                changed[at] ^= 1 << chance.randrange(8)
            case 1 if changed:
                changed[chance.randrange(min(16, len(changed)))] = chance.choice((0, 0x7F, 0x80, 0x8F, 0xBF, 0xFF))
            case 2:
                del changed[at:]
            case 3:
                changed += bytes(chance.randrange(256) for _ in range(chance.choice((1, 4, 10, 300))))
            case _:
                changed[at:at] = bytes(changed[at : at + 40])
    return bytes(changed), away if chance.random() < 0.9 else 1 - away


def rtp(chance: random.Random) -> bytes:
    """Voice, digits, comfort noise and what was never negotiated; sequence numbers and times that jump."""
    kind, payload = chance.choice((
        (8, bytes(chance.randrange(256) for _ in range(160))), (101, bytes((chance.randrange(20), 0x8A, 3, 32))),
        (13, b"\x20"), (111, b"\xfc\xff\xfe" * 20), (chance.randrange(128), b"x" * chance.randrange(400)), (8, b""),
    ))  # fmt: skip
    first = 0x80 | chance.choice((0, 0, 0, 0x10, 0x20, 0x0F))
    head = struct.pack(
        "!BBHII", first, kind | chance.choice((0, 0x80)), chance.randrange(65_536), chance.randrange(1 << 32),
        chance.choice((1, 1, 1, chance.randrange(1 << 32))),
    )  # fmt: skip
    extension = struct.pack("!HH", 0xBEDE, chance.choice((0, 1, 65_535))) + bytes(4) if first & 0x10 else b""
    return head + bytes(4 * (first & 15)) + extension + payload


def rtcp(chance: random.Random) -> bytes:
    """One to four reports in one packet, with counts and lengths that may lie."""
    packet = b""
    for _ in range(chance.randrange(1, 5)):
        kind = chance.choice((SR, RR, SDES, BYE, APP, RTPFB, PSFB, XR, chance.randrange(256)))
        body = bytes(chance.randrange(256) for _ in range(4 * chance.randrange(12)))
        length = len(body) // 4 if chance.random() < 0.8 else chance.choice((0, 1, 255, 65_535))
        packet += struct.pack("!BBH", 0x80 | chance.randrange(32), kind, length) + body
    return packet
