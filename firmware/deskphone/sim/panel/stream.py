"""Server-sent events: each page that listens gets the state at once and every change after it.

Law: bounded. A page that reads slowly loses the oldest states it did not take, never the newest; pixels and
levels are only ever the newest.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from typing import Any

from deskphone.sim.panel.guard import refusal
from deskphone.sim.panel.http import Connection, Response

MOST_LISTENERS = 16  # pages at a time
MOST_STATES = 64  # that wait for a page that reads slowly; the oldest are dropped
HEARTBEAT = 5.0
"""Seconds between `ping` events, so that a page notices a phone that died silently."""


class _Listener:
    """One open stream: the states it has not taken yet, and the newest of everything else."""

    def __init__(self) -> None:
        self.states: deque[str] = deque(maxlen=MOST_STATES)
        self.newest: dict[str, str] = {}
        self.stir = asyncio.Event()

    def put(self, event: str, text: str) -> None:
        if event == "state":
            self.states.append(text)
        else:
            self.newest[event] = text
        self.stir.set()

    def take(self) -> bytes:
        """Everything waiting, as the bytes of the stream; states first and in order."""
        parts = [f"event: state\ndata: {text}\n\n" for text in self.states]
        parts += [f"event: {event}\ndata: {text}\n\n" for event, text in self.newest.items()]
        self.states.clear()
        self.newest.clear()
        self.stir.clear()
        return "".join(parts).encode()


class Stream:
    """All open streams of a panel. `wanted` is set while anybody listens."""

    def __init__(self) -> None:
        self._listeners: set[_Listener] = set()
        self._last: dict[str, str] = {}
        self._closed = False
        self.wanted = asyncio.Event()

    def open(self) -> None:
        """Streams may be opened from now on, also after `close`."""
        self._closed = False

    def push(self, event: str, value: dict[str, Any]) -> None:
        """Send `value` to every listener unless it is what was sent last."""
        text = json.dumps(value, separators=(",", ":"))
        if self._last.get(event) == text:
            return
        self._last[event] = text
        for listener in self._listeners:
            listener.put(event, text)

    async def serve(self, page: Connection, first: dict[str, dict[str, Any]]) -> Response | None:
        """Answer GET /panel/events; `first` is what the page gets at once, by event."""
        if len(self._listeners) >= MOST_LISTENERS:
            return refusal(503, f"{MOST_LISTENERS} pages listen already; close one")
        listener = _Listener()
        # In before the first await: no change can fall between the first state and the stream.
        for event, value in first.items():
            self.push(event, value)
            listener.put(event, self._last[event])
        self._listeners.add(listener)
        self.wanted.set()
        try:
            if not await page.begin("text/event-stream; charset=utf-8", {"Cache-Control": "no-store"}):
                return None
            await page.write(b"retry: 1000\n\n")
            while not self._closed:
                await page.write(listener.take())
                try:
                    await asyncio.wait_for(listener.stir.wait(), HEARTBEAT)
                except TimeoutError:
                    await page.write(b"event: ping\ndata: {}\n\n")
            await page.end()
        finally:
            self._listeners.discard(listener)
            if not self._listeners:
                self.wanted.clear()
        return None

    def close(self) -> None:
        """End every stream: the phone stops."""
        self._closed = True
        for listener in self._listeners:
            listener.stir.set()
