"""The text of a configuration as a stream of `name=value` lines, includes followed; it knows no setting.

Law: bytes come in, bounded in size, line length, line count, depth and number of includes. Fetching is the caller's:
its function may open files or sockets, this module never does. What is wrong costs its line, never the file.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit, urlunsplit

from deskphone.config.decoding import lines_of, text_of
from deskphone.config.diagnostic import Diagnostic, Place, without_login
from deskphone.config.kind import cleaned
from deskphone.config.nature import NOTHING, is_page, nature
from deskphone.config.placeholder import canonical

SIZE_LIMIT = 1_000_000  # bytes of one file
LINE_LIMIT = 34_000  # characters; the longest value of the 420HD (number_rules) has 32768
COUNT_LIMIT = 20_000  # lines of one file; an export of the 420HD family has about 1,160
DEPTH_LIMIT = 8  # files inside each other
INCLUDE_LIMIT = 64  # include lines followed in all
ERROR_LIMIT = 100  # errors kept; one more says that there are more

SCHEMES = ("http", "https", "ftp", "tftp")

Fetch = Callable[[str], bytes]
"""fetch(reference) -> bytes. reference: a path or URL, already resolved against the source that includes it. Raises
OSError or ValueError where the file cannot be fetched, Elsewhere where only the phone can."""


class Elsewhere(ValueError):
    """An included file that only the phone can fetch: nothing is wrong with the line that names it."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What <MAC> and <MODEL> in an include stand for. mac: twelve hex digits, "" where the reader is not a phone."""

    mac: str = ""
    model: str = "420HD"


NO_UNIT = Unit()


@dataclass(frozen=True, slots=True)
class Assignment:
    """One `name=value` line, both trimmed. The value may be a secret: `repr` leaves it out. behind: the comment."""

    place: Place
    name: str
    value: str = field(repr=False)
    behind: str = field(default="", repr=False)


