"""Settings of what a person touches and reads: keys, softkeys, menus, display, language, directory.

Law: only declarations. Sources: docs/screens.md, docs/keys.md.
"""

from __future__ import annotations

from dataclasses import dataclass

from deskphone.config.option import choice, flag, indexed, integer, text
from deskphone.config.schema.key_words import FunctionalKey, KeyFunction
from deskphone.config.schema.words import SPOKEN, Language

_ME = "personal_settings"
_KEY = "personal_settings/key"
_MENU = "personal_settings/menu"
_FUNCTION_WORDS = {
    "DND": KeyFunction.DND_ALL,
    "FORWARD": KeyFunction.FORWARD_ALL,
    "CONFERENCE": KeyFunction.CONF,
    "BXFER": KeyFunction.BLIND_TRANSFER,
}
_K = KeyFunction
_IDLE_FUNCTIONS = (
    _K.NONE, _K.DIRECTORY, _K.MISSED_CALLS, _K.RECEIVED_CALLS, _K.DIALED_CALLS, _K.CALL_LOG, _K.FORWARD_ALL,
    _K.DND_ALL, _K.REDIAL, _K.VOICE_MAIL, _K.MENU, _K.NEW_CALL,
)  # fmt: skip
_CALL_FUNCTIONS = (_K.NONE, _K.HOLD, _K.TRANSFER, _K.BLIND_TRANSFER, _K.CONF, _K.NEW_CALL, _K.END)


@dataclass(frozen=True, slots=True)
class Keys:
    """Fixed keys that can be switched off, and key timing."""

    contacts: bool = flag(f"{_KEY}/contacts/enabled", True, "CONTACTS key", behaviour=True)
    headset: bool = flag(f"{_KEY}/headset_device/enabled", True, "HEADSET key", behaviour=True)
    speaker: bool = flag(f"{_KEY}/speaker_device/enabled", True, "SPEAKER key", behaviour=True)
    hold: bool = flag(f"{_KEY}/hold/enabled", True, "HOLD key", behaviour=True)
    menu: bool = flag(f"{_KEY}/menu/enabled", True, "MENU key", behaviour=True)
    mute: bool = flag(f"{_KEY}/mute/enabled", True, "MUTE key", behaviour=True)
    redial: bool = flag(f"{_KEY}/redial/enabled", True, "REDIAL key", behaviour=True)
    voice_mail: bool = flag(f"{_KEY}/voice_mail/enabled", True, "VOICE MAIL key", behaviour=True)
    volume: bool = flag(f"{_KEY}/volume/enabled", True, "VOLUME keys", behaviour=True)
    keypad_calls: bool = flag(
        f"{_ME}/keypad_keys/call_functionality/enabled", True, "Digits start a call", behaviour=True
    )
    hold_disabled: bool = flag("system/disable_hold_button", False, "The HOLD key does nothing", behaviour=True)
    long_press: int = integer(
        "system/long_key_press_timeout", 800, 200, 5000, "A press this long is a long one", "ms", behaviour=True
    )
    reject_softkey: bool = flag(
        f"{_ME}/soft_keys/incoming_call/sk_reject/enable", True, "Show Reject on an incoming call", behaviour=True
    )
    programmable: bool = flag("system/enable_key_configuration", True, "The person may program keys")


@dataclass(frozen=True, slots=True)
class Navigation:
    """Function of a navigation key on the idle screen (up, down, left, right, OK)."""

    function: KeyFunction = choice(
        f"{_ME}/navigation_control/N/key_operation",
        KeyFunction.NONE,
        "What the key does",
        _FUNCTION_WORDS,
        behaviour=True,
        only=_IDLE_FUNCTIONS,
    )


