"""Where Buildroot comes from: a tree at hand, or the pinned archive once its hash was right. And the size budget."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    """A copy of the scripts, pinned to a small archive in the place of Buildroot's."""
    shutil.copytree(ROOT / "image/scripts", tmp_path / "image/scripts", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "board/rpi4").mkdir(parents=True)
    (tmp_path / "board/rpi4/buildroot.config").touch()
    version = re.search(r'^version = "(.*)"', (ROOT / "image/release.toml").read_text(), re.MULTILINE)
    assert version
    tree = tmp_path / f"buildroot-{version[1]}"
    tree.mkdir()
    (tree / "Makefile").write_text(f"export BR2_VERSION := {version[1]}\n")
    with tarfile.open(tmp_path / "upstream.tar.gz", "w:gz") as archive:
        archive.add(tree, tree.name)
    digest = hashlib.sha256((tmp_path / "upstream.tar.gz").read_bytes()).hexdigest()
    text = (ROOT / "image/release.toml").read_text()
    text = re.sub(r"(?m)^url = .*$", f'url = "file://{tmp_path}/upstream.tar.gz"', text)
    (tmp_path / "image/release.toml").write_text(re.sub(r"(?m)^sha256 = .*$", f'sha256 = "{digest}"', text))
    return tmp_path


def run(recipe: Path, script: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    everything = {
        "PATH": os.environ["PATH"],
        "HOME": str(recipe),
        "XDG_CACHE_HOME": str(recipe / "cache"),
        **environment,
    }
    command = [str(recipe / "image/scripts" / script), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=everything)


def test_the_pinned_release_is_fetched_once_and_unpacked(recipe: Path) -> None:
    first = run(recipe, "buildroot.sh")
    assert first.returncode == 0, first.stderr
    assert (Path(first.stdout.strip()) / "Makefile").is_file()
    (recipe / "upstream.tar.gz").unlink()
    second = run(recipe, "buildroot.sh")
    assert (second.returncode, second.stdout) == (0, first.stdout)


def test_a_machine_without_curl_fetches_with_what_buildroot_needs_anyway(recipe: Path) -> None:
    path = recipe / "bin"
    path.mkdir()
    for program in Path("/usr/bin").iterdir():
        if program.name not in ("curl", "wget"):
            (path / program.name).symlink_to(program)
    (path / "wget").write_text('#!/bin/sh\nwhile [ "$1" != -O ]; do shift; done\nexec cp "${3#file://}" "$2"\n')
    (path / "wget").chmod(0o755)
    result = run(recipe, "buildroot.sh", PATH=str(path))
    assert result.returncode == 0, result.stderr
    assert (Path(result.stdout.strip()) / "Makefile").is_file()


def test_what_the_scripts_call_is_among_what_a_machine_needs() -> None:
    needs = re.search(r"^Needs: Debian's `(.*?)`", (ROOT / "image/README.md").read_text(), re.MULTILINE)
    scripts = "\n".join(path.read_text() for path in (ROOT / "image/scripts").glob("*.sh"))
    assert needs
    for program in ("openssl", "python3", "wget"):  # of no package that these bring along anyway
        assert re.search(rf"(?m)(^|[ (|]){program} ", scripts) and program in needs[1].split(), program


def test_an_archive_with_another_hash_is_refused_and_never_unpacked(recipe: Path) -> None:
    with (recipe / "upstream.tar.gz").open("ab") as file:
        file.write(b"more")
    result = run(recipe, "buildroot.sh")
    assert result.returncode == 69 and "expected" in result.stderr and not result.stdout
    assert not list((recipe / "cache").rglob("Makefile"))


def test_upstream_out_of_reach_names_the_way_out(recipe: Path) -> None:
    (recipe / "upstream.tar.gz").unlink()
    result = run(recipe, "buildroot.sh")
    assert result.returncode == 69 and "BUILDROOT=DIR" in result.stderr


def test_a_tree_at_hand_of_another_release_is_used_with_a_warning(recipe: Path) -> None:
    tree = recipe / "mine"
    tree.mkdir()
    (tree / "Makefile").write_text("export BR2_VERSION := 2020.02\n")
    result = run(recipe, "buildroot.sh", BUILDROOT=str(tree))
    assert (result.returncode, result.stdout.strip()) == (0, str(tree))
    assert "2020.02" in result.stderr


def test_what_is_no_tree_is_refused(recipe: Path) -> None:
    result = run(recipe, "buildroot.sh", BUILDROOT=str(recipe / "nothing"))
    assert result.returncode == 69 and "expected a Buildroot tree" in result.stderr


def sized(recipe: Path, mebibytes: int) -> subprocess.CompletedProcess[str]:
    images = recipe / "out/rpi4/images"
    images.mkdir(parents=True)
    with (images / "rootfs.squashfs").open("wb") as file:
        file.truncate(mebibytes * 1024 * 1024)
    return run(recipe, "size.sh", "rpi4")


def test_a_root_file_system_within_its_slot_is_printed(recipe: Path) -> None:
    result = sized(recipe, 96)
    assert result.returncode == 0 and "96.0 MiB" in result.stdout and "64" in result.stdout


def test_a_root_file_system_larger_than_its_slot_fails(recipe: Path) -> None:
    result = sized(recipe, 97)
    assert result.returncode == 1 and "rootfs.squashfs is too large" in result.stderr


def test_the_size_of_nothing_is_an_error(recipe: Path) -> None:
    result = run(recipe, "size.sh", "rpi4")
    assert result.returncode == 66 and "make image BOARD=rpi4" in result.stderr


@pytest.mark.parametrize("words", ["build.sh nope", "bundle.sh nope", "size.sh nope", "flash.sh /dev/null"])
def test_a_board_that_there_is_not_is_named_with_those_there_are(words: str) -> None:
    script, word = words.split()
    command = [str(ROOT / "image/scripts" / script), word]
    result = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "BOARD": "nope"})
    boards = sorted(each.parent.name for each in (ROOT / "board").glob("*/buildroot.config"))
    assert len(boards) > 1
    assert (result.returncode, result.stderr) == (64, f"image: BOARD=nope: expected one of {' '.join(boards)}\n")
