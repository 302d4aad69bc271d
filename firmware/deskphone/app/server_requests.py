"""What the clients of the owner's servers (TR-069's ACS, an MQTT broker) ask the phone for besides what everybody may.

Law: secrets leave only while such a server is configured, for this is what they are for; nothing here decides.
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


class ServerRequests:
    """Rows of the control socket's table. order: has an event carried out, and raises where it would not be."""

    def __init__(self, runtime: Runtime, order: Callable[[Event], Awaitable[object]]) -> None:
        self._runtime, self._order = runtime, order
        self.table: dict[str, Callable[[Json], Awaitable[Json]]] = {
            "acs": self._acs,
            "broker": self._broker,
            "web_certificate": self._web_certificate,
            "factory_reset": self._factory_reset,
        }

    async def _acs(self, request: Json) -> Json:
        """Where the ACS is, the logins both ways, the owner's authorities and the phone's certificate; nothing of it
        while TR-069 is off."""
        cwmp = self._runtime.phone.settings.tr069
        if not cwmp.enabled or not cwmp.acs_url:
            return {"acs": {}}
        return {"acs": {
            "url": cwmp.acs_url,
            "password": cwmp.password.reveal(),
            "request_password": cwmp.request_password.reveal(),
            **await self._papers(),
        }}  # fmt: skip

    async def _broker(self, request: Json) -> Json:
        """Where the MQTT broker is, the login, and the same papers; nothing of it where there is none."""
        mqtt = self._runtime.phone.settings.mqtt
        if not mqtt.url:
            return {"broker": {}}
        return {"broker": {"url": mqtt.url, "password": mqtt.password.reveal(), **await self._papers()}}

    async def _web_certificate(self, request: Json) -> Json:
        """What HTTPS shows of the phone; nothing where the settings name none, or what came is none."""
        found = certificates.Credentials()
        if self._runtime.phone.settings.web.certificate:
            found = await asyncio.to_thread(certificates.of_web, self._runtime.folder)
        return {"certificate": found.certificate, "private_key": found.private_key, "problems": list(found.problems)}

    async def _papers(self) -> Json:
        own = (certificates.CLIENT, certificates.KEY)
        found = await asyncio.to_thread(certificates.credentials, self._runtime.folder, None, own)
        return {
            "authorities": found.authorities, "certificate": found.certificate, "private_key": found.private_key,
        }  # fmt: skip

    async def _factory_reset(self, request: Json) -> Json:
        """Take away every value the administrator set (web, CLI, TR-069) and have the owner's file fetched anew."""
        names = [each.name for each in self._runtime.phone.layers.administrator]
        log.warning("factory settings asked for: %d values of the administrator go", len(names))
        if names:
            await self._order(SettingsSet(tuple((name, None) for name in names), "a reset"))
        self._runtime.perform(FetchSettings("factory settings"))
        return {"reset": len(names)}
