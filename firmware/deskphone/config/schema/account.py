"""Settings of the SIP account: lines, proxy, registrar, second server, outbound proxy, registration.

Law: only declarations. Sources: 420HD guide table 2, docs/interop.md.
"""

from __future__ import annotations

from dataclasses import dataclass

from deskphone.config.option import choice, codes, flag, group, host, integer, secret, text
from deskphone.config.schema.words import (
    ForwardType,
    LineMode,
    ProbeMethod,
    RedundancyMode,
)
from deskphone.config.secret import Secret

_PORT = (1024, 65535)
# No quotes round it, no second sign before it, no comment behind it: those are the file's.
_PLAIN = r"(?!['`=>\u2018-\u201f\u00ab\u00bb])(?!.*[;,]\Z)(?!.*\s(#|//|--|/\*|<!--))"
_WIDE = r"\uff01-\uff5e"  # letters and digits as wide as Chinese ones: they are others on the wire
_SIP = "voip/signalling/sip"


@dataclass(frozen=True, slots=True)
class LineForward:
    """Call forwarding of a line; one type at a time."""

    enabled: bool = flag("voip/line/N/call_forward/enabled", True, "Call forwarding may be used", behaviour=True)
    active: bool = flag(
        "voip/line/N/call_forward/active", False, "Call forwarding is on now", behaviour=True, together=True
    )
    type: ForwardType = choice(
        "voip/line/N/call_forward/type",
        ForwardType.NO_REPLY,
        "Always, when busy, or when nobody answers",
        behaviour=True,
        together=True,
    )
    number: str = text(
        "voip/line/N/call_forward/destination", "", "Number calls are forwarded to", behaviour=True, together=True
    )
    timeout: int = integer(
        "voip/line/N/call_forward/timeout", 6, 0, 7200, "No-reply time before forwarding", "s", behaviour=True
    )


@dataclass(frozen=True, slots=True)
class Line:
    """One SIP account. Line 0 is the agent's."""

    enabled: bool = flag("voip/line/N/enabled", False, "Line in use", behaviour=True)
    id: str = text(
        "voip/line/N/id",
        "",
        "SIP user: the DN at the SIP Server",
        shape=rf"(?!(sips?|tel):){_PLAIN}[^@<>\"\\{_WIDE}]*",
        words="a SIP user without a domain",
        behaviour=True,
    )
    description: str = text("voip/line/N/description", "", "Display name sent with calls", behaviour=True)
    auth_name: str = text(
        "voip/line/N/auth_name",
        "",
        "Digest user name; empty = the id",
        shape=rf"{_PLAIN}.*",
        words="a user name",
        behaviour=True,
    )
    auth_password: Secret = secret("voip/line/N/auth_password", "Digest password", behaviour=True)
    extension_display: str = text(
        "voip/line/N/extension_display", "", "Text on the screen in place of the id", behaviour=True
    )
    line_mode: LineMode = choice("voip/line/N/line_mode", LineMode.PRIVATE, "Private line or shared appearance")
    do_not_disturb: bool = flag(
        "voip/line/N/do_not_disturb/activated", False, "Do Not Disturb is on now", behaviour=True
    )
    call_forward: LineForward = group(LineForward)


@dataclass(frozen=True, slots=True)
class Proxy:
    """The SIP Server."""

    use_proxy: bool = flag(f"{_SIP}/use_proxy", False, "Use a SIP proxy (the SIP Server)", behaviour=True)
    address: str = host(f"{_SIP}/proxy_address", "SIP Server: address or host name", behaviour=True)
    port: int = integer(f"{_SIP}/proxy_port", 5060, *_PORT, "Port of the SIP Server", also=(0,), behaviour=True)
    domain: str = host(
        f"{_SIP}/proxy_gateway",
        "Domain of the phone's own SIP address and of the numbers it calls; not set = the proxy address",
        behaviour=True,
    )
    expires: int = integer(
        f"{_SIP}/proxy_timeout",
        3600,
        0,
        86400,
        "Registration lifetime asked for (the guide titles it 'Maximum Number of Authentication Retries'); 300 is "
        "recommended with SIP Server",
        "s",
        behaviour=True,
    )


@dataclass(frozen=True, slots=True)
class Registrar:
    """A registrar that is not the proxy."""

    enabled: bool = flag(f"{_SIP}/sip_registrar/enabled", False, "Register to a separate registrar", behaviour=True)
    use_proxy: bool = flag(
        f"{_SIP}/use_proxy_ip_port_for_registrar", False, "Register at the proxy's address and port", behaviour=True
    )
    address: str = host(f"{_SIP}/sip_registrar/addr", "Registrar: address or host name", behaviour=True)
    port: int = integer(f"{_SIP}/sip_registrar/port", 5060, *_PORT, "Port of the registrar", also=(0,), behaviour=True)
    failed_timeout: int = integer(
        f"{_SIP}/registration_failed_timeout",
        60,
        1,
        86400,
        "Pause before a failed registration is tried again; 5 with a pool of SIP Proxies",
        "s",
        behaviour=True,
    )


@dataclass(frozen=True, slots=True)
class KeepAlive:
    """OPTIONS to the registrar; no answer shortens the time to the next REGISTER."""

    enabled: bool = flag(
        f"{_SIP}/registrar_ka/enabled", False, "Send OPTIONS to the registrar as keep-alive", behaviour=True
    )
    period: int = integer(
        f"{_SIP}/registrar_ka/timeout", 60, 40, 65536, "Period of that keep-alive", "s", behaviour=True
    )


