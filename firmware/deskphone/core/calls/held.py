"""Who hears whom, who waits, and the reminder of who still does: after a while, and then from time to time.

Law: pure questions about the state. Each second of a call is an event (`core.calls.call`), so that nothing is timed
here.
"""

from __future__ import annotations

from deskphone.core.calls import transfer
from deskphone.core.calls.state import Call
from deskphone.core.state import Phone
from deskphone.core.voice_path import VoicePath

EVERY = 15  # seconds between two reminders on the ringing device; in the ear the tone has the same cadence


def conversation(phone: Phone) -> tuple[Call, ...]:
    """The calls that are bridged to the voice path: one, or the members of a local conference. A far end whose hold was
    refused is not bridged, nor its conference's one that is held: nobody hears by accident what is not for him."""
    there = [each for each in phone.open_calls if each.live and not each.holding]
    if phone.sound.path is VoicePath.NONE:  # nobody is here; two that are being connected hear each other all the same
        moving = transfer.moving(phone)
        there = [each for each in there if each.id in moving]
    here = phone.focused
    if here is not None and here.conference and here.live and here.holding:  # it is held as a whole
        there = [each for each in there if not each.conference]
    chosen = here if here in there else (there[-1] if there else None)
    if chosen is None:
        return ()
    return tuple(each for each in there if each is chosen or (chosen.conference and each.conference))


def unheard(phone: Phone, call: Call) -> bool:
    """Whether a call is up and not held, and nobody here hears it: its hold was refused after the person had turned to
    another one, or had put the device down."""
    apart = call.live and not call.holding and call.id not in transfer.moving(phone)
    return apart and call not in conversation(phone)


def waits(phone: Phone, call: Call) -> bool:
    """Whether somebody at the far end waits for this person: held, or as good as that."""
    return call.live and (call.holding or unheard(phone, call))


def beside(phone: Phone) -> Call | None:
    """Whom the Hold key means while a call rings on the screen: who is talked to, or was last."""
    up = sorted((each for each in phone.calls if each.live), key=lambda each: each.held_at)
    return phone.talking or next(reversed(up), None)


def longest(phone: Phone) -> int:
    """Whole seconds for which the call that has been held longest was held, -1 where none is."""
    held = [each.held_at for each in phone.open_calls if each.live and each.local_hold]
    return int(phone.now.mono - min(held) + 1e-6) if held else -1


def reminds(phone: Phone) -> bool:
    """Whether somebody has been held for so long that the agent is told (`deskphone/hold_reminder/after`)."""
    after = phone.settings.calls.hold_reminder
    return 0 < after <= longest(phone)


def reminds_now(phone: Phone) -> bool:
    """Whether it is the second in which the ringing device says so; of who is not even held at once."""
    apart = [each.held_at for each in phone.open_calls if unheard(phone, each)]
    if apart:
        return int(phone.now.mono - min(apart) + 1e-6) % EVERY == 0
    return reminds(phone) and (longest(phone) - phone.settings.calls.hold_reminder) % EVERY == 0
