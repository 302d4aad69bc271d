"""The time servers the settings name: systemd-timesyncd asks them beside those of DHCP, or nobody."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.netns.device import tell

pytestmark = [pytest.mark.netns, pytest.mark.slow]
FIRST, SECOND = "system/ntp/primary_server_address", "system/ntp/secondary_server_address"


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ((f"{FIRST}=ntp.site.test", f"{SECOND}=10.1.1.5"), "NTP=ntp.site.test 10.1.1.5"),
        ((f"{FIRST}=0.0.0.0", f"{SECOND}=2001:db8::5"), "NTP=2001:db8::5"),
        ((f"{FIRST}=ntp.site.test", "system/ntp/enabled=0"), "NTP=\nFallbackNTP="),
    ],
    ids=["two", "one", "switched off"],
)
def test_they_come_from_the_settings(tmp_path: Path, settings: tuple[str, ...], expected: str) -> None:
    tell(tmp_path, settings="\n".join(settings))
    assert (tmp_path / "70-settings.conf").read_text() == f"[Time]\n{expected}\n"


def test_without_any_there_are_those_of_dhcp_only(tmp_path: Path) -> None:
    tell(tmp_path, settings=f"{FIRST}=10.1.1.5")
    tell(tmp_path)
    assert not (tmp_path / "70-settings.conf").exists()


@pytest.mark.parametrize("bad", ["a b", "a;b", "$(touch pwned)", "x\\nFallbackNTP=y"])
def test_a_phone_that_was_taken_over_gets_nothing_else_in(tmp_path: Path, bad: str) -> None:
    told = tell(tmp_path, settings=f"{FIRST}={bad}\n{SECOND}=10.1.1.5")
    assert (tmp_path / "70-settings.conf").read_text() == "[Time]\nNTP=10.1.1.5\n"
    assert "system/ntp: expected an address or a host name" in told.said


def test_what_stays_is_not_written_anew(tmp_path: Path) -> None:
    tell(tmp_path, settings=f"{FIRST}=10.1.1.5")
    before = (tmp_path / "70-settings.conf").stat().st_ino
    tell(tmp_path, settings=f"{FIRST}=10.1.1.5")
    assert (tmp_path / "70-settings.conf").stat().st_ino == before
