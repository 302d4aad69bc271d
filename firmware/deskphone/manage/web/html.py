"""HTML by functions: every text is escaped, because there is no other way to put one in.

Law: pure. `Markup` is only made here; a str among the children is text, in an attribute a quoted value.
"""

from __future__ import annotations

import re
from html import escape

_VOID = frozenset(("input", "meta", "link", "br", "hr"))
_NAME = re.compile(r"[a-z][a-z0-9-]*", re.ASCII)


class Markup:
    """HTML that `tag` made."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


Child = Markup | str | None
Attribute = str | int | bool | None


def tag(name: str, /, *children: Child, **attributes: Attribute) -> Markup:
    """An element. Attributes: `class_` is class, `_` is a hyphen; True stands alone, False and None are left out."""
    words = [name]
    for key, value in attributes.items():
        label = key.rstrip("_").replace("_", "-")
        if not _NAME.fullmatch(label):
            raise ValueError(f"no name of an attribute: {label!r}")
        if value is True:
            words.append(label)
        elif value is not None and value is not False:
            words.append(f'{label}="{escape(str(value), quote=True)}"')
    inside = "".join(each.text if isinstance(each, Markup) else escape(each) for each in children if each is not None)
    return Markup(f"<{' '.join(words)}>" + ("" if name in _VOID else f"{inside}</{name}>"))


def page(document: Markup) -> str:
    """A whole document as text, with its doctype."""
    return f"<!doctype html>\n{document.text}"
