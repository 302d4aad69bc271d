"""One check of the configuration: fetch, read with everything it includes, compare with what is known.

Law: decides nothing about the phone; says what was found. The reader runs in a thread and fetches through the loop.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass

from deskphone.config.reader import ReadResult, read
from deskphone.config.settings import Settings
from deskphone.drivers.provisioning.address import address
from deskphone.drivers.provisioning.fetcher import INCLUDES_SECONDS, Fetcher, File
from deskphone.drivers.provisioning.known import Known
from deskphone.drivers.provisioning.problem import Outcome, Problem, without_login


@dataclass(frozen=True, slots=True)
class Found:
    """A configuration, or why there is none. known: what to remember once it is kept."""

    outcome: Outcome
    source: str
    settings: Settings | None = None
    errors: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    known: Known = Known()


async def configuration(urls: tuple[str, ...], fetcher: Fetcher, known: Known) -> Found:
    """Ask these URLs in order until one has the file (the MAC in another letter case). Never raises a Problem."""
    source = without_login(urls[0])
    try:
        url, file = await _first(urls, fetcher, known)
        source = address(url).url
        if file.unchanged:
            return Found(Outcome.UNCHANGED, source)
        return await _read(url, file, fetcher, known)
    except Problem as problem:
        return Found(problem.outcome, source, errors=(str(problem),))


async def _first(urls: tuple[str, ...], fetcher: Fetcher, known: Known) -> tuple[str, File]:
    for url in urls:
        etag = known.etag if without_login(url) == known.source else ""
        try:
            return url, await fetcher.get(url, etag)
        except Problem as problem:
            if problem.outcome is not Outcome.NOT_FOUND or url == urls[-1]:
                raise
    raise AssertionError("no URL at all")


async def _read(url: str, file: File, fetcher: Fetcher, known: Known) -> Found:
    loop, source = asyncio.get_running_loop(), without_login(url)
    digest, included = hashlib.sha256(file.data), 0
    # The login of the URL is for its origin; includes of the same origin may need it.
    prefix = url.partition("://")[2].partition("@")[0] + "@" if source != url else ""
    deadline = loop.time() + INCLUDES_SECONDS

    def fetch(reference: str, base: str) -> bytes:
        nonlocal included
        included += 1
        left = deadline - loop.time()
        if left <= 0:
            raise ValueError(f"all files within {INCLUDES_SECONDS:g} s")
        try:
            place = _with_login(reference, source, prefix)
            wanted = asyncio.run_coroutine_threadsafe(fetcher.get(place), loop)
            data = wanted.result(left).data
        except Problem as problem:
            raise ValueError(str(problem)) from problem
        except TimeoutError:
            wanted.cancel()
            raise
        digest.update(hashlib.sha256(data).digest())
        return data

    result = await asyncio.to_thread(read, file.data, source, None, fetch)
    if result.settings is None:
        errors = tuple(without_login(str(error)) for error in result.errors)
        return Found(Outcome.REFUSED, source, errors=errors)
    etag = file.etag if not included else ""
    now = Known(source, digest.hexdigest(), etag)
    if (now.source, now.digest) == (known.source, known.digest):
        return Found(Outcome.UNCHANGED, source, known=now)
    return Found(Outcome.UPDATED, source, result.settings, doubts=_doubts(result), known=now)


def _with_login(reference: str, source: str, prefix: str) -> str:
    if not prefix or "@" in reference or address(reference).origin != address(source).origin:
        return reference
    scheme, _, rest = reference.partition("://")
    return f"{scheme}://{prefix}{rest}"


def _doubts(result: ReadResult) -> tuple[str, ...]:
    return tuple(without_login(str(each)) for each in (*result.warnings, *result.unknown))
