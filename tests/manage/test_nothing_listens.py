"""With the web pages off nothing listens but what the phone is for, and the key lock opens nothing: ss(8) says so."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.manage.plane import Plane
from tests.patience import patient
from tests.peers.child import wait_until

pytestmark = pytest.mark.sip
OFF = ("system/web/enabled", "0")


def test_switched_off_it_ends_with_one_line_and_nothing_listens(plane: Plane) -> None:
    running = plane.manage("--http", "127.0.0.1:0", log="off")
    place, unlocked = running.url.removeprefix("http://"), phone_alone(plane)
    with plane.setting("voip/block_non_numeric_key", "1"):
        assert listening(running.child.process.pid) == {"tcp": [place]} and anybody_at(place)
        with plane.setting(*OFF):
            wait_until("the running one to end", lambda: not running.child.alive, patient(30))
            assert "system/web/enabled=0" in running.child.said()
            done = plane.run("manage", "--http", place)
            assert done.returncode == 0 and done.stdout.count("\n") == 1 and "system/web/enabled=0" in done.stdout
            assert not anybody_at(place) and phone_alone(plane) == unlocked


def test_switched_off_while_it_reports_it_stays_and_nothing_listens(plane: Plane) -> None:
    with plane.setting("ems_server/provisioning/url", "http://127.0.0.1:9/"):
        running = plane.manage("--http", "127.0.0.1:0", log="reports")
        place = running.url.removeprefix("http://")
        assert listening(running.child.process.pid) == {"tcp": [place]}
        with plane.setting(*OFF):
            wait_until("no place to come to", lambda: not listening(running.child.process.pid), patient(30))
            assert running.child.alive and "nothing listens" in running.child.said() and not anybody_at(place)
    running.child.stop(10)


def phone_alone(plane: Plane) -> dict[str, list[str]]:
    """Where the phone itself listens: SIP by IPv4 and IPv6, and its simulated front, which was asked for."""
    assert plane.phone.process is not None
    process = plane.phone.process.pid
    wait_until("SIP to be listened for", lambda: "udp" in listening(process), patient(30))
    found = listening(process)
    assert found.keys() == {"tcp", "udp"} and found["tcp"] == [plane.phone.url.removeprefix("http://")], found
    assert 1 <= len(found["udp"]) <= 2, found
    return found


def listening(process: int) -> dict[str, list[str]]:
    """Where a process and its children listen by TCP, UDP or raw: ADDRESS:PORT by protocol, none left out."""
    family = {process, *_children(process)}
    found: dict[str, list[str]] = {}
    for row in _rows("-t", "-u", "-w"):
        protocol, _, _, _, place, *_ = row.split()
        if family & set(map(int, re.findall(r"\bpid=(\d+),", row))):
            found.setdefault(protocol, []).append(place)
    return {protocol: sorted(places) for protocol, places in found.items()}


def anybody_at(place: str) -> bool:
    """Whether any process listens at ADDRESS:PORT by TCP, whoever holds the socket."""
    return any(row.split()[3] == place for row in _rows("-t"))


def _rows(*protocols: str) -> list[str]:
    done = subprocess.run(["ss", "-Hlnp", *protocols], capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.splitlines()


def _children(process: int) -> set[int]:
    """All below it, from /proc; none where it has ended."""
    tasks = Path(f"/proc/{process}/task")
    own = {int(each) for task in tasks.glob("*/children") for each in task.read_text().split()}
    return own.union(*map(_children, own))
