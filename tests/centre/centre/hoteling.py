"""The event package x-broadworks-hoteling: who sits at the phone, and the log in by nonce and proof.

The password is asked for where the Agent Login object has one, and not when the desktop has logged the agent in
here already. A proof is MD5(nonce:password); each nonce is good for one proof.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from sipmessage import Request

from centre.agentpackage import AgentPackage
from centre.agents import Agents, Seat
from centre.documents import HOTELING, HOTELING_TYPE, Command, Event, HotelingEvent, SetHoteling
from centre.notifier import Notifier
from centre.settings import DN


class Hoteling(AgentPackage):
    """`failures` counts wrong proofs."""

    event = HOTELING
    content_type = HOTELING_TYPE

    def __init__(self, notifier: Notifier, dns: dict[str, DN], agents: Agents) -> None:
        super().__init__(notifier, dns)
        self._agents = agents
        self._nonces: dict[str, str] = {}
        self.failures = 0
        agents.listeners.append(self._changed)

    def events(self, dn: str) -> tuple[Event, ...]:
        """Who sits there."""
        return (HotelingEvent(self._agents.at(dn).guest),)

    def obey(self, dn: str, command: Command, request: Request) -> int:
        """SetHoteling, and nothing else."""
        if not isinstance(command, SetHoteling):
            return 415
        login = self._agents.roster.logins.get(command.guest)
        if not command.guest:
            self._nonces.pop(dn, None)
            self._agents.free(dn)
        elif login is None:
            self.tell(dn, HotelingEvent(""))
        elif not login.password or self._agents.at(dn).agent == login.id:
            self._agents.log_in(login.id, dn)
        elif not command.response:
            self._challenge(dn)
        elif self._proved(dn, command, login.password):
            self._agents.log_in(login.id, dn)
        else:
            self._wrong(dn, command.nonce)
        return 200

    def _challenge(self, dn: str) -> None:
        self._nonces[dn] = secrets.token_hex(8)
        self.tell(dn, HotelingEvent(None, self._nonces[dn]))

    def _proved(self, dn: str, command: SetHoteling, password: str) -> bool:
        nonce = self._nonces.pop(dn, "")
        if not nonce or command.nonce != nonce:
            return False
        right = hashlib.md5(f"{nonce}:{password}".encode(), usedforsecurity=False).hexdigest()
        return hmac.compare_digest(right.encode(), command.response.encode())

    def _wrong(self, dn: str, nonce: str) -> None:
        self.failures += 1
        self.notifier.agent.bus.publish("wrong-agent-password", dn=dn)
        if self.quirks.on_wrong_password == "empty":
            self.tell(dn, HotelingEvent(""))
        elif self.quirks.on_wrong_password == "new nonce":
            self._challenge(dn)
        elif self.quirks.on_wrong_password == "same nonce":
            self.tell(dn, HotelingEvent(None, nonce))

    def _changed(self, what: str, seat: Seat) -> None:
        if what == "guest":
            self.tell(seat.dn, HotelingEvent(seat.guest))
