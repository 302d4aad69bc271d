"""What one SIP Server is made of, and its life: composition only, each noun has its module.

Law: below the queue and the desktop, which work on a site; `server` puts them on top of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Self

from centre import dnoptions
from centre.agents import Agents, Roster
from centre.asfeature import FeatureEvents
from centre.calls import Calls
from centre.conference import Conference
from centre.farend import FarEnd
from centre.hoteling import Hoteling
from centre.location import Binding, Location
from centre.mwi import MessageSummary
from centre.notifier import Notifier
from centre.registrar import Gate, Registrar
from centre.settings import DN, Settings
from centre.useragent import UserAgent


class Site:
    """`dns` maps a number to its password or to a DN; `roster` is shared by sites; keywords override Settings."""

    def __init__(
        self, settings: Settings | None = None, *, dns: Mapping[str, str | DN] | None = None,
        roster: Roster | None = None, **overrides: Any,
    ) -> None:  # fmt: skip
        self.settings = replace(settings or Settings(), **overrides)
        self.agent = UserAgent(self.settings)
        self.bus = self.agent.bus
        self.dns: dict[str, DN] = {}
        self.gate = Gate(self.agent, self.dns)
        self.location = Location(self.settings.max_bindings, self._registration_changed)
        self.registrar = Registrar(self.agent, self.gate, self.location)
        self.calls = Calls(self.agent, self.gate, self.location)
        self.notifier = Notifier(self.agent, self.gate)
        self.mwi = MessageSummary(self.notifier)
        self.agents = Agents(self.bus, roster or Roster())
        self.features = FeatureEvents(self.notifier, self.dns, self.agents)
        self.hoteling = Hoteling(self.notifier, self.dns, self.agents)
        self.at_start: list[Callable[[], object]] = []
        self.conferences: list[Conference] = []
        self.far_ends: list[FarEnd] = []
        for number, value in (dns or {}).items():
            self.add_dn(value if isinstance(value, DN) else DN(number, value))

    # Life

    async def start(self) -> None:
        """Bind the port; OSError when it is taken. Then what is in `at_start` is begun, each time."""
        await self.agent.start()
        for begin in self.at_start:
            begin()

    async def stop(self) -> None:
        """End everything at once, as a server that is switched off."""
        for conference in self.conferences:
            conference.close()
        for far_end in self.far_ends:
            far_end.close_media()
        for call in self.calls.live:
            for party in call.parties:
                if hasattr(party, "close_media"):
                    party.close_media()
            if call.music is not None:
                call.music.close_media()
        self.location.clear()
        for subscription in list(self.notifier.all):
            subscription.drop()
        await self.agent.stop()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def port(self) -> int:
        """The SIP port, UDP and TCP."""
        return self.agent.transport.port

    @property
    def address(self) -> str:
        """host:port."""
        return self.agent.address

    # DNs and registrations

    def add_dn(self, dn: DN) -> None:
        """Add or replace a DN. ValueError names an option that is unknown."""
        dn.options = dnoptions.checked(dn.options.items())
        dn.password = dn.options.get("password", dn.password)
        self.dns[dn.number] = dn

    def set_option(self, dn: str, name: str, value: str) -> None:
        """Change one option of a DN while the server runs."""
        self.dns[dn].options |= dnoptions.checked([(name, value)])
        self.add_dn(self.dns[dn])

    @property
    def registrations(self) -> dict[str, list[Binding]]:
        """The live bindings of every DN that has one."""
        return {dn: bindings for dn in self.dns if (bindings := self.location.of(dn))}

    def _registration_changed(self, dn: str) -> None:
        bindings = self.location.of(dn)
        self.bus.publish("registered" if bindings else "unregistered", dn=dn, bindings=len(bindings))
