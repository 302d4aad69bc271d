"""The unit: what it must say, and what systemd itself thinks of it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from deskphone.drivers import devices

UNITS = Path(__file__).resolve().parents[3] / "firmware" / "systemd"
UNIT = UNITS / "deskphone.service"
IMAGE_UNITS = UNITS.parents[1] / "image/rootfs/usr/lib/systemd/system"


def settings() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    section = ""
    for line in UNIT.read_text().splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(f"{section}.{key}", []).append(value)
    return found


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("Unit.StartLimitIntervalSec", "600"),
        ("Unit.StartLimitBurst", "5"),
        ("Unit.StartLimitAction", "reboot"),
        ("Service.Type", "notify"),
        ("Service.WatchdogSec", "10"),
        ("Service.Restart", "always"),
        ("Service.RestartSec", "1"),
        ("Service.User", "deskphone"),
        ("Service.NoNewPrivileges", "yes"),
        ("Service.CapabilityBoundingSet", ""),
        ("Service.ProtectSystem", "strict"),
        ("Service.ReadWritePaths", "/data/deskphone"),
        ("Service.ProtectHome", "yes"),
        ("Service.PrivateTmp", "yes"),
        ("Service.DevicePolicy", "closed"),
        ("Service.ProtectClock", "yes"),
        ("Service.ProtectControlGroups", "yes"),
        ("Service.ProtectKernelTunables", "yes"),
        ("Service.ProtectKernelModules", "yes"),
        ("Service.ProtectKernelLogs", "yes"),
        ("Service.ProtectProc", "invisible"),
        ("Service.RestrictNamespaces", "yes"),
        ("Service.RestrictSUIDSGID", "yes"),
        ("Service.LockPersonality", "yes"),
        ("Service.MemoryDenyWriteExecute", "yes"),
        ("Service.SystemCallArchitectures", "native"),
        ("Service.UMask", "0077"),
        ("Install.WantedBy", "multi-user.target"),
    ],
)
def test_the_unit_keeps_what_reliability_asks(key: str, value: str) -> None:
    assert settings()[key] == [value]


def test_only_what_the_drivers_open_are_open_devices() -> None:
    unit = settings()
    assert sorted(unit["Service.DeviceAllow"]) == sorted(f"{kind.allow} rw" for kind in devices.KINDS)
    assert "Service.PrivateDevices" not in unit  # would hide the pins
    assert "Service.ProcSubset" not in unit  # the pins' library reads the board's revision in /proc
    assert unit["Service.SystemCallFilter"][0] == "@system-service"
    assert set(unit["Service.RestrictAddressFamilies"][0].split()) == {"AF_UNIX", "AF_INET", "AF_INET6", "AF_NETLINK"}


def test_the_user_has_exactly_the_groups_the_unit_names() -> None:
    members = re.findall(r"^m deskphone ([\w-]+)$", (UNITS / "deskphone.sysusers.conf").read_text(), re.MULTILINE)
    assert sorted(members) == sorted(settings()["Service.SupplementaryGroups"][0].split())


def test_the_data_directory_is_the_one_the_unit_may_write_and_nobody_else_reads() -> None:
    text = (UNITS / "deskphone.tmpfiles.conf").read_text()
    line = next(line.split() for line in text.splitlines() if line.startswith("d /data/deskphone "))
    assert line[1:4] == [settings()["Service.ReadWritePaths"][0], "0700", "deskphone"]
    assert f"--data {line[1]}" in settings()["Service.ExecStart"][0]


def test_no_setting_is_given_twice_by_accident() -> None:
    lists = {"Service.DeviceAllow", "Service.SystemCallFilter"}
    assert [key for key, values in settings().items() if len(values) > 1 and key not in lists] == []


@pytest.mark.needs("systemd-analyze")
def test_systemd_finds_no_fault_in_the_unit(tmp_path: Path) -> None:
    """Only the program's path is replaced: it is not installed on the machine that tests."""
    copy = tmp_path / UNIT.name
    copy.write_text(UNIT.read_text().replace("/usr/bin/deskphone", "/bin/true"))
    run = subprocess.run(
        ["systemd-analyze", "verify", str(copy)], capture_output=True, text=True, timeout=60, check=False
    )
    complaints = [line for line in run.stderr.splitlines() if UNIT.name in line]
    assert complaints == []


@pytest.mark.needs("systemd-analyze")
@pytest.mark.parametrize(
    "unit",
    [
        UNIT,
        UNITS / "deskphone-manage.service",
        UNITS / "deskphone-ssh@.service",
        UNITS / "deskphone-telnet@.service",
        UNITS.parent / "lan" / "deskphone-lan.service",
        UNITS.parent / "lan" / "deskphone-8021x.service",
        IMAGE_UNITS / "deskphone-trial.service",
        IMAGE_UNITS / "deskphone-update.service",
        IMAGE_UNITS / "deskphone-capture.service",
    ],
    ids=lambda path: path.stem,
)
def test_the_sandbox_scores_two_or_better(unit: Path) -> None:
    run = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", "--no-pager", str(unit)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-400:] + run.stderr
    assert "Overall exposure level" in run.stdout


@pytest.mark.parametrize(
    "unit",
    [
        UNIT,
        UNITS / "deskphone-manage.service",
        UNITS.parent / "dhcp" / "dhcpcd.service",
        UNITS.parent / "lan" / "deskphone-lldp.service",
    ],
    ids=lambda path: path.stem,
)
def test_who_tells_the_devices_name_sees_it_change(unit: Path) -> None:
    """ProtectHostname= is a name space with the name of its beginning, systemd.exec(5); it takes nothing from who may
    not change the name in any case."""
    text = unit.read_text()
    assert not re.search(r"^ProtectHostname=", text, re.MULTILINE)
    assert "CAP_SYS_ADMIN" not in re.findall(r"^CapabilityBoundingSet=(.*)$", text, re.MULTILINE)[0]


def test_nothing_is_mounted_at_start_for_an_update_that_is_not_there() -> None:
    """A rig without boot partition would wait for it; a card's is mounted when a word of the phone comes."""
    trial, update = (IMAGE_UNITS / f"deskphone-{name}.service" for name in ("trial", "update"))
    preset = (IMAGE_UNITS.parent / "system-preset/50-deskphone.preset").read_text().splitlines()
    assert "/boot" not in re.findall(r"^RequiresMountsFor=(.*)$", trial.read_text(), re.MULTILINE)[0].split()
    assert "[Install]" not in update.read_text()
    assert {"enable deskphone-trial.service", "enable deskphone-update.path"} <= set(preset)


@pytest.mark.parametrize("name", ["ssh", "telnet"])
def test_many_guests_wait_and_do_not_close_the_command_line_for_good(name: str) -> None:
    """systemd.socket(5): a socket whose trigger limit is hit fails until it is restarted; any host could do that."""
    lines = (UNITS / f"deskphone-{name}.socket").read_text().splitlines()
    assert "TriggerLimitIntervalSec=0" in lines and any(line.startswith("PollLimitBurst=") for line in lines)


@pytest.mark.needs("systemd-sysusers")
def test_the_user_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "group").write_text("audio:x:29:\n")
    run = subprocess.run(
        ["systemd-sysusers", f"--root={tmp_path}", str(UNITS / "deskphone.sysusers.conf")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert re.search(r"^deskphone:", (tmp_path / "etc" / "passwd").read_text(), re.MULTILINE)
    groups = (tmp_path / "etc" / "group").read_text()
    assert all(re.search(rf"^{g}:.*deskphone", groups, re.MULTILINE) for g in ("gpio", "spi", "i2c", "audio"))
