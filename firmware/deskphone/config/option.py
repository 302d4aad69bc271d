"""How the schema declares a setting: one function a kind, used as the default of a dataclass field.

The functions return what `dataclasses.field` returns, typed as the value, so that mypy sees
`enabled: bool = flag(...)`. An `N` as a path segment of a name is the index of the tuple the group stands in.
No setting is named here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypedDict, TypeVar, Unpack, cast

from deskphone.config import kind, places
from deskphone.config.schema.family_words import FAMILY
from deskphone.config.secret import Secret

OPTION = "option"
GROUP = "group"
COUNT = "count"

E = TypeVar("E", bound=StrEnum)
G = TypeVar("G")


@dataclass(frozen=True, slots=True)
class Option:
    """One setting: its name in the file, what it may be, and one line of documentation.

    behaviour: a room of the program obeys it (False: read, checked and kept, without effect).
    restart: a change is applied at the next start only.
    aliases: other spellings that are read; never written.
    together: it says one thing with the others of its group that are marked so (a forwarding and its number).
    empty: an empty value is one of its own and does not mean the default.
    only: the typed values that are obeyed, where `behaviour` holds for some alone; () for all.
    """

    name: str
    kind: kind.Kind
    doc: str
    behaviour: bool = False
    restart: bool = False
    aliases: tuple[str, ...] = ()
    together: bool = False
    empty: bool = False
    only: tuple[Any, ...] = ()


class Marks(TypedDict, total=False):
    """Keyword arguments of every declaration; see Option."""

    behaviour: bool
    restart: bool
    aliases: tuple[str, ...]
    together: bool
    empty: bool
    only: tuple[Any, ...]


def _declare(name: str, default: Any, what: kind.Kind, doc: str, marks: Marks) -> Any:
    return field(default=default, metadata={OPTION: Option(name, what, doc, **marks)})


def flag(name: str, default: bool, doc: str, **marks: Unpack[Marks]) -> bool:
    """A setting that is 0 or 1 in the file."""
    return cast(bool, _declare(name, default, kind.Flag(), doc, marks))


def integer(  # noqa: PLR0917
    name: str,
    default: int,
    low: int,
    high: int,
    doc: str,
    unit: str = "",
    also: tuple[int, ...] = (),
    **marks: Unpack[Marks],
) -> int:
    """A whole number from low to high, both included, in `unit` ("s", "ms"); also: allowed values outside."""
    return cast(int, _declare(name, default, kind.Integer(low, high, also, unit), doc, marks))


def text(  # noqa: PLR0917
    name: str,
    default: str,
    doc: str,
    longest: int = 128,
    shape: str = "",
    words: str = "",
    listed: bool = False,
    **marks: Unpack[Marks],
) -> str:
    """Text of at most `longest` characters. shape: a regular expression (ASCII) of the whole value; words: the same for
    a person. listed: parts with ";" between them."""
    what = kind.Text(longest, re.compile(shape, re.ASCII) if shape else None, words, listed)
    return cast(str, _declare(name, default, what, doc, marks))


def secret(name: str, doc: str, longest: int = 256, **marks: Unpack[Marks]) -> Secret:
    """A password or key of at most `longest` characters; the default is empty."""
    return cast(Secret, _declare(name, Secret(), kind.SecretText(longest), doc, marks))


def host(name: str, doc: str, default: str = "", ids: bool = False, **marks: Unpack[Marks]) -> str:
    """An IP address or host name; "" when not set. ids: a telephone number or SIP address is read as not set."""
    return cast(str, _declare(name, default, places.Host(ids), doc, marks))


def ipv4(name: str, doc: str, mask: bool = False, **marks: Unpack[Marks]) -> str:
    """An IPv4 address of the LAN port or, with `mask`, a netmask; "" when not set."""
    return cast(str, _declare(name, "", places.Address(mask), doc, marks))


def url(
    name: str,
    doc: str,
    schemes: tuple[str, ...] = ("https", "http", "ftp", "tftp"),
    beside: bool = False,
    **marks: Unpack[Marks],
) -> str:
    """A URL with one of `schemes`; "" when not set, which is the default. beside: or the name of a file beside the
    configuration."""
    return cast(str, _declare(name, "", places.Url(schemes, beside=beside), doc, marks))


def choice(
    name: str,
    default: E,
    doc: str,
    synonyms: Mapping[str, E] | None = None,
    unknown: E | None = None,
    **marks: Unpack[Marks],
) -> E:
    """One member of the enum of `default`. synonyms: further words for one, beside those of FAMILY. unknown: the member
    any other word means, with a warning; None refuses such a word."""
    further: dict[str, StrEnum] = {**FAMILY.get(type(default), {}), **(synonyms or {})}
    return cast(E, _declare(name, default, kind.Choice(type(default), further, unknown), doc, marks))


def clock(name: str, default: int, doc: str, **marks: Unpack[Marks]) -> int:
    """A time of day, as minutes after midnight."""
    return cast(int, _declare(name, default, kind.Clock(), doc, marks))


def codes(name: str, doc: str, **marks: Unpack[Marks]) -> tuple[int, ...]:
    """A list of SIP status codes 300 to 699; the default is empty."""
    return cast(tuple[int, ...], _declare(name, (), kind.Codes(), doc, marks))


def group(members: type[G]) -> G:
    """The settings of one schema class under one attribute, at their defaults."""
    made: G = field(default=members(), metadata={GROUP: members})
    return made


def indexed(members: type[G], count: int, *first: G) -> tuple[G, ...]:
    """`count` groups of one class, N = 0 to count-1; first: those, from 0 on, whose defaults differ from the rest."""
    default = first + tuple(members() for _ in range(count - len(first)))
    made: tuple[G, ...] = field(default=default, metadata={GROUP: members, COUNT: count})
    return made
