"""The guide's tree of pages, as a table: which settings stand on which page.

Law: names of settings are those of `config`; the first row that fits takes a setting, the last takes every one that
is left, so that each stands on exactly one page; Quick Setup alone shows some again.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from deskphone.config.registry import Slot
from deskphone.config.settings import Settings


@dataclass(frozen=True, slots=True)
class Section:
    """One page. path: where it stands in the tree; prefixes: of its settings' names; also: names of settings that it
    shows though they stand on another one; place: its path, where it is no form of settings."""

    slug: str
    path: tuple[str, ...]
    prefixes: tuple[str, ...]
    also: tuple[str, ...] = ()
    place: str = ""

    @property
    def href(self) -> str:
        """Where it is."""
        return self.place or f"/settings/{self.slug}"

    @property
    def title(self) -> str:
        """Its heading: the last name of its path."""
        return self.path[-1]


_CONFIGURATION, _MANAGEMENT, _VOIP = "Configuration", "Management", "Voice Over IP"
_SIP = "voip/signalling/sip/"
SECTIONS = (
    Section("quick", (_CONFIGURATION, "Quick Setup"), (), (
        "voip/line/0/enabled", "voip/line/0/description", "voip/line/0/id", "voip/line/0/auth_name",
        "voip/line/0/auth_password", f"{_SIP}use_proxy", f"{_SIP}proxy_address", f"{_SIP}proxy_port",
        f"{_SIP}redundant_proxy/mode", f"{_SIP}secondary_proxy/address", f"{_SIP}secondary_proxy/port",
        "voip/services/ACD/enabled", "system/ntp/primary_server_address", "voip/regional_settings/selected_country",
    )),
    Section("acd", (_CONFIGURATION, "Advanced Applications", "ACD"),
            ("voip/services/ACD/", "deskphone/acd/", "system/login_sk_before_signed_in")),
    Section("proxy", (_CONFIGURATION, _VOIP, "Signaling Protocol", "SIP Proxy and Registrar"),
            (f"{_SIP}use_proxy", f"{_SIP}proxy_", f"{_SIP}sip_registrar/", f"{_SIP}registrar_ka/",
             f"{_SIP}registration_failed_timeout", f"{_SIP}sip_outbound_proxy/", f"{_SIP}redundant_proxy/",
             f"{_SIP}secondary_proxy/")),
    Section("sip", (_CONFIGURATION, _VOIP, "Signaling Protocol", "General"),
            ("voip/signalling/", "deskphone/sip/", "deskphone/registration/", "voip/distribute_multiple_line")),
    Section("line", (_CONFIGURATION, _VOIP, "Line Settings"), ("voip/line/", "voip/extension_display/")),
    Section("dialing", (_CONFIGURATION, _VOIP, "Dialing"), ("voip/dialing/",)),
    Section("media", (_CONFIGURATION, _VOIP, "Media Streaming"), ("voip/media/", "voip/codec/", "deskphone/media/")),
    Section("voice", (_CONFIGURATION, _VOIP, "Voice"),
            ("voip/audio/", "deskphone/volume/", "voip/voice_quality/", "voip/handset_mode/", "voip/headset_only/",
             "voip/hands_free_mode/", "voip/answer_device", "voip/called_ringing_device", "voip/beep_to_ringing")),
    Section("tones", (_CONFIGURATION, "Personal Settings", "Tones"),
            ("voip/regional_settings/", "voip/distinctive_ringing/")),
    Section("services", (_CONFIGURATION, _VOIP, "Services"),
            ("voip/", "system/dnd/", "system/forward/", "system/semi_attended/", "system/transfer_screen_lifetime",
             "system/feature_key_synchronization/", "deskphone/click_to_dial/", "deskphone/hold_reminder/")),
    Section("keys", (_CONFIGURATION, "Personal Settings", "Keys"),
            ("personal_settings/functional_key/", "personal_settings/key/", "personal_settings/soft_key",
             "personal_settings/navigation_control/", "personal_settings/keypad_keys/", "system/disable_hold_button",
             "system/long_key_press_timeout", "system/enable_key_configuration")),
    Section("personal", (_CONFIGURATION, "Personal Settings", "Display and Directory"),
            ("personal_settings/", "system/display/", "system/lcd", "deskphone/call_log/")),
    Section("network", (_CONFIGURATION, "Network Connections", "Network Settings"), ("network/", "deskphone/dhcp/")),
    Section("time", (_MANAGEMENT, "Administration", "Date and Time"),
            ("system/ntp/", "system/daylight_saving/", "deskphone/time/")),
    Section("update", (_MANAGEMENT, "Automatic Update", "Provisioning"),
            ("provisioning/", "deskphone/provisioning/", "security/autoupdate", "security/provisioning/",
             "deskphone/check_sync/", "deskphone/update/")),
    Section("security", (_CONFIGURATION, "Security"), ("security/", "deskphone/security/")),
    Section("remote", (_MANAGEMENT, "Remote Management"),
            ("management/", "deskphone/tr069/", "deskphone/ssh/", "deskphone/syslog/", "ems_server/",
             "deskphone/hooks/", "deskphone/mqtt/", "system/action_url/", "system/syslog/", "system/trace/")),
    Section("web", (_MANAGEMENT, "Administration", "Web"), ("system/web", "system/http", "deskphone/web/")),
    Section("system", (_MANAGEMENT, "Administration", "System"), ("",)),
)  # fmt: skip
FILE_PAGE = Section(
    "configuration", (_MANAGEMENT, "Automatic Update", "Configuration File"), (), place="/configuration"
)
FIRMWARE_PAGE = Section("firmware", (_MANAGEMENT, "Automatic Update", "Firmware"), (), place="/firmware")
STATUS_PAGE = Section("status", ("Status & Diagnostics", "Status"), (), place="/status")
ADMINISTRATION_PAGE = Section(
    "administration", (_MANAGEMENT, "Administration", "Restart and Defaults"), (), place="/administration"
)
DIAGNOSTICS_PAGE = Section("diagnostics", ("Status & Diagnostics", "Diagnostics"), (), place="/diagnostics")
OWN_PAGES = (ADMINISTRATION_PAGE, FILE_PAGE, FIRMWARE_PAGE, DIAGNOSTICS_PAGE)
"""Pages of the tree that are no form of settings: the administrator's."""


