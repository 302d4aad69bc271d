"""Rules between settings, as one table: what must fit together, and what is doubtful.

Law: a broken rule with `fatal` costs the lines of the file that broke it, one after another until it is kept: those of
`refuse` first, then those of `keys`. The others only warn. Nothing is read here.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass

from deskphone.config import servers
from deskphone.config.schema.network import DstDay, DstEnd, FixedAddress, SummerTime
from deskphone.config.schema.words import (
    CodecName,
    ConferenceMode,
    Device,
    DstMode,
    Enable,
    LanType,
    ProvisioningMethod,
    RedundancyMode,
    SrtpMode,
    SyslogMode,
    Transport,
    VlanMode,
)
from deskphone.config.settings import Settings

NOT_BUILT = (CodecName.G729, CodecName.LN16BIT_16000)
_CODECS = tuple(f"voip/codec/codec_info/{place}/{what}" for place in range(5) for what in ("name", "enabled"))
_SIP = "voip/signalling/sip"
_NOWHERE = 65_535  # the last port: no SIP server is there
_ACD = "voip/services/ACD"


@dataclass(frozen=True, slots=True)
class Rule:
    """`broken(settings)` says whether it is. keys: names of the settings it speaks of, the one to correct first.

    message: `expected ..., got ...` where fatal. refuse: names of the lines to withdraw first, where those are others
    than the one to correct (the switch, not the address it needs).
    """

    keys: tuple[str, ...]
    broken: Callable[[Settings], bool]
    message: str
    fatal: bool = True
    refuse: tuple[str, ...] = ()


def _doubt(keys: tuple[str, ...], broken: Callable[[Settings], bool], message: str) -> Rule:
    return Rule(keys, broken, message, fatal=False)


def _same_server(s: Settings) -> bool:
    here = (s.proxy.address.casefold(), s.proxy.port)
    return bool(s.secondary.address) and here == (s.secondary.address.casefold(), s.secondary.port)


def _rtp_range(s: Settings) -> range:
    return range(s.media.port, s.media.port + s.media.port_count)


def _one_moment(summer: SummerTime) -> bool:
    """Whether summer time begins and ends at the same moment, by the fields that its mode reads."""
    by_day = summer.mode is DstMode.FIXED

    def fields(turn: DstDay | DstEnd) -> tuple[object, ...]:
        return turn.month, turn.hour, turn.minute, turn.day if by_day else (turn.week, turn.weekday)

    return fields(summer.start) == fields(summer.end)


def _gateway_near(fixed: FixedAddress) -> bool:
    """Whether the gateway is on the phone's own subnet; True where address, netmask or gateway is not set."""
    if not (fixed.address and fixed.netmask and fixed.gateway):
        return True
    network = ipaddress.IPv4Network(f"{fixed.address}/{fixed.netmask}", strict=False)
    return ipaddress.IPv4Address(fixed.gateway) in network


def _sip_over_tcp(s: Settings) -> int:
    """Where the telephone listens for SIP by TCP or TLS, 0 where it does not."""
    ports = {Transport.TLS: s.sip.tls.port, Transport.TCP: s.sip.port}
    return ports.get(s.sip.transport, 0)


def _twice(items: list[object]) -> bool:
    return len(items) != len(set(items))


