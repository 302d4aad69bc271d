"""`deskphone config ...` as pure functions: bytes in, exit code and text out.

Opening files and printing is done by `deskphone.app.config_command`. Exit codes are those of sysexits(3).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from deskphone.config import reference
from deskphone.config.layers import SECTIONS, Layers
from deskphone.config.lines import Fetch
from deskphone.config.reader import read
from deskphone.config.registry import slots_of, value_at
from deskphone.config.settings import Settings, Value
from deskphone.config.writer import dump as write
from deskphone.config.writer import dump_origins

EX_OK = 0
EX_USAGE = 64
EX_DATAERR = 65
EX_NOINPUT = 66


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the command prints and returns: `out` to stdout, `err` to stderr."""

    code: int
    out: str = ""
    err: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """How `dump` prints: secrets in clear, only what differs from the defaults, with whose each value is."""

    secrets: bool = False
    only_changed: bool = False
    origin: bool = False


def check(data: bytes, source: str, fetch: Fetch | None = None) -> Outcome:
    """Read a file and report every error, warning and unknown name. EX_DATAERR if it would be refused."""
    result = read(data, source, fetch=fetch)
    report = result.report()
    if result.settings is None:
        total = len(result.errors)
        return Outcome(EX_DATAERR, "", f"{report}{source}: refused, {total} error{'s' if total > 1 else ''}\n")
    doubts = len(result.warnings) + len(result.unknown)
    return Outcome(EX_OK, f"{source}: good" + (f", {doubts} to look at\n" if doubts else "\n"), report)


def dump(
    data: bytes | None,
    source: str,
    fetch: Fetch | None = None,
    shown: Shown = Shown(),
    stored: Mapping[str, str] | None = None,
) -> Outcome:
    """The whole configuration after reading a file, or the defaults without one.

    stored: the sections of a phone's store, whose administrator's and person's values lie over the file's.
    """
    layers, report = Layers(), ""
    if data is not None:
        result = read(data, source, fetch=fetch)
        if result.settings is None:
            return Outcome(EX_DATAERR, "", result.report())
        report = result.report()
        layers = layers.with_file(_named(result.settings))
    for layer, section in SECTIONS.items():
        if stored is not None and section in stored:
            layers, notes = layers.load(layer, stored[section])
            report += "".join(f"{note}\n" for note in notes)
    if shown.origin:
        return Outcome(EX_OK, dump_origins(layers, shown.secrets, shown.only_changed), report)
    return Outcome(EX_OK, write(layers.settings, shown.secrets, shown.only_changed), report)


def _named(settings: Settings) -> dict[str, Value]:
    default = Settings()
    return {
        name: value_at(settings, slot.path)
        for name, slot in slots_of(Settings).items()
        if value_at(settings, slot.path) != value_at(default, slot.path)
    }


def show_reference() -> Outcome:
    """The reference page in Markdown."""
    return Outcome(EX_OK, reference.page())