@dataclass(frozen=True, slots=True)
class IdleSoftkey:
    """A softkey of the idle screen, in order."""

    function: KeyFunction = choice(
        f"{_ME}/soft_key/N/key_function",
        KeyFunction.NONE,
        "What the softkey does on a phone without agent log-in; the first three have a key, the fourth is the menu",
        _FUNCTION_WORDS,
        behaviour=True,
        only=_IDLE_FUNCTIONS,
    )
    label: str = text(f"{_ME}/soft_key/N/label", "", "Own label", 16)
    number: str = text(f"{_ME}/soft_key/N/speed_dial_number", "", "Number of a SPEED_DIAL softkey")
    programmable: int = integer(f"{_ME}/soft_key/N/psk_index", 0, 0, 11, "Which programmable softkey (PSK)")


@dataclass(frozen=True, slots=True)
class CallSoftkey:
    """A softkey during a call, in order."""

    function: KeyFunction = choice(
        f"{_ME}/soft_keys/ongoing_call/N/key_function",
        KeyFunction.NONE,
        "What the softkey does; three a row, the fourth is the arrow, and End always is behind it",
        _FUNCTION_WORDS,
        behaviour=True,
        only=_CALL_FUNCTIONS,
    )
    programmable: int = integer(
        f"{_ME}/soft_keys/ongoing_call/N/psk_index", 0, 0, 11, "Which programmable softkey (PSK)"
    )


@dataclass(frozen=True, slots=True)
class ProgrammableSoftkey:
    """Digits behind a softkey."""

    label: str = text(f"{_ME}/soft_keys/psk/N/label", "", "Label", 16)
    prefix: str = text(f"{_ME}/soft_keys/psk/N/prefix", "", "Digits it sends")
    ask_number: bool = flag(f"{_ME}/soft_keys/psk/N/is_dial_required", False, "Ask for more digits first")


@dataclass(frozen=True, slots=True)
class SpeedDial:
    """A functional key. The 420HD has none beside its screen: here they are the digits 1 to 9, held down."""

    type: FunctionalKey = choice(
        f"{_ME}/functional_key/N/type",
        FunctionalKey.EMPTY,
        "What digit N+1 does when it is held down on the idle screen: SPEED_DIAL (or none, with a number), EVENT",
        {"-1": FunctionalKey.EMPTY},
        behaviour=True,
        only=(FunctionalKey.EMPTY, FunctionalKey.SPEED_DIAL, FunctionalKey.SPEED_DIAL_BLF, FunctionalKey.EVENT),
    )
    label: str = text(
        f"{_ME}/functional_key/N/key_label", "", "Label: with a number it stands in the directory", behaviour=True
    )
    number: str = text(f"{_ME}/functional_key/N/speed_dial_number", "", "Number", behaviour=True)
    event: KeyFunction = choice(
        f"{_ME}/functional_key/N/key_event",
        KeyFunction.NONE,
        "What an EVENT key opens",
        {**_FUNCTION_WORDS, "CALENDAR": KeyFunction.NONE, "HOT_DESKING": KeyFunction.NONE},
        KeyFunction.NONE,
        behaviour=True,
        only=_IDLE_FUNCTIONS,
    )


@dataclass(frozen=True, slots=True)
class Softkeys:
    """The four keys under the screen; more than four fold behind an arrow."""

    idle: tuple[IdleSoftkey, ...] = indexed(
        IdleSoftkey,
        20,
        IdleSoftkey(KeyFunction.DIRECTORY),
        IdleSoftkey(KeyFunction.MISSED_CALLS),
        IdleSoftkey(KeyFunction.DND_ALL),
        IdleSoftkey(KeyFunction.FORWARD_ALL),
    )
    call: tuple[CallSoftkey, ...] = indexed(
        CallSoftkey,
        20,
        CallSoftkey(KeyFunction.HOLD),
        CallSoftkey(KeyFunction.TRANSFER),
        CallSoftkey(KeyFunction.CONF),
        CallSoftkey(KeyFunction.END),
        CallSoftkey(KeyFunction.BLIND_TRANSFER),
        CallSoftkey(KeyFunction.NEW_CALL),
    )
    programmable: tuple[ProgrammableSoftkey, ...] = indexed(ProgrammableSoftkey, 12)
    new_call: bool = flag(
        f"{_ME}/soft_keys/ongoing_call_screen/new_call_sk/enable", True, "Show New during a call", behaviour=True
    )
    call_log: bool = flag(f"{_ME}/new_call_screen/call_log_soft_key/enabled", True, "Show Calls while dialling")
    directory: bool = flag(f"{_ME}/new_call_screen/directory_soft_key/enabled", True, "Show Directory while dialling")


