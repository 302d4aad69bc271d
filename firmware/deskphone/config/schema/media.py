"""Settings of the voice path: codecs, RTP, DTMF, SRTP, jitter buffer, echo, gain and volumes.

Law: only declarations. Sources: RFC 3550 (RTP), RFC 4733 (DTMF events), RFC 4568 (SDES keys of SRTP).
"""

from __future__ import annotations

from dataclasses import dataclass

from deskphone.config.option import choice, flag, group, indexed, integer, text
from deskphone.config.schema.words import CodecName, Device, DtmfMode, RtcpMode, SrtpMethod, SrtpMode

_AUDIO = "voip/audio"
_AGC = "voip/audio/gain/automatic_gain_control"
_STEPS = 10


@dataclass(frozen=True, slots=True)
class Codec:
    """One place in the order of preference; 0 is offered first."""

    enabled: bool = flag("voip/codec/codec_info/N/enabled", False, "Place in use", behaviour=True)
    name: CodecName = choice(
        "voip/codec/codec_info/N/name",
        CodecName.PCMU,
        "Codec at this place (G722_8000 means G722); NONE, one that is not built in or not known: the place is skipped",
        {
            "0": CodecName.PCMU,
            "8": CodecName.PCMA,
            "9": CodecName.G722,
            "18": CodecName.G729,
            "99": CodecName.LN16BIT_16000,
            "999": CodecName.G722,
            "G722_8000": CodecName.G722,
            **dict.fromkeys(("G711U", "G711ULAW", "ULAW", "G711MU", "G711MULAW", "MULAW"), CodecName.PCMU),
            **dict.fromkeys(("G711A", "G711ALAW", "ALAW"), CodecName.PCMA),
            # as SDP names them (RFC 3551, RFC 7587)
            "PCMU/8000": CodecName.PCMU,
            "PCMA/8000": CodecName.PCMA,
            "G722/8000": CodecName.G722,
            **dict.fromkeys(("OPUS/48000", "OPUS/48000/2"), CodecName.OPUS),
        },
        CodecName.NONE,
        behaviour=True,
        only=(CodecName.PCMU, CodecName.PCMA, CodecName.G722, CodecName.OPUS, CodecName.NONE),
    )
    ptime: int = integer("voip/codec/codec_info/N/ptime", 20, 10, 100, "Packet time", "ms", also=(0,), behaviour=True)


@dataclass(frozen=True, slots=True)
class Srtp:
    """Encrypted media."""

    mode: SrtpMode = choice(
        "voip/media/srtp/mode", SrtpMode.DONOTSUPPORTENCRYPTION, "No SRTP, offer both, or require it", behaviour=True
    )
    method: SrtpMethod = choice(
        "voip/media/srtp/method", SrtpMethod.AES_CM_128_HMAC_SHA1_80, "Crypto suites offered", behaviour=True
    )
    use_mki: bool = flag("voip/media/srtp/use_mki", False, "Offer a master key identifier")
    mki_length: int = integer("voip/media/srtp/mki_length", 1, 0, 4, "Its length", "bytes")
    rtcp_encrypted: bool = flag("voip/media/srtp/RTCP_encrypt_enabled", True, "Encrypt RTCP")


@dataclass(frozen=True, slots=True)
class Media:
    """RTP of a call."""

    port: int = integer(
        "voip/media/media_port", 4000, 1024, 65535, "First local RTP port", restart=True, behaviour=True
    )
    port_count: int = integer(
        "deskphone/media/port_count",
        100,
        8,
        1000,
        "How many ports from the first on are used",
        restart=True,
        behaviour=True,
    )
    tos: int = integer("voip/media/media_tos", 0xB8, 0, 255, "IP TOS byte of RTP (184 = EF)", behaviour=True)
    opus_payload: int = integer("voip/media/opus_payload", 111, 96, 127, "Payload type of Opus", behaviour=True)
    several_sources: bool = flag(
        "voip/media/allow_multiple_rtp", False,
        "Symmetric RTP: in its first second a call's voice may come from elsewhere than its description says",
        behaviour=True,
    )  # fmt: skip
    silent_on_hold: bool = flag("voip/media/rtp_mute_on_hold", True, "Send no RTP while a call is held", behaviour=True)
    detect_loss: bool = flag(
        "voip/media/broken_connection_detection", True, "End a call whose RTP stopped", behaviour=True
    )
    loss_timeout: int = integer(
        "voip/media/broken_connection_timeout", 30, 1, 1310, "After this time without RTP", "s", behaviour=True
    )
    rtcp: RtcpMode = choice("voip/voice_quality/mode", RtcpMode.ENABLE_RTCP, "RTCP reports")
    srtp: Srtp = group(Srtp)
    codec: tuple[Codec, ...] = indexed(
        Codec,
        5,
        Codec(enabled=True, name=CodecName.G722),
        Codec(enabled=True, name=CodecName.PCMA),
        Codec(enabled=True, name=CodecName.PCMU),
        Codec(enabled=True, name=CodecName.OPUS),
        Codec(enabled=False, name=CodecName.PCMU),
    )

    @property
    def codecs(self) -> tuple[Codec, ...]:
        """The entries that are enabled and no NONE, in order of preference; codecs that are not built among them."""
        return tuple(codec for codec in self.codec if codec.enabled and codec.name is not CodecName.NONE)


