"""Which time it is where the phone stands: by name, by number, or as DHCP says, in this order."""

from __future__ import annotations

from datetime import timedelta

import pytest

from deskphone.config.reader import read
from deskphone.drivers.localtime import local, zone_of

NOON = 1_763_985_600  # 24 Nov 2025 12:00 UTC
ZONE, OFFSET = "deskphone/time/zone=Asia/Kolkata", "system/ntp/gmt_offset={}"
NO_OPTION_2 = "network/lan/dhcp/ntp/gmt_offset/enabled=0"


@pytest.mark.parametrize(
    ("lines", "dhcp", "expected"),
    [
        ((ZONE, OFFSET.format("+02:00")), 3_600, "17:30"),
        ((OFFSET.format("+02:00"),), 3_600, "14:00"),
        ((OFFSET.format("-5:00"),), 3_600, "07:00"),
        ((OFFSET.format("-03:30"),), None, "08:30"),
        ((OFFSET.format("1"),), None, "13:00"),
        ((OFFSET.format("+0530"),), None, "17:30"),
        ((OFFSET.format("UTC-03:00"),), None, "09:00"),
        ((OFFSET.format("GMT+1"),), None, "13:00"),
        ((OFFSET.format("gmt"),), 3_600, "12:00"),
        ((), 3_600, "13:00"),
        ((), -18_000, "07:00"),
        ((), 0, "12:00"),
    ],
)
def test_the_first_that_says_it_counts(lines: tuple[str, ...], dhcp: int | None, expected: str) -> None:
    settings = read("\n".join(("system/type=420HD", *lines)).encode()).settings
    assert settings is not None
    assert f"{local(NOON, zone_of(settings, dhcp)):%H:%M}" == expected


def test_option_2_is_not_believed_where_the_settings_say_so() -> None:
    settings = read(NO_OPTION_2.encode()).settings
    assert settings is not None
    assert zone_of(settings, 3_600) is None


def test_without_any_word_it_is_the_time_of_the_system() -> None:
    settings = read(b"system/type=420HD").settings
    assert settings is not None
    assert zone_of(settings) is None
    assert local(NOON, None).utcoffset() is not None


@pytest.mark.parametrize("zone", ["Nowhere/Land", "Europe", "America/Indiana", "posixrules/x"])
def test_a_zone_nobody_knows_is_the_systems(zone: str) -> None:
    settings = read(f"deskphone/time/zone={zone}".encode()).settings
    assert settings is not None
    assert zone_of(settings, 3_600) is None
    assert local(NOON, None) - local(NOON - 60, None) == timedelta(minutes=1)
