"""All calls and their dialogs: made by orders and INVITEs, let go when they have ended.

Law: SIP thread only. What a call does is `call`'s; here is only which calls there are, and what identifies them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import deskphone_sipext as sipext

from deskphone.config.settings import Settings
from deskphone.core import effects
from deskphone.core.events import CallEnded, CallIncoming, Event, Party
from deskphone.sip.policy import headers
from deskphone.sip.policy.dialogs import Dialog, Dialogs
from deskphone.sip.policy.media import session
from deskphone.sip.policy.sender import Sender
from deskphone.sip.stack.account import Registration
from deskphone.sip.stack.account_config import request_uri
from deskphone.sip.stack.call import Leg
from deskphone.sip.stack.loop import Loop
from deskphone.sip.stack.quality import CallQuality
from deskphone.sip.stack.registrations import Registrations
from deskphone.sip.stack.surroundings import Surroundings
from deskphone.sip.stack.switchboard import Switchboard
from deskphone.wire.alerting import answer_hint
from deskphone.wire.identity import diversion, remote_party
from deskphone.wire.message import Request, Response
from deskphone.wire.sdp import leads_nowhere

LOG = logging.getLogger("deskphone.useragent")


def _nobody(call: str, answer: Response) -> None:
    """Nobody asks."""


class Calls:
    """`legs` by the name of the call, `qualities` at most a second old, `passing` what the gate saw last, of whom."""

    def __init__(self, registrations: Registrations, post: Callable[[Event], None]) -> None:
        self.legs: dict[str, Leg] = {}
        self._dialogs = Dialogs()
        self.qualities: dict[str, CallQuality] = {}
        self.around: Surroundings | None = None
        self._registrations = registrations
        self._post = post
        self._incoming = 0
        self.passing: tuple[Request | None, Sender] = (None, Sender())
        self.reported: Callable[[str, Response], None] = _nobody
        """Called with the name of the call that a report of ours on a REFER was answered in, and the answer."""

    def configure(self, settings: Settings, loop: Loop, board: Switchboard) -> None:
        """What every call needs from now on."""
        self.around = Surroundings(
            settings,
            loop,
            board,
            self._post,
            self._replaced,
            self._learn,
            self._registrations.sender,
            self._registrations.unproved,
            self.reported,
        )

    def dial(self, order: effects.Dial) -> None:
        """Send an INVITE through the account of the order's server; without one the call ends with 503."""
        account = self._registrations.accounts.get(order.server)
        if account is None or account.account is None or self.around is None:
            self._post(CallEnded(order.call, 503, "no account", by_remote=False))
            return
        leg = self.legs[order.call] = Leg(self.around, order.call, account)
        leg.dial(account.target(order.target), order.headers, order.feedback)

    def reject(self, order: effects.Reject) -> None:
        """A refusal, or 302 to a contact."""

        def refuse(leg: Leg) -> None:
            account = leg.account.account
            if not order.contact or account is None:
                leg.refuse(order.code)
                return
            fields = [("Contact", f"<{request_uri(order.contact, account)}>")]
            if order.diversion:  # who sends it on, and why; the proxy that follows has the entries of before
                fields.append(("Diversion", f"<{account.aor}>;reason={order.diversion};counter=1"))
            leg.refuse(302, tuple(fields))

        self.act(order.call, refuse)

    def transfer(self, order: effects.Transfer) -> None:
        """REFER to a target, or to the other end of a consultation."""
        consultation = self.legs.get(order.consultation)

        def refer(leg: Leg) -> None:
            if consultation is not None:
                leg.transfer_to(consultation)
            else:
                leg.transfer(leg.account.target(order.target))

        self.act(order.call, refer)

    def move(self) -> None:
        """The phone has another address: re-INVITE every confirmed call (target refresh, RFC 3261 section 12.2)."""
        for leg in self.legs.values():
            if not leg.over:
                leg.move()

    def keep(self, call: str) -> tuple[sipext.Dialog, int] | None:
        """For a REFER in the dialog of a call: the dialog, which lives on by itself, and how many came in it before;
        None where the call has ended."""
        leg = self.legs.get(call)
        if leg is None or leg.over:
            return None
        try:
            kept = sipext.keep_dialog(leg.getId())
        except sipext.Error as error:
            LOG.info("call %s: %s", call, error)
            return None
        leg.referrals += 1
        return kept, leg.referrals - 1

    def act(self, call: str, action: Callable[[Leg], None]) -> None:
        """Do something with a call, unless it has ended."""
        leg = self.legs.get(call)
        if leg is None or leg.over:
            LOG.debug("order for call %s, which has ended", call)
            return
        action(leg)

    def invited(self, account: Registration, prm: Any) -> None:
        """A new INVITE; pjsip is about to send 100."""
        self._announce(self._new_incoming(account, prm.callId), prm.rdata, "")

    def _replaced(self, old: Leg, prm: Any) -> None:
        """INVITE with Replaces of `old`: pjsip will answer 200 for the new call and end the old one."""
        leg = self._new_incoming(old.account, -1)
        leg.outgoing, leg.automatic = False, True
        prm.newCall = leg
        self._announce(leg, prm.rdata, old.name)

    def _new_incoming(self, account: Registration, pj_id: int) -> Leg:
        assert self.around is not None
        self._incoming += 1
        name = f"in-{self._incoming}"
        leg = self.legs[name] = Leg(self.around, name, account, pj_id)
        return leg

    def _announce(self, leg: Leg, rdata: Any, replaces: str) -> None:
        """Tell the core, last of all: its thread wakes by it, and would wait for ours."""
        message = headers.message_of(headers.whole(str(rdata.wholeMsg)))
        if not isinstance(message, Request):
            leg.refuse(400)
            return
        passing, sender = self.passing
        if passing is not message:  # it came by another way than the gate's
            sender = self._registrations.judged(message, str(rdata.srcAddress))
        leg.server = sender.server if sender.trusted else leg.server
        leg.call_id = message.call_id
        caller = remote_party(message.headers.fields, sender.trusted)
        leg.who.begins(caller, message)
        leg.descriptions.heard(message)
        self._learn(Dialog(leg.name, message.from_tag, cseq=message.cseq[0], call_id=leg.call_id))
        event = CallIncoming(
            leg.name, leg.server, caller, headers.acted_on(message.headers),
            trusted=sender.trusted, has_offer=bool(session(message)), replaces=replaces,
            nowhere=leads_nowhere(session(message)),
            hint=answer_hint(message.headers.fields), doubtful=sender.doubtful,
            diverted=_diverted(message) if sender.trusted else Party(),
        )  # fmt: skip
        assert self.around is not None
        leg.until(headers.lifetime(message))
        self.around.loop.expect()
        self._post(event)

    def _learn(self, dialog: Dialog) -> None:
        if dialog.call in self.legs:
            self._dialogs.learn(dialog)

    @property
    def dialogs(self) -> Dialogs:
        """The dialogs of calls that have not ended."""
        for name, leg in self.legs.items():
            if leg.over:
                self._dialogs.forget(name)
        return self._dialogs

    def heard(self, request: Request) -> None:
        """Remember the CSeq of a request in the dialog of a call, and a report on a REFER of ours: pjsip reads it in an
        active or ended subscription only, where some servers leave theirs pending, and in a body of one part only."""
        self.dialogs.heard(request)
        dialog = self.dialogs.of(request) if request.method == "NOTIFY" else None
        if dialog is None or self.around is None or not dialog.matches(request):
            return
        told = headers.report(request)
        if told is not None:
            self.around.loop.post(lambda: self.act(dialog.call, lambda leg: leg.referred(told.code, told.reason)))

    def sample(self) -> None:
        """Read the numbers of the voice of all calls."""
        for name, leg in tuple(self.legs.items()):
            if not leg.over:
                leg.sample()
                if leg.quality is not None:
                    self.qualities[name] = leg.quality

    def tidy(self) -> None:
        """Let ended calls go.

        An ended call waits while a new one has its number in pjsip (16 calls in one poll): pjsua2's destructor would
        take the new one for itself, hang it up and cut it off from its events.
        """
        taken = {leg.getId() for leg in self.legs.values() if not leg.over}
        for name in [name for name, leg in self.legs.items() if leg.over and leg.getId() not in taken]:
            leg = self.legs.pop(name)
            self._dialogs.forget(name)
            self.qualities.pop(name, None)
            del leg  # here, on this thread and outside every callback: the last reference

    def goodbye(self) -> None:
        """End them all."""
        for leg in self.legs.values():
            if not leg.over:
                leg.end()

    def clear(self) -> None:
        """Forget them all: what they hold must go before the library does."""
        self.legs.clear()
        self.around = None


def _diverted(request: Request) -> Party:
    found = diversion(request.headers.fields)
    return found.by if found is not None else Party()
