"""Who signed a firmware: CMS (RFC 5652) with X.509, checked by the openssl program against the owner's keyring.

Law: bytes and a keyring in, the signed text out, or ValueError. The program and not a library: hostile DER is parsed
in a process of its own that ends with the answer, and the image needs no further compiler to have it.
"""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from pathlib import Path

from deskphone.config.diagnostic import one_line

KEYRING = Path("/etc/deskphone/firmware-keyring.pem")
SIZE = 100_000  # bytes of a CMS file
SECONDS = 20.0


async def signed_text(cms: bytes, keyring: Path) -> bytes:
    """The text inside a CMS file (DER) whose signer the keyring's authorities vouch for; ValueError otherwise.

    Only the keyring counts: -no-CApath and -no-CAstore keep the system's own authorities out.
    """
    if not 0 < len(cms) <= SIZE:
        raise ValueError(f"signature: expected a CMS file of at most {SIZE} bytes, got {len(cms)}")
    with tempfile.NamedTemporaryFile() as file:
        file.write(cms)
        file.flush()
        code, text, said = await _openssl(
            "cms", "-verify", "-binary", "-inform", "DER", "-in", file.name, "-CAfile", str(keyring),
            "-no-CApath", "-no-CAstore", "-purpose", "any",
        )  # fmt: skip
    if code != 0:
        raise ValueError(f"signature: expected one by the owner of this phone, got {_reason(said)}")
    return text


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
