"""Newer firmware: found by its signed manifest, fetched, checked, and kept for the updater to install.

Law: nothing unsigned is ever kept; an older version is fetched only where its signer says `downgrade=1`. Installing is
the image's: its updater has RAUC look at the bundle's own signature, and trusts nothing that was found here.

Beside the bundle `420HD.img` the server has `420HD.img.cms`: CMS around a manifest (manifest.py), made by
    openssl cms -sign -binary -nodetach -outform DER -in manifest -signer s.pem -inkey s.key -out 420HD.img.cms
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from deskphone.files import is_small, read_small, sync_folder, write_whole
from deskphone.provision.fetcher import Fetcher
from deskphone.provision.problem import Outcome, Problem, without_login
from deskphone.trust import manifest, signature
from deskphone.trust.manifest import Manifest

FOLDER = "firmware"
BUNDLE, CMS, NEW = "bundle.img", "bundle.img.cms", "bundle.img.new"
SECONDS = 1_800.0  # for a bundle; a slow line has time
SPARE = 16_000_000  # bytes left free for the phone itself


@dataclass(frozen=True, slots=True)
class Bundle:
    """A firmware whose signature was good. path: the whole bundle; manifest: what its signer says of it."""

    path: Path
    manifest: Manifest


class Verdict(StrEnum):
    """What became of an offer; the words of the screen are `firmware:<value>` in view/words/."""

    NONE = "none"
    VERIFIED = "verified"
    BAD_SIGNATURE = "bad_signature"
    WRONG_MODEL = "wrong_model"
    OLDER = "older"
    INCOMPLETE = "incomplete"
    CHANGED = "changed"
    NO_ROOM = "no_room"
    UNFETCHED = "unfetched"


DOWNLOADS = {
    Outcome.INCOMPLETE: Verdict.INCOMPLETE,
    Outcome.TOO_LARGE: Verdict.CHANGED,  # more bytes than were signed
    Outcome.NOT_KEPT: Verdict.NO_ROOM,
}
"""A download of the bundle that failed; whatever is not here is UNFETCHED."""


class Refused(Exception):
    """A firmware that was offered and is not taken; version is "" where it could not be known."""

    def __init__(self, verdict: Verdict, version: str, why: str) -> None:
        self.verdict, self.version = verdict, version
        super().__init__(without_login(why))


AGAIN = 6 * 3_600.0  # seconds until a bundle that came whole and was the wrong one is fetched again
Memory = dict[str, tuple[float, Refused]]
"""Such bundles by the hash of their manifest: when they may be fetched again (loop time), and what was wrong."""


async def look(
    url: str, fetcher: Fetcher, data: Path, keyring: Path, *, model: str, version: str, memory: Memory | None = None
) -> Bundle | None:
    """Fetch what `url` offers if it is for this model, newer than `version`, and signed.

    None where nothing is offered, or what runs already. Refused where something was offered that is not good. A bundle
    kept before is not fetched again.
    """
    try:
        file = await fetcher.get(url + ".cms", size=signature.SIZE)
    except Problem as problem:
        if problem.outcome is Outcome.NOT_FOUND:
            return None
        raise Refused(Verdict.UNFETCHED, "", str(problem)) from problem
    offer = await judged(file.data, keyring, model=model, version=version, name=_file(url))
    if not manifest.wanted(offer, version):
        return None
    before = await kept(data, keyring, version=version, offer=offer)
    if before is not None:
        return before
    await _once(url, fetcher, data / FOLDER, file.data, offer, memory if memory is not None else {})
    return await kept(data, keyring, version=version)


async def judged(cms: bytes, keyring: Path, *, model: str, version: str, name: str) -> Manifest:
    """What a manifest (`name`) says, for a phone of that model and version. Refused where it is not signed, for another
    model, or for an older version without its signer's word."""
    offer = await _read(cms, keyring)
    if offer.model != model:
        raise Refused(
            Verdict.WRONG_MODEL, offer.version, f"{name}: expected firmware for {model}, got one for {offer.model}"
        )
    if manifest.newer(version, offer.version) and not offer.downgrade:
        why = f"{name}: expected a version after {version}, got {offer.version}"
        raise Refused(Verdict.OLDER, offer.version, why)
    return offer


async def kept(data: Path, keyring: Path, *, version: str, offer: Manifest | None = None) -> Bundle | None:
    """The bundle that waits in the data folder, its signature and hash checked anew: what was written there once may
    have changed since. None where there is none, none that a phone of `version` is to take, or where `offer` is given
    another one than that, whose hash takes its seconds for nothing."""
    folder = data / FOLDER
    try:
        lies = await _read(read_small(folder / CMS, signature.SIZE), keyring)
        if not manifest.wanted(lies, version) or (offer is not None and lies != offer):
            return None
        await asyncio.to_thread(_check, folder / BUNDLE, lies)
    except (OSError, Refused):
        return None
    return Bundle(folder / BUNDLE, lies)