@dataclass(frozen=True, slots=True)
class Dtmf:
    """Digits pressed during a call."""

    mode: DtmfMode = choice(
        "voip/media/out_of_band_dtmf",
        DtmfMode.RFC2833,
        "How digits leave: telephone-event (RFC 4733), SIP INFO, or as tones",
        {
            **dict.fromkeys(("RFC4733", "2833", "4733", "TELEPHONE_EVENT"), DtmfMode.RFC2833),
            **dict.fromkeys(("INFO", "SIP_INFO"), DtmfMode.VIA_SIP),
            "IN_BAND": DtmfMode.INBAND,
        },
        behaviour=True,
    )
    via_sip_always: bool = flag(
        "voip/media/dtmf_via_sip_force_flag", False, "Send INFO even when the far end does not list it"
    )
    payload: int = integer("voip/media/dtmf_payload", 101, 96, 127, "Payload type of telephone-event", behaviour=True)
    ignore_received: bool = flag("voip/media/ignore_rfc_2833_packets", True, "Do not play telephone-events that arrive")
    duration: int = integer(
        "voip/dialing/notify_dtmf_duration", 250, 40, 5000, "Length of a digit", "ms", behaviour=True
    )
    show_digits: bool = flag(
        "voip/dialing/display_digits_in_active_call", True, "Show digits pressed during a call", behaviour=True
    )

    @property
    def method(self) -> str:
        """rfc4733, info or inband."""
        return {DtmfMode.RFC2833: "rfc4733", DtmfMode.VIA_SIP: "info", DtmfMode.INBAND: "inband"}[self.mode]


@dataclass(frozen=True, slots=True)
class AutomaticGain:
    """Automatic gain control of the microphone, by path."""

    handset: bool = flag(f"{_AGC}/wb/handset_enabled", False, "AGC of the handset")
    speaker: bool = flag(f"{_AGC}/wb/handsfree_enabled", False, "AGC of the speakerphone")
    headset: bool = flag(f"{_AGC}/wb/headset_enabled", False, "AGC of the headset")
    max_gain: int = integer(f"{_AGC}/max_gain", 18, 0, 18, "Greatest gain it adds", "dB")
    handset_target: int = integer(f"{_AGC}/wb/handset_target_energy", -19, -31, 0, "Level of the handset", "dBm")
    speaker_target: int = integer(f"{_AGC}/wb/handsfree_target_energy", -19, -31, 0, "Of the speakerphone", "dBm")
    headset_target: int = integer(f"{_AGC}/wb/headset_target_energy", -19, -31, 0, "Level of the headset", "dBm")


@dataclass(frozen=True, slots=True)
class Gain:
    """Fixed digital gains that fit an installation's handsets and headsets."""

    handset_in: int = integer(f"{_AUDIO}/gain/wb/handset_digital_input_gain", 0, -32, 31, "Handset microphone", "dB")
    handset_out: int = integer(f"{_AUDIO}/gain/wb/handset_digital_output_gain", 0, -32, 31, "Handset ear", "dB")
    speaker_in: int = integer(
        f"{_AUDIO}/gain/wb/handsfree_digital_input_gain", 0, -32, 31, "Speakerphone microphone", "dB"
    )
    speaker_out: int = integer(f"{_AUDIO}/gain/wb/handsfree_digital_output_gain", 0, -32, 31, "Loudspeaker", "dB")
    headset_in: int = integer(f"{_AUDIO}/gain/wb/headset_digital_input_gain", 0, -32, 31, "Headset microphone", "dB")
    headset_out: int = integer(f"{_AUDIO}/gain/wb/headset_digital_output_gain", 0, -32, 31, "Headset ear", "dB")
    ringer: int = integer(f"{_AUDIO}/gain/ringer_signal_level", 0, -32, 31, "Ring tone", "dB")
    tone_level: int = integer(f"{_AUDIO}/gain/tone_signal_level", 10, 1, 31, "Call-progress tones", "-dBm")
    dtmf_level: int = integer(f"{_AUDIO}/gain/dtmf_tone_signal_level", 16, 1, 32, "DTMF tones", "-dBm", behaviour=True)
    dtmf_event_level: int = integer(
        f"{_AUDIO}/gain/dtmf_rtp_event_signal_level", 9, 0, 63, "Volume field of telephone-events", "-dBm0"
    )


