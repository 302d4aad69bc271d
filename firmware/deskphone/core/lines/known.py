"""The line at a server: found, and changed.

Law: no decisions; below everything of this folder that has some.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from deskphone.core.lines.state import Line
from deskphone.core.turn import IllegalEvent, Turn, fields


def known(turn: Turn, server: int) -> Line:
    """The line at a server; IllegalEvent where there is none."""
    found = next((line for line in turn.phone.lines if line.server == server), None)
    if found is None:
        raise IllegalEvent(f"no line for server {server}")
    return found


@fields(Line)
def put(turn: Turn, server: int, **changes: Any) -> None:
    """Replace fields of the line at a server; nothing where there is none."""
    turn.set(lines=tuple(replace(line, **changes) if line.server == server else line for line in turn.phone.lines))
