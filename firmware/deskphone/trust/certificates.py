"""Whom the phone trusts, for files and for SIP over TLS, and who it says it is: certificates of the data folder.

Law: files to an ssl.SSLContext, or to PEM texts for who has no use for one. A certificate file that cannot be read is
left out and named; it stops nothing.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

from deskphone.config.diagnostic import one_line
from deskphone.config.settings import Settings
from deskphone.files import is_small, read_small, write_whole

FOLDER = "certificates"
OWNER = "authority-owner.pem"
CLIENT, KEY = "client.pem", "client.key"
SIP_CLIENT, SIP_KEY = "sip-client.pem", "sip-client.key"
WEB, WEB_KEY = "web.pem", "web.key"
PORT_CLIENT, PORT_KEY, PORT_AUTHORITY = "ieee802_1x.pem", "ieee802_1x.key", "ieee802_1x-authority.pem"
"""Those of 802.1X; firmware/lan reads them, as root."""
SIZE = 100_000  # bytes of one file


@dataclass(frozen=True, slots=True)
class Trust:
    """The context, what could not be used (one line each, for the journal), and whether the owner's own authority is
    here: such a phone asks for nothing in the clear."""

    context: ssl.SSLContext
    problems: tuple[str, ...] = ()
    owned: bool = False


def trust(data: Path, verify: bool) -> Trust:
    """The system's authorities, those of the owner (authority-*.pem), and our own certificate (client.pem, .key).

    verify: `security/provisioning/verify_server_certificate`.
    """
    context = ssl.create_default_context()
    problems = []
    folder = data / FOLDER
    for path in sorted(folder.glob("authority-*.pem")):
        try:
            context.load_verify_locations(cadata=read_small(path, SIZE).decode("ascii", "ignore"))
        except (OSError, ValueError) as error:
            problems.append(f"{path.name}: expected a CA certificate in PEM, got {one_line(str(error))}")
    if (folder / CLIENT).exists():
        try:
            key = folder / KEY if (folder / KEY).exists() else None
            _plain(folder / CLIENT, key or folder / CLIENT)
            context.load_cert_chain(folder / CLIENT, key, password="")  # an empty one: never ask a terminal
        except (OSError, ssl.SSLError) as error:
            problems.append(f"{CLIENT}: expected a certificate and its key, got {one_line(str(error))}")
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return Trust(context, tuple(problems), (folder / OWNER).exists())


@dataclass(frozen=True, slots=True)
class Credentials:
    """PEM texts: all authorities, our own certificate and its key ("" for none); problems as in `Trust`."""

    authorities: str = ""
    certificate: str = ""
    private_key: str = ""
    problems: tuple[str, ...] = ()


def credentials(data: Path, system: Path | None, own: tuple[str, str] = (SIP_CLIENT, SIP_KEY)) -> Credentials:
    """The same for SIP over TLS: `system`'s authorities (None: without them), those of the owner, our own certificate.

    own: the files that come before client.pem and .key, which are for files and serve both where there is one.
    """
    folder, problems = data / FOLDER, []
    authorities = [system.read_text("ascii", "replace")] if system is not None and system.exists() else []
    for path in sorted(folder.glob("authority-*.pem")):
        try:
            text = read_small(path, SIZE).decode("ascii", "replace")
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=text)
            authorities.append(text)
        except (OSError, ssl.SSLError, ValueError) as error:
            problems.append(f"{path.name}: expected a CA certificate in PEM, got {one_line(str(error))}")
    name, key = own if (folder / own[0]).exists() else (CLIENT, KEY)
    shown = _shown(folder, name, key)
    return Credentials("\n".join(authorities), shown.certificate, shown.private_key, (*problems, *shown.problems))


def of_web(data: Path) -> Credentials:
    """The certificate that the web pages show, and its key; none where the settings name none, or it is none."""
    return _shown(data / FOLDER, WEB, WEB_KEY)


def _shown(folder: Path, name: str, key: str) -> Credentials:
    """A certificate with its chain, and its key, which may be in the same file."""
    if not (folder / name).exists():
        return Credentials()
    beside = folder / key if (folder / key).exists() else folder / name
    try:
        _plain(folder / name, beside)
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(folder / name, beside, password="")
        read = (read_small(each, SIZE).decode("ascii", "replace") for each in (folder / name, beside))
        certificate, private_key = read
    except (OSError, ssl.SSLError) as error:
        return Credentials(problems=(f"{name}: expected a certificate and its key, got {one_line(str(error))}",))
    return Credentials("", certificate, private_key)


def _plain(*paths: Path) -> None:
    """OSError where one of them is more than a plain file of SIZE bytes: OpenSSL would wait for a pipe."""
    for path in paths:
        read_small(path, SIZE)


def wanted(settings: Settings) -> dict[str, str]:
    """File name to URL of every certificate and private key the settings name."""
    found = {f"authority-{number}.pem": each.url for number, each in enumerate(settings.security.authority)}
    found |= {CLIENT: settings.provisioning.certificate, KEY: settings.provisioning.private_key}
    found |= {SIP_CLIENT: settings.sip.tls.certificate, SIP_KEY: settings.sip.tls.private_key}
    found |= {WEB: settings.web.certificate, WEB_KEY: settings.web.private_key}
    port = settings.network.port_access
    found |= {PORT_CLIENT: port.certificate, PORT_KEY: port.private_key, PORT_AUTHORITY: port.authority}
    return {name: url for name, url in found.items() if url}


def keep(data: Path, name: str, pem: bytes) -> None:
    """Keep a certificate file of `wanted`; ValueError where it is no PEM, OSError where it cannot be written."""
    if b"-----BEGIN " not in pem:
        raise ValueError(f"{name}: expected PEM, got {len(pem)} bytes of another kind")
    folder = data / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / name
    if not (is_small(path, SIZE) and read_small(path, SIZE) == pem):
        write_whole(path, pem)


def forget(data: Path, settings: Settings) -> tuple[str, ...]:
    """Remove what the settings name no longer: authorities, files of 802.1X and of the web pages. Returns what could
    not be done, one line each."""
    named = wanted(settings)
    authorities = (f"authority-{number}.pem" for number in range(len(settings.security.authority)))
    problems = []
    for name in (*authorities, PORT_AUTHORITY, PORT_CLIENT, PORT_KEY, WEB, WEB_KEY):
        if name not in named:
            try:
                (data / FOLDER / name).unlink(missing_ok=True)
            except OSError as error:
                problems.append(f"{name}: is still used, it cannot be removed: {error.strerror}")
    return tuple(problems)
