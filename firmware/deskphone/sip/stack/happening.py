"""What a pj event carries, as values of our own: the transaction it is about, the message that came or went.

Law: called inside the callback only, for pj's event dies with it; nothing of pj leaves.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pjsua2 as pj

from deskphone.sip.policy.headers import message_of, whole
from deskphone.wire.message import Request, Response

CONSTANT = re.compile(r"\s*\(PJ[A-Z_0-9]+\)")
ERRNO_START = 170_000  # PJSIP_ERRNO_START of pjsip/sip_errno.h; pjsua2 has no names for these
BUSY = ERRNO_START + 1_001
"""PJSIP_EBUSY: a REGISTER of this account is pending."""


@dataclass(frozen=True, slots=True)
class Carried:
    """The message that caused an event: received from `source` (host:port), or sent by us; else None and ""."""

    received: Request | Response | None = None
    source: str = ""
    sent: Request | Response | None = None


@dataclass(frozen=True, slots=True)
class Transaction:
    """A transaction in a dialog: whether we opened it, whether it has its final answer, and the code by now."""

    method: str
    ours: bool
    over: bool
    code: int

    def gone(self, confirmed: bool) -> int:
        """The answer by which its dialog has gone (RFC 3261 section 12.2.1.2), 0 for another. confirmed: the dialog is,
        else an INVITE is what began it."""
        within = self.method not in ("BYE", "CANCEL") and (confirmed or self.method != "INVITE")
        return self.code if self.ours and self.over and within and self.code in (408, 481) else 0


def carried(event: Any) -> Carried:
    """What came or went."""
    if event.type == pj.PJSIP_EVENT_RX_MSG:
        return _received(event.body.rxMsg.rdata)
    if event.type == pj.PJSIP_EVENT_TSX_STATE:
        state = event.body.tsxState
        if state.type == pj.PJSIP_EVENT_RX_MSG:
            return _received(state.src.rdata)
        if state.type == pj.PJSIP_EVENT_TX_MSG:
            return Carried(sent=message_of(whole(str(state.src.tdata.wholeMsg))))
    return Carried()


def transaction_of(event: Any) -> Transaction:
    """The transaction of a transaction event."""
    tsx = event.body.tsxState.tsx
    over = int(tsx.state) in (pj.PJSIP_TSX_STATE_COMPLETED, pj.PJSIP_TSX_STATE_TERMINATED)
    return Transaction(str(tsx.method), int(tsx.role) == pj.PJSIP_ROLE_UAC, over, int(tsx.statusCode))


def code_of(error: Any, otherwise: int) -> int:
    """The SIP code inside a pj.Error (PJSIP_ERRNO_START + code), else `otherwise`."""
    code = int(error.status) - ERRNO_START
    return code if 300 <= code <= 699 else otherwise


def words_of(reason: str) -> str:
    """What pjlib says of an error, without the name of its constant, as in "Unsupported transport (PJSIP_...)"."""
    return CONSTANT.sub("", reason)


def _received(data: Any) -> Carried:
    return Carried(message_of(whole(str(data.wholeMsg))), str(data.srcAddress))
