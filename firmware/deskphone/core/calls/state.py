"""The calls' part of the state: one call, and one line of the call log.

Law: data and small questions only; `core.calls` changes it. What is asked of the far end and not confirmed by it yet
stands in fields of its own (`hold_wanted`, `transfer`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from deskphone.core.events import Party
from deskphone.core.moment import NEVER


class CallState(StrEnum):
    """RFC 3261 dialogs as baresip names them. `OUTGOING` is before any provisional response above 100."""

    OUTGOING = "outgoing"
    RINGING = "ringing"
    EARLY = "early"
    INCOMING = "incoming"
    ANSWERING = "answering"
    ESTABLISHED = "established"
    ENDING = "ending"


class Direction(StrEnum):
    """Who sent the INVITE."""

    IN = "in"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class Call:
    """One call. Hold is two booleans (local: we hold, remote: they hold), never a state.

    began: unix time of the INVITE. since: monotonic time of the 200, 0 before. partner: the call that this
    one, a consultation, serves. silent: ringing without sound. hold_wanted: the wish, None when it is met.
    alert: the ring tone the INVITE names. conference: it is mixed with the other conference calls here.
    room: it is our place in a conference at a server. joins: that call, of one whose far end is asked into it.
    logged: the call log has it already, or shall not. refer: the REFER that asked for it, until it is answered.
    forward_at, answer_at, give_up_at: deadlines of forwarding when nobody answers, of answering by itself, of ending
    our own call that nobody answers. held_at: monotonic time since when we hold it. beeps, beep_at: of a ring by beeps,
    how many beeps and pauses have begun, and the deadline of the next one.
    diverted: who sent it on to us, an empty Party where nobody did. asked: whom the person called, where a
    redirect led to somebody else. others: where to try next if this one fails; been: where it went before,
    target: where it goes now, as its INVITE says.
    feedback: our offer is of a profile with feedback (RFC 4585).
    tried: servers that failed it before. headers: what its INVITE carries beside the usual. trying_by: deadline of any
    answer to that. own: the person's desktop makes it, by INVITE to this phone first; own_until: how long it may still
    turn out to be. transfer: where it is being transferred to, a
    number or the id of a call, "" while it is not; transfer_until: how long the report is waited for.
    """

    id: str = ""
    server: int = 0
    direction: Direction = Direction.IN
    state: CallState = CallState.INCOMING
    remote: Party = Party()
    local_hold: bool = False
    remote_hold: bool = False
    since: float = 0.0
    began: int = 0
    codec: str = ""
    secure: bool = False
    early_media: bool = False
    silent: bool = False
    alert: str = ""
    partner: str = ""
    redirects: int = 0
    others: tuple[str, ...] = ()
    been: tuple[str, ...] = ()
    target: str = ""
    feedback: bool = False
    conference: bool = False
    room: bool = False
    joins: str = ""
    hold_wanted: bool | None = None
    digits: str = ""
    logged: bool = False
    refer: str = ""
    forward_at: float = NEVER
    answer_at: float = NEVER
    own: bool = False
    own_until: float = NEVER
    diverted: Party = Party()
    give_up_at: float = NEVER
    held_at: float = 0.0
    beeps: int = 0
    beep_at: float = NEVER
    asked: Party | None = None
    tried: tuple[int, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    trying_by: float = NEVER
    transfer: str = ""
    transfer_until: float = NEVER

    @property
    def holding(self) -> bool:
        """Whether we hold it, as far as the person is concerned: the wish while a re-INVITE is pending."""
        return self.local_hold if self.hold_wanted is None else self.hold_wanted

    @property
    def pending(self) -> bool:
        """Whether the re-INVITE of a hold or a retrieve is pending."""
        return self.hold_wanted is not None

    @property
    def unanswered(self) -> bool:
        """Whether it is a call of ours that nobody has answered yet."""
        waiting = (CallState.OUTGOING, CallState.RINGING, CallState.EARLY)
        return self.direction is Direction.OUT and self.state in waiting

    @property
    def live(self) -> bool:
        """Whether its dialog is confirmed, so that voice can flow both ways."""
        return self.state is CallState.ESTABLISHED

    def length(self, mono: float) -> int:
        """Whole seconds since the 200, at that monotonic time; 0 before. A deadline on the second counts as reached."""
        return int(mono - self.since + 1e-6) if self.since else 0


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One call of the call log. kind: missed, received or dialled. at: unix time it began."""

    kind: str
    number: str
    name: str
    at: int
    duration: int = 0
