"""Further words for members of the lists in `words.py`: labels of the 420HD's web pages, short forms, digits.

Law: data only. Compared as `kind.Choice` compares: letters and digits, without case.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from deskphone.config.schema.words import (
    DateFormat,
    DstMode,
    EapType,
    ForwardType,
    Language,
    LanType,
    LogLevel,
    ProvisioningMethod,
    RejectCode,
    SrtpMode,
    SyslogMode,
    TimeFormat,
    VlanMode,
    Weekday,
)

FAMILY: Mapping[type[StrEnum], Mapping[str, StrEnum]] = {
    SrtpMode: {
        "DISABLE": SrtpMode.DONOTSUPPORTENCRYPTION,
        "DISABLED": SrtpMode.DONOTSUPPORTENCRYPTION,
        "NONE": SrtpMode.DONOTSUPPORTENCRYPTION,
        "OFF": SrtpMode.DONOTSUPPORTENCRYPTION,
        "OPTIONAL": SrtpMode.SUPPORTENCRYPTION,
        "PREFERRED": SrtpMode.SUPPORTENCRYPTION,
        "REQUIRED": SrtpMode.REQUIREENCRYPTION,
        "MANDATORY": SrtpMode.REQUIREENCRYPTION,
    },
    ForwardType: {
        **dict.fromkeys(("ALWAYS", "ALL", "IMMEDIATE"), ForwardType.UNCONDITIONAL),
        **dict.fromkeys(("NO_ANSWER", "NOT_ANSWERED"), ForwardType.NO_REPLY),
        "ON_BUSY": ForwardType.BUSY,
    },
    RejectCode: {"603": RejectCode.CODE_603, "486": RejectCode.CODE_486},
    Weekday: {each.value[:length]: each for each in Weekday for length in range(2, len(each.value))},
    DstMode: {"WEEKDAY": DstMode.DAYOFWEEK, "DATE": DstMode.FIXED, "DAYOFMONTH": DstMode.FIXED},
    LanType: {"STATIC_IP": LanType.STATIC, "FIXED": LanType.STATIC, "FIXED_IP": LanType.STATIC, "AUTO": LanType.DHCP},
    VlanMode: {
        "AUTO": VlanMode.CDP_LLDP,
        "AUTOMATIC": VlanMode.CDP_LLDP,
        "LLDP_MED": VlanMode.LLDP,
        "LLDP_CDP": VlanMode.CDP_LLDP,
        "STATIC": VlanMode.MANUAL,
    },
    EapType: {"MD5": EapType.EAP_MD5, "TLS": EapType.EAP_TLS},
    ProvisioningMethod: {
        "DHCP": ProvisioningMethod.DYNAMIC,
        "DHCP Options": ProvisioningMethod.DYNAMIC,
        "Dynamic URL": ProvisioningMethod.DYNAMIC,
        "DHCP Options (Dynamic URL)": ProvisioningMethod.DYNAMIC,
        "Static URL": ProvisioningMethod.STATIC,
    },
    SyslogMode: {
        "UDP": SyslogMode.NETWORK,
        "REMOTE": SyslogMode.NETWORK,
        "SERVER": SyslogMode.NETWORK,
        "BOTH": SyslogMode.ALL,
    },
    LogLevel: {
        **dict.fromkeys(("INFO", "NOTICE", "WARNING", "ERROR", "4", "5", "6"), LogLevel.BASIC),
        **dict.fromkeys(("DEBUG", "7", "ALL"), LogLevel.DETAILED),
    },
    DateFormat: {
        **dict.fromkeys(("DD/MM/YYYY", "DD.MM.YYYY", "DDMMYY"), DateFormat.EUROPEAN),
        **dict.fromkeys(("MM/DD/YYYY", "MMDDYY", "US"), DateFormat.AMERICAN),
    },
    TimeFormat: {
        **{each: TimeFormat(f"{each}HOUR") for each in ("24", "12")},
        **{f"{each}H": TimeFormat(f"{each}HOUR") for each in ("24", "12")},
    },
    Language: {
        "EN": Language.ENGLISH,
        "EN_US": Language.ENGLISH,
        "ENGLISH_US": Language.ENGLISH,
        "ENGLISH_UK": Language.ENGLISH,
        "EN_GB": Language.ENGLISH,
        "DE": Language.GERMAN,
        "DE_DE": Language.GERMAN,
        "Deutsch": Language.GERMAN,
        "Ukrainian": Language.UKRAINE,
        "Hungarian": Language.MAGYAR,
        "Brazilian": Language.PORTUGUESEBRAZILIAN,
        "Portuguese (Brazil)": Language.PORTUGUESEBRAZILIAN,
    },
}
