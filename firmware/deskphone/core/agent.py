"""The agent: log in, log out, Ready, Not Ready. The server is the truth: keys set a wish, a NOTIFY the state.

Law: owns `Phone.agent`; the bodies on the wire are `wire`'s.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from deskphone.core.events import Event
from deskphone.core.item import Item
from deskphone.core.state import Entry, Phone
from deskphone.core.turn import Turn

LISTS: dict[str, Callable[[Phone, str], tuple[Item, ...]]] = {}
FORMS: dict[
    str,
    tuple[
        tuple[str, ...],
        Callable[[Phone, str], tuple[Entry, ...]],
        Callable[[Turn, str, tuple[str, ...]], bool],
    ],
] = {}
HANDLERS: dict[type[Event], Callable[[Turn, Any], None]] = {}
TIMERS: dict[str, Callable[[Turn, str], None]] = {}


def idle_softkeys(phone: Phone) -> Any:
    """The softkeys of the idle screen while the ACD feature is on; None while it is off."""
    return None


def open_login(turn: Turn) -> None:
    """Open the Log In screen."""


def log_out(turn: Turn) -> None:
    """Log out."""


def ready(turn: Turn) -> None:
    """Wish: Ready."""


def not_ready(turn: Turn) -> None:
    """Wish: Not Ready."""


def after_call_work(turn: Turn) -> None:
    """Wish: After-Call Work."""
