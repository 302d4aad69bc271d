"""The guide's tree of pages as it stands beside every page: branches in the guide's order, pages within them.

Law: pure. Which pages there are, and where, is `sections`; who may open which is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from deskphone.manage.web.html import Markup, tag
from deskphone.manage.web.sections import OWN_PAGES, STATUS_PAGE, Section

_ORDER = (
    "Configuration", "Quick Setup", "Network Connections", "Voice Over IP", "Signaling Protocol", "Dialing",
    "Media Streaming", "Voice", "Line Settings", "Services", "Advanced Applications", "Personal Settings", "Security",
    "Management", "Administration", "Automatic Update", "Remote Management", "Status & Diagnostics", "Status",
)  # fmt: skip
"""The branches as the guide has them; what is not named comes behind, in the order of the table."""


def tree(here: Section | None, administrator: bool, sections: Sequence[Section]) -> Markup:
    """The pages that a caller may open: `sections`, the status and, for the administrator, the pages of their own."""
    pages = (*sections, *(OWN_PAGES if administrator else ()), STATUS_PAGE)
    ordered = sorted(pages, key=lambda each: tuple(_rank(name) for name in each.path))
    tops = groupby(ordered, key=lambda each: each.path[0])
    return tag(
        "div",
        *(tag("section", tag("h2", name), _branch(list(below), 1, here)) for name, below in tops),
    )


def _rank(name: str) -> int:
    return _ORDER.index(name) if name in _ORDER else len(_ORDER)


def _branch(pages: Sequence[Section], depth: int, here: Section | None) -> Markup:
    """The list of what lies below one branch. depth: names of the path that stand above it already."""
    rows = []
    for name, below in groupby(pages, key=lambda each: each.path[depth]):
        inside = list(below)
        if len(inside) == 1 and len(inside[0].path) == depth + 1:
            current = "page" if inside[0] is here else None
            rows.append(tag("li", tag("a", name, href=inside[0].href, aria_current=current)))
        else:
            rows.append(tag("li", tag("span", name), _branch(inside, depth + 1, here)))
    return tag("ul", *rows)
