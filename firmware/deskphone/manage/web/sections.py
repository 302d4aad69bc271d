"""The guide's tree of pages, as a table: which settings stand on which page.

Law: names of settings are those of `config`; the first row that fits takes a setting, the last takes every one that
is left, so that each stands on exactly one page.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from deskphone.config.registry import Slot
from deskphone.config.settings import Settings


@dataclass(frozen=True, slots=True)
class Section:
    """One page. path: where it stands in the tree; prefixes: of its settings' names."""

    slug: str
    path: tuple[str, ...]
    prefixes: tuple[str, ...]

    @property
    def title(self) -> str:
        """Its heading: the last name of its path."""
        return self.path[-1]


_CONFIGURATION, _MANAGEMENT, _VOIP = "Configuration", "Management", "Voice Over IP"
SECTIONS = (
    Section("acd", (_CONFIGURATION, "Advanced Applications", "ACD"),
            ("voip/services/ACD/", "deskphone/acd/", "system/login_sk_before_signed_in")),
    Section("sip", (_CONFIGURATION, _VOIP, "Signaling Protocol"),
            ("voip/signalling/", "deskphone/sip/", "deskphone/registration/", "voip/distribute_multiple_line")),
    Section("line", (_CONFIGURATION, _VOIP, "Line Settings"), ("voip/line/", "voip/extension_display/")),
    Section("dialing", (_CONFIGURATION, _VOIP, "Dialing"), ("voip/dialing/",)),
    Section("media", (_CONFIGURATION, _VOIP, "Media Streaming"), ("voip/media/", "voip/codec/", "deskphone/media/")),
    Section("voice", (_CONFIGURATION, _VOIP, "Voice"),
            ("voip/audio/", "deskphone/volume/", "voip/voice_quality/", "voip/handset_mode/", "voip/headset_only/",
             "voip/hands_free_mode/", "voip/answer_device", "voip/called_ringing_device", "voip/beep_to_ringing")),
    Section("tones", (_CONFIGURATION, "Personal Settings", "Tones"),
            ("voip/regional_settings/", "voip/distinctive_ringing/")),
    Section("services", (_CONFIGURATION, _VOIP, "Services"), ("voip/",)),
    Section("keys", (_CONFIGURATION, "Personal Settings", "Keys"),
            ("personal_settings/functional_key/", "personal_settings/key/", "personal_settings/soft_key",
             "personal_settings/navigation_control/", "personal_settings/keypad_keys/")),
    Section("personal", (_CONFIGURATION, "Personal Settings", "Display and Directory"),
            ("personal_settings/", "system/display/", "system/lcd", "deskphone/call_log/")),
    Section("network", (_CONFIGURATION, "Network Connections", "Network Settings"), ("network/", "deskphone/dhcp/")),
    Section("time", (_MANAGEMENT, "Administration", "Date and Time"),
            ("system/ntp/", "system/daylight_saving/", "deskphone/time/")),
    Section("update", (_MANAGEMENT, "Automatic Update"),
            ("provisioning/", "deskphone/provisioning/", "security/autoupdate", "security/provisioning/",
             "deskphone/check_sync/")),
    Section("security", (_CONFIGURATION, "Security"), ("security/", "deskphone/security/")),
    Section("remote", (_MANAGEMENT, "Remote Management"),
            ("management/", "ems_server/", "system/syslog/", "system/trace/")),
    Section("web", (_MANAGEMENT, "Administration", "Web"), ("system/web", "system/http", "deskphone/web/")),
    Section("system", (_MANAGEMENT, "Administration", "System"), ("",)),
)  # fmt: skip


@cache
def slots_by_section() -> dict[str, tuple[Slot, ...]]:
    """The settings of each page, by its slug, in the order of the schema."""
    found: dict[str, list[Slot]] = {each.slug: [] for each in SECTIONS}
    for name, slot in Settings.slots().items():
        found[next(each.slug for each in SECTIONS if name.startswith(each.prefixes))].append(slot)
    return {slug: tuple(slots) for slug, slots in found.items()}
