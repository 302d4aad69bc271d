"""The parser for XML that others wrote: no document type, no entity, nothing external. For wire and manage alike.

Law: pure; here is only what must hold for every document. Bounds, names and errors are the rooms' own.
"""

from __future__ import annotations

from typing import NoReturn, Protocol
from xml.parsers import expat


class Builder(Protocol):
    """What expat calls. refuse: raises the room's error for a document type or an entity."""

    def start(self, name: str, attributes: list[str], /) -> None:
        """An element begins. attributes: name, value, name, value."""

    def characters(self, text: str, /) -> None:
        """Text, whole between two tags as far as expat's buffer reaches."""

    def end(self, name: str, /) -> None:
        """The element ends."""

    def refuse(self, *_: object) -> NoReturn:
        """See above."""
        raise NotImplementedError


def guarded(builder: Builder, separator: str | None = None) -> expat.XMLParserType:
    """A parser of UTF-8, whatever the document declares, for one document. separator: between namespace and local name;
    None: no namespaces."""
    parser = expat.ParserCreate("utf-8", separator)
    parser.ordered_attributes = True
    parser.buffer_text = True
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.characters
    parser.StartDoctypeDeclHandler = builder.refuse
    parser.EntityDeclHandler = builder.refuse
    parser.ExternalEntityRefHandler = builder.refuse
    return parser
