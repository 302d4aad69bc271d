"""The marks of the status bar: what a person should know at a glance, whatever the screen says besides.

Law: pure question. How a mark looks is `view.icons`'; Status > Marks explains every one.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from deskphone.core.phone import sound
from deskphone.core.state import Phone
from deskphone.core.voice_path import VoicePath


class Mark(StrEnum):
    """One mark, in the order in which they stand; the value is the end of its words' keys."""

    MUTED = "muted"
    CALLS = "calls"
    HOLD_PENDING = "hold_pending"
    SECURED = "secured"
    HEADSET = "headset"
    DND = "dnd"
    RINGER_OFF = "ringer_off"
    FORWARD_ALWAYS = "forward_always"
    FORWARD_BUSY = "forward_busy"
    FORWARD_NO_REPLY = "forward_no_reply"
    VOICE_MAIL = "voice_mail"
    MISSED = "missed"
    BOTH_SERVERS = "both_servers"
    ONE_OF_TWO = "one_of_two"
    ONE_SERVER = "one_server"
    NO_SERVER = "no_server"


CALM = (Mark.VOICE_MAIL, Mark.MISSED, Mark.HEADSET, Mark.BOTH_SERVERS, Mark.ONE_SERVER)
"""What a lamp tells too, or what is as it should be: goes before the clock does; the last one first."""


def _secured(phone: Phone) -> bool:
    call = phone.focused
    return call is not None and call.live and call.secure


RULES: dict[Mark, Callable[[Phone], bool]] = {
    Mark.MUTED: lambda phone: phone.sound.muted,
    Mark.CALLS: lambda phone: len(phone.open_calls) > 1,
    Mark.HOLD_PENDING: lambda phone: any(call.live and call.pending for call in phone.calls),
    Mark.SECURED: _secured,
    Mark.HEADSET: lambda phone: phone.sound.path is VoicePath.HEADSET,
    Mark.DND: lambda phone: phone.dnd,
    Mark.RINGER_OFF: sound.rings_silently,
    Mark.FORWARD_ALWAYS: lambda phone: bool(phone.forward_of("always").kind),
    Mark.FORWARD_BUSY: lambda phone: bool(phone.forward_of("busy").kind),
    Mark.FORWARD_NO_REPLY: lambda phone: bool(phone.forward_of("no_reply").kind),
    Mark.VOICE_MAIL: lambda phone: phone.mailbox.waiting,
    Mark.MISSED: lambda phone: phone.missed > 0,
    Mark.BOTH_SERVERS: lambda phone: 1 < len(phone.lines) == len(phone.registered),
    Mark.ONE_OF_TWO: lambda phone: 0 < len(phone.registered) < len(phone.lines),
    Mark.ONE_SERVER: lambda phone: 1 == len(phone.lines) == len(phone.registered),
    Mark.NO_SERVER: lambda phone: bool(phone.lines) and not phone.registered,
}


def marks(phone: Phone) -> tuple[Mark, ...]:
    """Those that are true now, as they stand from left to right."""
    return tuple(mark for mark, fits in RULES.items() if fits(phone))


def count(phone: Phone, mark: Mark) -> str:
    """The number beside a mark, "" for none."""
    if mark is Mark.CALLS:
        return str(len(phone.open_calls))
    if mark is Mark.VOICE_MAIL:
        return str(phone.mailbox.new or "")
    return str(phone.missed) if mark is Mark.MISSED else ""
