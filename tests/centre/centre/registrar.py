"""REGISTER (RFC 3261 section 10.3) and the authentication of every method that asks for it.

A wrong password gets a new challenge, a stale nonce stale=true, an unknown DN 404.
"""

from __future__ import annotations

import asyncio
import logging
import time
from email.utils import formatdate

from sipmessage import URI, Request

from centre import dnoptions
from centre.dialog import peer_of
from centre.digest import Digest, Verdict
from centre.location import Binding, Location
from centre.message import user_of
from centre.servertransaction import ServerTransaction
from centre.settings import DN
from centre.useragent import UserAgent

log = logging.getLogger(__name__)


class Gate:
    """Asks for a password where the settings say so."""

    def __init__(self, agent: UserAgent, dns: dict[str, DN]) -> None:
        self._agent, self.dns = agent, dns
        settings = agent.settings
        self.digest = Digest(settings.realm, settings.algorithms, settings.nonce_life)
        self.failures = 0

    def admit(self, transaction: ServerTransaction, dn: DN) -> bool:
        """True when the request may go on; else a 401 has been sent."""
        request = transaction.request
        own = dnoptions.words(dn, "authenticate-requests")
        if not dn.password or request.method.lower() not in (own or map(str.lower, self._agent.settings.authenticate)):
            return True
        verdict = self.digest.check(request, dn.digest_user, dn.password)
        if verdict is Verdict.GOOD:
            return True
        if verdict is Verdict.WRONG:
            self.failures += 1
            log.info("wrong password in %s for DN %s from %s", request.method, dn.number, transaction.peer)
            self._agent.bus.publish("wrong-password", dn=dn.number, method=request.method)
        transaction.reply(401, self.digest.challenges(stale=verdict is Verdict.STALE))
        return False


class Registrar:
    """Takes REGISTER into the location table."""

    def __init__(self, agent: UserAgent, gate: Gate, location: Location) -> None:
        self._agent, self._gate, self._location = agent, gate, location
        agent.handlers["REGISTER"] = self.on_register

    def on_register(self, transaction: ServerTransaction) -> None:
        """One REGISTER."""
        request, settings = transaction.request, self._agent.settings
        dn = self._gate.dns.get(user_of(request.headers["To"]))
        if dn is None:
            transaction.reply(404)
            return
        if not self._gate.admit(transaction, dn):
            return
        contact = request.headers.get("Contact")
        if contact is not None and contact.strip() == "*":
            if request.expires != 0:
                transaction.reply(400, phrase="Contact * Needs Expires: 0")
                return
            self._location.remove(dn.number)
        else:
            wanted = [(address, _expires(request, address.parameters.get("expires"), settings.default_expires))
                      for address in request.contact]  # fmt: skip
            if any(0 < seconds < settings.min_expires for _, seconds in wanted):
                transaction.reply(423, [("Min-Expires", str(settings.min_expires))])
                return
            for address, seconds in wanted:
                if not self._bind(transaction, dn, address.uri, min(seconds, settings.max_expires)):
                    return
        self._accept(transaction, dn)

    def _bind(self, transaction: ServerTransaction, dn: DN, uri: URI, seconds: int) -> bool:
        request, text = transaction.request, str(uri)
        known = {binding.uri: binding for binding in self._location.of(dn.number)}.get(text)
        if known and known.call_id == request.call_id and request.cseq.sequence <= known.sequence:
            transaction.reply(500, phrase="CSeq Too Small")  # section 10.3 step 7
            return False
        if seconds == 0:
            self._location.remove(dn.number, text)
            return True
        if not self._location.has_room(dn.number, text):
            transaction.reply(403, phrase="Too Many Contacts")
            return False
        self._location.add(
            Binding(
                dn=dn.number,
                uri=text,
                peer=peer_of(text, transaction.peer),
                call_id=request.call_id,
                sequence=request.cseq.sequence,
                expires_at=asyncio.get_running_loop().time() + seconds,
                user_agent=request.user_agent or "",
            )
        )
        return True

    def _accept(self, transaction: ServerTransaction, dn: DN) -> None:
        headers = [
            ("Contact", f"<{binding.uri}>;expires={binding.seconds_left()}") for binding in self._location.of(dn.number)
        ]
        headers += [("Date", formatdate(time.time(), usegmt=True)), self._agent.product]
        transaction.reply(200, headers)


def _expires(request: Request, parameter: str | None, default: int) -> int:
    """The contact's own parameter, else the Expires header, else the default."""
    if parameter is not None and parameter.isdecimal():
        return min(int(parameter), 2**31)
    return request.expires if request.expires is not None and request.expires >= 0 else default


def dn_of_sender(request: Request) -> str:
    """The number in From: a SIP Server tells DNs apart by it, not by the Contact."""
    return user_of(request.headers["From"])
