"""What survives power-off: one small JSON file a section, old or new but never half.

Law: write a temporary file, fsync, rename, fsync the folder. A file that cannot be read is left out at start.
"""

from __future__ import annotations

import os
from pathlib import Path

LIMIT = 1_000_000  # bytes of one section


class Store:
    """The data folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def load(self) -> tuple[tuple[str, str], ...]:
        """All sections, as (name, text); what cannot be read is no section."""
        found = []
        for path in sorted(self.folder.glob("*.json")):
            try:
                if path.stat().st_size <= LIMIT:
                    found.append((path.stem, path.read_text("utf-8")))
            except (OSError, UnicodeDecodeError):
                continue
        return tuple(found)

    def save(self, section: str, text: str) -> None:
        """Keep a section; OSError where the folder cannot be written (full, read-only)."""
        write_whole(self.folder / f"{section}.json", text.encode())


def write_whole(path: Path, data: bytes) -> None:
    """Replace a file so that a power cut leaves the old or the new one, never a part."""
    temporary = path.with_suffix(path.suffix + ".new")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(handle, view) :]
        os.fsync(handle)
    finally:
        os.close(handle)
    os.replace(temporary, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
