"""From the key Ready to the SUBSCRIBE on the wire, with a SIP Server that says where the agent is.

Law: the far end plays the two agent subscriptions of one phone; the clock starts before the POST of the key and
stops when the SUBSCRIBE with the agent state is there.
"""

from __future__ import annotations

import itertools
import json
import time
import urllib.request
from typing import Any

from tests.bench.farend import HOST, PATIENCE, FarEnd, Lost, serve
from tests.bench.message import Message, text
from tests.bench.phones import NUMBER, Deskphone

PACKAGE = "as-feature-event"
TYPE = f"application/x-{PACKAGE}+xml"
SPACE = "http://www.ecma-international.org/standards/ecma-323/csta/ed3"
AGENT = {"voip/services/ACD/enabled": 1}
"""The settings that make an agent's phone of it."""


class AgentServer:
    """The server's side of the agent subscriptions."""

    def __init__(self, far: FarEnd) -> None:
        self.far = far
        self.asked_at = 0
        """When the last SUBSCRIBE with a body arrived."""
        self._dialog: tuple[Message, tuple[str, int]] | None = None
        self._sequence = itertools.count(1)
        far.automatic["SUBSCRIBE"] = self._subscribed

    @property
    def watched(self) -> bool:
        """Whether the phone has subscribed to the agent's state."""
        return self._dialog is not None

    def tell(self, event: str) -> None:
        """NOTIFY this event of the agent."""
        assert self._dialog is not None
        request, address = self._dialog
        document = f'<{event} xmlns="{SPACE}"><device>{NUMBER}</device><agentID>7001</agentID></{event}>'
        sequence = next(self._sequence)
        place = f"{HOST}:{self.far.port}"
        to = request.one("to")
        fields = [
            ("Via", f"SIP/2.0/UDP {place};branch=z9hG4bK-notify-{sequence};rport"),
            ("Max-Forwards", "70"),
            ("From", to if request.to_tag else f"{to};tag=bench"),
            ("To", request.one("from")),
            ("Call-ID", request.call_id),
            ("CSeq", f"{sequence} NOTIFY"),
            ("Contact", f"<sip:{NUMBER}@{place}>"),
            ("Event", PACKAGE),
            ("Subscription-State", "active;expires=3600"),
            ("Content-Type", TYPE),
        ]
        self.far.send(text(f"NOTIFY {request.contact} SIP/2.0", fields, document.encode()), address)

    def _subscribed(self, request: Message, address: tuple[str, int], at: int) -> None:
        place = f"<sip:{NUMBER}@{HOST}:{self.far.port}>"
        self.far.reply(request, address, 200, [("Expires", "3600"), ("Contact", place)])
        if not request.one("event").startswith(PACKAGE):
            return
        first, self._dialog = self._dialog is None, (request, address)
        if b"SetAgentState" in request.body:
            self.asked_at = at
            self.tell("AgentReadyEvent")
        elif first:
            self.tell("AgentNotReadyEvent")


class Keys:
    """The panel of a phone, and its far end answered meanwhile."""

    def __init__(self, phone: Deskphone) -> None:
        self._url, self._far = f"http://{phone.url[0]}:{phone.url[1]}/panel", phone.far

    def state(self) -> dict[str, Any]:
        """GET /panel/state."""
        with urllib.request.urlopen(f"{self._url}/state", timeout=PATIENCE) as answer:
            found: dict[str, Any] = json.loads(answer.read())
        return found

    def press(self, key: str) -> int:
        """Press a key; returns the time right before."""
        body = json.dumps({"key": key}).encode()
        request = urllib.request.Request(f"{self._url}/key", body, {"Content-Type": "application/json"})
        at = time.perf_counter_ns()
        urllib.request.urlopen(request, timeout=PATIENCE).close()
        return at

    def wait_agent(self, state: str, softkey: str = "") -> dict[str, Any]:
        """Until the phone is in this agent state and its display, which comes a moment later, has this softkey."""
        until = time.monotonic() + PATIENCE
        while (now := self.state())["agent"]["state"] != state or (softkey and softkey not in now["softkeys"]):
            if time.monotonic() > until:
                raise Lost(f"the agent is {now['agent']}, expected {state}; screen {now['title']} {now['rows']}")
            serve([self._far], 0.01)
        return now


def ready_to_subscribe(phone: Deskphone, server: AgentServer, presses: int) -> tuple[list[float], int]:
    """Milliseconds of so many presses of Ready, and how many brought no SUBSCRIBE."""
    keys, times, lost = Keys(phone), [], 0
    until = time.monotonic() + PATIENCE
    while not server.watched and time.monotonic() < until:
        serve([phone.far], 0.05)
    for _ in range(presses):
        softkeys = keys.wait_agent("not_ready", "Ready")["softkeys"]
        server.asked_at = 0
        pressed = keys.press(f"soft{softkeys.index('Ready') + 1}")
        deadline = time.monotonic() + PATIENCE
        while not server.asked_at and time.monotonic() < deadline:
            phone.far.receive(0.05)
        if server.asked_at:
            times.append((server.asked_at - pressed) / 1e6)
            keys.wait_agent("ready")
        else:
            lost += 1
        server.tell("AgentNotReadyEvent")
        phone.far.drain()
    return times, lost
