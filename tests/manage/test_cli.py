"""`deskphone cli` at a phone that runs: what it prints, how it ends, and who is not let in."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.manage.plane import PASSWORD, Plane

pytestmark = pytest.mark.sip
RING = "deskphone/volume/ring"


def test_status_tells_the_phone_to_a_person_and_to_a_program(plane: Plane) -> None:
    text = plane.cli("status")
    assert text.returncode == 0 and "420HD" in text.stdout
    answer = json.loads(plane.cli("status", "--json").stdout)
    panel = plane.phone.state()
    for key in ("rows", "softkeys", "lamps", "servers", "calls", "agent", "hook_off", "audio", "tone", "marks"):
        assert answer["state"][key] == panel[key]


def test_a_setting_is_shown_set_and_taken_back(plane: Plane) -> None:
    assert plane.cli("set", RING, "3").stdout.startswith(f"{RING}=3 ; administrator")
    shown = plane.cli("show", RING)
    assert shown.stdout.splitlines()[0] == f"{RING}=3 ; administrator" and "0 to 10" in shown.stdout
    assert plane.cli("reset", RING).stdout.startswith(f"{RING}=6 ; factory")


@pytest.mark.parametrize(("words", "code", "said"), [
    (("set", RING, "99"), os.EX_DATAERR, "0 to 10"), (("show", "no/such"), os.EX_USAGE, "no/such"),
    (("set", RING), os.EX_USAGE, "set NAME VALUE"), (("fly",), os.EX_USAGE, "expected one of"),
    (("dial", "9196"), os.EX_TEMPFAIL, "not registered"), (("dial", "<x>"), os.EX_DATAERR, "number"),
    (("hangup",), os.EX_USAGE, "no call"),
])  # fmt: skip
def test_what_is_wrong_is_one_line_and_a_code(plane: Plane, words: tuple[str, ...], code: int, said: str) -> None:
    done = plane.cli(*words)
    assert done.returncode == code and done.stdout == ""
    assert said in done.stderr and done.stderr.count("\n") == 1


def test_an_answer_that_cannot_be_written_is_one_line_and_a_code(plane: Plane) -> None:
    command = [sys.executable, "-m", "deskphone", "cli", "--control", str(plane.socket), "show"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    assert done.returncode == os.EX_IOERR and "No space left" in done.stderr and done.stderr.count("\n") == 1


def test_a_batch_ends_with_its_first_fault(plane: Plane) -> None:
    done = plane.cli(given=f"# volumes\nset {RING} 4\nset {RING} 44\nset {RING} 5\n")
    assert done.returncode == os.EX_DATAERR
    assert plane.cli("show", RING).stdout.startswith(f"{RING}=4 ;")
    assert plane.cli("reset", RING).returncode == 0


def test_factory_settings_take_the_administrators_values_away(plane: Plane) -> None:
    assert plane.cli("set", RING, "3").returncode == 0
    assert "reset" in plane.cli("factory", "reset").stdout
    assert plane.cli("show", RING).stdout.startswith(f"{RING}=6 ; factory")


def test_a_password_comes_from_standard_input_and_nothing_keeps_it(plane: Plane) -> None:
    assert plane.cli("password", "set", given="1234\n").returncode == os.EX_USAGE
    assert plane.cli("password", "set", given="short\n").returncode == os.EX_USAGE
    assert plane.cli("password", "set", given=f"{PASSWORD}\n").returncode == 0
    for file in (plane.folder / "data").iterdir():
        assert PASSWORD.encode() not in file.read_bytes(), file
    assert PASSWORD not in plane.phone.journal() + plane.cli("log", "500").stdout


def test_a_secret_is_set_from_standard_input_and_shown_masked(plane: Plane) -> None:
    name = "voip/line/0/auth_password"
    done = plane.cli("set", name, "-", given="of the line\n")
    assert done.returncode == 0 and "of the line" not in done.stdout
    assert plane.cli("show", name).stdout.startswith(f"{name}=***")
    assert plane.cli("reset", name).returncode == 0


def test_without_a_phone_there_is_one_line(plane: Plane) -> None:
    stray = Plane(plane.folder / "nowhere")
    done = stray.cli("status")
    assert done.returncode == os.EX_UNAVAILABLE and "no phone" in done.stderr and done.stderr.count("\n") == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_another_user_is_kept_out_by_the_file_and_then_by_the_kernels_word(plane: Plane) -> None:
    reachable = (plane.folder, *plane.folder.parents)
    before = {path: path.stat().st_mode for path in reachable}
    try:
        for path in reachable:
            if not before[path] & 0o001:
                path.chmod(before[path] | 0o011)
        assert "PermissionError" in _guest(plane).stderr
        plane.socket.chmod(0o666)
        assert "may not manage the phone" in _guest(plane).stdout
    finally:
        plane.socket.chmod(0o600)
        for path, mode in before.items():
            path.chmod(mode)
    assert plane.cli("status").returncode == 0


def _guest(plane: Plane) -> subprocess.CompletedProcess[str]:
    """Nobody at the socket, without a program of ours (which nobody may read)."""
    code = "import socket, sys; s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); print(s.recv(999))"
    command = ["/usr/bin/python3", "-c", code, str(plane.socket)]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False, user=65534, cwd="/")


def test_hostile_lines_leave_the_phone_as_it_was(plane: Plane) -> None:
    for line in (
        b"\0" * 70_000,
        b"{" * 60_000 + b"\n",
        b'{"request": "show", "names": [' + b'"x",' * 9000,
        b"\n" * 500,
    ):
        with socket.socket(socket.AF_UNIX) as guest:
            guest.settimeout(10)
            guest.connect(str(plane.socket))
            guest.sendall(line)
    assert plane.cli("status").returncode == 0 and plane.phone.illegal() == 0
