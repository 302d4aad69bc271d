"""One registration: a pj.Account for a server, its REGISTERs, keep-alives, and what it lends to calls.

Law: SIP thread only. Whether and when to try again is the core's; refreshing is ours (at the part of the lifetime
the settings say), pjsip's own refresh shortly before the end is the safety net. Only the newest REGISTER counts:
what an older one brings is dropped with it.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from typing import Any

import pjsua2 as pj

from deskphone.config.settings import Settings
from deskphone.core.effects import Account
from deskphone.core.events import Event, Registered, RegistrationFailed, ServerHeard, ServerSilent, Unregistered
from deskphone.sip.options import UserAgentOptions
from deskphone.sip.policy import bindings, headers, realms
from deskphone.sip.policy.sender import place_of
from deskphone.sip.stack.account_config import (
    account_config,
    first_hop,
    goes_to_name,
    proxies,
    request_uri,
    transport_of,
)
from deskphone.sip.stack.binding import Binding
from deskphone.sip.stack.happening import BUSY, code_of
from deskphone.sip.stack.loop import Loop, Timer, guarded
from deskphone.wire.message import Response

LOG = logging.getLogger("deskphone.useragent")

NO_ANSWER = 408
NOTHING_SENT = 503
_TOGGLE = 4  # a bit of proxyUse that means nothing: changing it makes pjsua forget a REGISTER in flight


class Registration(pj.Account):  # type: ignore[misc]
    """The account of one server. `sources`: host:port that answered its REGISTERs, trusted from then on."""

    def __init__(  # noqa: PLR0917
        self,
        settings: Settings,
        options: UserAgentOptions,
        loop: Loop,
        post: Callable[[Event], None],
        on_call: Callable[[Registration, Any], None],
        mark: str,
    ) -> None:
        super().__init__()
        self.settings = settings
        self._options = options
        self._loop = loop
        self._post = post
        self._on_call = on_call
        self.account: Account | None = None
        self.mark = mark
        self.sources: set[str] = set()
        self.registered = False
        self._made = False
        self._waiting = False  # a REGISTER of ours has no final answer yet
        self._leaving = False
        self._unregistering = False  # the REGISTER with Expires 0 is out
        self._known = False  # it was registered before, and may have dialogs
        self._connected_anew = False
        self._contact_is_old = False  # it names the port of a connection that may be gone
        self.moves = 0  # how often it was made anew for that
        self._binding = Binding()
        self._toggle = 0
        self._tls_trouble = ""  # of the newest connection
        self._challenges = 0  # of the REGISTER pending
        self._short_lived = 0  # connections in a row that did not last
        self._up_since = 0.0
        self._refresh: Timer | None = None

    @property
    def server(self) -> int:
        """Index of the server, 0 the primary one."""
        return self.account.server if self.account else 0

    @property
    def is_stream(self) -> bool:
        """Whether it registers over TCP or TLS."""
        return self.account is not None and self.account.transport in ("tcp", "tls")

    @property
    def places(self) -> frozenset[str]:
        """host:port that speaks for this server: what answered its REGISTERs, and where one under way went.

        A server that has the binding may speak at once (messages waiting, a call), and that may come before its 200.
        A host name is no address: there the answer has to come first.
        """
        if self.account is None or self._leaving or not (self._waiting or self.registered):
            return frozenset(self.sources)
        hop = (first_hop(self.account),) if self._waiting else ()
        return frozenset((*self.sources, *self.account.pool, *hop))

    @property
    def hops(self) -> frozenset[str]:
        """host:port its connection may go to, as far as addresses are known."""
        if self.account is None:
            return frozenset()
        if self.account.hop and not self.account.direct_register:
            return frozenset({place_of(self.account.hop)})
        return frozenset(map(place_of, (first_hop(self.account), *self.account.pool, *self.sources)))

    @property
    def is_named(self) -> bool:
        """Whether its connection goes to a name, which may mean an address that is not known here."""
        return self.account is not None and goes_to_name(self.account)

    # --- orders ------------------------------------------------------------------------------------

    def register(self, account: Account, *, anew: bool = False) -> None:
        """REGISTER now, with these values. anew: with a Contact made out of the phone's present address."""
        same = account == self.account and not (anew or self._contact_is_old)
        if self.account is not None and account.registrar != self.account.registrar:
            self.sources.clear()
            self._binding.forget()
        if self.account is not None and account.hop != self.account.hop:
            self._connected_anew = True  # dialogs go by the address that failed
        if self.account is not None:  # what the name means no more does not speak for the server
            self.sources -= set(self.account.pool) - set(account.pool)
        self.account = account
        self._leaving = False
        self._stop(self._refresh)
        try:
            if not self._made:
                self.create(self._config())
                self._made = True
            elif not same or self._waiting:
                self._forget_pending()
            self._waiting = True
            self._send()
        except pj.Error as error:
            self._waiting = False
            self._failed(code_of(error, NOTHING_SENT), error.reason)

    def attach(self, account: Account) -> None:
        """Know this account, and send no REGISTER."""
        before, self.account = self.account, account
        if not self._made:
            self.create(self._config())
            self._made = True
        elif before != account and not self._waiting:
            self.modify(self._config())

    def unregister(self) -> None:
        """REGISTER with Expires 0; `Unregistered` comes when it is answered, or at once without a binding.

        While a REGISTER is pending it waits for that one's answer (RFC 3261 section 10.2).
        """
        self._stop(self._refresh)
        if not self._made or not self.registered:
            if self._made:
                self._forget_pending()
            self._gone()
            return
        self._leaving, self._unregistering = True, False
        if not self._waiting:
            self._leave()

    def keep_alive(self) -> None:
        """OPTIONS to the registrar: any answer is life; how long one is waited for is the core's."""
        if not self._made or self.account is None:
            return
        prm = pj.SendRequestParam()
        prm.method = "OPTIONS"
        prm.txOption.targetUri = self.account.registrar + transport_of(self.account)
        try:
            self.sendRequest(prm)
        except pj.Error as error:
            LOG.info("OPTIONS to server %d: %s", self.server, error.reason)

    def connection(self, up: bool, trouble: str) -> None:
        """The TCP or TLS connection to its server came up or was lost.

        While the connection is down the server cannot reach the phone, so it registers soon, but not in the same
        instant as every other phone of the floor, and ever later where connections do not last.
        """
        if self.account is None or not self.is_stream:
            return
        if self.account.transport == "tls":
            self._tls_trouble = trouble
        now = time.monotonic()
        self._contact_is_old |= not up
        if up:
            self._connected_anew, self._up_since = True, now
        elif self.registered and not self._leaving:
            lasted = now - self._up_since >= bindings.STEADY
            before = 0 if lasted else self._short_lived
            self._short_lived = 0 if lasted else self._short_lived + 1
            self._stop(self._refresh)
            pause = bindings.pause_before_reconnect(before, random.random())
            self._refresh = self._loop.after(pause, self._refresh_now)
            if not before:  # else whether it lives is asked after the pause: an OPTIONS makes a connection, too
                self._post(ServerSilent(self.server, "a connection was lost"))

    def move(self) -> None:
        """The phone has another address: REGISTER with a Contact of now, whatever is pending (RFC 3261 section 10.2).

        A dialog's Contact cannot be mended but by what opens it: `fresh` has the subscriptions opened anew.
        """
        if not self._made or self.account is None or self._leaving:
            return
        if self.registered or self._waiting:
            self._connected_anew = True
            self._binding.moves()
            self.register(self.account, anew=True)

    def target(self, number: str) -> str:
        """The URI to send a request for this number or URI to."""
        assert self.account is not None
        return request_uri(number, self.account)

    # --- callbacks ---------------------------------------------------------------------------------

    def onRegState(self, prm: Any) -> None:
        """A REGISTER got its final answer."""
        code, reason = int(prm.code), str(prm.reason)
        raw, source, expires = str(prm.rdata.wholeMsg), str(prm.rdata.srcAddress), int(prm.expiration)
        guarded(lambda: self._answered(code, reason, raw, source, expires))

    def onIncomingCall(self, prm: Any) -> None:
        """An INVITE that the policy let through."""
        guarded(lambda: self._on_call(self, prm))

    def onAuthChallenge(self, prm: Any) -> None:
        """401 or 407 of somebody who may ask (`policy.realms`); where nothing is done here, pjsip answers it."""
        message = headers.message_of(headers.whole(str(prm.rdata.wholeMsg)))
        if isinstance(message, Response) and message.headers.get("cseq").upper().endswith("REGISTER"):
            self._challenges += 1
            if self._challenges > self.settings.registration.auth_retries:
                LOG.warning("server %d asks for credentials again and again: refused", self.server)
                prm.challenge.abandon()
                return

    def onSendRequest(self, prm: Any) -> None:
        """An OPTIONS got an answer, or none."""
        code = int(prm.e.body.tsxState.tsx.statusCode)
        if prm.e.body.tsxState.type == pj.PJSIP_EVENT_RX_MSG:
            self._post(ServerHeard(self.server, code))

    # --- inside ------------------------------------------------------------------------------------

    def _answered(self, code: int, reason: str, raw: str, source: str, expires: int) -> None:
        self._waiting = False
        proved, self._challenges = self._challenges > 1 or self._known, 0
        answer = headers.message_of(headers.whole(raw)) if raw else None
        if expires > 0 and isinstance(answer, Response):
            expires = bindings.lifetime(answer, self.mark, expires)
        if self._leaving and not self._unregistering:  # the one that was pending when we were to leave
            self._leave()
        elif 200 <= code < 300 and expires > 0 and not self._leaving:
            self.sources |= {source, *proxies(self.account)}
            self.registered = True
            if isinstance(answer, Response) and self.account is not None:
                self._binding.granted(answer)
            part = self.settings.registration.refresh_percent / 100
            self._stop(self._refresh)
            self._refresh = self._loop.after(max(1.0, expires * part), self._refresh_now)
            fresh = self._connected_anew and self._known
            self._known, self._connected_anew = True, False
            self._post(Registered(self.server, expires, source, fresh))
        elif self._leaving:
            self._gone()
        elif raw and self.account is not None and self._binding.refused(code):
            account = self.account
            self._refresh = self._loop.after(0, lambda: self.register(account, anew=True))
        else:
            retry_after = headers.retry_after(answer.headers) if answer else 0
            why = realms.why(answer, reason, proved=proved)
            self._failed(code or NO_ANSWER, why, retry_after, answered=bool(raw))

    def _failed(self, code: int, reason: str, retry_after: int = 0, *, answered: bool = False) -> None:
        self.registered = False
        self._stop(self._refresh)
        # Nothing came back, and TLS knows why; pjsip itself says 503 or 502 then, as if the server had.
        trouble = self._tls_trouble if code in (NO_ANSWER, 502, 503) else ""
        self._post(RegistrationFailed(self.server, code, trouble or reason, retry_after, answered))

    def _gone(self) -> None:
        server = self.server
        self._known = False
        self._binding.forget()
        self.registered = self._leaving = self._unregistering = self._waiting = False
        self.sources.clear()
        self._post(Unregistered(server))

    def _refresh_now(self) -> None:
        if self.registered and not self._waiting:
            if self._contact_is_old:
                self._forget_pending()
            self._waiting = True
            try:
                self.setRegistration(True)
            except pj.Error as error:
                # Nothing went out: pjsip's own refresh is under way, or still to come, and no answer to ours.
                self._waiting = error.status == BUSY

    def _send(self) -> None:
        try:
            self.setRegistration(True)
        except pj.Error as error:
            if error.status != BUSY:
                raise
            self._forget_pending()  # a refresh of pjsip's own was pending
            self._waiting = True
            self.setRegistration(True)

    def _leave(self) -> None:
        self._waiting = self._unregistering = True  # before: where nothing can be sent `onRegState` comes within
        try:
            self.setRegistration(False)
        except pj.Error as error:
            if error.status == BUSY:  # a refresh of pjsip's own is pending: its answer leads here again
                self._waiting = self._unregistering = False
            elif self._leaving:
                self._gone()

    def _forget_pending(self) -> None:
        """Make pjsua drop its registration client and whatever it waits for; nothing is sent. The next REGISTER has a
        Contact of now: over TCP and TLS one of the port of its connection (a proxy may know the phone by nothing else).
        """
        self.moves += self._contact_is_old
        if self._contact_is_old:
            self._binding.moves()
        self._contact_is_old = False
        self._toggle ^= _TOGGLE
        self.modify(self._config())
        self._waiting = False

    def let_go(self) -> None:
        """Before pjsua deletes the account: no REGISTER may be pending, or it would complain of its own farewell."""
        self._stop(self._refresh)
        if self._made:
            self._forget_pending()

    @staticmethod
    def _stop(timer: Timer | None) -> None:
        if timer is not None:
            timer.cancel()

    def _config(self) -> Any:
        assert self.account is not None
        left = self._binding.left
        return account_config(self.account, self.settings, self._options, self._toggle, self.mark, left=left)
