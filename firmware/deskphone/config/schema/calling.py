"""Settings of calls: call waiting, Do Not Disturb, transfer, conference, voice mail, automatic answer.

Law: only declarations. Sources: RFC 5806 (Diversion), RFC 3842 (message waiting), docs/interop.md.
"""

from __future__ import annotations

from dataclasses import dataclass

from deskphone.config.option import choice, flag, host, integer, text
from deskphone.config.schema.words import (
    CallWaitingMode,
    ConferenceMode,
    LocalAnswer,
    MwiMode,
    RejectCode,
    TimeoutMode,
    WaitingReply,
)

_SIP = "voip/signalling/sip"
_MWI = "voip/services/msg_waiting_ind"
_CODE = (400, 699)


@dataclass(frozen=True, slots=True)
class Calls:
    """How many calls, and how they are refused."""

    max_calls: int = integer(
        "voip/number_of_calls_per_line", 8, 1, 10, "Calls at the same time on one line", behaviour=True
    )
    reject: RejectCode = choice(
        "voip/services/reject_code",
        RejectCode.CODE_603,
        "SIP code when the person rejects a call by another way than the softkey",
        behaviour=True,
    )
    reject_softkey_code: int = integer(
        "voip/services/sk_reject_code", 603, *_CODE, "SIP code of the Reject softkey", behaviour=True
    )
    other_reject_code: int = integer(
        "voip/services/other_reject_code",
        486,
        *_CODE,
        "SIP code where no call may wait or no call is free",
        behaviour=True,
    )
    hang_up_held: bool = flag(
        "voip/onhook_disconnect_when_held/enabled",
        False,
        "Putting the handset down ends a held call too",
        behaviour=True,
    )
    hold_reminder: int = integer(
        "deskphone/hold_reminder/after",
        60,
        0,
        3600,
        "A tone says that somebody is still on hold after this time, and every 15 s from then on; 0 = never",
        "s",
        behaviour=True,
    )
    trusted_only: bool = flag(
        "deskphone/security/registered_servers_only",
        True,
        "Take calls, check-sync and call control only from the servers the phone is registered at",
        behaviour=True,
    )
    log_size: int = integer("deskphone/call_log/size", 100, 10, 500, "Calls kept in the call log", behaviour=True)


@dataclass(frozen=True, slots=True)
class CallWaiting:
    """A second incoming call."""

    enabled: bool = flag("voip/services/call_waiting/enabled", True, "Call waiting", behaviour=True)
    mode: CallWaitingMode = choice(
        "voip/services/call_waiting/mode",
        CallWaitingMode.ENABLE,
        "A second call is refused (other_reject_code), shown, or answered 486",
        behaviour=True,
    )
    tone: bool = flag(
        "voip/services/call_waiting/generate_tone/enabled", True, "Play the call waiting tone", behaviour=True
    )
    reply: WaitingReply = choice(
        "voip/services/call_waiting/sip_reply",
        WaitingReply.RINGING,
        "180 Ringing or 182 Queued to a call that waits",
        behaviour=True,
    )


@dataclass(frozen=True, slots=True)
class Dnd:
    """Do Not Disturb. Whether it is on now: line[0].do_not_disturb."""

    enabled: bool = flag("voip/services/do_not_disturb/enabled", True, "Do Not Disturb is offered", behaviour=True)
    code: int = integer("voip/services/dnd_reject_code", 603, *_CODE, "SIP code while it is on", behaviour=True)
    show_softkey: bool = flag(
        "system/dnd/show_softkey", True, "Show the DnD softkey, and DnD in the Command Menu", behaviour=True
    )


@dataclass(frozen=True, slots=True)
class Forwarding:
    """Call forwarding in general. Target and state: settings.forward."""

    diversion: bool = flag(
        "voip/call_forward/enable_diversion_header",
        True,
        "Say in a 302 who forwards and why (RFC 5806)",
        behaviour=True,
    )
    timeout_mode: TimeoutMode = choice(
        "voip/call_forward/timeout_mode",
        TimeoutMode.SECONDS,
        "Count the no-reply time in seconds or in rings of 6 s",
        behaviour=True,
    )
    show_softkey: bool = flag("system/forward/show_softkey", True, "Show Fwd in the Command Menu", behaviour=True)


@dataclass(frozen=True, slots=True)
class Transfer:
    """Transfers."""

    hard_key_blind: bool = flag(
        f"{_SIP}/hk_blind_transfer/enabled",
        False,
        "The TRANSFER key transfers blind (1) or after a consultation (0)",
        aliases=(f"{_SIP}/hk_blind_transfer/enable",),
        behaviour=True,
    )
    blind_softkey: bool = flag(f"{_SIP}/sk_blind_transfer/enable", True, "Show the BXfer softkey", behaviour=True)
    semi_attended: bool = flag(
        "system/semi_attended/enable", True, "Transfer while the target still rings", behaviour=True
    )
    keep_second_leg: bool = flag(
        f"{_SIP}/semi_transfer_with_no_cancel/enabled",
        False,
        "Do so without cancelling the second leg",
        behaviour=True,
    )
    progress_timeout: int = integer(
        f"{_SIP}/transfer_expire_time",
        60,
        0,
        65536,
        "How long to wait for the transfer's progress",
        "s",
        behaviour=True,
    )
    screen_time: int = integer(
        "system/transfer_screen_lifetime",
        4000,
        0,
        60000,
        "How long the screen says that a call was transferred; 0 = not at all",
        "ms",
        behaviour=True,
    )