_NAME = re.compile(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*\Z")
_INCLUDE = re.compile(r"[@$%.&]?include(?:[ \t]*[=:][ \t]*|[ \t]*(\()[ \t]*|[ \t]+)(\S.*)\Z", re.IGNORECASE)
_CLOSED = re.compile(r"\s*\)\s*(;.*)?\Z")
_HIDDEN = re.compile(
    r"#include[ \t]+[\"'<]?[^\s\"']+\.\w+[\"'>]?\Z", re.IGNORECASE
)  # of C, or one that is switched off
_BEHIND_INCLUDE = re.compile(r"(?<!\s)(\s+(;|#|//|--|/\*|<!--).*|[;,]\s*)\Z")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_COMMENT = re.compile(r"\s;.*\Z")
_SLASHES = re.compile(r"[/\\]+")
_MAC = re.compile(r"<mac>", re.IGNORECASE)
_MODEL = re.compile(r"<model>", re.IGNORECASE)
_FOREIGN = {  # what other programs' files have and the 420HD's do not: skipped, and said once a file
    "//": "lines that begin with // are skipped as comments",
    "!": "lines that begin with ! are skipped as comments",
    "--": "lines that begin with -- are skipped as comments",
    "% ": "lines that begin with % are skipped as comments",
    "rem ": "lines that begin with REM are skipped as comments",
    "=": "lines of signs alone are skipped",
    "[": "headings in brackets mean nothing here and are skipped",
    "/*": "lines from /* to */ are skipped as comments",
    "<!--": "lines from <!-- to --> are skipped as comments",
}
_ENDS = {"/*": "*/", "<!--": "-->"}
"""What ends a comment of several lines. One that nothing ends is its line alone: a file is not to be lost behind it."""


@dataclass(slots=True)
class Text:
    """The lines of a configuration and of what it includes, in the order they are applied. Read one source with it.

    knows: whether a name is one of this phone's. errors: ERROR_LIMIT at most, and one that says there are more;
    `refused` counts them all. missing: an include could not be read. elsewhere: one of those the phone can fetch.
    nature: what the first source is where it is no configuration, else "".
    """

    knows: Callable[[str], bool]
    fetch: Fetch | None = None
    unit: Unit = NO_UNIT
    errors: list[Diagnostic] = field(default_factory=list)
    warnings: list[Diagnostic] = field(default_factory=list)
    refused: int = 0
    included: int = 0
    missing: bool = False
    elsewhere: bool = False
    nature: str = ""

    def error(self, place: Place, key: str, message: str) -> None:
        """Count an error and keep it; past ERROR_LIMIT keep one that says so and no more."""
        self.refused += 1
        if len(self.errors) < ERROR_LIMIT:
            self.errors.append(Diagnostic(place, key, message))
        elif len(self.errors) == ERROR_LIMIT:
            self.errors.append(Diagnostic(place, "file", f"expected fewer mistakes, got more than {ERROR_LIMIT}"))

    def read(self, data: bytes, source: str) -> Iterator[Assignment]:
        """The assignments of a file and of those it includes; none, and `nature` set, where it is no configuration."""
        self.nature = self._unfit(data)
        if not self.nature:
            yield from self._source(data, source, ())

    def _unfit(self, data: bytes) -> str:
        """What a body is that is no configuration (no line of it names a setting or an include), else ""."""
        text = text_of(data)
        if text is None or is_page(data):
            return nature(data)
        named = any(_included(line) or self._names_setting(line) for line in lines_of(text))
        return "" if named else nature(data)

    def _names_setting(self, line: str) -> bool:
        name, equals, _ = _bare_line(line).partition("=")
        return bool(equals) and not name.lstrip().startswith("//") and self.knows(_named(name))

    def _source(self, data: bytes, source: str, above: tuple[str, ...]) -> Iterator[Assignment]:
        """The assignments of one source. above: the sources that include it, outermost first."""
        skipped: dict[str, list[Place]] = {}
        lines, inside = lines_of(text_of(data) or ""), 0
        last = {end: max((at for at, line in enumerate(lines, 1) if end in line), default=0) for end in _ENDS.values()}
        for number, line in enumerate(lines, 1):
            place = Place(source, number)
            text = line.strip("\ufeff \t\f\v\0")
            foreign = _foreign(text)
            if not text or text[0] in ";#" or number <= inside:
                if number > inside and _HIDDEN.match(text):
                    self.warnings.append(Diagnostic(place, "include", "with # it is a comment: nothing is included"))
                continue
            if number > COUNT_LIMIT:
                self.error(place, "file", f"expected at most {COUNT_LIMIT} lines, got more")
                break
            if foreign:
                skipped.setdefault(foreign, []).append(place)
                end = _ENDS.get(foreign, "")
                if number <= last.get(end, 0):
                    inside = next(at for at in range(number, len(lines) + 1) if end in lines[at - 1])
            elif len(text) > LINE_LIMIT:
                self.error(place, _start(text), f"expected a line of at most {LINE_LIMIT} characters, got {len(text)}")
            elif include := _included(text):
                yield from self._include(include, place, (*above, source))
            else:
                yield from self._assignment(text, place)
        for sign, places in skipped.items():
            self.warnings.append(Diagnostic(places[0], "file", f"{_FOREIGN[sign]} ({len(places)} here)"))

    def _assignment(self, text: str, place: Place) -> Iterator[Assignment]:
        written, equals, value = _bare_line(text).partition("=")
        name = _named(written)
        if not equals or not name:
            # Only the beginning is shown: the rest may be a password.
            self.error(place, _start(text), "expected path/name=value, got a line of another form")
            return
        bare = _COMMENT.sub("", value)
        yield Assignment(place, name, bare.strip(), value[len(bare) :].strip())

    def _include(self, written: str, place: Place, above: tuple[str, ...]) -> Iterator[Assignment]:
        reference = _bare(canonical(_BEHIND_INCLUDE.sub("", written).strip()))
        if _MAC.search(reference) and not self.unit.mac:
            self._elsewhere(place, f"{reference} is another file for each phone")
            return
        try:
            targets = [resolve(each, place.source) for each in _for_unit(reference, self.unit)]
        except ValueError as wrong:
            self._lost(place, str(wrong))
            return
        self.included += 1
        if targets[0] in above:
            self._lost(place, f"expected no loop, got {targets[0]} again: {' > '.join((*above, targets[0]))}")
        elif len(above) > DEPTH_LIMIT:
            self._lost(place, f"expected at most {DEPTH_LIMIT} files inside each other, got {targets[0]}")
        elif self.included > INCLUDE_LIMIT:
            self._lost(place, f"expected at most {INCLUDE_LIMIT} included files, got {targets[0]}")
        elif self.fetch is None:
            self._lost(place, f"expected a file that can be had here, got {targets[0]}")
        else:
            yield from self._fetched(self.fetch, targets, place, above)

    def _fetched(self, fetch: Fetch, targets: list[str], place: Place, above: tuple[str, ...]) -> Iterator[Assignment]:
        """The assignments of the first target that can be fetched: one file, the MAC in its name in either case."""
        why = ""
        for target in targets:
            try:
                data = fetch(target)
            except Elsewhere as wrong:
                self._elsewhere(place, f"{target}: {_one_line(wrong)}")
                return
            except (OSError, ValueError) as wrong:
                why = why or f"expected {target}, got {_one_line(wrong)}"
                continue
            unfit = self._unfit(data) if len(data) <= SIZE_LIMIT else f"more than {SIZE_LIMIT} bytes"
            if unfit and unfit not in NOTHING:
                self._lost(place, f"expected a configuration from {target}, got {unfit}")
            else:
                yield from self._source(data, target, above)
            return
        self._lost(place, why)

    def _lost(self, place: Place, why: str) -> None:
        self.missing = True
        self.error(place, "include", without_login(why))

    def _elsewhere(self, place: Place, why: str) -> None:
        self.missing = self.elsewhere = True
        self.warnings.append(Diagnostic(place, "include", f"not read here: {without_login(why)}"))


def _foreign(text: str) -> str:
    """The sign of _FOREIGN by which a line is skipped, "" for one that is read."""
    found = next((sign for sign in _FOREIGN if sign != "=" and text[: len(sign)].lower() == sign), "")
    return found or ("" if any(each.isalnum() for each in text) else "=")


def _included(line: str) -> str:
    """What an include line names, "" for another line: without what nobody sees, and as it is where it holds a control
    character, for such a name is refused."""
    text = line.strip() if _CONTROL.search(line) else cleaned(line)
    found = _INCLUDE.match(text)
    if found is None:
        return ""
    return _CLOSED.sub("", found[2]) if found[1] else found[2]


def _named(written: str) -> str:
    """The name of a line, cleaned, without slashes at its ends or twice in a row; "" where it is no name."""
    name = cleaned(written).strip('"')
    if name[:1] == name[-1:] and name[:1] in ("'", "`"):
        name = name[1:-1]
    name = "/".join(map(str.strip, _SLASHES.split(name))).strip("/")
    return name if len(name) <= 256 and _NAME.match(name) else ""


def _bare_line(line: str) -> str:
    """A line without the quotes a spreadsheet puts round the whole of it, doubling those inside, or a shell's."""
    text = line.strip()
    if len(text) > 2 and text[0] == text[-1] and text[0] in "'`" and text[0] not in text[1:-1]:
        return text[1:-1]
    if len(text) > 2 and text[0] == text[-1] == '"' and '"' not in text[1:-1].replace('""', ""):
        return text[1:-1].replace('""', '"')
    return line


def _bare(reference: str) -> str:
    """A reference without the quotes or angle brackets around it; those of <MAC> stay."""
    if _MAC.fullmatch(reference) or _MODEL.fullmatch(reference):
        return reference
    for start, end in ('""', "''", "<>", "\u201c\u201d", "\u201e\u201c", "\u2018\u2019", "\u00ab\u00bb"):
        inner = reference[1:-1]
        if reference.startswith(start) and reference.endswith(end) and start not in inner and len(reference) > 2:
            return inner
    return reference


def _for_unit(reference: str, unit: Unit) -> list[str]:
    """The references to try for this phone: <MODEL> replaced, <MAC> in lower case, then in capitals."""
    reference = _MODEL.sub(lambda _: unit.model, reference)
    cases = (unit.mac.lower(), unit.mac.upper())
    return list(dict.fromkeys(each.join(_MAC.split(reference)) for each in cases))


def _one_line(wrong: OSError | ValueError) -> str:
    """Why a fetch failed, at most 200 characters, unprintable ones as blanks."""
    return "".join(
        each if each.isprintable() else " " for each in (getattr(wrong, "strerror", None) or str(wrong))[:200]
    )


def _start(text: str) -> str:
    """The first word of a line as the key of an error: printable, at most 40 characters."""
    word = re.split(r"[\s=]", text, maxsplit=1)[0][:40]
    return "".join(each if each.isprintable() else "?" for each in word) or "line"


def resolve(reference: str, base: str) -> str:
    """The file or URL a reference means relative to `base`. Raises ValueError where it may not be included.

    A file from a server includes from servers only: a URL never leads to the phone's own files.
    """
    scheme = _SCHEME.match(reference)
    if scheme and scheme[1].lower() not in SCHEMES:
        raise ValueError(f"expected a file or a URL ({', '.join(SCHEMES)}), got {scheme[1]}:")
    if not reference or not reference.isprintable() or len(reference) > 512:
        raise ValueError("expected a file or URL of at most 512 characters, got another text")
    if scheme:
        return reference
    if not _SCHEME.match(base):
        return posixpath.normpath(posixpath.join(posixpath.dirname(base), reference))
    reference = reference.replace("\\", "/")
    # urljoin knows http and ftp but not tftp, so it joins under the name of http.
    try:
        parts = urlsplit(base)
        joined = urlsplit(urljoin(urlunsplit(parts._replace(scheme="http")), reference))
    except ValueError as wrong:
        raise ValueError(f"expected a file below {base}, got {reference}: {wrong}") from None
    return urlunsplit(joined._replace(scheme=parts.scheme))
