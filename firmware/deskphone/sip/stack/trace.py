"""The last SIP messages as they passed, for who looks for a fault: the extension's ring as frozen values.

Law: from any thread, before the stack began and after it ended too. Secrets are still in them: who shows one asks
`wire.masking` first.
"""

from __future__ import annotations

from typing import NamedTuple

import deskphone_sipext as sipext


class Passed(NamedTuple):
    """One message. at: unix seconds. sent: by us. length: in bytes, of which `text` has the first 4096."""

    number: int
    at: float
    sent: bool
    transport: str
    host: str
    port: int
    length: int
    text: bytes


def passed(after: int = 0) -> list[Passed]:
    """Those with a higher number than `after`, oldest first; at most 400."""
    return [Passed(*each) for each in sipext.trace(after)]