@dataclass(frozen=True, slots=True)
class Audio:
    """Processing of the voice."""

    answer_device: Device = choice(
        "voip/answer_device", Device.SPEAKER, "What a call answered by softkey or by itself is heard on", behaviour=True
    )
    ring_device: Device = choice("voip/called_ringing_device", Device.SPEAKER, "Where the phone rings", behaviour=True)
    ring_on_answer_device: bool = flag(
        "voip/ring_via_answer_device/enabled", False, "Ring on the answer device too", behaviour=True
    )
    ring_tone: str = text(
        "personal_settings/lines/0/ring_tone", "Ring01", "Ring tone of the line: Ring01 to Ring06", 64, behaviour=True
    )
    handset_allowed: bool = flag("voip/handset_mode/enabled", True, "The handset may be used", behaviour=True)
    speaker_allowed: bool = flag(
        "voip/hands_free_mode/enabled",
        True,
        "The speakerphone may be used; 0 = what a key answers is heard on the headset",
        behaviour=True,
    )
    headset_only: bool = flag("voip/headset_only/enabled", False, "Only the headset may be used", behaviour=True)
    mute_key_blocked: bool = flag(
        "voip/block_mute_key", False, "The Mute key mutes nothing; it still ends a proactive mute", behaviour=True
    )
    ring_volume_locked: bool = flag(
        "voip/block_ringer_volume/enabled", False, "The person may not change the ring volume", behaviour=True
    )
    microphone: bool = flag(f"{_AUDIO}/microphone/enable", True, "Microphone of the speakerphone")
    echo_cancellation: bool = flag(
        f"{_AUDIO}/echo_cancellation/enabled",
        True,
        "Acoustic echo canceller of the speakerphone",
        restart=True,
        behaviour=True,
    )
    noise_reduction: bool = flag(f"{_AUDIO}/noise_reduction/enabled", False, "Noise reduction")
    silence_compression: bool = flag(
        f"{_AUDIO}/silence_compression/enabled",
        False,
        "Send nothing in silence (VAD)",
        restart=True,
        behaviour=True,
    )
    comfort_noise: bool = flag(f"{_AUDIO}/comfort_noise/enabled", True, "Comfort noise (RFC 3389)")
    jitter_min_delay: int = integer(
        f"{_AUDIO}/jitter_buffer/min_delay", 10, 0, 300, "Least delay of the jitter buffer", "ms"
    )
    jitter_adaption: int = integer(
        f"{_AUDIO}/jitter_buffer/optimization_factor", 10, 0, 13, "How fast the jitter buffer adapts"
    )
    opus_jitter_min_delay: int = integer(
        "voip/codec/opus/jitter_buffer/min_delay", 30, 0, 300, "Least delay of the jitter buffer with Opus", "ms"
    )
    agc: AutomaticGain = group(AutomaticGain)
    gain: Gain = group(Gain)


@dataclass(frozen=True, slots=True)
class Volume:
    """Volumes before the person changes them, in steps 0 to 10."""

    handset: int = integer("deskphone/volume/handset", 6, 0, _STEPS, "Volume of the handset", behaviour=True)
    speaker: int = integer("deskphone/volume/speaker", 6, 0, _STEPS, "Volume of the loudspeaker", behaviour=True)
    headset: int = integer("deskphone/volume/headset", 6, 0, _STEPS, "Volume of the headset", behaviour=True)
    ring: int = integer("deskphone/volume/ring", 6, 0, _STEPS, "Volume of the ring tone", behaviour=True)
    usb: int = integer(f"{_AUDIO}/volume/usb_volume_level", 7, 0, 11, "Volume of a USB headset")
    step: int = integer("deskphone/volume/step", 3, 1, 6, "One press of the volume key", "dB", behaviour=True)
