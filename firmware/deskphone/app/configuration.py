"""Where a running phone's configuration comes from: a file or a URL, checked, with the last good one kept.

Law: fetches bytes and calls the reader; a bad file changes nothing. Includes may name files and URLs.
"""

from __future__ import annotations

import asyncio
import logging
import re
from pathlib import Path

from deskphone import VERSION
from deskphone.config.layers import Layers
from deskphone.config.lines import NO_UNIT, SIZE_LIMIT, Unit
from deskphone.config.reader import read
from deskphone.config.result import ReadResult
from deskphone.drivers.localtime import has_zone
from deskphone.files import read_small, write_whole

log = logging.getLogger("deskphone")
LAST_GOOD = "last-good.cfg"
AS_WRITTEN = "last-good.written"
_STRICT = re.compile(rb"^deskphone/provisioning/strict=1$", re.MULTILINE)


def is_url(reference: str) -> bool:
    """Whether a reference is a URL, to be fetched, and no file of this machine."""
    return "://" in reference


def fetch(reference: str) -> bytes:
    """The bytes of a file or URL; ValueError with a plain reason where it cannot be had."""
    if is_url(reference):
        return asyncio.run(_download(reference))
    try:
        with Path(reference).open("rb") as file:
            return file.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise ValueError(f"{reference}: {error.strerror}") from error


async def _download(url: str) -> bytes:
    """By provisioning's own client and its law of redirects; there is no login and no certificate of ours yet."""
    import ssl  # noqa: PLC0415 - only the command line names a URL here

    from deskphone.provision.fetcher import Fetcher  # noqa: PLC0415
    from deskphone.provision.options import Options  # noqa: PLC0415
    from deskphone.provision.problem import Problem  # noqa: PLC0415

    try:
        found = await Fetcher(Options(f"deskphone/{VERSION}", ssl.create_default_context())).get(url, size=SIZE_LIMIT)
    except Problem as problem:
        raise ValueError(str(problem)) from problem
    return found.data


def load(reference: str, base: Layers | None = None, unit: Unit = NO_UNIT) -> tuple[ReadResult, bytes]:
    """Read and check a configuration over `base`, and the file as it is written; ValueError where it cannot be had."""
    data = fetch(reference)
    return read(data, reference, base, fetch, unit, has_zone), data


def keep(data: Path, layers: Layers, written: bytes) -> None:
    """Keep an accepted configuration, readable by this user only: the file's layer as it was read, secrets in clear,
    which the next start begins with, and the file as it was written, for people."""
    from deskphone.config.writer import dump_file  # noqa: PLC0415 - only when something is kept

    write_whole(data / LAST_GOOD, dump_file(layers).encode())
    write_whole(data / AS_WRITTEN, written)


def kept(data: Path) -> Layers | None:
    """The last good configuration as the file's layer, None where there is none or it cannot be read (the journal
    tells)."""
    path = data / LAST_GOOD
    if not path.exists():
        return None
    try:
        raw = read_small(path, 8 * SIZE_LIMIT)
    except OSError as error:
        log.error("%s: the last good configuration cannot be read: %s", path, error.strerror)
        return None
    if b"\0" in raw:  # the tail that a power cut left: what stood there is lost, so the whole is fetched anew
        log.error("%s: the last good configuration cannot be read: it was cut off", path)
        return None
    # What was good once is never refused as a whole, whatever a newer program thinks of one of its lines.
    result = read(_STRICT.sub(b"deskphone/provisioning/strict=0", raw), str(path))
    for wrong in result.errors:
        log.error("of the last good configuration: %s", wrong)
    return result.layers
