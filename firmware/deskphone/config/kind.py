"""The kinds of value a setting can have: text in, typed value out, and back.

One class a kind, each with `parse`, `format` and `expects`. `parse` raises `BadValue` whose text is the words after
"expected". No setting is named here.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from deskphone.config.secret import MASK, Secret

LONGEST_ECHO = 60
MASKED_USER = f"://{MASK}@"  # a URL whose user and password are not shown

# Blanks before ";" start a comment in the file, so such a text could not be written back.
_COMMENT = re.compile(r"\s;")
_HOST_NAME = re.compile(
    r"(?=.{1,253}\Z)[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?\Z"
)
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s]+\Z")
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)\Z", re.ASCII)
_INTEGER = re.compile(r"[+-]?\d{1,12}\Z|0[xX][0-9a-fA-F]{1,8}\Z", re.ASCII)


class BadValue(ValueError):
    """A value that does not fit. `str()` reads `expected ..., got ...`, behind the name where one is given."""

    def __init__(self, expected: str, got: str, name: str = "") -> None:
        super().__init__(f"{name}: expected {expected}, got {got}" if name else f"expected {expected}, got {got}")
        self.expected = expected
        self.got = got


def _echo(text: str) -> str:
    """The refused text as an error may show it: short, printable, quoted."""
    if not text:
        return "nothing"
    shown = text if len(text) <= LONGEST_ECHO else text[:LONGEST_ECHO] + "..."
    return ascii(shown)


class Kind(Protocol):
    """What a setting's text may be."""

    def parse(self, text: str) -> Any:
        """The typed value of a trimmed text; BadValue when it does not fit."""

    def format(self, value: Any) -> str:
        """The text of a typed value, such that `parse` gives it back."""

    def expects(self) -> str:
        """The words after "expected" and in the reference page."""


@dataclass(frozen=True, slots=True)
class Flag:
    """0 or 1. The words of the guide and of the web pages, enable and disable, are read too."""

    def parse(self, text: str) -> bool:
        match text.casefold():
            case "0" | "disable" | "disabled":
                return False
            case "1" | "enable" | "enabled":
                return True
        raise BadValue(self.expects(), _echo(text))

    def format(self, value: bool) -> str:
        return "1" if value else "0"

    def expects(self) -> str:
        return "0 or 1"


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number from low to high, decimal or 0x; `also` lists values outside the range that are allowed."""

    low: int
    high: int
    also: tuple[int, ...] = ()
    unit: str = ""

    def parse(self, text: str) -> int:
        if not _INTEGER.match(text):
            raise BadValue(self.expects(), _echo(text))
        value = int(text, 16) if text[:2] in ("0x", "0X") else int(text)
        if not (self.low <= value <= self.high or value in self.also):
            raise BadValue(self.expects(), _echo(text))
        return value

    def format(self, value: int) -> str:
        return str(value)

    def expects(self) -> str:
        also = "".join(f"{value} or " for value in self.also)
        return f"{also}{self.low} to {self.high}{' ' + self.unit if self.unit else ''}"


@dataclass(frozen=True, slots=True)
class Text:
    """Printable text on one line, at most `longest` characters, optionally of one shape."""

    longest: int = 128
    shape: re.Pattern[str] | None = None
    words: str = ""  # what `shape` stands for, in words

    def parse(self, text: str) -> str:
        if len(text) > self.longest or not text.isprintable() or _COMMENT.search(text) or text != text.strip():
            raise BadValue(self.expects(), _echo(text))
        if text and self.shape and not self.shape.fullmatch(text):
            raise BadValue(self.expects(), _echo(text))
        return text

    def format(self, value: str) -> str:
        return value

    def expects(self) -> str:
        return f"{self.words or 'text'} of at most {self.longest} characters"


@dataclass(frozen=True, slots=True)
class SecretText:
    """As Text, but the value is a Secret and no error shows it."""

    longest: int = 256

    def parse(self, text: str) -> Secret:
        if len(text) > self.longest or not text.isprintable() or _COMMENT.search(text) or text != text.strip():
            raise BadValue(self.expects(), f"a secret of {len(text)} characters (not shown)")
        return Secret(text)

    def format(self, value: Secret) -> str:
        return MASK if value else ""

    def expects(self) -> str:
        return f"a secret of at most {self.longest} printable characters"


@dataclass(frozen=True, slots=True)
class Host:
    """An IP address or a host name. 0.0.0.0 and nothing both mean "not set" and are the value ""."""

    def parse(self, text: str) -> str:
        if text in ("", "0.0.0.0"):
            return ""
        bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
        try:
            return str(ipaddress.ip_address(bare))
        except ValueError:
            # Four numbers that are no address are a misprint, not a host name.
            if bare is not text or re.fullmatch(r"[\d.]+", text) or not _HOST_NAME.match(text):
                raise BadValue(self.expects(), _echo(text)) from None
        return text

    def format(self, value: str) -> str:
        return value or "0.0.0.0"

    def expects(self) -> str:
        return "an IP address or a host name (0.0.0.0 = not set)"


@dataclass(frozen=True, slots=True)
class Url:
    """A URL with one of the given schemes, or nothing."""

    schemes: tuple[str, ...] = ("https", "http", "ftp", "tftp")
    longest: int = 256

    def parse(self, text: str) -> str:
        if not text:
            return ""
        good = _URL.match(text) and text.isprintable() and len(text) <= self.longest
        if not good or text.partition("://")[0].casefold() not in self.schemes:
            raise BadValue(self.expects(), _echo(text.rpartition("@")[2] or text))
        return text

    def format(self, value: str) -> str:
        return value

    def expects(self) -> str:
        return f"a URL ({', '.join(self.schemes)}) of at most {self.longest} characters"


@dataclass(frozen=True, slots=True)
class Choice:
    """One word of a list, compared without case; blanks and hyphens count as underscores. Canonical form: capitals."""

    words: type[StrEnum]
    synonyms: Mapping[str, StrEnum] = field(default_factory=dict)

    def parse(self, text: str) -> StrEnum:
        word = text.upper().replace(" ", "_").replace("-", "_")
        if word in self.synonyms:
            return self.synonyms[word]
        try:
            return self.words(word)
        except ValueError:
            raise BadValue(self.expects(), _echo(text)) from None

    def format(self, value: StrEnum) -> str:
        return value.value

    def expects(self) -> str:
        return "one of " + ", ".join(word.value for word in self.words)


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day hh:mm; the value is minutes after midnight."""

    def parse(self, text: str) -> int:
        match = _CLOCK.match(text)
        if not match:
            raise BadValue(self.expects(), _echo(text))
        return int(match[1]) * 60 + int(match[2])

    def format(self, value: int) -> str:
        return f"{value // 60:02}:{value % 60:02}"

    def expects(self) -> str:
        return "a time of day hh:mm"


@dataclass(frozen=True, slots=True)
class Codes:
    """A list of SIP status codes, separated by commas or blanks."""

    def parse(self, text: str) -> tuple[int, ...]:
        parts = text.replace(",", " ").split()
        if len(parts) > 32 or not all(re.fullmatch(r"[3-6]\d\d", part, re.ASCII) for part in parts):
            raise BadValue(self.expects(), _echo(text))
        return tuple(int(part) for part in parts)

    def format(self, value: tuple[int, ...]) -> str:
        return ",".join(str(code) for code in value)

    def expects(self) -> str:
        return "at most 32 SIP status codes 300 to 699 separated by commas"
