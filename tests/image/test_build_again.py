"""A second `make image` in the same folder: what was changed since the first is in the image, wherever it lies."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# A tree that configures a kernel as it was asked to, says which packages are made again, and ends there.
BUILDROOT = """defconfig:
\tcp $(BR2_DEFCONFIG) $(O)/.config
linux-configure:
\tmkdir -p $(O)/build/linux-6.12
\tcat $(BR2_EXTERNAL)/../board/qemu/kernel.config $(BR2_EXTERNAL)/kernel/common.fragment >$(O)/build/linux-6.12/.config
\tsed -nE 's/^(# )?CONFIG_([A-Z0-9_]+).*/config \\2/p' $(O)/build/linux-6.12/.config >$(O)/build/linux-6.12/Kconfig
%-rebuild:
\techo $* >>$(O)/again
"""
PACKAGES = ("deskphone-0.1.0", "deskphone-splash-1", "deskphone-pjproject-b7317ffc")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The project as far as a build is told of it, untouched since its packages were made."""
    for name in ("image/scripts", "image/kernel", "image/package/deskphone-splash/src", "board", "firmware/systemd"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("buildroot.config", "image/release.toml", "firmware/pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    for name in ("firmware/deskphone/app.py", "firmware/native/sipext.c"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch()
    version = re.search(r'^version = "(.*)"', (ROOT / "image/release.toml").read_text(), re.MULTILINE)
    assert version
    (tmp_path / "buildroot").mkdir()
    (tmp_path / "buildroot/Makefile").write_text(f"export BR2_VERSION := {version[1]}\n{BUILDROOT}")
    for package in PACKAGES:
        (tmp_path / "out/build" / package).mkdir(parents=True)
        (tmp_path / "out/build" / package / ".stamp_built").touch()
    for path in tmp_path.rglob("*"):
        if path.is_file():  # well before what the test touches: the clock of files ticks in milliseconds
            written = 1_000_000_000 + (path.name == ".stamp_built")
            os.utime(path, (written, written))
    return tmp_path


def made_again(tree: Path) -> set[str]:
    """The packages that a build of the virtual board makes once more."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tree),
        "OUT": str(tree / "out"),
        "BUILDROOT": str(tree / "buildroot"),
    }
    done = subprocess.run([str(tree / "image/scripts/build.sh"), "qemu"], capture_output=True, text=True, check=False,
                          env=environment)  # fmt: skip
    assert "No targets" not in done.stderr and "expected" not in done.stderr, done.stderr
    said = tree / "out/again"
    return set(said.read_text().split()) if said.exists() else set()


def test_nothing_is_made_again_that_has_not_changed(tree: Path) -> None:
    assert made_again(tree) == set()


@pytest.mark.parametrize(
    ("file", "packages"),
    [
        ("firmware/deskphone/app.py", {"deskphone"}),
        ("firmware/systemd/deskphone.service", {"deskphone"}),
        ("board/asound.conf", {"deskphone"}),
        ("board/rpi4/70-deskphone-sound.rules", {"deskphone"}),
        ("board/handset.toml", {"deskphone", "deskphone-splash"}),
        ("image/package/deskphone-splash/src/splash.c", {"deskphone-splash"}),
        ("firmware/native/sipext.c", {"deskphone-pjproject"}),
    ],
)
def test_a_file_that_was_changed_comes_into_the_next_image(tree: Path, file: str, packages: set[str]) -> None:
    (tree / file).touch()
    assert made_again(tree) == packages
