"""The configuration file of a phone that no server provisions: read again when somebody asks.

Law: SIGHUP and check-sync alike are one order; a bad file changes nothing. Beside the loop, never on it.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import ClassVar

from deskphone.app import configuration
from deskphone.config.lines import Unit
from deskphone.core.effects import Effect, FetchSettings, ProvisioningOrder
from deskphone.core.events import SettingsLoaded, SettingsRejected
from deskphone.drivers.ports import Part, Post
from deskphone.provision.problem import without_login


class Reload(Part):
    """file: the --config of the command line, "" where there is none. data: the folder that keeps what is good. unit:
    the phone that reads."""

    name = "reload"
    performs: ClassVar[tuple[type[Effect], ...]] = (ProvisioningOrder,)

    def __init__(self, file: str, data: Path, unit: Unit) -> None:
        self._file, self._data, self._unit = file, data, unit
        self._asked = asyncio.Event()

    def perform(self, effect: Effect) -> None:
        """FetchSettings: read the file again, soon; the other orders of provisioning mean nothing to a file."""
        if isinstance(effect, FetchSettings):
            self._asked.set()

    async def run(self, post: Post) -> None:
        """Read when asked, until cancelled."""
        while True:
            await self._asked.wait()
            self._asked.clear()
            if self._file:
                post(await asyncio.to_thread(self._read))

    def _read(self) -> SettingsLoaded | SettingsRejected:
        try:
            result, written = configuration.load(self._file, configuration.kept(self._data), self._unit)
        except ValueError as error:
            return SettingsRejected(self._file, (without_login(str(error)),))
        errors = tuple(without_login(str(error)) for error in result.errors)
        if result.layers is None:
            return SettingsRejected(self._file, errors)
        try:
            configuration.keep(self._data, result.layers, written)
        except OSError as error:
            return SettingsRejected(self._file, (f"cannot be kept: {error.strerror}",))
        return SettingsLoaded(result.layers, self._file, refused=errors, idle=len(result.idle))
