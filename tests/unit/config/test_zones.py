"""Time zones as files of the family, their servers' scripts and people write them."""

from __future__ import annotations

import pytest

from deskphone.config.reader import read
from deskphone.config.registry import slots_of
from deskphone.config.result import ReadResult, Verdict
from deskphone.config.settings import Settings
from deskphone.drivers.localtime import has_zone
from deskphone.drivers.localtime import zone_of as zone
from tests.unit.config.family import ACCOUNT

FAMILY = "voip/regional_settings/selected_timezone"
ZONE, OFFSET = "deskphone/time/zone", "system/ntp/gmt_offset"


def taken(*lines: str) -> ReadResult:
    return read((ACCOUNT + "\n".join(lines) + "\n").encode(), "a.cfg", has_zone=has_zone)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Australia/Brisbane", "Australia/Brisbane"),
        ("australia/brisbane", "Australia/Brisbane"),
        ("AMERICA/NEW YORK", "America/New_York"),
        ("america/argentina/buenos_aires", "America/Argentina/Buenos_Aires"),
        ("Africa/Dar es Salaam", "Africa/Dar_es_Salaam"),
        ("america/port-au-prince", "America/Port-au-Prince"),
        ("utc", "UTC"),
        ('"Europe/Berlin"', "Europe/Berlin"),
        ("Europe/Berlin ; head office", "Europe/Berlin"),
        ("etc/utc", "Etc/UTC"),
        ("Europe\\Berlin", "Europe/Berlin"),
        (":Europe/Berlin", "Europe/Berlin"),
        ("TZ='europe/berlin'", "Europe/Berlin"),
        ("/usr/share/zoneinfo/America/New_York", "America/New_York"),
    ],
)
@pytest.mark.parametrize("name", [FAMILY, ZONE])
def test_the_familys_zone_is_the_phones_however_it_is_written(name: str, written: str, meant: str) -> None:
    result = taken(f"{name}={written}", f"{OFFSET}=+01:00")
    assert result.settings is not None and result.verdict is Verdict.TAKEN, result.report()
    assert result.settings.time.zone == meant and not result.unknown
    assert str(zone(result.settings)) == meant, "a zone goes before an offset"


@pytest.mark.parametrize("written", ["Europe", "Mars/Olympus", "../../etc/passwd", "W. Europe Standard Time", "Berlin"])
def test_a_zone_that_there_is_not_costs_its_line(written: str) -> None:
    result = taken(f"{FAMILY}={written}")
    assert result.settings is not None and result.verdict is Verdict.PARTLY and result.settings.time.zone == ""
    assert f"a.cfg:7: {FAMILY}: expected a zone" in result.report()


@pytest.mark.parametrize(
    ("written", "meant"),
    [("5.5", "+05:30"), ("-3.5", "-03:30"), ("+5,75", "+05:45"), ("GMT+1.0", "+01:00"), ("UTC-9.50", "-09:30")],
)
def test_an_offset_in_hours_with_a_point_is_taken_and_said(written: str, meant: str) -> None:
    result = taken(f"{OFFSET}={written}")
    assert result.settings is not None and result.verdict is Verdict.TAKEN, result.report()
    assert result.settings.time.offset == meant and f"{OFFSET}: taken as {meant}" in result.report()


@pytest.mark.parametrize("written", ["5.3", "15.5", "19800", "330", "5.5.5", "Mars/Olympus", "+05:75"])
def test_an_offset_that_is_none_costs_its_line(written: str) -> None:
    assert taken(f"{OFFSET}={written}").verdict is Verdict.PARTLY


@pytest.mark.parametrize(("more", "meant"), [("", "Asia/Kolkata"), (f"{FAMILY}=Asia/Dubai", "Asia/Dubai")])
@pytest.mark.parametrize("before", [True, False])
def test_a_zone_in_an_offsets_place_counts_unless_another_is_named(more: str, meant: str, before: bool) -> None:
    lines = [more, f"{OFFSET}=asia/kolkata"]
    result = taken(*(lines if before else reversed(lines)))
    assert result.settings is not None and result.verdict is Verdict.TAKEN, result.report()
    assert (result.settings.time.zone, result.settings.time.offset) == (meant, "not_set")
    assert f"{OFFSET}: a zone's name, taken as {ZONE}" in result.report()
    assert FAMILY in slots_of(Settings)[ZONE].option.aliases


@pytest.mark.parametrize(("more", "meant"), [("", "+02:00"), (f"{OFFSET}=-03:00", "-03:00")])
@pytest.mark.parametrize("written", ["+02:00", "GMT+02:00", "(GMT+02:00) Athens, Kyiv", "UTC +02:00"])
@pytest.mark.parametrize("before", [True, False])
def test_an_offset_in_a_zones_place_counts_unless_another_is_named(
    more: str, meant: str, written: str, before: bool
) -> None:
    lines = [more, f"{FAMILY}={written}"]
    result = taken(*(lines if before else reversed(lines)))
    assert result.settings is not None and result.verdict is Verdict.TAKEN, result.report()
    assert result.settings.time.zone == "" and result.settings.time.offset.removeprefix("UTC ")[-6:] == meant
    assert f"no zone's name, taken as {OFFSET}" in result.report()
