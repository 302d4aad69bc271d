"""One call: a pj.Call, its orders, and its callbacks turned into events.

Law: SIP thread only. Strings are copied before a callback returns, and no callback drops a call: an ended one is
marked `over`, and the loop lets it go. Hold is asked for here; what it is, the answered offer says.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import deskphone_sipext as sipext
import pjsua2 as pj

from deskphone.core.events import (
    CallEnded,
    CallEstablished,
    CallProgress,
    CallRemoteChanged,
    DtmfReceived,
    ServerSilent,
)
from deskphone.sip.policy import headers, realms, requests
from deskphone.sip.policy.dialogs import Dialog
from deskphone.sip.policy.media import Speaks, session, speakable
from deskphone.sip.policy.outcome import NOT_ACCEPTABLE, outcome
from deskphone.sip.stack.account import Registration
from deskphone.sip.stack.account_config import is_secure, show_or_hide, sip_header
from deskphone.sip.stack.counterpart import Counterpart
from deskphone.sip.stack.description import Descriptions
from deskphone.sip.stack.digits import Digits
from deskphone.sip.stack.early import EarlyMedia
from deskphone.sip.stack.happening import Carried, Transaction, carried, code_of, transaction_of, words_of
from deskphone.sip.stack.holding import Holding, one_audio_stream, response
from deskphone.sip.stack.loop import Timer, guarded
from deskphone.sip.stack.quality import CallQuality, Watch, read_quality
from deskphone.sip.stack.streams import RUNNING, Streams
from deskphone.sip.stack.surroundings import News, Surroundings
from deskphone.sip.stack.transfer import Transfer
from deskphone.wire import sdp
from deskphone.wire.message import Request, Response
from deskphone.wire.replaces import answered_elsewhere

LOG = logging.getLogger("deskphone.useragent")

TRYING, NORMAL = 100, 200
CALLING_TIMEOUT, TERMINATED = 408, 487


class Leg(pj.Call):  # type: ignore[misc]
    """A call of ours. `name` is its id in events; `over` once it has ended."""

    def __init__(self, around: Surroundings, name: str, account: Registration, pj_id: int = -1) -> None:
        super().__init__(account, pj_id)
        self.around = around
        self.name = name
        self.account = account
        self.server = account.server
        self.outgoing = pj_id == -1
        self.automatic = False  # answered by pjsip itself (Replaces): 180 and 200 are not ours to send
        self.over = False
        self.who = Counterpart(around)
        self.call_id = ""
        self.quality: CallQuality | None = None
        self.watch = Watch()
        self.confirmed = False
        self._ended_here = self._lost = 0
        self.descriptions = Descriptions()
        self.news = News(around.post)
        self._heard = False  # any answer came
        self.referrals = 0  # REFERs that came in its dialog
        self._targets: tuple[str, ...] = ()
        self._redirection, self._elsewhere, self._focus = (0, ""), False, ""
        self.early = EarlyMedia(self, around)
        self._transfer = Transfer(self)
        self._holding = Holding(self, around.loop)
        self._digits = Digits(self, around)
        self._streams = Streams(self, around)
        self._patience: Timer | None = None

    # --- orders ------------------------------------------------------------------------------------

    def dial(self, target: str, fields: tuple[tuple[str, str], ...], feedback: bool = False) -> None:
        """INVITE to a SIP URI with further header fields, offering a profile with feedback or none; where it cannot be
        sent, CallEnded 503."""
        self.descriptions.feedback = self.descriptions.plain = feedback
        prm = one_audio_stream()
        prm.txOption.headers.append(sip_header("Allow-Events", requests.ALLOW_EVENTS))
        for name, value in (*fields, *show_or_hide(prm.txOption, self.account.account, self.around.settings)):
            prm.txOption.headers.append(sip_header(name, value))
        patience = self.around.settings.sip.invite_timeout / 1000
        if 0 < patience < 32:  # at 32 s pjsip itself gives up (timer B)
            self._patience = self.around.loop.after(patience, self._unanswered)
        try:
            self.makeCall(target, prm)
        except pj.Error as error:
            self._finish(code_of(error, 503), words_of(error.reason), by_remote=False)

    def ring(self, queued: bool) -> None:
        """180, or 182 for who waits, with Allow-Events: SIP Server reads there that NOTIFY talk is understood."""
        if not self.automatic:
            self._respond(182 if queued else 180)

    def until(self, seconds: int) -> None:
        """An invitation that is over so many seconds from now, if nobody has answered; 0: for ever."""
        if seconds and not self.automatic:
            self._patience = self.around.loop.after(seconds, self._expired)

    def accept(self) -> None:
        """Answer with 200, unless pjsip answers by itself (an INVITE with Replaces)."""
        self._cancel_patience()
        if not self.automatic:
            self._respond(200)

    def refuse(self, code: int, fields: tuple[tuple[str, str], ...] = ()) -> None:
        """A final refusal, with these header fields."""
        self._ended_here = code
        prm = pj.CallOpParam()
        prm.statusCode = code
        for name, value in fields:
            prm.txOption.headers.append(sip_header(name, value))
        self._hang_up("refuse", prm)

    def end(self) -> None:
        """End it as its state has it (RFC 3261): BYE when confirmed, CANCEL of our INVITE, 603 to theirs."""
        if not self._ended_here:
            self._ended_here = NORMAL if self.confirmed else 487 if self.outgoing else 603
        self._hang_up("end")
        if self.outgoing and not self._heard:  # nobody may ever answer, and no CANCEL leaves before
            self._tell_end(self._ended_here, "", by_remote=False)

    def hold(self, on: bool) -> None:
        """re-INVITE sendonly, or sendrecv again (RFC 3264 section 8.4): CallMedia or HoldFailed follows."""
        self._holding.want(on)

    def move(self) -> None:
        """re-INVITE from another address. A call that is not answered yet has no way to be told; its far end is."""
        if self.confirmed and not self._ended_here:
            self._holding.move()

    def digits(self, text: str, method: str) -> None:
        """DTMF by rfc4733, info or inband."""
        self._digits.send(text, method)

    def transfer(self, target: str) -> None:
        """REFER to a SIP URI without a consultation (RFC 5589 section 6); reports come as TransferProgress."""
        self._transfer.blind(target)

    def transfer_to(self, consultation: Leg) -> None:
        """REFER with the Replaces of the consultation's dialog (attended)."""
        self._transfer.attended(consultation)

    # --- callbacks ---------------------------------------------------------------------------------

    def onCallState(self, prm: Any) -> None:
        """pjsua2: the state of the INVITE session changed (pjsip_inv_state), not by a provisional answer of ours."""
        guarded(lambda: self._state(carried(prm.e)))

    def onCallMediaState(self, prm: Any) -> None:
        """pjsua2: an offer was answered and the streams are made."""
        guarded(self._media)

    def onCallSdpCreated(self, prm: Any) -> None:
        """pjsua2: an offer of ours before it leaves."""

        def write() -> None:
            ours, theirs = str(prm.sdp.wholeSdp), str(prm.remSdp.wholeSdp)
            prm.sdp.wholeSdp = self.descriptions.ours(ours, theirs, self.around.settings)

        guarded(write)

    def onCallTsxState(self, prm: Any) -> None:
        """pjsua2: a transaction in the dialog changed its state."""
        guarded(lambda: self._moved(prm.e))

    def onDtmfDigit(self, prm: Any) -> None:
        """pjsua2: the far end pressed a digit (RFC 4733, or INFO with application/dtmf-relay)."""
        self.news.tell(DtmfReceived(self.name, str(prm.digit)))

    def onCallTransferStatus(self, prm: Any) -> None:
        """NOTIFY to our REFER, or the refusal of the REFER."""
        self.referred(int(prm.statusCode), str(prm.reason))

    def referred(self, code: int, reason: str) -> None:
        """How our REFER fares."""
        self._transfer.told(code, reason)

    def onCallRedirected(self, prm: Any) -> int:
        """3xx: the core decides whether to follow (a redirect may leave the tariff of a call centre)."""
        self._redirected(carried(prm.e).received)
        return int(pj.PJSIP_REDIRECT_STOP)

    def _redirected(self, message: Request | Response | None) -> None:
        """Where a 3xx leads. pjsip asks only where one URI of it is a SIP URI, and may say another code after that."""
        if self._targets or not isinstance(message, Response) or message.code // 100 != 3:
            return
        account = self.account.account
        secure = account is not None and is_secure(account)
        self._targets, self._redirection = headers.targets(message, secure), (message.code, message.reason)

    def onCallReplaceRequest(self, prm: Any) -> None:
        """An INVITE with Replaces of this call passed the policy: pjsip answers it and ends this one."""
        guarded(lambda: self.around.replaced(self, prm))

    # --- state -------------------------------------------------------------------------------------

    def _state(self, news: Carried) -> None:
        info = self.getInfo()
        state, code, reason = int(info.state), int(info.lastStatusCode), words_of(str(info.lastReason))
        self._learn_dialog(str(info.callIdString), news)
        message = news.received
        if state == pj.PJSIP_INV_STATE_EARLY and self.outgoing:
            self._progressed(code, message)
        elif state == pj.PJSIP_INV_STATE_CONNECTING and self.outgoing:
            self._settle(news)
        elif state == pj.PJSIP_INV_STATE_CONFIRMED and not self.confirmed:
            self._settle(news)
            self._look_at_media(news)
            self.confirmed = True
            self.news.tell(CallEstablished(self.name, self.who.party if self.outgoing else None, self._focus))
        elif state == pj.PJSIP_INV_STATE_DISCONNECTED:
            if self.outgoing and not self.confirmed:
                self.descriptions.ended(message)
                self._redirected(message)
            if isinstance(message, Request):
                self._elsewhere = self._elsewhere or answered_elsewhere(message.headers.fields)
            moved, why = self._redirection
            reason = realms.why(message, why or reason, proved=True)
            self._finish(self._ended_here or moved or code, reason, by_remote=not self._ended_here)

    def _progressed(self, code: int, message: Request | Response | None) -> None:
        self._cancel_patience()
        self.early.progressed(code, message is not None and sdp.may_send(session(message)))

    def _settle(self, news: Carried) -> None:
        """The final 2xx."""
        self._cancel_patience()
        message = news.received
        self._focus = headers.focus(message.headers) if isinstance(message, Response) else self._focus
        if isinstance(message, Response):
            self.who.answered(message, news.source)

    def _look_at_media(self, news: Carried) -> None:
        """An answer to an offer of ours, in a 2xx or an ACK: one that we do not speak cannot be refused, only left."""
        message = news.received
        if message is None or self.news.over or self._ended_here or speakable(message, Speaks.of(self.around.settings)):
            return
        LOG.warning("call %s: the far end answers with media that this phone does not speak", self.name)
        self._ended_here = NOT_ACCEPTABLE
        self.around.loop.post((lambda: self._hang_up("leave")) if self.confirmed else self._leave)

    def _leave(self) -> None:
        """BYE, unless pjsua says it already: it does where no stream came of the answer."""
        if self.over:
            return
        info = self.getInfo()  # held: its media list points into it
        if any(each.status in RUNNING for each in info.media):
            self._hang_up("leave")

    def _finish(self, code: int, reason: str, by_remote: bool) -> None:
        if not self.over:
            self.over = True
            self._cancel_patience()
            self.around.unproved.discard(self.call_id)
            self._tell_end(code, reason, by_remote)

    def _tell_end(self, code: int, reason: str, by_remote: bool) -> None:
        """Once: the session is over when the BYE leaves, answered or not (RFC 3261 section 15.1.1)."""
        if not self.news.over:
            self._holding.forget()
            self._digits.silence()
            self.around.board.call_media(self.name, None)
            first, others = (self._targets or ("",))[0], self._targets[1:]
            refused, later = by_remote and self.descriptions.refused, self.descriptions.retry_after
            self.news.end(CallEnded(self.name, code, reason, by_remote, self._elsewhere, first, others, refused, later))

    def _learn_dialog(self, call_id: str, news: Carried) -> None:
        """The Call-ID, and both tags from an answer to INVITE that came or went."""
        self.call_id = self.call_id or call_id
        message = news.received or news.sent
        tags = ("", "")
        if isinstance(message, Response) and message.cseq[1] == "INVITE" and message.to_tag:
            tags = (message.to_tag, message.from_tag) if news.received else (message.from_tag, message.to_tag)
        self.around.dialog(Dialog(self.name, *tags, call_id=call_id))

    # --- media -------------------------------------------------------------------------------------

    def _media(self) -> None:
        if self.news.over:
            return
        media = self._streams.look(self.descriptions)
        if media is not None:
            self.watch.reset()
            self._digits.go()
            self.news.tell(media)

    def sample(self) -> None:
        """The numbers of the voice; a call whose RTP stopped is ended (`broken_connection_detection`)."""
        self.quality = read_quality(self) or self.quality
        media = self.around.settings.media
        if self.quality is None or not self.confirmed or not media.detect_loss:
            return
        silent = self.watch.silent_for(self.quality, self.descriptions.pauses)
        if self.watch.fell_silent(silent):
            self.around.post(ServerSilent(self.server, f"no voice in call {self.name}"))
        if silent > media.loss_timeout and not self._ended_here:
            self._ended_here = CALLING_TIMEOUT
            LOG.warning("call %s: no RTP for %d s; ended", self.name, media.loss_timeout)
            self._hang_up("end")

    def _moved(self, event: Any) -> None:
        tsx = transaction_of(event)
        self._lost = self._lost or tsx.gone(self.confirmed)
        if tsx.ours and tsx.method == "BYE" and self._ended_here != NORMAL:  # the stack's own: nobody waits for it
            ringing = self.outgoing and not self.confirmed and sipext.give_up(self.call_id)
            unfit = self.outgoing and not self.confirmed and not ringing  # an answer by which no voice can come
            own = NOT_ACCEPTABLE if unfit else CALLING_TIMEOUT
            mine = self._ended_here  # the request it gave the call up for is told of behind the BYE
            self.around.loop.post(lambda: self._tell_end(mine or self._lost or own, "", by_remote=not mine))
        if self.confirmed or self.outgoing or tsx.method in ("CANCEL", "UPDATE"):
            self._transaction(tsx, carried(event))

    def _transaction(self, tsx: Transaction, news: Carried) -> None:
        message = news.received
        if not tsx.ours and tsx.method == "CANCEL" and message is not None:
            self._elsewhere = answered_elsewhere(message.headers.fields)
        if self.outgoing and not self.confirmed and tsx.ours and isinstance(message, Response):
            if not self._heard and message.code == TRYING:
                self.news.tell(CallProgress(self.name, TRYING))
            self._heard = True
        if tsx.ours and tsx.method == "NOTIFY" and tsx.over and isinstance(message, Response):
            self.around.reported(self.name, message)
        if self.news.over or tsx.method not in ("INVITE", "UPDATE"):
            return
        if message is not None and (not tsx.ours or isinstance(message, Response)):
            self._identity(message, news.source)
            self.descriptions.heard(message)
        if not self.confirmed:
            return
        if isinstance(message, Request) and message.method == "INVITE" and not message.body:
            self._digits.hold()
        if isinstance(message, Response) and tsx.over and tsx.code < 300 and not self._holding.asks:
            self._look_at_media(news)
        if tsx.ours and tsx.over and isinstance(message, Response):
            self._holding.refreshed(message.code)
        if tsx.ours and tsx.method == "INVITE" and tsx.over:
            proved, speaks = self.call_id not in self.around.unproved, Speaks.of(self.around.settings)
            self.around.unproved.discard(self.call_id)
            self._holding.answered(outcome(message, tsx.code, proved, speaks, news.source[:1] == "["))

    def _identity(self, message: Request | Response, source: str) -> None:
        """Who the far end is by now, before and after the ACK. An INVITE that begins a call is `Calls`' to read."""
        if self.who.party is None and not self.outgoing:
            return
        party = self.who.heard(message, source)
        if party is not None:
            self.news.tell(CallRemoteChanged(self.name, party))

    def _respond(self, code: int) -> None:
        def send() -> None:
            self.answer(response(code))
            # Of a provisional answer no callback tells (`sipext.start`): the caller waits for it.
            self.around.dialog(Dialog(self.name, local_tag=sipext.local_tag(self.getId()), call_id=self.call_id))

        self._try(f"answer {code}", send)

    def _hang_up(self, what: str, prm: Any = None) -> None:
        def quiet_then_gone() -> None:
            if self.isActive():  # not where the order comes too late
                sipext.stop_sending(self.getId())  # else a last packet may follow the farewell of RTCP
            self.hangup(prm or pj.CallOpParam())

        self._try(what, quiet_then_gone)

    def _try(self, what: str, action: Callable[[], None]) -> None:
        """An order that comes too late changes nothing: the event that ended the call is on its way."""
        try:
            action()
        except pj.Error as error:
            LOG.info("call %s: %s: %s", self.name, what, error.reason)

    def _expired(self) -> None:
        if not self._ended_here:
            self.refuse(TERMINATED)

    def _unanswered(self) -> None:
        self._ended_here = CALLING_TIMEOUT
        self._hang_up("give up")

    def _cancel_patience(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
