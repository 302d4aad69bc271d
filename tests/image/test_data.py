"""/data is never lost but when nothing else helps: the script the image runs before it mounts the partition."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.needs import needs

SCRIPT = Path(__file__).resolve().parents[2] / "image/rootfs/usr/lib/deskphone/data-anew"
MIB = 1 << 20
pytestmark = pytest.mark.slow


def why_not() -> str:
    if os.geteuid() != 0:
        return "loop devices need root"
    probe = subprocess.run(["losetup", "--find"], capture_output=True, text=True, check=False)
    return "" if probe.returncode == 0 else f"no loop devices here: {probe.stderr.strip()}"


class Partition:
    """A file system with one file in it, behind a loop device."""

    def __init__(self, folder: Path) -> None:
        self.file, self.mount = folder / "data.ext4", folder / "mount"
        self.mount.mkdir()
        kept = folder / "last-good.cfg"
        kept.write_text("voip/line/0/id=1502\n")
        self.file.write_bytes(bytes(32 * MIB))
        subprocess.run(["mkfs.ext4", "-q", "-F", "-L", "data", str(self.file)], check=True)
        self._debugfs("-w", "-R", f"write {kept} last-good.cfg")
        self.device = ""

    def plug_in(self) -> None:
        done = subprocess.run(
            ["losetup", "--find", "--show", str(self.file)], check=True, capture_output=True, text=True
        )
        self.device = done.stdout.strip()

    def pull_out(self) -> None:
        if self.device:
            subprocess.run(["losetup", "--detach", self.device], check=False)
            self.device = ""

    def start(self) -> subprocess.CompletedProcess[str]:
        """What the unit does, in a mount namespace of its own."""
        self.plug_in()
        try:
            return subprocess.run(
                ["unshare", "--mount", str(SCRIPT), self.device, str(self.mount)],
                capture_output=True, text=True, check=False, timeout=60,
            )  # fmt: skip
        finally:
            self.pull_out()

    def holds(self) -> str:
        """The file in it, "" where it is gone; the file system itself must be sound."""
        subprocess.run(["e2fsck", "-f", "-n", str(self.file)], check=True, capture_output=True)
        return self._debugfs("-R", "cat last-good.cfg")

    def overwrite(self, at: int, length: int) -> None:
        with self.file.open("r+b") as file:
            file.seek(at)
            file.write(b"\xa5" * length)

    def _debugfs(self, *arguments: str) -> str:
        done = subprocess.run(["debugfs", *arguments, str(self.file)], check=True, capture_output=True, text=True)
        return done.stdout


@pytest.fixture
def partition(tmp_path: Path) -> Iterator[Partition]:
    needs("losetup", "mkfs.ext4", "e2fsck", "debugfs", "unshare")
    if reason := why_not():
        pytest.skip(reason)
    made = Partition(tmp_path)
    yield made
    made.pull_out()


def test_a_good_one_is_left_alone(partition: Partition) -> None:
    done = partition.start()
    assert (done.returncode, done.stderr) == (0, "")
    assert partition.holds() == "voip/line/0/id=1502\n"


def test_a_damaged_one_is_mended_and_keeps_its_files(partition: Partition) -> None:
    partition.overwrite(1024, 1024)  # the superblock; there is a copy further on
    done = partition.start()
    assert done.returncode == 0, done.stderr
    assert "<4>/data cannot be mounted, it is repaired" in done.stderr
    assert "made anew" not in done.stderr
    assert partition.holds() == "voip/line/0/id=1502\n"


def test_one_that_nothing_helps_is_made_anew_and_the_journal_says_so(partition: Partition) -> None:
    partition.overwrite(0, 32 * MIB)
    done = partition.start()
    assert done.returncode == 0, done.stderr
    assert "<3>/data cannot be repaired (e2fsck says 8): it is made anew" in done.stderr
    assert partition.holds() == ""
    assert subprocess.run(
        ["e2label", str(partition.file)], capture_output=True, text=True, check=True
    ).stdout == "data\n"  # fmt: skip


def test_without_a_partition_nothing_is_made(tmp_path: Path) -> None:
    folder = tmp_path / "mount"
    folder.mkdir()
    nowhere = tmp_path / "nowhere"
    done = subprocess.run([str(SCRIPT), str(nowhere), str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert not nowhere.exists()


@pytest.mark.parametrize(
    ("check", "read", "words"),
    [
        (8, 1, "<3>/data cannot be read, it is left as it is"),
        (126, 0, "<3>/data could not be checked (e2fsck says 126)"),
        (127, 0, "<3>/data could not be checked (e2fsck says 127)"),
        (137, 0, "<3>/data could not be checked (e2fsck says 137)"),
        (8, 0, "it is made anew"),
    ],
    ids=["a card that cannot be read", "no right to check", "no e2fsck", "e2fsck was killed", "beyond repair"],
)
def test_only_what_was_checked_and_can_be_read_is_made_anew(tmp_path: Path, check: int, read: int, words: str) -> None:
    for tool, status in {"mount": 32, "e2fsck": check, "dd": read, "mkfs.ext4": 0}.items():
        program = tmp_path / tool
        program.write_text(f"#!/bin/sh\necho {tool} >>{tmp_path}/ran\nexit {status}\n")
        program.chmod(0o755)
    done = subprocess.run(
        [str(SCRIPT), str(tmp_path / "card"), str(tmp_path)],
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}"}, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert words in done.stderr
    made = "mkfs.ext4" in (tmp_path / "ran").read_text().split()
    assert (made, done.returncode) == ((True, 0) if "anew" in words else (False, 1))