@dataclass(frozen=True, slots=True)
class Conference:
    """Three parties."""

    mode: ConferenceMode = choice(
        "voip/services/conference/mode",
        ConferenceMode.LOCAL,
        "Mixed in the phone or at a conference server",
        behaviour=True,
    )
    server: str = text(
        "voip/services/conference/conf_ms_addr",
        "",
        "What REMOTE calls for a conference: a number, user@host, a host or a URI",
        64,
        behaviour=True,
    )
    drop_on_hook: bool = flag(
        "voip/drop_from_3wc_when_on_hook",
        False,
        "Putting the device down ends a local conference for all; 0 = the two others go on with each other",
        behaviour=True,
    )


@dataclass(frozen=True, slots=True)
class MessageWaiting:
    """Voice mail (RFC 3842)."""

    mode: MwiMode = choice(
        f"{_MWI}/enabled",
        MwiMode.ENABLE,
        "Message waiting indication",
        {"0": MwiMode.DISABLE, "1": MwiMode.ENABLE},
        behaviour=True,
    )
    subscribe: bool = flag(
        f"{_MWI}/subscribe", False, "Subscribe to message-summary; 0 = unsolicited NOTIFY", behaviour=True
    )
    address: str = host(f"{_MWI}/subscribe_address", "Where to subscribe; not set, or an id = the SIP Server", ids=True)
    port: int = integer(f"{_MWI}/subscribe_port", 5060, 1024, 65535, "Its port")
    expires: int = integer(
        f"{_MWI}/expiraition_timeout",
        3600,
        0,
        86400,
        "Subscription lifetime (the spelling is the vendor's)",
        "s",
        aliases=(f"{_MWI}/expiration_timeout",),
        behaviour=True,
    )
    voice_mail_number: str = text(
        f"{_MWI}/voice_mail_number", "", "Number the voice mail key dials", 64, behaviour=True
    )
    stutter_time: int = integer(
        "voip/services/msg_waiting/stutter_tone_duration", 2500, 0, 7200, "Length of the stutter dial tone", "ms"
    )


@dataclass(frozen=True, slots=True)
class AutoAnswer:
    """Automatic answer: by a header of the server, or by the person's own setting."""

    enabled: bool = flag(
        "voip/auto_answer/enabled", False, "Obey automatic-answer headers of registered servers", behaviour=True
    )
    headset_beep: bool = flag("voip/auto_answer/headset_beep/enabled", False, "Beep in the headset", behaviour=True)
    speakerphone_beep: bool = flag(
        "voip/auto_answer/speakerphone_beep/enabled", False, "Beep on the speaker", behaviour=True
    )
    ringing_first: bool = flag(
        "voip/auto_answer_use_180/enabled", True, "Send 180 before an automatic answer", behaviour=True
    )
    local_enabled: bool = flag(
        "voip/advanced_auto_answer/activated",
        False,
        "The person's own automatic answer of all calls",
        behaviour=True,
        together=True,
    )
    local_seconds: int = integer("voip/advanced_auto_answer/timeout", 5, 0, 60, "Its delay", "s", behaviour=True)
    local_type: LocalAnswer = choice(
        "voip/advanced_auto_answer/type",
        LocalAnswer.SIP_HEADER,
        "What triggers it: a SIP header or the timer",
        behaviour=True,
        together=True,
    )
    beep_to_ringer: bool = flag(
        "voip/beep_to_ringing_device/enabled", False, "Beep in place of ringing", behaviour=True
    )
    beeps: int = integer("voip/beep_to_ringing_device/number_of_beeps", 3, 1, 10, "How many beeps", behaviour=True)
    beep_length: int = integer(
        "voip/beep_during_time/number_of_hundred_millisecond",
        2,
        1,
        50,
        "Length of a beep, and of the pause behind it",
        "x 100 ms",
        behaviour=True,
    )

    @property
    def by_timer(self) -> bool:
        """Whether the person has every call answered after `local_seconds` seconds."""
        return self.local_enabled and self.local_type is LocalAnswer.TIMER


@dataclass(frozen=True, slots=True)
class ProactiveMute:
    """Start calls muted."""

    enabled: bool = flag(
        "voip/proactive_mute/enabled",
        False,
        "An answered call starts muted until the agent presses Mute",
        behaviour=True,
    )
