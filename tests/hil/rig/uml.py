"""The guest: a User-Mode Linux process with the phone's copper and sound cards, on this machine's own root.

labgrid's nouns: the process is the resource; `Shell` is the driver that runs commands in it. Law: whatever is started
here ends here, by its own process group.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from tests.cuts.slots import argument
from tests.patience import patient

ROOT = Path(__file__).resolve().parents[3]
MAC = "02:00:00:00:15:02"
CARDS = ("Handset", "Headset", "sndrpigooglevoi")  # the names in board/handset.toml
MEMORY = "768M"
MEMORY_FOLDER = "/dev/shm" if os.access("/dev/shm", os.W_OK) else "/tmp"  # the guest's memory is a file there
BOOT_S = 30.0


class GuestError(AssertionError):
    """The guest did not do what it was told; the message has its console."""


@dataclass(frozen=True)
class Done:
    """How a command in the guest ended."""

    status: int
    output: str


def artefacts() -> Path:
    """The folder with `linux` and `copper.ko`, built when they are not there."""
    for place in (ROOT, Path(sys.base_prefix)):
        if re.search(r"[\s,]", str(place)):
            raise GuestError(f"the rig cannot be where {place} is: no blank and no comma in a kernel's parameter")
    built = subprocess.run(
        [ROOT / "tests/hil/kernel/build.sh"], stdout=subprocess.PIPE, text=True, check=False, timeout=3600
    )
    if built.returncode != 0:
        raise GuestError(f"tests/hil/kernel/build.sh ended with {built.returncode}")
    return Path(built.stdout.strip())


class Shell:
    """Commands, one after the other, on a serial line of the guest."""

    END = re.compile(rb"\n?@@(\d+)\n$")

    def __init__(self, line: socket.socket) -> None:
        self._line = line

    def wait(self, within: float) -> Done:
        """The end of what runs."""
        within = patient(within)
        said, deadline = b"", time.monotonic() + within
        while (end := self.END.search(said)) is None:
            self._line.settimeout(max(0.01, deadline - time.monotonic()))
            try:
                chunk = self._line.recv(1 << 16)
            except TimeoutError as error:
                raise GuestError(f"no end within {within} s; so far: {said[-2000:]!r}") from error
            if not chunk:
                raise GuestError(f"the guest has gone; so far: {said[-2000:]!r}")
            said += chunk
        return Done(int(end[1]), said[: end.start()].decode(errors="replace"))

    def run(self, command: str, within: float = 30.0) -> Done:
        """One line of shell; its output and status."""
        self._line.sendall(command.encode() + b"\n")
        return self.wait(within)

    def check(self, command: str, within: float = 30.0) -> str:
        """The output of a command that must succeed."""
        done = self.run(command, within)
        if done.status != 0:
            raise GuestError(f"{command}: status {done.status}: {done.output}")
        return done.output


@dataclass
class Guest:
    """`with Guest(artefacts(), share, "bench.sh") as guest`: booted, its shell answers.

    share: a folder both see, /hil in the guest. program: what init.sh hands over to. module: a parameter of copper.
    air: the cable goes to an access point instead (air.sh), and the phone has wlan0 only.
    boot_line: what the boot firmware hands to the kernel; the rig's own words come behind it, and its root counts.
    """

    folder: Path
    share: Path
    program: str = "bench.sh"
    tap: str = ""
    air: bool = False
    module: str = ""
    arguments: tuple[str, ...] = ()
    boot_s: float = BOOT_S
    boot_line: str = ""
    process: subprocess.Popen[bytes] = field(init=False)

    def start(self) -> None:
        """Switch it on; its shell may be long in coming."""
        self.copper_line, copper_end = socket.socketpair()
        shell_line, shell_end = socket.socketpair()
        cards = ",".join(CARDS)
        ones = ",".join("1" * len(CARDS))
        command = [
            str(self.folder / "linux"), "noreboot", *self.boot_line.split(),
            f"mem={MEMORY}", "root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro",
            f"init={ROOT}/tests/hil/guest/init.sh", "con=null", "con0=null,fd:1", "ssl=null", "quiet",
            f"uml_dir={self.share}",
            f"ssl0=fd:{copper_end.fileno()},fd:{copper_end.fileno()}",
            f"ssl1=fd:{shell_end.fileno()},fd:{shell_end.fileno()}",
            f"snd_aloop.enable={ones}", f"snd_aloop.id={cards}", "net.ifnames=0", "systemd.getty_auto=no",
            # One stream a card, as hardware has it: dmix cannot join a second voice to one of several (EINVAL).
            f"snd_aloop.pcm_substreams={ones}",
            f"HIL_SHARE={self.share}", f"HIL_CHECKOUT={ROOT}", f"HIL_COPPER={self.folder}/copper.ko",
            f"HIL_PYTHON={sys.base_prefix}",
            *([f"HIL_MODULE={self.module}"] if self.module else []),
            *([f"vec0:transport=tap,ifname={self.tap},mac={MAC}"] if self.tap else []),
            f"mac80211_hwsim.radios={2 if self.air else 0}", *(["HIL_AIR=1"] if self.air else []),
            *self.arguments, "--", self.program,
        ]  # fmt: skip
        with (self.share / "console").open("wb") as console:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=console, stderr=console, start_new_session=True,
                pass_fds=(copper_end.fileno(), shell_end.fileno()),
                env={"PATH": "/usr/bin:/bin", "HOME": str(self.share), "TMPDIR": MEMORY_FOLDER},
            )  # fmt: skip
        copper_end.close()
        shell_end.close()
        self.shell = Shell(shell_line)

    def __enter__(self) -> Guest:
        self.start()
        try:
            self.shell.wait(self.boot_s)
        except BaseException as error:  # a time-out of pytest, Ctrl-C: the guest is a session of its own
            self.stop()
            if isinstance(error, GuestError):
                raise GuestError(f"{error}\n{self.console()}") from error
            raise
        return self

    def console(self) -> str:
        """What the kernel and PID 1 said."""
        return (self.share / "console").read_text(errors="replace")[-8000:]

    def restarts(self, within: float) -> str:
        """Wait until it restarts by itself, which ends it here; the argument of the restart."""
        try:
            self.process.wait(patient(within))
        except subprocess.TimeoutExpired as error:
            raise GuestError(f"no restart within {within} s\n{self.console()}") from error
        said = argument(self.console())
        if said is None:
            raise GuestError(f"expected a restart\n{self.console()}")
        return said

    def stop(self) -> None:
        """Pull the plug."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)
        self.copper_line.close()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
