"""The certificates of the tests' site: its own authority, the server's certificate, one of a wrong name, the phone's.

Law: made by `openssl` in a folder, valid for days; nothing of them is kept.
"""

from __future__ import annotations

import subprocess
from pathlib import Path


def make(folder: Path, *more: str) -> Path:
    """ca.pem, server (127.0.0.1, ::1, localhost, and these addresses), wrong-name and phone, each .pem and .key; gives
    the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    _openssl(folder, "req", "-x509", *_KEY, "-keyout", "ca.key", "-out", "ca.pem", "-days", "3",
             "-subj", "/CN=Authority of the tests")  # fmt: skip
    _signed(folder, "server", ",".join(["IP:127.0.0.1,IP:::1,DNS:localhost", *(f"IP:{each}" for each in more)]))
    _signed(folder, "wrong-name", "DNS:elsewhere.example")
    _signed(folder, "phone", "DNS:phone.example")
    return folder


_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


def _signed(folder: Path, name: str, names: str) -> None:
    _openssl(folder, "req", *_KEY, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
    (folder / f"{name}.ext").write_text(f"subjectAltName={names}\n")
    _openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
             "-out", f"{name}.pem", "-days", "3", "-extfile", f"{name}.ext")  # fmt: skip


def _openssl(folder: Path, *words: str) -> None:
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)


def believe(data: Path, folder: Path, client: bool = False) -> None:
    """Put the authority (and the phone's certificate) where a phone keeps what it fetched by its settings."""
    kept = data / "certificates"
    kept.mkdir(parents=True, exist_ok=True)
    (kept / "authority-0.pem").write_bytes((folder / "ca.pem").read_bytes())
    if client:
        (kept / "sip-client.pem").write_bytes((folder / "phone.pem").read_bytes())
        (kept / "sip-client.key").write_bytes((folder / "phone.key").read_bytes())
