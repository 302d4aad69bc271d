"""Hook, speaker, headset and mute keys: what taking up a device or putting it down means for the calls.

Law: from a device to the calls; the choice of device itself is `core.phone.sound`'s.
"""

from __future__ import annotations

from dataclasses import replace

from deskphone.core.calls import call, conference, held, transfer
from deskphone.core.calls.state import Call, CallState
from deskphone.core.events import HookMoved
from deskphone.core.phone import boot
from deskphone.core.phone.sound import allowed, lifted, seen, take
from deskphone.core.screen import dial, slips
from deskphone.core.turn import Turn
from deskphone.core.voice_path import VoicePath


def hook_moved(turn: Turn, event: HookMoved) -> None:
    """The handset was lifted or put down; nothing where the phone knows it already."""
    if event.off == turn.phone.sound.hook_off:
        return
    boot.wake(turn)
    turn.set(sound=seen(turn.phone))
    if event.off:
        _lifted(turn)
    else:
        _put_down(turn)


def _lifted(turn: Turn) -> None:
    phone = turn.phone
    if not allowed(phone, VoicePath.HANDSET):
        turn.set(sound=replace(phone.sound, hook_off=True))
        return
    turn.set(sound=replace(phone.sound, hook_off=True, path=VoicePath.HANDSET))
    if phone.focused is not None and phone.focused in phone.incoming:  # who is on the screen, nobody else
        call.answer(turn, phone.focused.id)
    elif slips.uncovered(phone):  # lifted for a caller who has just given up
        return
    elif phone.dialling is not None and phone.dialling.entry.text:
        dial.send(turn)
    elif phone.dialling is None and not phone.open_calls:
        dial.begin(turn)


def _put_down(turn: Turn) -> None:
    phone = turn.phone
    voice_here, heard = phone.sound.path is VoicePath.HANDSET, held.conversation(phone)
    turn.set(sound=replace(phone.sound, hook_off=False, path=VoicePath.NONE if voice_here else phone.sound.path))
    if not voice_here:
        return
    if phone.dialling is not None and not phone.dialling.back:
        dial.cancel(turn)
    _end_voice(turn, heard)
    turn.set(notice=None)


def device_key(turn: Turn, path: VoicePath) -> None:
    """The speaker or the headset key: answer there, talk there, dial there; pressed again, end."""
    phone = turn.phone
    if phone.incoming and phone.focused in phone.incoming:
        take(turn, path)
        assert phone.focused is not None
        call.answer(turn, phone.focused.id)
    elif phone.sound.path is not path:
        take(turn, path)
        if not phone.open_calls and phone.dialling is None:
            dial.begin(turn)
        elif phone.dialling is not None and phone.dialling.entry.text and not phone.open_calls:
            dial.send(turn)
    elif lifted(phone):
        take(turn, VoicePath.HANDSET)
    else:
        heard = held.conversation(phone)
        take(turn, VoicePath.NONE)
        if phone.dialling is not None:
            dial.cancel(turn)
        _end_voice(turn, heard)


def mute_key(turn: Turn) -> None:
    """Cut the microphone, or open it, as soon as somebody is called. Without a call the key does nothing but silence a
    ring. Blocked it only opens: a call that started muted must not stay so."""
    phone = turn.phone
    voice = any(each not in phone.incoming for each in phone.open_calls)
    if voice and (phone.sound.muted or not phone.settings.audio.mute_key_blocked):
        turn.set(sound=replace(phone.sound, muted=not phone.sound.muted))
    for each in phone.incoming if not voice else ():
        call.silence(turn, each.id)


def _end_voice(turn: Turn, heard: tuple[Call, ...]) -> None:
    """The device was put down: end what was heard on it, and what we call; what rings or waits (held, asked to be, or
    its hold was refused) stays, unless `voip/onhook_disconnect_when_held` takes the held ones along. Who is being
    transferred waits for the report."""
    ids = {each.id for each in heard}
    conference.hung_up(turn)
    moving = transfer.moving(turn.phone)
    held_too = turn.phone.settings.calls.hang_up_held
    for each in turn.phone.open_calls:
        ends = each.state is not CallState.INCOMING and each.id not in moving
        if ends and (held_too or not (each.holding or (each.live and each.id not in ids))):
            call.hang_up(turn, each.id)
