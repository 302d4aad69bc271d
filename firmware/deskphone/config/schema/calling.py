"""Settings of calls: dialling, tones, ringing, call waiting, Do Not Disturb, transfer, conference, voice mail.

Facts: RFC 3435 2.1.5 for the digit map, protocol notes 2 and 3. Only declarations.
"""

from __future__ import annotations

from dataclasses import dataclass

from deskphone.config.option import choice, flag, host, indexed, integer, text
from deskphone.config.schema.words import (
    CallWaitingMode,
    ConferenceMode,
    LocalAnswer,
    MwiMode,
    OnHookDialing,
    OutOfService,
    RejectCode,
    TimeoutMode,
    WaitingReply,
)

_DIAL = "voip/dialing"
_SIP = "voip/signalling/sip"
_MWI = "voip/services/msg_waiting_ind"
_CODE = (400, 699)


@dataclass(frozen=True, slots=True)
class Dialing:
    """From digit to INVITE. The tone times also end the tone."""

    digit_map: str = text(
        f"{_SIP}/digit_map",
        "",
        "Patterns that end dialling, ';' between them: x any digit, [1-5] a range, . repeats, T waits",
        1024,
        r"(\[[^\[\]]{1,40}\]|[0-9*#A-Da-dxX+.Tt;|() ])*",
        "patterns of 0-9 * # x [..] . T separated by ;",
    )
    number_rules: str = text(f"{_SIP}/number_rules", "", "Rewriting of a dialled number before the call", 32768)
    inter_digit_timeout: int = integer(
        f"{_DIAL}/timeout", 5, 0, 10, "A number is dialled this long after its last digit; -1 or 0 = never", "s", (-1,)
    )
    short_timeout: int = integer(
        f"{_DIAL}/interdigit_short_timeout", 3, 0, 30, "The same once a pattern has matched", "s"
    )
    dial_tone_timeout: int = integer(f"{_DIAL}/dialtone_timeout", 30, 0, 300, "Dial tone lasts", "s")
    warning_tone_timeout: int = integer(f"{_DIAL}/warning_tone_timeout", 40, 0, 300, "Reorder tone lasts", "s")
    howler_timeout: int = integer(f"{_DIAL}/offhook_tone_timeout", 120, 0, 300, "Off-hook warning lasts", "s")
    ring_timeout: int = integer(f"{_DIAL}/alerting_tone_timeout", 30, 0, 300, "Ring-back lasts", "s")
    unanswered_timeout: int = integer(
        f"{_DIAL}/unanswered_call_timeout", 0, 0, 300, "Give up a call nobody answers; 0 = never", "s"
    )
    send_with_hash: bool = flag(f"{_DIAL}/dial_complete_key/enabled", True, "A key ends dialling")
    send_key: str = text(f"{_DIAL}/dial_complete_key/key", "#", "That key", 1, r"[0-9*#]", "one key 0-9 * #")
    escape_hash: bool = flag(
        f"{_DIAL}/replace_number_sign_with_escape_char/enabled", True, "Write # as %23 in addresses"
    )
    on_hook: OnHookDialing = choice(
        f"{_DIAL}/on_hook_dialing", OnHookDialing.OFF_LINE_DIALING, "What a digit on the idle phone does"
    )
    longest_number: int = integer(f"{_DIAL}/phone_number_max_size", 32, 1, 32, "Longest number dialled", "digits")
    call_oneself: bool = flag(f"{_DIAL}/allow_calling_self_extension/enabled", False, "Allow a call to the own number")
    hot_line: bool = flag(f"{_DIAL}/auto_dialing/enabled", False, "Dial a fixed number after off-hook")
    hot_line_number: str = text(f"{_DIAL}/auto_dialing/destination", "", "That number", 32)
    hot_line_delay: int = integer(f"{_DIAL}/auto_dialing/timeout", 15, 0, 120, "Its delay; 0 = at once", "s")
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
        "voip/regional_settings/selected_country", "USA", "Country whose tones and cadences are used", 32
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

    alert: str = text("voip/distinctive_ringing/N/type", "", "Text in Alert-Info that selects it")
    ring_tone: str = text("voip/distinctive_ringing/N/ringtone", "Ring01", "Ring tone for it")


@dataclass(frozen=True, slots=True)
class Calls:
    """How many calls, and how they are refused."""

    max_calls: int = integer("voip/number_of_calls_per_line", 8, 1, 10, "Calls at the same time on one line")
    reject: RejectCode = choice(
        "voip/services/reject_code", RejectCode.CODE_603, "SIP code when the person rejects a call"
    )
    reject_softkey_code: int = integer("voip/services/sk_reject_code", 603, *_CODE, "SIP code of the Reject softkey")
    other_reject_code: int = integer("voip/services/other_reject_code", 486, *_CODE, "SIP code of other refusals")
    hang_up_held: bool = flag(
        "voip/onhook_disconnect_when_held/enabled", False, "Putting the handset down ends a held call too"
    )
    trusted_only: bool = flag(
        "deskphone/security/registered_servers_only",
        True,
        "Take calls, check-sync and call control only from the servers the phone is registered at",
    )
    log_size: int = integer("deskphone/call_log/size", 100, 10, 500, "Calls kept in each call log")


@dataclass(frozen=True, slots=True)
class CallWaiting:
    """A second incoming call."""

    enabled: bool = flag("voip/services/call_waiting/enabled", True, "Call waiting")
    mode: CallWaitingMode = choice(
        "voip/services/call_waiting/mode", CallWaitingMode.ENABLE, "Refuse, show, or answer busy"
    )
    tone: bool = flag("voip/services/call_waiting/generate_tone/enabled", True, "Play the call waiting tone")
    reply: WaitingReply = choice(
        "voip/services/call_waiting/sip_reply", WaitingReply.RINGING, "180 Ringing or 182 Queued"
    )


