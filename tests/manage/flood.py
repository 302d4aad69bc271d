"""Floods at a web interface, as a program of its own: `python -m tests.manage.flood HOST:PORT TOKEN WHAT COUNT`.

WHAT: `slow` (connections that bring half a request), `connections` (that bring nothing), `body` (megabytes at REST and
at the log-in), `fuzz` (requests that were honest once). Guests come from several addresses of loopback, as a crowd
does. What came back is printed as JSON: how often which status, 0 for a connection that was ended without one.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import sys
from collections import Counter

SEED, WORKERS, PATIENCE = 420, 12, 20.0
HASTE = 1.0  # seconds a fuzzed request waits for its answer; what is cut short has none
PIECE = b"x" * 65536
RING = b"/api/v1/settings/deskphone/volume/ring"


class Crowd:
    """Guests of one web interface. token: the owner's, for what only programs may."""

    def __init__(self, host: str, port: int, token: str) -> None:
        self._place, self._token = (host, port), token.encode()
        self.answers: Counter[int] = Counter()
        self._chance = random.Random(int(os.environ.get("DESKPHONE_FLOOD_SEED", SEED)))

    async def connect(self, guest: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection of one of the guests, each ten of which share an address."""
        return await asyncio.open_connection(*self._place, local_addr=(f"127.0.1.{1 + guest // 10 % 200}", 0))

    async def stay(self, guest: int, first: bytes) -> None:
        """Say so much and wait for the end."""
        with contextlib.suppress(OSError):
            reader, writer = await self.connect(guest)
            with contextlib.closing(writer):
                writer.write(first)
                self._count(await asyncio.wait_for(reader.read(12), 4 * PATIENCE))
                return
        self._count(b"")

    async def large(self, guest: int, megabytes: int) -> None:
        """A body that nobody wants: the end of it is not waited for where the answer comes first."""
        method, path, kind = ((b"PUT", b"/api/v1/configuration", b"text/plain"), (b"POST", b"/login", FORM))[guest % 2]
        head = b"%b %b HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %b\r\n"
        head += b"Content-Type: %b\r\nContent-Length: %d\r\n\r\n"
        with contextlib.suppress(OSError):
            reader, writer = await self.connect(guest)
            with contextlib.closing(writer):
                writer.write(head % (method, path, self._token, kind, megabytes << 20))
                with contextlib.suppress(OSError):
                    for _ in range(megabytes * 16):
                        writer.write(PIECE)
                        await writer.drain()
                self._count(await asyncio.wait_for(reader.read(12), PATIENCE))
                return
        self._count(b"")

    async def fuzz(self, worker: int, count: int) -> None:
        """So many requests, each on a connection of its own where the one before was ended."""
        for _ in range(count):
            with contextlib.suppress(OSError, TimeoutError):
                reader, writer = await self.connect(worker * 10)
                with contextlib.closing(writer):
                    writer.write(self.spoilt())
                    self._count(await asyncio.wait_for(reader.read(12), HASTE))
                    continue
            self._count(b"")

    def spoilt(self) -> bytes:
        """A request in which a few things are not as they were."""
        draw = self._chance
        method, path, kind, body = draw.choice(HONEST)
        token = self._token if draw.random() < 0.7 and not path.startswith(b"/api/v1/calls") else b"x"
        whole = b"%b %b HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %b\r\n" % (method, path, token)
        whole += b"Content-Type: %b\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % (kind, len(body)) + body
        changed = bytearray(whole)
        for _ in range(draw.choice((0, 1, 1, 2, 5, 20))):
            at = draw.randrange(len(changed))
            match draw.randrange(5):
                case 0:
                    changed[at] = draw.randrange(256)
                case 1:
                    del changed[at : at + draw.choice((1, 2, 30))]
                case 2:
                    changed[at:at] = draw.choice(PIECES)
                case 3:
                    changed[at:at] = changed[at : at + 40] * draw.choice((1, 3, 200))
                case 4:
                    changed[at:at] = bytes(draw.randrange(256) for _ in range(draw.choice((1, 8, 64))))
            if not changed:
                break
        return bytes(changed)

    def _count(self, told: bytes) -> None:
        self.answers[int(told[9:12]) if told[9:12].isdigit() else 0] += 1


FORM, JSON = b"application/x-www-form-urlencoded", b"application/json"
HONEST = (
    (b"GET", b"/login", FORM, b""), (b"POST", b"/login", FORM, b"user=admin&password=nonsense"),
    (b"POST", b"/first", FORM, b"code=1234&password=a&again=a"), (b"GET", b"/status", FORM, b""),
    (b"POST", b"/settings/voice", b"multipart/form-data; boundary=x",
     b"--x\r\nContent-Disposition: form-data; name=csrf\r\n\r\nabc\r\n--x--\r\n"),
    (b"POST", b"/configuration", b"multipart/form-data; boundary=x",
     b'--x\r\nContent-Disposition: form-data; name=file; filename="a.cfg"\r\n\r\na=b\r\n--x--\r\n'),
    (b"GET", b"/api/v1/state", JSON, b""), (b"GET", b"/api/v1/trace?most=5&after=0", JSON, b""),
    (b"GET", RING, JSON, b""), (b"PUT", RING, JSON, b'{"value": "5"}'), (b"DELETE", RING, JSON, b""),
    (b"PUT", b"/api/v1/configuration", b"text/plain", b"deskphone/volume/ring=55\n[a]\nb=c\n"),
    (b"POST", b"/api/v1/calls", JSON, b'{"number": "1"}'), (b"GET", b"/metrics", JSON, b""),
)  # fmt: skip
PIECES = (
    b"\0", b"\r\n", b"\r\n\r\n", b"\n", b"%00", b"%2e%2e%2f", b"../", b"'\"<>", b"Transfer-Encoding: chunked\r\n",
    b"Content-Length: 9999999999\r\n", b"Expect: 100-continue\r\n", b"\xff\xfe", b"{" * 500, b"[" * 5000, b"1e999999",
    b"A" * 9000, b"Cookie: session=a; session=b\r\n", b"Upgrade: websocket\r\nConnection: upgrade\r\n", b"; charset=x",
    b"Content-Encoding: gzip\r\n", b"Host: evil.example\r\n", "\u202e\u0000é".encode(), b"-1", b"9" * 400,
)  # fmt: skip


async def flood(place: str, token: str, what: str, count: int) -> Counter[int]:
    """Let a crowd come; the statuses of what it was told."""
    host, port = place.split(":")
    crowd = Crowd(host, int(port), token)
    match what:
        case "slow":
            half = b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n"
            await asyncio.gather(*(crowd.stay(guest, half) for guest in range(count)))
        case "connections":
            await asyncio.gather(*(crowd.stay(guest, b"") for guest in range(count)))
        case "body":
            await asyncio.gather(*(crowd.large(guest, count) for guest in range(2)))
        case "fuzz":
            await asyncio.gather(*(crowd.fuzz(worker, count // WORKERS) for worker in range(WORKERS)))
        case _:
            raise SystemExit(f"{what}: expected slow, connections, body or fuzz")
    return crowd.answers


if __name__ == "__main__":
    print(json.dumps(asyncio.run(flood(*sys.argv[1:4], int(sys.argv[4])))))
