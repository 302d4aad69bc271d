"""A request of the control socket: who asks, and that it is not carried out."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """kind: request, unknown, value, signature, refused; the text is for a person."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind


def asked_by(request: dict[str, Any]) -> str:
    """Who asks, in the journal's words: one line, whatever the request says."""
    by = request.get("by", "")
    return by[:40] if isinstance(by, str) and by.isprintable() and by else "the control socket"
