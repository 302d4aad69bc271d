"""`deskphone config ...` as pure functions: bytes in, exit code and text out.

Opening files and printing is done by `deskphone.app.config_command`. Exit codes are those of sysexits(3):
each outcome of `check` has its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from deskphone.config import reference
from deskphone.config.layers import SECTIONS, Layers
from deskphone.config.lines import NO_UNIT, Fetch, Unit
from deskphone.config.reader import read
from deskphone.config.result import ReadResult, Verdict
from deskphone.config.writer import dump as write
from deskphone.config.writer import dump_origins
from deskphone.config.zones import HasZone

EX_OK = 0  # every line is applied
EX_USAGE = 64
EX_DATAERR = 65  # some lines are refused, the rest is applied
EX_NOINPUT = 66
EX_UNAVAILABLE = 69  # applied, and the account will not register
EX_TEMPFAIL = 75  # good as far as it can be read here: includes that only the phone can fetch are left out
EX_PROTOCOL = 76  # no configuration at all
EX_CONFIG = 78  # a configuration, refused as a whole


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the command prints and returns: code as in sysexits(3), `out` to stdout, `err` to stderr."""

    code: int
    out: str = ""
    err: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """How `dump` prints. secrets: in clear. only_changed: what differs from the default. origin: with its layer."""

    secrets: bool = False
    only_changed: bool = False
    origin: bool = False


def check(
    data: bytes, source: str, fetch: Fetch | None = None, unit: Unit = NO_UNIT, has_zone: HasZone | None = None
) -> Outcome:
    """Read a file over the factory's values alone, and report every error, warning and unknown name on stderr."""
    result = read(data, source, fetch=fetch, unit=unit, has_zone=has_zone)
    code, words = _judgement(result)
    doubts = len(result.warnings) + len(result.unknown)
    words += f", {doubts} to look at" if doubts else ""
    line = f"{source}: {words}\n"
    good = code in (EX_OK, EX_TEMPFAIL)
    return Outcome(code, line if good else "", result.report() + ("" if good else line))


def _judgement(result: ReadResult) -> tuple[int, str]:
    """Exit code, and the sentence that says whether the file is applied, in part or not at all."""
    lines = f"{result.refused} line{'' if result.refused == 1 else 's'} refused"
    if result.verdict is Verdict.NO_CONFIGURATION:
        return EX_PROTOCOL, f"no configuration but {result.nature}, nothing is taken"
    if result.verdict is Verdict.REFUSED:
        return EX_CONFIG, f"refused, nothing is taken ({len(result.errors)} error{'s' * (len(result.errors) > 1)})"
    if result.serverless:
        refused = f", {lines}" if result.refused else ""
        return EX_UNAVAILABLE, f"the phone will not register: {result.serverless}{refused}"
    if result.verdict is Verdict.PARTLY:
        return EX_DATAERR, f"{lines}, the rest is taken"
    if result.partial:
        return EX_TEMPFAIL, "good as far as it can be read here"
    return EX_OK, "good"


def dump(  # noqa: PLR0917
    data: bytes | None,
    source: str,
    fetch: Fetch | None = None,
    shown: Shown = Shown(),
    stored: Mapping[str, str] | None = None,
    unit: Unit = NO_UNIT,
    has_zone: HasZone | None = None,
) -> Outcome:
    """The whole configuration after reading a file, or the defaults without one (data None).

    stored: sections of a phone's store by name; the administrator's and the person's layer are laid over the file's.
    A file of which nothing is applied prints nothing to stdout, with the exit code `check` would give.
    """
    layers, report = Layers(), ""
    if data is not None:
        result = read(data, source, fetch=fetch, unit=unit, has_zone=has_zone)
        report = result.report()
        if result.layers is None:
            return Outcome(_judgement(result)[0], "", report)
        layers = result.layers
    for layer, section in SECTIONS.items():
        if stored is not None and section in stored:
            layers, notes = layers.load(layer, stored[section])
            report += "".join(f"{note}\n" for note in notes)
    if shown.origin:
        return Outcome(EX_OK, dump_origins(layers, shown.secrets, shown.only_changed), report)
    return Outcome(EX_OK, write(layers.settings, shown.secrets, shown.only_changed), report)


def show_reference() -> Outcome:
    """The reference page in Markdown."""
    return Outcome(EX_OK, reference.page())
