"""The one table from TR-181 and TR-104 to the settings of this phone; and the tree of all settings, which needs none.

Law: pure; paths are those of TR-181 issue 2 (Device:2) and TR-104 issue 2 (VoiceService:2.0), settings those of
`config`. A row is a path, what XML schema calls its kind ("" for a setting, whose kind tells it), and its source:
`name` a setting, `@fact` what the phone is, `!own` what this room keeps, `=text` a constant. `{i}` of a path counts
from 1, `{i}` of a setting from 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from deskphone.config import kind, places
from deskphone.config.registry import Slot
from deskphone.config.settings import Settings
from deskphone.manage.cwmp.tree import Parameter, Tree

VENDOR = "Device.X_DESKPHONE_Settings."
_INFO, _SERVER, _TIME = "Device.DeviceInfo.", "Device.ManagementServer.", "Device.Time."
_VOICE = "Device.Services.VoiceService.1."
_CLIENT, _NETWORK, _LINE = f"{_VOICE}SIP.Client.{{i}}.", f"{_VOICE}SIP.Network.1.", f"{_VOICE}CallControl.Line.{{i}}."
_CWMP, _SIP = "management/tr069/", "voip/signalling/sip/"
PARAMETER_KEY, CONNECTION_URL = f"{_SERVER}ParameterKey", f"{_SERVER}ConnectionRequestURL"
SOFTWARE, PROVISIONING_CODE = f"{_INFO}SoftwareVersion", f"{_INFO}ProvisioningCode"
ROWS = (
    ("Device.RootDataModelVersion", "string", "=2.11"),
    (f"{_INFO}Manufacturer", "string", "@manufacturer"),
    (f"{_INFO}ManufacturerOUI", "string", "@oui"),
    (f"{_INFO}ModelName", "string", "@model"),
    (f"{_INFO}ProductClass", "string", "@model"),
    (f"{_INFO}SerialNumber", "string", "@serial"),
    (f"{_INFO}HardwareVersion", "string", "@hardware"),
    (SOFTWARE, "string", "@version"),
    (PROVISIONING_CODE, "string", "!provisioning_code"),
    (f"{_INFO}UpTime", "unsignedInt", "@up_seconds~"),
    (f"{_SERVER}EnableCWMP", "", f"{_CWMP}enabled"),
    (f"{_SERVER}URL", "", f"{_CWMP}acs_url"),
    (f"{_SERVER}Username", "", f"{_CWMP}user_name"),
    (f"{_SERVER}Password", "", f"{_CWMP}password"),
    (f"{_SERVER}PeriodicInformEnable", "", f"{_CWMP}inform/enabled"),
    (f"{_SERVER}PeriodicInformInterval", "", f"{_CWMP}inform/interval"),
    (f"{_SERVER}PeriodicInformTime", "dateTime", "!periodic_time"),
    (PARAMETER_KEY, "string", "@parameter_key"),
    (CONNECTION_URL, "string", "@connection_url"),
    (f"{_SERVER}ConnectionRequestUsername", "", f"{_CWMP}connection_request/user_name"),
    (f"{_SERVER}ConnectionRequestPassword", "", f"{_CWMP}connection_request/password"),
    (f"{_TIME}Enable", "", "system/ntp/enabled"),
    (f"{_TIME}NTPServer1", "", "system/ntp/primary_server_address"),
    (f"{_TIME}NTPServer2", "", "system/ntp/secondary_server_address"),
    (f"{_TIME}CurrentLocalTime", "dateTime", "@now~"),
    ("Device.Ethernet.InterfaceNumberOfEntries", "unsignedInt", "=1"),
    ("Device.Ethernet.Interface.1.MACAddress", "string", "@mac"),
    ("Device.IP.InterfaceNumberOfEntries", "unsignedInt", "=1"),
    ("Device.IP.Interface.1.IPv4AddressNumberOfEntries", "unsignedInt", "=1"),
    ("Device.IP.Interface.1.IPv4Address.1.IPAddress", "string", "@address"),
    ("Device.Services.VoiceServiceNumberOfEntries", "unsignedInt", "=1"),
    (f"{_CLIENT}Enable", "", "voip/line/{i}/enabled"),
    (f"{_CLIENT}AuthUserName", "", "voip/line/{i}/auth_name"),
    (f"{_CLIENT}AuthPassword", "", "voip/line/{i}/auth_password"),
    (f"{_CLIENT}RegisterURI", "", "voip/line/{i}/id"),
    (f"{_VOICE}SIP.Client.1.Status", "string", "@client_status"),
    (f"{_NETWORK}ProxyServer", "", f"{_SIP}proxy_address"),
    (f"{_NETWORK}ProxyServerPort", "", f"{_SIP}proxy_port"),
    (f"{_NETWORK}RegistrarServer", "", f"{_SIP}sip_registrar/addr"),
    (f"{_NETWORK}RegistrarServerPort", "", f"{_SIP}sip_registrar/port"),
    (f"{_NETWORK}OutboundProxy", "", f"{_SIP}sip_outbound_proxy/addr"),
    (f"{_NETWORK}OutboundProxyPort", "", f"{_SIP}sip_outbound_proxy/port"),
    (f"{_NETWORK}UserAgentPort", "", f"{_SIP}port"),
    (f"{_NETWORK}UserAgentTransport", "", f"{_SIP}transport_protocol"),
    (f"{_LINE}DirectoryNumber", "", "voip/line/{i}/id"),
    (f"{_VOICE}CallControl.CallingFeatures.Set.1.DoNotDisturbEnable", "", "voip/line/0/do_not_disturb/activated"),
    (f"{_VOICE}CallControl.CallingFeatures.Set.1.CallWaitingEnable", "", "voip/services/call_waiting/enabled"),
    (f"{_VOICE}CodecProfile.{{i}}.Enable", "", "voip/codec/codec_info/{i}/enabled"),
    (f"{_VOICE}CodecProfile.{{i}}.Codec", "", "voip/codec/codec_info/{i}/name"),
    (f"{_VOICE}CodecProfile.{{i}}.PacketizationPeriod", "", "voip/codec/codec_info/{i}/ptime"),
)
ALWAYS = (
    "Device.RootDataModelVersion", f"{_INFO}HardwareVersion", SOFTWARE, PROVISIONING_CODE, PARAMETER_KEY,
    CONNECTION_URL,
)  # fmt: skip
"""In every Inform (forcedInform of Device:2)."""
FORCED = (SOFTWARE, PROVISIONING_CODE)
"""Told at once whatever the ACS says (activeNotify forceEnabled of Device:2.11)."""
ACTIVE = (*FORCED, CONNECTION_URL)
"""Told at once unless the ACS says otherwise (forceDefaultEnabled)."""
OWN = ("provisioning_code", "periodic_time")


def kind_of(what: kind.Kind) -> str:
    """What XML schema calls a kind of setting."""
    if isinstance(what, kind.Flag):
        return "boolean"
    if isinstance(what, kind.Integer):
        return "int" if min(what.low, *what.also, 0) < 0 else "unsignedInt"
    return "string"


def out(slot: Slot, text: str) -> str:
    """A setting's text as a parameter's value: a secret is never told, an address that is not set is empty."""
    what = slot.option.kind
    if isinstance(what, kind.SecretText) or (isinstance(what, places.Host | places.Address) and text == "0.0.0.0"):
        return ""
    return text


def vendor_path(name: str) -> str:
    """Where a setting stands in the tree of all settings: its name, an index counted from 1."""
    return VENDOR + ".".join(str(int(each) + 1) if each.isdecimal() else each for each in name.split("/"))


def _standard() -> Iterator[Parameter]:
    slots = Settings.slots()
    for path, what, source in ROWS:
        mark, rest = source[0], source[1:]
        if mark == "@":
            yield Parameter(path, what, fact=rest.rstrip("~"), volatile=rest.endswith("~"))
        elif mark == "=":
            yield Parameter(path, what, fact=source)
        elif mark == "!":
            yield Parameter(path, what, own=rest, writable=True)
        else:
            for number in range(100):
                name = source.replace("{i}", str(number))
                if name not in slots or (number and name == source):
                    break
                here = path.replace("{i}", str(number + 1))
                yield Parameter(here, kind_of(slots[name].option.kind), name, writable=True)


def _counts(parameters: list[Parameter]) -> Iterator[Parameter]:
    """TR-106's NumberOfEntries of the tables that count from the settings."""
    for path in (f"{_VOICE}SIP.Client", f"{_VOICE}SIP.Network", f"{_VOICE}CallControl.Line", f"{_VOICE}CodecProfile"):
        found = {m[1] for each in parameters if (m := re.match(re.escape(path) + r"\.(\d+)\.", each.path))}
        yield Parameter(f"{path}NumberOfEntries", "unsignedInt", fact=f"={len(found)}")


@cache
def tree() -> Tree:
    """The data model of this phone."""
    standard = list(_standard())
    vendor = [
        Parameter(vendor_path(name), kind_of(slot.option.kind), name, writable=True)
        for name, slot in Settings.slots().items()
    ]
    return Tree([*standard, *_counts(standard), *vendor])
