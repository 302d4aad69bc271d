"""The kinds of value that say where something is: hosts, addresses, URLs.

Law: as of `kind`.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from deskphone.config import url_secrets
from deskphone.config.kind import OFF, BadValue, echo
from deskphone.config.placeholder import canonical

LONGEST_NAME = 253  # of a host
_HOST_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?\Z")
_PLACEHOLDER = re.compile(r"<(mac|model)>", re.IGNORECASE)
_UNSAFE = re.compile(r"[^!-~]|[\"<>\\^`{|}]")  # RFC 3986 section 2: none of these stands in a URL unescaped
_ZEROS = re.compile(r"\b0+(?=\d)")  # in front of a number: 255.255.255.000
_SAME = re.compile(r"\b00?(?=[0-7]\b)")  # the same where one begins an octal number and where it does not
_HEXADECIMAL = re.compile(r"(?:.*\.)?0[xX][0-9A-Fa-f]*\.?")  # which a resolver takes for a number of four bytes
_NO_PLACE = re.compile(r"(https?|t?ftp):|[^:]*%[^:]*(:\d*)?", re.IGNORECASE)  # a URL twice; a blank that was escaped


@dataclass(frozen=True, slots=True)
class Host:
    """An IP address in its canonical form, or a host name. Not set ("0.0.0.0", "::", nothing, a word for off) is "".

    ids: files of the 420HD family have the phone's id here; the reader takes such a value as not set.
    """

    ids: bool = False

    def parse(self, text: str) -> str:
        if text in ("", "0.0.0.0", "::") or text.upper() in OFF:
            return ""
        bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
        try:
            address = ipaddress.ip_address(_SAME.sub("", bare) if bare.count(".") == 3 else bare)
            address = getattr(address, "ipv4_mapped", None) or address
            return "" if address.is_unspecified else str(address)
        except ValueError:
            # Four numbers that are no address are a misprint, not a host name.
            if (
                bare is not text
                or re.fullmatch(r"[\d.]+", text)
                or _HEXADECIMAL.fullmatch(text)
                or not (can_be_asked_for(text) and _HOST_NAME.match(text))
            ):
                got = f"an id ({echo(text)})" if is_id(text) else echo(text)
                raise BadValue(self.expects(), got) from None
        return text

    def format(self, value: str) -> str:
        return value or "0.0.0.0"

    def expects(self) -> str:
        return "an IP address or a host name (0.0.0.0 = not set)"


@dataclass(frozen=True, slots=True)
class Address:
    """An IPv4 address of the LAN port or, with `mask`, a netmask. Not set (0.0.0.0, nothing, a word for off) is ""."""

    mask: bool = False

    def parse(self, text: str) -> str:
        if text in ("", "0.0.0.0") or text.upper() in OFF:
            return ""
        try:
            if self.mask:
                mask = _ZEROS.sub("", text.removeprefix("/"))
                network = ipaddress.IPv4Network(f"0.0.0.0/{mask}")
                if str(network.netmask) == mask or mask.isdigit():  # not 0.0.0.255, which is a wildcard
                    return str(network.netmask)
            else:
                address = ipaddress.IPv4Address(_SAME.sub("", text))
                return "" if address.is_unspecified else str(address)
        except ValueError:
            pass
        raise BadValue(self.expects(), echo(text))

    def format(self, value: str) -> str:
        return value or "0.0.0.0"

    def expects(self) -> str:
        return "a netmask like 255.255.255.0" if self.mask else "an IPv4 address (0.0.0.0 = not set)"


def can_be_asked_for(host: str) -> bool:
    """Whether a host is an address, or a name that a resolver takes (RFC 1035 section 2.3.4): Python's
    raises UnicodeError where a label is empty or, in the letters of the wire, longer than 63."""
    try:
        return len(host) <= LONGEST_NAME and (":" in host or len(host.encode("idna")) <= LONGEST_NAME)
    except UnicodeError:
        return False


@dataclass(frozen=True, slots=True)
class Url:
    """A URL with one of the given schemes, or "" for not set. <MAC> and <MODEL> may stand in it. An error never shows
    its userinfo. beside: a file's name is one too, beside the configuration that says so."""

    schemes: tuple[str, ...] = ("https", "http", "ftp", "tftp")
    longest: int = 256
    beside: bool = False

    def parse(self, text: str) -> str:
        if not text or text.upper() in OFF:
            return ""
        text = canonical(text)
        if not self._good(text):
            raise BadValue(self.expects(), echo(url_secrets.of_a_fault(text)))
        return text

    def _good(self, text: str) -> bool:
        """Whether the phone can fetch it: a scheme of the list, a host, a port below 65536, no character of _UNSAFE."""
        if len(text) > self.longest or _UNSAFE.search(_PLACEHOLDER.sub("x", text)):
            return False
        try:
            parts = urlsplit(text)
            host, _ = parts.hostname or "", parts.port  # the port is checked only when asked for
        except ValueError:
            return False
        if self.beside and ":" not in text:
            return True
        if _NO_PLACE.fullmatch(parts.netloc.rpartition("@")[2]):
            return False
        return parts.scheme.casefold() in self.schemes and bool(host) and "://" in text and can_be_asked_for(host)

    def format(self, value: str) -> str:
        return value

    def expects(self) -> str:
        beside = ", or a file beside the configuration," if self.beside else ""
        return f"a URL ({', '.join(self.schemes)}){beside} of at most {self.longest} characters"


def is_id(text: str) -> bool:
    """Whether a telephone number or a SIP address stands where a host is meant."""
    return bool(re.fullmatch(r"[+*#]?\d+|(sips?:)?[^@\s]+@[^@\s]+", text, re.ASCII))
