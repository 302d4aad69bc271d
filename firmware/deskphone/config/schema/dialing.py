"""Settings from digit to ring: dialling, digit map, call-progress tones, distinctive ringing.

Law: only declarations. Sources: RFC 3435 section 2.1.5 for the digit map.
"""

from __future__ import annotations

from dataclasses import dataclass

from deskphone.config.option import choice, flag, indexed, integer, text
from deskphone.config.schema.words import OnHookDialing, OutOfService

_DIAL = "voip/dialing"
_SIP = "voip/signalling/sip"
# As core/calls/dialplan.py reads it: brackets round an alternative or round all of them, no dot with nothing before it.
# What stands behind an alternative stands behind something: else blanks between bars could be either's, and be read in
# twice as many ways with each of them.
_ALTERNATIVE = r"[ ()]*(((\[[^\[\];|]{1,40}\]|[0-9*#A-Da-dxX+Tt])\.*)+[ )]*)?"


@dataclass(frozen=True, slots=True)
class Dialing:
    """From digit to INVITE. The tone times also end the tone."""

    digit_map: str = text(
        f"{_SIP}/digit_map",
        "",
        "Patterns that end dialling, ';' between them: x any digit, [1-5] a range, . repeats, T waits",
        1024,
        rf"{_ALTERNATIVE}([;|]{_ALTERNATIVE})*",
        "patterns of 0-9 * # x [..] . T separated by ;",
        listed=True,
        behaviour=True,
    )
    number_rules: str = text(
        f"{_SIP}/number_rules",
        "",
        "Rewriting of a dialled number, rules separated by ';': a pattern of the digit map, '=', and the number or "
        "user@host to call, in which each \\ stands for a digit, the last ones of the number in their order",
        32768,
        r"( *[0-9*#A-Da-dxX+.Tt\[\]()-]{1,128} *= *[^;=\s]{1,256} *(;|\Z))*",
        "pattern=target separated by ;",
        listed=True,
        behaviour=True,
    )
    inter_digit_timeout: int = integer(
        f"{_DIAL}/timeout",
        5,
        0,
        10,
        "A number is dialled this long after its last digit; -1 or 0 = never",
        "s",
        (-1,),
        behaviour=True,
    )
    short_timeout: int = integer(
        f"{_DIAL}/interdigit_short_timeout",
        3,
        0,
        30,
        "The same once a pattern of the digit map is whole; 0 = as before",
        "s",
        behaviour=True,
    )
    dial_tone_timeout: int = integer(f"{_DIAL}/dialtone_timeout", 30, 0, 300, "Dial tone lasts", "s", behaviour=True)
    warning_tone_timeout: int = integer(f"{_DIAL}/warning_tone_timeout", 40, 0, 300, "Reorder tone lasts", "s")
    howler_timeout: int = integer(f"{_DIAL}/offhook_tone_timeout", 120, 0, 300, "Off-hook warning lasts", "s")
    ring_timeout: int = integer(f"{_DIAL}/alerting_tone_timeout", 30, 0, 300, "Ring-back lasts", "s")
    unanswered_timeout: int = integer(
        f"{_DIAL}/unanswered_call_timeout",
        0,
        0,
        300,
        "Give up a call nobody answers; 0 = never",
        "s",
        behaviour=True,
    )
    send_with_hash: bool = flag(f"{_DIAL}/dial_complete_key/enabled", True, "A key ends dialling", behaviour=True)
    send_key: str = text(
        f"{_DIAL}/dial_complete_key/key", "#", "That key", 1, r"[0-9*#]", "one key 0-9 * #", behaviour=True
    )
    escape_hash: bool = flag(
        f"{_DIAL}/replace_number_sign_with_escape_char/enabled", True, "Write # as %23 in addresses"
    )
    on_hook: OnHookDialing = choice(
        f"{_DIAL}/on_hook_dialing", OnHookDialing.OFF_LINE_DIALING, "What a digit on the idle phone does"
    )
    longest_number: int = integer(f"{_DIAL}/phone_number_max_size", 32, 1, 32, "Longest number dialled", "digits")
    call_oneself: bool = flag(f"{_DIAL}/allow_calling_self_extension/enabled", False, "Allow a call to the own number")
    hot_line: bool = flag(
        f"{_DIAL}/auto_dialing/enabled", False, "Dial a fixed number after off-hook (hot line)", behaviour=True
    )
    hot_line_number: str = text(f"{_DIAL}/auto_dialing/destination", "", "That number", 32, behaviour=True)
    hot_line_delay: int = integer(
        f"{_DIAL}/auto_dialing/timeout", 15, 0, 120, "Its delay; 0 = at once", "s", behaviour=True
    )
    second_tone: bool = flag(f"{_DIAL}/secondary_dial_tone/enabled", False, "Second dial tone after a first digit")
    second_tone_digit: int = integer(f"{_DIAL}/secondary_dial_tone/key_sequence", 9, 0, 9, "That digit")
    disconnect_alone: bool = flag(f"{_DIAL}/automatic_disconnect", True, "Return to idle after the far end hung up")
    disconnect_delay: int = integer(
        f"{_DIAL}/automatic_disconnect_delay_timer", 3000, 0, 65535, "After this time", "ms"
    )
    redial_busy: bool = flag(f"{_DIAL}/automatic_redial_on_busy/enabled", False, "Offer to redial a busy number")
    redial_busy_interval: int = integer(
        f"{_DIAL}/automatic_redial_on_busy/retry_timer", 30, 5, 3600, "Pause between those tries", "s"
    )


