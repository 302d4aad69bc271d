"""Transfers ordered by a phone with REFER (RFC 3515, 5589): blind to a number, attended with Replaces (RFC 3891).

The server does not pass the REFER on: as a B2BUA it calls the target itself and moves the media with re-INVITEs, asking
one side for an offer and giving it to the other (RFC 3725), so that every codec choice is the phones' own.
"""

from __future__ import annotations

from typing import Protocol
from urllib.parse import unquote

from centre.message import user_of
from centre.party import Callee, Invitation, Outcome, Party, Progress, Refer
from centre.useragent import UserAgent


class TwoSides(Protocol):
    """What a transfer asks of a call: `call.Call` is one."""

    agent: UserAgent
    router: Router
    invitation: Invitation
    second: Party | None

    def other(self, party: Party) -> Party | None:
        """The opposite side."""

    def replace(self, old: Party, new: Party) -> None:
        """Put a side in the place of another."""

    def dissolve(self) -> None:
        """End without hanging up anybody."""

    def hang_up(self, reason: str = "") -> None:
        """End the call for everybody."""

    async def settled(self) -> None:
        """Until nothing of an ended call is still to be sent."""


class Router(Protocol):
    """Finds who a number is, and which party a Replaces names."""

    def route(self, invitation: Invitation) -> Callee | Outcome:
        """The callee of an invitation, or why there is none."""

    def find_replaced(self, replaces: str) -> tuple[TwoSides, Party] | None:
        """The call and the party of a Replaces value."""


def parse_replaces(value: str) -> tuple[str, str, str] | None:
    """(Call-ID, to-tag, from-tag) of a Replaces header value (RFC 3891 section 6.1)."""
    call_id, *parameters = [part.strip() for part in value.split(";")]
    fields = dict(part.split("=", 1) for part in parameters if "=" in part)
    to_tag, from_tag = fields.get("to-tag"), fields.get("from-tag")
    return (call_id, to_tag, from_tag) if call_id and to_tag and from_tag else None


def embedded_replaces(headers: str) -> str | None:
    """The Replaces value among the headers embedded in a Refer-To URI."""
    for part in headers.split("&"):
        name, _, value = part.partition("=")
        if name.strip().lower() == "replaces":
            return unquote(value)
    return None


async def run_transfer(call: TwoSides, transferor: Party, other: Party, refer: Refer) -> bool:
    """Do it, report it, and say whether the transferor is now out of the call."""
    await refer.report(Progress(100))
    replaces = embedded_replaces(refer.replaces)
    if replaces is not None:
        found = call.router.find_replaced(replaces)
        if found is None:
            outcome = Outcome(481)
        elif (joined := found[0]).second is None:
            # The target still rings: the half-made consultation becomes a blind transfer to it.
            joined.hang_up("replaced by a transfer")
            await joined.settled()  # its CANCEL goes before the new INVITE to the same phone
            outcome = await _blind(call, transferor, other, refer, joined.invitation.number)
        else:
            outcome = await _attended(call, transferor, other, joined, found[1])
    else:
        outcome = await _blind(call, transferor, other, refer, user_of(refer.target))
    await refer.report(outcome)
    return outcome.ok


async def _blind(call: TwoSides, transferor: Party, other: Party, refer: Refer, number: str) -> Outcome:
    invitation = Invitation(number=number, from_number=other.label, name=other.name)
    callee = call.router.route(invitation)
    if isinstance(callee, Outcome):
        return callee

    def progress(step: Progress) -> None:
        call.agent.spawn(refer.report(step))

    outcome, party = await callee.invite(invitation, progress)
    if party is None:
        return outcome
    answer = await other.reoffer(outcome.sdp)
    if not answer.ok:
        party.confirm(None)
        party.hang_up()
        return answer
    other.confirm(None)
    party.confirm(answer.sdp)
    call.replace(transferor, party)
    return Outcome(200)


async def _attended(call: TwoSides, transferor: Party, other: Party, joined: TwoSides, leaving: Party) -> Outcome:
    target = joined.other(leaving)
    if target is None or joined is call:
        return Outcome(481)
    outcome = await join(other, target)
    if outcome.ok:
        joined.dissolve()
        leaving.owner = None
        leaving.hang_up()
        call.replace(transferor, target)
    return outcome


async def join(first: Party, second: Party) -> Outcome:
    """Connect the media of two answered sides with each other."""
    offer = await second.reoffer(None)
    if not offer.ok:
        return offer
    answer = await first.reoffer(offer.sdp)
    if answer.ok:
        first.confirm(None)
    second.confirm(answer.sdp if answer.ok else None)
    return Outcome(200) if answer.ok else answer
