"""Newer firmware on its way from who brings it (a page, a program, an ACS) to the phone, which judges and keeps it.

Law: nothing is kept here: what came goes on in pieces before more is read. The phone says whether it is good, and when
it is installed.
"""

from __future__ import annotations

import base64
import contextlib
from types import TracebackType
from typing import Any

from deskphone.manage.client import AsyncPhone, Gone, Refusal

PIECE = 45_000  # bytes in one request to the phone
ANNOUNCEMENT = 100_000  # bytes of the signed announcement at most (trust/signature.py)
Json = dict[str, Any]


class Bringing:
    """One firmware, to one phone, within a block; what has not come to its end by then is given up. version, size: as
    its announcement says; needed: whether the phone wants the bundle, and has not got it already."""

    def __init__(self, phone: AsyncPhone) -> None:
        self._phone = phone
        self._number = self._sent = 0
        self._waiting = bytearray()
        self.version, self.size, self.needed = "", 0, False

    async def __aenter__(self) -> Bringing:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._number:
            with contextlib.suppress(Refusal, Gone):
                await self._phone.ask("firmware_drop", number=self._number)

    async def begin(self, announcement: bytes) -> None:
        """Show the phone the announcement. Refusal, Gone."""
        text = base64.b64encode(announcement).decode()
        found = await self._phone.ask("firmware_begin", announcement=text)
        self._number, self.version, self.size = found["number"], found["version"], found["size"]
        self.needed = bool(self._number)

    async def more(self, part: bytes) -> None:
        """The next bytes of the bundle, of any number. Refusal, Gone."""
        self._waiting += part
        while len(self._waiting) >= PIECE:
            await self._send()

    async def end(self) -> None:
        """That was all. Refusal: it is not what was announced; Gone."""
        if self._waiting:
            await self._send()
        number, self._number = self._number, 0
        await self._phone.ask("firmware_end", number=number, at=self._sent)

    async def _send(self) -> None:
        piece = bytes(self._waiting[:PIECE])
        del self._waiting[:PIECE]
        text = base64.b64encode(piece).decode()
        await self._phone.ask("firmware_piece", number=self._number, at=self._sent, piece=text)
        self._sent += len(piece)


async def progress(phone: AsyncPhone) -> Json:
    """How far an update is. version: that runs; offered: the last one that came, and what became of it; update: of the
    updater, both None where there is none; checking: whether the phone still looks, after a start, if a firmware lies
    there that waits. Gone."""
    status = await phone.ask("status")
    told = status["state"]["provisioning"]
    return {
        "version": status["version"], "offered": told["firmware"], "update": told["update"],
        "checking": status["firmware_checking"],
    }  # fmt: skip
