"""What came of reading a configuration: what is in force if it is applied, what was refused and why.

Law: values only; the reader fills them in.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from deskphone.config.diagnostic import Diagnostic, Unknown
from deskphone.config.layers import Layers
from deskphone.config.settings import Settings


class Verdict(StrEnum):
    """TAKEN: every line is applied. PARTLY: some lines were refused. REFUSED: a configuration, refused as a whole.
    NO_CONFIGURATION: a body of which no line names a setting of this phone."""

    TAKEN = "taken"
    PARTLY = "partly"
    REFUSED = "refused"
    NO_CONFIGURATION = "no configuration"


@dataclass(frozen=True, slots=True)
class ReadResult:
    """`layers` with the file's values in them, and the `settings` in force then; None where nothing is applied.

    errors: each cost its line, or the file where nothing is applied; `lines.ERROR_LIMIT` of them, and one that says
    there are more; `refused` counts the lines. nature: what a body that is no configuration is. assignments: how many
    lines have the form name=value, whatever the name. idle: names the file sets that nothing here obeys. partial: an
    include was not read, for only the phone can fetch it. serverless: why no account would register, else "".
    """

    layers: Layers | None
    errors: tuple[Diagnostic, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    verdict: Verdict = Verdict.TAKEN
    nature: str = ""
    assignments: int = 0
    refused: int = 0
    idle: tuple[str, ...] = ()
    partial: bool = False
    serverless: str = ""

    @property
    def settings(self) -> Settings | None:
        """What is in force once it is applied; None where nothing is."""
        return self.layers.settings if self.layers is not None else None

    def report(self) -> str:
        """All messages, one a line: errors, warnings, unknown names."""
        lines = [f"{item}" for item in self.errors]
        lines += [f"{item} (warning)" for item in self.warnings]
        lines += [f"{item} (warning)" for item in self.unknown]
        return "".join(line + "\n" for line in lines)
