"""What the network and the mailboxes told: parts of the state that this room fills.

Law: data; no decisions.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Message waiting at a server (RFC 3842). new, old: voice messages."""

    waiting: bool = False
    new: int = 0
    old: int = 0
