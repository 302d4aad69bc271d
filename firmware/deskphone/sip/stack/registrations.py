"""The registrations at all servers, and which of them a datagram came from.

Law: SIP thread only. An account goes when its REGISTER with Expires 0 is answered and no call lives on it.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import deskphone_sipext as sipext

from deskphone.config.settings import Settings
from deskphone.core import effects
from deskphone.core.events import Event, RegistrationFailed, ServerSilent, ServerSpoke, Unregistered
from deskphone.sip.options import UserAgentOptions
from deskphone.sip.policy.sender import NO_SERVER, Contact, Sender, Servers, host_of
from deskphone.sip.stack.account import Registration
from deskphone.sip.stack.canary import Canary
from deskphone.sip.stack.loop import Loop, guarded
from deskphone.wire.message import Request

LOG = logging.getLogger("deskphone.gate")
PATIENCE_MS = 1500  # a request without even a provisional answer for so long makes a server suspect
SPOKE_EVERY = 2.0  # seconds between two times that a server's requests are told of
HESITANT_MS = 100  # after so long its host is asked whether anybody listens there (ICMP)


class Registrations:
    """`accounts` by the number of the server. `unproved`: Call-IDs whose newest challenge nobody answers.

    invited(account, prm): a new INVITE came to one of them.
    """

    def __init__(
        self,
        options: UserAgentOptions,
        loop: Loop,
        post: Callable[[Event], None],
        invited: Callable[[Registration, Any], None],
    ) -> None:
        self.accounts: dict[int, Registration] = {}
        self.unproved: set[str] = set()
        self.mark = secrets.token_hex(8)
        self._contact = Contact(self.mark)
        self.by_port = True
        self._options = options
        self._loop = loop
        self._post = post
        self._invited = invited
        self._leaving: set[int] = set()
        self._spoke_at: dict[int, float] = {}
        self._canary = Canary()

    def configure(self, settings: Settings) -> None:
        """The settings of what is sent from now on."""
        self._contact = replace(self._contact, rule=settings.sip.contact_mark)
        self.by_port = settings.sip.server_port
        for account in self.accounts.values():
            account.settings = settings

    def connection(self, up: bool, remote: str, trouble: str) -> None:
        """A TCP or TLS connection to `host:port` came up or was lost; trouble: what was wrong with TLS.

        It is that of the servers there; at an address nobody knows yet it can be that of each whose place is a name.
        """
        streams = [account for account in self.accounts.values() if account.is_stream]
        theirs = [account for account in streams if remote in account.hops]
        for account in theirs or [account for account in streams if account.is_named]:
            account.connection(up, trouble)

    def register(self, order: effects.Register, settings: Settings) -> None:
        """REGISTER at a server, new or known."""
        self._leaving.discard(order.account.server)
        self._at(order.account.server, settings).register(order.account)

    def attach(self, order: effects.Attach, settings: Settings) -> None:
        """Know an account without a REGISTER."""
        self._leaving.discard(order.account.server)
        self._at(order.account.server, settings).attach(order.account)

    def _at(self, server: int, settings: Settings) -> Registration:
        if server not in self.accounts:
            account = Registration(settings, self._options, self._loop, self._told, self._invited, self.mark)
            self.accounts[server] = account
        return self.accounts[server]

    def _told(self, event: Event) -> None:
        if isinstance(event, RegistrationFailed | Unregistered):
            up = (each.places for each in self.accounts.values() if each.registered)
            self._contact = self._contact.among(frozenset(host_of(place) for places in up for place in places))
        self._post(event)

    def unregister(self, server: int) -> None:
        """Un-REGISTER at a server (expires 0, RFC 3261 section 10.2.2); Unregistered is posted when it is done."""
        account = self.accounts.get(server)
        if account is None:
            self._post(Unregistered(server))
            return
        self._leaving.add(server)
        account.unregister()

    def move(self) -> None:
        """The phone has another address: REGISTER the new Contact everywhere and remove the old binding."""
        for account in self.accounts.values():
            account.move()

    def keep_alive(self, order: effects.KeepAlive) -> None:
        """OPTIONS to a registrar; no answer in time comes back as RegistrationFailed 408."""
        account = self.accounts.get(order.server)
        if account is not None:
            account.keep_alive()

    def listen(self) -> None:
        """Between polls: whose requests of ours have waited too long for any answer, and where ICMP says nobody is."""
        for host, port, _ in sipext.unanswered(HESITANT_MS, 1):
            found = self._of(host, port)
            if found.trusted and not self.accounts[found.server].is_stream:
                self._canary.ask(host, port, time.monotonic())
        for host, port in self._canary.refused(time.monotonic()):
            found = self._of(host, port)
            if found.trusted:
                self._post(ServerSilent(found.server, "unreachable (ICMP)"))
        for host, port, method in sipext.unanswered(PATIENCE_MS):
            found = self._of(host, port)
            if found.trusted:
                self._post(ServerSilent(found.server, f"no answer to {method}"))

    def _of(self, host: str, port: int) -> Sender:
        return self.sender(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")

    def sender(self, source: str) -> Sender:
        """Who sent what came from host:port: one of those that answer a REGISTER, or a stranger."""
        return self._servers().sender(source)

    def is_host(self, host: str) -> bool:
        """Whether a server is on this host, at whatever port."""
        return self._servers().neighbour(f"[{host}]:0" if ":" in host else f"{host}:0") != NO_SERVER

    def _servers(self) -> Servers:
        numbers = sorted(self.accounts, reverse=True)
        sources = {each: number for number in numbers for each in self.accounts[number].places}
        streams = {number for number in numbers if self.accounts[number].is_stream}
        return Servers(sources, frozenset(streams if self.by_port else numbers))

    def judged(self, request: Request, source: str) -> Sender:
        """Who sent a request: as `sender`, and whether it came to the Contact that we gave."""
        sender = self.sender(source)
        judged = self._contact.judge(sender, request)
        self._contact = self._contact.learnt(judged, request)
        if judged != sender and request.method in ("INVITE", "NOTIFY", "REFER"):
            LOG.warning("%s at the address of server %d came without the mark of our Contact: a forgery, or a server "
                        "that does not keep the Contact (deskphone/sip/contact_mark)", request.method,
                        sender.server)  # fmt: skip
        elif not sender.trusted and request.method in ("INVITE", "NOTIFY", "REFER"):
            neighbour = self._servers().neighbour(source)
            if neighbour != NO_SERVER:
                LOG.warning("%s from another port than that of server %d on the same host: no server of ours "
                            "(deskphone/sip/server_port)", request.method, neighbour)  # fmt: skip
        return judged

    def spoke(self, sender: Sender) -> None:
        """A request of a server came, whatever it is: told after its answer, once in SPOKE_EVERY seconds."""
        if not sender.trusted or sender.doubtful or self._spoke_at.get(sender.server, 0.0) > time.monotonic():
            return
        self._spoke_at[sender.server] = time.monotonic() + SPOKE_EVERY
        self._loop.post(lambda: self._post(ServerSpoke(sender.server)))

    def secret(self) -> effects.Account | None:
        """An account with a password, primary first, whether a server has us or not; None where there is none."""
        known = (self.accounts[number].account for number in sorted(self.accounts))
        return next((account for account in known if account is not None and account.auth_password), None)

    def tidy(self, in_use: Iterable[Registration]) -> None:
        """Drop the accounts whose un-REGISTER is through."""
        if not self._leaving:
            return
        used = {id(account) for account in in_use}
        for server in tuple(self._leaving):
            account = self.accounts[server]
            if not account.registered and id(account) not in used:
                self._leaving.discard(server)
                del self.accounts[server]
                account.let_go()
                account.shutdown()
                del account

    def goodbye(self) -> None:
        """Unregister everywhere; `registered` tells whether an answer is still to come."""
        for account in self.accounts.values():
            if account.registered:
                account.unregister()

    def clear(self) -> None:
        """Forget them all: what they hold must go before the library does."""
        for account in self.accounts.values():
            guarded(account.let_go)
        self.accounts.clear()
        self._canary.close()

    @property
    def registered(self) -> bool:
        """Whether any server holds a binding of ours."""
        return any(account.registered for account in self.accounts.values())
