"""XML to a small frozen tree, and back: expat without document types, entities or external anything.

Law: matched by local name, whatever the namespace or the lack of one (a misprinted CSTA namespace is really
sent); depth, elements, attributes and bytes bounded; UTF-8 or a charset of one byte, chosen from a list here.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, NoReturn
from xml.parsers import expat

from deskphone.guarded_xml import guarded
from deskphone.wire.errors import (
    MAX_ATTRIBUTES,
    MAX_BODY,
    MAX_DEPTH,
    MAX_ELEMENTS,
    MAX_TEXT,
    WireError,
    bounded,
    clip,
    decoded,
)

DECLARATION: Final = re.compile(rb"<\?xml\s[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._\-]{1,40})[\"']")
BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
LATIN_1: Final = frozenset({"iso-8859-1", "iso8859-1", "iso_8859-1", "latin1", "latin-1", "windows-1252", "cp1252"})
ONE_BYTE: Final = re.compile(r"(?:iso-?8859-\d{1,2}|(?:windows|cp)-?125\d)")  # ASCII with other letters beside it
UTF_8: Final = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})
UTF_16: Final = frozenset({"utf-16", "utf16", "utf-16le", "utf-16be", "unicode", "ucs-2"})
ESCAPED: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
"""As xml.sax.saxutils does it, whose import brings urllib.request, http.client and email along: 2 MB."""
FORBIDDEN: Final = re.compile("[\x00-\x1f\ud800-\udfff\ufffe\uffff]")  # XML 1.0 section 2.2, and line ends


@dataclass(frozen=True, slots=True)
class Element:
    """An element by its local name, attributes left out. text: its own and its descendants' characters, trimmed."""

    name: str
    text: str = ""
    children: tuple[Element, ...] = ()

    def child(self, name: str) -> Element | None:
        """The first direct child of that local name."""
        return next((child for child in self.children if child.name == name), None)

    def child_text(self, name: str) -> str:
        """The text of the first direct child of that name, "" where there is none; WireError above MAX_TEXT."""
        found = self.child(name)
        if found is None:
            return ""
        bounded(len(found.text), MAX_TEXT, f"<{clip(name)}> in <{clip(self.name)}>", "characters")
        return found.text

    def deep_text(self, name: str) -> str:
        """`child_text` of the first element, this one or any below it, that has a child of that name."""
        return next((inner.child_text(name) for inner in self.walk() if inner.child(name) is not None), "")

    def walk(self) -> tuple[Element, ...]:
        """This element and all its descendants, level by level."""
        found = [self]
        for element in found:
            found.extend(element.children)
        return tuple(found)


class _Builder:
    """Collects expat's calls; WireError above a bound. open: path from the root: name, texts, children."""

    def __init__(self) -> None:
        self.open: list[tuple[str, list[str], list[Element]]] = []
        self.root: Element | None = None
        self.elements = 0

    def start(self, name: str, attributes: list[str]) -> None:
        self.elements += 1
        bounded(self.elements, MAX_ELEMENTS, "XML document", "elements")
        bounded(len(self.open) + 1, MAX_DEPTH, "XML document", "elements deep")
        bounded(len(attributes) // 2, MAX_ATTRIBUTES, "XML element", "attributes")
        local = name.rpartition(":")[2]
        bounded(len(local), MAX_TEXT, "XML element name", "characters")
        self.open.append((local, [], []))

    def characters(self, text: str) -> None:
        self.open[-1][1].append(text)

    def end(self, _name: str) -> None:
        name, texts, children = self.open.pop()
        text = "".join(texts)
        element = Element(name, text.strip(), tuple(children))
        if self.open:
            self.open[-1][1].append(text)
            self.open[-1][2].append(element)
        else:
            self.root = element

    def refuse(self, *_: object) -> NoReturn:
        raise WireError("a document type or entity declaration", "XML document", "none (XML 1.0 section 2.8)")


def parse(body: bytes, charset: str = "") -> Element:
    """The root element of a document, else WireError. charset: the parameter of Content-Type, "" for none."""
    bounded(len(body), MAX_BODY, "XML document")
    text = _characters(body, charset)
    builder = _Builder()
    parser = guarded(builder)
    try:
        parser.Parse(text.encode("utf-8"), True)
    except expat.ExpatError as error:
        where = f"XML document line {error.lineno} column {error.offset}"
        raise WireError(expat.ErrorString(error.code) or "not well-formed", where, "well-formed XML") from None
    if builder.root is None:
        raise WireError("no element", "XML document", "a root element")
    return builder.root


def _characters(body: bytes, charset: str) -> str:
    """The document's text, its encoding by RFC 7303 section 3: byte order mark, charset, declaration, UTF-8.

    What is called UTF-8 and is not is read as ISO-8859-1. What is called UTF-16 and has no zeros, as .NET's
    StringWriter declares it, is read as UTF-8. WireError for UTF-16 and what is not in the lists above.
    """
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise WireError("UTF-16", "XML document", "UTF-8 or ISO-8859-1")
    if body.startswith(BYTE_ORDER_MARK):
        return decoded(body.removeprefix(BYTE_ORDER_MARK))
    # expat refuses a blank line before <?xml and a zero behind the end; sloppy servers send them
    body = body.lstrip(b" \t\r\n").rstrip(b"\x00")
    declared = DECLARATION.match(body)
    label = (charset or (declared[1].decode("ascii") if declared else "utf-8")).lower()
    if label in LATIN_1:
        return body.decode("cp1252" if "1252" in label else "iso-8859-1", errors="replace")
    if label in UTF_8 or (label in UTF_16 and b"\0" not in body[:4]):
        return decoded(body)
    if ONE_BYTE.fullmatch(label):
        with suppress(LookupError):  # iso-8859-12 does not exist
            return body.decode(label.replace("cp-", "cp"), errors="replace")
    raise WireError(f"encoding {clip(label)!r}", "XML document", "UTF-8 or ISO-8859-1")


# --- writing ---------------------------------------------------------------------------------------


def tag(name: str, text: str) -> str:
    """`<name>text</name>` with the text escaped; WireError for control characters and above MAX_TEXT."""
    bounded(len(text), MAX_TEXT, f"text of <{name}>", "characters")
    if FORBIDDEN.search(text):
        raise WireError("a control character", f"text of <{name}>", "characters of XML 1.0")
    return f"<{name}>{text.translate(ESCAPED)}</{name}>"


def document(lines: tuple[str, ...]) -> bytes:
    """A document of these lines with CRLF ends, declared ISO-8859-1 where all is ASCII, else UTF-8 and encoded so."""
    text = "\r\n".join(lines) + "\r\n"
    encoding = "ISO-8859-1" if text.isascii() else "UTF-8"
    return f'<?xml version="1.0" encoding="{encoding}"?>\r\n{text}'.encode()
