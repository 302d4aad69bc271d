"""The way to a server that is named, not numbered: the addresses behind the name, and which of them is in use.

Law: data only; `core.lines.way` changes it.
"""

from __future__ import annotations

from dataclasses import dataclass

from deskphone.core.moment import NEVER


@dataclass(frozen=True, slots=True)
class Way:
    """targets: `host:port` of each address, best first, as the name server told last; () before. at: the one in use, in
    `known`.

    tried: how many of them failed in a row. asking: a REGISTER waits for the name server. ask_at: deadline of asking it
    anew (the answer's life is over). good: the address that took our REGISTER last, "" before.
    """

    targets: tuple[str, ...] = ()
    at: int = 0
    tried: int = 0
    asking: bool = False
    ask_at: float = NEVER
    good: str = ""

    @property
    def known(self) -> tuple[str, ...]:
        """The addresses that may be tried: the name server's; last the one that worked, where they do not name it any
        more, for a name server may lie."""
        return (*self.targets, self.good) if self.good and self.good not in self.targets else self.targets

    @property
    def hop(self) -> str:
        """Where requests go now, "" while nothing is known."""
        return self.known[self.at] if self.at < len(self.known) else ""

    @property
    def others(self) -> bool:
        """Whether there is an address left that has not just failed."""
        return self.tried + 1 < len(self.known)
