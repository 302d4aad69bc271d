"""What HTTPS shows of the phone: the site's certificate where the phone has one, else its own, made by openssl(1) when
it is first wanted.

Law: key and certificate of its own are one file, readable by its owner only, whole or not there; one that has become
none is made anew, and so is one without a name or address that the phone has now, or of a clock that was wrong, with
the same key: who pinned that keeps it. A browser cannot know who signed it. Another certificate of the site's counts
from the next connection on.
"""

from __future__ import annotations

import logging
import re
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterable
from ipaddress import ip_address
from pathlib import Path

from deskphone.config.places import can_be_asked_for
from deskphone.files import is_small, write_whole
from deskphone.manage.papers import load

log = logging.getLogger("deskphone.manage")
FILE = "web.pem"
DAYS = 3650  # that the certificate is valid
SIZE = 100_000  # bytes of the file
_NAME = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*", re.ASCII)


class Shown:
    """TLS 1.2 or later with the certificate of now. folder: of its own; file: the site's certificate and key on this
    machine, which comes before what the phone has."""

    def __init__(self, folder: Path, file: Path | None) -> None:
        self._folder, self.file = folder, file
        self._now: str | None = None
        self._told: tuple[str, ...] = ()
        self._names: tuple[str, ...] = ()
        self.context = inner = _context()

        def choose(guest: ssl.SSLObject, name: str, context: ssl.SSLContext) -> None:
            guest.context = self._inner

        # One context keeps a certificate for each kind of key, so that another one of another kind is shown beside the
        # first: each has a context of its own.
        self._inner = inner
        self.context.sni_callback = choose

    def take(
        self, certificate: str, private_key: str, problems: tuple[str, ...] = (), names: tuple[str, ...] = ()
    ) -> None:
        """Show this one, "" for the phone's own; the file instead, where there is one. problems: why there is no other,
        for the journal; names: by which the phone is asked, for its own. OSError where there is none to show,
        ssl.SSLError where the file is none."""
        for each in problems if problems != self._told else ():
            log.warning("web: %s", each)
        self._told = problems
        text = f"{certificate}\n{private_key}" if certificate and self.file is None else ""
        if text == self._now and (text or self.file or names == self._names):
            return
        context = _context()
        if text:
            load(context, text)
        else:
            context.load_cert_chain(self.file or own_certificate(self._folder, names))
        self._inner, self._now, self._names = context, text, names


def _context() -> ssl.SSLContext:
    """TLS 1.2 or later, of a server."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE+AESGCM:ECDHE+CHACHA20")  # of TLS 1.2 those with forward secrecy and no CBC
    return context


def own_certificate(folder: Path, names: Iterable[str] = ()) -> Path:
    """The file, made where it is not there yet, is none, lacks one of these names and addresses or is not valid by the
    clock; the key stays. OSError where there is none."""
    path = folder / FILE
    wanted = _alternatives((socket.gethostname(), *names, "localhost", "127.0.0.1", "::1"))
    good = is_small(path, SIZE) and _is_one(path)
    why = _outlived(path, wanted) if good else ""
    if good and not why:
        return path
    try:
        _make(path, wanted, good)
    except (OSError, subprocess.TimeoutExpired) as error:
        if not good:
            raise OSError(getattr(error, "errno", None), getattr(error, "strerror", None) or str(error)) from error
        log.warning("web: %s, and no other certificate could be made (%s): the old one stays", why, error)
        return path
    if good:
        log.warning("web: %s: its own certificate is made anew, with the same key", why)
    return path


def _outlived(path: Path, wanted: set[str]) -> str:
    """Why a good certificate is not the phone's any more, "" where it is."""
    if not wanted <= _held(path):
        return "the phone has other names"
    dates = dict(line.split("=", 1) for line in _openssl("x509", "-noout", "-dates", "-in", str(path)).splitlines())
    began, ends = (ssl.cert_time_to_seconds(dates[name]) for name in ("notBefore", "notAfter"))
    return "" if began <= time.time() <= ends else "the phone's clock is another one than when it was made"


def _make(path: Path, wanted: set[str], good: bool) -> None:
    """Make it, with the key that is there if that one is good. OSError, subprocess.TimeoutExpired."""
    folder = path.parent
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory() as scratch:
        key, certificate, plain = (Path(scratch) / name for name in ("key", "certificate", "plain"))
        plain.write_text("[req]\ndistinguished_name=dn\n[dn]\n")  # openssl's own would make it an authority's
        new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", str(key))
        _openssl(
            "req", "-config", str(plain), "-x509", *(("-key", str(path)) if good else new),
            "-sha256", "-days", str(DAYS), "-subj", f"/CN={socket.gethostname()[:60] or 'deskphone'}",
            "-addext", "basicConstraints=critical,CA:FALSE", "-addext", "keyUsage=critical,digitalSignature",
            "-addext", "extendedKeyUsage=serverAuth", "-addext", f"subjectAltName={','.join(sorted(wanted))}",
            "-out", str(certificate),
        )  # fmt: skip
        if good:
            _openssl("pkey", "-in", str(path), "-out", str(key))
        write_whole(path, key.read_bytes() + certificate.read_bytes())


def _alternatives(names: Iterable[str]) -> set[str]:
    """Names and addresses as openssl(1) writes a subjectAltName (RFC 5280 4.2.1.6). DHCP says some of them: what
    is neither is left out."""
    found = set()
    for name in names:
        try:
            found.add(f"IP:{ip_address(name)}")
        except ValueError:
            if can_be_asked_for(name) and _NAME.fullmatch(name):
                found.add(f"DNS:{name.lower()}")
    return found


def _held(path: Path) -> set[str]:
    """Those that a certificate has."""
    said = _openssl("x509", "-noout", "-ext", "subjectAltName", "-in", str(path))
    words = (word.strip() for line in said.splitlines()[1:] for word in line.split(","))
    return _alternatives(word.removeprefix("IP Address:").removeprefix("DNS:") for word in words)


def _openssl(*words: str) -> str:
    done = subprocess.run(["openssl", *words], capture_output=True, text=True, check=False, timeout=60)
    if done.returncode:
        raise OSError(f"openssl {words[0]}: {done.stderr.strip()[-200:]}")
    return done.stdout


def _is_one(path: Path) -> bool:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(path, password="")
    except (ssl.SSLError, ValueError) as error:
        log.warning("%s is no certificate with its key (%s): another is made", path, error)
        return False
    return True
