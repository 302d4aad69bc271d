"""The phone's own certificate for its web pages, made by openssl(1) when it is first wanted.

Law: key and certificate are one file, readable by its owner only, whole or not there. A browser cannot know who signed
it; the site's own certificate takes its place where there is one.
"""

from __future__ import annotations

import socket
import subprocess
import tempfile
from pathlib import Path

from deskphone.files import write_whole

FILE = "web.pem"
DAYS = 3650  # that the certificate is valid


def own_certificate(folder: Path) -> Path:
    """The file, made where it is not there yet. OSError where that is not possible."""
    path = folder / FILE
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = socket.gethostname()[:60] or "deskphone"
    with tempfile.TemporaryDirectory() as scratch:
        key, certificate, plain = (Path(scratch) / name for name in ("key", "certificate", "plain"))
        plain.write_text("[req]\ndistinguished_name=dn\n[dn]\n")  # openssl's own would make it an authority's
        command = [
            "openssl", "req", "-config", str(plain), "-x509", "-nodes",
            "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
            "-sha256", "-days", str(DAYS), "-subj", f"/CN={name}",
            "-addext", "basicConstraints=critical,CA:FALSE", "-addext", "keyUsage=critical,digitalSignature",
            "-addext", "extendedKeyUsage=serverAuth",
            "-addext", f"subjectAltName=DNS:{name},DNS:localhost,IP:127.0.0.1",
            "-keyout", str(key), "-out", str(certificate),
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        if done.returncode:
            raise OSError(f"openssl made no certificate: {done.stderr.strip()[-200:]}")
        write_whole(path, key.read_bytes() + certificate.read_bytes())
    return path
