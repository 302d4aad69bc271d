"""`make flash` writes a card and nothing else: tried on loop devices, with the machine's own disk as the wrong one."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SIZE = 8 * 1024 * 1024


def loop(file: Path, *options: str) -> str:
    """A loop device over the file; skips where the machine has none to give."""
    file.write_bytes(b"old" + bytes(SIZE - 3))
    command = ["losetup", "--find", "--show", *options, str(file)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        pytest.skip(f"no loop device: {result.stderr.strip()}")
    return result.stdout.strip()


@pytest.fixture
def card(tmp_path: Path) -> Iterator[str]:
    device = loop(tmp_path / "card")
    yield device
    subprocess.run(["losetup", "--detach", device], check=True)


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """A small card image, packed as delivered."""
    plain = tmp_path / "sdcard.img"
    plain.write_bytes(b"deskphone" + os.urandom(100_000) + bytes(1024 * 1024 - 100_009))
    subprocess.run(["xz", "-k", str(plain)], check=True)
    return tmp_path / "sdcard.img.xz"


def flash(device: str, image: Path, typed: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    command = [str(ROOT / "image/scripts/flash.sh"), device, str(image)]
    everything = {**os.environ, **environment}
    return subprocess.run(command, capture_output=True, text=True, input=typed, check=False, env=everything)


def test_the_card_holds_the_image_once_its_name_was_typed(card: str, image: Path, tmp_path: Path) -> None:
    result = flash(card, image, typed=f"{card}\n")
    assert result.returncode == 0, result.stderr
    assert "This will be overwritten" in result.stdout and card.removeprefix("/dev/") in result.stdout
    written = (tmp_path / "sdcard.img").read_bytes()
    assert (tmp_path / "card").read_bytes()[: len(written)] == written


@pytest.mark.parametrize("typed", ["", "\n", "y\n", "yes\n", "/dev/loop\n"])
def test_anything_but_its_name_writes_nothing(card: str, image: Path, tmp_path: Path, typed: str) -> None:
    result = flash(card, image, typed=typed)
    assert result.returncode == 1 and "nothing was written" in result.stderr
    assert (tmp_path / "card").read_bytes().startswith(b"old")


def test_the_answer_beforehand_must_name_the_same_device(card: str, image: Path, tmp_path: Path) -> None:
    assert flash(card, image, FLASH_YES="/dev/another").returncode == 1
    assert (tmp_path / "card").read_bytes().startswith(b"old")
    assert flash(card, image, FLASH_YES=card).returncode == 0


def test_a_mounted_card_is_refused(card: str, image: Path, tmp_path: Path) -> None:
    subprocess.run(["mkfs.ext4", "-q", card], check=True)
    (tmp_path / "mnt").mkdir()
    if subprocess.run(["mount", card, str(tmp_path / "mnt")], check=False, capture_output=True).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        result = flash(card, image, FLASH_YES=card)
    finally:
        subprocess.run(["umount", str(tmp_path / "mnt")], check=True)
    assert result.returncode == 1 and f"is mounted on {tmp_path / 'mnt'}" in result.stderr


def test_swap_is_refused(card: str, image: Path) -> None:
    subprocess.run(["mkswap", card], check=True, capture_output=True)
    if subprocess.run(["swapon", card], check=False, capture_output=True).returncode:
        pytest.skip("swap is not allowed here")
    try:
        result = flash(card, image, FLASH_YES=card)
    finally:
        subprocess.run(["swapoff", card], check=True)
    assert result.returncode == 1
    assert "SWAP" in result.stderr or "swap" in result.stderr


def test_the_systems_own_disk_is_refused(image: Path) -> None:
    found = subprocess.run(["lsblk", "-nrpo", "NAME,MOUNTPOINT"], capture_output=True, text=True, check=True).stdout
    disks = [line.split()[0] for line in found.splitlines() if line.endswith(" /")]
    if not disks:
        pytest.skip("the system's disk is not visible here")
    result = flash(disks[0], image)  # nothing is typed: even without the refusal it would not write
    assert result.returncode == 1
    assert "is mounted on /" in result.stderr or "whole disk" in result.stderr


def test_a_card_that_is_too_small_is_refused(card: str, image: Path, tmp_path: Path) -> None:
    large = tmp_path / "large.img"
    with large.open("wb") as file:
        file.truncate(SIZE + 1)
    result = flash(card, large, FLASH_YES=card)
    assert result.returncode == 1 and f"has {SIZE} bytes" in result.stderr


def test_a_write_protected_card_is_refused(image: Path, tmp_path: Path) -> None:
    device = loop(tmp_path / "locked", "--read-only")
    try:
        result = flash(device, image, FLASH_YES=device)
    finally:
        subprocess.run(["losetup", "--detach", device], check=True)
    assert result.returncode == 1 and "write-protected" in result.stderr


def test_who_may_not_write_is_told_so_before_he_is_asked(card: str, image: Path) -> None:
    mode = Path(card).stat().st_mode & 0o777
    Path(card).chmod(0o440)  # to root without its capabilities what a card is to anybody
    try:
        command = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", str(ROOT / "image/scripts/flash.sh"), card]
        result = subprocess.run([*command, str(image)], capture_output=True, text=True, input="\n", check=False)
    finally:
        Path(card).chmod(mode)
    assert result.returncode == 1 and "may not write to it; type sudo" in result.stderr
    assert "Type " not in result.stdout


def test_what_is_no_disk_is_refused(image: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"a letter to my mother")
    for name in (tmp_path / "file", tmp_path / "nothing", "/dev/null"):
        result = flash(str(name), image)
        assert result.returncode == 1 and "expected a block device" in result.stderr


def test_without_an_image_or_a_device_it_says_what_it_wants(tmp_path: Path) -> None:
    missing = flash("/dev/null", tmp_path / "sdcard.img.xz")
    assert missing.returncode == 66 and "make image first" in missing.stderr
    nothing = flash("", tmp_path / "sdcard.img.xz")
    assert nothing.returncode == 64 and nothing.stderr.startswith("usage:")


def test_the_image_is_looked_for_where_the_build_of_the_same_words_leaves_it(tmp_path: Path) -> None:
    words = {"BOARD": "zero2w", "HANDSET": "i2c", "VARIANT": "dev"}
    command, environment = [str(ROOT / "image/scripts/flash.sh"), "/dev/null"], {**os.environ, **words}
    result = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert "/out/zero2w-i2c-dev/images/sdcard.img.xz: not there" in result.stderr
    for script in ("build.sh", "bundle.sh", "size.sh", "flash.sh"):
        assert "${HANDSET:+-$HANDSET}${VARIANT:+-$VARIANT}" in (ROOT / "image/scripts" / script).read_text(), script