@cache
def slots_by_section() -> dict[str, tuple[Slot, ...]]:
    """The settings of each page, by its slug, in the order of the schema."""
    found: dict[str, list[Slot]] = {each.slug: [] for each in SECTIONS}
    slots = Settings.slots()
    for name, slot in slots.items():
        found[next(each.slug for each in SECTIONS if name.startswith(each.prefixes))].append(slot)
    for each in SECTIONS:
        found[each.slug] += [slots[name] for name in each.also]
    return {slug: tuple(slots) for slug, slots in found.items()}


_THEIRS = {
    "acd.htm": "acd", "sip_signaling_protocol.htm": "proxy", "line_setting.htm": "line", "dialing.htm": "dialing",
    "tones.htm": "tones", "phone_book.htm": "personal", "language.htm": "personal", "speed_dial.htm": "keys",
    "line_keys_configuration.htm": "keys",
}  # fmt: skip
"""Pages of the 420HD's own web interface, by what is set there; what it names besides is the status."""


def pages_of(access_list: str) -> frozenset[str]:
    """The slugs that `system/web_user_access_list` names, by our names or the 420HD's; unknown ones are nothing."""
    words = access_list.replace(",", " ").replace(";", " ").split()
    slugs = {each.slug for each in SECTIONS}
    return frozenset(slug for each in words if (slug := _THEIRS.get(each, each)) in slugs)
