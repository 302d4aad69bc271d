"""How long a test waits for what real programs do: on a machine of CI three times as long as at a desk.

Law: only upper bounds of waits for a state. Nothing is measured with them, no wait for silence is made longer, and
virtual time (the core's bench) knows no slow machine.
"""

from __future__ import annotations

import os

SLOW = 3.0 if os.environ.get("CI") else 1.0


def patient(seconds: float) -> float:
    """The bound of a wait of so many seconds, in seconds."""
    return seconds * SLOW
