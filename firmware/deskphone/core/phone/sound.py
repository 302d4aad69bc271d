"""Voice devices, mute and volumes as state: which device is taken up, how loud it is.

Law: no calls and no keys here; `core.phone.devices` says what hook and device keys mean. What sounds is `view`'s.
"""

from __future__ import annotations

from dataclasses import replace

from deskphone.core.deadlines import Deadline
from deskphone.core.moment import NEVER
from deskphone.core.phone import settings
from deskphone.core.state import Phone, Sound
from deskphone.core.turn import Turn
from deskphone.core.voice_path import VoicePath

VOLUME_SHOWN = 2.0  # seconds the volume bar stays
SILENT = "silent"  # the ring tone of who wants none
STEP, TOP = 1, 10  # of a volume, 0 to TOP
PREVIEW = 3.0  # seconds a ring tone is heard when it is chosen


def take(turn: Turn, path: VoicePath) -> None:
    """Voice goes to this device from now on."""
    turn.set(sound=replace(turn.phone.sound, path=path))


def allowed(phone: Phone, path: VoicePath) -> bool:
    """Whether that device may be used here; the headset always may."""
    audio = phone.settings.audio
    switches = {VoicePath.HANDSET: audio.handset_allowed, VoicePath.SPEAKER: audio.speaker_allowed}
    return path is VoicePath.HEADSET or (switches[path] and not audio.headset_only)


def answer_device(phone: Phone) -> VoicePath:
    """What is heard where neither the handset is lifted nor a device's key pressed."""
    device = VoicePath(phone.settings.audio.answer_device.lower())
    return device if allowed(phone, device) else VoicePath.HEADSET


def lifted(phone: Phone) -> bool:
    """Whether the handset is lifted and may be used."""
    return phone.sound.hook_off and allowed(phone, VoicePath.HANDSET)


def ensure_path(turn: Turn) -> None:
    """Voice is about to flow: the lifted handset, the device in use, or the configured answer device."""
    if turn.phone.sound.path is VoicePath.NONE:
        take(turn, VoicePath.HANDSET if lifted(turn.phone) else answer_device(turn.phone))


def follow(turn: Turn) -> None:
    """After each event: without any call the microphone opens; an unlifted device rests as soon as nobody dials on it
    and no tone (busy) is heard on it."""
    phone = turn.phone
    if phone.open_calls:
        return
    if phone.sound.muted:
        turn.set(sound=replace(phone.sound, muted=False))
    dials = phone.dialling is not None and not phone.dialling.back
    if dials or (phone.notice is not None and phone.notice.tone):
        return
    in_hand = phone.sound.hook_off and phone.sound.path is VoicePath.HANDSET
    if not in_hand and phone.sound.path is not VoicePath.NONE:
        take(turn, VoicePath.NONE)


def rings_on(phone: Phone) -> set[VoicePath]:
    """The devices a call rings on: the ringing device and, by `ring_on_answer_device`, the answer device."""
    audio = phone.settings.audio
    too = {answer_device(phone)} if audio.ring_on_answer_device else set()
    return {VoicePath(audio.ring_device.lower()), *too}


def rings_silently(phone: Phone) -> bool:
    """Whether no call is heard ringing, by its volume or its tone."""
    on = rings_on(phone)
    heard = (phone.volume("ring") > 0 and VoicePath.SPEAKER in on) or VoicePath.HEADSET in on
    return not heard or (phone.ring_tone == SILENT and VoicePath.HEADSET not in on)


def _heard(phone: Phone) -> str:
    """Which volume is that of what is heard now: of the device in use while somebody talks or dials there, whoever
    rings meanwhile; else of the ring, which the headset rings with its own."""
    voice = phone.dialling is not None or any(each not in phone.incoming for each in phone.open_calls)
    if phone.sound.path is not VoicePath.NONE and (voice or not phone.incoming):
        return phone.sound.path.value
    return "headset" if phone.incoming and VoicePath.SPEAKER not in rings_on(phone) else "ring"


def volume_key(turn: Turn, by: int) -> None:
    """Louder or softer: what is heard now, else the ring."""
    phone = turn.phone
    which = _heard(phone)
    if which != "ring" or not phone.settings.audio.ring_volume_locked:
        set_volume(turn, which, phone.volume(which) + by * STEP)
    turn.set(sound=replace(turn.phone.sound, volume_shown=which, volume_until=turn.after(VOLUME_SHOWN)))


def set_volume(turn: Turn, which: str, value: int) -> None:
    """Set one of ring, handset, speaker, headset to 0..10, for this person."""
    settings.choose(turn, {f"deskphone/volume/{which}": min(TOP, max(0, value))})


def choose_ring_tone(turn: Turn, name: str) -> None:
    """Choose the ring tone, keep it, and let it be heard for PREVIEW seconds."""
    settings.choose(turn, {"personal_settings/lines/0/ring_tone": name})
    turn.set(sound=replace(turn.phone.sound, preview=True, preview_until=turn.after(PREVIEW)))


def seen(phone: Phone) -> Sound:
    """The same without the volume bar, which goes after its time or for something newer to see."""
    return replace(phone.sound, volume_shown="", volume_until=NEVER)


def _volume_over(turn: Turn, _: None) -> None:
    turn.set(sound=seen(turn.phone))


def _preview_over(turn: Turn, _: None) -> None:
    turn.set(sound=replace(turn.phone.sound, preview=False, preview_until=NEVER))


DEADLINES = (
    Deadline("volume bar", lambda phone: ((phone.sound.volume_until, None),), _volume_over),
    Deadline("ring tone heard", lambda phone: ((phone.sound.preview_until, None),), _preview_over),
)
