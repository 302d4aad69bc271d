"""What the phone keeps of its servers as a whole: which one is in use, and what it told the person of that.

Law: data only. `sites` and `fallback` change it.
"""

from __future__ import annotations

from dataclasses import dataclass

from deskphone.core.lines.way_state import Way
from deskphone.core.moment import NEVER


@dataclass(frozen=True, slots=True)
class Sites:
    """told: the server by which new calls go, as the person was told, -1 before. shown: its address on the idle screen,
    until shown_until.

    Of PRIMARY_FALLBACK: active: the proxy in use, 0 primary, 1 redundant; switched_at: monotonic time of the last
    change. switch_at, ask_at, silent_at, home_at: deadlines of changing to the other one, of asking the primary, of its
    answer, of going home. home: the addresses behind the primary's name while the redundant one is used.

    acd: the addresses of an ACD server of its own, of the name acd_name; acd_left_at: monotonic time of the last change
    from one to the next.
    """

    told: int = -1
    shown: str = ""
    shown_until: float = NEVER
    active: int = 0
    switched_at: float = 0.0
    switch_at: float = NEVER
    ask_at: float = NEVER
    silent_at: float = NEVER
    home_at: float = NEVER
    home: Way = Way()
    acd: Way = Way()
    acd_name: str = ""
    acd_left_at: float = 0.0
