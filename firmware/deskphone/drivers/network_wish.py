"""What root's side of the network is to know of the settings in force, left in the data folder for the next start.

Law: writes a file of `name=value` lines, every name each time, whoever's layer the value is of; firmware/dhcp and
firmware/lan read nothing else of the phone's settings, as root, and take nothing in it on trust.
"""

from __future__ import annotations

from collections.abc import Callable

from deskphone.config.layers import slot_of
from deskphone.config.registry import value_at
from deskphone.config.secret import Secret
from deskphone.config.settings import Settings
from deskphone.core.state import Phone

FILE = "network-wish"
NAMES = (
    "deskphone/dhcp/vendor_class",
    "deskphone/dhcp/user_class",
    "network/lan/dhcp/domain_name/enabled",
    "network/lan/dhcp/ntp/server_list/enabled",
    "network/lan/dhcp/ntp/gmt_offset/enabled",
    "system/ntp/enabled",
    "system/ntp/primary_server_address",
    "system/ntp/secondary_server_address",
    # firmware/lan
    "network/lan_type",
    "network/lan/fixed_ip/ip_address",
    "network/lan/fixed_ip/netmask",
    "network/lan/fixed_ip/gateway",
    "network/lan/fixed_ip/primary_dns",
    "network/lan/fixed_ip/secondary_dns",
    "network/lan/fixed_ip/domain_name",
    "network/lan/vlan/mode",
    "network/lan/vlan/id",
    "network/lan/vlan/priority",
    "network/lan/vlan/period",
    "network/lan/_802_1x/eap_type",
    "network/lan/_802_1x/md5_identity",
    "network/lan/_802_1x/md5_password",
    "network/lan/_802_1x/tls_identity",
    "network/lan/_802_1x/private_key_password",
    "security/ieee802_1x/verify_server_certificate",
)


def wanted(settings: Settings) -> str:
    """The file's text: a line `name=value` for each of NAMES, the values as a configuration file has them; those of
    802.1X in clear, for root needs them (the folder is the phone's alone)."""
    return "".join(f"{name}={_said(settings, name)}\n" for name in NAMES)


def _said(settings: Settings, name: str) -> str:
    slot = slot_of(name)
    value = value_at(settings, slot.path)
    return value.reveal() if isinstance(value, Secret) else slot.option.kind.format(value)


class NetworkWish:
    """Keeps the file as `wanted` says. phone: the state of the moment; keep: writes a file of that name, soon."""

    def __init__(self, phone: Callable[[], Phone], keep: Callable[[str, str], None]) -> None:
        self._phone, self._keep = phone, keep
        self._seen: Settings | None = None
        self._told = ""

    def look(self) -> None:
        """Write where something changed; without power there are no settings yet, and the file of before stands."""
        phone = self._phone()
        if not phone.powered or phone.settings is self._seen:
            return
        self._seen = phone.settings
        text = wanted(phone.settings)
        if text != self._told:
            self._told = text
            self._keep(FILE, text)
