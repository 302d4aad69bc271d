"""web-sockets: the sockets of the management plane as the phone wants them; systemctl is written down, not run."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "image/rootfs/usr/lib/deskphone/web-sockets"
STOP = (
    "stop deskphone-manage-https.socket deskphone-manage-http.socket deskphone-manage.service "
    "deskphone-ssh.socket deskphone-telnet.socket"
)
OUT = ["stop deskphone-ssh@*.service", "stop deskphone-telnet@*.service"]
HTTPS, HTTP = "start deskphone-manage-https.socket", "start deskphone-manage-http.socket"


@pytest.fixture
def systemctl(tmp_path: Path) -> Path:
    """A systemctl that writes down what it is told."""
    there = tmp_path / "bin" / "systemctl"
    there.parent.mkdir()
    there.write_text(f'#!/bin/sh\necho "$*" >>{tmp_path}/told\n')
    there.chmod(0o755)
    return tmp_path / "told"


def told(systemctl: Path, wish: str | bytes | None, units: str = "units") -> list[str]:
    """What systemctl is told for this file of the phone's."""
    folder = systemctl.parent
    systemctl.unlink(missing_ok=True)
    (folder / "web").unlink(missing_ok=True)
    if wish is not None:
        (folder / "web").write_bytes(wish.encode() if isinstance(wish, str) else wish)
    environment = {"PATH": f"{folder}/bin:{os.environ['PATH']}", "DESKPHONE_UNITS": str(folder / units)}
    subprocess.run([SCRIPT, folder / "web"], env=environment, check=True, timeout=30)
    return systemctl.read_text().splitlines()


def test_what_the_phone_wants_is_opened_and_nothing_else(systemctl: Path) -> None:
    assert told(systemctl, "web https 443\nweb http 80\n") == [STOP, *OUT, HTTPS, HTTP]
    assert told(systemctl, "web https 443\n") == [STOP, *OUT, HTTPS]
    assert told(systemctl, "") == told(systemctl, None) == [STOP, *OUT]


def test_the_command_line_is_opened_where_it_is_wanted_and_its_guests_stay(systemctl: Path) -> None:
    ssh, telnet = "start deskphone-ssh.socket", "start deskphone-telnet.socket"
    assert told(systemctl, "web ssh 22\nweb telnet 23\n") == [STOP, ssh, telnet]
    assert told(systemctl, "web ssh 2222\n") == [STOP, OUT[1], "daemon-reload", ssh]
    port = systemctl.parent / "units/deskphone-ssh.socket.d/port.conf"
    assert port.read_text() == "[Socket]\nListenStream=\nListenStream=2222\n"
    assert told(systemctl, "web telnet 24\nweb ssh 80\n") == [STOP, *OUT, "daemon-reload"]


def test_the_service_opens_no_socket_by_itself() -> None:
    units = SCRIPT.parents[5] / "firmware/systemd"
    service = (units / "deskphone-manage.service").read_text()
    assert not re.search(r"^(Sockets|Wants|Requires)=", service, re.M), "systemd would start what the settings closed"
    for kind in ("http", "https"):
        assert "\nService=deskphone-manage.service\n" in (units / f"deskphone-manage-{kind}.socket").read_text()


def test_another_port_is_systemds_word_while_it_is_wanted(systemctl: Path) -> None:
    port = systemctl.parent / "units/deskphone-manage-https.socket.d/port.conf"
    assert told(systemctl, "web https 8443\n") == [STOP, *OUT, "daemon-reload", HTTPS]
    assert port.read_text() == "[Socket]\nListenStream=\nListenStream=8443\n"
    assert told(systemctl, "web https 8443\n") == [STOP, *OUT, HTTPS], "nothing new, nothing read anew"
    assert told(systemctl, "web https 443\n") == [STOP, *OUT, "daemon-reload", HTTPS]
    assert not port.exists()


def test_what_reports_runs_without_guests_after_its_sockets_are_open(systemctl: Path) -> None:
    service = "start deskphone-manage.service"
    assert told(systemctl, "web https 443\nmanage always\n") == [STOP, *OUT, HTTPS, service]
    assert told(systemctl, "manage always\n") == [STOP, *OUT, service]


@pytest.mark.parametrize("wish", [
    "manage\n", "manage always \n",
    "web https 22\n", "web https 443; reboot\n", "web https 0x50\n", "web https 99999\n", "web sshd 80\n", "web http\n",
    "web https 443 \n", " web http 80\n", b"\xff\xfe", "web http -80\n", "web http 08080\n", "x" * 10_000,
])  # fmt: skip
def test_what_the_phone_would_not_write_opens_nothing(systemctl: Path, wish: str | bytes) -> None:
    assert told(systemctl, wish) == [STOP, *OUT]


def test_a_link_is_not_followed(systemctl: Path) -> None:
    folder = systemctl.parent
    (folder / "real").write_text("web https 443\n")
    (folder / "web").symlink_to(folder / "real")
    environment = {"PATH": f"{folder}/bin:{os.environ['PATH']}", "DESKPHONE_UNITS": str(folder / "units")}
    subprocess.run([SCRIPT, folder / "web"], env=environment, check=True, timeout=30)
    assert systemctl.read_text().splitlines() == [STOP, *OUT]
