"""The time servers the settings name: systemd-timesyncd asks them beside those of DHCP, or nobody."""

from __future__ import annotations

from pathlib import Path

import pytest

from deskphone.config.layers import Layer, Layers
from deskphone.drivers.network_wish import wanted
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


def test_those_of_the_administrator_lie_over_those_of_the_file(tmp_path: Path) -> None:
    file = Layers().with_file({FIRST: "10.1.1.5", "deskphone/dhcp/vendor_class": "floor 3"})
    layers, _ = file.set_all(Layer.ADMINISTRATOR, {FIRST: "10.9.9.9", "network/lan/dhcp/domain_name/enabled": False})
    tell(tmp_path, settings=wanted(layers.settings))
    assert (tmp_path / "70-settings.conf").read_text() == "[Time]\nNTP=10.9.9.9\n"
    client = (tmp_path / "dhcpcd.conf").read_text().splitlines()
    assert 'vendorclassid "floor 3"' in client and "nooption domain_name" in client


def test_a_file_of_another_kind_is_not_read(tmp_path: Path) -> None:
    """A phone that was taken over may leave anything in its folder; root's script goes on with what it has."""
    for bad in (b"\0" * 5000, b"\xff\xfe" + f"{FIRST}=10.1.1.5\n".encode("utf-16-le"), b"x" * 10_000_000):
        told = tell(tmp_path, settings=bad)
        assert told.name.startswith("420hd-")
        assert not (tmp_path / "70-settings.conf").exists()
    (tmp_path / "secret").write_text(f"{FIRST}=10.1.1.5\n")
    (tmp_path / "network-wish").unlink()
    (tmp_path / "network-wish").symlink_to("secret")
    tell(tmp_path, settings=None)
    assert not (tmp_path / "70-settings.conf").exists()
