"""What each key does: the four softkeys by `commands.SOFTKEYS`, the others by the table `KEYS`.

Law: from key to noun; no behaviour of its own beyond long presses.
"""

from __future__ import annotations

from collections.abc import Callable

from deskphone.core.calls import call, conference, transfer
from deskphone.core.calls import held as waiting
from deskphone.core.deadlines import Deadline
from deskphone.core.events import KeyDown, KeyUp, TextTyped
from deskphone.core.moment import NEVER
from deskphone.core.phone import boot, devices, sound
from deskphone.core.screen import commands, dial, form, forms, lookup, menu, slips, speed_dial
from deskphone.core.screen.command import Command, chosen
from deskphone.core.screen.situation import Situation, situation
from deskphone.core.screen.slips import DIGITS
from deskphone.core.screen.state import Notice
from deskphone.core.state import Phone
from deskphone.core.turn import IllegalEvent, Turn
from deskphone.core.voice_path import VoicePath

NAVIGATION = ("up", "down", "left", "right", "ok")
TALKING = (Situation.TALKING, Situation.CALLING, Situation.CONSULTING, Situation.CONFERENCE)
COVERS = (Situation.CONFIRM, Situation.DIALLING)
"""What stands over the calls, so that nobody sees which of them the arrows would choose."""
ANSWERED = ("hold", "transfer", "mute", "redial", "contacts", "menu", "voicemail")
"""Keys with a name on them that say so where they do nothing."""
DEVICES = ("headset", "speaker")
SAID = 2.0  # seconds for which they say it
REPEAT = 0.25  # seconds between steps of a volume or arrow key held down


def down(turn: Turn, event: KeyDown) -> None:
    """A key went down: it wakes the screen and does what KEYS says. IllegalEvent for one that is down or unknown."""
    if event.key in turn.phone.keys_down:
        raise IllegalEvent(f"key {event.key} is down already")
    if event.key not in KEYS:
        raise IllegalEvent(f"no key {event.key}")
    turn.set(keys_down=(*turn.phone.keys_down, event.key))
    boot.wake(turn)
    # A digit is no speed dial while one types: which digit it is may be a secret, and the state would tell.
    speeds = event.key not in speed_dial.DIGITS or situation(turn.phone) is Situation.IDLE
    if event.key in HELD and speeds and event.key not in off(turn.phone):
        _hold_until(turn, event.key, turn.after(turn.phone.settings.keys.long_press / 1000))
    if not event.key.startswith("volume"):
        _uncover(turn)
    slips.pressed(turn, event.key)
    before, orders = turn.phone, len(turn.effects)
    if event.key not in off(turn.phone):
        KEYS[event.key](turn)
        if event.key in ANSWERED and turn.phone == before and len(turn.effects) == orders:
            call.show_notice(turn, Notice("not_now"), SAID)
    elif event.key in (*ANSWERED, *DEVICES):
        call.show_notice(turn, Notice("key_off"), SAID)
    slips.seen(turn)


def _uncover(turn: Turn) -> None:
    """What the person does is to be seen: a message or the volume bar over it goes."""
    if turn.phone.notice is not None:
        turn.set(notice=None)
    if turn.phone.sound.volume_shown:
        turn.set(sound=sound.seen(turn.phone))


def off(phone: Phone) -> tuple[str, ...]:
    """Keys that a setting has switched off."""
    keys, audio = phone.settings.keys, phone.settings.audio
    switches = (
        (keys.contacts, ("contacts",)), (keys.headset, ("headset",)), (keys.menu, ("menu",)), (keys.mute, ("mute",)),
        (keys.redial, ("redial",)), (keys.voice_mail, ("voicemail",)), (keys.volume, ("volume_up", "volume_down")),
        (keys.hold and not keys.hold_disabled, ("hold",)),
        (keys.speaker and audio.speaker_allowed and not audio.headset_only, ("speaker",)),
    )  # fmt: skip
    return tuple(name for on, names in switches if not on for name in names)


def up(turn: Turn, event: KeyUp) -> None:
    """A key came up: it is held no longer. IllegalEvent for one that is not down."""
    if event.key not in turn.phone.keys_down:
        raise IllegalEvent(f"key {event.key} is not down")
    turn.set(keys_down=tuple(key for key in turn.phone.keys_down if key != event.key))
    _hold_until(turn, event.key, NEVER)


def _hold_until(turn: Turn, key: str, deadline: float) -> None:
    """The key's other meaning comes then; NEVER: it has been, or will not be."""
    others = tuple(each for each in turn.phone.held_until if each[0] != key)
    turn.set(held_until=others if deadline == NEVER else (*others, (key, deadline)))


