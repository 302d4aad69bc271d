"""Those who report without being asked: webhooks, status report, MQTT and the client of an ACS, as the settings say.

Law: settings in, wishes out; asked anew every few seconds, so that a change counts without a restart. What few have is
loaded where it is configured.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deskphone.manage.client import AsyncPhone
from deskphone.manage.cwmp import wish as acs
from deskphone.manage.feed import Feed
from deskphone.manage.report import broker, hooks, keep_alive
from deskphone.manage.report.hooks import Hooks
from deskphone.manage.report.keep_alive import KeepAlive

if TYPE_CHECKING:
    from deskphone.manage.cwmp.agent import Agent
    from deskphone.manage.report.mqtt import Mqtt

Json = dict[str, Any]
NAMES = (*hooks.NAMES, *keep_alive.NAMES, *acs.NAMES, *broker.NAMES)


class Reporters:
    """All of them at one phone. connect: another connection to it, by a name for its journal; folder: of what is kept
    for an ACS."""

    def __init__(self, phone: AsyncPhone, feed: Feed, connect: Callable[[str], AsyncPhone], folder: Path) -> None:
        self._phone, self._feed, self._connect, self._folder = phone, feed, connect, folder
        self._who: Json = {}
        self.hooks = Hooks(feed, self._says)
        self.keep_alive = KeepAlive(phone)
        self.acs: Agent | None = None
        self.mqtt: Mqtt | None = None
        self._own: list[AsyncPhone] = []

    @property
    def _all(self) -> list[Hooks | KeepAlive | Mqtt | Agent]:
        late = [each for each in (self.mqtt, self.acs) if each is not None]
        return [self.hooks, self.keep_alive, *late]

    @property
    def wanted(self) -> bool:
        """Whether any of them has something to do, so that the process stays."""
        return any(each.wanted for each in self._all)

    async def look(self) -> None:
        """Ask the phone for its settings and obey them. client.Gone."""
        found = await self._phone.ask("show", names=list(NAMES))
        secret = (await self._phone.ask("report_secrets"))["secrets"]
        values = {each["name"]: each["value"] for each in found["settings"]} | secret
        status = await self._phone.ask("status")
        self._who = {"mac": status["mac"], "host_name": status["host_name"], "model": status["model"]}
        await self.hooks.obey(hooks.wish(values))
        await self.keep_alive.obey(keep_alive.wish(values))
        await self._obey_broker(broker.wish(values, (await self._phone.ask("broker"))["broker"]))
        await self._obey_acs(acs.wish(values, (await self._phone.ask("acs"))["acs"]))

    async def close(self) -> None:
        """Report no more."""
        for each in self._all:
            await each.close()
        for phone in self._own:
            await phone.close()

    def _says(self) -> Json:
        """What the phone says of itself in each report."""
        return self._who

    async def _obey_acs(self, now: acs.Wish) -> None:
        if self.acs is None and now.url:
            from deskphone.manage.cwmp.agent import Agent  # noqa: PLC0415 - 3 MB, only where somebody wants it

            self.acs = Agent(self._another("an ACS"), self._another("an ACS"), self._folder)
        if self.acs is not None:
            await self.acs.obey(now)

    async def _obey_broker(self, now: broker.Wish) -> None:
        if self.mqtt is None and now.wanted:
            from deskphone.manage.report.mqtt import Mqtt  # noqa: PLC0415 - as above

            self.mqtt = Mqtt(self._another("an MQTT broker"), self._feed, self._says)
        if self.mqtt is not None:
            await self.mqtt.obey(now)

    def _another(self, by: str) -> AsyncPhone:
        self._own.append(self._connect(by))
        return self._own[-1]
