"""How a story waits for a server: until a condition, a registration, a message on the wire. Never by sleeping.

The half of `SipServer` that looks and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from centre.bus import Bus, LoggedMessage
from centre.location import Location


class Watching:
    """A base of SipServer."""

    bus: Bus
    location: Location

    async def wait_registered(self, dn: str, within: float = 5.0, count: int = 1) -> None:
        """Until a DN has so many bindings."""
        await self.bus.wait_until(lambda: len(self.location.of(dn)) >= count, within, f"{dn} registered")

    @property
    def messages(self) -> list[LoggedMessage]:
        """The last messages on the wire, oldest first."""
        return list(self.bus.messages)

    async def wait_until(self, condition: Callable[[], bool], within: float = 5.0, what: str = "condition") -> None:
        """Until a condition on this server holds; it is looked at after each message, packet and event."""
        await self.bus.wait_until(condition, within, what)
