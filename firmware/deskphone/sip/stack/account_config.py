"""What an account is to pjsua2: its configuration, From, Request-URIs and header fields.

Law: SIP thread only. What a setting means to an account is written here and nowhere else.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
from typing import Any

import pjsua2 as pj

from deskphone.config.schema.words import SrtpMode
from deskphone.config.settings import Settings
from deskphone.core.effects import Account
from deskphone.sip.options import UserAgentOptions
from deskphone.sip.policy import requests
from deskphone.sip.policy.media import SUITES
from deskphone.sip.policy.sender import MARK
from deskphone.sip.stack.endpoint import dscp
from deskphone.wire import fields
from deskphone.wire.errors import WireError

LEAST = 90  # seconds, RFC 4028 section 5
PROXIES = 3  # PJSUA_REG_USE_OUTBOUND_PROXY | PJSUA_REG_USE_ACC_PROXY


def account_config(
    account: Account, settings: Settings, options: UserAgentOptions, toggle: int, mark: str, *, left: str
) -> Any:
    """pjsua2's account configuration. mark: what nobody else can know of our Contact. left: the Contact URI of a
    binding that its REGISTERs remove beside what they make (RFC 3261 section 10.2.2), "" for none."""
    config = pj.AccountConfig()
    config.idUri = identity(account) if settings.registration.display_name else f"<{account.aor}>"
    reg, sip, nat = config.regConfig, config.sipConfig, config.natConfig
    reg.registrarUri = account.registrar + transport_of(account)
    reg.registerOnAdd = False
    reg.disableRegOnModify = True
    reg.timeoutSec = account.expires
    reg.retryIntervalSec = 0
    reg.firstRetryIntervalSec = 0
    reg.dropCallsOnFail = False
    reg.unregWaitMsec = 0
    reg.proxyUse = (0 if account.direct_register else PROXIES) | toggle
    reg.headers.append(sip_header("Allow-Events", requests.ALLOW_EVENTS))
    if left:
        reg.headers.append(sip_header("Contact", f"<{left}>;expires=0"))
    sip.authCreds.append(pj.AuthCredInfo("digest", "*", account.auth_user, 0, account.auth_password.reveal()))
    reg.contactUriParams = f";{MARK}={mark}"  # of the registration only: what stands in a call is shown to its far end
    if account.hop:  # an address to send to, and no header for it: the URIs keep the name
        sip.proxies.append(f"<sip:{account.hop}{transport_of(account)};lr;hide>")
    elif account.proxy:
        sip.proxies.append(f"<{account.proxy}{transport_of(account)};lr>")
    ipv6 = uses_ipv6(account, options)
    sip.ipv6Use = pj.PJSUA_IPV6_ENABLED_USE_IPV6_ONLY if ipv6 else pj.PJSUA_IPV6_DISABLED
    nat.iceEnabled = nat.turnEnabled = False
    nat.sipStunUse = nat.mediaStunUse = pj.PJSUA_STUN_USE_DISABLED
    nat.sipOutboundUse = 1 if settings.registration.sip_instance else 0
    nat.contactRewriteUse = nat.viaRewriteUse = int(settings.sip.rport)
    nat.udpKaIntervalSec = settings.sip.nat_keep_alive_period if settings.sip.nat_keep_alive else 0
    config.ipChangeConfig.reinviteFlags = 0  # `Registrations.move` and `Calls.move` say what is to be said
    calls = config.callConfig
    calls.prackUse = pj.PJSUA_100REL_OPTIONAL if settings.sip.prack else pj.PJSUA_100REL_NOT_USED
    calls.timerUse = pj.PJSUA_SIP_TIMER_OPTIONAL if settings.sip.session_timer else pj.PJSUA_SIP_TIMER_INACTIVE
    calls.timerMinSESec = least_interval(settings) or LEAST
    calls.timerSessExpiresSec = max(settings.sip.session_timer, calls.timerMinSESec)
    config.presConfig.publishEnabled = False
    config.mwiConfig.enabled = False
    _media(config.mediaConfig, account, settings, options)
    return config


def least_interval(settings: Settings) -> int:
    """The shortest session interval that is taken, 0 where session timers are off (RFC 4028)."""
    return (settings.sip.min_session_interval or LEAST) if settings.sip.session_timer else 0


def own_address(account: Account) -> str:
    """The address of ours that its server is reached from, for SDP: pjsip takes that of the default route, where there
    may be none, or another way. "" where the server's address is a name, or on this machine."""
    host, _, port = first_hop(account).rpartition(":")
    try:
        server = ipaddress.ip_address(host.strip("[]"))
        with socket.socket(socket.AF_INET6 if server.version == 6 else socket.AF_INET, socket.SOCK_DGRAM) as way:
            way.connect((str(server), int(port)))  # nothing is sent
            own = ipaddress.ip_address(way.getsockname()[0])
    except (OSError, ValueError):
        return ""
    return "" if own.is_loopback or own.is_link_local else str(own)


