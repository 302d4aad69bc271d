"""What the scripts do to the root file system before it is sealed: its name, its earliest time, who may enter."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """As much of a root file system as the scripts touch."""
    for name in ("usr/sbin", "usr/bin", "usr/lib/systemd/system-preset", "usr/lib/python3.14/test", "etc", "root"):
        (tmp_path / name).mkdir(parents=True)
    shutil.copytree(ROOT / "image/rootfs/usr/lib/deskphone", tmp_path / "usr/lib/deskphone")
    return tmp_path


def script(name: str, *arguments: str) -> None:
    subprocess.run([str(ROOT / "image/scripts" / name), *arguments], check=True, capture_output=True)


def test_the_image_says_what_it_is_and_when_it_was_made(target: Path) -> None:
    script("post-build.sh", str(target), "rpi3")
    said = dict(line.split("=", 1) for line in (target / "etc/os-release").read_text().splitlines())
    version = tomllib.loads((ROOT / "firmware/pyproject.toml").read_text())["project"]["version"]
    assert (said["VERSION_ID"], said["VARIANT_ID"]) == (version, "rpi3")
    assert (target / "usr/lib/clock-epoch").stat().st_mtime > 1_700_000_000
    assert not (target / "usr/lib/python3.14/test").exists()


def test_the_product_has_no_way_in(target: Path) -> None:
    rules = (target / "usr/lib/deskphone/firewall.nft").read_text()
    script("post-build.sh", str(target), "rpi4")
    assert (target / "usr/lib/deskphone/firewall.nft").read_text() == rules
    assert not list((target / "usr/lib/systemd/system-preset").iterdir()) and not list((target / "root").iterdir())


def test_no_sshd_of_roots_waits_for_the_phones_own_processes(target: Path) -> None:
    """systemd-ssh-generator(8): a socket that everybody may write to, whatever presets and settings say."""
    generators = target / "usr/lib/systemd/system-generators"
    generators.mkdir()
    for name in ("systemd-ssh-generator", "systemd-fstab-generator"):
        (generators / name).touch(0o755)
    script("post-build.sh", str(target), "rpi4")
    assert [path.name for path in generators.iterdir()] == ["systemd-fstab-generator"]


def test_nothing_that_a_laptop_compiled_comes_along(target: Path) -> None:
    (target / "usr/lib/deskphone/__pycache__").mkdir(exist_ok=True)
    (target / "usr/lib/deskphone/__pycache__/updater.cpython-311.pyc").touch()
    script("post-build.sh", str(target), "rpi4")
    assert not list((target / "usr/lib/deskphone").rglob("__pycache__"))
    assert (target / "usr/lib/deskphone/updater.py").exists()


def test_the_development_variant_opens_ssh_with_a_key_of_its_own(target: Path) -> None:
    (target / "usr/bin/strace").touch(0o755)
    script("post-build.sh", str(target), "rpi4")
    assert "tcp dport 22 accept" in (target / "usr/lib/deskphone/firewall.nft").read_text()
    assert "enable sshd.service" in (target / "usr/lib/systemd/system-preset/40-development.preset").read_text()
    unit = (target / "usr/lib/systemd/system/sshd.service.d/key.conf").read_text()
    assert "/run/sshd_key" in unit and "/etc/ssh" not in unit


def test_an_extension_of_older_sources_ends_the_build(target: Path) -> None:
    promised = re.findall(r"^def (\w+)\(", (ROOT / "firmware/native/deskphone_sipext.pyi").read_text(), re.MULTILINE)
    assert {"start", "set_resolver"} <= set(promised)
    folder = target / "usr/lib/python3.14/site-packages"
    folder.mkdir()
    (folder / "deskphone_sipext.so").write_bytes(b"\0" + b"\0".join(name.encode() for name in promised) + b"\0")
    script("post-build.sh", str(target), "rpi4")
    (folder / "deskphone_sipext.so").write_bytes(b"\0".join(n.encode() for n in ["", *promised] if n != "set_resolver"))
    with pytest.raises(subprocess.CalledProcessError) as ended:
        script("post-build.sh", str(target), "rpi4")
    assert "expected set_resolver" in ended.value.stderr.decode()


def test_no_program_changes_its_user(target: Path) -> None:
    for name, mode in (("su", 0o4755), ("wall", 0o2755), ("ls", 0o755)):
        (target / "usr/bin" / name).write_text("#!/bin/sh\n")
        (target / "usr/bin" / name).chmod(mode)
    (target / "etc/passwd").write_text("dhcpcd:x:100:100:dhcpcd user:/:/bin/false\n")
    script("post-fakeroot.sh", str(target))
    assert "dhcpcd user:/usr/share/empty:" in (target / "etc/passwd").read_text()
    assert {oct(path.stat().st_mode & 0o7777) for path in (target / "usr/bin").iterdir()} == {"0o755"}
