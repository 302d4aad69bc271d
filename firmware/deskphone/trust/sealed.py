"""What only this phone can read again: texts sealed to a key of its own, which is made when it is first wanted.

Law: text and the data folder in, bytes out, and back. CMS with AES-256-GCM (RFC 5083, RFC 5084) by the openssl program,
as in `signature`; nothing secret stands in its arguments. It keeps a text from who has a copy of one file, an export or
a backup; who has the whole card has the key too, for a Raspberry Pi has no other place for one.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from deskphone.files import is_small, write_whole
from deskphone.trust.certificates import FOLDER

FILE = "device.pem"  # the private key and its certificate
DAYS = 36500  # nobody but this phone looks at it
SECONDS = 60.0  # for one run of openssl on a card that is busy
SIZE = 4096  # bytes of a sealed text, and of the key


def seal(data: Path, text: str) -> bytes:
    """The text for a file; OSError where that is not possible."""
    key = str(_key(data))
    return _openssl("cms", "-encrypt", "-binary", "-aes-256-gcm", "-outform", "DER", "-recip", key,
                    "-keyopt", "ecdh_kdf_md:sha256", given=text.encode())  # fmt: skip


def unseal(data: Path, sealed: bytes) -> str:
    """The text again; ValueError where it was sealed to another key, or is damaged."""
    key = data / FOLDER / FILE
    if not is_small(key, SIZE) or not 0 < len(sealed) <= SIZE:
        raise ValueError(f"sealed text: expected {FILE} and at most {SIZE} bytes, got {len(sealed)}")
    try:
        given = ("cms", "-decrypt", "-binary", "-inform", "DER", "-recip", str(key), "-inkey", str(key))
        return _openssl(*given, given=sealed).decode()
    except OSError as error:
        raise ValueError(f"sealed text: {error}") from error


def _key(data: Path) -> Path:
    path = data / FOLDER / FILE
    if is_small(path, SIZE):
        return path
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory() as scratch:
        key, certificate = Path(scratch) / "key", Path(scratch) / "certificate"
        _openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-sha256",
            "-days", str(DAYS), "-subj", "/CN=deskphone", "-keyout", str(key), "-out", str(certificate),
        )  # fmt: skip
        write_whole(path, key.read_bytes() + certificate.read_bytes())
    return path


def _openssl(*arguments: str, given: bytes = b"") -> bytes:
    """What it says on standard output; OSError where it fails."""
    try:
        done = subprocess.run(["openssl", *arguments], input=given, capture_output=True, check=False, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        raise OSError(f"openssl {arguments[0]}: no answer within {SECONDS:g} s") from None
    if done.returncode:
        said = done.stderr.decode("ascii", "replace").strip()[-200:]
        raise OSError(f"openssl {arguments[0]}: {said}")
    return done.stdout
