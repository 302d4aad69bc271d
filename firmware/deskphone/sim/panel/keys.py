"""Keys, hook and typed text as HTTP brings them: checked here, posted as the events copper would post.

Law: a request is either refused with a sentence or becomes KeyDown/KeyUp/HookMoved/TextTyped. What a key
means is the core's business.
"""

from __future__ import annotations

import asyncio
from typing import Any

from deskphone.core.events import HookMoved, KeyDown, KeyUp, TextTyped
from deskphone.drivers.board import KEYS
from deskphone.drivers.ports import Post

LONGEST_HOLD_MS = 10_000
"""Milliseconds; a key pressed longer than this is released: a finger leaves, a browser may vanish."""

LONGEST_TEXT = 128


class Refused(Exception):
    """A request that asks for what the phone cannot do; its text is a sentence, `status` the HTTP answer."""

    def __init__(self, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.status = status


class Fingers:
    """The fingers on the keys: a key that is down cannot go down again. `post` is None until the phone runs."""

    def __init__(self) -> None:
        self.post: Post | None = None
        self._down: dict[str, asyncio.TimerHandle] = {}

    async def key(self, order: dict[str, Any]) -> None:
        """`{"key": "5"}` presses it for `hold_ms` milliseconds (0 where not given); with `down` it goes down or up
        only. Refused for anything else."""
        key, down, hold_ms = order.get("key"), order.get("down"), order.get("hold_ms", 0)
        if not isinstance(key, str) or key not in KEYS:
            raise Refused(f"unknown key {str(key)[:32]!r}; known keys: {' '.join(KEYS)}")
        if down is not None and not isinstance(down, bool):
            raise Refused('"down" is true or false')
        if isinstance(hold_ms, bool) or not isinstance(hold_ms, int | float):
            raise Refused('"hold_ms" is a number of milliseconds')
        if not 0 <= hold_ms <= LONGEST_HOLD_MS:
            raise Refused(f'"hold_ms" is 0 to {LONGEST_HOLD_MS} milliseconds')
        if down is False:
            self._release(key)
            return
        if key in self._down:
            raise Refused(f"key {key} is down already", status=409)
        self._press(key)
        if down is None:
            try:
                if hold_ms:
                    await asyncio.sleep(hold_ms / 1000)
            finally:
                self._release(key)

    def _press(self, key: str) -> None:
        self._ready()(KeyDown(key))
        loop = asyncio.get_running_loop()
        self._down[key] = loop.call_later(LONGEST_HOLD_MS / 1000 + 1, self._release, key)

    def _release(self, key: str) -> None:
        timer = self._down.pop(key, None)
        if timer is not None:
            timer.cancel()
            if self.post is not None:
                self.post(KeyUp(key))

    def release_all(self) -> None:
        """Let go of every key that is down."""
        for key in tuple(self._down):
            self._release(key)

    def hook(self, order: dict[str, Any]) -> None:
        """`{"off": true}` lifts the handset, false puts it down. Refused for anything else."""
        off = order.get("off")
        if not isinstance(off, bool):
            raise Refused('"off" is true (lifted) or false (put down)')
        self._ready()(HookMoved(off))

    def text(self, order: dict[str, Any]) -> None:
        """`{"text": "abc"}` as a keyboard types it, LONGEST_TEXT characters at most. Refused for anything else."""
        text = order.get("text")
        if not isinstance(text, str) or not 0 < len(text) <= LONGEST_TEXT:
            raise Refused(f'"text" is a string of 1 to {LONGEST_TEXT} characters')
        if not text.isprintable():
            raise Refused('"text" holds printable characters only')
        self._ready()(TextTyped(text))

    def _ready(self) -> Post:
        if self.post is None:
            raise Refused("the phone is not running yet", status=503)
        return self.post
