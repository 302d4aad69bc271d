"""XML of an auto-configuration server: bytes to a small frozen tree with namespaces, and text as a document has it.

Law: no document type, no entity, nothing external; bytes, depth, elements and attributes bounded; UTF-8, which nearly
every ACS sends, or the Western set that a document declares. Nothing but BadXml is raised.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat

from deskphone.guarded_xml import guarded

BYTES = 2_000_000
ELEMENTS = 40_000  # 10 000 values that are set
DEPTH = 24
ATTRIBUTES = 24  # of one element
_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0 section 2.2

_WESTERN = re.compile(
    rb"\s*<\?xml\s[^>]{0,100}?encoding\s*=\s*[\"'](?:iso-?8859-15?|latin-?1|windows-1252|cp1252|us-ascii|ascii)[\"']",
    re.IGNORECASE,
)


class BadXml(ValueError):
    """The document is none that is read here; the text says what was expected."""


@dataclass(frozen=True, slots=True)
class Element:
    """An element by namespace and local name. text: its own characters; attributes: by "namespace name" or "name"."""

    space: str
    name: str
    text: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    children: tuple[Element, ...] = ()

    def child(self, name: str) -> Element | None:
        """The first direct child of that local name."""
        return next((each for each in self.children if each.name == name), None)

    def child_text(self, name: str, default: str = "") -> str:
        """The text of such a child, without the blanks around it."""
        found = self.child(name)
        return default if found is None else found.text.strip()


class _Builder:
    """Collects expat's calls. open: from the root down: name, attributes, texts, children."""

    def __init__(self) -> None:
        self.open: list[tuple[str, dict[str, str], list[str], list[Element]]] = []
        self.root: Element | None = None
        self.elements = 0

    def start(self, name: str, attributes: list[str]) -> None:
        self.elements += 1
        if self.elements > ELEMENTS or len(self.open) >= DEPTH or len(attributes) > 2 * ATTRIBUTES:
            raise BadXml(f"expected at most {ELEMENTS} elements, {DEPTH} deep, of {ATTRIBUTES} attributes each")
        pairs = dict(zip(attributes[::2], attributes[1::2], strict=True))
        self.open.append((name, pairs, [], []))

    def characters(self, text: str) -> None:
        self.open[-1][2].append(text)

    def end(self, _name: str) -> None:
        name, attributes, texts, children = self.open.pop()
        space, _, local = name.rpartition(" ")
        element = Element(space, local, "".join(texts), attributes, tuple(children))
        if self.open:
            self.open[-1][3].append(element)
        else:
            self.root = element

    def refuse(self, *_: object) -> NoReturn:
        raise BadXml("expected no document type and no entities")


def parse(body: bytes) -> Element:
    """The root element. BadXml for what is no well-formed document within the bounds."""
    if len(body) > BYTES:
        raise BadXml(f"expected at most {BYTES} bytes, got {len(body)}")
    body = body.rstrip(b"\0 \t\r\n")  # a server in C may send the end of its string, too
    if b"\0" in body:
        raise BadXml("expected UTF-8")  # expat would believe a byte order mark
    if _WESTERN.match(body):
        body = _narrow(body)
    builder = _Builder()
    parser = guarded(builder, " ")
    try:
        parser.Parse(body.lstrip(b" \t\r\n"), True)
    except expat.ExpatError as error:
        why = expat.ErrorString(error.code) or "not well-formed"
        raise BadXml(f"line {error.lineno} column {error.offset}: {why}") from None
    if builder.root is None:
        raise BadXml("expected an element")
    return builder.root


def _narrow(body: bytes) -> bytes:
    """A document that says it is in a Western set of eight bits, in UTF-8, which it may be all the same."""
    try:
        body.decode()
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace").encode()
    return body


def escaped(text: str) -> str:
    """Text as it stands in a document; what XML has no way to say becomes a question mark."""
    return _FORBIDDEN.sub("?", text).translate(_ESCAPED)


def tag(name: str, text: str) -> str:
    """`<name>text</name>`, the text escaped."""
    return f"<{name}>{escaped(text)}</{name}>"
