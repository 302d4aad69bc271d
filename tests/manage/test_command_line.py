"""The command line over the network: a real sshd with the image's configuration, a real telnetd and telnet client."""

from __future__ import annotations

import os
import pty
import re
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from deskphone.manage.cli.remote import authorized_keys, may
from deskphone.manage.cli.usage import Usage
from tests.manage.plane import PASSWORD, Plane

pytestmark = [pytest.mark.sip, pytest.mark.skipif(os.geteuid() != 0, reason="sshd and telnetd serve as root here")]
IMAGE = Path(__file__).resolve().parents[2] / "image/rootfs/usr/lib/deskphone"
RING = "deskphone/volume/ring"
PROGRAM = f"{sys.executable} -m deskphone"


class Door:
    """Accepts as systemd does with Accept=yes: each guest's connection is a process's standard input and output."""

    def __init__(self, command: Sequence[str], **environment: str) -> None:
        self._command, self._environment = command, {**os.environ, **environment}
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._guests: list[subprocess.Popen[bytes]] = []
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                guest, _ = self._listening.accept()
            except OSError:
                return
            with guest:
                self._guests.append(subprocess.Popen(
                    self._command, stdin=guest, stdout=guest, stderr=subprocess.DEVNULL, env=self._environment,
                ))  # fmt: skip

    def close(self) -> None:
        """Listen no more, and end who is in."""
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()
        for guest in self._guests:
            guest.kill()
            guest.wait()


class Terminal:
    """A program in a terminal of its own, as a person has it."""

    def __init__(self, *command: str) -> None:
        pid, self._handle = pty.fork()
        if pid == 0:
            os.environ["TERM"] = "dumb"
            os.execvp(command[0], command)
        self._pid, self.seen = pid, ""

    def wait(self, pattern: str, seconds: float = 60) -> str:
        """What it says up to a pattern; that is read then."""
        until = time.monotonic() + seconds
        while not (found := re.search(pattern, self.seen)):
            left = until - time.monotonic()
            assert left > 0, f"expected {pattern!r} of {self.seen!r}"
            if select.select([self._handle], [], [], left)[0]:
                try:
                    piece = os.read(self._handle, 4096)
                except OSError:
                    piece = b""
                assert piece, f"ended before {pattern!r}: {self.seen!r}"
                self.seen += piece.decode("utf-8", "replace")
        said, self.seen = self.seen[: found.end()], self.seen[found.end() :]
        return said

    def type(self, text: str) -> None:
        """Keys."""
        os.write(self._handle, text.encode())

    def end(self) -> None:
        """Away."""
        os.close(self._handle)
        os.kill(self._pid, 9)
        os.waitpid(self._pid, 0)


@pytest.fixture
def ssh(plane: Plane, tmp_path: Path) -> Iterator[Callable[..., list[str]]]:
    """The command line of a real ssh client at a real sshd with the image's configuration; only what is this machine's
    is another: user, files, program."""
    kept, now, key = tmp_path / "kept", tmp_path / "now", tmp_path / "key"
    kept.mkdir()
    now.mkdir()
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    public = key.with_suffix(".pub").read_text().strip()
    assert plane.cli("set", "deskphone/ssh/keys", f"nonsense, {public}").returncode == 0
    program = tmp_path / "deskphone"
    program.write_text(f'#!/bin/sh\nexec {PROGRAM} "$@"\n')
    program.chmod(0o755)
    environment = {**os.environ, "DESKPHONE": str(program), "DESKPHONE_CONTROL": str(plane.socket)}
    for _ in range(2):  # the second time the host's key is there
        subprocess.run([IMAGE / "ssh-keys", kept, now], env=environment, check=True)
    Path("/run/sshd").mkdir(exist_ok=True)  # of sshd's separation of privileges, where it is started as root
    door = Door([
        "/usr/sbin/sshd", "-i", "-e", "-f", str(IMAGE / "sshd_config"),
        "-o", f"HostKey={kept}/ssh_host_ed25519_key", "-o", f"AuthorizedKeysFile={now}/authorized_keys",
        "-o", "AllowUsers=root", "-o", "PermitRootLogin=prohibit-password", "-o", "StrictModes=no",
        "-o", f"ForceCommand={PROGRAM} cli --control {plane.socket} --ssh",
    ])  # fmt: skip

    def command(*words: str, by: Path = key, options: Sequence[str] = ()) -> list[str]:
        said = ("StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR", "BatchMode=yes",
                "IdentityAgent=none", "IdentitiesOnly=yes")  # fmt: skip
        plain = [word for each in said for word in ("-o", each)]
        return ["ssh", "-F", "none", "-p", str(door.port), *plain, "-i", str(by), *options, "root@127.0.0.1", *words]

    yield command
    door.close()
    assert plane.cli("reset", "deskphone/ssh/keys").returncode == 0