def held(turn: Turn, key: str) -> None:
    """A key stayed down for a long press: it does what HELD says."""
    _hold_until(turn, key, NEVER)
    HELD[key](turn)


def typed(turn: Turn, event: TextTyped) -> None:
    """Characters from a keyboard: into the form, or the dial screen."""
    where = situation(turn.phone)
    text = event.text
    if turn.phone.settings.ui.block_non_numeric_key:
        text = "".join(char for char in text if char in DIGITS or char == "+")
    if not text:
        return
    _uncover(turn)
    if where is Situation.FORM:
        form.typed(turn, text)
    elif where is Situation.PAGE and lookup.by_name(turn.phone.pages[-1]):
        lookup.typed(turn, text)
    elif where in (Situation.DIALLING, Situation.IDLE):
        dial.typed(turn, text)


def _digit(key: str) -> Callable[[Turn], None]:
    def press(turn: Turn) -> None:
        if slips.homeless(turn):
            return
        where = situation(turn.phone)
        focused = turn.phone.focused
        if where is Situation.FORM:
            form.key(turn, key)
            slips.typed(turn, forms.call_of(turn.phone.pages[-1]))
        elif where is Situation.PAGE:
            menu.digit(turn, key)
        elif where is Situation.DIALLING or (where is Situation.IDLE and turn.phone.settings.keys.keypad_calls):
            dial.key(turn, key)
        elif where is Situation.INCOMING and turn.phone.talking is not None:  # who waits takes nothing from who talks
            _dtmf(turn, turn.phone.talking.id, key)
        elif where in TALKING and focused is not None:
            _dtmf(turn, focused.id, key)

    return press


def _dtmf(turn: Turn, call_id: str, key: str) -> None:
    call.digits(turn, call_id, key)
    slips.typed(turn, call_id)


def _soft(place: int) -> Callable[[Turn], None]:
    return slips.once(f"soft{place + 1}", lambda phone: commands.softkeys(phone)[place])


def _device(path: VoicePath) -> Callable[[Turn], None]:
    """The key of a device: in a call, two presses that take it up are not one that ends the call, nor does one meant
    for a call that has just gone end another. Who answers with it may well change their mind at once."""

    def press(turn: Turn) -> None:
        phone = turn.phone
        rings, here = phone.focused in phone.incoming, phone.sound.path is path
        if not rings and (slips.spent(phone, path) or slips.uncovered(phone)):
            return
        if not rings and here and slips.went(phone, Situation.INCOMING):
            slips.spend(turn, path)
            return
        heard = any(not each.holding for each in phone.open_calls if each not in phone.incoming)
        devices.device_key(turn, path)
        slips.spend(turn, path, heard and not rings and not here)

    return press


def _vertical(by: int) -> Callable[[Turn], None]:
    def press(turn: Turn) -> None:
        where = situation(turn.phone)
        if where in (Situation.PAGE, Situation.FORM):
            menu.move(turn, by)
        elif turn.phone.open_calls and where not in COVERS:
            commands.shift_focus(turn, by)
        else:
            _navigate(turn, "up" if by < 0 else "down")

    return press


def _navigate(turn: Turn, key: str) -> None:
    """On the idle screen an arrow or OK does what a setting chose for it."""
    meant = chosen(turn.phone, turn.phone.settings.navigation[NAVIGATION.index(key)].function)
    if situation(turn.phone) is Situation.IDLE and meant is not None:
        commands.run(turn, meant)


def _horizontal(what: str) -> Callable[[Turn], None]:
    def press(turn: Turn) -> None:
        where = situation(turn.phone)
        if where in (Situation.DIALLING, Situation.FORM):
            form.edit(turn, what)
        elif where is Situation.PAGE and what == "left":
            menu.back(turn)
        elif where is Situation.PAGE:
            menu.select(turn)
        else:
            _navigate(turn, what)

    return press


OK: dict[Situation, Command] = {
    Situation.INCOMING: Command.ANSWER,
    Situation.DIALLING: Command.DIAL,
    Situation.FORM: Command.SUBMIT,
    Situation.PAGE: Command.SELECT,
    Situation.HELD: Command.RESUME,
    Situation.CONFIRM: Command.YES,
}
CANCEL: dict[Situation, Command] = {
    Situation.INCOMING: Command.DECLINE,
    Situation.DIALLING: Command.CANCEL,
    Situation.FORM: Command.CANCEL,
    Situation.PAGE: Command.BACK,
    Situation.CONFIRM: Command.BACK,
    Situation.TRANSFERRING: Command.STOP_WAITING,
    Situation.CALLING: Command.CANCEL,
    Situation.ANSWERING: Command.END,
    Situation.TALKING: Command.END,
    Situation.CONSULTING: Command.CANCEL,
    Situation.CONFERENCE: Command.END,
}


