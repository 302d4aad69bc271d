"""The heartbeat: systemd hears of the phone for as long as every port moves.

Law: asks, and says who does not answer; what is to be done then (restart) is systemd's. Without systemd only the
journal hears of it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from deskphone.drivers.ports import Part, Port, Post
from deskphone.drivers.system import Systemd

log = logging.getLogger("deskphone")
PAUSE = 5.0  # seconds between two looks where no watchdog waits


class Heartbeat(Part):
    """READY=1 at the first turn, WATCHDOG=1 as often as the unit asks for while all `ports` are alive (sd_notify(3)).

    status: one line of what the phone is, for `systemctl status`.
    """

    name = "heartbeat"

    def __init__(self, systemd: Systemd, ports: Sequence[Port], status: Callable[[], str]) -> None:
        self._systemd, self._ports, self._status = systemd, ports, status
        self._dead: frozenset[str] = frozenset()

    @property
    def dead(self) -> frozenset[str]:
        """The names of the ports that do not move, at this moment."""
        return frozenset(port.name for port in self._ports if not port.alive())

    async def run(self, post: Post) -> None:
        """`beat` as often as the unit's watchdog asks, else every PAUSE seconds, until cancelled; then STOPPING=1."""
        self._systemd.ready("starting")
        pause = self._systemd.watchdog_s or PAUSE  # already half of what the unit allows
        try:
            while True:
                self.beat()
                await asyncio.sleep(pause)
        finally:
            self._systemd.stopping()

    def beat(self) -> None:
        """Ask every port whether it is alive; WATCHDOG=1 where all are, a line in the journal for each that is not."""
        dead = self.dead
        for name in sorted(dead - self._dead):
            log.error("%s does not move any more: the watchdog is not fed", name)
        for name in sorted(self._dead - dead):
            log.warning("%s moves again", name)
        self._dead = dead
        if not dead:
            self._systemd.alive()
        self._systemd.status(self._status())
