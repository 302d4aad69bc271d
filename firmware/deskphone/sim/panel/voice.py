"""The voice between a browser and the conference bridge: 16 kHz 16-bit mono PCM over one WebSocket.

Law: bytes are passed on, never looked into. One browser at a time, the newest wins. Both directions are
bounded: too fast a browser loses frames, too slow a one loses the oldest.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from typing import Protocol

from wsproto.frame_protocol import CloseReason

from deskphone.sim.panel.http import Connection
from deskphone.sim.panel.websocket import WebSocket

FRAME_BYTES = 640
"""20 ms of 16 kHz 16-bit mono."""

FRAMES_A_SECOND = 50
MOST_AHEAD = 25
"""Frames a browser may send at once (half a second) before the surplus is dropped."""

MOST_WAITING = 10
"""Frames that wait for a slow browser (200 ms); older ones are worthless in a conversation."""

TAKEN = 4001
"""Close code told to a browser whose voice another one took."""


class AudioBridge(Protocol):
    """The end of the conference bridge that a page talks to."""

    def feed(self, pcm: bytes) -> None:
        """Take one frame (FRAME_BYTES) from the microphone."""

    def attach(self, listener: Callable[[bytes], None] | None) -> None:
        """Give frames for the loudspeaker, as loud as the path's volume says, to `listener` (any thread).

        None: to nobody from now on.
        """

    def levels(self) -> tuple[float, float]:
        """Microphone and loudspeaker level now, 0.0 (silence) to 1.0 (full scale)."""


class _Bucket:
    """Frames a browser may still send: refilled at the speed of voice, never above MOST_AHEAD."""

    def __init__(self, now: float) -> None:
        self._left = float(MOST_AHEAD)
        self._then = now

    def take(self, now: float) -> bool:
        self._left = min(MOST_AHEAD, self._left + (now - self._then) * FRAMES_A_SECOND)
        self._then = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Voice:
    """The panel's one voice connection. `dropped` counts frames a too fast browser lost."""

    def __init__(self, bridge: AudioBridge) -> None:
        self._bridge = bridge
        self._browser: WebSocket | None = None
        self.dropped = 0

    async def serve(self, page: Connection) -> None:
        """Answer the WebSocket /panel/audio and stay with it until it closes."""
        browser = await page.upgrade()
        before, self._browser = self._browser, browser
        out: deque[bytes] = deque(maxlen=MOST_WAITING)
        stir = asyncio.Event()
        loop = asyncio.get_running_loop()

        def put(pcm: bytes) -> None:
            out.append(pcm)
            stir.set()

        def listener(pcm: bytes) -> None:
            # The bridge's thread; a loop that is already closed has no more browsers.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(put, pcm)

        self._bridge.attach(listener)
        sender = asyncio.create_task(self._send(browser, out, stir))
        if before is not None:
            await before.close(TAKEN, "another page took the voice")
        try:
            await self._receive(browser)
        finally:
            sender.cancel()
            if self._browser is browser:
                self._browser = None
                self._bridge.attach(None)
        await browser.drain()

    async def _receive(self, browser: WebSocket) -> None:
        loop = asyncio.get_running_loop()
        bucket = _Bucket(loop.time())
        while True:
            frame = await browser.receive(FRAME_BYTES)
            if frame is None or len(frame) != FRAME_BYTES:
                sentence = f"frames are {FRAME_BYTES} bytes of binary: 20 ms of 16 kHz 16-bit mono"
                await browser.close(CloseReason.UNSUPPORTED_DATA, sentence)
                return
            if self._browser is not browser:
                return
            if bucket.take(loop.time()):
                self._bridge.feed(frame)
            else:
                self.dropped += 1

    @staticmethod
    async def _send(browser: WebSocket, out: deque[bytes], stir: asyncio.Event) -> None:
        with contextlib.suppress(ConnectionError):
            while not browser.closed:
                await stir.wait()
                stir.clear()
                while out:
                    await browser.send(out.popleft())

    async def close(self) -> None:
        """Close the browser's WebSocket, as the phone stops."""
        if self._browser is not None:
            await self._browser.close(CloseReason.GOING_AWAY, "the phone stopped")
