#!/usr/bin/python3 -IB
"""Installs updates for the phone, which has no right to: updater.py [WORD]. WORD is the phone's file, one line
`install NUMBER`, `good NUMBER` or `restart NUMBER`; without one (at start) it only tells what runs.

Law: standard library only, as root, and nothing the phone's user wrote is trusted: the bundle lies at one place and is
RAUC's to judge (signature of the owner, compatible), its version is read from what was signed. An older one is refused
unless the signed manifest says `description=downgrade`, and that order counts once and only for what was there when it
was signed: whoever kept it cannot play it again. What is told stands in one file that all may read.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import stat
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

WORD = re.compile(r"(install|good|restart) (\d{1,20})\n")
PROGRESS = re.compile(r"\s*(\d{1,3})% (.*)")
VERSION = re.compile(r"\d{1,5}(\.\d{1,5}){0,3}")
PAUSE = 60.0  # seconds between two restarts that are asked for
TRIALS = 2  # of one version: a plug that was pulled during the first is no fault of it


class Refused(Exception):
    """It is not done; the text says why, in one line for a display."""


@dataclass
class Updater:
    """bundle: the phone's download. told: what everybody may read. note: of the version on trial, kept over restarts.
    obeyed: number of the last order to go back that was.
    command_line: of the running kernel. os_release: of the running slot. reboot: systemd's file for the argument of
    reboot(2), which the boot handler leaves. restart: the command that restarts the device."""

    bundle: Path = Path("/data/deskphone/firmware/bundle.img")
    told: Path = Path("/run/deskphone-update/state")
    note: Path = Path("/data/rauc/trial.json")
    obeyed: Path = Path("/data/rauc/downgrade")
    command_line: Path = Path("/proc/cmdline")
    os_release: Path = Path("/etc/os-release")
    reboot: Path = Path("/run/systemd/reboot-param")
    restart: tuple[str, ...] = ("systemctl", "--no-block", "reboot")
    state: dict[str, object] = field(default_factory=dict)

    # --- what is told ----------------------------------------------------------------------------

    def tell(self, step: str, version: str = "", percent: int = 0, detail: str = "", **more: object) -> None:
        """Have it in the file, whole, for whoever looks."""
        self.state |= {"step": step, "version": version, "percent": percent, "detail": detail, **more}
        new = self.told.with_name(self.told.name + ".new")
        new.write_text(json.dumps(self.state))
        new.chmod(0o644)
        os.replace(new, self.told)

    def load(self) -> None:
        """What was told before, by an earlier run since the device started."""
        with suppress(OSError, ValueError):
            self.state = json.loads(self.told.read_text())
        self.state.setdefault("served", 0)

    def begin(self) -> None:
        """At start: which version runs, and whether this is a trial, or what a trial left."""
        note = self._note()
        version, trials = str(note.get("version", "")), self._trials(note)
        if note and note.get("slot") == self.slot():
            _keep(self.note, json.dumps({**note, "trials": max(1, trials)}))  # the device may have restarted by itself
            self.tell("trial", version)
        elif trials >= TRIALS:
            self.tell("rolled_back", version, detail=f"{self.running()} runs")
        elif trials:
            self.tell("failed", version, detail=f"the trial ended early, {self.running()} runs")
        elif note:  # installed, and the device was switched off before it restarted
            self.tell("failed", version, detail="switched off before the trial")
        else:
            self.tell("none")

    def _trials(self, note: dict[str, object]) -> int:
        trials = note.get("trials", 0)
        return trials if isinstance(trials, int) else TRIALS

    # --- what is done ----------------------------------------------------------------------------

    def serve(self, word: str) -> None:
        """One word of the phone. What is no word changes nothing."""
        match = WORD.fullmatch(word)
        if match is None:
            print("updater: expected `install`, `good` or `restart` and a number", file=sys.stderr)
            return
        verb, number = match[1], int(match[2])
        if number == self.state.get("served"):
            return
        self.state["served"] = number
        {"install": self.install, "good": self.good, "restart": self.restart_device}[verb]()

    def install(self) -> None:
        """Write the bundle into the slot that does not run."""
        version = ""
        try:
            if self.state.get("step") == "trial":
                raise Refused("this start is a trial itself")
            said = self._info()
            version = said.get("RAUC_MF_VERSION", "")
            order = self._order(version, said)
            self.tell("installing", version)
            other = "B" if self.slot() == "A" else "A"
            self._rauc_install(version)
            self._check_written(version, other)
            before = self._note()
            trials = self._trials(before) if before.get("version") == version else 0
            try:
                _keep(self.note, json.dumps({"version": version, "slot": other, "trials": trials, "order": order}))
            except OSError as error:  # without its note a start would not know that it is a trial
                _run(["rauc", "status", "mark-active", "booted"])
                raise Refused(f"no note of it can be kept: {error.strerror}") from error
        except Refused as refused:
            print(f"<3>update {version}: {refused}", file=sys.stderr)
            self.tell("failed", version, detail=str(refused))
        else:
            print(f"update {version}: installed, the next restart tries it")
            self.tell("installed", version)

    def good(self) -> None:
        """The trial is kept: from now on this slot starts."""
        version = str(self.state.get("version", ""))
        if self.state.get("step") != "trial":
            return
        order = self._note().get("order")
        if isinstance(order, int) and order > self._last_order():  # first: a cut here costs a signature, not the rule
            _keep(self.obeyed, f"{order}\n")
        done = _run(["rauc", "status", "mark-good"])
        if done.returncode != 0:
            print(f"<3>update {version}: not marked good: {_last(done.stderr)}", file=sys.stderr)
            self.tell("trial", version, detail=_last(done.stderr))
            return
        self.note.unlink(missing_ok=True)
        print(f"update {version}: good, it stays")
        self.tell("good", version)

    def restart_device(self) -> None:
        """Into the trial where one is installed, out of one that is not good; a phone is not restarted otherwise."""
        step, now = self.state.get("step"), time.monotonic()
        asked = self.state.get("restarted")
        if step not in ("installed", "trial") or (isinstance(asked, float) and 0 <= now - asked < PAUSE):
            return
        note = self._note()
        _keep(self.note, json.dumps({**note, "trials": TRIALS if step == "trial" else self._trials(note) + 1}))
        argument = self.reboot.read_text().strip() if self.reboot.is_file() else ""
        self.tell(str(step), str(self.state.get("version", "")), restarted=now)
        command = [*self.restart, *([f"--reboot-argument={argument}"] if argument else [])]
        done = _run(command)
        if done.returncode != 0:
            print(f"<3>the device cannot be restarted: {_last(done.stderr)}", file=sys.stderr)

    # --- RAUC --------------------------------------------------------------------------------------

    def _info(self) -> dict[str, str]:
        """The signed manifest, after RAUC found the signature good."""
        if not (os.path.lexists(self.bundle) and stat.S_ISREG(self.bundle.lstat().st_mode)):  # a pipe is waited at
            raise Refused("no bundle there")
        done = _run(["rauc", "info", "--output-format=shell", str(self.bundle)])
        if done.returncode != 0:
            raise Refused(_reason(done.stderr))
        return _pairs(done.stdout)

    def _order(self, version: str, said: dict[str, str]) -> int:
        """0 for a version that is no older than the running one; else the number of the owner's order to go back to it,
        which is when it was signed (Unix time): after the running version was made, and after the last one obeyed."""
        if not VERSION.fullmatch(version):
            raise Refused(f"version: expected numbers and dots, got {version[:20]!r}")
        if _numbers(version) >= _numbers(self.running()):
            return 0
        if "downgrade" not in said.get("RAUC_MF_DESCRIPTION", "").split():
            raise Refused(f"older than {self.running()}")
        built = re.search(r"(?m)^DESKPHONE_COMMIT_TIME=(\d{1,20})$", self.os_release.read_text())
        order = said.get("RAUC_MF_BUILD", "")
        if built is None or not re.fullmatch(r"\d{1,20}", order) or int(order) <= int(built[1]):
            raise Refused(f"signed before {self.running()}")
        if int(order) <= self._last_order():
            raise Refused("order used already")
        return int(order)

    def _last_order(self) -> int:
        try:
            return int(_word(self.obeyed))
        except (OSError, ValueError):
            return 0

    def _rauc_install(self, version: str) -> None:
        last = list[str]()
        with subprocess.Popen(["rauc", "install", str(self.bundle)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="replace", bufsize=1) as rauc:  # fmt: skip
            assert rauc.stdout is not None
            for line in rauc.stdout:
                match = PROGRESS.match(line)
                if match is None:
                    last = [*last, line.strip()][-20:]
                elif int(match[1]) <= 100 and int(match[1]) != self.state.get("percent"):
                    self.tell("installing", version, int(match[1]))
        if rauc.returncode != 0:
            raise Refused(_reason("\n".join(last)))

    def _check_written(self, version: str, slot: str) -> None:
        """The phone's user may have changed the file since its version was read: what RAUC wrote must be that one,
        else it is not tried."""
        said = _pairs(_run(["rauc", "status", "--detailed", "--output-format=shell"]).stdout)
        numbers = [name.rpartition("_")[2] for name, value in said.items()
                   if name.startswith("RAUC_SLOT_BOOTNAME_") and value == slot]  # fmt: skip
        written = said.get(f"RAUC_SLOT_STATUS_BUNDLE_VERSION_{numbers[0]}", "") if numbers else ""
        if written != version:
            _run(["rauc", "status", "mark-active", "booted"])
            raise Refused(f"expected {version}, {written or 'nothing'} was written")

    # --- what runs -----------------------------------------------------------------------------------

    def slot(self) -> str:
        """A or B, as the kernel's command line says; "" where it does not."""
        match = re.search(r"(?:^|\s)rauc\.slot=([AB])(?:\s|$)", self.command_line.read_text())
        return match[1] if match else ""

    def running(self) -> str:
        """The version of the running slot."""
        match = re.search(r'(?m)^VERSION_ID="?([0-9.]+)"?$', self.os_release.read_text())
        return match[1] if match else "0"

    def _note(self) -> dict[str, object]:
        try:
            found = json.loads(_word(self.note, 4096))
        except (OSError, ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}


