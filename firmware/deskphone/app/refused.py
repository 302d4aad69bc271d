"""A request of the control socket that is not carried out."""

from __future__ import annotations


class Refused(Exception):
    """kind: request, unknown, value, refused; the text is for a person."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind
