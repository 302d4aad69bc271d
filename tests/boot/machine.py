"""A machine made by QEMU with the image in it: its console as a text file, and a shell that the product does not have.

The shell is systemd's own debug shell on a virtio console, asked for on the kernel's command line: nothing in the image
is changed for the test. Law: waits for words, never for a time; ends QEMU by its own handle.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from tests.boot.firmware import start
from tests.boot.tree import with_pins
from tests.patience import patient

SHELL = "systemd.debug_shell=hvc0"
PATIENCE = 240.0  # seconds for anything to happen: an emulated machine on a loaded one is slow
COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\r")
MARK = 40  # characters: no mark that the shell is asked for is longer


@dataclass(frozen=True)
class Answer:
    """What a command in the machine said."""

    code: int
    text: str


@dataclass
class Machine:
    """`with Machine(command, folder) as machine`: switched on. command: qemu-system-aarch64 and what it needs."""

    command: Sequence[str]
    folder: Path
    began: float = 0.0
    _process: subprocess.Popen[bytes] | None = None
    _shell: socket.socket | None = None
    _heard: str = ""
    _number: int = 0
    timings: dict[str, float] = field(default_factory=dict)

    @property
    def console(self) -> Path:
        return self.folder / "console.log"

    @property
    def socket(self) -> Path:
        return self.folder / "shell.socket"

    def __enter__(self) -> Machine:
        self.began = time.monotonic()
        with (self.folder / "qemu.log").open("wb") as log:
            self._process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shell is not None:
            self._shell.close()
        assert self._process is not None
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(20)
        if error is not None:
            print(f"--- console\n{self.said()[-6000:]}")

    # --- the console -----------------------------------------------------------------------------

    def said(self) -> str:
        """All of the console so far, without colours."""
        text = self.console.read_text(errors="replace") if self.console.exists() else ""
        return COLOURS.sub("", text)

    def says(self, pattern: str, within: float = PATIENCE) -> re.Match[str]:
        """Wait for it on the console."""
        end = time.monotonic() + patient(within)
        while not (found := re.search(pattern, self.said())):
            self._alive()
            assert time.monotonic() < end, f"waited {within} s for {pattern!r} on the console:\n{self.said()[-4000:]}"
            time.sleep(0.1)
        return found

    def ends(self, within: float = PATIENCE) -> str:
        """Wait until it has switched itself off or restarts (QEMU ends then); the console's last words."""
        assert self._process is not None
        self._process.wait(patient(within))
        return self.said()[-4000:]

    def cut(self) -> None:
        """The plug is pulled: nothing in the machine is told."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(20)

    def _alive(self) -> None:
        assert self._process is not None
        code = self._process.poll()
        qemu = (self.folder / "qemu.log").read_text(errors="replace")
        assert code is None, f"QEMU ended with {code}: {qemu}\n{self.said()[-4000:]}"

    # --- the shell -------------------------------------------------------------------------------

    def run(self, line: str, within: float = PATIENCE) -> Answer:
        """A line for the shell, and what it says. Waits for the shell where there is none yet."""
        self._connect(within)
        self._number += 1
        mark = f"@{self._number}@"
        # The mark is put together by the shell, so that an echo of the line is not taken for the end of it.
        self._send(f'{{ {line}\n}} 2>&1; echo "{mark[:-1]}""@$?@"\n')
        found = self._hear(rf"{mark}(\d+)@", within)
        text = self._heard[: found.start()]
        self._heard = self._heard[found.end() :]
        return Answer(int(found[1]), text.strip("\n"))

    def read(self, line: str, within: float = PATIENCE) -> str:
        """What the line says; it must succeed."""
        answer = self.run(line, within)
        assert answer.code == 0, f"{line}: {answer.code}\n{answer.text}"
        return answer.text

    def until(self, line: str, within: float = PATIENCE) -> str:
        """Ask until the line succeeds; what it says then."""
        end = time.monotonic() + patient(within)
        while (answer := self.run(line)).code:
            if time.monotonic() > end:
                journal = self.run("journalctl -b --no-pager -n 60").text
                raise AssertionError(f"waited {within} s for {line!r}: {answer.text}\n{journal}")
            time.sleep(0.5)
        return answer.text

    def _connect(self, within: float) -> None:
        if self._shell is not None:
            return
        end = time.monotonic() + patient(within)
        while not self.socket.exists():
            self._alive()
            assert time.monotonic() < end
            time.sleep(0.05)
        self._shell = socket.socket(socket.AF_UNIX)
        self._shell.connect(str(self.socket))
        self._shell.settimeout(1)
        while True:
            self._send('stty -echo; PS1= PS2=; export PATH=/usr/sbin:/usr/bin PAGER=cat TERM=dumb; echo "@rea""dy@"\n')
            if self._listen("@ready@", 5):
                break
            self._alive()
            assert time.monotonic() < end, f"waited {within} s for a shell:\n{self.said()[-4000:]}"
        while self._listen("@ready@", 1):  # one for each time it was asked
            pass
        self._heard = ""

    def _send(self, text: str) -> None:
        assert self._shell is not None
        self._shell.sendall(text.encode())

    def _listen(self, pattern: str, within: float) -> re.Match[str] | None:
        assert self._shell is not None
        end = time.monotonic() + patient(within)
        looked, wanted = 0, re.compile(pattern)
        while True:
            if found := wanted.search(self._heard, looked):
                if pattern == "@ready@":
                    self._heard = self._heard[found.end() :]
                return found
            if time.monotonic() > end:
                return None
            looked = max(0, len(self._heard) - MARK)  # a whole journal comes in thousands of pieces
            try:
                self._heard += COLOURS.sub("", self._shell.recv(65536).decode(errors="replace"))
            except TimeoutError:
                continue

    def _hear(self, pattern: str, within: float) -> re.Match[str]:
        found = self._listen(pattern, within)
        assert found, f"waited {within} s for an answer of the shell: {self._heard[-2000:]}"
        return found


def why_not(images: Path, *names: str) -> str:
    """Why no machine can be made with these files of `images`, or ""."""
    if shutil.which(qemu()) is None:
        return f"not installed: {qemu()} (Debian: qemu-system-arm)"
    missing = [name for name in names if not (images / name).exists()]
    return f"no {', '.join(missing)} in {images}" if missing else ""


def qemu() -> str:
    """The program: QEMU=PROGRAM names another than the machine's own."""
    return os.environ.get("QEMU") or "qemu-system-aarch64"


def knows(machine: str) -> bool:
    """Whether it has this model of a machine."""
    listed = subprocess.run([qemu(), "-machine", "help"], capture_output=True, text=True, check=True)
    return any(line.split(" ", 1)[0] == machine for line in listed.stdout.splitlines())


def clock() -> list[str]:
    """BOOT_CLOCK=instructions: two nanoseconds of the machine's time for each instruction, for a host that is busy with
    other things. The product's time limits hold then however slowly the machine is emulated, and its own seconds are
    those of a processor of 500 MIPS."""
    return ["-icount", "shift=1"] if os.environ.get("BOOT_CLOCK") == "instructions" else []


def virt(folder: Path, cable: str, mac: str, card: Path, *, tryboot: bool = False, keep: bool = False) -> list[str]:
    """The command for QEMU's `virt` machine: the kernel that the firmware's model finds on the card, the card itself, a
    cable (the name of a tap), the pins of tree.py, and the shell. tryboot: as after `reboot "0 tryboot"`. keep: what is
    written to the card stays."""
    started = start(card, "virt", tryboot)
    (folder / "kernel").write_bytes(started.kernel)
    machine = [qemu(), "-M", "virt", "-cpu", "cortex-a53", "-smp", "2", "-m", "512"]
    return [
        *machine, "-dtb", str(with_pins(machine, folder)),
        "-display", "none", "-monitor", "none", "-no-reboot", "-serial", f"file:{folder}/console.log",
        *clock(), "-kernel", str(folder / "kernel"), "-append", f"{started.command_line} {SHELL}",
        "-drive", f"file={card},format=raw,if=none,id=card,snapshot={'off' if keep else 'on'}",
        "-device", "virtio-blk-pci,drive=card",
        "-netdev", f"tap,id=cable,ifname={cable},script=no,downscript=no",
        "-device", f"virtio-net-pci,netdev=cable,mac={mac},romfile=", "-device", "virtio-rng-pci",
        "-device", "virtio-serial-pci", "-chardev", f"socket,id=shell,path={folder}/shell.socket,server=on,wait=off",
        "-device", "virtconsole,chardev=shell",
    ]  # fmt: skip
