"""One check of the configuration: fetch, read with everything it includes, compare with what is known.

Law: decides nothing about the phone; says what was found. The reader runs in a thread and fetches through the loop.
"""

from __future__ import annotations

import asyncio
import hashlib
import threading
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass

from deskphone.config.layers import Layers
from deskphone.config.lines import Unit
from deskphone.config.reader import read
from deskphone.config.result import ReadResult
from deskphone.drivers.localtime import has_zone
from deskphone.provision.address import address
from deskphone.provision.fetcher import INCLUDES_SECONDS, Fetcher, File
from deskphone.provision.known import Known
from deskphone.provision.problem import LOGIN, Outcome, Problem, strip_login, without_login

NOES = (Outcome.NOT_FOUND, Outcome.LOGIN, Outcome.SERVER_ERROR)
"""The server is there, and has no file by this name for us."""
PASSING = (Outcome.UNREACHABLE, Outcome.TIMED_OUT, Outcome.SERVER_ERROR, Outcome.INCOMPLETE)
"""Of an included file: its server is away, so the whole is looked for again and nothing of it is taken meanwhile. What
is not there, or may not be had, costs its line."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose file it is: the layers it is laid over, and what <MAC> and <MODEL> in it stand for."""

    base: Layers
    unit: Unit


@dataclass(frozen=True, slots=True)
class Found:
    """A configuration, or why there is none. errors: with layers, the lines that were refused.

    known: what to remember once it is kept. written: the file itself.
    """

    outcome: Outcome
    source: str
    layers: Layers | None = None
    errors: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    known: Known = Known()
    written: bytes = b""


async def configuration(urls: tuple[str, ...], fetcher: Fetcher, known: Known, reader: Reader) -> Found:
    """Ask these URLs in order until one has the file (the MAC in another letter case). Never raises a Problem."""
    source = strip_login(urls[0])
    try:
        url, file = await _first(urls, fetcher, known)
        source = address(url).url
        if file.unchanged:
            return Found(Outcome.UNCHANGED, source, errors=known.refused, known=known)
        return await _read(url, file, fetcher, known, reader)
    except Problem as problem:
        return Found(problem.outcome, source, errors=(str(problem),))


async def _first(urls: tuple[str, ...], fetcher: Fetcher, known: Known) -> tuple[str, File]:
    """Whatever a server says for no (a script may have 403 or 500 for the other case of the MAC), the next URL is
    asked; of several noes the first one is told that says more than that there is no file."""
    noes = list[Problem]()
    for url in urls:
        etag = known.etag if strip_login(url) == known.source else ""
        try:
            return url, await fetcher.get(url, etag)
        except Problem as problem:
            noes.append(problem)
            if problem.outcome not in NOES:
                raise
    raise next((no for no in noes if no.outcome is not Outcome.NOT_FOUND), noes[0])


async def _read(url: str, file: File, fetcher: Fetcher, known: Known, reader: Reader) -> Found:
    source = strip_login(url)
    includes = Includes(url, file.data, fetcher)
    try:
        result = await asyncio.to_thread(
            read, file.data, file.url or source, reader.base, includes.fetch, reader.unit, has_zone
        )
    finally:
        includes.stop()
    if includes.away:
        return Found(includes.away[0].outcome, source, errors=(str(includes.away[0]),))
    errors = tuple(without_login(str(error)) for error in result.errors)
    if result.layers is None:
        return Found(Outcome.REFUSED, source, errors=errors)
    etag = file.etag if not includes.count else ""
    now = Known(source, includes.digest.hexdigest(), etag, refused=errors, idle=len(result.idle))
    if (now.source, now.digest) == (known.source, known.digest):
        return Found(Outcome.UNCHANGED, source, errors=errors, known=now)
    return Found(Outcome.UPDATED, source, result.layers, errors, _doubts(result), now, file.data)


class Includes:
    """The files that a configuration includes, for the reader's thread, through the loop it is made in.

    count: how many were asked for. away: of those, whose server is away. digest: of the configuration and of them all.
    """

    def __init__(self, url: str, data: bytes, fetcher: Fetcher) -> None:
        self.count, self.away, self.digest = 0, list[Problem](), hashlib.sha256(data)
        self._fetcher, self._source = fetcher, strip_login(url)
        # The login of the URL is for its origin; includes of the same origin may need it.
        login = LOGIN.search(url)
        self._login = login[0] if login is not None else ""
        self._loop = asyncio.get_running_loop()
        self._deadline = self._loop.time() + INCLUDES_SECONDS
        self._lock, self._over, self._waiting = threading.Lock(), False, list[Future[File]]()

    def fetch(self, reference: str) -> bytes:
        """As `config.lines.Fetch`, in the thread of the reader. ValueError."""
        self.count += 1
        left = self._deadline - self._loop.time()
        if left <= 0:
            raise ValueError(f"all files within {INCLUDES_SECONDS:g} s")
        try:
            wanted = self._ask(_with_login(reference, self._source, self._login))
            data = wanted.result(left).data
        except Problem as problem:
            if problem.outcome in PASSING:
                self.away.append(problem)
            raise ValueError(str(problem)) from problem
        except TimeoutError:
            wanted.cancel()
            raise
        except CancelledError:
            raise ValueError("a phone that goes on: it is being stopped") from None
        self.digest.update(hashlib.sha256(data).digest())
        return data

    def _ask(self, url: str) -> Future[File]:
        with self._lock:  # else `stop` could fall between the two, and miss this one
            if self._over:
                raise CancelledError
            wanted = asyncio.run_coroutine_threadsafe(self._fetcher.get(url), self._loop)
            self._waiting.append(wanted)
            return wanted

    def stop(self) -> None:
        """The reader has ended, or the phone stops: its thread must not go on to the next file."""
        with self._lock:
            self._over = True
            for each in self._waiting:
                each.cancel()


def _with_login(reference: str, source: str, prefix: str) -> str:
    if not prefix or "@" in reference or address(reference).origin != address(source).origin:
        return reference
    scheme, _, rest = reference.partition("://")
    return f"{scheme}://{prefix}{rest}"


def _doubts(result: ReadResult) -> tuple[str, ...]:
    return tuple(without_login(str(each)) for each in (*result.warnings, *result.unknown))
