"""Hold, retrieve, and the offer of another address: the re-INVITE pending, its challenge and its glare.

Law: SIP thread only. The newest wish counts; what a hold is, the answered offer says (`CallMedia`). Repeating an
offer that met another request (491, or 500 with Retry-After) is protocol, and a refresh of the session after any
refusal: without it the call ends with its interval (RFC 4028). A refusal of any other kind is told and left.
"""

from __future__ import annotations

import random
import weakref
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pjsua2 as pj

from deskphone.core.events import HoldFailed
from deskphone.sip.policy import requests
from deskphone.sip.policy.outcome import Outcome
from deskphone.sip.stack.account_config import sip_header
from deskphone.sip.stack.happening import code_of
from deskphone.sip.stack.loop import Loop, Timer
from deskphone.sip.stack.surroundings import PjCall

GLARE = 491
MOST_TRIES = 4
SENT_AGAIN = (401, 407, 422)
"""pjsip sends the request again by itself, once: with credentials, or with the interval asked for (RFC 4028)."""
REACHED_ANEW = pj.PJSUA_CALL_UPDATE_CONTACT | pj.PJSUA_CALL_UPDATE_VIA
MOVED = pj.PJSUA_CALL_REINIT_MEDIA | REACHED_ANEW


@dataclass(slots=True)
class Exchange:
    """The offer pending: hold, retrieve or None (as it is, from another address); flags of pjsua. back: it only mends
    what an answer broke that is told as a refusal. refresh: it takes the place of a refresh that was refused. How often
    it met glare, and for which answers pjsip has sent it again."""

    hold: bool | None
    flags: int = 0
    back: bool = False
    refresh: bool = False
    tries: int = 0
    again: set[int] = field(default_factory=set)
    retry: Timer | None = None


class Holding:
    """The offers of one call. The call is held weakly: its last reference must go where the loop lets it go."""

    def __init__(self, leg: PjCall, loop: Loop) -> None:
        self._leg = weakref.ref(leg)
        self._name = leg.name
        self._loop = loop
        self._news = leg.news
        self._exchange: Exchange | None = None
        self._moves = leg.account.moves

    @property
    def asks(self) -> bool:
        """Whether an offer that is pending is for hold or retrieve."""
        return self._exchange is not None and self._exchange.hold is not None and not self._exchange.back

    def want(self, hold: bool) -> None:
        """re-INVITE sendonly, or sendrecv again."""
        flags = self._exchange.flags if self._exchange is not None else 0
        self.forget()
        self._exchange = Exchange(hold, flags)
        self._offer()

    def move(self) -> None:
        """re-INVITE from the present address: new Contact, Via and media sockets; a wish that is pending stays."""
        wish = self._exchange.hold if self._exchange is not None else None
        self.forget()
        self._exchange = Exchange(wish, MOVED)
        self._offer()

    def forget(self) -> None:
        """No offer is repeated any more."""
        if self._exchange is not None and self._exchange.retry is not None:
            self._exchange.retry.cancel()

    def refreshed(self, code: int) -> None:
        """A final answer to an INVITE or UPDATE of ours. Without an offer of ours pending it was pjsip's refresh of the
        session: one that is refused goes again as a re-INVITE; pjsip itself leaves it, and ends the call in time."""
        exchange, leg = self._exchange, self._leg()
        if code < 300 and exchange is not None and exchange.refresh and exchange.retry is not None:
            self.forget()
            self._exchange = None
        elif code >= 300 and exchange is None and leg is not None and code not in SENT_AGAIN:
            self._exchange = Exchange(None, refresh=True)
            self._retry(self._exchange, leg.outgoing)

    def answered(self, answer: Outcome) -> None:
        """A re-INVITE of ours has its final answer. One of media that we do not speak cannot be refused, so both ways
        are offered anew: the voice of before, or what the retrieve wanted."""
        exchange, leg = self._exchange, self._leg()
        if exchange is None or leg is None or exchange.retry is not None:
            return
        if answer.code in SENT_AGAIN and answer.code not in exchange.again and answer.again:
            exchange.again.add(answer.code)
            return
        refused = answer.code >= 300
        if (answer.pause is not None or (exchange.refresh and refused)) and exchange.tries < MOST_TRIES:
            self._retry(exchange, leg.outgoing, answer.pause or 0)
            return
        self._exchange = None
        if refused and exchange.hold is not None and not exchange.back:
            self._news.tell(HoldFailed(self._name, answer.code, answer.reason))
            if answer.unfit:
                self._exchange = Exchange(False, exchange.flags | pj.PJSUA_CALL_REINIT_MEDIA, back=True)
                self._loop.post(self._offer)

    def _offer(self) -> None:
        exchange, leg = self._exchange, self._leg()
        if exchange is None or leg is None or self._news.over:
            return
        exchange.retry = None
        if self._moves != leg.account.moves:  # the call's Contact is of a connection that is gone (RFC 3261, 12.2.1.1)
            self._moves = leg.account.moves
            exchange.flags |= REACHED_ANEW
        prm = one_audio_stream()
        prm.opt.flag = prm.options = exchange.flags  # reinvite reads the one, setHold the other
        try:
            if exchange.hold:
                leg.setHold(prm)
            else:
                prm.opt.flag |= pj.PJSUA_CALL_UNHOLD if exchange.hold is False else 0
                leg.reinvite(prm)
        except pj.Error as error:
            # An offer of the other side is under way: the same glare as a 491, found out here.
            if exchange.tries < MOST_TRIES and leg.confirmed:
                self._retry(exchange, leg.outgoing)
                return
            self._exchange = None
            if exchange.hold is not None and not exchange.back:
                self._news.tell(HoldFailed(self._name, code_of(error, GLARE), error.reason))

    def _retry(self, exchange: Exchange, outgoing: bool, pause: int = 0) -> None:
        """RFC 3261 section 14.1: who owns the Call-ID waits 2.1 to 4 s, the other up to 2 s, in steps of 10 ms; both
        no shorter than the far end asks for."""
        exchange.tries += 1
        low, high = (210, 400) if outgoing else (0, 200)
        exchange.retry = self._loop.after(max(pause, random.randint(low, high) / 100), self._offer)


def one_audio_stream() -> Any:
    """The parameters of an order that offers or answers one audio stream and nothing else."""
    prm = pj.CallOpParam(True)
    prm.opt.audioCount, prm.opt.videoCount, prm.opt.textCount = 1, 0, 0
    return prm


@cache
def response(code: int) -> Any:
    """The parameters of an answer with our events, made once for each code: it is what a caller waits for."""
    prm = one_audio_stream()
    prm.statusCode = code
    prm.txOption.headers.append(sip_header("Allow-Events", requests.ALLOW_EVENTS))
    return prm
