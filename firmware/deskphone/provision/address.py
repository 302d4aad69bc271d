"""A URL as a download needs it: scheme, host, port, path, login; and which URLs are of one origin.

Law: text only. A login goes to the origin it was meant for and to nobody else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from deskphone.config.places import can_be_asked_for
from deskphone.config.secret import Secret
from deskphone.provision.problem import Outcome, Problem, strip_login

_ZONE = re.compile(r"(://(?:[^/?#]*@)?\[[0-9A-Fa-f:.]+)%25([^/?#\]]+\])")  # RFC 6874: the interface of an address
PORTS = {"http": 80, "https": 443, "ftp": 21, "tftp": 69}


@dataclass(frozen=True, slots=True)
class Login:
    """User and password for one origin (RFC 6454: scheme, host, port)."""

    origin: str
    user: str
    password: Secret


@dataclass(frozen=True, slots=True)
class Address:
    """One file. url has no login in it; login is the one that stood in it, or None."""

    url: str
    scheme: str
    host: str
    port: int
    path: str
    login: Login | None = None

    @property
    def origin(self) -> str:
        """Scheme, host and port as RFC 6454 has an origin: `https://host:443`."""
        return f"{self.scheme}://{self.host}:{self.port}"


def address(url: str) -> Address:
    """The parts of a URL; Problem where it is none that can be fetched."""
    url = _ZONE.sub(r"\1%\2", url, count=1)
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme.lower(), parts.hostname or "", parts.port
    except ValueError:  # its text names what was taken for a port, and that may be half a password
        raise Problem(Outcome.FAILED, _shown(url), "a URL with a host and a port below 65536", "another text") from None
    if scheme not in PORTS or not host or not url.isprintable():
        raise Problem(Outcome.FAILED, _shown(url), "a URL of tftp, ftp, http or https", "another text")
    if not can_be_asked_for(host):
        raise Problem(Outcome.FAILED, _shown(url), "a host with names of 1 to 63 characters", "another one")
    port = port or PORTS[scheme]
    login = None
    if parts.username is not None:
        password = Secret(unquote(parts.password or ""))
        login = Login(f"{scheme}://{host}:{port}", unquote(parts.username), password)
    return Address(strip_login(url), scheme, host, port, _bytes_kept(parts.path.lstrip("/")), login)


def _bytes_kept(path: str) -> str:
    """A path unescaped, for FTP and TFTP; bytes that are no UTF-8 as Python keeps those of a file's name (PEP 383)."""
    return unquote(path, errors="surrogateescape")


def _shown(url: str) -> str:
    """What of a text that is no URL may be told: where a login could stand, only how it begins."""
    scheme, colon, rest = url.partition("://")
    return f"{scheme}://***" if colon and "@" in rest else url