@dataclass(frozen=True, slots=True)
class Registration:
    """Details of REGISTER."""

    refresh_percent: int = integer(
        f"{_SIP}/register_before_expires_percent",
        50,
        1,
        99,
        "Refresh after this part of the lifetime",
        "%",
        behaviour=True,
    )
    keep_at_restart: bool = flag(
        f"{_SIP}/unregister_on_voip_reload",
        False,
        "1 = no un-REGISTER when the program ends or restarts: a restart takes no agent out of service",
        behaviour=True,
    )
    auth_retries: int = integer(
        f"{_SIP}/auth_retries", 10, 0, 100, "How many challenges of one REGISTER are answered", behaviour=True
    )
    display_name: bool = flag(
        f"{_SIP}/display_name_in_registration_msg/enabled", False, "Put the display name into REGISTER", behaviour=True
    )
    sip_instance: bool = flag(
        f"{_SIP}/add_sip_instance/enable", False, "Add +sip.instance to Contact (RFC 5626)", behaviour=True
    )
    quick: bool = flag("network/quick_reregister/enabled", True, "Register at once when the network comes back")
    spread_lines: bool = flag(
        "voip/distribute_multiple_line_registrations/enable", True, "Spread the registrations of several lines"
    )
    spread_interval: int = integer(
        "voip/distribute_multiple_line_registrations/interval", 1, 0, 60, "Pause between them", "s"
    )


@dataclass(frozen=True, slots=True)
class SecondaryProxy:
    """The second SIP Server of Business Continuity (mode SIMULTANEOUS)."""

    address: str = host(f"{_SIP}/secondary_proxy/address", "Second SIP Server: address or host name", behaviour=True)
    port: int = integer(
        f"{_SIP}/secondary_proxy/port", 5060, *_PORT, "Port of the second SIP Server", also=(0,), behaviour=True
    )


@dataclass(frozen=True, slots=True)
class OutboundProxy:
    """The first hop of every request."""

    enabled: bool = flag(
        f"{_SIP}/sip_outbound_proxy/enabled", False, "Send every request to an outbound proxy", behaviour=True
    )
    address: str = host(f"{_SIP}/sip_outbound_proxy/addr", "Outbound proxy: address or host name", behaviour=True)
    port: int = integer(
        f"{_SIP}/sip_outbound_proxy/port", 5060, *_PORT, "Port of the outbound proxy", also=(0,), behaviour=True
    )


@dataclass(frozen=True, slots=True)
class RedundantProxy:
    """What to do with two servers; address and port are those of PRIMARY_FALLBACK."""

    mode: RedundancyMode = choice(
        f"{_SIP}/redundant_proxy/mode",
        RedundancyMode.DISABLE,
        "DISABLE, PRIMARY_FALLBACK (one at a time) or SIMULTANEOUS (registered at both: Business Continuity)",
        behaviour=True,
    )
    enabled: bool = flag(
        f"{_SIP}/redundant_proxy/enabled",
        False,
        "Older switch: 1 means PRIMARY_FALLBACK when mode is DISABLE",
        aliases=(f"{_SIP}/use_redundant_proxy",),
        behaviour=True,
    )
    address: str = host(f"{_SIP}/redundant_proxy/address", "Redundant proxy of PRIMARY_FALLBACK", behaviour=True)
    port: int = integer(f"{_SIP}/redundant_proxy/port", 5060, *_PORT, "Its port", behaviour=True)
    symmetric: bool = flag(
        f"{_SIP}/redundant_proxy/symmetric_mode",
        False,
        "PRIMARY_FALLBACK: 1 = stay until the present one dies, 0 = go back as soon as the primary answers",
        behaviour=True,
    )
    keep_alive_period: int = integer(
        f"{_SIP}/redundant_proxy/keepalive_period",
        60,
        0,
        300,
        "Period of the probes to the proxy in use and to the primary; 0 = none, the way home by one a minute",
        "s",
        behaviour=True,
    )
    probe: ProbeMethod = choice(
        f"{_SIP}/detect_primary_proxy/method", ProbeMethod.OPTIONS, "Request that probes the primary", behaviour=True
    )
    failback_delay: int = integer(
        f"{_SIP}/failback_retry_timeout", 0, 0, 86400, "Wait before going back to the primary", "s", behaviour=True
    )
    switch_on_failure: bool = flag(
        f"{_SIP}/redundant_proxy/switch_on_server_failure", False, "Change over on a 5xx answer too", behaviour=True
    )
    no_switch_codes: tuple[int, ...] = codes(
        f"{_SIP}/redundant_proxy/no_switch_on_code", "Answers that never cause a change over", behaviour=True
    )
    dual_t1: int = integer(
        f"{_SIP}/redundant_proxy/dual_reg/t1",
        20,
        20,
        200,
        "SIP timer T1 while two servers are configured (manual 2.2.8)",
        "ms",
        behaviour=True,
    )
    call_retry_after: int = integer(
        f"{_SIP}/redundant_proxy/call_retry_after",
        0,
        0,
        86400,
        "How long new calls pass over a server that refused one with 503 and no Retry-After; 0 = the call alone",
        "s",
        behaviour=True,
    )
    no_response_timeout: int = integer(
        f"{_SIP}/outgoing_request_no_response_timeout_ms",
        32000,
        500,
        120000,
        "Give up on a request nobody answers",
        "ms",
        behaviour=True,
    )

    @property
    def effective(self) -> RedundancyMode:
        """The mode; PRIMARY_FALLBACK where only the older switch `enabled` asks for it."""
        if self.mode is RedundancyMode.DISABLE and self.enabled:
            return RedundancyMode.PRIMARY_FALLBACK
        return self.mode
