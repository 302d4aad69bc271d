"""Those who report without being asked: webhooks, the status report and the client of an ACS, as the settings say.

Law: settings in, wishes out; asked anew every few seconds, so that a change counts without a restart.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from deskphone.manage.client import AsyncPhone
from deskphone.manage.cwmp.wish import NAMES, Wish, wish
from deskphone.manage.feed import Feed
from deskphone.manage.report import hooks, keep_alive
from deskphone.manage.report.hooks import Hooks
from deskphone.manage.report.keep_alive import KeepAlive

if TYPE_CHECKING:
    from deskphone.manage.cwmp.agent import Agent

Json = dict[str, Any]


class Reporters:
    """All of them at one phone. acs: a connection of its own for what an ACS asks; folder: of what is kept for it."""

    def __init__(self, phone: AsyncPhone, feed: Feed, acs: AsyncPhone, folder: Path) -> None:
        self._phone = phone
        self._who: Json = {}
        self.hooks = Hooks(feed, lambda: self._who)
        self.keep_alive = KeepAlive(phone)
        self._acs, self._folder = acs, folder
        self.acs: Agent | None = None

    @property
    def wanted(self) -> bool:
        """Whether any of them has something to do, so that the process stays."""
        return self.hooks.wanted or self.keep_alive.wanted or (self.acs is not None and self.acs.wanted)

    async def look(self) -> None:
        """Ask the phone for its settings and obey them. client.Gone."""
        found = await self._phone.ask("show", names=[*hooks.NAMES, *keep_alive.NAMES, *NAMES])
        secret = (await self._phone.ask("report_secrets"))["secrets"]
        values = {each["name"]: each["value"] for each in found["settings"]} | secret
        status = await self._phone.ask("status")
        self._who = {"mac": status["mac"], "host_name": status["host_name"], "model": status["model"]}
        self.hooks.obey(hooks.wish(values, secret["deskphone/hooks/secret"]))
        url, minutes, user = (values[name] for name in keep_alive.NAMES)
        self.keep_alive.obey(keep_alive.Wish(url, float(minutes), user, secret["ems_server/user_password"]))
        await self._obey_acs(wish(values, (await self._phone.ask("acs"))["acs"]))

    async def _obey_acs(self, now: Wish) -> None:
        """The client is loaded where there is an ACS for it."""
        if self.acs is None and now.url:
            from deskphone.manage.cwmp.agent import Agent  # noqa: PLC0415 - 3 MB, only where somebody wants it

            self.acs = Agent(self._acs, self._folder)
        if self.acs is not None:
            await self.acs.obey(now)

    def close(self) -> None:
        """Report no more."""
        self.hooks.close()
        self.keep_alive.close()
        if self.acs is not None:
            self.acs.close()