def _keep(path: Path, text: str) -> None:
    """Old or new, never half of it: a temporary file, fsync, rename, fsync."""
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)  # what a card brings may be a pipe, or lead elsewhere
    with new.open("x") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, path)
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, errors="replace", check=False,
                          stdin=subprocess.DEVNULL)  # fmt: skip


def _pairs(said: str) -> dict[str, str]:
    """RAUC's output for shells: NAME='value', one a line."""
    pairs = (word.partition("=") for word in shlex.split(said))
    return {name: value for name, equals, value in pairs if equals}


def _numbers(version: str) -> tuple[int, ...]:
    numbers = [int(part) for part in version.split(".") if part]
    return tuple(numbers + [0] * (4 - len(numbers)))


REASONS = (
    ("signature verification failed", "bad signature"),
    ("unsuitable certificate purpose", "bad signature"),
    ("compatible mismatch", "for another board"),
    ("Compatible", "for another board"),
    ("smaller than", "cut off"),
    ("Signature size", "cut off"),
    ("signature size", "cut off"),
    ("not a supported", "no bundle, or cut off"),
    ("Invalid identifier", "no bundle, or cut off"),
    ("No such file", "no bundle there"),
)
"""What RAUC says, and the same in words for a display."""


def _reason(said: str) -> str:
    return next((short for text, short in REASONS if text in said), _last(said))


def _last(said: str) -> str:
    """The last line that says anything, short."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1][-160:] if lines else "no reason given"


def _word(path: Path, most: int = 64) -> str:
    """What was left there, first bytes. OSError for all but a plain file: no link is followed, no pipe waited at."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(f"{path}: expected a plain file")
        return os.read(handle, most).decode("ascii", "replace")
    finally:
        os.close(handle)


def main(arguments: list[str], updater: Updater | None = None) -> int:
    """Serve words until none is new; 0 in any case, for what was not done is told."""
    updater = updater or Updater()
    updater.load()
    if "step" not in updater.state:
        updater.begin()
    for word in map(Path, arguments):
        served = None
        while served != updater.state["served"]:  # another word may have come meanwhile
            served = updater.state["served"]
            try:
                updater.serve(_word(word))
                updater.tell(*(updater.state[name] for name in ("step", "version", "percent", "detail")))  # type: ignore[arg-type]
            except OSError as error:
                print(f"<3>updater: {error}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
