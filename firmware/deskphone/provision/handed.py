"""Newer firmware that somebody hands over piece by piece: a page of the management plane, or an ACS by its client.

Law: the same door as for provisioning's (`firmware.py`): the manifest is judged first, no byte more than it says is
taken, and what waits for the updater in the end is whole. One at a time; one whose bringer stays away is given up. A
piece is on its way to the card before the next is asked for, so that the end does not wait for all of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from io import BufferedWriter
from pathlib import Path
from typing import TYPE_CHECKING

from deskphone.provision import firmware
from deskphone.provision.firmware import FOLDER, NEW, Refused, Verdict
from deskphone.trust import manifest
from deskphone.trust.manifest import Manifest

if TYPE_CHECKING:
    from hashlib import _Hash

PATIENCE = 60.0  # seconds that the next piece may take
SYNC = 4 << 20  # bytes that may be on their way to the card


class Declined(Exception):
    """Nothing is wrong with the firmware, but it is not taken now; the text says why."""


@dataclass
class _Pending:
    """A hand-over under way. held: gives folder and file back; size: bytes so far."""

    number: int
    offer: Manifest
    cms: bytes
    file: BufferedWriter
    held: contextlib.ExitStack
    size: int = 0
    digest: _Hash = field(default_factory=hashlib.sha256)


class Hands:
    """Takes firmware. data: the phone's folder; keyring: who may sign."""

    def __init__(self, data: Path, keyring: Path) -> None:
        self._data, self._keyring = data, keyring
        self._number = 0
        self._pending: _Pending | None = None
        self._patience: asyncio.Task[None] | None = None  # with the next piece of what is pending
        self._one_at_a_time = asyncio.Lock()

    async def begin(self, cms: bytes, *, model: str, version: str, undone: str = "") -> tuple[int, Manifest]:
        """A manifest comes; the number of the hand-over, 0 where its bundle lies here or runs already. undone: the
        version whose trial did not end well. Refused, Declined."""
        async with self._one_at_a_time:
            if self._pending is not None:
                raise Declined("another firmware is being handed over")
            offer = await firmware.judged(cms, self._keyring, model=model, version=version, name="announcement")
            if offer.version == undone:
                raise Declined(f"{undone} was tried before, and undone: it is not installed again")
            if not manifest.wanted(offer, version):
                return 0, offer
            if await firmware.kept(self._data, self._keyring, version=version, offer=offer) is not None:
                return 0, offer
            self._pending = await asyncio.to_thread(self._open, cms, offer)
            self._wait()
            return self._pending.number, offer

    async def piece(self, number: int, at: int, piece: bytes) -> None:
        """The next piece, which begins at so many bytes. Refused: no room, or more than was signed. Declined."""
        async with self._goes_on(number, at) as pending:
            if pending.size + len(piece) > pending.offer.size:
                self._give_up()
                why = f"bundle: expected the {pending.offer.size} bytes that were signed, got more"
                raise Refused(Verdict.CHANGED, pending.offer.version, why)
            await self._written(pending, lambda: _write(pending, piece))

    async def end(self, number: int, at: int) -> Manifest:
        """All is here: what waits for the updater from now on. Refused, Declined."""
        async with self._goes_on(number, at) as pending:
            try:
                firmware.compare(pending.offer, pending.size, pending.digest.hexdigest())
                await self._written(pending, lambda: self._keep(pending))
            finally:
                self._give_up()
            return pending.offer

    async def drop(self, number: int) -> None:
        """Who brings it gives up; another hand-over than the one under way is nothing."""
        async with self._one_at_a_time:
            if self._pending is not None and self._pending.number == number:
                self._give_up()

    @contextlib.asynccontextmanager
    async def _goes_on(self, number: int, at: int) -> AsyncIterator[_Pending]:
        """What is pending, for one request at a time; patience with the next one begins when this is done."""
        async with self._one_at_a_time:
            if self._pending is None or self._pending.number != number or self._pending.size != at:
                raise Declined("this firmware is not being handed over any more")
            self._stop_waiting()
            try:
                yield self._pending
            finally:
                if self._pending is not None:
                    self._wait()

    def _wait(self) -> None:
        async def patience(number: int) -> None:
            await asyncio.sleep(PATIENCE)
            await self.drop(number)

        self._patience = asyncio.create_task(patience(self._number), name="who brings firmware")

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()

    def _give_up(self) -> None:
        self._stop_waiting()
        pending, self._pending = self._pending, None
        if pending is not None:
            with contextlib.suppress(OSError):  # of a full card: what its file still held
                pending.held.close()

    async def _written(self, pending: _Pending, write: Callable[[], None]) -> None:
        try:
            await asyncio.to_thread(write)
        except OSError as error:
            self._give_up()
            raise firmware.unwritten(self._data / FOLDER, pending.offer.version, error) from error

    def _open(self, cms: bytes, offer: Manifest) -> _Pending:
        folder = self._data / FOLDER
        try:
            with contextlib.ExitStack() as held:
                held.enter_context(firmware.alone(folder))
                firmware.make_room(folder, offer)
                file = held.enter_context((folder / NEW).open("wb"))
                self._number += 1
                return _Pending(self._number, offer, cms, file, held.pop_all())
        except BlockingIOError:
            raise Declined("the phone fetches another firmware itself") from None
        except OSError as error:
            raise firmware.unwritten(folder, offer.version, error) from error

    def _keep(self, pending: _Pending) -> None:
        folder = self._data / FOLDER
        _sync(pending)
        firmware.keep(folder, folder / NEW, pending.cms)


def _write(pending: _Pending, piece: bytes) -> None:
    pending.file.write(piece)
    pending.digest.update(piece)
    before, pending.size = pending.size, pending.size + len(piece)
    if before // SYNC != pending.size // SYNC:
        _sync(pending)


def _sync(pending: _Pending) -> None:
    pending.file.flush()
    os.fdatasync(pending.file.fileno())
