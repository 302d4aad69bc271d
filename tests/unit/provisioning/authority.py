"""A certificate authority made in the test by the openssl program.

Law: keys live in the test's own folder and nowhere else.
"""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path

RSA = ("-newkey", "rsa:2048", "-nodes")
EC = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


def openssl(*arguments: str) -> None:
    done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr


class Authority:
    """One CA. `certificate` is its PEM file."""

    def __init__(self, folder: Path, name: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.name = folder, name
        self.certificate, self.key = folder / f"{name}.pem", folder / f"{name}.key"
        openssl(
            "req", "-x509", *EC, "-subj", f"/CN={name}", "-days", "30",
            "-keyout", str(self.key), "-out", str(self.certificate),
        )  # fmt: skip

    def issue(self, name: str, *, days: int = 30, use: str = "", keys: tuple[str, ...] = EC) -> tuple[Path, Path]:
        """Certificate and key of a server at 127.0.0.1, a client or a signer (codeSigning). days 0: it is over."""
        certificate, key, request = (self.folder / f"{name}{end}" for end in (".pem", ".key", ".csr"))
        extensions = self.folder / f"{name}.ext"
        extensions.write_text(
            "subjectAltName=IP:127.0.0.1,DNS:localhost\n" + (f"extendedKeyUsage={use}\n" if use else "")
        )
        openssl("req", "-new", *keys, "-subj", f"/CN={name}", "-keyout", str(key), "-out", str(request))
        openssl(
            "x509", "-req", "-in", str(request), "-CA", str(self.certificate), "-CAkey", str(self.key),
            "-CAcreateserial", "-days", str(days), "-extfile", str(extensions), "-out", str(certificate),
        )  # fmt: skip
        return certificate, key

    def issue_for(self, name: str, *, start: str, end: str, address: str = "IP:127.0.0.1") -> tuple[Path, Path]:
        """As `issue`, good from start to end (YYYYMMDDHHMMSSZ), for another address where one is given."""
        certificate, key, request = (self.folder / f"{name}{ending}" for ending in (".pem", ".key", ".csr"))
        extensions, settings = self.folder / f"{name}.ext", self.folder / "ca.cnf"
        extensions.write_text(f"subjectAltName={address}\n")
        settings.write_text(
            f"[ca]\ndefault_ca=own\n[own]\ndatabase={self.folder}/index.txt\nnew_certs_dir={self.folder}\n"
            "rand_serial=yes\ndefault_md=sha256\nunique_subject=no\npolicy=any\n[any]\ncommonName=supplied\n"
        )
        (self.folder / "index.txt").touch()
        openssl("req", "-new", *EC, "-subj", f"/CN={name}", "-keyout", str(key), "-out", str(request))
        openssl(
            "ca", "-batch", "-notext", "-config", str(settings), "-cert", str(self.certificate),
            "-keyfile", str(self.key), "-in", str(request), "-startdate", start, "-enddate", end,
            "-extfile", str(extensions), "-out", str(certificate),
        )  # fmt: skip
        return certificate, key

    def server(self, name: str = "server", client: Authority | None = None) -> ssl.SSLContext:
        """TLS of a server; `client`: whose certificates it wants to see."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.issue(name))
        if client is not None:
            context.load_verify_locations(client.certificate)
            context.verify_mode = ssl.CERT_REQUIRED
        return context

    def sign(
        self,
        text: bytes,
        name: str = "signer",
        *,
        use: str = "codeSigning",
        digest: str = "sha256",
        keys: tuple[str, ...] = EC,
    ) -> bytes:
        """CMS around a text, as a firmware's maker writes it."""
        certificate, key = self.issue(name, use=use, keys=keys)
        plain, signed = self.folder / "manifest", self.folder / "manifest.cms"
        plain.write_bytes(text)
        openssl(
            "cms", "-sign", "-binary", "-nodetach", "-outform", "DER", "-in", str(plain),
            "-signer", str(certificate), "-inkey", str(key), "-md", digest, "-out", str(signed),
        )  # fmt: skip
        return signed.read_bytes()
