"""The display's brightness: full for a hand, a call, a message or another agent state, dim after a while.

Law: owns `Phone.dim` and its deadline. Whatever lights the display lights it for the whole time, so that nothing leaves
it bright for ever; while a call rings it stays so.
"""

from __future__ import annotations

from deskphone.core.deadlines import Deadline
from deskphone.core.moment import NEVER
from deskphone.core.turn import Turn


def on(turn: Turn) -> None:
    """Full brightness from now on for `system/lcd/backlight/timeout` seconds; 0: for ever."""
    turn.set(dim=False, dim_at=turn.after(turn.phone.settings.display.backlight_timeout))


def _over(turn: Turn, _: None) -> None:
    if turn.phone.incoming:
        on(turn)
    else:
        turn.set(dim=True, dim_at=NEVER)


DEADLINES = (Deadline("dim", lambda phone: ((phone.dim_at, None),), _over),)
