"""The guide's words for settings, and which field is displayed only when another says so: its tables 1, 2 and 10, and
of the redundant proxy the 420HD's manual 2.2.8, pages 94 and 99.

Law: names of settings are those of `config`; what has no word here is called by its line of documentation. A condition
only hides a field; what stands in it is kept.
"""

from __future__ import annotations

import re

from deskphone.config.registry import Slot

_SIP, _ACD = "voip/signalling/sip", "voip/services/ACD"
LABELS = {
    f"{_ACD}/enabled": "Active",
    f"{_ACD}/server_type": "Server Type",
    f"{_ACD}/server_use_sip_server": "Use SIP Server As ACD Server",
    f"{_ACD}/server_address": "Server Address",
    f"{_ACD}/server_port": "Server Port",
    "deskphone/acd/user_name": "User Name",
    "deskphone/acd/password": "Password",
    f"{_ACD}/state_after_login": "State After Login",
    f"{_ACD}/expire_time": "Expire Time",
    f"{_SIP}/use_proxy": "Use SIP Proxy",
    f"{_SIP}/proxy_address": "Proxy IP Address or Host Name",
    f"{_SIP}/proxy_port": "Proxy Port",
    f"{_SIP}/registrar_ka/enabled": "Enable Registrar Keep Alive",
    f"{_SIP}/registrar_ka/timeout": "Registrar Keep Alive Period",
    f"{_SIP}/proxy_timeout": "Maximum Number of Authentication Retries",
    f"{_SIP}/registration_failed_timeout": "Registration Failed Expires",
    f"{_SIP}/sip_registrar/enabled": "Use SIP Registrar",
    f"{_SIP}/use_proxy_ip_port_for_registrar": "Use SIP Proxy IP and Port for Registration",
    f"{_SIP}/sip_registrar/addr": "Registrar IP Address or Host Name",
    f"{_SIP}/sip_registrar/port": "Registrar Port",
    f"{_SIP}/sip_outbound_proxy/enabled": "Use SIP Outbound Proxy",
    f"{_SIP}/sip_outbound_proxy/addr": "Outbound Proxy IP Address or Host Name",
    f"{_SIP}/sip_outbound_proxy/port": "Outbound Proxy Port",
    f"{_SIP}/redundant_proxy/mode": "Redundant Proxy Mode",
    f"{_SIP}/redundant_proxy/address": "Redundant Proxy Address",
    f"{_SIP}/redundant_proxy/port": "Redundant Proxy Port",
    f"{_SIP}/redundant_proxy/keepalive_period": "Redundant Proxy Keep Alive Period",
    f"{_SIP}/secondary_proxy/address": "Secondary Proxy Address",
    f"{_SIP}/secondary_proxy/port": "Secondary Proxy Port",
}
_OF_LINE = {
    "enabled": "Activate", "description": "Display Name", "id": "User ID", "auth_name": "Authentication User Name",
    "auth_password": "Authentication Password",
}  # fmt: skip
_WORDS = {
    "READY": "Ready", "NOT_READY": "Not Ready", "DISABLE": "Disable", "ENABLE": "Enable",
    "PRIMARY_FALLBACK": "Primary Fallback", "SIMULTANEOUS": "Simultaneous",
}  # fmt: skip
SHOWN_WHEN = {
    f"{_ACD}/server_address": (f"{_ACD}/server_use_sip_server", "0"),
    f"{_ACD}/server_port": (f"{_ACD}/server_use_sip_server", "0"),
    f"{_SIP}/secondary_proxy/address": (f"{_SIP}/redundant_proxy/mode", "SIMULTANEOUS"),
    f"{_SIP}/secondary_proxy/port": (f"{_SIP}/redundant_proxy/mode", "SIMULTANEOUS"),
    **{
        f"{_SIP}/redundant_proxy/{name}": (f"{_SIP}/redundant_proxy/mode", "PRIMARY_FALLBACK")
        for name in ("address", "port", "keepalive_period", "symmetric_mode")
    },
}
"""The setting that is displayed only when another, of the same page, has that value."""
_HEADINGS = {
    "acd": "ACD", "hot_seating": "Sign in with the phone number", "ui": "Sign in with the phone number",
    "proxy": "SIP Proxy", "registrar": "SIP Registrar", "keep_alive": "Registrar Keep Alive",
    "registration": "Registration", "secondary": "Secondary Proxy", "outbound": "Outbound Proxy",
    "redundant": "Redundant Proxy", "sip": "SIP", "dtmf": "DTMF", "dnd": "Do Not Disturb",
    "mwi": "Message Waiting Indicator", "hooks": "Webhooks", "tr069": "TR-069", "device_manager": "Status report",
    "ssh": "SSH", "time": "Date and Time", "line": "Lines", "security": "Certificates and TLS", "web": "Web interface",
    "media": "Codecs and RTP", "softkeys": "Soft keys", "update": "Firmware", "check_sync": "Check-sync",
}  # fmt: skip
"""The heading of a group of the schema, by its name there; of others the name itself."""
_INDEX = re.compile(r"/(\d+)(?=/|$)")


def label(slot: Slot) -> str:
    """What a field is called: the guide's word, else the first words of its documentation; further ones of a row of
    equals with their number, counted from 1."""
    known = LABELS.get(slot.name)
    if known:
        return known
    words = re.split(r"[;(]|: ", slot.option.doc)[0].strip()
    if slot.name.startswith("voip/line/"):
        words = _OF_LINE.get(slot.name.split("/", 3)[3], words)
    place = _INDEX.search(slot.name)
    if place is None or (slot.name.startswith("voip/line/") and place[1] == "0"):
        return words
    return f"{'Line ' if slot.name.startswith('voip/line/') else ''}{int(place[1]) + 1}: {words}"


def heading(slot: Slot) -> str:
    """What the group of the schema is called that a setting belongs to."""
    group = str(slot.path[0])
    return _HEADINGS.get(group, group.replace("_", " ").capitalize())


def of_many(name: str) -> bool:
    """Whether a setting is a further one of a row of equals, which a page shows on demand."""
    place = _INDEX.search(name)
    return place is not None and int(place[1]) > 0


def word(value: str) -> str:
    """The guide's writing of a word that a list offers."""
    return _WORDS.get(value, value)
