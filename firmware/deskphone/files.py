"""Files that survive a power cut: the old one or the new one, never a part of it.

Law: write a temporary file, fsync, rename, fsync the folder. What fails leaves nothing behind.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

TEMPORARY = ".new"


def write_whole(path: Path, data: bytes) -> None:
    """Replace a file (mode 0600) at once; OSError where the folder cannot be written, and then the old file stands."""
    temporary = path.with_name(path.name + TEMPORARY)
    try:
        _write(temporary, data)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on the card, too (fsync(2): syncing a file does not)."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(handle, view) :]
        os.fsync(handle)
    finally:
        os.close(handle)
