"""The agent half of the sip bench: the stand-in's agents, desktop and misbehaviour in the words of the stories.

Law: everything runs in the server's own thread, by `bench.do` and `bench.run`; the same words as `agent_server`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, MutableMapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sipmessage import Request

from centre import SipServer
from centre import documents as centre_doc
from centre.agents import AgentState
from centre.desktop import FORWARDS
from centre.message import tag_of
from centre.thirdparty import Refused
from deskphone.config.secret import Secret
from deskphone.core import documents as doc

if TYPE_CHECKING:
    from tests.stories.bench_sip import SipBench, SipCustomer

NUMBER = "1502"
PATIENCE = 3.0  # seconds the last report of a REFER is waited for


class Forwards(MutableMapping[str, str]):
    """Forwarding of the DN at a server: kind (always, busy, no_reply) to number."""

    def __init__(self, bench: SipBench, server: SipServer) -> None:
        self._bench, self._server = bench, server

    def _now(self) -> dict[str, str]:
        kinds = {kind: word for word, kind in FORWARDS.items()}
        has = self._bench.do(lambda: dict(self._server.features.of(NUMBER).forward))
        return {kinds[kind]: number for kind, (number, _) in has.items()}

    def __getitem__(self, kind: str) -> str:
        return self._now()[kind]

    def __setitem__(self, kind: str, number: str) -> None:
        self._bench.do(lambda: self._server.features.set_forwarding(NUMBER, FORWARDS[kind], number))

    def __delitem__(self, kind: str) -> None:
        self[kind] = ""

    def __iter__(self) -> Iterator[str]:
        return iter(self._now())

    def __len__(self) -> int:
        return len(self._now())

    def __repr__(self) -> str:
        return repr(self._now())


def _quirk(name: str) -> Any:
    def get(self: SipAgentServer) -> Any:
        return getattr(self._server.quirks, name)

    def put(self: SipAgentServer, value: object) -> None:
        self._bench.do(lambda: self._server.quirks.set(name, value))

    return property(get, put)


def _in_our_words(command: centre_doc.Command) -> doc.Command:
    """What the centre read, as the value a story compares with."""
    match command:
        case centre_doc.SetAgentState():
            return doc.SetAgentState(doc.RequestedAgentState(command.wish), command.reason)
        case centre_doc.SetHoteling():
            proof = doc.Proof(command.nonce, Secret(command.response)) if command.response else None
            return doc.SetHoteling(command.guest, proof)
        case centre_doc.SetDoNotDisturb():
            return doc.SetDoNotDisturb(command.device, command.on)
        case centre_doc.SetForwarding():
            kind = doc.ForwardingType(command.kind)
            return doc.SetForwarding(command.device, kind, command.active, command.number, command.rings)


class SipAgentServer:
    """One server's knowledge of the agent at the phone's DN, and its quirks."""

    def __init__(self, bench: SipBench, server: SipServer) -> None:
        self._bench, self._server = bench, server
        self.forward = Forwards(bench, server)

    @property
    def dnd(self) -> bool:
        """Do-not-disturb as the server has it."""
        return bool(self._server.features.of(NUMBER).dnd)

    @dnd.setter
    def dnd(self, on: bool) -> None:
        self._bench.do(lambda: self._server.features.set_do_not_disturb(NUMBER, on))

    @property
    def heard(self) -> list[doc.Command]:
        """The commands that came."""
        return [_in_our_words(command) for _, command in (*self._server.hoteling.heard, *self._server.features.heard)]

    @property
    def dialogs(self) -> list[tuple[str, int]]:
        """(package, Expires) of each new subscription that was asked for, also those that failed."""
        found: dict[str, tuple[str, int]] = {}
        for entry in self._bench.do(lambda: self._server.messages):
            message = entry.message
            if entry.direction != "in" or not isinstance(message, Request) or message.method != "SUBSCRIBE":
                continue
            if tag_of(message.headers["To"]) is None:
                found.setdefault(message.call_id, (message.headers["Event"], message.expires or 0))
        return list(found.values())

    deaf = _quirk("deaf")
    mute = _quirk("mute")
    notify_first = _quirk("notify_first")
    on_wrong_password = _quirk("on_wrong_password")


class SipDesktop:
    """The agent's desktop beside the phone, at the server where the agent sits."""

    def __init__(self, bench: SipBench) -> None:
        self._bench = bench
        self._reports: list[tuple[int, bool]] = []
        self._asked = False

    def _at(self) -> SipServer:
        servers = self._bench.servers
        return next((each for each in servers if each.agents.at(NUMBER).guest), servers[0])

    def _do(self, work: Any) -> None:
        self._bench.do(lambda: work(self._at().desktop(NUMBER)))

    def log_in(self, agent: str, server: int = 0) -> None:
        self._bench.do(lambda: self._bench.servers[server].desktop(NUMBER).log_in(agent))

    def log_out(self) -> None:
        self._do(lambda desktop: desktop.log_out())

    def ready(self) -> None:
        self._do(lambda desktop: desktop.ready())

    def not_ready(self, reason: str = "") -> None:
        self._do(lambda desktop: desktop.not_ready(reason))

    def after_call_work(self) -> None:
        self._do(lambda desktop: desktop.after_call_work())

    def do_not_disturb(self, on: bool) -> None:
        self._do(lambda desktop: desktop.do_not_disturb(on))

    def forward(self, kind: str, number: str) -> None:
        self._do(lambda desktop: desktop.forward(kind, number))

    def answer(self, customer: SipCustomer) -> None:
        self._notify(customer, "talk")

    def retrieve(self, customer: SipCustomer) -> None:
        self._notify(customer, "talk")

    def hold(self, customer: SipCustomer) -> None:
        self._notify(customer, "hold")

    def _notify(self, customer: SipCustomer, event: str) -> None:
        """In the dialog of this customer's call, whatever its state: the phone has to know what to do."""
        self._bench.run(customer.leg.request("NOTIFY", (("Event", event), ("Subscription-State", "active"))))

    def make_call(self, number: str, customer: SipCustomer | None = None, trusted: bool = True) -> None:
        server = self._bench.servers[0] if trusted else self._bench.stranger()
        desktop = self._bench.do(lambda: server.desktop(NUMBER))
        desktop.reports, self._asked = self._reports, True
        with suppress(Refused):  # the refusal is among the reports
            if customer is not None:
                self._bench.run(desktop.refer_in_call(number, customer.leg))
            else:
                self._bench.run(desktop.make_call(number))

    @property
    def reports(self) -> list[tuple[int, bool]]:
        """What the phone reported; waits for the last word where one is still to come."""
        deadline = time.monotonic() + PATIENCE
        while self._asked and not any(final for _, final in self._reports) and time.monotonic() < deadline:
            time.sleep(0.01)
        return list(self._reports)


def sees(server: SipServer, agent: str, state: str, reason: str) -> bool:
    """Whether a server has this agent in this state at the phone's DN."""
    seat = server.agents.at(NUMBER)
    return (seat.guest, seat.state, seat.reason) == (agent, AgentState(state), reason)
