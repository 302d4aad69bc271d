"""The words that settings choose from: one enum a list, in the spelling of the file (capitals).

Law: words only; which setting uses them stands in the module of its noun.
"""

from __future__ import annotations

from enum import StrEnum


class Transport(StrEnum):
    """Transport of SIP (RFC 3261 section 18)."""

    UDP = "UDP"
    TCP = "TCP"
    TLS = "TLS"


class RedundancyMode(StrEnum):
    """What the phone does with a second SIP Server: nothing, fall-back, or a binding at both (Business Continuity)."""

    DISABLE = "DISABLE"
    PRIMARY_FALLBACK = "PRIMARY_FALLBACK"
    SIMULTANEOUS = "SIMULTANEOUS"


class ProbeMethod(StrEnum):
    """The request that probes whether the primary proxy answers again."""

    OPTIONS = "OPTIONS"
    REGISTER = "REGISTER"


class LineMode(StrEnum):
    """A line of this phone alone, or a shared call appearance."""

    PRIVATE = "PRIVATE"
    SHARED = "SHARED"


class ForwardType(StrEnum):
    """When a call is forwarded: always, on busy, or on no reply."""

    UNCONDITIONAL = "UNCONDITIONAL"
    BUSY = "BUSY"
    NO_REPLY = "NO_REPLY"


class TimeoutMode(StrEnum):
    """How the no-reply time is counted."""

    SECONDS = "SECONDS"
    RINGS = "RINGS"


class TlsMethod(StrEnum):
    """Lowest TLS version; the vendor's SSL words are read as TLS 1.2."""

    NONE = "NONE"
    TLS_1_2 = "TLS_1_2"
    TLS_1_3 = "TLS_1_3"


class ContactMark(StrEnum):
    """Which requests must be addressed to the Contact of our binding: those that command the phone, all, or none."""

    COMMANDS = "COMMANDS"
    REQUIRE = "REQUIRE"
    OFF = "OFF"


class SrtpMode(StrEnum):
    """SRTP: not offered, offered beside RTP, or required."""

    DONOTSUPPORTENCRYPTION = "DONOTSUPPORTENCRYPTION"
    SUPPORTENCRYPTION = "SUPPORTENCRYPTION"
    REQUIREENCRYPTION = "REQUIREENCRYPTION"


class SrtpMethod(StrEnum):
    """Crypto suites offered by SDES (RFC 4568 section 6.2)."""

    AES_CM_128_HMAC_SHA1_32 = "AES_CM_128_HMAC_SHA1_32"
    AES_CM_128_HMAC_SHA1_80 = "AES_CM_128_HMAC_SHA1_80"
    AES_CM_128_ALL_METHODS = "AES_CM_128_ALL_METHODS"


class CodecName(StrEnum):
    """A codec; G729 and LN16BIT_16000 are read but not built, NONE leaves the entry out."""

    PCMU = "PCMU"
    PCMA = "PCMA"
    G722 = "G722"
    OPUS = "OPUS"
    G729 = "G729"
    LN16BIT_16000 = "LN16BIT_16000"
    NONE = "NONE"


class DtmfMode(StrEnum):
    """How a digit pressed during a call is sent: RTP event (RFC 4733, once 2833), SIP INFO, or tones in the voice."""

    RFC2833 = "RFC2833"
    VIA_SIP = "VIA_SIP"
    INBAND = "INBAND"


class RtcpMode(StrEnum):
    """RTCP reports (RFC 3550 section 6)."""

    DISABLE = "DISABLE"
    ENABLE_RTCP = "ENABLE_RTCP"
    ENABLE_RTCP_EXT = "ENABLE_RTCP_EXT"


class Device(StrEnum):
    """What a person listens to with free hands."""

    SPEAKER = "SPEAKER"
    HEADSET = "HEADSET"


class OnHookDialing(StrEnum):
    """What a digit typed on the idle phone does."""

    DISABLE = "DISABLE"
    OPEN_DEFAULT_AUDIO_DEVICE = "OPEN_DEFAULT_AUDIO_DEVICE"
    OFF_LINE_DIALING = "OFF_LINE_DIALING"


class CallWaitingMode(StrEnum):
    """What becomes of a call that comes during another: refused, shown, or answered 486."""

    DISABLE = "DISABLE"
    ENABLE = "ENABLE"
    BUSY_ON_BUSY = "BUSY_ON_BUSY"


class WaitingReply(StrEnum):
    """Provisional response to a waiting call: 180 Ringing or 182 Queued."""

    RINGING = "RINGING"
    QUEUED = "QUEUED"


class ConferenceMode(StrEnum):
    """Who mixes a conference: the phone, or a server."""

    LOCAL = "LOCAL"
    REMOTE = "REMOTE"


class RejectCode(StrEnum):
    """Final response to a call the person rejects: 603 Decline or 486 Busy Here."""

    CODE_603 = "CODE_603"
    CODE_486 = "CODE_486"


class OutOfService(StrEnum):
    """Tone of a line that is not registered."""

    NONE = "NONE"
    REORDER_TONE = "REORDER_TONE"


class MwiMode(StrEnum):
    """Message waiting indication (RFC 3842)."""

    DISABLE = "DISABLE"
    ENABLE = "ENABLE"
    AUDC_VM = "AUDC_VM"


class LocalAnswer(StrEnum):
    """What makes the phone answer by itself: a header of the INVITE, or time alone."""

    SIP_HEADER = "SIP_HEADER"
    TIMER = "TIMER"


