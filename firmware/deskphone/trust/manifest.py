"""What a signed firmware says of itself: a short text in the CMS file beside the bundle.

Law: text to a frozen Manifest and nothing else. It is read only after its signature was found good.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

SIZE = 96 << 20  # bytes of a bundle at most: a slot of the card (image/genimage.cfg), and beside SPARE in /data
VERSION = re.compile(r"\d{1,5}(\.\d{1,5}){0,3}\Z")
FIELDS = {
    "model": re.compile(r"[A-Za-z0-9._-]{1,64}\Z"),
    "version": VERSION,
    "size": re.compile(r"[1-9]\d{0,11}\Z"),
    "sha256": re.compile(r"[0-9a-fA-F]{64}\Z"),
}


@dataclass(frozen=True, slots=True)
class Manifest:
    """model as `system/type`; size in bytes; sha256 of the bundle in hexadecimal. downgrade: its signer means it for
    phones with a newer version, too."""

    model: str
    version: str
    size: int
    sha256: str
    downgrade: bool = False


def parse(text: bytes) -> Manifest:
    """`name=value` lines, `#` comments; unknown names are left for later versions. ValueError tells what is wrong."""
    if len(text) > 10_000:
        raise ValueError(f"manifest: expected at most 10000 bytes, got {len(text)}")
    found: dict[str, str] = {}
    for line in text.removeprefix(codecs.BOM_UTF8).decode("ascii", "replace").splitlines():
        name, equals, value = line.strip().partition("=")
        if equals and not name.startswith("#"):
            found[name.strip()] = value.strip()
    for name, shape in FIELDS.items():
        if not shape.match(found.get(name, "")):
            raise ValueError(f"manifest: expected {name}=..., got {found.get(name, 'nothing')[:64]!r}")
    size = int(found["size"])
    if size > SIZE:
        raise ValueError(f"manifest: expected a bundle of at most {SIZE} bytes, got {size}")
    return Manifest(found["model"], found["version"], size, found["sha256"].lower(), found.get("downgrade") == "1")


def wanted(offer: Manifest, running: str) -> bool:
    """Whether a phone of that version is to take it: a newer one, and an older one that its signer means so."""
    return newer(offer.version, running) or (offer.downgrade and newer(running, offer.version))


def newer(version: str, than: str) -> bool:
    """Whether a version comes after another, number by number; no version comes after one that is no version."""
    if not VERSION.match(version) or not VERSION.match(than):
        return False
    return _numbers(version) > _numbers(than)


def _numbers(version: str) -> tuple[int, ...]:
    numbers = [int(part) for part in version.split(".")]
    return tuple(numbers + [0] * (4 - len(numbers)))
