"""DHCP options to an offer: names, servers, and where the configuration is, in order of precedence.

Law: options (code to bytes) in, frozen values out. A bad option costs itself and leaves a line in `problems` (without
its text: there may be a password in a URL); it never costs the other options.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from deskphone.wire import provisioning_url
from deskphone.wire.dhcp_values import HOST, host_name, servers, sip_servers, text
from deskphone.wire.errors import WireError, bounded
from deskphone.wire.provisioning_url import Device, Place

TIME_OFFSET: Final = 2
TIME_SERVERS: Final = 4
HOST_NAME: Final = 12
NTP_SERVERS: Final = 42
VENDOR_SPECIFIC: Final = 43
TFTP_SERVER: Final = 66
BOOT_FILE: Final = 67
SIP_SERVERS: Final = 120
VENDOR_OPTIONS: Final = 125
PROVISIONING_URL: Final = 160
ASKED: Final = (1, TIME_OFFSET, 3, TIME_SERVERS, 6, HOST_NAME, 15, NTP_SERVERS, VENDOR_SPECIFIC, TFTP_SERVER,
                BOOT_FILE, SIP_SERVERS, VENDOR_OPTIONS, PROVISIONING_URL)  # fmt: skip
"""What the DHCP client must ask for (firmware/dhcp): what is read here; netmask, routers, name servers and domain are
its own."""

_RAW: Final = (4, 8, 12, 16)  # bytes of one to four addresses
# A host with a dot, perhaps a port and a path.
PLACE: Final = re.compile(r"[A-Za-z0-9_\-]+(?:\.[A-Za-z0-9_\-]+)+\.?(?::\d{1,5})?(?:/\S*)?")
_BOOT_SERVERS: Final = (66, 150)  # sub-options that hold an address in four bytes
_SCHEME_IN: Final = re.compile(rb"[\x00-\xff]{0,1}[\x00-\xff](?=(?:https?|t?ftp)://)(?<![ -~])", re.IGNORECASE)
_FORGOTTEN: Final = re.compile(r"\A(tftp|ftp|https?):/?(?=[^/\s])(?!\d+(?:/|\Z))", re.IGNORECASE)
UNSET: Final = ("", "0.0.0.0", "[::]")
MAX_OPTION: Final = 1_024  # RFC 3396 allows longer ones by concatenation; no honest text here needs it
OTHERS: Final = "MS-UC-Client"  # begins sub-options that are for another program
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Source:
    """One place to fetch from. option: the DHCP option that named it (66 stands for 66 and 67), 0 for no DHCP."""

    option: int
    place: Place


@dataclass(frozen=True, slots=True)
class Facts:
    """What a lease tells beside the address. time_offset: seconds east of UTC, None where not sent. problems: one line
    for each option that could not be read."""

    host_name: str = ""
    time_offset: int | None = None
    ntp_servers: tuple[str, ...] = ()
    sip_servers: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProvisioningOffer:
    """Where a lease says the configuration is. sources: in order of precedence, best first. problems: as in Facts."""

    sources: tuple[Source, ...] = ()
    problems: tuple[str, ...] = ()


class _Options:
    """Reads options one by one; what is wrong with one is kept as a line."""

    def __init__(self, options: Mapping[int, bytes]) -> None:
        self._options, self.problems = options, list[str]()

    def read(self, option: int, reader: Callable[[bytes], _T], missing: _T) -> _T:
        """The option's value, `missing` where it was not sent or makes no sense."""
        value = self._options.get(option)
        if value is None:
            return missing
        try:
            bounded(len(value), MAX_OPTION, "value")
            return reader(value)
        except WireError as error:
            self.problems.append(f"DHCP option {option}: {error}")
            return missing


def read_facts(options: Mapping[int, bytes]) -> Facts:
    """Host name, NTP and SIP servers and time offset in the options of a lease, by code. Never raises."""
    taken = _Options(options)
    read = taken.read
    return Facts(
        host_name=read(HOST_NAME, host_name, ""),
        time_offset=read(TIME_OFFSET, _time_offset, None),
        ntp_servers=read(NTP_SERVERS, servers, ()) or read(TIME_SERVERS, servers, ()),
        sip_servers=read(SIP_SERVERS, sip_servers, ()),
        problems=tuple(taken.problems),
    )


def read_offer(options: Mapping[int, bytes], device: Device, url_option: int = PROVISIONING_URL) -> ProvisioningOffer:
    """The offer in the options of a lease, by code: the URL option, then 66 with 67, then 43. Never raises.

    device: what <MODEL> and <MAC> in it stand for. url_option: code of the option that holds a URL
    (`provisioning/url_option_value`).
    """
    taken = _Options(options)
    read = taken.read
    boot_files = read(BOOT_FILE, _url_text, "") if TFTP_SERVER in options else ""
    none: tuple[Place, ...] = ()
    places = (
        (url_option, read(url_option, lambda value: _named(value, "", device), none)),
        (TFTP_SERVER, read(TFTP_SERVER, lambda value: _named(value, boot_files, device, True), none)),
        (VENDOR_SPECIFIC, read(VENDOR_SPECIFIC, lambda value: _vendor(value, device), none)),
    )
    sources = tuple(Source(option, place) for option, found in places for place in found)
    return ProvisioningOffer(sources, tuple(taken.problems))


# --- reading one option ----------------------------------------------------------------------------