RULES: tuple[Rule, ...] = (
    # servers: a missing one costs no line, for an account that registers matters more than a complete file
    _doubt(
        (f"{_SIP}/proxy_address", f"{_SIP}/use_proxy"),
        lambda s: s.proxy.use_proxy and not s.proxy.address and bool(servers.named(s)),
        "use_proxy=1 without an address: the registrar or the outbound proxy is taken for the proxy",
    ),
    _doubt(
        (f"{_SIP}/use_proxy", f"{_SIP}/proxy_address"),
        lambda s: bool(s.proxy.address) and not s.proxy.use_proxy,
        "a proxy address without use_proxy=1 is not used",
    ),
    _doubt(
        (f"{_SIP}/sip_registrar/addr", f"{_SIP}/sip_registrar/enabled"),
        lambda s: s.registrar.enabled and not s.registrar.use_proxy and not s.registrar.address,
        "sip_registrar/enabled=1 without an address: registered at the proxy",
    ),
    _doubt(
        (f"{_SIP}/sip_outbound_proxy/addr", f"{_SIP}/sip_outbound_proxy/enabled"),
        lambda s: s.outbound.enabled and not s.outbound.address,
        "sip_outbound_proxy/enabled=1 without an address: there is no outbound proxy",
    ),
    _doubt(
        ("voip/line/1/enabled", "voip/line/2/enabled", "voip/line/3/enabled"),
        lambda s: any(line.enabled and line.id for line in s.line[1:]),
        "this phone has one account, that of line 0: another line is not used",
    ),
    Rule(
        (f"{_SIP}/secondary_proxy/address", f"{_SIP}/redundant_proxy/mode"),
        lambda s: s.redundant.mode is RedundancyMode.SIMULTANEOUS and not s.secondary.address,
        "expected an address in secondary_proxy/address because redundant_proxy/mode=SIMULTANEOUS, got none",
        refuse=(f"{_SIP}/redundant_proxy/mode",),
    ),
    _doubt(
        (f"{_SIP}/redundant_proxy/mode", f"{_SIP}/use_proxy"),
        lambda s: s.redundant.effective is not RedundancyMode.DISABLE and len(servers.named(s)) < 2,
        "two servers are asked for and no first one is named: use_proxy=1 and proxy_address, or sip_registrar",
    ),
    Rule(
        (f"{_SIP}/redundant_proxy/address", f"{_SIP}/redundant_proxy/mode", f"{_SIP}/redundant_proxy/enabled"),
        lambda s: s.redundant.effective is RedundancyMode.PRIMARY_FALLBACK and not s.redundant.address,
        "expected an address in redundant_proxy/address because redundant_proxy/mode is PRIMARY_FALLBACK, got none",
        refuse=(f"{_SIP}/redundant_proxy/mode", f"{_SIP}/redundant_proxy/enabled"),
    ),
    _doubt(
        (f"{_SIP}/secondary_proxy/address", f"{_SIP}/secondary_proxy/port"),
        _same_server,
        "the second SIP Server is the first one: nothing is gained",
    ),
    _doubt(
        (f"{_SIP}/redundant_proxy/enabled",),
        lambda s: s.redundant.enabled and s.redundant.mode is RedundancyMode.DISABLE,
        "older switch, taken as redundant_proxy/mode=PRIMARY_FALLBACK",
    ),
    _doubt(
        (f"{_SIP}/proxy_timeout",),
        lambda s: s.proxy.use_proxy and s.proxy.expires < 5,
        "so short a registration life means a REGISTER every few seconds, or none",
    ),
    # the line
    _doubt(
        ("voip/line/0/id", "voip/line/0/enabled"),
        lambda s: s.proxy.use_proxy and s.line[0].enabled and not s.line[0].id and not s.hot_seating.enabled,
        "no DN and system/login_sk_before_signed_in=0: the phone cannot register",
    ),
    _doubt(
        ("voip/line/0/auth_password", "voip/line/0/auth_name"),
        lambda s: bool(s.line[0].auth_name) and not s.line[0].auth_password,
        "auth_name without auth_password: a challenge cannot be answered",
    ),
    Rule(
        ("voip/line/0/call_forward/destination", "voip/line/0/call_forward/active"),
        lambda s: s.forward.enabled and s.forward.active and not s.forward.number,
        "expected a number in call_forward/destination because call_forward/active=1, got none",
        refuse=("voip/line/0/call_forward/active",),
    ),
    # SIP
    Rule(
        (f"{_SIP}/sip_t2", f"{_SIP}/sip_t1"),
        lambda s: s.sip.t2 < s.sip.t1,
        "expected sip_t2 to be at least sip_t1 (RFC 3261 17.1.2.1), got less",
    ),
    Rule(
        (f"{_SIP}/min_session_interval", f"{_SIP}/session_timer"),
        lambda s: 0 < s.sip.session_timer < s.sip.min_session_interval,
        "expected min_session_interval to be at most session_timer (RFC 4028), got more",
    ),
    Rule(
        (f"{_SIP}/tls_port", f"{_SIP}/port"),
        lambda s: s.sip.tls.port == s.sip.port,
        "expected two ports for sip/port and sip/tls_port, got one",
    ),
    _doubt(
        (f"{_SIP}/proxy_port", f"{_SIP}/transport_protocol"),
        lambda s: s.proxy.use_proxy and s.sip.transport is Transport.TLS and s.proxy.port == 5060,
        "TLS to port 5060: SIP Servers take TLS at 5061",
    ),
    _doubt(
        (f"{_SIP}/proxy_port",),
        lambda s: s.proxy.use_proxy and s.proxy.port == _NOWHERE,
        "port 65535, which files of the family have for none: 0 asks the name's SRV records",
    ),
    _doubt(
        (f"{_SIP}/sip_outbound_proxy/port",),
        lambda s: s.outbound.enabled and s.outbound.port == _NOWHERE,
        "port 65535, which files of the family have for none: 0 asks the name's SRV records",
    ),
    _doubt(
        ("voip/media/srtp/mode", f"{_SIP}/transport_protocol"),
        lambda s: s.media.srtp.mode is SrtpMode.REQUIREENCRYPTION and s.sip.transport is not Transport.TLS,
        "SRTP keys travel in clear without transport_protocol=TLS",
    ),
    # media
    Rule(
        ("voip/codec/codec_info/0/enabled", *_CODECS),
        lambda s: all(codec.name in NOT_BUILT for codec in s.media.codecs),
        "expected at least one codec of PCMU, PCMA, G722, OPUS in use, got none",
    ),
    _doubt(
        ("voip/codec/codec_info/0/name",),
        lambda s: _twice([codec.name for codec in s.media.codecs]),
        "a codec is in the list twice: its first place counts",
    ),
    Rule(
        ("voip/media/opus_payload", "voip/media/dtmf_payload"),
        lambda s: s.media.opus_payload == s.dtmf.payload,
        "expected two payload types for opus_payload and dtmf_payload, got one",
    ),
    Rule(
        ("voip/media/media_port", f"{_SIP}/port", f"{_SIP}/tls_port"),
        lambda s: s.sip.port in _rtp_range(s) or s.sip.tls.port in _rtp_range(s),
        "expected RTP ports that leave the SIP ports free, got a range that holds one",
    ),
    Rule(
        ("voip/media/media_port",),
        lambda s: _rtp_range(s)[-1] > 65535,
        "expected a range of deskphone/media/port_count ports below 65536, got one that goes beyond",
    ),
    _doubt(
        ("voip/answer_device", "voip/headset_only/enabled"),
        lambda s: s.audio.headset_only and s.audio.answer_device is Device.SPEAKER,
        "voip/headset_only/enabled=1: calls are answered on the headset",
    ),
    # calls
    Rule(
        ("voip/dialing/auto_dialing/destination", "voip/dialing/auto_dialing/enabled"),
        lambda s: s.dialing.hot_line and not s.dialing.hot_line_number,
        "expected a number in auto_dialing/destination because auto_dialing/enabled=1, got none",
        refuse=("voip/dialing/auto_dialing/enabled",),
    ),
    Rule(
        ("voip/services/conference/conf_ms_addr", "voip/services/conference/mode"),
        lambda s: s.conference.mode is ConferenceMode.REMOTE and s.conference.server in ("", "0.0.0.0"),
        "expected an address in conf_ms_addr because conference/mode=REMOTE, got none",
        refuse=("voip/services/conference/mode",),
    ),
    # the agent
    Rule(
        (f"{_ACD}/server_address", f"{_ACD}/server_use_sip_server"),
        lambda s: s.acd.enabled and not s.acd.use_sip_server and not s.acd.address,
        "expected an address in ACD/server_address because server_use_sip_server=0, got none",
        refuse=(f"{_ACD}/server_use_sip_server",),
    ),
    _doubt(
        (f"{_ACD}/enabled", f"{_SIP}/use_proxy"),
        lambda s: s.acd.enabled and s.acd.use_sip_server and not servers.named(s),
        "agent login needs a SIP Server: set use_proxy=1 and proxy_address",
    ),
    _doubt(
        (f"{_ACD}/unavailable_reason/0/code",),
        lambda s: _twice([reason.code for reason in s.acd.reasons]),
        "two not-ready reasons have one code: the server cannot tell them apart",
    ),
    _doubt(
        (f"{_ACD}/unavailable_reason/0/name",),
        lambda s: any(reason.code and not reason.name for reason in s.acd.reason),
        "a not-ready reason has a code and no name: it is not shown",
    ),
    # network and management
    Rule(
        ("system/http_server_port", "system/https_server_port"),
        lambda s: s.web.port == s.web.tls_port != 0,
        "expected two ports for http_server_port and https_server_port, got one",
    ),
    _doubt(
        ("system/https_server_port", "security/web/https_only"),
        lambda s: s.web.enabled and s.web.https_only and not s.web.tls_port,
        "https_only=1 without a port of HTTPS: there are no web pages",
    ),
    _doubt(
        ("system/https_server_port", "system/http_server_port", f"{_SIP}/transport_protocol"),
        lambda s: s.web.enabled and _sip_over_tcp(s) in (s.web.tls_port, s.web.port),
        "SIP has this port: the web pages are not opened there",
    ),
    Rule(
        ("network/lan/fixed_ip/ip_address", "network/lan_type"),
        lambda s: s.network.lan_type is LanType.STATIC and not (s.network.fixed.address and s.network.fixed.netmask),
        "expected an address and a netmask in fixed_ip because network/lan_type=STATIC, got none",
        refuse=("network/lan_type",),
    ),
    Rule(
        ("network/lan/fixed_ip/gateway", "network/lan/fixed_ip/ip_address", "network/lan/fixed_ip/netmask"),
        lambda s: s.network.lan_type is LanType.STATIC and not _gateway_near(s.network.fixed),
        "expected a gateway in the network of fixed_ip/ip_address and fixed_ip/netmask, got one outside it",
    ),
    Rule(
        ("network/lan/vlan/id", "network/lan/vlan/mode"),
        lambda s: s.network.vlan.mode is VlanMode.MANUAL and not s.network.vlan.id,
        "expected 1 to 4094 in vlan/id because vlan/mode=MANUAL, got 0",
        refuse=("network/lan/vlan/mode",),
    ),
    _doubt(
        ("system/daylight_saving/activate", "system/daylight_saving/start_date/month"),
        lambda s: s.time.summer.active is Enable.ENABLE and not s.time.zone and _one_moment(s.time.summer),
        "summer time begins and ends at one moment: there is none",
    ),
    _doubt(
        ("system/daylight_saving/activate", "deskphone/time/zone"),
        lambda s: s.time.summer.active is Enable.ENABLE and bool(s.time.zone),
        "deskphone/time/zone has summer time of its own: these dates do not count",
    ),
    Rule(
        ("provisioning/configuration/url", "provisioning/method"),
        lambda s: s.provisioning.method is ProvisioningMethod.STATIC and not s.provisioning.configuration_url,
        "expected a URL in configuration/url because provisioning/method=STATIC, got none",
        refuse=("provisioning/method",),
    ),
    Rule(
        ("management/tr069/acs_url", "management/tr069/enabled"),
        lambda s: s.tr069.enabled and not s.tr069.acs_url,
        "expected a URL in tr069/acs_url because tr069/enabled=1, got none",
        refuse=("management/tr069/enabled",),
    ),
    Rule(
        ("system/syslog/server_address", "system/syslog/mode"),
        lambda s: s.syslog.mode in (SyslogMode.NETWORK, SyslogMode.ALL) and not s.syslog.server,
        "expected an address in syslog/server_address because syslog/mode sends to the network, got none",
        refuse=("system/syslog/mode",),
    ),
    _doubt(
        ("system/syslog/server_address", "system/syslog/mode"),
        lambda s: bool(s.syslog.server) and s.syslog.mode not in (SyslogMode.NETWORK, SyslogMode.ALL),
        "a syslog server without system/syslog/mode=NETWORK (or ALL): nothing is sent to it",
    ),
    _doubt(
        ("management/telnet/enabled",),
        lambda s: s.telnet.enabled,
        "Telnet is not encrypted: whoever is on the way reads the administrator's password; SSH is (deskphone/ssh)",
    ),
    _doubt(
        ("security/provisioning/verify_server_certificate",),
        lambda s: not s.provisioning.verify_server,
        "whoever can answer for the provisioning server owns this phone",
    ),
)
