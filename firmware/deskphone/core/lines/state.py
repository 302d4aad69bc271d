"""The lines' part of the state: the registration at each server.

Law: data only. `core.lines` changes it; only a 200 to REGISTER makes a line registered.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from deskphone.core.lines.way_state import Way
from deskphone.core.moment import NEVER


class LineStatus(StrEnum):
    """What a registration is. Only a 200 to REGISTER makes it REGISTERED."""

    IDLE = "idle"
    REGISTERING = "registering"
    REGISTERED = "registered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Line:
    """The registration of the DN at one server. failures counts in a row; `code`/`reason` tell the last one.

    unregistering: the un-REGISTER of the number before is pending there; this one's REGISTER waits for that.
    since: monotonic time from which it is in service, or out of it. lost_at: when it last went out of service, 0 for
    never. heard_at: of the last answer to a REGISTER or OPTIONS, 0 for none.
    register_at, answer_by, keep_alive_at, probe_by: deadlines of the next REGISTER, of the response to the pending one,
    of the next OPTIONS, of the response to the pending one. probes: how many of these were sent in a row; probe_code:
    of the last response. answered: the last failure was a response of the server. busy_until: monotonic time before
    which it wants no new work (Retry-After). tried_at: of the last REGISTER.
    """

    server: int = 0
    address: str = ""
    status: LineStatus = LineStatus.IDLE
    code: int = 0
    reason: str = ""
    failures: int = 0
    expires: int = 0
    since: float = 0.0
    unregistering: bool = False
    register_at: float = NEVER
    answer_by: float = NEVER
    keep_alive_at: float = NEVER
    lost_at: float = 0.0
    heard_at: float = 0.0
    way: Way = Way()
    answered: bool = True
    probes: int = 0
    probe_code: int = 0
    probe_by: float = NEVER
    busy_until: float = 0.0
    tried_at: float = 0.0