def _time_offset(value: bytes) -> int | None:
    """Seconds east of UTC (RFC 2132 section 3.4), signed; WireError beyond 14 hours either way, or for no whole minutes
    (four bytes of 255)."""
    offset = int.from_bytes(value, "big", signed=True)
    if len(value) != 4 or abs(offset) > 14 * 3_600 or offset % 60:
        raise WireError(f"{len(value)} bytes", "value", "four bytes, whole minutes, at most 14 hours either way")
    return offset


def _named(value: bytes, files: str, device: Device, bare: bool = False) -> tuple[Place, ...]:
    """The place that option 66 or the one with a URL names: as text, the first of several; or, as option 150 of another
    maker has it, addresses of TFTP servers in four bytes each. An address or a name with a dot is a place without a
    scheme, too; with `bare` any word is. files: option 67."""
    value = _unwrapped(value)
    if len(value) in _RAW and not all(0x20 <= byte < 0x7F for byte in value.rstrip(b"\0")):
        return _server(servers(value[:4])[0], files, device)
    name = re.split(r"[,\s]+(?=[a-z]+://)", _url_text(value), maxsplit=1, flags=re.IGNORECASE)[0]
    several = [name] if "://" in name else re.split(r"[,\s]+|;(?=[\d.]+(?:;|\Z))", name)
    host = several[0] if all("." in each for each in several) else name
    if not bare and not ("://" not in host and PLACE.fullmatch(host)):
        return _url(name, device)
    return _server(f"[{host}]" if host.count(":") > 1 and host[0] != "[" and "/" not in host else host, files, device)


def _url(url: str, device: Device) -> tuple[Place, ...]:
    """The place of the URL in option 160 or 43; none for an empty one."""
    return (provisioning_url.from_url(url, device),) if url else ()


def _server(server: str, files: str, device: Device) -> tuple[Place, ...]:
    """The place at a server, its files by option 67; none for an address that is not set."""
    if server in UNSET:
        return ()
    return (provisioning_url.from_server(server, files, device),)


def _vendor(value: bytes, device: Device, inside: bool = False) -> tuple[Place, ...]:
    """Option 43: a bare URL, or sub-options (RFC 2132 section 8.4) of which the first URL, else host, counts."""
    if _text_of(value)[:8].lower().startswith(("http", "ftp:", "tftp:")):
        return _url(_url_text(value), device)
    texts: list[tuple[int, str]] = []
    for code, inner in sub_options(value):
        if code == VENDOR_SPECIFIC and not inside and not _text_of(inner):  # twice in its envelope
            return _vendor(inner, device, inside=True)
        try:
            numbers = code in _BOOT_SERVERS and len(inner) == 4
            texts.append((code, servers(inner)[0] if numbers else _url_text(inner)))
        except WireError:
            continue  # a sub-option of another kind (VLAN, flags)
    if any(found == OTHERS for _, found in texts):
        raise WireError("sub-options of Skype for Business", "value", "a URL, or sub-options that hold one")
    url = next((found for _, found in texts if "://" in found), "")
    files = dict(texts).get(BOOT_FILE, "")
    hosts = [found for code, found in texts if code != BOOT_FILE] or [_text_of(value)]
    host = next((found for found in hosts if "." in found and HOST.fullmatch(found)), "")
    if not url and not host:
        raise WireError(f"{len(value)} bytes without a URL or host", "value", "a URL, or sub-options that hold one")
    return _url(url, device) if url else _server(host, files, device)


def _text_of(value: bytes) -> str:
    """The text of an option, "" where it is none."""
    try:
        return _url_text(value)
    except WireError:
        return ""


def _unwrapped(value: bytes) -> bytes:
    """The URL behind a length, or a code and a length, which an option of its own does not have; else the value."""
    wrapped = _SCHEME_IN.match(value)
    if wrapped is None:
        return value
    size, rest = wrapped[0][-1], value[wrapped.end() :]
    return rest[:size] if 8 < size < len(rest) else rest


def _url_text(value: bytes) -> str:
    """The text of an option that names a place or a file: with slashes where servers on Windows have others, `://`
    where one slash or two were forgotten, without brackets round a URL. WireError."""
    found = text(value, url=True).replace("\\", "/")
    if found[:1] == "<" and found[-1:] == ">" and "<" not in found[1:]:
        found = found[1:-1] if "://" in found else found
    return _FORGOTTEN.sub(r"\1://", found.removeprefix("//") if found[:2] == "//" else found)


def sub_options(value: bytes) -> tuple[tuple[int, bytes], ...]:
    """(code, value) of encapsulated options (RFC 2132 section 8.4): 0 is padding, 255 ends. One cut off is left out."""
    found: list[tuple[int, bytes]] = []
    at = 0
    while at + 1 < len(value) and value[at] != 255:
        if value[at] == 0:
            at += 1
            continue
        end = at + 2 + value[at + 1]
        if end > len(value):
            break
        found.append((value[at], value[at + 2 : end]))
        at = end
    return tuple(found)


# --- what the phone asks to be called ------------------------------------------------------------------


def clean_host_name(name: str) -> str:
    """Any text (a DN) as one DNS label (RFC 1123 section 2.1): lower-case letters, digits, hyphens, at most 63
    characters; "" where nothing is left."""
    return re.sub(r"[^a-z0-9]+", "-", name[:255].lower()).strip("-")[:63].strip("-")
