"""The program's words and exit codes (sysexits(3)): outside tools depend on them."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import pytest

pytestmark = pytest.mark.sip


def deskphone(*arguments: str, within: float = 30) -> subprocess.CompletedProcess[str]:
    """Run the program to its end."""
    command = [sys.executable, "-m", "deskphone", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=within, check=False, stdin=subprocess.DEVNULL
    )


def one_line(text: str) -> str:
    lines = text.strip().splitlines()
    assert len(lines) == 1, lines
    return lines[0]


def test_an_unknown_option_is_a_usage_error_in_one_line() -> None:
    done = deskphone("run", "--bogus")
    assert done.returncode == os.EX_USAGE
    assert "--bogus" in one_line(done.stderr)


@pytest.mark.parametrize("port", ["99999", "-5", "abc"])
def test_a_sip_port_that_is_none_is_a_usage_error(port: str) -> None:
    done = deskphone("run", "--sim", f"--sip-port={port}")
    assert done.returncode == os.EX_USAGE
    assert port in one_line(done.stderr)


def test_a_taken_sip_port_is_named(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        done = deskphone("run", "--sim", "--panel", "127.0.0.1:0", "--sip-port", str(port), "--data", str(tmp_path))
    assert done.returncode == os.EX_UNAVAILABLE
    assert str(port) in done.stderr.strip().splitlines()[-1]


def test_a_server_that_speaks_no_http_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        threading.Thread(target=_babble, args=(server,), daemon=True).start()
        done = deskphone("run", "--sim", "--config", f"http://127.0.0.1:{port}/x.cfg", "--data", str(tmp_path))
    assert done.returncode == os.EX_NOINPUT
    assert str(port) in one_line(done.stderr)


def _babble(server: socket.socket) -> None:
    connection, _ = server.accept()
    with connection:
        connection.sendall(b"SSH-2.0-hello\r\n")


def test_a_missing_configuration_is_named(tmp_path: Path) -> None:
    done = deskphone("run", "--sim", "--config", str(tmp_path / "none.cfg"), "--data", str(tmp_path / "data"))
    assert done.returncode == os.EX_NOINPUT
    assert "none.cfg" in one_line(done.stderr)


def test_a_bad_configuration_tells_every_error_and_where(tmp_path: Path) -> None:
    """Where the file asks for all or nothing; else the good lines of it would count."""
    config = tmp_path / "bad.cfg"
    config.write_text("voip/signalling/sip/port=abc\nvoip/line/0/enabled=maybe\ndeskphone/provisioning/strict=1\n")
    done = deskphone("run", "--sim", "--config", str(config), "--data", str(tmp_path / "data"))
    assert done.returncode == os.EX_CONFIG
    assert "bad.cfg:1: voip/signalling/sip/port: expected" in done.stderr
    assert "bad.cfg:2: voip/line/0/enabled: expected" in done.stderr


def test_a_taken_panel_port_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = deskphone("run", "--sim", "--panel", f"127.0.0.1:{port}", "--data", str(tmp_path))
    assert done.returncode == os.EX_UNAVAILABLE
    assert str(port) in one_line(done.stderr)


def test_a_bad_board_file_is_named(tmp_path: Path) -> None:
    done = deskphone("run", "--board", str(tmp_path / "none.toml"), "--data", str(tmp_path))
    assert done.returncode == os.EX_NOINPUT
    assert "none.toml" in done.stderr


def test_the_phone_starts_with_the_last_good_configuration_and_says_so(tmp_path: Path) -> None:
    """A bad file after a good one changes nothing; SIGTERM ends with 0; SIGUSR1 leaves a recording that replays."""
    config, data = tmp_path / "phone.cfg", tmp_path / "data"
    config.write_text("voip/line/0/id=1502\n")
    run_until_panel(config, data, signal.SIGTERM)
    config.write_text("voip/line/0/enabled=maybe\n")
    journal = run_until_panel(config, data, signal.SIGUSR1, signal.SIGTERM)
    assert "voip/line/0/enabled" in journal
    replayed = deskphone("replay", str(data / "recording.json"), "--quiet")
    assert replayed.returncode == os.EX_OK, replayed.stderr
    assert "1502" in replayed.stdout


def run_until_panel(config: Path, data: Path, *signals: int) -> str:
    command = [sys.executable, "-m", "deskphone", "run", "--sim", "--no-terminal", "--panel", "127.0.0.1:0",
               "--sip-port", "0", "--config", str(config), "--data", str(data)]  # fmt: skip
    journal = data.parent / "journal"
    with journal.open("wb") as log:
        phone = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    deadline = time.monotonic() + 20
    while "panel: " not in journal.read_text():
        assert phone.poll() is None and time.monotonic() < deadline, journal.read_text()
        time.sleep(0.02)
    found = re.search(r"panel: (http://\S+)/", journal.read_text())
    assert found is not None
    while "1502" not in urllib.request.urlopen(f"{found[1]}/panel/state", timeout=10).read().decode():
        assert phone.poll() is None and time.monotonic() < deadline, journal.read_text()
        time.sleep(0.02)
    for number in signals:
        if number == signal.SIGTERM and signal.SIGUSR1 in signals:
            while not (data / "recording.json").exists():
                assert time.monotonic() < deadline
                time.sleep(0.02)
        phone.send_signal(number)
    assert phone.wait(15) == 0, journal.read_text()
    return journal.read_text()
