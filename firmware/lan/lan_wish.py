"""What the phone's settings in force want of the LAN port: lines `name=value` of a small file, read as root.

Law: standard library, pure but for the reading. The phone is not trusted: a line that is not exactly what the phone
writes costs the wish it belongs to, and no text of it is taken over but as checked here.
"""

from __future__ import annotations

import os
import re
import stat
import sys
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface
from pathlib import Path

MAX_BYTES = 8192
LAN = "network/lan/"
EAP = f"{LAN}_802_1x/"
NAMES = (
    "network/lan_type",
    *(f"{LAN}fixed_ip/{each}" for each in ("ip_address", "netmask", "gateway", "primary_dns", "secondary_dns")),
    f"{LAN}fixed_ip/domain_name",
    *(f"{LAN}vlan/{each}" for each in ("mode", "id", "priority", "period")),
    *(f"{EAP}{each}" for each in ("eap_type", "md5_identity", "md5_password", "tls_identity", "private_key_password")),
    "security/ieee802_1x/verify_server_certificate",
)
"""What is read; other lines are other programs'."""
DOMAIN = re.compile(r"[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*")
SYSTEM_AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"


@dataclass(frozen=True)
class Fixed:
    """An address with its prefix length; gateway and domain "" where there is none."""

    address: str
    prefix: int
    gateway: str = ""
    dns: tuple[str, ...] = ()
    domain: str = ""

    def client(self) -> list[str]:
        """As dhcpcd.conf has it. The domain comes before the servers: the client takes a name for another one that it
        is the beginning of, and would put it in their place (add_environ of dhcpcd 9.4)."""
        lines = [f"static ip_address={self.address}/{self.prefix}"]
        lines += [f"static routers={self.gateway}"] if self.gateway else []
        lines += [f"static domain_name={self.domain}"] if self.domain else []
        return lines + ([f"static domain_name_servers={' '.join(self.dns)}"] if self.dns else [])


@dataclass(frozen=True)
class Wish:
    """vlan: 0 for none by hand. access: "", EAP_MD5 or EAP_TLS."""

    fixed: Fixed | None = None
    vlan: int = 0
    priority: int = 0
    lldp: bool = False
    period: int = 30
    access: str = ""
    identity: str = ""
    password: str = ""
    key_password: str = ""
    verify: bool = True

    def supplicant(self, folder: Path) -> str:
        """wpa_supplicant's configuration, "" without 802.1X. folder: where the certificates lie. Texts are written as
        hexadecimal digits, so that nothing in them is a quote or a line."""
        if not self.access:
            return ""
        lines = [f"ctrl_interface={folder}/wpa", "ap_scan=0", "network={", "key_mgmt=IEEE8021X", "eapol_flags=0"]
        lines += [f"identity={self.identity.encode().hex()}"]
        if self.access == "EAP_MD5":
            return "\n".join([*lines, "eap=MD5", f"password={self.password.encode().hex()}", "}", ""])
        lines += ["eap=TLS", f'client_cert="{folder}/ieee802_1x.pem"', f'private_key="{folder}/ieee802_1x.key"']
        if self.key_password:
            lines += [f"private_key_passwd={self.key_password.encode().hex()}"]
        if self.verify:
            own = folder / "ieee802_1x-authority.pem"
            lines += [f'ca_cert="{own if own.exists() else SYSTEM_AUTHORITIES}"']
        return "\n".join([*lines, "}", ""])


def wished(path: str) -> Wish:
    """What the file says; an empty wish where there is none, or no plain small file."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return Wish()
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return Wish()
        data = os.read(handle, MAX_BYTES + 1)
    finally:
        os.close(handle)
    return read(data.decode("utf-8", "replace")) if len(data) <= MAX_BYTES else Wish()


def read(text: str) -> Wish:
    """The lines; each part of the wish that makes no sense is left out and named in the journal."""
    said = dict(line.partition("=")[::2] for line in text.split("\n") if line.partition("=")[0] in NAMES)
    access = said.get(f"{EAP}eap_type", "")
    identity = said.get(f"{EAP}{'tls' if access == 'EAP_TLS' else 'md5'}_identity", "")
    password, key_password = said.get(f"{EAP}md5_password", ""), said.get(f"{EAP}private_key_password", "")
    if access not in ("EAP_MD5", "EAP_TLS") or not identity or max(map(len, (identity, password, key_password))) > 128:
        access = ""
    mode, vlan = said.get(f"{LAN}vlan/mode", ""), _number(said, f"{LAN}vlan/id", 1, 4094)
    return Wish(
        _fixed(said) if said.get("network/lan_type") == "STATIC" else None,
        vlan if mode == "MANUAL" else 0,
        _number(said, f"{LAN}vlan/priority", 0, 7),
        mode in ("LLDP", "CDP_LLDP"),
        _number(said, f"{LAN}vlan/period", 15, 65535) or 30,
        access,
        identity,
        password,
        key_password,
        said.get("security/ieee802_1x/verify_server_certificate") != "0",
    )


def _number(said: dict[str, str], name: str, low: int, high: int) -> int:
    """0 where it is not there or out of its range."""
    text = said.get(name, "")
    return int(text) if re.fullmatch(r"[0-9]{1,5}", text) and low <= int(text) <= high else 0


def _fixed(said: dict[str, str]) -> Fixed | None:
    def address(name: str) -> str:
        text = said.get(f"{LAN}fixed_ip/{name}", "")
        return str(IPv4Address(text)) if text not in ("", "0.0.0.0") else ""

    try:
        whole = IPv4Interface(f"{address('ip_address')}/{address('netmask')}")
        gateway = address("gateway")
        dns = tuple(filter(None, (address("primary_dns"), address("secondary_dns"))))
    except ValueError as error:
        print(f"<3>{LAN}fixed_ip: {str(error)[:80]}", file=sys.stderr)
        return None
    domain = said.get(f"{LAN}fixed_ip/domain_name", "")
    usable = not (whole.is_multicast or whole.is_loopback or whole.is_unspecified or whole.network.prefixlen == 0)
    if not usable or (gateway and IPv4Address(gateway) not in whole.network):
        print(f"<3>{LAN}fixed_ip: expected an address of a host and a gateway in its network", file=sys.stderr)
        return None
    return Fixed(
        str(whole.ip),
        whole.network.prefixlen,
        gateway,
        dns,
        domain if DOMAIN.fullmatch(domain) and len(domain) <= 253 else "",
    )
