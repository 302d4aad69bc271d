"""The reminder of who is still on hold: after a while, and then from time to time.

Law: pure questions about the state. Each second of a call is an event (`core.calls.call`), so that nothing is timed
here.
"""

from __future__ import annotations

from deskphone.core.state import Phone

EVERY = 15  # seconds between two reminders on the ringing device; in the ear the tone has the same cadence


def longest(phone: Phone) -> int:
    """Whole seconds for which the call that has been held longest was held, -1 where none is."""
    held = [each.held_at for each in phone.open_calls if each.live and each.local_hold]
    return int(phone.now.mono - min(held) + 1e-6) if held else -1


def reminds(phone: Phone) -> bool:
    """Whether somebody has been held for so long that the agent is told (`deskphone/hold_reminder/after`)."""
    after = phone.settings.calls.hold_reminder
    return 0 < after <= longest(phone)


def reminds_now(phone: Phone) -> bool:
    """Whether it is the second in which the ringing device says so."""
    return reminds(phone) and (longest(phone) - phone.settings.calls.hold_reminder) % EVERY == 0
