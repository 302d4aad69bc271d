"""The configuration as a file: its text, and what a file that comes sets; for the web pages, REST and an ACS.

Law: what is written is `config.writer`'s form and what comes is read by `config.reader`; a file with a fault sets
nothing. Secrets never leave the phone: their lines are comments, and a file that comes leaves them as they are. What a
file changes is the administrator's from then on, by `set` as of a form.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from deskphone.config import url_secrets
from deskphone.config.layers import Layers, parsed
from deskphone.config.reader import read
from deskphone.config.registry import value_at
from deskphone.config.result import ReadResult
from deskphone.config.secret import MASK
from deskphone.config.settings import Settings
from deskphone.config.writer import shown
from deskphone.manage.client import AsyncPhone, Refusal

NAME = "420HD.cfg"
SHOWN = 20  # faults of a file that are told
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a file: the names that were set, or its faults; and what it says that this phone does not know."""

    names: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    waits: bool = False


async def text(phone: AsyncPhone) -> str:
    """Every setting in force, each a line. client.Gone."""
    rows = (await phone.ask("show"))["settings"]
    lines = ["; every setting in force; a secret is a comment: an upload leaves it as it is"]
    lines += sorted(f"{'; ' if hidden(row['value']) else ''}{row['name']}={row['value']}" for row in rows)
    return "\n".join(lines) + "\n"


async def take(phone: AsyncPhone, body: bytes) -> Taken:
    """Read a file, and set what differs from what is in force. client.Gone."""
    rows = (await phone.ask("show"))["settings"]
    result, wanted = await asyncio.to_thread(_read, body, {row["name"]: row["value"] for row in rows})
    warnings = tuple(str(each) for each in result.unknown)[:SHOWN]
    if result.errors or result.layers is None:
        return Taken(errors=_faults(result), warnings=warnings)
    if not wanted:
        return Taken(warnings=warnings)
    try:
        done = await phone.ask("set", values=wanted)
    except Refusal as refused:
        return Taken(errors=(str(refused),), warnings=warnings)
    return Taken(tuple(wanted), (), warnings, done["waits"])


def hidden(value: str) -> bool:
    """Whether a value of an answer is one that the phone does not tell."""
    return value == MASK or url_secrets.is_masked(value)


def _read(body: bytes, values: dict[str, str]) -> tuple[ReadResult, dict[str, str]]:
    """A file over the values in force, and what it changes. Secrets are not among these: each that it names counts."""
    slots = Settings.slots()
    base = Layers().with_file({name: parsed(slots[name], value) for name, value in values.items() if not hidden(value)})
    result = read(body, "file", base)
    now = result.settings or base.settings
    changed = [slot for slot in slots.values() if value_at(now, slot.path) != value_at(base.settings, slot.path)]
    return result, {slot.name: shown(slot, value_at(now, slot.path), secrets=True) for slot in changed}


def _faults(result: ReadResult) -> tuple[str, ...]:
    return tuple(str(each) for each in result.errors)[:SHOWN] or ("the file is no configuration of this phone",)