def _by(key: str, table: dict[Situation, Command]) -> Callable[[Turn], None]:
    return slips.once(key, lambda phone: table.get(situation(phone), Command.NONE))


def _ok(turn: Turn) -> None:
    """In a form OK goes to the next field, behind the last one it hands the form in."""
    if situation(turn.phone) is Situation.IDLE:
        _navigate(turn, "ok")
    elif situation(turn.phone) is not Situation.FORM or not menu.next_field(turn):
        _by("ok", OK)(turn)


def _hold(turn: Turn) -> None:
    """Hold the call on the screen, or take it back; while another one rings there, who is talked to, or was last."""
    meant = turn.phone.focused
    if meant in turn.phone.incoming:
        meant = waiting.beside(turn.phone)
    over = situation(turn.phone) in (Situation.PAGE, Situation.CONFIRM)
    if meant is not None and meant.live and over:  # one sees what becomes of it
        menu.close(turn)
    waits = meant is not None and waiting.waits(turn.phone, meant)
    if meant is not None and meant.live and not (waits and slips.went(turn.phone)):
        (call.retrieve if waits else conference.hold)(turn, meant.id)


def _transfer(turn: Turn) -> None:
    """Transfer: to whom is asked, then it is called, then the two are joined; so on the dial screen it dials."""
    where, dialling = situation(turn.phone), turn.phone.dialling
    if slips.uncovered(turn.phone):
        return
    if where is Situation.DIALLING and dialling is not None and dialling.purpose in ("consultation", "transfer"):
        commands.run(turn, Command.DIAL)
    if where not in (Situation.TALKING, Situation.HELD, Situation.CONSULTING, Situation.CALLING):
        return
    if transfer.pair(turn.phone) is not None:
        commands.run(turn, Command.COMPLETE)
    elif where in (Situation.TALKING, Situation.HELD):
        commands.run(turn, Command.BLIND if turn.phone.settings.transfer.hard_key_blind else Command.TRANSFER)


def _menu(turn: Turn) -> None:
    """The menu, or out of it; not while a call rings, which would cover it."""
    where = situation(turn.phone)
    if slips.uncovered(turn.phone):
        return
    if where in (Situation.PAGE, Situation.FORM):
        menu.close(turn)
    elif where is not Situation.INCOMING:
        menu.open_page(turn, "main")


def _contacts(turn: Turn) -> None:
    ringing = situation(turn.phone) is Situation.INCOMING
    if not ringing and not turn.phone.settings.ui.block_non_numeric_key:
        menu.open_page(turn, "directory")


def _redial(turn: Turn) -> None:
    if situation(turn.phone) in (Situation.IDLE, Situation.DIALLING):
        commands.redial(turn)


def _plus(turn: Turn) -> None:
    """0 held down is +, in numbers (E.164), wherever they are typed."""
    where, dialling = situation(turn.phone), turn.phone.dialling
    dials = where is Situation.DIALLING and dialling is not None and not dialling.back
    if dials or (where is Situation.FORM and forms.on_number(turn.phone.pages[-1])):
        form.edit(turn, "plus")


def _again(key: str, only: Situation | None = None) -> Callable[[Turn], None]:
    def step(turn: Turn) -> None:
        if only is None or situation(turn.phone) is only:
            KEYS[key](turn)
            _hold_until(turn, key, turn.after(REPEAT))

    return step


KEYS: dict[str, Callable[[Turn], None]] = {
    **{key: _digit(key) for key in DIGITS},
    **{f"soft{place + 1}": _soft(place) for place in range(4)},
    "up": _vertical(-1),
    "down": _vertical(1),
    "left": _horizontal("left"),
    "right": _horizontal("right"),
    "ok": _ok,
    "cancel": _by("cancel", CANCEL),
    "menu": _menu,
    "hold": _hold,
    "mute": devices.mute_key,
    "transfer": _transfer,
    "redial": _redial,
    "voicemail": commands.voice_mail,
    "contacts": _contacts,
    "headset": _device(VoicePath.HEADSET),
    "speaker": _device(VoicePath.SPEAKER),
    "volume_up": lambda turn: sound.volume_key(turn, 1),
    "volume_down": lambda turn: sound.volume_key(turn, -1),
}
HELD: dict[str, Callable[[Turn], None]] = {
    "0": _plus,
    **{key: speed_dial.held(key) for key in speed_dial.DIGITS},
    "volume_up": _again("volume_up"),
    "volume_down": _again("volume_down"),
    "up": _again("up", Situation.PAGE),
    "down": _again("down", Situation.PAGE),
}
DEADLINES = (Deadline("key held down", lambda phone: ((when, key) for key, when in phone.held_until), held),)
