"""Settings of SIP itself: transport, timers, headers, TLS, and the subscriptions' retry rules.

Law: only declarations. Sources: RFC 3261, RFC 4028 (session timer), RFC 6665 (subscriptions), docs/interop.md.
"""

from __future__ import annotations

from dataclasses import dataclass

from deskphone.config.option import choice, flag, group, integer, text, url
from deskphone.config.schema.words import ContactMark, TlsMethod, Transport

_SIP = "voip/signalling/sip"

# Words of older firmware for TLS versions nobody should speak any more.
_OLD = ("SSL_2", "SSL_3", "SSL_2_3", "TLS_1", "TLS_1_0", "TLS_1_1")
_OPENSSL = ("SSLv2", "SSLv3", "SSLv23", "TLSv1", "TLSv1.0", "TLSv1.1", "TLSv1.2")
_TLS_WORDS = {
    **dict.fromkeys((*_OLD, *_OPENSSL, "1.2"), TlsMethod.TLS_1_2),
    **dict.fromkeys(("TLSv1.3", "1.3"), TlsMethod.TLS_1_3),
}


@dataclass(frozen=True, slots=True)
class Tls:
    """SIP over TLS."""

    port: int = integer(f"{_SIP}/tls_port", 5061, 1024, 65535, "Local SIP TLS port", restart=True, behaviour=True)
    method: TlsMethod = choice(
        f"{_SIP}/tls_method",
        TlsMethod.TLS_1_2,
        "Lowest TLS version (the words for SSL mean TLS 1.2)",
        _TLS_WORDS,
        behaviour=True,
    )
    ciphers: str = text(f"{_SIP}/tls_cipher_list", "", "OpenSSL cipher list; empty = the library's own", 256)
    certificate: str = url("security/sip_certificate_uri", "Client certificate for SIP TLS", behaviour=True)
    private_key: str = url("security/sip_private_key_uri", "Its private key", behaviour=True)
    verify_server: bool = flag(
        "deskphone/sip/tls/verify_server_certificate", True, "Check the SIP Server's certificate", behaviour=True
    )


@dataclass(frozen=True, slots=True)
class Sip:
    """The SIP stack."""

    port: int = integer(f"{_SIP}/port", 5060, 1024, 65535, "Local SIP port", restart=True, behaviour=True)
    transport: Transport = choice(
        f"{_SIP}/transport_protocol", Transport.UDP, "Transport of SIP", restart=True, behaviour=True
    )
    contact_mark: ContactMark = choice(
        "deskphone/sip/contact_mark",
        ContactMark.COMMANDS,
        "What a server has to send to the Contact it was given: commands and what came there before; all; nothing",
        behaviour=True,
    )
    server_port: bool = flag(
        "deskphone/sip/server_port",
        True,
        "Over UDP a server is known by its address and its port; 0 = by its address",
        behaviour=True,
    )
    answer_strangers: bool = flag(
        "deskphone/sip/answer_strangers",
        False,
        "Answer 403 to an INVITE of a host that is no server, in place of silence",
        behaviour=True,
    )
    tls: Tls = group(Tls)
    sips: bool = flag(
        f"{_SIP}/enable_sips",
        False,
        "Over TLS use sips: addresses: a call that would go on without TLS is not made (RFC 5630)",
        behaviour=True,
    )
    tos: int = integer(
        f"{_SIP}/tos", 160, 0, 255, "IP TOS byte of SIP packets (160 = CS5)", restart=True, behaviour=True
    )
    t1: int = integer(f"{_SIP}/sip_t1", 500, 100, 60000, "Timer T1", "ms", behaviour=True)
    t2: int = integer(f"{_SIP}/sip_t2", 4000, 200, 60000, "Timer T2", "ms", behaviour=True)
    t4: int = integer(f"{_SIP}/sip_t4", 5000, 1000, 60000, "Timer T4", "ms", behaviour=True)
    invite_timeout: int = integer(
        f"{_SIP}/sip_invite_timer", 32000, 0, 65535, "Give up on an INVITE nobody answers", "ms", behaviour=True
    )
    session_timer: int = integer(
        f"{_SIP}/session_timer", 1800, 90, 65535, "Session interval (RFC 4028); 0 = off", "s", also=(0,), behaviour=True
    )
    min_session_interval: int = integer(
        f"{_SIP}/min_session_interval", 90, 90, 65535, "Min-SE (RFC 4028)", "s", also=(0,), behaviour=True
    )
    prack: bool = flag(f"{_SIP}/prack/enabled", True, "Offer 100rel (RFC 3262)", behaviour=True)
    rport: bool = flag(f"{_SIP}/rport/enabled", True, "Add rport to Via (RFC 3581)", behaviour=True)
    nat_keep_alive: bool = flag(
        f"{_SIP}/keepalive_options/enabled", False, "Send OPTIONS to keep a NAT open", behaviour=True
    )
    nat_keep_alive_period: int = integer(
        f"{_SIP}/keepalive_options/timeout", 300, 0, 86400, "Its period", "s", behaviour=True
    )
    user_agent: str = text(
        f"{_SIP}/user_agent", "", "User-Agent header; empty = deskphone and its version", 64, behaviour=True
    )
    sdp_ptime: bool = flag(f"{_SIP}/sdp_include_ptime", False, "Put a=ptime into SDP")
    sdp_inactive: bool = flag(f"{_SIP}/sdp_support_inactive", True, "Understand a=inactive as hold")
    hold_answer_sendrecv: bool = flag(
        f"{_SIP}/sendrecv_instead_of_recvonly/enable", False, "Answer a hold with sendrecv in place of recvonly"
    )
    media_on_180: bool = flag(f"{_SIP}/connect_media_on_180", False, "Open media on a 180 that carries SDP")
    reject_anonymous: bool = flag(
        f"{_SIP}/anonymous_calls_blocking", False, "Reject callers that hide themselves (433, RFC 5079)", behaviour=True
    )
    hide_identity: bool = flag(
        f"{_SIP}/block_callerid_on_outgoing_calls", False, "Hide the own identity on calls made here", behaviour=True
    )
    privacy_header: bool = flag(f"{_SIP}/add_privacy_header", False, "Add a Privacy header (RFC 3323)", behaviour=True)
    identity_from_answer: bool = flag(
        f"{_SIP}/PAI_On_Replay/enable",
        True,
        "Show the party that P-Asserted-Identity of an answer names",
        behaviour=True,
    )


@dataclass(frozen=True, slots=True)
class Subscription:
    """How a failed SUBSCRIBE is tried again."""

    retries: int = integer(
        "voip/services/subs/retries", 4, 0, 100, "How often a failed SUBSCRIBE is repeated", behaviour=True
    )
    retry_interval: int = integer(
        "voip/services/subs/retry/timeout", 300, 1, 86400, "Pause between repeats", "s", behaviour=True
    )
    retry_after_403: bool = flag(
        "voip/services/subs/retry_after_403", True, "Repeat a SUBSCRIBE that got 403", behaviour=True
    )
    retry_after_cseq: int = integer(
        "voip/services/subs/retry_after_cseq_too_small",
        30,
        1,
        3600,
        "Pause after 500 'CSeq too small'",
        "s",
        behaviour=True,
    )
    retry_after_491: int = integer(
        "voip/services/sub/response491/retry_timeout", 1, 1, 60, "Pause after 491", "s", behaviour=True
    )
    no_notify_timeout: int = integer(
        f"{_SIP}/subs_no_notify_timer",
        32000,
        1000,
        9999999,
        "A subscription without a NOTIFY this long after its 200 is dead",
        "ms",
        behaviour=True,
    )
