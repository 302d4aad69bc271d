"""`systemctl` of a laboratory: starts and stops what the project's own unit files say, where it is called.

usage: units.py FOLDER [--no-block] start|stop|restart|try-restart UNIT...
Law: ExecStartPre, ExecStart and rights are the units'; only the places of the image's files are others. A service with
Type=notify is waited for, --no-block or not. Its words go to FOLDER/UNIT.log, its process into FOLDER/UNIT.pid.
"""

from __future__ import annotations

import os
import pwd
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OUTSIDE = "DESKPHONE_OUTSIDE"
"""Says which network namespace is the machine's own, where nothing is started or stopped."""
HOOK = "/run/hook"
"""The client's, where its user finds it."""
FOLDERS = (ROOT / "firmware/dhcp", ROOT / "firmware/lan")


def file(unit: str) -> Path:
    """The unit's file; StopIteration where the project has none of that name."""
    return next(path for path in (folder / unit for folder in FOLDERS) if path.exists())


def commands(unit: str, folder: Path) -> list[list[str]]:
    """The unit's command lines, in order. The DHCP client gets the project's hook as its only one and needs no udev."""
    text = file(unit).read_text()
    lines = re.findall(r"^ExecStart(?:Pre)?=-?(\+?)(.*)$", text, re.MULTILINE)
    found = [shlex.split(line) for _, line in lines]
    places = {
        "/usr/lib/deskphone/lan/": f"{ROOT}/firmware/lan/",
        "/usr/lib/deskphone/": f"{ROOT}/firmware/dhcp/",
        "/data/deskphone/": f"{folder}/data/",
    }
    for old, new in places.items():
        found = [[word.replace(old, new) for word in words] for words in found]
    if unit == "dhcpcd.service":
        found[-1] += ["--nodev", "-d", "-c", HOOK]
    if unit != "deskphone-lan.service":  # what that one has started here could have no more than it has itself
        able = ["setpriv", f"--bounding-set={rights(text, 'CapabilityBoundingSet')}", *as_user(text)]
        found = [words if whole else [*able, *words] for words, (whole, _) in zip(found, lines, strict=True)]
    return found


def as_user(text: str) -> list[str]:
    """Words of setpriv(1): the unit's user, who keeps the capabilities that the unit gives him."""
    user = re.search(r"^User=(.*)$", text, re.MULTILINE)
    if user is None:
        return []
    given = rights(text, "AmbientCapabilities")
    who = pwd.getpwnam(user[1])
    return [f"--reuid={who.pw_uid}", f"--regid={who.pw_gid}", "--clear-groups", f"--inh-caps={given}",
            f"--ambient-caps={given}"]  # fmt: skip


def rights(text: str, name: str) -> str:
    """The unit's CapabilityBoundingSet or AmbientCapabilities, in setpriv's words."""
    named = " ".join(re.findall(rf"^{name}=(.*)$", text, re.MULTILINE))
    return "-all" + "".join(f",+{each[4:].lower()}" for each in re.findall(r"CAP_\w+", named))


def alive(folder: Path, unit: str) -> int:
    """The unit's process, 0 for none."""
    with suppress(OSError, ValueError):
        number = int((folder / f"{unit}.pid").read_text())
        if Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
            return number
    return 0


def start(folder: Path, unit: str) -> None:
    if alive(folder, unit):
        return
    text = file(unit).read_text()
    owner = re.search(r"^User=(.*)$", text, re.MULTILINE)
    for name in " ".join(re.findall(r"^RuntimeDirectory=(.*)$", text, re.MULTILINE)).split():
        Path("/run", name).mkdir(exist_ok=True)
        if owner is not None:
            shutil.chown(Path("/run", name), owner[1])
    *before, main = commands(unit, folder)
    place = f"/run/notify-{os.getpid()}"
    with (folder / f"{unit}.log").open("ab") as log, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as door:
        door.bind(place)
        door.settimeout(60)
        for command in before:
            subprocess.run(command, check=True, stdout=log, stderr=log)
        process = subprocess.Popen(
            main, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            env={**os.environ, "NOTIFY_SOCKET": place},
        )  # fmt: skip
        (folder / f"{unit}.pid").write_text(str(process.pid))
        if "Type=notify" in text:
            door.recv(100)


def stop(folder: Path, unit: str) -> None:
    number = alive(folder, unit)
    if not number:
        return
    with suppress(ProcessLookupError):
        os.kill(number, signal.SIGTERM)
    end = time.monotonic() + 20
    while alive(folder, unit) and time.monotonic() < end:
        time.sleep(0.05)
    with suppress(ProcessLookupError):
        os.killpg(number, signal.SIGKILL)
    (folder / f"{unit}.pid").unlink()


def main(where: str, *words: str) -> None:
    if os.environ.get(OUTSIDE, "") in ("", str(os.stat("/proc/self/ns/net").st_ino)):
        sys.exit("units.py: expected a network namespace of its own: its units change addresses")
    folder = Path(where)
    verb, *units = [word for word in words if not word.startswith("--")]
    for unit in units:
        if not any((each / unit).exists() for each in FOLDERS):
            continue
        ran = alive(folder, unit)
        if verb in ("stop", "restart") or (verb == "try-restart" and ran):
            stop(folder, unit)
        if verb in ("start", "restart") or (verb == "try-restart" and ran):
            start(folder, unit)


if __name__ == "__main__":
    main(*sys.argv[1:])
