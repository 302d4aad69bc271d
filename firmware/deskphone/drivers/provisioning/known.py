"""What the last good download was, kept over power-off, so that an unchanged file does nothing.

Law: one small file in the data folder; a file that cannot be read means "nothing known".
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

NAME = "provisioning.state"  # not .json: it is no section of the phone's store


@dataclass(frozen=True, slots=True)
class Known:
    """source: URL without login. digest: SHA-256 of all files. etag: only where the file includes no other."""

    source: str = ""
    digest: str = ""
    etag: str = ""


def load(data: Path) -> Known:
    """What is known, or nothing."""
    try:
        fields = json.loads((data / NAME).read_text("utf-8"))
        return Known(**{name: str(fields[name])[:2_048] for name in ("source", "digest", "etag")})
    except (OSError, ValueError, KeyError, TypeError):
        return Known()


def save(data: Path, known: Known) -> None:
    """Keep it; OSError where the folder cannot be written."""
    new = data / (NAME + ".new")
    with new.open("w", encoding="utf-8") as file:
        json.dump(asdict(known), file)
        file.flush()
        os.fsync(file.fileno())
    new.replace(data / NAME)
