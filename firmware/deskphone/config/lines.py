"""The text of a configuration as a stream of `name=value` lines, includes followed; it knows no setting.

Bytes come in, bounded in size, line length, line count, depth and number of includes. Fetching is somebody else's: the
injected function may open files or sockets, this module never does.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit, urlunsplit

from deskphone.config.diagnostic import Diagnostic, Place

SIZE_LIMIT = 1_000_000  # bytes of one file
LINE_LIMIT = 34_000  # characters; the longest value of the 420HD (number_rules) has 32768
COUNT_LIMIT = 20_000  # lines of one file; an export of the 420HD family has about 1,160
DEPTH_LIMIT = 8
INCLUDE_LIMIT = 64  # files in all
ERROR_LIMIT = 100  # errors told; more help nobody

SCHEMES = ("http", "https", "ftp", "tftp")

Fetch = Callable[[str, str], bytes]
"""fetch(reference, base) -> bytes; the reference is already resolved. OSError or ValueError: it is not to be had."""

_NAME = re.compile(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*\Z")
_INCLUDE = re.compile(r"include[ \t]+(\S.*)\Z", re.IGNORECASE)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_COMMENT = re.compile(r"\s;.*\Z")


@dataclass(frozen=True, slots=True)
class Assignment:
    """One `name=value` line, trimmed."""

    place: Place
    name: str
    value: str = field(repr=False)


@dataclass(slots=True)
class Text:
    """The lines of a configuration and of what it includes, in the order they count. Iterate once."""

    fetch: Fetch | None = None
    errors: list[Diagnostic] = field(default_factory=list)
    included: int = 0

    def error(self, place: Place, key: str, message: str) -> None:
        """Keep an error; past the limit only one that says so."""
        if len(self.errors) < ERROR_LIMIT:
            self.errors.append(Diagnostic(place, key, message))
        elif len(self.errors) == ERROR_LIMIT:
            self.errors.append(Diagnostic(place, "file", f"expected fewer mistakes, got more than {ERROR_LIMIT}"))

    def read(self, data: bytes, source: str, above: tuple[str, ...] = ()) -> Iterator[Assignment]:
        """The assignments of one source; `above` are the sources that include it."""
        for number, line in enumerate(self._lines(data, source), 1):
            place = Place(source, number)
            text = line.strip()
            if not text or text[0] in ";#":
                continue
            if number > COUNT_LIMIT:
                self.error(place, "file", f"expected at most {COUNT_LIMIT} lines, got more")
                return
            if len(text) > LINE_LIMIT:
                self.error(place, _start(text), f"expected a line of at most {LINE_LIMIT} characters, got {len(text)}")
            elif include := _INCLUDE.match(text):
                yield from self._include(include[1], place, (*above, source))
            else:
                yield from self._assignment(text, place)

    def _lines(self, data: bytes, source: str) -> list[str]:
        """The lines of a text in UTF-8, or ISO-8859-1 where it is none."""
        place = Place(source, 1)
        if len(data) > SIZE_LIMIT:
            self.error(place, "file", f"expected at most {SIZE_LIMIT} bytes, got {len(data)}")
            return []
        if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data:
            self.error(place, "file", "expected text in UTF-8 or ISO-8859-1, got binary data or UTF-16")
            return []
        if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            self.error(place, "file", "expected path/name=value lines, got a page of HTML or XML (a login page?)")
            return []
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("iso-8859-1")
        return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")

    def _assignment(self, text: str, place: Place) -> Iterator[Assignment]:
        name, equals, value = text.partition("=")
        name = name.strip()
        if not equals or not _NAME.match(name) or len(name) > 256:
            # Only the beginning is shown: the rest may be a password.
            self.error(place, _start(text), "expected path/name=value, got a line of another form")
            return
        yield Assignment(place, name, _COMMENT.sub("", value).strip())

    def _include(self, written: str, place: Place, above: tuple[str, ...]) -> Iterator[Assignment]:
        reference = _COMMENT.sub("", written).strip().strip("\"'<>")
        try:
            target = resolve(reference, place.source)
        except ValueError as wrong:
            self.error(place, "include", str(wrong))
            return
        self.included += 1
        if target in above:
            self.error(place, "include", f"expected no loop, got {target} again: {' > '.join((*above, target))}")
        elif len(above) > DEPTH_LIMIT:
            self.error(place, "include", f"expected at most {DEPTH_LIMIT} files inside each other, got {target}")
        elif self.included > INCLUDE_LIMIT:
            self.error(place, "include", f"expected at most {INCLUDE_LIMIT} included files, got {target}")
        elif self.fetch is None:
            self.error(place, "include", f"expected a file that can be had here, got {target}")
        else:
            try:
                data = self.fetch(target, place.source)
            except (OSError, ValueError) as wrong:
                self.error(place, "include", f"expected {target}, got {_one_line(wrong)}")
            else:
                yield from self.read(data, target, above)


def _one_line(wrong: OSError | ValueError) -> str:
    """The reason a fetch gives, fit for one line of a report."""
    return "".join(
        each if each.isprintable() else " " for each in (getattr(wrong, "strerror", None) or str(wrong))[:200]
    )


def _start(text: str) -> str:
    """The first word of a line as a key of an error: printable and short."""
    word = re.split(r"[\s=]", text, maxsplit=1)[0][:40]
    return "".join(each if each.isprintable() else "?" for each in word) or "line"


def resolve(reference: str, base: str) -> str:
    """The file or URL a reference means inside `base`. ValueError where it may not be included.

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
    # urljoin knows http and ftp but not tftp, so it joins under the name of http.
    try:
        parts = urlsplit(base)
        joined = urlsplit(urljoin(urlunsplit(parts._replace(scheme="http")), reference))
    except ValueError as wrong:
        raise ValueError(f"expected a file below {base}, got {reference}: {wrong}") from None
    return urlunsplit(joined._replace(scheme=parts.scheme))
