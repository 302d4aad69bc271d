"""Hostile bytes at the filter in front of pjsip: `python -m tests.fuzz.front --seconds 600`.

The real extension, mender and gate policy on the real pjsua, in this process: datagrams and streams, the corpus
damaged. Law: a crash ends the process; an OPTIONS is answered after each batch; the seed is fixed. `--valgrind` runs it
under memcheck and fails on an error that concerns us.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import logging
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import deskphone_sipext as sipext
import pjsua2 as pj

from deskphone.config.schema.words import SrtpMode
from deskphone.sip.policy import requests
from deskphone.sip.policy.media import Speaks
from deskphone.sip.policy.realms import Realms
from deskphone.sip.policy.sender import Sender
from deskphone.sip.stack.mending import Mender
from deskphone.wire.errors import WireError
from deskphone.wire.message import parse_request
from tests.native import valgrind_report
from tests.native.native_peer import Peer
from tests.native.native_phone import Call, Phone, answer
from tests.sip.robust.mutations import mutate

CORPUS = Path(__file__).with_name("wire") / "corpus"
MESSAGES = ("sip_message", "sip_response", "dropped_message", "gate", "challenges")
BATCH = 20
SEED = 3261
PATIENCE = 20.0
MODES = {
    SrtpMode.DONOTSUPPORTENCRYPTION: pj.PJMEDIA_SRTP_DISABLED,
    SrtpMode.SUPPORTENCRYPTION: pj.PJMEDIA_SRTP_OPTIONAL,
    SrtpMode.REQUIREENCRYPTION: pj.PJMEDIA_SRTP_MANDATORY,
}
_numbers = itertools.count(1)


class Front:
    """The phone and who attacks it. told: messages sent, answers seen, the slowest OPTIONS in seconds."""

    def __init__(self, srtp: SrtpMode) -> None:
        self.scene = requests.Scene(speaks=Speaks(srtp))
        self.chance = random.Random(SEED)
        self.peer = Peer()
        self.phone = Phone(self.peer)
        self.phone.decide = self._gate
        self.phone.start(srtp=MODES[srtp])
        self.tcp = self.phone.listen()
        Mender("fuzz").install()
        realms = Realms()
        sipext.set_challenge_judge(realms.may_prove)
        self.messages = [path.read_bytes() for name in MESSAGES for path in sorted((CORPUS / name).iterdir())]
        self.descriptions = [path.read_bytes() for path in sorted((CORPUS / "session_description").iterdir())]
        self.sent, self.slowest = 0, 0.0

    def _gate(self, message: bytes) -> Any:
        """The policy's word on a request, as the product's gate gives it."""
        try:
            request = parse_request(message)
            verdict = requests.judge(request, Sender("127.0.0.1:1", 0), self.scene)
        except WireError:
            return None if message.startswith((b"ACK ", b"CANCEL ")) else (400, "", (), True)
        given = verdict.answer
        return (given.code, given.reason, given.headers) if given is not None else None

    def message(self) -> bytes:
        """A call with a description of the corpus, or a message of the corpus; damaged nine times in ten."""
        chance = self.chance
        if chance.random() < 0.5:
            body = chance.choice(self.descriptions)
            head = (
                f"INVITE sip:1502@127.0.0.1:{self.phone.port} SIP/2.0",
                f"Via: SIP/2.0/UDP 127.0.0.1:{self.peer.port};branch=z9hG4bK-{next(_numbers)};rport",
                "Max-Forwards: 70", "From: <sip:2001@a>;tag=c", "To: <sip:1502@a>",
                f"Call-ID: fuzz-{next(_numbers)}", "CSeq: 1 INVITE",
                f"Contact: <sip:p@127.0.0.1:{self.peer.port}>", "Content-Type: application/sdp",
                f"Content-Length: {len(body)}", "", "",
            )  # fmt: skip
            whole = "\r\n".join(head).encode() + body
        else:
            whole = chance.choice(self.messages)
        return whole if chance.random() < 0.1 else mutate(chance, whole)[1]

    def batch(self) -> None:
        """A batch as datagrams, or down one stream in pieces; then calls end, and an OPTIONS is answered."""
        messages = [self.message()[:60_000] for _ in range(BATCH)]
        if self.chance.random() < 0.2:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.tcp), 2) as stream:
                stream.settimeout(0.05)
                whole = b"".join(messages)
                while whole:
                    size = self.chance.choice((1, 7, 200, 1400, 9000))
                    stream.sendall(whole[:size])
                    whole = whole[size:]
                    self.turn()
        else:
            for message in messages:
                self.peer.socket.sendto(message, ("127.0.0.1", self.phone.port))
                self.turn()
        self.sent += BATCH
        for call in list(self.phone.account.calls.values()):
            with contextlib.suppress(pj.Error):
                if call.isActive() and self.chance.random() < 0.3:
                    answer(call, 200)
        self.turn()
        self.hang_up()
        self.alive()

    def turn(self) -> None:
        """Let the phone work off what has come."""
        self.phone.endpoint.libHandleEvents(0)
        self.drain()

    def drain(self) -> list[bytes]:
        """What the phone has sent."""
        found = []
        with contextlib.suppress(BlockingIOError):
            while True:
                found.append(self.peer.socket.recv(65_536))
        return found

    def hang_up(self) -> None:
        """No call is left."""
        calls: dict[str, Call] = self.phone.account.calls
        for call in list(calls.values()):
            with contextlib.suppress(pj.Error):
                if call.isActive():
                    prm = pj.CallOpParam()
                    prm.statusCode = 486
                    call.hangup(prm)
        calls.clear()
        self.phone.account.invites.clear()
        self.phone.seen.clear()

    def alive(self) -> None:
        """OPTIONS, and its 200."""
        began = time.monotonic()
        number = next(_numbers)
        lines = (
            f"OPTIONS sip:1502@127.0.0.1:{self.phone.port} SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.1:{self.peer.port};branch=z9hG4bK-alive-{number};rport", "Max-Forwards: 70",
            "From: <sip:a@b>;tag=o", "To: <sip:1502@b>", f"Call-ID: alive-{number}", f"CSeq: {number} OPTIONS",
            "Content-Length: 0", "", "",
        )  # fmt: skip
        asked = 0.0
        while True:
            now = time.monotonic()
            assert now - began < PATIENCE, f"no answer to OPTIONS after {self.sent} messages, seed {SEED}"
            if now - asked > 0.5:
                asked = now
                self.peer.socket.sendto("\r\n".join(lines).encode(), ("127.0.0.1", self.phone.port))
            self.phone.endpoint.libHandleEvents(1)
            if any(f"Call-ID: alive-{number}\r".encode() in each for each in self.drain()):
                self.slowest = max(self.slowest, time.monotonic() - began)
                return


def resident() -> int:
    """Resident bytes of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def under_valgrind(arguments: list[str]) -> int:
    """This program again under memcheck; 1 where an error concerns us."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "memcheck.log"
        command = [
            "valgrind", "--tool=memcheck", "--leak-check=full", "--show-leak-kinds=definite",
            "--errors-for-leak-kinds=none", "--num-callers=40", f"--log-file={log}",
            sys.executable, "-m", "tests.fuzz.front", *arguments,
        ]  # fmt: skip
        code = subprocess.run(command, env={**os.environ, "PYTHONMALLOC": "malloc"}, check=False).returncode
        return valgrind_report.main(str(log)) or code


def main() -> int:
    """Until the seconds are over, or so many messages were sent."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=float, default=60)
    arguments.add_argument("--messages", type=int, default=0, help="end after so many (default: by time)")
    arguments.add_argument("--srtp", type=SrtpMode, choices=tuple(MODES), default=SrtpMode.SUPPORTENCRYPTION)
    arguments.add_argument("--valgrind", action="store_true")
    chosen = arguments.parse_args()
    if chosen.valgrind:
        return under_valgrind([each for each in sys.argv[1:] if each != "--valgrind"])
    logging.disable(logging.WARNING)  # each kind of mending has its line
    front = Front(chosen.srtp)
    for _ in range(10):
        front.batch()
    began, half = time.monotonic(), 0
    while (
        done := front.sent / chosen.messages if chosen.messages else (time.monotonic() - began) / chosen.seconds
    ) < 1:
        front.batch()
        half = half or (resident() if done >= 0.5 else 0)
    print(
        f"front, SRTP {chosen.srtp}: {front.sent} messages in {time.monotonic() - began:.0f} s, slowest OPTIONS "
        f"{front.slowest * 1000:.0f} ms, memory {half / 1e6:.0f} MB half way, {resident() / 1e6:.0f} MB at the end"
    )
    front.phone.end()
    return 0


if __name__ == "__main__":
    sys.exit(main())
