"""Settings of the network and the clock: address, VLAN, 802.1X, NTP, summer time.

Law: only declarations. Sources: RFC 2132 and docs/interop.md for the DHCP options.
"""

from __future__ import annotations

from dataclasses import dataclass

from deskphone.config.option import choice, flag, group, host, integer, ipv4, secret, text, url
from deskphone.config.schema.words import (
    DateFormat,
    DstMode,
    EapType,
    Enable,
    HostNameUpdate,
    LanType,
    TimeFormat,
    VlanMode,
    Weekday,
)
from deskphone.config.secret import Secret

_LAN = "network/lan"
_DST = "system/daylight_saving"
_NTP = "system/ntp"
_EAP = "network/lan/_802_1x"
_CLASS = r"[A-Za-z0-9._:,=@+/-]([A-Za-z0-9 ._:,=@+/-]*[A-Za-z0-9._:,=@+/-])?"  # as firmware/dhcp takes it
_CLASS_WORDS = "letters, digits, blanks and . _ : , = @ + / -"


@dataclass(frozen=True, slots=True)
class Dhcp:
    """What is taken from DHCP."""

    address: bool = flag(f"{_LAN}/dhcp/ip_address/enabled", True, "Address", restart=True)
    netmask: bool = flag(f"{_LAN}/dhcp/netmask/enabled", True, "Netmask", restart=True)
    gateway: bool = flag(f"{_LAN}/dhcp/gateway/enabled", True, "Gateway", restart=True)
    domain: bool = flag(f"{_LAN}/dhcp/domain_name/enabled", True, "Domain (option 15)", behaviour=True)
    primary_dns: bool = flag(f"{_LAN}/dhcp/primary_dns/enabled", True, "First name server", restart=True)
    secondary_dns: bool = flag(f"{_LAN}/dhcp/secondary_dns/enabled", True, "Second name server", restart=True)
    ntp_servers: bool = flag(f"{_LAN}/dhcp/ntp/server_list/enabled", True, "NTP servers (option 42)", behaviour=True)
    time_offset: bool = flag(f"{_LAN}/dhcp/ntp/gmt_offset/enabled", True, "Time offset (option 2)", behaviour=True)
    host_name_update: HostNameUpdate = choice(
        f"{_LAN}/dhcp/update_hostname_after_reg",
        HostNameUpdate.DO_NOT_CHANGE,
        "Host name (option 12) after registration: unchanged, or the phone number",
        {"0": HostNameUpdate.DO_NOT_CHANGE, "1": HostNameUpdate.PHONE_NUMBER},
        behaviour=True,
    )
    vendor_class: str = text(
        "deskphone/dhcp/vendor_class",
        "420HD",
        "Vendor class sent (option 60); empty = none",
        64,
        _CLASS,
        _CLASS_WORDS,
        behaviour=True,
        empty=True,
    )
    user_class: str = text(
        "deskphone/dhcp/user_class",
        "420HD",
        "User class sent (option 77); empty = none",
        64,
        _CLASS,
        _CLASS_WORDS,
        behaviour=True,
        empty=True,
    )


@dataclass(frozen=True, slots=True)
class FixedAddress:
    """Address without DHCP."""

    address: str = ipv4(f"{_LAN}/fixed_ip/ip_address", "Own address", behaviour=True)
    netmask: str = ipv4(f"{_LAN}/fixed_ip/netmask", "Netmask", mask=True, behaviour=True)
    gateway: str = ipv4(f"{_LAN}/fixed_ip/gateway", "Gateway, which must answer", behaviour=True)
    primary_dns: str = ipv4(f"{_LAN}/fixed_ip/primary_dns", "First name server", behaviour=True)
    secondary_dns: str = ipv4(f"{_LAN}/fixed_ip/secondary_dns", "Second name server", behaviour=True)
    domain: str = text(f"{_LAN}/fixed_ip/domain_name", "", "Domain", 253, behaviour=True)


@dataclass(frozen=True, slots=True)
class Vlan:
    """Voice VLAN."""

    mode: VlanMode = choice(
        f"{_LAN}/vlan/mode",
        VlanMode.DISABLE,
        "How the voice VLAN is found: MANUAL by id, LLDP as the switch says (LLDP-MED); CDP is not spoken",
        behaviour=True,
        only=(VlanMode.DISABLE, VlanMode.MANUAL, VlanMode.LLDP, VlanMode.CDP_LLDP),
    )
    id: int = integer(f"{_LAN}/vlan/id", 0, 0, 4094, "Voice VLAN of MANUAL", behaviour=True)
    priority: int = integer(f"{_LAN}/vlan/priority", 0, 0, 7, "802.1p priority of MANUAL", behaviour=True)
    period: int = integer(f"{_LAN}/vlan/period", 30, 15, 65535, "LLDP period", "s", behaviour=True)


@dataclass(frozen=True, slots=True)
class PortAccess:
    """802.1X."""

    type: EapType = choice(f"{_EAP}/eap_type", EapType.DISABLE, "802.1X method", behaviour=True)
    md5_identity: str = text(f"{_EAP}/md5_identity", "", "EAP-MD5 user", 32, behaviour=True)
    md5_password: Secret = secret(f"{_EAP}/md5_password", "EAP-MD5 password", 128, behaviour=True)
    tls_identity: str = text(f"{_EAP}/tls_identity", "", "EAP-TLS identity", 32, behaviour=True)
    certificate: str = url("security/ieee802_1x_certificate_uri", "EAP-TLS client certificate (PEM)", behaviour=True)
    private_key: str = url(
        "security/ieee802_1x_private_key_uri",
        "EAP-TLS private key (PEM)",
        aliases=(f"{_EAP}/private_key_url",),
        behaviour=True,
    )
    key_password: Secret = secret(f"{_EAP}/private_key_password", "Password of that key", 128, behaviour=True)
    authority: str = url(
        f"{_EAP}/root_ca_url", "Authority of the EAP-TLS server (PEM); none = the phone's own list", behaviour=True
    )
    verify: bool = flag(
        "security/ieee802_1x/verify_server_certificate", True, "Check the EAP-TLS server's certificate", behaviour=True
    )


