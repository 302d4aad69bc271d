"""The agent half of the core bench's server: logins, agent states, feature keys and the agent desktop, made of events.

Law: behaves as SIP Server does by the protocol facts (parts 1, 2); it takes effects and posts events, and never looks
into the phone.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any, Protocol

from deskphone.config.secret import Secret
from deskphone.core import documents as doc
from deskphone.core import effects as fx
from deskphone.core import events as ev
from deskphone.core.agent.login import proof

EVENTS: dict[str, type[doc.AgentEvent]] = {
    "logged off": doc.AgentLoggedOffEvent,
    "logged on": doc.AgentLoggedOnEvent,
    "ready": doc.AgentReadyEvent,
    "not ready": doc.AgentNotReadyEvent,
    "after-call work": doc.AgentWorkingAfterCallEvent,
}
STATES = {
    doc.RequestedAgentState.READY: "ready",
    doc.RequestedAgentState.NOT_READY: "not ready",
    doc.RequestedAgentState.WORKING_AFTER_CALL: "after-call work",
    doc.RequestedAgentState.LOGGED_OFF: "logged off",
}
FORWARDS = {
    "always": doc.ForwardingType.IMMEDIATE,
    "busy": doc.ForwardingType.BUSY,
    "no_reply": doc.ForwardingType.NO_ANSWER,
}


class World(Protocol):
    """What the bench gives."""

    def post(self, event: ev.Event, after: float = 0.0) -> None: ...

    def pass_time(self, seconds: float) -> None: ...


@dataclass
class AgentServer:
    """One server's knowledge of the agent at the phone's DN.

    on_wrong_password: "silence" (as Genesys), "empty", "same nonce" or "new nonce". deaf: it answers 200 and does
    nothing. slow: seconds before whatever it says. answers: forced answers by method, shared with the rest of the
    server. spelling: how it writes an agent's name.
    """

    world: World
    number: int
    answers: dict[str, list[tuple[int, str, int]]]
    passwords: dict[str, str] = field(default_factory=dict)
    on_wrong_password: str = "silence"
    deaf: bool = False
    mute: bool = False
    notify_first: bool = False
    down: bool = False
    slow: float = 0.0
    spelling: str = "{}"
    guest: str = ""
    state: str = "logged off"
    reason: str = ""
    dnd: bool = False
    forward: dict[str, str] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)
    heard: list[doc.Command] = field(default_factory=list)
    dialogs: list[tuple[str, int]] = field(default_factory=list)
    min_expires: int = 0
    _nonces: Any = field(default_factory=lambda: itertools.count(1))
    _nonce: str = ""

    # --- the phone speaks --------------------------------------------------------------------------

    def take(self, effect: fx.Subscribe | fx.Resubscribe) -> None:
        """A SUBSCRIBE."""
        if self.down:
            return
        package = effect.package
        new = isinstance(effect, fx.Subscribe)
        if new:
            self.dialogs.append((package, effect.expires))
        forced = self._forced(package)
        if forced is not None:
            code, reason, wait = forced
            self.open -= {package} if code == 481 else set()
            self._post(ev.SubscriptionAnswered(self.number, package, code, reason, wait, 0, self.min_expires))
            return
        if not new and package not in self.open and effect.expires:
            self._post(ev.SubscriptionEnded(self.number, package, 481, "Subscription Does Not Exist"))
            return
        if effect.expires == 0:
            self.open.discard(package)
            self._post(ev.SubscriptionEnded(self.number, package, 0, ""))
            return
        self.open.add(package)
        self._post(
            ev.SubscriptionAnswered(self.number, package, 200, "OK", 0, effect.expires),
            0.04 if self.notify_first else 0.02,
        )
        command = effect.command if isinstance(effect, fx.Resubscribe) else None
        if self.mute:
            return
        if command is None:
            self.tell(package, *self.full_state(package))
        else:
            self._obey(command)

    def _forced(self, package: str) -> tuple[int, str, int] | None:
        for method in (f"SUBSCRIBE {package}", "SUBSCRIBE"):
            waiting = self.answers.get(method)
            if waiting:
                return waiting.pop(0)
        return None

    def full_state(self, package: str) -> tuple[object, ...]:
        """What a NOTIFY after a plain SUBSCRIBE holds."""
        if package == doc.HOTELING:
            return (doc.HotelingEvent(self._spelt()),)
        if package == doc.AS_FEATURE:
            return (self._agent_event(), *self._features())
        return ()

    def _features(self) -> tuple[object, ...]:
        return (
            doc.DoNotDisturbEvent("1502", self.dnd),
            *(doc.ForwardingEvent("1502", kind, word in self.forward, self.forward.get(word, ""))
              for word, kind in FORWARDS.items()),
        )  # fmt: skip

    def _agent_event(self) -> doc.AgentEvent:
        return EVENTS[self.state]("1502", self._spelt(), self.reason if self.state == "not ready" else "")

    def _spelt(self) -> str:
        return self.spelling.replace("{}", self.guest).replace("[]", self.guest.upper()) if self.guest else ""

    def _obey(self, command: doc.Command) -> None:
        self.heard.append(command)
        if self.deaf:
            return
        match command:
            case doc.SetHoteling():
                self._hoteling(command)
            case doc.SetAgentState():
                if self.state != "logged off":
                    self.become(STATES[command.state], "" if command.reason in ("", "0") else command.reason)
            case doc.SetDoNotDisturb():
                self.dnd = command.on
                self.tell(doc.AS_FEATURE, doc.DoNotDisturbEvent("1502", self.dnd))
            case doc.SetForwarding():
                self.set_forward(command.type, command.active, command.target)

    def _hoteling(self, command: doc.SetHoteling) -> None:
        password = self.passwords.get(command.guest)
        if not command.guest:
            self.seat("")
        elif password is None:
            self.tell(doc.HOTELING, doc.HotelingEvent(""))
        elif not password:
            self._log_on(command.guest)
        elif command.proof is None:
            self._challenge(f"nonce-{next(self._nonces)}")
        elif command.proof == proof(doc.Challenge(self._nonce), Secret(password)):
            self._log_on(command.guest)
        elif self.on_wrong_password == "empty":
            self.tell(doc.HOTELING, doc.HotelingEvent(""))
        elif self.on_wrong_password == "same nonce":
            self._challenge(self._nonce)
        elif self.on_wrong_password == "new nonce":
            self._challenge(f"nonce-{next(self._nonces)}")

    def _challenge(self, nonce: str) -> None:
        self._nonce = nonce
        self.tell(doc.HOTELING, doc.HotelingEvent(None, doc.Challenge(nonce)))

    def _log_on(self, guest: str) -> None:
        self.state = "not ready"
        self.seat(guest)
        self.tell(doc.AS_FEATURE, doc.AgentLoggedOnEvent("1502", self._spelt()))
        self.tell(doc.AS_FEATURE, self._agent_event())

    def forget(self) -> None:
        """It is started anew: who sat where, and who listens, is lost."""
        self.open.clear()
        self.guest, self.state, self.reason = "", "logged off", ""

    # --- the server speaks ---------------------------------------------------------------------------

    def seat(self, guest: str) -> None:
        """Somebody sits here, or nobody."""
        self.guest = guest
        self.tell(doc.HOTELING, doc.HotelingEvent(self._spelt()))

    def become(self, state: str, reason: str = "") -> None:
        """The agent state changes."""
        self.state, self.reason = state, reason
        self.tell(doc.AS_FEATURE, self._agent_event())

    def set_forward(self, kind: doc.ForwardingType, active: bool, target: str) -> None:
        """One kind of forwarding changes."""
        word = next(word for word, each in FORWARDS.items() if each is kind)
        self.forward.pop(word, None)
        if active:
            self.forward[word] = target
        self.tell(doc.AS_FEATURE, doc.ForwardingEvent("1502", kind, active, target))

    def tell(self, package: str, *documents: object) -> None:
        """A NOTIFY, where the phone subscribed."""
        if package in self.open and not self.down:
            self._post(ev.NotifyBody(self.number, package, documents), 0.03)

    def _post(self, event: ev.Event, after: float = 0.02) -> None:
        self.world.post(event, after + self.slow)


class Desktop:
    """The agent's desktop: the same agent, from the other side."""

    reports: list[tuple[int, bool]]

    def __init__(self, world: World, servers: dict[int, AgentServer]) -> None:
        self.world, self.servers = world, servers
        self.reports = []
        self._refers = itertools.count(1)

    def _at(self) -> AgentServer:
        return next((each for each in self.servers.values() if each.guest), self.servers[0])

    def _soon(self) -> None:
        self.world.pass_time(0.05)

    def log_in(self, agent: str, server: int = 0) -> None:
        """Log in at the desktop."""
        self.servers[server]._log_on(agent)
        self._soon()

    def log_out(self) -> None:
        """Log out there: the agent's seat is free afterwards."""
        at = self._at()
        at.become("logged off")
        at.seat("")
        self._soon()

    def ready(self) -> None:
        """Ready."""
        self._at().become("ready")
        self._soon()

    def not_ready(self, reason: str = "") -> None:
        """Not Ready, with the code of a reason."""
        self._at().become("not ready", reason)
        self._soon()

    def after_call_work(self) -> None:
        """After-Call Work."""
        self._at().become("after-call work")
        self._soon()

    def do_not_disturb(self, on: bool) -> None:
        """Switch do-not-disturb of the DN."""
        at = self._at()
        at.dnd = on
        at.tell(doc.AS_FEATURE, doc.DoNotDisturbEvent("1502", on))
        self._soon()

    def forward(self, kind: str, number: str) -> None:
        """Forward the DN's calls; an empty number ends it."""
        self._at().set_forward(FORWARDS[kind], bool(number), number)
        self._soon()

    def answer(self, customer: Any) -> None:
        """Answer this customer's call: NOTIFY talk."""
        self._notify(customer, "talk")

    def retrieve(self, customer: Any) -> None:
        """Take it from hold: NOTIFY talk."""
        self._notify(customer, "talk")

    def hold(self, customer: Any) -> None:
        """Hold it: NOTIFY hold."""
        self._notify(customer, "hold")

    def _notify(self, customer: Any, package: str) -> None:
        self.world.post(ev.CallNotified(customer.call_id, package))
        self._soon()

    def make_call(self, number: str, customer: Any = None, trusted: bool = True) -> None:
        """Let the phone call a number (REFER); with a customer in the dialog of that call."""
        call = customer.call_id if customer is not None else ""
        name = f"refer-{next(self._refers)}"
        self.world.post(ev.ReferReceived(name, 0, f"sip:{number}@127.0.0.1", call, trusted))
        self._soon()
