"""Where the phones of each DN are: the bindings of RFC 3261 section 10, with their expiry. No messages here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from centre.transport import Peer


@dataclass(frozen=True, slots=True)
class Binding:
    """One contact of one DN. `expires_at` is loop time."""

    dn: str
    uri: str
    peer: Peer
    call_id: str
    sequence: int
    expires_at: float
    user_agent: str = ""

    def seconds_left(self) -> int:
        """Whole seconds until it ends, at least 0."""
        return max(0, round(self.expires_at - asyncio.get_running_loop().time()))


class Location:
    """The table of bindings. `changed(dn)` is called when the phones of a DN appear, move or go."""

    def __init__(self, limit: int, changed: Callable[[str], None]) -> None:
        self._limit, self._changed = limit, changed
        self._bindings: dict[str, dict[str, Binding]] = {}
        self._timers: dict[tuple[str, str], asyncio.TimerHandle] = {}

    def of(self, dn: str) -> list[Binding]:
        """The live bindings of a DN, newest last."""
        return list(self._bindings.get(dn, {}).values())

    def all(self) -> list[Binding]:
        """Every live binding."""
        return [binding for bindings in self._bindings.values() for binding in bindings.values()]

    def has_room(self, dn: str, uri: str) -> bool:
        """May this contact be added."""
        bindings = self._bindings.get(dn, {})
        return uri in bindings or len(bindings) < self._limit

    def add(self, binding: Binding) -> None:
        """Add or refresh."""
        self._forget_timer(binding.dn, binding.uri)
        bindings = self._bindings.setdefault(binding.dn, {})
        bindings.pop(binding.uri, None)
        bindings[binding.uri] = binding
        loop = asyncio.get_running_loop()
        self._timers[(binding.dn, binding.uri)] = loop.call_at(
            binding.expires_at, lambda: self.remove(binding.dn, binding.uri)
        )
        self._changed(binding.dn)

    def remove(self, dn: str, uri: str | None = None) -> None:
        """Remove one contact, or all of a DN."""
        for key in [uri] if uri is not None else list(self._bindings.get(dn, {})):
            self._forget_timer(dn, key)
            self._bindings.get(dn, {}).pop(key, None)
        self._changed(dn)

    def clear(self) -> None:
        """Forget everything without telling (the server stops or "lost its memory")."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        self._bindings.clear()

    def _forget_timer(self, dn: str, uri: str) -> None:
        if (timer := self._timers.pop((dn, uri), None)) is not None:
            timer.cancel()
