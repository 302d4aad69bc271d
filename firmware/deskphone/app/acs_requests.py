"""What the client of an auto-configuration server (TR-069) asks the phone for besides what everybody may ask.

Law: secrets leave only while TR-069 is configured, for this is what they are for; nothing here decides.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from deskphone.app.runtime import Runtime
from deskphone.core.effects import FetchSettings
from deskphone.core.events import Event, SettingsSet
from deskphone.trust import certificates

Json = dict[str, Any]
log = logging.getLogger("deskphone")


class AcsRequests:
    """Rows of the control socket's table. order: has an event carried out, and raises where it would not be."""

    def __init__(self, runtime: Runtime, order: Callable[[Event], Awaitable[object]]) -> None:
        self._runtime, self._order = runtime, order
        self.table: dict[str, Callable[[Json], Awaitable[Json]]] = {
            "acs": self._acs,
            "factory_reset": self._factory_reset,
        }

    async def _acs(self, request: Json) -> Json:
        """Where the ACS is, the logins both ways, the owner's authorities and the phone's certificate; nothing of it
        while TR-069 is off."""
        cwmp = self._runtime.phone.settings.tr069
        if not cwmp.enabled or not cwmp.acs_url:
            return {"acs": {}}
        data = self._runtime.folder
        own = (certificates.CLIENT, certificates.KEY)
        found = await asyncio.to_thread(certificates.credentials, data, None, own)
        return {"acs": {
            "url": cwmp.acs_url,
            "password": cwmp.password.reveal(),
            "request_password": cwmp.request_password.reveal(),
            "authorities": found.authorities,
            "certificate": found.certificate,
            "private_key": found.private_key,
        }}  # fmt: skip

    async def _factory_reset(self, request: Json) -> Json:
        """Take away every value the administrator set (web, CLI, TR-069) and have the owner's file fetched anew."""
        names = [each.name for each in self._runtime.phone.layers.administrator]
        log.warning("factory settings asked for: %d values of the administrator go", len(names))
        if names:
            await self._order(SettingsSet(tuple((name, None) for name in names), "a reset"))
        self._runtime.perform(FetchSettings("factory settings"))
        return {"reset": len(names)}
