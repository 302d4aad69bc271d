"""Two sites and a phone on a switch, with what may happen to a site: killed, frozen, cut off, slow, lossy.

Law: the sites are programs of their own, in namespaces of their own; the phone is the product's program and is told
nothing. What a site is (the centre, Asterisk, Kamailio) is its class here; what a person notices is the stories'.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from tests.netns.switch import Switch
from tests.peers.child import LOOPBACK, Child, wait_until
from tests.peers.phone import NUMBER, PeerPhone
from tests.stories.bench import Story

WIRE, PHONE = "10.78.0.1", "10.78.0.20"
SITES = {"a": "10.78.0.11", "b": "10.78.0.12"}
SIP, CONTROL = 5060, 8080
AGENT, PASSWORD = "7001", "1234"
TWO = {
    "voip__signalling__sip__proxy_address": SITES["a"],
    "voip__signalling__sip__redundant_proxy__mode": "SIMULTANEOUS",
    "voip__signalling__sip__secondary_proxy__address": SITES["b"],
    "voip__signalling__sip__registration_failed_timeout": "1",  # home soon after a site is back
    "voip__media__srtp__mode": "DONOTSUPPORTENCRYPTION",
}
"""The settings of a phone at both."""


class Site(Protocol):
    """What the stories ask of a site."""

    name: str
    """a or b."""
    child: Child
    answers: str
    """The number of somebody who answers."""

    def start(self) -> None:
        """Start its program (again); it has forgotten everything."""

    def stop(self) -> None:
        """End it, and what it brought."""

    def rings(self, story: Story, within: float = 5) -> None:
        """Call the phone, which rings, and give up."""

    def talks(self) -> bool:
        """Whether it has a call of the phone's that is answered."""


def kill(site: Site) -> None:
    """As a crash: the host is there, the program is not, and nobody is told."""
    os.killpg(site.child.process.pid, signal.SIGKILL)
    site.child.process.wait()


def freeze(site: Site) -> None:
    """It takes everything (the kernel does) and answers nothing."""
    os.killpg(site.child.process.pid, signal.SIGSTOP)


def thaw(site: Site) -> None:
    """It goes on."""
    os.killpg(site.child.process.pid, signal.SIGCONT)


class Sites(Switch):
    """`sites`: by name, a and b. made(name, folder) starts one in its own namespace. roads: as `Switch`."""

    def __init__(self, folder: Path, roads: tuple[str, ...] = ()) -> None:
        super().__init__(WIRE, {**SITES, "phone": PHONE}, roads)
        self.folder = folder

    def open(self, make: Callable[[Sites, str], Any]) -> tuple[Any, Any]:
        """Both sites."""
        first, second = (self._one(make, name) for name in SITES)
        return first, second

    def _one(self, make: Callable[[Sites, str], Any], name: str) -> Any:
        made = make(self, name)
        self._ends.callback(self._end, made)
        return made

    @staticmethod
    def _end(site: Site) -> None:
        if site.child.alive:
            thaw(site)
        site.stop()

    def phone(
        self, transport: str = "UDP", port: int = SIP, resolver: str = "", number: str = NUMBER, **settings: str
    ) -> SitesPhone:
        """A phone at both sites, not yet registered. resolver: the address of its name server."""
        made = SitesPhone(self, resolver, port, number, **{
            **TWO, "voip__signalling__sip__transport_protocol": transport,
            "voip__signalling__sip__secondary_proxy__port": str(port), **settings,
        })  # fmt: skip
        self._ends.callback(made.end)
        return made


class SitesPhone(PeerPhone):
    """The phone's own process in its namespace, in a folder of the lab's."""

    def __init__(self, lab: Sites, resolver: str, port: int, number: str, **settings: str) -> None:
        self._lab = lab
        prefix: tuple[str, ...] = ("ip", "netns", "exec", lab.spaces["phone"])
        if resolver:
            names = lab.folder / f"resolv-{number}.conf"
            names.write_text(f"nameserver {resolver}\noptions timeout:1\n")
            script = f'mount --bind {names} /etc/resolv.conf && exec "$@"'
            prefix += ("unshare", "--mount", "sh", "-c", script, "sh")
        folder = lab.folder / f"phone-{number}"
        super().__init__(folder, port, "--sip-address", PHONE, number=number, prefix=prefix, **settings)

    def _ask(self, path: str, body: dict[str, Any] | None = None) -> Any:
        return self._lab.at("phone", lambda: super(SitesPhone, self)._ask(path, body))

    def sites_have_it(self, which: str, within: float = 30.0) -> None:
        """Wait until it says that exactly these sites have it."""
        wanted = [name in which for name in SITES]
        self.story().wait(f"registered at {which!r} only", lambda state: self.registered(state) == wanted, within)

    @staticmethod
    def registered(state: dict[str, Any]) -> list[bool]:
        """By site."""
        return [each["registered"] for each in state["servers"]]


class Centre:
    """One site of the contact centre: the project's own, as a process. The other one shares nothing with it.

    numbers: of its phones; an agent can log in at each. certificate: of `trust.make`, for TLS on the next port.
    """

    answers = "9196"

    def __init__(
        self, lab: Sites, name: str, numbers: tuple[str, ...] = (NUMBER,), certificate: Path | None = None
    ) -> None:
        self._lab, self.name, self._numbers, self._certificate = lab, name, numbers, certificate
        self.start()

    def start(self) -> None:
        """See `Site`."""
        command = [
            sys.executable, "-m", "centre", "--host", SITES[self.name], "--sip-port", str(SIP),
            "--control", f"{LOOPBACK}:{CONTROL}", "--agentlogin",
        ]  # fmt: skip
        if self._certificate is not None:
            command += ["--certificate", str(self._certificate)]
        for number, agent in zip(self._numbers, itertools.count(int(AGENT))):
            command += ["--dn", f"{number}:secret", "--agent", f"{agent}:{PASSWORD}"]
        self.child = self._lab.at(self.name, lambda: Child(command, self._lab.folder / f"centre-{self.name}.log"))
        self.child.says("control API on", 20)

    def stop(self) -> None:
        """See `Site`."""
        self.child.stop()

    def ask(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """Its HTTP control."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"http://{LOOPBACK}:{CONTROL}/server/{path}", data, {"Content-Type": "application/json"}
        )

        def answer() -> Any:
            with urllib.request.urlopen(request, timeout=10) as told:
                return json.loads(told.read())

        return self._lab.at(self.name, answer)

    def rings(self, story: Story, within: float = 5) -> None:
        """See `Site`."""
        customer = self.ask("call", {"dn": NUMBER, "from": "0301234567", "name": "Jane"})
        story.shows("Incoming call", within=within)
        self.ask("farend", {"id": customer["id"], "do": "leave"})
        story.idle(within=10)

    def talks(self) -> bool:
        """See `Site`."""
        return any(each["state"] == "talking" for each in self.desk["calls"])

    @property
    def desk(self) -> Any:
        """What it knows of the phone's desk."""
        return self.ask("state")["desktops"][NUMBER]

    def has_agent(self, state: str, within: float = 20.0) -> None:
        """Wait until it has the agent at the phone in this state ("logged off" for nobody)."""
        wait_until(f"the agent {state} at site {self.name}", lambda: self.desk["state"] == state, within)