async def _read(cms: bytes, keyring: Path) -> Manifest:
    try:
        return manifest.parse(await signature.signed_text(cms, keyring))
    except ValueError as error:
        raise Refused(Verdict.BAD_SIGNATURE, "", str(error)) from error


async def _once(url: str, fetcher: Fetcher, folder: Path, cms: bytes, offer: Manifest, memory: Memory) -> None:  # noqa: PLR0917
    """Fetch the bundle, unless it was the wrong one a short while ago: it is large, and cards wear out."""
    now, key = asyncio.get_running_loop().time(), hashlib.sha256(cms).hexdigest()
    again, refused = memory.get(key, (0.0, None))
    if refused is not None and now < again:
        raise refused
    try:
        await _fetch(url, fetcher, folder, cms, offer)
    except Refused as wrong:
        came_whole = wrong.verdict is Verdict.CHANGED or not isinstance(wrong.__cause__, Problem | OSError)
        if came_whole and wrong.verdict in (Verdict.CHANGED, Verdict.INCOMPLETE):
            memory.clear()  # one bundle has one manifest: the one before counts no more
            memory[key] = (now + AGAIN, wrong)
        raise


async def _fetch(url: str, fetcher: Fetcher, folder: Path, cms: bytes, offer: Manifest) -> None:
    new = folder / NEW
    try:
        with alone(folder):
            await asyncio.to_thread(make_room, folder, offer)
            await fetcher.save(url, new, offer.size, SECONDS)
            await asyncio.to_thread(_check, new, offer)
            await asyncio.to_thread(keep, folder, new, cms)
    except BlockingIOError:
        raise Refused(Verdict.UNFETCHED, offer.version, "another firmware is being handed over") from None
    except Problem as problem:
        verdict = DOWNLOADS.get(problem.outcome, Verdict.UNFETCHED)
        raise Refused(verdict, offer.version, str(problem)) from problem
    except OSError as error:
        raise unwritten(folder, offer.version, error) from error


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """The folder of firmware is ours (flock(2)), made where it is not there; what did not become a bundle is gone
    afterwards. BlockingIOError: somebody brings another one. OSError."""
    folder.mkdir(mode=0o700, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                (folder / NEW).unlink(missing_ok=True)
    finally:
        os.close(handle)


def make_room(folder: Path, offer: Manifest) -> None:
    """For a bundle beside the one that waits, which stays until the new one is whole; where the two have no room it
    goes. Refused: there is too little. OSError."""
    needed, waits = offer.size + SPARE, {folder / BUNDLE, folder / CMS}
    for path in {*folder.iterdir()} - waits:  # the rest of a download that a power cut ended
        path.unlink()
    if shutil.disk_usage(folder).free < needed:
        for path in waits:
            path.unlink(missing_ok=True)
    if (free := shutil.disk_usage(folder).free) < needed:
        why = f"{folder}: expected {needed} bytes of room, got {free}"
        raise Refused(Verdict.NO_ROOM, offer.version, why)


def keep(folder: Path, new: Path, cms: bytes) -> None:
    """The bundle is on the card (Fetcher.save) before its signature: a power cut between them leaves no firmware."""
    new.replace(folder / BUNDLE)
    sync_folder(folder)
    write_whole(folder / CMS, cms)


def unwritten(folder: Path, version: str, error: OSError) -> Refused:
    """The card does not take it."""
    return Refused(Verdict.NO_ROOM, version, f"{folder}: cannot be written: {error.strerror}")


def _check(path: Path, offer: Manifest) -> None:
    if not is_small(path, offer.size):
        raise Refused(Verdict.CHANGED, offer.version, f"bundle: expected a file of {offer.size} bytes")
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    compare(offer, path.stat().st_size, digest)


def compare(offer: Manifest, size: int, digest: str) -> None:
    """Whether so many bytes with that SHA-256 are those that were signed. Refused: they are not."""
    if (size, digest) == (offer.size, offer.sha256):
        return
    verdict = Verdict.INCOMPLETE if size < offer.size else Verdict.CHANGED
    why = f"bundle: expected the {offer.size} bytes that were signed, got {size} others"
    raise Refused(verdict, offer.version, why)


def _file(url: str) -> str:
    """The last word of a URL, without its query."""
    return url.partition("?")[0].rpartition("/")[2]
