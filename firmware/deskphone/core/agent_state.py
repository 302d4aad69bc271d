"""The agent's part of the state: who is logged in, what the server says, what the person wished.

Law: data only. `core.agent` changes it; only a NOTIFY changes `presence` (the server is the truth).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Presence(StrEnum):
    """The agent state by the last as-feature-event document (CSTA names)."""

    UNKNOWN = ""
    LOGGED_OFF = "logged_off"
    READY = "ready"
    NOT_READY = "not_ready"
    AFTER_CALL_WORK = "after_call_work"


@dataclass(frozen=True, slots=True)
class AgentState:
    """What the phone knows of its agent. id is empty while nobody is logged in; wanted is the pending wish."""

    id: str = ""
    presence: Presence = Presence.UNKNOWN
    reason: str = ""
    wanted: Presence = Presence.UNKNOWN
