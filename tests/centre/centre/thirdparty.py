"""Calls that a desktop orders: by INVITE to the phone first (RFC 3725 flows 1 and 2), or by REFER (RFC 3515).

The agent's phone is the calling side of the call that comes of it; after that the call is like any other.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Callable

from sipmessage import Response

from centre.call import Call
from centre.dialog import new_call_id
from centre.leg import Leg
from centre.location import Binding
from centre.message import new_request, user_part
from centre.outgoingleg import OutgoingLeg
from centre.party import HeaderList, Outcome, Progress
from centre.servertransaction import ServerTransaction
from centre.useragent import UserAgent

Report = Callable[[int, bool], None]
_PATIENCE = 64.0  # seconds a REFER's reports are waited for
_STATUS_LINE = re.compile(rb"SIP/2\.0 ([1-6]\d\d) [^\r\n]*\r\n")  # message/sipfrag (RFC 3420, RFC 3515 section 2.4.5)


class Refused(ValueError):
    """What a desktop cannot do now, in words for the person."""


def black_hole(direction: str = "sendrecv") -> bytes:
    """An SDP that leads nowhere (RFC 3725 section 4.2): c=0.0.0.0, the discard port, the two G.711 codecs."""
    return (
        "v=0\r\no=sipserver 2 1 IN IP4 0.0.0.0\r\ns=-\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n"
        "m=audio 9 RTP/AVP 8 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\n"
        f"a={direction}\r\n"
    ).encode()


class OriginatedLeg(OutgoingLeg):
    """The agent's phone, called first, as the Caller of the call to come."""

    def __init__(self, agent: UserAgent, dn: str, binding: Binding, flow: int) -> None:
        super().__init__(agent, dn, binding.uri, binding.peer)
        if flow not in (1, 2):
            raise ValueError(f"RFC 3725 flow {flow}: expected 1 or 2")
        self.flow = flow

    @property
    def first_offer(self) -> bytes | None:
        """What the INVITE to the phone carries: nothing in flow 1, a black hole in flow 2."""
        return None if self.flow == 1 else black_hole()

    def progress(self, progress: Progress) -> None:
        """The phone has answered already; it hears nothing until the other side does."""

    async def answer(self, outcome: Outcome) -> bytes | None:
        """Flow 1: the answer goes out in the ACK. Flow 2: the other side's offer goes to the phone, its answer back."""
        if self.flow == 1:
            self.confirm(outcome.sdp)
            return None
        answer = await self.reoffer(outcome.sdp)
        if not answer.ok:
            return None
        self.confirm(None)
        return answer.sdp

    def reject(self, outcome: Outcome) -> None:
        """The other side did not want: the phone is let go."""
        self.hang_up(f'SIP;cause={outcome.code};text="{outcome.phrase or "call failed"}"')


class Referral:
    """One REFER of ours and what the phone reports. As DialogUser it also is the dialog an out-of-dialog one makes."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self.over = False

    def receive(self, transaction: ServerTransaction) -> None:
        """A NOTIFY with a sipfrag."""
        request = transaction.request
        if request.method != "NOTIFY":
            transaction.reply(405, [("Allow", "NOTIFY")])
            return
        transaction.reply(200)
        status = _STATUS_LINE.match(request.body)
        if status is None:
            return
        code = int(status[1])
        final = (request.headers.get("Subscription-State") or "").strip().lower().startswith("terminated")
        if not self.over:
            self.over = final
            self._report(code, final)

    def acknowledge(self, ack: object) -> None:
        """No INVITE here."""


def _refer_headers(agent: UserAgent, dn: str, number: str, quiet: bool) -> HeaderList:
    headers = [
        ("Refer-To", f"<sip:{user_part(number)}@{agent.address}>"),
        ("Referred-By", f"<sip:{user_part(dn)}@{agent.address}>"),
    ]
    if quiet:
        headers += [("Refer-Sub", "false"), ("Supported", "norefersub")]
    return tuple(headers)


async def refer(
    agent: UserAgent, binding: Binding, dn: str, number: str, report: Report, *, quiet: bool = False
) -> Response:
    """REFER outside a dialog to one phone; its answer. `report` gets (code, final) of each NOTIFY."""
    referral, call_id, tag = Referral(report), new_call_id(agent.settings.host), secrets.token_hex(6)
    headers = [
        ("From", f"<sip:{user_part(dn)}@{agent.address}>;tag={tag}"),
        ("To", f"<sip:{user_part(dn)}@{agent.address}>"),
        ("Call-ID", call_id),
        ("CSeq", "1 REFER"),
        ("Contact", agent.contact(dn, binding.peer.protocol)),
        *_refer_headers(agent, dn, number, quiet),
    ]
    key = (call_id, tag, "")
    agent.dialogs[key] = referral
    response = await agent.transactions.request(new_request("REFER", binding.uri, headers), binding.peer).final
    if response.code >= 300 or quiet:
        agent.dialogs.pop(key, None)
    else:
        asyncio.get_running_loop().call_later(_PATIENCE, lambda: agent.dialogs.pop(key, None))
    return response


async def refer_in_dialog(leg: Leg, dn: str, number: str, report: Report, *, quiet: bool = False) -> Response | None:
    """REFER inside the dialog of a call: a consultation. None where the dialog is gone."""
    leg.referee = Referral(report).receive
    return await leg.request("REFER", _refer_headers(leg.agent, dn, number, quiet))


def replaces_of(leg: Leg) -> str:
    """The Replaces value that names this leg's dialog to the phone at its other end (RFC 3891 section 3)."""
    if leg.dialog is None:
        raise ValueError(f"leg {leg.label}: expected a dialog")
    return f"{leg.dialog.call_id};to-tag={leg.dialog.remote_tag};from-tag={leg.dialog.local_tag}"


def call_of(calls: list[Call], leg: Leg) -> Call | None:
    """The call a leg is in, also while it only rings."""
    return next((call for call in calls if leg in call.legs), None)
