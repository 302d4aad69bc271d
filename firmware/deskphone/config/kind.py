"""The kinds of value a setting can have: text in, typed value out, and back.

One class a kind, each with `parse`, `format` and `expects`. `parse` raises `BadValue` whose text is the words after
"expected". What the 420HD's own files say is read: words for on and off wherever there is an off, words of a list in
any case and spelling, names as people write them. No setting is named here, and nothing else is raised.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from deskphone.config.secret import MASK, Secret

LONGEST_ECHO = 60

# Blanks before ";" start a comment in the file, so such a text could not be written back.
_COMMENT = re.compile(r"\s;")
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::00)?\Z", re.ASCII)
# What a server's script should have filled in: `{$EXT}`, `${ext}`, `{{ ext }}`, and alone `%EXT%`, `<EXT>`, `[[EXT]]`.
_TEMPLATE = re.compile(
    r"\$\{\w[^{}]*\}|\{\$\w[^{}]*\}|\{\{[^{}]*\}\}|\A(%%?[A-Za-z_]\w*%%?|<[A-Za-z_]\w*>|\[\[\w+\]\]|@@\w+@@)\Z"
)
_SEALED = re.compile(r"\{\"[A-Za-z0-9+/]{4,}={0,2}\"\}")  # how the family's exports have a secret
OFF = frozenset((
    "0", "OFF", "NO", "N", "FALSE", "F", "DISABLE", "DISABLED", "INACTIVE", "DEACTIVATED", "NONE", "NULL",
))  # fmt: skip
ON = frozenset(("1", "ON", "YES", "Y", "TRUE", "T", "ENABLE", "ENABLED", "ACTIVE", "ACTIVATED"))
_SIGNED = re.compile(r"\s*-\d+\s*\Z", re.ASCII)  # -1 is another word than 1
_LEFT = re.compile(r"\$\{[\w.-]+\}|\{\$[\w.-]+\}|\{\{ ?[\w.-]+ ?\}\}")  # of _TEMPLATE, what is no password of anybody's
_INTEGER = re.compile(r"[+-]?\d{1,12}\Z|0[xX][0-9a-fA-F]{1,8}\Z", re.ASCII)


class BadValue(ValueError):
    """A value that its kind refuses. `str()` reads `expected ..., got ...`, after `NAME: ` where a name is given.

    got: safe to print, for it is quoted and cut; of a secret only its length.
    """

    def __init__(self, expected: str, got: str, name: str = "") -> None:
        super().__init__(f"{name}: expected {expected}, got {got}" if name else f"expected {expected}, got {got}")
        self.expected = expected
        self.got = got


def echo(text: str) -> str:
    """The refused text as an error may show it: ASCII, quoted, at most LONGEST_ECHO characters of it."""
    if not text:
        return "nothing"
    shown = text if len(text) <= LONGEST_ECHO else text[:LONGEST_ECHO] + "..."
    return ascii(shown)


def cleaned(text: str) -> str:
    """The text without what nobody sees (direction marks, joiners, byte order marks, control characters); white space
    of any kind becomes a blank, at both ends it is dropped."""
    if text.isprintable():
        return text.strip()
    shown = (each if each.isprintable() else " " if each.isspace() else "" for each in text)
    return "".join(shown).strip()


def unquoted(text: str) -> str:
    """A value without the double quotes round it, which people write; quotes within it are its own."""
    inner = text[1:-1]
    return inner.strip() if len(text) > 1 and text[0] == text[-1] == '"' and '"' not in inner else text


class Kind(Protocol):
    """What a setting's text may be; one frozen value for each declaration."""

    def parse(self, text: str) -> Any:
        """The typed value of a trimmed text; BadValue when it does not fit."""

    def format(self, value: Any) -> str:
        """The text of a typed value, such that `parse` gives it back (a secret: MASK)."""

    def expects(self) -> str:
        """The words after "expected" in an error and in the reference page: range, unit, form."""


