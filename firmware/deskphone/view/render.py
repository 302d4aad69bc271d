"""From the state to everything the phone shows and sounds: `render(phone) -> Outputs`.

Law: pure; tables, first match wins. A phone that is not ringing has no ring tone: nobody turns one off.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from deskphone.config import ring_tones
from deskphone.core.calls import beeps, held
from deskphone.core.calls.state import Call, CallState, Direction
from deskphone.core.phone.sound import rings_on
from deskphone.core.screen import commands, directory, marks
from deskphone.core.screen.situation import Situation, situation
from deskphone.core.state import Phone
from deskphone.core.voice_path import VoicePath
from deskphone.view import call_screens, screens
from deskphone.view.outputs import Audio, Lamp, Lamps, Outputs, Ringing, Screen, Shown
from deskphone.view.words import Words

Shows = Callable[[Phone], bool]
SCREENS: tuple[tuple[Shows, Callable[[Phone, Words], Screen]], ...] = (
    (lambda phone: not phone.powered, screens.starting),
    (lambda phone: situation(phone) is Situation.INCOMING, call_screens.incoming),  # nothing covers who calls
    (lambda phone: phone.notice is not None, screens.notice),
    (lambda phone: bool(phone.sound.volume_shown), screens.volume),
    (lambda phone: True, screens.by_situation),
)


def render(phone: Phone) -> Outputs:
    """What the phone shows and sounds now; `frame` is left None for `raster`."""
    return Outputs(_screen(phone), _lamps(phone), _ringing(phone), _audio(phone))


def _screen(phone: Phone) -> Screen:
    words = Words(str(phone.settings.display.language))
    screen = next(draw for fits, draw in SCREENS if fits(phone))(phone, words)
    if not phone.powered:
        return screen
    first, second, third, fourth = (words(command) if command else "" for command in commands.softkeys(phone))
    return replace(
        screen, softkeys=(first, second, third, fourth), clock=_clock(phone),
        marks=(*screen.marks, *_marks(phone, words)), bright=not phone.dim,
    )  # fmt: skip


def _clock(phone: Phone) -> str:
    if phone.clock.year < 2020:
        return "--:--"
    hour, minute = phone.clock.hour, phone.clock.minute
    if phone.settings.time.time_format == "12HOUR":
        return f"{hour % 12 or 12}:{minute:02}{'p' if hour >= 12 else 'a'}"
    return f"{hour:02}:{minute:02}"


def _marks(phone: Phone, words: Words) -> tuple[Shown, ...]:
    """The marks of the status bar from the left, each with its word and, where it counts something, the number."""
    return tuple(
        Shown(words(f"mark:{mark}") + marks.count(phone, mark), mark, marks.count(phone, mark), mark in marks.CALM)
        for mark in marks.marks(phone)
    )


# --- lamps -----------------------------------------------------------------------------------------


def _lamps(phone: Phone) -> Lamps:
    voice = _path(phone)
    return Lamps(
        ring=_first(
            (any(not call.silent for call in phone.incoming), Lamp.FAST),
            (bool(phone.incoming), Lamp.SLOW),
            (any(call.pending or held.waits(phone, call) for call in phone.calls if call.live), Lamp.SLOW),
            (bool(phone.open_calls), Lamp.ON),
        ),
        message=_first((phone.mailbox.waiting, Lamp.ON), (phone.missed > 0, Lamp.SLOW)),
        mute=_first((phone.sound.muted, Lamp.ON)),
        headset=_first((VoicePath.HEADSET in (voice, phone.sound.path), Lamp.ON)),
        speaker=_first((VoicePath.SPEAKER in (voice, phone.sound.path), Lamp.ON)),
    )


def _first(*rules: tuple[bool, Lamp]) -> Lamp:
    return next((lamp for fits, lamp in rules if fits), Lamp.OFF)


# --- sound -----------------------------------------------------------------------------------------


def _ringing(phone: Phone) -> Ringing | None:
    """The ring tone on the ringing device: a preview, else that of a call which rings aloud while no voice is heard,
    else the hold reminder while no voice path is in use. None: silence."""
    volume = phone.volume("ring")
    if phone.sound.preview:
        return Ringing(phone.ring_tone, volume)
    rings = _aloud(phone)
    if rings is None:
        reminds = _path(phone) is VoicePath.NONE and held.reminds_now(phone)
        return Ringing("beep", volume, once=True) if reminds else None
    if VoicePath.SPEAKER not in rings_on(phone):
        return None
    return Ringing("steady" if phone.settings.auto_answer.beep_to_ringer else _ring_tone(phone, rings), volume)


def _aloud(phone: Phone) -> Call | None:
    """The call that is heard ringing now; None where each is silenced, between two beeps, or voice is heard."""
    aloud = next((call for call in phone.incoming if not call.silent), None)
    if aloud is None or _path(phone) is not VoicePath.NONE:
        return None
    return aloud if beeps.beeping(aloud) or not phone.settings.auto_answer.beep_to_ringer else None


def _ring_tone(phone: Phone, call: Call) -> str:
    """The tone an Alert-Info name asks for (distinctive ringing), else the caller's own, else the person's choice."""
    named = next(
        (each.ring_tone for each in phone.settings.distinctive_ring if each.alert and each.alert.lower() == call.alert),
        "",
    )
    named = named or directory.ring_tone_of(phone, call.remote.number)
    return ring_tones.named(named) if named else phone.ring_tone


def _path(phone: Phone) -> VoicePath:
    """The voice path in use now; NONE while nothing but a ring tone is to be heard."""
    wanted = (
        phone.dialling is not None
        or (phone.notice is not None and bool(phone.notice.tone))
        or bool(phone.sound.beep)
        or any(call.state not in (CallState.INCOMING, CallState.ENDING) for call in phone.calls)
    )
    return phone.sound.path if wanted else VoicePath.NONE


def _audio(phone: Phone) -> Audio:
    path = _path(phone)
    if _aloud(phone) is not None and VoicePath.HEADSET in rings_on(phone):
        tone = "ring_beep" if phone.settings.auto_answer.beep_to_ringer else "ring"
        return Audio(VoicePath.HEADSET, phone.volume("headset"), False, tone, phone.settings.tones.country)
    taken = phone.sound.path
    volume = phone.volume(taken.value) if taken is not VoicePath.NONE else 0
    heard = tuple(call.id for call in held.conversation(phone))
    early = tuple(call.id for call in phone.calls if call.state is CallState.EARLY)
    return Audio(
        path, volume, phone.sound.muted, _tone(phone) if path is not VoicePath.NONE else "",
        phone.settings.tones.country, heard, early,
    )  # fmt: skip


def _outgoing(phone: Phone, *states: CallState) -> bool:
    call = phone.focused
    return call is not None and call.direction is Direction.OUT and call.state in states


def _notice_tone(phone: Phone) -> str:
    return phone.notice.tone if phone.notice is not None else ""


TONES: tuple[tuple[Shows, Callable[[Phone], str]], ...] = (
    (lambda phone: bool(phone.sound.beep), lambda phone: phone.sound.beep),
    (lambda phone: bool(_notice_tone(phone)), _notice_tone),
    (
        lambda phone: phone.settings.call_waiting.tone and any(not call.silent for call in phone.incoming),
        lambda phone: "call_waiting",
    ),
    (lambda phone: phone.dialling is not None and phone.dialling.warned, lambda phone: "howler"),
    (
        lambda phone: phone.dialling is not None and not phone.dialling.entry.text and not held.conversation(phone),
        lambda phone: "stutter" if phone.mailbox.waiting else "dial",
    ),
    (lambda phone: phone.dialling is not None, lambda phone: ""),
    (lambda phone: _outgoing(phone, CallState.RINGING), lambda phone: "ringback"),
    (held.reminds, lambda phone: "hold_reminder"),
)


def _tone(phone: Phone) -> str:
    """The name of the tone on the voice path (`view.tones`), "" for none."""
    return next((name(phone) for fits, name in TONES if fits(phone)), "")