def run(command: list[str], given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, input=given, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.needs("sshd", "ssh")
def test_ssh_lets_a_key_of_the_settings_in_to_the_command_line_and_to_nothing_else(
    plane: Plane, ssh: Callable[..., list[str]], tmp_path: Path
) -> None:
    assert "420HD" in run(ssh("status")).stdout
    assert run(ssh(), f"set {RING} 4\nshow {RING}\n").stdout.splitlines()[1].startswith(f"{RING}=4 ;")
    assert plane.cli("reset", RING).returncode == 0
    for words in ("sh", "'; id'", "$(id)", "/bin/sh -c id"):
        refused = run(ssh(words))
        assert refused.returncode == os.EX_USAGE and "uid=" not in refused.stdout and "expected" in refused.stderr
    assert run(ssh("support", str(tmp_path / "file"))).returncode == os.EX_USAGE and not (tmp_path / "file").exists()
    bundle = subprocess.run(ssh("support", "-"), capture_output=True, timeout=60, check=True).stdout
    assert bundle.startswith(b"\x1f\x8b")
    forward = run(ssh("-N", options=("-o", "ExitOnForwardFailure=yes", "-R", "0:127.0.0.1:1")))
    assert forward.returncode == 255, "no forwarding"
    stranger = tmp_path / "stranger"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(stranger)], check=True)
    assert run(ssh("status", by=stranger)).returncode == 255
    passwords = ("-o", "PreferredAuthentications=password,keyboard-interactive", "-o", "PubkeyAuthentication=no")
    denied = run(ssh("status", options=passwords))
    assert denied.returncode == 255 and "(publickey)" in denied.stderr, "a password is not even asked for"


@pytest.mark.needs("sshd", "ssh")
def test_ssh_with_a_terminal_has_the_prompt_with_completion(ssh: Callable[..., list[str]]) -> None:
    terminal = Terminal(*ssh(options=("-tt",)))
    try:
        terminal.wait("deskphone> ")
        terminal.type("show deskphone/volume/ri\t\n")
        assert "0 to 10" in terminal.wait(r"expected: .*\n")
        terminal.type("quit\n")
    finally:
        terminal.end()


@pytest.mark.needs("telnetd", "telnet")
def test_telnet_asks_for_the_password_warns_and_has_the_prompt(plane: Plane, tmp_path: Path) -> None:
    assert plane.cli("password", "remove").returncode == 0
    refused = plane.cli("set", "management/telnet/enabled", "1")
    assert refused.returncode == os.EX_DATAERR and "password" in refused.stderr
    assert plane.cli("password", "set", given=f"{PASSWORD}\n").returncode == 0
    for _ in range(2):  # each time it is enabled
        assert "warning: management/telnet/enabled" in plane.cli("set", "management/telnet/enabled", "1").stdout
        assert plane.cli("reset", "management/telnet/enabled").returncode == 0
    assert plane.phone.journal().count("Telnet is not encrypted") == 2
    login = tmp_path / "login"
    login.write_text(f"#!/bin/sh\nexec {PROGRAM} cli --control {plane.socket} --telnet\n")
    login.chmod(0o755)
    door = Door(["/usr/sbin/telnetd", "-h", "-E", str(login)])
    terminal = Terminal("telnet", "127.0.0.1", str(door.port))
    try:
        assert "not encrypted" in terminal.wait("user: ")
        terminal.type("admin\r")
        terminal.wait("password: ")
        terminal.type("wrong one\r")
        assert "wrong one" not in terminal.wait("wrong user or password")
        terminal.wait("user: ")
        terminal.type("admin\r")
        terminal.wait("password: ")
        terminal.type(f"{PASSWORD}\r")
        assert PASSWORD not in terminal.wait("deskphone> ")
        terminal.type("agent\r")
        terminal.wait(r"nobody [\w ]+")
        terminal.type("quit\r")
        terminal.wait("closed")
    finally:
        terminal.end()
        door.close()
    assert PASSWORD not in plane.phone.journal()


@pytest.mark.needs("telnetd", "telnet")
def test_three_wrong_passwords_end_the_connection(plane: Plane, tmp_path: Path) -> None:
    assert plane.cli("password", "set", given=f"{PASSWORD}\n").returncode == 0
    terminal = Terminal(sys.executable, "-m", "deskphone", "cli", "--control", str(plane.socket), "--telnet")
    before = time.monotonic()
    try:
        for _ in range(3):
            terminal.wait("user: ")
            terminal.type("admin\r")
            terminal.wait("password: ")
            terminal.type("no\r")
        terminal.wait("wrong.*wrong|wrong user or password\r\n$")
        with pytest.raises(AssertionError, match="ended before"):
            terminal.wait("user: |deskphone> ", 20)
    finally:
        terminal.end()
    assert time.monotonic() - before > 9, "each costs seconds"


def test_what_is_no_key_is_left_out_of_sshds_file() -> None:
    bad = 'command="sh" ssh-ed25519 AAAA, ssh-dss AAAA, ssh-ed25519, ssh-ed25519 A\nB, ssh-ed25519 AA"A x'
    assert authorized_keys(bad) == ""
    assert authorized_keys("ssh-ed25519 AAAA+/= me@desk \n evil") == "restrict,pty ssh-ed25519 AAAA+/= me@desk  evil\n"
    assert authorized_keys("") == ""


@pytest.mark.parametrize("line", ["support", "support a", "--json support a", "support --json a", "support a --json"])
def test_no_file_is_written_for_who_comes_over_the_network(line: str) -> None:
    with pytest.raises(Usage, match="support -"):
        may(line.split())
    may(["support", "-"])