@dataclass(frozen=True, slots=True)
class Flag:
    """0 or 1, as a bool. The words of the guide and of the web pages (OFF, ON) are read too, in any case."""

    def parse(self, text: str) -> bool:
        word = text.upper()
        if word not in OFF and word not in ON:
            raise BadValue(self.expects(), echo(text))
        return word in ON

    def format(self, value: bool) -> str:
        return "1" if value else "0"

    def expects(self) -> str:
        return "0 or 1"


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number from low to high, both included, decimal or 0x; `also` lists allowed values outside the range.

    unit: for people, as "s" or "ms". A word for off means 0, else -1, where that number is allowed.
    """

    low: int
    high: int
    also: tuple[int, ...] = ()
    unit: str = ""

    def parse(self, text: str) -> int:
        off = [value for value in (0, -1) if self._allows(value)] if text.upper() in OFF - {"0"} else []
        if off:
            return off[0]
        if not _INTEGER.match(text):
            raise BadValue(self.expects(), echo(text))
        value = int(text, 16) if text[:2] in ("0x", "0X") else int(text)
        if not self._allows(value):
            raise BadValue(self.expects(), echo(text))
        return value

    def _allows(self, value: int) -> bool:
        return self.low <= value <= self.high or value in self.also

    def format(self, value: int) -> str:
        return str(value)

    def expects(self) -> str:
        also = "".join(f"{value} or " for value in self.also)
        return f"{also}{self.low} to {self.high}{' ' + self.unit if self.unit else ''}"


@dataclass(frozen=True, slots=True)
class Text:
    """Printable text on one line, at most `longest` characters; `shape`, if any, must match the whole of it.

    What people write is cleaned, not refused (`cleaned`). A blank before ";" would begin a comment and is refused.
    """

    longest: int = 128
    shape: re.Pattern[str] | None = None
    words: str = ""  # what `shape` stands for, in words
    listed: bool = False  # parts with ";" between them, of which none may go

    def parse(self, text: str) -> str:
        text = text.strip() if text.isprintable() else " ".join(cleaned(text).split())
        if _TEMPLATE.search(text):
            raise BadValue(self.expects(), f"{echo(text)} (the place holder of a template, which nothing replaced)")
        if len(text) > self.longest or _COMMENT.search(text):
            raise BadValue(self.expects(), echo(text))
        if text and self.shape and not self.shape.fullmatch(text):
            raise BadValue(self.expects(), echo(text))
        return text

    def format(self, value: str) -> str:
        return value

    def expects(self) -> str:
        return f"{self.words or 'text'} of at most {self.longest} characters"


@dataclass(frozen=True, slots=True)
class SecretText:
    """As Text, but the value is a Secret and no error shows it. Invisible marks and the blanks around it are dropped; a
    control character is refused, for a password may not change in silence."""

    longest: int = 256

    def parse(self, text: str) -> Secret:
        if not any(unicodedata.category(each) == "Cc" for each in text):
            text = cleaned(text)
        if _SEALED.fullmatch(text):
            raise BadValue(self.expects(), "one that a 420HD encrypted (not shown), which this phone does not read")
        if _LEFT.fullmatch(text):
            raise BadValue(self.expects(), "the place holder of a template (not shown), which nothing replaced")
        if len(text) > self.longest or not text.isprintable() or _COMMENT.search(text) or text != text.strip():
            raise BadValue(self.expects(), f"a secret of {len(text)} characters (not shown)")
        return Secret(text)

    def format(self, value: Secret) -> str:
        return MASK if value else ""

    def expects(self) -> str:
        return f"a secret of at most {self.longest} printable characters"


@dataclass(frozen=True, slots=True)
class Choice:
    """One member of an enum, compared by letters and digits without case; written in the enum's capitals.

    synonyms: further words for a member. A word for off or on means the member that is one (DISABLE, NONE; ENABLE).
    """

    words: type[StrEnum]
    synonyms: Mapping[str, StrEnum] = field(default_factory=dict)
    unknown: StrEnum | None = None  # what a file's word means that is not in the list, where it costs no line

    def parse(self, text: str) -> StrEnum:
        word = _folded(text)
        for each in self.words:
            if _folded(each.value) == word:
                return each
        for synonym, each in self.synonyms.items():
            if _folded(synonym) == word:
                return each
        for these in (OFF, ON):
            own = [each for each in self.words if each.value in these]
            if word in these and own:
                return own[0]
        raise BadValue(self.expects(), echo(text))

    def format(self, value: StrEnum) -> str:
        return value.value

    def expects(self) -> str:
        return "one of " + ", ".join(word.value for word in self.words)


def _folded(word: str) -> str:
    return word.strip() if _SIGNED.match(word) else re.sub(r"[^A-Z0-9]", "", word.upper())


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day hh:mm; the value is minutes after midnight."""

    def parse(self, text: str) -> int:
        match = _CLOCK.match(text)
        if not match:
            raise BadValue(self.expects(), echo(text))
        return int(match[1]) * 60 + int(match[2])

    def format(self, value: int) -> str:
        return f"{value // 60:02}:{value % 60:02}"

    def expects(self) -> str:
        return "a time of day hh:mm"


@dataclass(frozen=True, slots=True)
class Codes:
    """At most 32 SIP status codes (RFC 3261 section 7.2) of final responses but 2xx, separated by commas or blanks."""

    def parse(self, text: str) -> tuple[int, ...]:
        parts = text.replace(",", " ").split() if text.upper() not in OFF else []
        if len(parts) > 32 or not all(re.fullmatch(r"[3-6]\d\d", part, re.ASCII) for part in parts):
            raise BadValue(self.expects(), echo(text))
        return tuple(int(part) for part in parts)

    def format(self, value: tuple[int, ...]) -> str:
        return ",".join(str(code) for code in value)

    def expects(self) -> str:
        return "at most 32 SIP status codes 300 to 699 separated by commas"
