"""The certificates of the tests' site: its own authority, the server's certificate, and one of a wrong name.

Law: made by `openssl` in a folder, valid for days; nothing of them is kept.
"""

from __future__ import annotations

import subprocess
from pathlib import Path


def make(folder: Path) -> Path:
    """ca.pem, server.pem/.key (127.0.0.1, ::1, localhost) and other.pem (another authority); gives the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("ca", "other"):
        _openssl(folder, "req", "-x509", *_KEY, "-keyout", f"{name}.key", "-out", f"{name}.pem", "-days", "3",
                 "-subj", f"/CN=Authority {name} of the tests")  # fmt: skip
    _signed(folder, "server", "IP:127.0.0.1,IP:::1,DNS:localhost")
    _signed(folder, "wrong-name", "DNS:elsewhere.example")
    return folder


_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


def _signed(folder: Path, name: str, names: str) -> None:
    _openssl(folder, "req", *_KEY, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
    (folder / f"{name}.ext").write_text(f"subjectAltName={names}\n")
    _openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
             "-out", f"{name}.pem", "-days", "3", "-extfile", f"{name}.ext")  # fmt: skip


def _openssl(folder: Path, *words: str) -> None:
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)
