"""A phone without a network for the tests of sessions: settings in a dictionary, and a session played to its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache

from deskphone.config.settings import Settings
from deskphone.config.writer import dump
from deskphone.manage.cwmp.cpe import Cpe, Snapshot
from deskphone.manage.cwmp.memory import Memory
from deskphone.manage.cwmp.parameters import Apply
from deskphone.manage.cwmp.session import End, Send, Session
from deskphone.manage.cwmp.table import tree
from tests.unit.manage.cwmp import server
from tests.unit.manage.cwmp.rules import Said, check

URL = "https://acs.example/"
UNIX = 1_800_000_000.0
FACTS = {
    "manufacturer": "deskphone", "oui": "B827EB", "model": "420HD", "serial": "B827EB010203", "hardware": "1",
    "version": "0.1.0", "up_seconds": "77", "mac": "B8:27:EB:01:02:03", "address": "192.0.2.9",
    "client_status": "Up", "connection_url": "", "now": "2027-01-15T08:00:00Z",
}  # fmt: skip


@cache
def settings() -> Mapping[str, str]:
    """Every setting at its default, by name."""
    return dict(line.split("=", 1) for line in dump(Settings()).splitlines())


class Desk:
    """A phone with memory. refusal: what it says to a change."""

    def __init__(self, memory: Memory | None = None, events: tuple[str, ...] = ("0 BOOTSTRAP", "1 BOOT")) -> None:
        memory = memory or Memory()
        for each in events:
            memory = memory.with_event(each)
        self.values, self.memory = dict(settings()), memory
        self.facts = dict(FACTS)
        self.refusal, self.waits = "", False
        self.set: list[dict[str, str]] = []

    @property
    def cpe(self) -> Cpe:
        return Cpe(tree(), Snapshot(self.values, self.facts), self.memory)

    def session(self, *requests: bytes, retries: int = 0, answer: Callable[[Said], bytes] | None = None) -> list[Said]:
        """One session with an ACS that asks these, in order; everything the phone said, each checked."""
        if not (self.memory.events or self.memory.ended):
            self.memory = self.memory.with_event("2 PERIODIC")
        self.run = Session(self.cpe, URL, retries)
        said: list[Said] = []
        step: Send | Apply | End = self.run.begin(UNIX)
        left = list(requests)
        for _ in range(1000):
            if isinstance(step, Apply):
                if not self.refusal:
                    self.set.append(step.settings)
                    self.values = self.values | step.settings
                step = self.run.applied(Snapshot(self.values, self.facts), self.refusal, self.waits)
            elif isinstance(step, End):
                self.end, self.memory = step, self.run.cpe.memory
                return said
            else:
                reply = b""
                if step.body:
                    said.append(check(step.body))
                    reply = answer(said[-1]) if answer else polite(said[-1])
                if not reply and left:
                    reply = left.pop(0)
                step = self.run.received(reply, UNIX)
        raise AssertionError("the session does not end")

    def ask(self, request: bytes) -> Said:
        """The answer to one request, in a session of its own."""
        said = self.session(request)
        assert self.end.good, self.end.why
        return said[-1]

    def changes(self, **changes: object) -> None:
        """Something of memory is another."""
        self.memory = replace(self.memory, **changes)  # type: ignore[arg-type]


class Still:
    """A phone at the control socket to which nothing happens but what a test does to `values` and `run`."""

    def __init__(self) -> None:
        self.values, self.run, self.asked = dict(settings()), "run1", list[str]()

    async def ask(self, request: str, **fields: object) -> dict[str, object]:
        """As AsyncPhone."""
        self.asked.append(request)
        rows = [{"name": name, "value": value} for name, value in self.values.items()]
        status = {
            "mac": "b8:27:eb:01:02:03", "model": "420HD", "version": "1", "up_seconds": 5, "address": "127.0.0.1",
            "state": {"servers": []},
        }  # fmt: skip
        answers = {"happened": {"run": self.run}, "show": {"settings": rows}, "status": status, "log": {"lines": ["a"]}}
        return answers[request]  # type: ignore[return-value]


def polite(said: Said) -> bytes:
    """What an ACS says to what the phone asks; b"" to its answers."""
    if said.name == "Inform":
        return server.inform_response(said.id)
    if said.name == "TransferComplete":
        return server.transfer_response(said.id)
    return b""
