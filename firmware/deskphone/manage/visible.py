"""Text of others, as a caller's name or a message's bytes, before a terminal gets it.

Law: pure. What is not printed but obeyed (the control characters of ECMA-48, marks that turn the direction of writing)
is written as the escape of JSON, so that a JSON text stays one and says the same.
"""

from __future__ import annotations

import json

_LAYOUT = "\n\t "


def visible(text: str) -> str:
    """The text with an escape for every character that is not printed; line ends, tabs and blanks stay."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() or each in _LAYOUT else _escaped(each) for each in text)


def _escaped(character: str) -> str:
    return json.dumps(character)[1:-1] if ord(character) > 0xFFFF else f"\\u{ord(character):04x}"