class AcdServer(StrEnum):
    """The agent protocol; both words mean the same here (docs/configuration.md)."""

    GENESYS = "GENESYS"
    BROADSOFT = "BROADSOFT"


class FirstMode(StrEnum):
    """What the keys type first in the Log In screen."""

    AUTO = "AUTO"
    LETTERS = "LETTERS"
    DIGITS = "DIGITS"


class LoginState(StrEnum):
    """The agent state asked for after log in."""

    READY = "READY"
    NOT_READY = "NOT_READY"


class Language(StrEnum):
    """Display languages of the 420HD family."""

    ENGLISH = "ENGLISH"
    SPANISH = "SPANISH"
    RUSSIAN = "RUSSIAN"
    PORTUGUESE = "PORTUGUESE"
    PORTUGUESEBRAZILIAN = "PORTUGUESEBRAZILIAN"
    GERMAN = "GERMAN"
    UKRAINE = "UKRAINE"
    FRENCH = "FRENCH"
    FRENCHCANADIAN = "FRENCHCANADIAN"
    ITALIAN = "ITALIAN"
    HEBREW = "HEBREW"
    POLISH = "POLISH"
    KOREAN = "KOREAN"
    FINNISH = "FINNISH"
    CHINESE = "CHINESE"
    CHINESETRADITIONAL = "CHINESETRADITIONAL"
    MAGYAR = "MAGYAR"
    JAPANESE = "JAPANESE"
    SLOVAK = "SLOVAK"
    CZECH = "CZECH"
    DANISH = "DANISH"
    DUTCH = "DUTCH"
    LATVIAN = "LATVIAN"
    TURKISH = "TURKISH"


SPOKEN = (Language.ENGLISH, Language.GERMAN)
"""Those the screen has words of."""


class DateFormat(StrEnum):
    """Day or month first."""

    EUROPEAN = "EUROPEAN"
    AMERICAN = "AMERICAN"


class TimeFormat(StrEnum):
    """The clock on the screen."""

    HOURS_24 = "24HOUR"
    HOURS_12 = "12HOUR"


class Enable(StrEnum):
    """On and off where the file has words in place of 1 and 0."""

    ENABLE = "ENABLE"
    DISABLE = "DISABLE"


class DstMode(StrEnum):
    """How the days of summer time are given: by date, or as the n-th weekday of a month."""

    FIXED = "FIXED"
    DAYOFWEEK = "DAYOFWEEK"


class Weekday(StrEnum):
    """Days of the week."""

    SUNDAY = "SUNDAY"
    MONDAY = "MONDAY"
    TUESDAY = "TUESDAY"
    WEDNESDAY = "WEDNESDAY"
    THURSDAY = "THURSDAY"
    FRIDAY = "FRIDAY"
    SATURDAY = "SATURDAY"


class LanType(StrEnum):
    """Where the address of the LAN port comes from."""

    DHCP = "DHCP"
    STATIC = "STATIC"


class HostNameUpdate(StrEnum):
    """What DHCP option 12 says after the phone registered."""

    DO_NOT_CHANGE = "DO_NOT_CHANGE"
    PHONE_NUMBER = "PHONE_NUMBER"


class VlanMode(StrEnum):
    """How the voice VLAN is found: by hand, CDP, LLDP, or both."""

    DISABLE = "DISABLE"
    MANUAL = "MANUAL"
    CDP = "CDP"
    LLDP = "LLDP"
    CDP_LLDP = "CDP_LLDP"


class EapType(StrEnum):
    """802.1X method."""

    DISABLE = "DISABLE"
    EAP_MD5 = "EAP_MD5"
    EAP_TLS = "EAP_TLS"


class ProvisioningMethod(StrEnum):
    """Where the configuration URL comes from: nowhere, DHCP, or the settings."""

    DISABLE = "DISABLE"
    DYNAMIC = "DYNAMIC"
    STATIC = "STATIC"


class PeriodType(StrEnum):
    """When the phone looks for new files."""

    EVERY5MINUTES = "EVERY5MINUTES"
    EVERY15MINUTES = "EVERY15MINUTES"
    HOURLY = "HOURLY"
    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    POWERUP = "POWERUP"


class UpdateRestart(StrEnum):
    """When the device restarts into an update that is installed; never while a call is up or somebody types."""

    IDLE = "IDLE"
    NIGHT = "NIGHT"


class SyslogMode(StrEnum):
    """Where log lines go. DISABLE, SERIAL: nowhere but the journal, as LOCAL. NETWORK, ALL: to the server as well."""

    DISABLE = "DISABLE"
    LOCAL = "LOCAL"
    NETWORK = "NETWORK"
    SERIAL = "SERIAL"
    ALL = "ALL"


class SyslogTransport(StrEnum):
    """How lines get to the syslog server."""

    UDP = "UDP"
    TCP = "TCP"


class SyslogFormat(StrEnum):
    """How a line is written: RFC 5424, or the older BSD form (RFC 3164)."""

    RFC5424 = "RFC5424"
    RFC3164 = "RFC3164"


class LogLevel(StrEnum):
    """How much is logged."""

    NONE = "NONE"
    BASIC = "BASIC"
    DETAILED = "DETAILED"


class TraceLevel(StrEnum):
    """Severity of the local trace (RFC 5424)."""

    NONE = "NONE"
    EMERGENCY = "EMERGENCY"
    ERROR = "ERROR"
    WARNING = "WARNING"
    NOTICE = "NOTICE"
    INFO = "INFO"
    DEBUG = "DEBUG"
