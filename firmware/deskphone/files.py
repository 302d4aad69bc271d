"""Files that survive a power cut: the old one or the new one, never a part of it. And reading them from a card that
somebody else had in his hands: a pipe is not waited for, a device or a file without end does not fill the memory.

Law: write a temporary file, fsync, rename, fsync the folder. What fails leaves nothing behind. What is read is a plain
file of a size that was told.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from pathlib import Path

TEMPORARY = ".new"


def read_small(path: Path, most: int) -> bytes:
    """A plain file of at most `most` bytes; OSError where it cannot be read, is longer (EFBIG) or no file (EINVAL)."""
    with open(path, "rb", opener=_waiting_for_nobody) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "it is no plain file", str(path))
        data = file.read(most + 1)
    if len(data) > most:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
    return data


def is_small(path: Path, most: int) -> bool:
    """Whether there is a plain file of at most `most` bytes: for libraries that read it themselves."""
    try:
        found = path.stat()
    except OSError:
        return False
    return stat.S_ISREG(found.st_mode) and found.st_size <= most


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


def _waiting_for_nobody(path: str, flags: int) -> int:
    """A pipe is opened at once, whoever writes into it (open(2))."""
    return os.open(path, flags | os.O_NONBLOCK | os.O_NOCTTY)


def _write(path: Path, data: bytes) -> None:
    with contextlib.suppress(FileNotFoundError):
        path.unlink()  # what lies there may be a pipe, or lead elsewhere
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(handle, view) :]
        os.fsync(handle)
    finally:
        os.close(handle)
