"""`deskphone config ...` as pure functions: bytes in, exit code and text out.

Opening files and printing is done by `deskphone.app.config_command`. Exit codes are those of sysexits(3).
"""

from __future__ import annotations

from dataclasses import dataclass

from deskphone.config import reference
from deskphone.config.lines import Fetch
from deskphone.config.reader import read
from deskphone.config.settings import Settings
from deskphone.config.writer import dump as write

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
    data: bytes | None, source: str, fetch: Fetch | None = None, secrets: bool = False, only_changed: bool = False
) -> Outcome:
    """The whole configuration after reading a file, or the defaults without one."""
    if data is None:
        return Outcome(EX_OK, write(Settings(), secrets, only_changed))
    result = read(data, source, fetch=fetch)
    if result.settings is None:
        return Outcome(EX_DATAERR, "", result.report())
    return Outcome(EX_OK, write(result.settings, secrets, only_changed), result.report())


def show_reference() -> Outcome:
    """The reference page in Markdown."""
    return Outcome(EX_OK, reference.page())