@dataclass(frozen=True, slots=True)
class Menu:
    """Entries of the main menu that can be hidden."""

    call_log: bool = flag(f"{_MENU}/call_log/enabled", True, "Call log", behaviour=True)
    directory: bool = flag(f"{_MENU}/directory/enabled", True, "Directory", behaviour=True)
    settings_page: bool = flag(f"{_MENU}/settings/enabled", True, "Settings", behaviour=True)
    status: bool = flag(f"{_MENU}/status/enabled", True, "Status", behaviour=True)
    administration: bool = flag(f"{_MENU}/administration/enabled", True, "Administration", behaviour=True)
    answer_device: bool = flag(f"{_MENU}/answer_device/enabled", True, "Settings > Answer device")
    backlight: bool = flag(f"{_MENU}/backlight_timeout/enabled", True, "Settings > Backlight")
    auto_answer: bool = flag(f"{_MENU}/callautoanswering/enabled", True, "Settings > Auto answer", behaviour=True)
    call_waiting: bool = flag(f"{_MENU}/callwaiting/enabled", True, "Settings > Call waiting", behaviour=True)
    date_and_time: bool = flag(f"{_MENU}/date_and_time/enabled", True, "Settings > Date and time")
    language: bool = flag(f"{_MENU}/language/enabled", True, "Settings > Language", behaviour=True)
    contrast: bool = flag(f"{_MENU}/lcd_contrast/enabled", True, "Settings > Brightness")
    ring_tone: bool = flag(f"{_MENU}/ring_tone/enabled", True, "Settings > Ring tone", behaviour=True)
    restart: bool = flag(f"{_MENU}/restart/enabled", True, "Settings > Restart", behaviour=True)
    keys: bool = flag(f"{_MENU}/keys_configuration/enabled", True, "Settings > Keys")


@dataclass(frozen=True, slots=True)
class Display:
    """The screen."""

    language: Language = choice(
        f"{_ME}/language",
        Language.ENGLISH,
        "Language of the screen",
        behaviour=True,
        only=SPOKEN,
    )
    backlight_timeout: int = integer(
        "system/lcd/backlight/timeout",
        60,
        0,
        3600,
        "The screen dims this long after the last event; 0 = never",
        "s",
        behaviour=True,
    )
    contrast: int = integer(f"{_ME}/lcd_contrast", 27, 0, 63, "Brightness of the screen")
    message: str = text("system/display/message_on_screen", "", "Fixed text on the idle screen", 63, behaviour=True)
    digits_of_id: int = integer("voip/extension_display/number_of_id", 5, 0, 32, "Digits of the id shown; 0 = all")
    dialled_as_number: bool = flag(
        f"{_ME}/dialed_calls_list/display_caller_id_as_number/enable",
        False,
        "Show dialled calls by number",
        behaviour=True,
    )


@dataclass(frozen=True, slots=True)
class Directory:
    """The personal directory."""

    max_entries: int = integer(
        f"{_ME}/max_directory_size", 700, 0, 700, "Entries the personal directory holds", behaviour=True
    )
    speed_dial: tuple[SpeedDial, ...] = indexed(SpeedDial, 9)
    speed_dial_programming: bool = flag(f"{_ME}/speed_dial_programming/enabled", True, "The person may set speed dials")
