"""The owner's keys on their way into an image: what goes wrong is said before the hour of building, not after it."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "image/scripts"
VERSION = re.search(r'^version = "(.*)"', (ROOT / "image/release.toml").read_text(), re.MULTILINE)
# A tree that only leaves the configuration that was asked for, and the keyring as its own scripts would be told.
BUILDROOT = """export BR2_VERSION := {version}
defconfig:
\tcp $(BR2_DEFCONFIG) $(O)/.config
\tprintf %s "$$KEYRING" >$(O)/keyring
"""


def run(script: str, *arguments: str, folder: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [str(SCRIPTS / script), *arguments]
    everything = {**os.environ, **environment}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=everything, cwd=folder)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the owner's keys, and his development keys."""
    folder = tmp_path_factory.mktemp("keys")
    for name, variant in (("keys", ""), ("development", "dev")):
        done = run("keys.sh", str(folder / name), "Web development and phones", VARIANT=variant)
        assert done.returncode == 0, done.stderr
    return folder


def build(keys: Path, tmp_path: Path, keyring: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`make image KEYRING=keyring`, typed where the keys are, up to Buildroot's configuration."""
    assert VERSION
    tree = tmp_path / "buildroot"
    tree.mkdir(exist_ok=True)
    (tree / "Makefile").write_text(BUILDROOT.format(version=VERSION[1]))
    return run("build.sh", "rpi4", folder=keys, OUT=str(tmp_path / "out"), BUILDROOT=str(tree), KEYRING=keyring,
               STOP_AFTER="defconfig", **environment)  # fmt: skip


def test_a_keyring_is_found_from_where_the_command_was_typed(keys: Path, tmp_path: Path) -> None:
    done = build(keys, tmp_path, "keys/ca.pem")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out/keyring").read_text() == str(keys / "keys/ca.pem")


def test_what_can_be_no_keyring_ends_the_build_before_it_begins(keys: Path, tmp_path: Path) -> None:
    (keys / "mixed.pem").write_text((keys / "keys/ca.pem").read_text() + (keys / "development/ca.pem").read_text())
    (keys / "open.pem").write_text((keys / "keys/ca.pem").read_text() + (keys / "keys/ca.key").read_text())
    (keys / "letter.pem").write_text("Dear Sir")
    wrong = {
        "keys/ca.crt": "not there", "letter.pem": "no certificate", "keys/ca.key": "private key",
        "open.pem": "private key", "development/ca.pem": "development keys", "mixed.pem": "development keys",
    }  # fmt: skip
    for keyring, why in wrong.items():
        done = build(keys, tmp_path, keyring)
        assert done.returncode == 64 and f"KEYRING={keyring}: " in done.stderr and why in done.stderr, keyring
        assert not (tmp_path / "out/.config").exists(), keyring
    assert build(keys, tmp_path, "development/ca.pem", VARIANT="dev").returncode == 0


def test_a_folder_of_known_holes_that_is_not_there_is_missed_at_once(keys: Path, tmp_path: Path) -> None:
    done = build(keys, tmp_path, "keys/ca.pem", CVE_FEED="nowhere")
    assert done.returncode == 64 and "CVE_FEED=nowhere: expected a folder" in done.stderr


@pytest.mark.skipif(any((ROOT / "image").glob("dev-keys/*.pub")), reason="this tree has keys for development cards")
def test_a_development_card_that_nobody_can_enter_is_no_surprise_an_hour_later(keys: Path, tmp_path: Path) -> None:
    told = {wiring: build(keys, tmp_path, "", VARIANT="dev", HANDSET=wiring).stderr for wiring in ("spi", "i2c")}
    assert "nobody gets in" in told["spi"] and "only way in" in told["i2c"]
    assert "dev-keys" not in build(keys, tmp_path, "").stderr


def test_who_names_nothing_is_told_what_to_type() -> None:
    for arguments in (("", ""), ("/tmp/keys", "")):
        done = run("keys.sh", *arguments)
        assert done.returncode == 64 and done.stderr == 'keys: usage: make keys KEYS=DIRECTORY NAME="Owner"\n'
