"""What changes a machine's network or its mounts does so where it belongs, and nowhere else by hand."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.netns.uml import GUEST
from tests.netns.units import OUTSIDE

ROOT = Path(__file__).resolve().parents[2]
LAN_PORT = ROOT / "firmware/lan/lan_port.py"
GUESTS = ROOT / "tests/hil/guest"
APART = {"init.sh": "[ $$ = 1 ] || exit 1", "image.sh": "[ $$ = 1 ] || exit 1", "air.sh": "[ $PPID = 1 ] || exit 1"}


@pytest.mark.parametrize("word", ["--help", "/nowhere"])
def test_the_lan_port_s_program_started_by_hand_touches_nothing(tmp_path: Path, word: str) -> None:
    told = tmp_path / "told"
    for name in ("ip", "systemctl"):
        program = tmp_path / name
        program.write_text(f'#!/bin/sh\necho "{name} $@" >>{told}\n')
        program.chmod(0o755)
    places = {
        "DESKPHONE_DHCP_DIR": str(tmp_path / "dhcp"),
        "DESKPHONE_LAN_DIR": str(tmp_path / "lan"),
        "DESKPHONE_NETWORK_DIR": str(tmp_path / "network"),
    }
    others = {"PATH": str(tmp_path), "DESKPHONE_WIRED": "lo", "DESKPHONE_NETWORK": "/nowhere"}
    done = subprocess.run(
        [sys.executable, "-I", "-B", str(LAN_PORT), word], env={**places, **others},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == os.EX_USAGE and "deskphone-lan.service" in done.stderr
    assert sorted(each.name for each in tmp_path.iterdir()) == ["ip", "systemctl"]


@pytest.mark.parametrize("outside", ["", str(os.stat("/proc/self/ns/net").st_ino)])
def test_the_units_of_a_laboratory_start_in_a_laboratory_only(tmp_path: Path, outside: str) -> None:
    command = [sys.executable, str(ROOT / "tests/netns/units.py"), str(tmp_path), "start", "of-nobody.service"]
    done = subprocess.run(
        command, env={OUTSIDE: outside}, capture_output=True, text=True, check=False, timeout=60
    )  # fmt: skip
    assert done.returncode == 1 and "namespace" in done.stderr


@pytest.mark.parametrize("name", [*APART, "uml"])
def test_a_guest_s_script_does_nothing_on_another_machine(tmp_path: Path, name: str) -> None:
    text, guard = (GUEST, APART["init.sh"]) if name == "uml" else ((GUESTS / name).read_text(), APART[name])
    commands = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert commands[0].startswith(guard), commands[0]
    script = tmp_path / "guest.sh"
    script.write_text(f"{commands[0]}\ntouch {tmp_path}/touched\n")
    assert subprocess.run(["sh", str(script)], check=False, timeout=60).returncode == 1
    assert not (tmp_path / "touched").exists()
