"""Provisioning URLs: the printed forms of options 160, 66 and 67 to one firmware and one configuration file.

Law: text in, a frozen Place or WireError out; no file is fetched here. Messages never quote the URL: people write
passwords into it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

from deskphone.config.placeholder import canonical
from deskphone.wire.errors import WireError, clip

SCHEMES: Final = ("tftp", "ftp", "http", "https")
MAX_URL: Final = 1_024  # characters
CONFIGURATION: Final = (".cfg", ".conf", ".ini", ".txt", ".php", ".cgi", ".pl", ".asp", ".aspx", ".jsp")
"""A lone file of this kind is no firmware: a configuration, or a script that writes one."""
_LOGIN: Final = re.compile(r"[A-Za-z]+://[^/?@\s]*@")
_VALUE: Final = re.compile(r"[\w.~-]{1,64}=[^;?]*(?:;|\Z)")
UNSAFE: Final = re.compile(r"[^!-~]|[\"<>\\^`{|}]")  # RFC 3986 section 2: none of these stands in a URL unescaped


@dataclass(frozen=True, slots=True)
class Device:
    """What replaces <MODEL> and <MAC>. mac: twelve hexadecimal digits, in the case to try first."""

    model: str
    mac: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where to fetch. firmware: a URL. configurations: URLs in order, the second with the MAC in the other case."""

    firmware: str
    configurations: tuple[str, ...]


def device(model: str, mac: str) -> Device:
    """A Device from a MAC with or without separators, its case kept; WireError for another MAC or model."""
    digits = re.sub(r"[:.\-]", "", mac)
    if not re.fullmatch(r"[0-9A-Fa-f]{12}", digits):
        raise WireError(f"{clip(mac)!r}", "MAC address", "twelve hexadecimal digits")
    if not re.fullmatch(r"[A-Za-z0-9._\-]{1,64}", model):
        raise WireError(f"{clip(model)!r}", "model", "letters, digits, dots, hyphens")
    return Device(model, digits)


def from_url(url: str, unit: Device) -> Place:
    """`proto://server[/path][/firmware][;configuration]`, else WireError; a file left out has its default name.

    `/;phone.cfg` names only the configuration, and so does a lone file with the ending of a configuration, with <MAC>
    in its name, or a question to a script.
    A last word without a dot is a directory.
    """
    first, _, second = parted(canonical(url))
    base, file = _base_and_file(first.strip())
    return _place(base, file, second.strip(), unit)


def from_server(server: str, files: str, unit: Device) -> Place:
    """DHCP options 66 and 67. server: host, address or URL, tftp without a scheme. files: `firmware;configuration`;
    file names in `server` win over them. WireError as `from_url`."""
    url, files = canonical(server.strip()), canonical(files)
    if "://" not in url:
        url = f"tftp://{url}"
    first, semicolon, second = parted(url)
    base, file = _base_and_file(first.strip())
    if not file and not semicolon:
        file, _, second = files.partition(";")
    return _place(base, file.strip(), second.strip(), unit)


def parted(url: str) -> tuple[str, str, str]:
    """Firmware, the semicolon ("" where none parts it), configuration. One in a login, in front of the server's name,
    parts nothing, nor does one between the values of a query."""
    login = _LOGIN.match(url)
    for found in re.finditer(";", url):
        first, second = url[: found.start()], url[found.end() :]
        if found.start() >= (login.end() if login is not None else 0) and not ("?" in first and _VALUE.match(second)):
            return first, ";", second
    return url, "", ""


def _base_and_file(url: str) -> tuple[str, str]:
    """The directory URL (ends with a slash) and the file name, "" where the URL names none."""
    place, slash, path = url.partition("://")[2].partition("/")
    parts = _checked(f"{url.partition('://')[0]}://{place}{slash}{path.replace(' ', '%20')}")
    directory, _, last = parts.path.rpartition("/")
    root = f"{parts.scheme.lower()}://{parts.netloc}"
    if "." not in last and "<" not in last and not parts.query:
        directory, last = (f"{directory}/{last}" if last else directory), ""
    query = f"?{parts.query}" if parts.query else ""
    return f"{root}{directory.rstrip('/')}/", last + query


def _place(base: str, file: str, configuration: str, unit: Device) -> Place:
    file, configuration = file.replace(" ", "%20"), configuration.replace(" ", "%20")
    name, _, query = file.lower().partition("?")
    if not configuration and (name.endswith(CONFIGURATION) or query or "<mac>" in name):
        file, configuration = "", file
    # The MAC in both cases: servers see either.
    other = Device(unit.model, unit.mac.lower() if unit.mac != unit.mac.lower() else unit.mac.upper())
    firmware = _substituted(_joined(base, file or "<MODEL>.img"), unit)
    candidates = [_substituted(_joined(base, configuration or "<MAC>.cfg"), each) for each in (unit, other)]
    return Place(firmware, tuple(dict.fromkeys(candidates)))


def _joined(base: str, name: str) -> str:
    """The URL of `name` below `base`; a whole URL stands for itself, a leading slash begins at the server's root."""
    if "://" in name:
        _checked(name)
        return name
    if name.startswith("/"):
        return "/".join(base.split("/")[:3]) + name
    return base + name


def _substituted(url: str, unit: Device) -> str:
    """<MODEL> and <MAC> in any case replaced; WireError where characters of UNSAFE remain or it is above MAX_URL."""
    url = re.sub(r"<mac>", unit.mac, re.sub(r"<model>", unit.model, url, flags=re.IGNORECASE), flags=re.IGNORECASE)
    if len(url) > MAX_URL or UNSAFE.search(url):
        raise WireError(f"{len(url)} characters, some not allowed", "provisioning URL", f"a URL up to {MAX_URL}")
    return url


def _checked(url: str) -> SplitResult:
    expected = "tftp, ftp, http or https, `://`, a host, a port below 65536"
    if len(url) > MAX_URL or re.search(r"[^!-~]", url):
        raise WireError(f"{len(url)} characters, some not allowed", "provisioning URL", f"a URL up to {MAX_URL}")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port  # the port is checked only when asked for
    except ValueError:
        raise WireError("no host or port", "provisioning URL", expected) from None
    if parts.scheme.lower() not in SCHEMES or not host:
        raise WireError(f"scheme {clip(parts.scheme, 10)!r}", "provisioning URL", expected)
    if not re.fullmatch(r"[A-Za-z0-9._\-]+|[A-Za-z0-9._:%\-]*:[A-Za-z0-9._:%\-]*", host):  # % in IPv6's zone alone
        raise WireError("a host that is no host", "provisioning URL", expected)
    return parts