@dataclass(frozen=True, slots=True)
class Dnd:
    """Do Not Disturb. Whether it is on now: line[0].do_not_disturb."""

    enabled: bool = flag("voip/services/do_not_disturb/enabled", True, "Do Not Disturb is offered")
    code: int = integer("voip/services/dnd_reject_code", 603, *_CODE, "SIP code while it is on")
    show_softkey: bool = flag("system/dnd/show_softkey", True, "Show the DnD softkey")


@dataclass(frozen=True, slots=True)
class Forwarding:
    """Call forwarding in general. Target and state: settings.forward."""

    diversion: bool = flag("voip/call_forward/enable_diversion_header", True, "Add Diversion (RFC 5806)")
    timeout_mode: TimeoutMode = choice(
        "voip/call_forward/timeout_mode", TimeoutMode.SECONDS, "Count the no-reply time in seconds or rings"
    )
    show_softkey: bool = flag("system/forward/show_softkey", True, "Show the Forward softkey")


@dataclass(frozen=True, slots=True)
class Transfer:
    """Transfers."""

    hard_key_blind: bool = flag(
        f"{_SIP}/hk_blind_transfer/enabled",
        False,
        "The TRANSFER key transfers blind (1) or after a consultation (0)",
        aliases=(f"{_SIP}/hk_blind_transfer/enable",),
    )
    blind_softkey: bool = flag(f"{_SIP}/sk_blind_transfer/enable", True, "Show the BXfer softkey")
    semi_attended: bool = flag("system/semi_attended/enable", True, "Transfer while the target still rings")
    keep_second_leg: bool = flag(
        f"{_SIP}/semi_transfer_with_no_cancel/enabled", False, "Do so without cancelling the second leg"
    )
    progress_timeout: int = integer(
        f"{_SIP}/transfer_expire_time", 60, 0, 65536, "How long to wait for the transfer's progress", "s"
    )
    screen_time: int = integer(
        "system/transfer_screen_lifetime", 4000, 0, 60000, "How long the transfer screen stays", "ms"
    )


@dataclass(frozen=True, slots=True)
class Conference:
    """Three parties."""

    mode: ConferenceMode = choice(
        "voip/services/conference/mode", ConferenceMode.LOCAL, "Mixed in the phone or on a media server"
    )
    server: str = text("voip/services/conference/conf_ms_addr", "", "Conference address for REMOTE", 64)
    drop_on_hook: bool = flag("voip/drop_from_3wc_when_on_hook", False, "Hanging up ends a local conference for all")


@dataclass(frozen=True, slots=True)
class MessageWaiting:
    """Voice mail (RFC 3842)."""

    mode: MwiMode = choice(
        f"{_MWI}/enabled",
        MwiMode.ENABLE,
        "Message waiting indication",
        {"0": MwiMode.DISABLE, "1": MwiMode.ENABLE},
    )
    subscribe: bool = flag(f"{_MWI}/subscribe", False, "Subscribe to message-summary; 0 = unsolicited NOTIFY")
    address: str = host(f"{_MWI}/subscribe_address", "Where to subscribe; not set = the SIP Server")
    port: int = integer(f"{_MWI}/subscribe_port", 5060, 1024, 65535, "Its port")
    expires: int = integer(
        f"{_MWI}/expiraition_timeout",
        3600,
        0,
        86400,
        "Subscription lifetime (the spelling is the vendor's)",
        "s",
        aliases=(f"{_MWI}/expiration_timeout",),
    )
    voice_mail_number: str = text(f"{_MWI}/voice_mail_number", "", "Number the voice mail key dials", 64)
    stutter_time: int = integer(
        "voip/services/msg_waiting/stutter_tone_duration", 2500, 0, 7200, "Length of the stutter dial tone", "ms"
    )


@dataclass(frozen=True, slots=True)
class AutoAnswer:
    """Automatic answer: by a header of the server, or by the person's own setting."""

    enabled: bool = flag("voip/auto_answer/enabled", False, "Obey automatic-answer headers of registered servers")
    headset_beep: bool = flag("voip/auto_answer/headset_beep/enabled", False, "Beep in the headset")
    speakerphone_beep: bool = flag("voip/auto_answer/speakerphone_beep/enabled", False, "Beep on the speaker")
    ringing_first: bool = flag("voip/auto_answer_use_180/enabled", True, "Send 180 before an automatic answer")
    local_enabled: bool = flag(
        "voip/advanced_auto_answer/activated", False, "The person's own automatic answer of all calls"
    )
    local_seconds: int = integer("voip/advanced_auto_answer/timeout", 5, 0, 60, "Its delay", "s")
    local_type: LocalAnswer = choice(
        "voip/advanced_auto_answer/type", LocalAnswer.SIP_HEADER, "What triggers it: a SIP header or the timer"
    )
    beep_to_ringer: bool = flag("voip/beep_to_ringing_device/enabled", False, "Beep in place of ringing")
    beeps: int = integer("voip/beep_to_ringing_device/number_of_beeps", 3, 1, 10, "How many beeps")
    beep_length: int = integer(
        "voip/beep_during_time/number_of_hundred_millisecond", 2, 1, 50, "Length of a beep", "x 100 ms"
    )


@dataclass(frozen=True, slots=True)
class ProactiveMute:
    """Start calls muted."""

    enabled: bool = flag(
        "voip/proactive_mute/enabled", False, "An answered call starts muted until the agent presses Mute"
    )
