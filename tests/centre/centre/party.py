"""The words between a call and its two sides: invitation, progress, outcome, and the protocols of a side.

A side is a SIP leg to a phone or a local party (echo, tone, customer) with media in this process; a call cannot tell
them apart, so each can be transferred, held or joined to any other. Frozen values only.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from centre.message import PHRASES

HeaderList = tuple[tuple[str, str], ...]

# Carried through the B2BUA from the caller's INVITE to the callee's.
PASSED_TO_CALLEE = (
    "Alert-Info", "Call-Info", "Subject", "Answer-Mode", "Priv-Answer-Mode", "Diversion", "User-to-User",
)  # fmt: skip
# Carried back with a response.
PASSED_TO_CALLER = ("Contact", "Retry-After", "Reason", "Warning", "Alert-Info", "Call-Info")


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a call is at its start. `offer` None is an INVITE without SDP (RFC 3725)."""

    number: str
    from_number: str
    name: str = ""
    private: bool = False
    offer: bytes | None = None
    headers: HeaderList = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """A provisional answer of the called side."""

    code: int
    sdp: bytes = b""
    headers: HeaderList = ()
    phrase: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A final answer: of an invitation or of a new offer."""

    code: int
    sdp: bytes = b""
    headers: HeaderList = ()
    phrase: str = ""

    @property
    def ok(self) -> bool:
        """Is it a 2xx."""
        return 200 <= self.code < 300

    @property
    def words(self) -> str:
        """Code and phrase, for logs and sipfrag."""
        return f"{self.code} {self.phrase or PHRASES.get(self.code, 'Response')}"


class Exchange(Protocol):
    """What a side tells the call it is in."""

    async def reoffered(self, party: Party, offer: bytes | None, *, update: bool) -> Outcome:
        """The side makes a new offer (re-INVITE, UPDATE), or asks for one (None)."""

    def reconfirmed(self, party: Party, answer: bytes | None) -> None:
        """The ACK of a new offer that had none in its INVITE."""

    def hung_up(self, party: Party, reason: str) -> None:
        """The side left (BYE, CANCEL, time-out)."""

    async def informed(self, party: Party, method: str, content_type: str, body: bytes) -> int:
        """INFO or MESSAGE inside the call; returns the status code for it."""

    def referred(self, party: Party, refer: Refer) -> None:
        """The side asks for a transfer. Answer with `refer.reply(code)`."""


@dataclass(frozen=True, slots=True)
class Refer:
    """A REFER inside a call (RFC 3515). `report(Outcome | Progress)` sends the sipfrag NOTIFY."""

    target: str
    replaces: str
    reply: Callable[[int], None]
    report: Callable[[Outcome | Progress], Coroutine[Any, Any, None]]


@runtime_checkable
class Party(Protocol):
    """One side of a call after it answered."""

    label: str
    name: str
    owner: Exchange | None

    @property
    def alive(self) -> bool:
        """Still in the call."""

    async def reoffer(self, offer: bytes | None, *, update: bool = False) -> Outcome:
        """Send a new offer, or ask for one with None; the outcome carries the SDP of the side."""

    def confirm(self, answer: bytes | None) -> None:
        """End an accepted invitation or new offer (ACK), with the answer where the offer was theirs."""

    async def inform(self, method: str, content_type: str, body: bytes) -> int:
        """INFO or MESSAGE for this side; the status code it answered."""

    def hang_up(self, reason: str = "") -> None:
        """End the side, whatever its state (CANCEL, BYE, error response)."""


class Caller(Party, Protocol):
    """A side that started a call and waits for its answer."""

    def progress(self, progress: Progress) -> None:
        """180, 183 and the like."""

    async def answer(self, outcome: Outcome) -> bytes | None:
        """200; returns the answer SDP when the caller had made no offer."""

    def reject(self, outcome: Outcome) -> None:
        """A final error."""


class Callee(Protocol):
    """Something that can be called: a DN's phones, a service number, an agent later on."""

    async def invite(
        self, invitation: Invitation, progress: Callable[[Progress], None]
    ) -> tuple[Outcome, Party | None]:
        """Call it; with a 2xx comes the party, which then waits for `confirm`. Cancelling the task cancels the call."""
