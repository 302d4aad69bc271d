"""The way to a server that is named, not numbered: the addresses behind the name, and which of them is in use.

Law: data only; `core.lines.way` changes it.
"""

from __future__ import annotations

from dataclasses import dataclass

from deskphone.core.moment import NEVER


@dataclass(frozen=True, slots=True)
class Way:
    """targets: `host:port` of each address, best first, as the name server told last; () before. at: the one in use.

    tried: how many of them failed in a row. asking: a REGISTER waits for the name server. ask_at: deadline of asking it
    anew (the answer's life is over).
    """

    targets: tuple[str, ...] = ()
    at: int = 0
    tried: int = 0
    asking: bool = False
    ask_at: float = NEVER

    @property
    def hop(self) -> str:
        """Where requests go now, "" while nothing is known."""
        return self.targets[self.at] if self.at < len(self.targets) else ""

    @property
    def others(self) -> bool:
        """Whether there is an address left that has not just failed."""
        return self.tried + 1 < len(self.targets)
