"""What the last good download was, kept over power-off, so that an unchanged file does nothing.

Law: one small file in the data folder; a file that cannot be read means "nothing known". What another version of the
program knew counts for nothing: it may have read the same file with fewer settings.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from deskphone.files import read_small, write_whole

NAME = "provisioning.state"  # not .json: it is no section of the phone's store


@dataclass(frozen=True, slots=True)
class Known:
    """source: URL without login. digest: SHA-256 of all files. etag: only where the file includes no other.

    at: unix time it was accepted. version: of the program that read it. refused: lines of it that were not taken.
    idle: how many names of it nothing here obeys.
    """

    source: str = ""
    digest: str = ""
    etag: str = ""
    at: int = 0
    version: str = ""
    refused: tuple[str, ...] = ()
    idle: int = 0


def load(data: Path) -> Known:
    """What is known; an empty Known where the file is missing or cannot be read."""
    try:
        fields = json.loads(read_small(data / NAME, 1_000_000))
        texts = {name: str(fields[name])[:2_048] for name in ("source", "digest", "etag", "version")}
        refused = tuple(str(line)[:500] for line in fields.get("refused", ()))[:100]
        return Known(**texts, at=int(fields["at"]), refused=refused, idle=int(fields.get("idle", 0)))
    except (OSError, ValueError, KeyError, TypeError, OverflowError):
        return Known()


def save(data: Path, known: Known) -> None:
    """Keep what is known over power-off; OSError where the folder cannot be written."""
    write_whole(data / NAME, json.dumps(asdict(known)).encode())
