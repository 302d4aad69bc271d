"""The configuration file of a phone that no server provisions: read again when somebody asks.

Law: SIGHUP and check-sync alike are one order; a bad file changes nothing. Beside the loop, never on it.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import ClassVar

from deskphone.app import configuration
from deskphone.config.layers import of_file
from deskphone.core.effects import Effect, FetchSettings, ProvisioningOrder
from deskphone.core.events import SettingsLoaded, SettingsRejected
from deskphone.drivers.ports import Part, Post
from deskphone.provision.problem import without_login


class Reload(Part):
    """file: the --config of the command line, "" where there is none. data: the folder that keeps what is good."""

    name = "reload"
    performs: ClassVar[tuple[type[Effect], ...]] = (ProvisioningOrder,)

    def __init__(self, file: str, data: Path) -> None:
        self._file, self._data = file, data
        self._asked = asyncio.Event()

    def perform(self, effect: Effect) -> None:
        """Look again, soon; the other orders of provisioning mean nothing to a file."""
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
            result = configuration.load(self._file)
        except ValueError as error:
            return SettingsRejected(self._file, (without_login(str(error)),))
        if result.settings is None:
            return SettingsRejected(self._file, tuple(without_login(str(error)) for error in result.errors))
        try:
            configuration.keep(self._data, result.settings)
        except OSError as error:
            return SettingsRejected(self._file, (f"cannot be kept: {error.strerror}",))
        return SettingsLoaded(of_file(result.settings), self._file)
