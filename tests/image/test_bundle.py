"""Keys and bundles: the owner's key signs for one board; another key, another purpose, a changed byte are refused."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from deskphone.trust import manifest, signature

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "image/scripts"
pytestmark = [pytest.mark.slow, pytest.mark.needs("rauc", "mksquashfs")]


def run(script: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [str(SCRIPTS / script), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **environment})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make image` leaves for a bundle, and two pairs of keys."""
    folder = tmp_path_factory.mktemp("bundle")
    images = folder / "out/images"
    images.mkdir(parents=True)
    (folder / "root").mkdir()
    (folder / "root/file").write_bytes(os.urandom(300_000))
    subprocess.run(["mksquashfs", str(folder / "root"), str(images / "rootfs.squashfs"), "-quiet", "-no-progress"],
                   check=True, capture_output=True)  # fmt: skip
    text = (ROOT / "image/rauc.conf").read_text().replace("@COMPATIBLE@", "deskphone-rpi4-handset")
    (images / "system.conf").write_text(text)
    for name, variant in (("keys", ""), ("other", ""), ("development", "dev")):
        done = run("keys.sh", str(folder / name), "Phone development GmbH", VARIANT=variant)
        assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def bundle(made: Path) -> Path:
    done = run("bundle.sh", "rpi4", OUT=str(made / "out"), KEYS=str(made / "keys"))
    assert done.returncode == 0, done.stderr
    return next((made / "out/images").glob("*.raucb"))


def test_a_machine_with_nothing_but_what_the_build_left_signs_one(made: Path, tmp_path: Path) -> None:
    """RAUC calls mksquashfs by name: Buildroot's own is beside it, and the machine needs none."""
    out, own, path = tmp_path / "out", tmp_path / "out/host/bin", tmp_path / "bin"
    shutil.copytree(made / "out", out)
    own.mkdir(parents=True)
    for name in ("rauc", "mksquashfs"):
        (own / name).symlink_to(shutil.which(name) or "")
    path.mkdir()
    for program in Path("/usr/bin").iterdir():
        if program.name not in ("rauc", "mksquashfs"):
            (path / program.name).symlink_to(program)
    done = run("bundle.sh", "rpi4", OUT=str(out), KEYS=str(made / "keys"), PATH=str(path))
    assert done.returncode == 0, done.stderr


def verified(made: Path, keyring: str, bundle: Path) -> subprocess.CompletedProcess[str]:
    conf, ring = made / "out/images/system.conf", made / keyring / "ca.pem"
    command = ["rauc", f"--conf={conf}", f"--keyring={ring}", "info", str(bundle)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_bundle_is_for_one_board_and_wiring_and_every_block_is_covered(made: Path, bundle: Path) -> None:
    told = verified(made, "keys", bundle)
    assert told.returncode == 0, told.stderr
    assert "'deskphone-rpi4-handset'" in told.stdout
    assert "Verity Hash" in told.stdout


def both(bundle: Path) -> tuple[bytes, bytes]:
    """The announcement beside a bundle, and the bundle."""
    return bundle.with_name(bundle.name + ".cms").read_bytes(), bundle.read_bytes()


async def test_its_announcement_is_what_a_phone_fetches_and_believes(made: Path, bundle: Path) -> None:
    cms, whole = await asyncio.to_thread(both, bundle)
    offer = manifest.parse(await signature.signed_text(cms, made / "keys/ca.pem"))
    assert (offer.model, offer.size, offer.downgrade) == ("420HD", len(whole), False)
    assert offer.sha256 == hashlib.sha256(whole).hexdigest()
    with pytest.raises(ValueError, match="signature"):
        await signature.signed_text(cms, made / "other/ca.pem")


async def test_a_downgrade_says_so_in_both_signatures(made: Path, bundle: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shutil.copytree(made / "out", out)
    done = run("bundle.sh", "rpi4", OUT=str(out), KEYS=str(made / "keys"), DOWNGRADE="1")
    assert done.returncode == 0, done.stderr
    again = next((out / "images").glob("*.raucb"))
    cms, _ = await asyncio.to_thread(both, again)
    assert manifest.parse(await signature.signed_text(cms, made / "keys/ca.pem")).downgrade
    assert "downgrade" in verified(made, "keys", again).stdout


def test_another_owners_phone_refuses_it(made: Path, bundle: Path) -> None:
    told = verified(made, "other", bundle)
    assert told.returncode != 0 and "signature verification failed" in told.stderr


def test_a_changed_signature_or_manifest_is_refused(made: Path, bundle: Path, tmp_path: Path) -> None:
    changed = tmp_path / bundle.name
    shutil.copy(bundle, changed)
    with changed.open("r+b") as file:
        file.seek(-200, os.SEEK_END)
        byte = file.read(1)
        file.seek(-200, os.SEEK_END)
        file.write(bytes([byte[0] ^ 1]))
    assert verified(made, "keys", changed).returncode != 0


def test_a_servers_certificate_of_the_same_authority_signs_nothing(made: Path, bundle: Path, tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    shutil.copytree(made / "keys", keys)
    (tmp_path / "ext").write_text("keyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\n")
    openssl = [
        "openssl",
        "req",
        "-new",
        "-key",
        str(keys / "sign.key"),
        "-subj",
        "/CN=www",
        "-out",
        str(tmp_path / "csr"),
    ]
    subprocess.run(openssl, check=True, capture_output=True)
    authority = ["-CA", str(keys / "ca.pem"), "-CAkey", str(keys / "ca.key"), "-CAcreateserial"]
    signing = ["openssl", "x509", "-req", "-in", str(tmp_path / "csr"), *authority]
    signing += ["-extfile", str(tmp_path / "ext"), "-out", str(keys / "sign.pem")]
    subprocess.run(signing, check=True, capture_output=True)
    done = run("bundle.sh", "rpi4", OUT=str(made / "out"), KEYS=str(keys))
    assert bundle.exists(), "the good one of before is left alone"
    assert done.returncode != 0 and "unsuitable certificate purpose" in done.stderr


def test_keys_roll_over_by_a_keyring_of_both(made: Path, bundle: Path) -> None:
    both = made / "both"
    both.mkdir()
    (both / "ca.pem").write_text((made / "other/ca.pem").read_text() + (made / "keys/ca.pem").read_text())
    assert verified(made, "both", bundle).returncode == 0


def test_development_keys_sign_no_product(made: Path) -> None:
    done = run("bundle.sh", "rpi4", OUT=str(made / "out"), KEYS=str(made / "development"))
    assert done.returncode == 66 and "they sign no product" in done.stderr


def test_keys_are_private_and_never_overwritten(made: Path) -> None:
    assert (made / "keys/sign.key").stat().st_mode & 0o077 == 0
    again = run("keys.sh", str(made / "keys"), "Example GmbH")
    assert again.returncode == 64 and "never overwritten" in again.stderr