def _media(media: Any, account: Account, settings: Settings, options: UserAgentOptions) -> None:
    ipv6 = uses_ipv6(account, options)
    media.ipv6Use = pj.PJSUA_IPV6_ENABLED_USE_IPV6_ONLY if ipv6 else pj.PJSUA_IPV6_DISABLED
    media.srtpUse = {
        SrtpMode.DONOTSUPPORTENCRYPTION: pj.PJMEDIA_SRTP_DISABLED,
        SrtpMode.SUPPORTENCRYPTION: pj.PJMEDIA_SRTP_OPTIONAL,
        SrtpMode.REQUIREENCRYPTION: pj.PJMEDIA_SRTP_MANDATORY,
    }[settings.media.srtp.mode]
    for suite in SUITES[settings.media.srtp.method]:
        crypto = pj.SrtpCrypto()
        crypto.name = suite
        media.srtpOpt.cryptos.append(crypto)
    media.srtpSecureSignaling = 0  # whether the keys travel in clear is the administrator's choice of transport
    media.streamKaEnabled = False
    transport = media.transportConfig
    transport.port = options.media_port or settings.media.port
    transport.portRange = settings.media.port_count
    transport.boundAddress = options.bound(ipv6) or ""
    transport.publicAddress = "" if transport.boundAddress else own_address(account)
    dscp(transport.qosParams, settings.media.tos)


def identity(account: Account) -> str:
    """The account's From: `"name" <sip:number@host>`."""
    if not account.display:
        return f"<{account.aor}>"
    name = account.display.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{name}" <{account.aor}>'


def show_or_hide(option: Any, account: Account | None, settings: Settings) -> tuple[tuple[str, str], ...]:
    """Set From of a call, and tell the header fields that go with it: our name, or none (RFC 3323, RFC 3325)."""
    if account is None or not settings.sip.hide_identity:
        option.localUri = identity(account) if account is not None else ""
        return (("Privacy", "none"),) if settings.sip.privacy_header else ()
    option.localUri = '"Anonymous" <sip:anonymous@anonymous.invalid>'
    return ("Privacy", "id"), ("P-Preferred-Identity", identity(account))


def request_uri(target: str, account: Account) -> str:
    """A number or URI as a Request-URI at this account's server."""
    if "<" in target:  # a name-addr, as servers write forwardTo and Contact
        with contextlib.suppress(WireError):
            target = fields.address(target).uri
    scheme = "sips" if is_secure(account) else "sip"
    if target.lower().startswith(("sip:", "sips:", "tel:")):
        return f"sips:{target[4:]}" if scheme == "sips" and target.lower().startswith("sip:") else target
    user, at, host = target.partition("@")
    escaped = "".join(char if char.isalnum() or char in "-_.!~*'()&=+$,;?/" else _percent(char) for char in user)
    return f"{scheme}:{escaped}@{host if at else account.aor.partition('@')[2]}"


def is_secure(account: Account) -> bool:
    """Whether it speaks by sips: addresses, so that nothing of it may go on without TLS (RFC 5630)."""
    return account.aor.startswith("sips:")


def _percent(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode())


def sip_header(name: str, value: str) -> Any:
    """pjsua2's header field."""
    header = pj.SipHeader()
    header.hName, header.hValue = name, value
    return header


def uses_ipv6(account: Account, options: UserAgentOptions) -> bool:
    """Whether this account speaks IPv6: by the proxy's or registrar's address, else by the one it is bound to."""
    for text in (_host(f"sip:{account.hop}"), _host(account.proxy), _host(account.registrar), options.address):
        with contextlib.suppress(ValueError):
            return ipaddress.ip_address(text.strip("[]")).version == 6
    return False


def first_hop(account: Account) -> str:
    """host:port its requests go to first: the proxy, else the registrar."""
    if account.hop:
        return account.hop
    uri = fields.uri(account.proxy or account.registrar)
    host = f"[{uri.host.strip('[]')}]" if ":" in uri.host else uri.host
    return f"{host}:{uri.port or (5061 if account.transport == 'tls' else 5060)}"


def goes_to_name(account: Account) -> bool:
    """Whether its REGISTER or its calls go to a name that the stack looks up."""
    uris = (
        account.registrar if account.direct_register else "",
        "" if account.hop else account.proxy or account.registrar,
    )
    return any(uri and not _is_address(_host(uri)) for uri in uris)


def proxies(account: Account | None) -> set[str]:
    """Where calls come from beside the registrar: a proxy of its own, where it is named by its address."""
    if account is None or not account.direct_register:
        return set()
    return {first_hop(account)} if _is_address(_host(account.proxy)) else set()


def _is_address(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")) is not None
    except ValueError:
        return False


def _host(uri: str) -> str:
    try:
        return fields.uri(uri).host
    except WireError:
        return ""


def transport_of(account: Account) -> str:
    """The URI parameter of the account's transport, "" for UDP and for sips: addresses, which are TLS by themselves."""
    said = account.transport in ("tcp", "tls") and not is_secure(account)
    return f";transport={account.transport}" if said else ""
