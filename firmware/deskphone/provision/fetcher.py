"""One visit to the provisioning server: a file by whatever protocol its URL names.

Law: picks the protocol and bounds the visit; the protocols are in modules of their own. The one that speaks HTTP is
loaded when it is first needed: it is a quarter of all that a start would load.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from deskphone.provision import ftp, tftp
from deskphone.provision.address import Address, address
from deskphone.provision.options import Options
from deskphone.provision.problem import Outcome, Problem
from deskphone.provision.sink import CONFIGURATION_SECONDS, CONFIGURATION_SIZE, Sink

INCLUDES_SECONDS = 120.0  # for a configuration and everything it includes


Fetch = Callable[[Address, Sink, Options, str], Awaitable[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class File:
    """A file. unchanged: the server said that the one of this etag is still good, and data is empty. url: where it was
    found in the end, without login."""

    data: bytes
    etag: str = ""
    unchanged: bool = False
    url: str = ""


class Fetcher:
    """Fetches with the login, certificates and name of this phone."""

    def __init__(self, options: Options, seconds: float = CONFIGURATION_SECONDS) -> None:
        self._options, self._seconds = options, seconds

    async def get(self, url: str, etag: str = "", size: int = CONFIGURATION_SIZE) -> File:
        """A file of at most `size` bytes into memory; Problem where it is not to be had. etag: of the file that is
        known, "" for none."""
        data = bytearray()
        place = address(url)
        known, found = await self._into(url, Sink(place.url, data.extend, size, self._seconds), etag)
        unchanged = bool(etag) and known == etag and not data
        return File(bytes(data), known, unchanged, found)

    async def save(self, url: str, path: Path, size: int, seconds: float) -> None:
        """A file of at most `size` bytes to `path` within `seconds`, on the card when this returns; `path` is removed
        where that fails. Problem as `get`."""
        place = address(url)
        try:
            with path.open("wb") as file:
                await self._into(url, Sink(place.url, file.write, size, seconds), "")
                file.flush()
                await asyncio.to_thread(os.fsync, file.fileno())
        except OSError as error:
            _remove(path)
            raise Problem(Outcome.NOT_KEPT, place.url, f"room in {path.parent}", error.strerror or "?") from error
        except BaseException:
            _remove(path)
            raise

    async def _into(self, url: str, sink: Sink, etag: str) -> tuple[str, str]:
        place = address(url)
        if self._options.only_tls and place.scheme != "https":
            raise Problem(Outcome.PLAIN, place.url, "https, for this phone has its owner's authority", place.scheme)
        if place.scheme == "tftp":
            await tftp.fetch(place, sink)
        elif place.scheme == "ftp":
            await ftp.fetch(place, sink, self._options.login)
        else:
            fetch = await web()
            return await fetch(place, sink, self._options, etag)
        return "", place.url


async def web() -> Fetch:
    """What fetches by HTTP, loaded in a thread when it is asked for first: keys and display go on meanwhile."""
    return await asyncio.to_thread(_load_web)


def _load_web() -> Fetch:
    import deskphone.trust.plain_aiohttp  # noqa: F401, PLC0415 - before aiohttp
    from deskphone.provision.web import fetch  # noqa: PLC0415 - see above

    return fetch


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()
