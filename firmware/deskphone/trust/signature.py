"""Who signed a firmware: CMS (RFC 5652) with X.509, checked by the openssl program against the owner's keyring.

Law: bytes and a keyring in, the signed text out, or ValueError. The program and not a library: hostile DER is parsed
in a process of its own that ends with the answer, and the image needs no further compiler to have it.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import tempfile
from pathlib import Path

from deskphone.config.diagnostic import one_line

DIGESTS = frozenset({"2.16.840.1.101.3.4.2.1", "2.16.840.1.101.3.4.2.2", "2.16.840.1.101.3.4.2.3"})
"""SHA-256, SHA-384, SHA-512 (RFC 5754 section 2). MD5 and SHA-1 can be made to match another text."""
SIGNER = "Code Signing"  # id-kp-codeSigning, RFC 5280 section 4.2.1.12
KEYRING = Path("/etc/rauc/keyring.pem")  # the image's one keyring: of the announcement and of the bundle
SIZE = 100_000  # bytes of a CMS file
SECONDS = 20.0  # for one run of openssl


async def signed_text(cms: bytes, keyring: Path) -> bytes:
    """The text inside a CMS file (DER) whose one signer the keyring's authorities vouch for; ValueError otherwise.

    Only the keyring counts: -no-CApath and -no-CAstore keep the system's own authorities out. A certificate that is
    not for signing code signs nothing here, a server's of the same authority least of all.
    """
    if not 0 < len(cms) <= SIZE:
        raise ValueError(f"signature: expected a CMS file of at most {SIZE} bytes, got {len(cms)}")
    with tempfile.TemporaryDirectory() as folder:
        file, signer = Path(folder) / "cms", Path(folder) / "signer"
        await asyncio.to_thread(file.write_bytes, cms)
        code, text, said = await _openssl(
            "cms", "-verify", "-binary", "-inform", "DER", "-in", str(file), "-CAfile", str(keyring), "-no-CApath",
            "-no-CAstore", "-purpose", "any", "-auth_level", "2", "-signer", str(signer),
        )  # fmt: skip
        if code != 0:
            raise ValueError(f"signature: expected one by the owner of this phone, got {_reason(said)}")
        _one_signer(await asyncio.to_thread(signer.read_bytes))
        await _signer_of_code(signer)
        await _strong_digest(file)
    return text


def _one_signer(certificates: bytes) -> None:
    if certificates.count(b"-BEGIN CERTIFICATE-") != 1:
        raise ValueError("signature: expected one signer, got several")


async def _signer_of_code(signer: Path) -> None:
    _, printed, _ = await _openssl("x509", "-in", str(signer), "-noout", "-ext", "extendedKeyUsage")
    uses = printed.decode("ascii", "replace").partition("\n")[2].strip()
    if SIGNER not in uses.split(", "):
        found = one_line(uses) or "nothing"
        raise ValueError(f"signature: expected a certificate for code signing, got one for {found}")


async def _strong_digest(file: Path) -> None:
    """All digests the file names: a name in a certificate that looks like one can only add to them."""
    _, printed, _ = await _openssl("cms", "-cmsout", "-print", "-noout", "-inform", "DER", "-in", str(file))
    found = re.findall(r"digestAlgorithms?:\s+algorithm: ([\w-]+) \(([\d.]+)\)", printed.decode("ascii", "replace"))
    weak = [name for name, oid in found if oid not in DIGESTS]
    if weak or not found:
        raise ValueError(f"signature: expected SHA-256, SHA-384 or SHA-512, got {weak[0] if weak else 'no digest'}")


async def _openssl(*arguments: str) -> tuple[int, bytes, str]:
    try:
        process = await asyncio.create_subprocess_exec(
            "openssl", *arguments,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
    except OSError as error:
        raise ValueError(f"signature: expected the program openssl, got {error.strerror}") from error
    try:
        async with asyncio.timeout(SECONDS):
            text, said = await process.communicate()
    except TimeoutError:
        raise ValueError(f"signature: expected an answer of openssl within {SECONDS:g} s, got none") from None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    return process.returncode or 0, text, said.decode("ascii", "replace")


def _reason(said: str) -> str:
    """The one thing worth telling of openssl's words: what follows `Verify error:`, else the last error's reason."""
    for line in said.splitlines():
        if "Verify error:" in line:
            return one_line(line.partition("Verify error:")[2])
    errors = [line.split(":")[5] for line in said.splitlines() if line.count(":") > 6]
    return one_line(errors[-1] if errors else said)
