"""What of a refused text is the value: the user of a SIP address, the offset of a time zone with its place.

Law: pure; of a text whose kind asks for a shape, and nothing of any other. For files of the 420HD family, and for what
an earlier release kept that took more.
"""

from __future__ import annotations

import re

from deskphone.config.kind import Text

# sip:4101@site.example, 4101@site.example, sip:4101;user=phone
_USER = re.compile(r"<?(sips?:|tel:)?([^\s:@;<>\"]+)(?(1)([@;][^\s@<>\"]+){0,2}|@[^\s@<>\"]+)>?\Z")
_OFFSET = re.compile(r"\(?(?:UTC|GMT)?\s*([+-]\d{1,2}:\d{2})\)?\s+[^\d+-][^+:]{0,60}\Z")  # (GMT+01:00) Berlin


def part_of(kind: object, text: str) -> tuple[str, str] | None:
    """The part that is the value, and why the rest is none; None where there is no such part."""
    if not isinstance(kind, Text) or not kind.shape or kind.shape.fullmatch("user@domain"):
        return None
    if len(text) <= kind.longest and (user := _USER.match(text)):
        return user[2], "the domain is the server's"
    if offset := _OFFSET.match(text):
        return offset[1], "the place is no part of it"
    return None