@dataclass(frozen=True, slots=True)
class CallProgressTone:
    """One tone of this file, used when tones.own is on."""

    _T = "voip/regional_settings/call_progress_tones/N"
    enabled: bool = flag(f"{_T}/enabled", False, "Tone in use")
    name: str = text(f"{_T}/name", "", "Which tone it is, as call_progress_dial_tone")
    cadence: int = integer(f"{_T}/cadence", 0, 0, 2, "0 continuous, 1 cadence, 2 burst")
    frequency_a: int = integer(f"{_T}/frequency_a", 350, 300, 1980, "First frequency", "Hz", (0,))
    frequency_a_level: int = integer(f"{_T}/frequency_a_level", 19, 0, 63, "Its level", "-dBm")
    frequency_b: int = integer(f"{_T}/frequency_b", 440, 300, 3000, "Second frequency", "Hz", (0,))
    frequency_b_level: int = integer(f"{_T}/frequency_b_level", 19, 0, 63, "Its level", "-dBm")
    on_0: int = integer(f"{_T}/tone_on_0", 500, 0, 10000, "First on", "ms")
    off_0: int = integer(f"{_T}/tone_off_0", 0, 0, 10000, "First off", "ms")
    on_1: int = integer(f"{_T}/tone_on_1", 0, 0, 10000, "Second on", "ms")
    off_1: int = integer(f"{_T}/tone_off_1", 0, 0, 10000, "Second off", "ms")
    on_2: int = integer(f"{_T}/tone_on_2", 0, 0, 10000, "Third on", "ms")
    off_2: int = integer(f"{_T}/tone_off_2", 0, 0, 10000, "Third off", "ms")
    on_3: int = integer(f"{_T}/tone_on_3", 0, 0, 10000, "Fourth on", "ms")
    off_3: int = integer(f"{_T}/tone_off_3", 0, 0, 10000, "Fourth off", "ms")


@dataclass(frozen=True, slots=True)
class Tones:
    """Call-progress tones."""

    country: str = text(
        "voip/regional_settings/selected_country",
        "USA",
        "Country whose tones and cadences are used",
        32,
        behaviour=True,
    )
    own: bool = flag(
        "voip/regional_settings/use_config_file_values", False, "Use the tones of this file in place of the country's"
    )
    own_tone: tuple[CallProgressTone, ...] = indexed(CallProgressTone, 10)
    out_of_service: OutOfService = choice(
        "voip/services/out_of_service_behavior", OutOfService.REORDER_TONE, "Tone of a line that is not registered"
    )


@dataclass(frozen=True, slots=True)
class DistinctiveRing:
    """A ring tone chosen by Alert-Info."""

    alert: str = text("voip/distinctive_ringing/N/type", "", "Text in Alert-Info that selects it", behaviour=True)
    ring_tone: str = text("voip/distinctive_ringing/N/ringtone", "Ring01", "Ring tone for it", behaviour=True)