@dataclass(frozen=True, slots=True)
class Network:
    """The LAN port."""

    lan_type: LanType = choice("network/lan_type", LanType.DHCP, "Address by DHCP or fixed", behaviour=True)
    dhcp: Dhcp = group(Dhcp)
    fixed: FixedAddress = group(FixedAddress)
    vlan: Vlan = group(Vlan)
    port_access: PortAccess = group(PortAccess)


@dataclass(frozen=True, slots=True)
class DstDay:
    """Start of summer time. The defaults are the 420HD's, which make no summer: both turns are one moment."""

    month: int = integer(f"{_DST}/start_date/month", 1, 1, 12, "Month it starts", behaviour=True)
    day: int = integer(f"{_DST}/start_date/day", 1, 1, 31, "Day of the month (FIXED)", behaviour=True)
    week: int = integer(f"{_DST}/start_date/week", 1, 1, 5, "Week of the month (DAYOFWEEK); 5 = last", behaviour=True)
    weekday: Weekday = choice(
        f"{_DST}/start_date/day_of_week", Weekday.SUNDAY, "Day of the week (DAYOFWEEK)", behaviour=True
    )
    hour: int = integer(f"{_DST}/start_date/hour", 2, 0, 23, "Hour, by the clock on the wall", behaviour=True)
    minute: int = integer(f"{_DST}/start_date/minute", 0, 0, 59, "Minute", behaviour=True)


@dataclass(frozen=True, slots=True)
class DstEnd:
    """End of summer time."""

    month: int = integer(f"{_DST}/end_date/month", 1, 1, 12, "Month it ends", behaviour=True)
    day: int = integer(f"{_DST}/end_date/day", 1, 1, 31, "Day of the month (FIXED)", behaviour=True)
    week: int = integer(f"{_DST}/end_date/week", 1, 1, 5, "Week of the month (DAYOFWEEK); 5 = last", behaviour=True)
    weekday: Weekday = choice(
        f"{_DST}/end_date/day_of_week", Weekday.SUNDAY, "Day of the week (DAYOFWEEK)", behaviour=True
    )
    hour: int = integer(f"{_DST}/end_date/hour", 2, 0, 23, "Hour, by the clock on the wall", behaviour=True)
    minute: int = integer(f"{_DST}/end_date/minute", 0, 0, 59, "Minute", behaviour=True)


@dataclass(frozen=True, slots=True)
class SummerTime:
    """Daylight saving time."""

    active: Enable = choice(
        f"{_DST}/activate",
        Enable.DISABLE,
        "Daylight saving, added to gmt_offset or to what DHCP says",
        {"0": Enable.DISABLE, "1": Enable.ENABLE},
        behaviour=True,
    )
    mode: DstMode = choice(f"{_DST}/mode", DstMode.FIXED, "By day of the month or of the week", behaviour=True)
    offset: int = integer(f"{_DST}/offset", 60, 0, 180, "Shift", "min", behaviour=True)
    start: DstDay = group(DstDay)
    end: DstEnd = group(DstEnd)


@dataclass(frozen=True, slots=True)
class Time:
    """The clock."""

    ntp: bool = flag(f"{_NTP}/enabled", True, "Set the clock by NTP", behaviour=True)
    primary_server: str = host(
        f"{_NTP}/primary_server_address", "First NTP server, asked as well as those of DHCP option 42", behaviour=True
    )
    secondary_server: str = host(f"{_NTP}/secondary_server_address", "Second NTP server", behaviour=True)
    offset: str = text(
        f"{_NTP}/gmt_offset",
        "not_set",
        "Offset from UTC as +hh:mm; not_set = from DHCP option 2, else UTC",
        10,
        r"not_set|(?i:((GMT|UTC) ?)?[+-]?((0?\d|1[0-4])(:[0-5]\d)?|(0\d|1[0-4])[0-5]\d)|GMT|UTC|Z)",
        "not_set or an offset like +01:00",
        behaviour=True,
    )
    zone: str = text(
        "deskphone/time/zone",
        "",
        "Time zone by name, as Europe/Berlin: wins over gmt_offset and daylight_saving",
        64,
        r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*",
        "a zone name like Europe/Berlin",
        aliases=("voip/regional_settings/selected_timezone",),
        behaviour=True,
    )
    date_format: DateFormat = choice(
        f"{_NTP}/date_display_format", DateFormat.EUROPEAN, "Day first (EUROPEAN) or month first", behaviour=True
    )
    time_format: TimeFormat = choice(
        f"{_NTP}/time_display_format", TimeFormat.HOURS_24, "12 or 24 hours", behaviour=True
    )
    sync_days: int = integer(f"{_NTP}/sync_time/days", 0, 0, 7, "Days between NTP queries")
    sync_hours: int = integer(f"{_NTP}/sync_time/hours", 12, 0, 24, "and hours")
    summer: SummerTime = group(SummerTime)
