"""What happened, told to whoever waits: the event bus and the ring of the last messages.

Events are (kind, plain dict) pairs, fit for JSON. Waiting is by predicate: no story sleeps. Queues are bounded; a
listener that does not read loses the oldest events.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sipmessage import Request, Response

from centre.message import first_line

_SECRET = re.compile(r'((?:response|cnonce)=")[^"]*|(<(?:response|password)>)[^<]*', re.IGNORECASE)

_TICK = 0.05

Event = dict[str, object]


@dataclass(frozen=True, slots=True)
class LoggedMessage:
    """One message on the wire. `time` is Unix time, `direction` is "in" or "out" as the server sees it."""

    time: float
    direction: str
    peer: str
    message: Request | Response

    @property
    def method(self) -> str:
        """The request method, also of a response (from CSeq)."""
        return self.message.method if isinstance(self.message, Request) else self.message.cseq.method

    @property
    def code(self) -> int | None:
        """The status code, None for a request."""
        return self.message.code if isinstance(self.message, Response) else None

    @property
    def text(self) -> str:
        """The whole message as text, without digest proofs."""
        return _SECRET.sub(lambda m: (m.group(1) or m.group(2)) + "***", bytes(self.message).decode("utf-8", "replace"))

    def header(self, name: str) -> str | None:
        """The first value of a header, or None."""
        return self.message.headers.get(name)

    def to_dict(self) -> Event:
        """For JSON."""
        return {
            "time": self.time, "direction": self.direction, "peer": self.peer, "method": self.method,
            "code": self.code, "first_line": first_line(self.message),
            "call_id": self.message.headers.get("Call-ID"), "text": self.text,
        }  # fmt: skip


class Bus:
    """Publishes events and wakes waiters; holds the message ring."""

    def __init__(self, ring: int) -> None:
        self.messages: deque[LoggedMessage] = deque(maxlen=ring)
        self._queues: set[asyncio.Queue[Event]] = set()
        self._waiters: set[asyncio.Future[None]] = set()
        self.listeners: list[Callable[[Event], None]] = []

    def publish(self, kind: str, **data: object) -> None:
        """Tell everybody; never blocks."""
        event: Event = {"time": time.time(), "kind": kind, **data}
        for listener in self.listeners:
            listener(event)
        for queue in self._queues:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(event)
        self.wake()

    def wake(self) -> None:
        """Let waiters look again, without an event."""
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)
        self._waiters.clear()

    def record(self, direction: str, peer: str, message: Request | Response) -> None:
        """Put one message on the ring."""
        self.messages.append(LoggedMessage(time.time(), direction, peer, message))
        self.wake()

    @contextmanager
    def listen(self, size: int = 1000) -> Iterator[asyncio.Queue[Event]]:
        """A queue of all events from now on."""
        queue: asyncio.Queue[Event] = asyncio.Queue(size)
        self._queues.add(queue)
        try:
            yield queue
        finally:
            self._queues.discard(queue)

    async def wait_until(self, condition: Callable[[], bool], within: float, what: str | Callable[[], str]) -> None:
        """Return when `condition` holds; TimeoutError naming `what` after `within` seconds."""
        try:
            async with asyncio.timeout(within):
                while not condition():
                    waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                    self._waiters.add(waiter)
                    # Woken by what happens; the tick is for conditions that only time makes true.
                    await asyncio.wait([waiter], timeout=_TICK)
                    self._waiters.discard(waiter)
        except TimeoutError:
            words = what if isinstance(what, str) else what()
            raise TimeoutError(f"expected {words} within {within} s") from None
