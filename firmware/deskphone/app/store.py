"""What survives power-off: one small file a section (JSON) or a wish, old or new but never half.

Law: written by files.py, in a thread of its own and in order: a slow card holds nothing up. Of a file that waits
only the newest text is written; at an orderly stop everything that was ordered is. A file that cannot be read is left
out at start.
"""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import ClassVar

from deskphone.config.secret import Secret
from deskphone.core.effects import Effect, KeepSecret
from deskphone.core.effects import Store as Keep
from deskphone.drivers.ports import Part, Post
from deskphone.drivers.worker import Bell, Pulse, run_worker
from deskphone.files import is_small, read_small, write_whole
from deskphone.trust.sealed import seal, unseal

log = logging.getLogger("deskphone")
LIMIT = 1_000_000  # bytes of one section
SEALED = ".sealed"
FLUSH = 4.0  # seconds for what waits at a stop; systemd waits five


class Store(Part):
    """The port that keeps files in the data folder (made with mode 0700)."""

    name = "store"
    performs: ClassVar[tuple[type[Effect], ...]] = (Keep, KeepSecret)

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._bell, self._pulse, self._lock = Bell(), Pulse(), threading.Lock()
        self._waiting: dict[str, str | Secret] = {}  # by file name, in the order in which they were asked for last

    def load(self) -> tuple[tuple[str, str], ...]:
        """All sections, as (name, text); what cannot be read is no section."""
        found = []
        for path in sorted(self.folder.glob("*.json")):
            try:
                found.append((path.stem, read_small(path, LIMIT).decode()))
            except (OSError, UnicodeDecodeError):
                continue
        return tuple(found)

    def save(self, name: str, text: str) -> None:
        """Keep a file now; OSError where the folder cannot be written (full, read-only)."""
        write_whole(self.folder / name, text.encode())

    def secret(self, name: str) -> Secret:
        """What KeepSecret kept; an empty one where there is none, or none that this phone can read."""
        path = self.folder / f"{name}{SEALED}"
        try:
            return Secret(unseal(self.folder, read_small(path, LIMIT))) if path.exists() else Secret()
        except (OSError, ValueError) as error:
            log.warning("%s: %s", path.name, error)
            return Secret()

    def perform(self, effect: Effect) -> None:
        """Store: keep a section as `SECTION.json`, soon. KeepSecret: a file `NAME.sealed`. Returns at once."""
        if isinstance(effect, KeepSecret):
            self.keep(f"{effect.name}{SEALED}", effect.secret)
            return
        if not isinstance(effect, Keep):
            super().perform(effect)
            return
        self.keep(f"{effect.section}.json", effect.text)

    def keep(self, name: str, text: str | Secret) -> None:
        """Keep a file of this name, soon; one that says the same already is not written. Returns at once."""
        with self._lock:
            self._waiting.pop(name, None)
            self._waiting[name] = text
        self._bell.ring()

    def alive(self) -> bool:
        """Whether the card takes what it is given in time (`Pulse`)."""
        return self._pulse.alive()

    async def run(self, post: Post) -> None:
        """Write until cancelled, and then what still waits."""
        self._bell = Bell()
        self._bell.ring()
        await run_worker(self.name, self._bell, self._work, FLUSH)

    def _work(self) -> None:
        while True:
            stopped = self._bell.stopped  # asked for first: what is ordered before the stop is written behind it
            self._write()
            if stopped:
                return
            self._bell.wait(None)

    def _keep_sealed(self, path: Path, secret: Secret) -> None:
        path.unlink(missing_ok=True)  # an older one is no use to anybody, whatever becomes of the new one
        if secret:
            write_whole(path, seal(self.folder, secret.reveal()))

    def _says(self, name: str, text: str) -> bool:
        path = self.folder / name
        return is_small(path, LIMIT) and read_small(path, LIMIT) == text.encode()

    def _write(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    return
                name = next(iter(self._waiting))
                text = self._waiting.pop(name)
            try:
                with self._pulse.working():
                    if isinstance(text, Secret):
                        self._keep_sealed(self.folder / name, text)
                    elif not self._says(name, text):
                        self.save(name, text)
            except OSError as error:  # full or read-only: the phone goes on, the journal says so
                log.error("cannot store %s: %s", name, error)
