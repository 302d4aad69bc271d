"""Floods at a web interface, as a program of its own: `python -m tests.manage.flood HOST:PORT WHAT COUNT`.

WHAT: `slow` (connections that bring half a request), `connections` (that bring nothing), `body` (megabytes at REST and
at the log-in), `fuzz` (requests that were honest once, `fuzzed.py`). Guests come from several addresses of loopback, as
a crowd does. What came back is printed as JSON: how often which status, 0 for none.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import re
from collections import Counter, deque

from tests.manage.fuzzed import END, FORM, Draw, Names, Spoilt

WORKERS, PATIENCE = 20, 20.0
MOST_AT_ONCE, MANY = 12, 1_000  # fuzzed requests behind each other; more answers than ever come
TRIES, PAUSE = 60, 0.5  # of a request for which there was no place, and seconds between them
HASTE = 5.0  # seconds that a connection of them may be silent; what was cut short has no answer
STATUS = re.compile(rb"HTTP/1\.[01] ([2-5]\d\d) [^\r\n]*\r\n")
PIECE = b"x" * 65536


class Crowd:
    """Guests of one web interface. token: the owner's, for what only programs may."""

    def __init__(self, host: str, port: int, token: bytes) -> None:
        self._place, self._token = (host, port), token
        self.answers: Counter[int] = Counter()

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

    async def fuzz(self, worker: int, draw: Draw, count: int) -> None:
        """So many requests, on connections that last as long as the interface lets them."""
        waiting: deque[Spoilt] = deque()
        patience = TRIES
        while count > 0:
            with contextlib.suppress(OSError):
                reader, writer = await self.connect(worker * 10)
                with contextlib.closing(writer):
                    goes_on = fresh = True
                    while count > 0 and goes_on:
                        told, goes_on = await self._several(reader, writer, waiting, draw, count)
                        if fresh and not told and waiting[0].calm and patience:  # there was no place: it comes again
                            patience -= 1
                            await asyncio.sleep(PAUSE)
                        elif fresh:
                            told, patience = told or [0], TRIES
                        for status in told:
                            self.answers[status] += 1
                            waiting.popleft()
                        count, fresh = count - len(told), False

    async def _several(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, waiting: deque[Spoilt], draw: Draw, most: int
    ) -> tuple[list[int], bool]:
        """Some requests behind each other, or one that may be none: their answers, 0 for none, and whether the
        connection goes on. What the interface has not come to waits for the next one."""
        while len(waiting) < min(MOST_AT_ONCE, most) and (not waiting or waiting[-1].calm):
            waiting.append(draw.one())
        sent = list(itertools.takewhile(lambda each: each.calm, waiting)) or [waiting[0]]
        torn = not sent[0].framed
        writer.write(b"".join(each.whole for each in sent) + (END if torn else b""))
        told, ended, silent = await _answers(reader, MANY if torn else len(sent))
        if (
            ended and told[-1:] == [400] and len(told) < len(sent)
        ):  # an error of the parser takes with it what came before
            for each in sent:
                each.calm = False
            return told[:-1], False
        return told[: len(sent)], not (torn or ended or silent)

    def _count(self, told: bytes) -> None:
        self.answers[int(told[9:12]) if told[9:12].isdigit() else 0] += 1


async def _answers(reader: asyncio.StreamReader, wanted: int) -> tuple[list[int], bool, bool]:
    """The statuses of so many answers; whether the connection was ended, whether it fell silent before."""
    heard = bytearray()
    while (told := STATUS.findall(heard)) is not None and len(told) < wanted:
        try:
            piece = await asyncio.wait_for(reader.read(1 << 18), HASTE)
        except TimeoutError:
            return [*map(int, told), 0], False, True
        except OSError:
            piece = b""  # it was ended with bytes of ours unread
        if not piece:
            return [*map(int, told)], True, False
        heard += piece
    return [*map(int, told)], False, False


async def flood(place: str, what: str, count: int, names: Names, seed: int) -> Counter[int]:
    """Let a crowd come; the statuses of what it was told."""
    host, port = place.split(":")
    crowd = Crowd(host, int(port), names.token)
    match what:
        case "slow":
            half = b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n"
            await asyncio.gather(*(crowd.stay(guest, half) for guest in range(count)))
        case "connections":
            await asyncio.gather(*(crowd.stay(guest, b"") for guest in range(count)))
        case "body":
            await asyncio.gather(*(crowd.large(guest, count) for guest in range(2)))
        case "fuzz":
            draws = (Draw(seed * WORKERS + worker, names) for worker in range(WORKERS))
            shares = ((count + worker) // WORKERS for worker in range(WORKERS))
            await asyncio.gather(*(crowd.fuzz(*each) for each in zip(range(WORKERS), draws, shares, strict=True)))
    return crowd.answers


def main() -> None:
    """Read the arguments, flood, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("place", metavar="HOST:PORT")
    parser.add_argument("what", choices=("slow", "connections", "body", "fuzz"))
    parser.add_argument("count", type=int, help="guests, megabytes, requests")
    parser.add_argument("--token", default="x", help="the owner's")
    parser.add_argument("--cookie", default="x", help="of a log-in")
    parser.add_argument("--csrf", default="x", help="of its forms")
    parser.add_argument("--seed", type=int, default=420)
    args = parser.parse_args()
    names = Names(args.token.encode(), args.cookie.encode(), args.csrf.encode())
    print(json.dumps(asyncio.run(flood(args.place, args.what, args.count, names, args.seed))))


if __name__ == "__main__":
    main()
