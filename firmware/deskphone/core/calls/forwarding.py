"""Call forwarding as values: the kinds, which of them are in force, and which one is the strongest.

Law: data and small questions. The phone's own forwarding is one value of the settings, as on the 420HD; a server keeps
each kind by itself (CSTA), so what it has beside that one is kept, too, while they are kept equal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from deskphone.config.schema.words import ForwardType, TimeoutMode
from deskphone.config.settings import Settings

KINDS = {ForwardType.UNCONDITIONAL: "always", ForwardType.BUSY: "busy", ForwardType.NO_REPLY: "no_reply"}
STRENGTH = ("always", "busy", "no_reply")
REASONS = {"always": "unconditional", "busy": "user-busy", "no_reply": "no-answer"}
"""What Diversion says of a kind (RFC 5806 section 5)."""
DEFLECTED = "deflection"
_USER = re.compile(r"(?:^|<)\s*(?:sips?|tel):([^@;?>]+)", re.IGNORECASE)
RING_SECONDS = 6  # one ring and its silence; what most of the world's exchanges do within a second


@dataclass(frozen=True, slots=True)
class Forward:
    """Call forwarding. kind: "" for none, "always", "busy" or "no_reply". after: seconds until "no_reply"."""

    kind: str = ""
    number: str = ""
    after: int = 20

    @property
    def shown(self) -> str:
        """The number for the screen: of an address, as a server writes forwardTo, its user part."""
        found = _USER.search(self.number)
        return found[1] if found else self.number


def own(settings: Settings) -> Forward:
    """What the settings say; an empty kind where there is none."""
    forward = settings.line[0].call_forward
    if not (forward.enabled and forward.active and forward.number):
        return Forward()
    rings = settings.forwarding.timeout_mode is TimeoutMode.RINGS
    return Forward(KINDS[forward.type], forward.number, forward.timeout * (RING_SECONDS if rings else 1))


def in_force(settings: Settings, beside: Iterable[Forward]) -> tuple[Forward, ...]:
    """All kinds in force, the strongest first. beside: those that a server has beside the settings' one."""
    kept = beside if settings.feature_key_sync.enabled and settings.line[0].call_forward.enabled else ()
    first = own(settings)
    if not kept and not first.kind:
        return ()
    found = {each.kind: each for each in (*kept, *((first,) if first.kind else ()))}
    return tuple(found[kind] for kind in STRENGTH if kind in found)
