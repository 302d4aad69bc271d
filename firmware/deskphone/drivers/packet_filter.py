"""What the packet filter is to let in, left in the service's run directory: SIP ports, the servers, voice in a call,
the web interface, an ACS; and, in a file of its own, where the web interface is to be reached.

Law: writes files, has no right over filter and units; the image's packet_filter.py and web-sockets read them as other
users and take nothing on trust. The registered servers are where answers to REGISTER came from (RFC 3261 section 10.3).
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from deskphone.config.schema.words import Transport
from deskphone.core.lines.state import LineStatus
from deskphone.core.state import Phone

LOG = logging.getLogger("deskphone")
FILE, WEB = "packet-filter", "web"
MOST_SERVERS = 32
WEB_PORTS, FREE, SSH, TELNET = (80, 443), 1024, 22, 23
"""What the image's readers take; of a file with anything else they open nothing, the telephone's ports neither. Below
1024 are other services' ports."""


def wanted(phone: Phone) -> str:
    """The file's text; "" (nothing open) while the phone has no settings."""
    if not phone.powered:
        return ""
    first, (kind, port) = phone.settings.media.port, _sip_port(phone)
    lines = [f"sip {kind} {port}"]
    lines += sorted(f"server {address}" for address in _servers(phone)[:MOST_SERVERS])
    if phone.calls:
        lines.append(f"voice {first}-{first + phone.settings.media.port_count - 1}")
    return "\n".join(lines) + "\n" + web_ports(phone) + command_line(phone) + knocks(phone)


def knocks(phone: Phone) -> str:
    """`web cwmp PORT`: where the ACS of TR-069 may knock; "" where it may not."""
    cwmp = phone.settings.tr069
    wanted = phone.powered and cwmp.enabled and cwmp.acs_url and cwmp.request_user and cwmp.request_password
    port = cwmp.request_port
    if not wanted or port < FREE or ("tcp", port) == _sip_port(phone):
        return ""
    return f"web cwmp {port}\n"


def web_ports(phone: Phone) -> str:
    """`web https PORT` and `web http PORT`, "" where the web interface is off (`system/web/enabled`) or has no port
    that it may have."""
    web = phone.settings.web
    if not phone.powered or not web.enabled:
        return ""
    sip = _sip_port(phone)
    places = {"https": web.tls_port, "http": web.port}
    open_ = {
        kind: port for kind, port in places.items() if port in WEB_PORTS or (port >= FREE and ("tcp", port) != sip)
    }
    if open_.get("http") == open_.get("https"):
        open_.pop("http", None)  # one place for two would leave both sockets failed
    if web.https_only and "https" not in open_:
        return ""  # HTTP alone is not served then
    return "".join(f"web {kind} {port}\n" for kind, port in open_.items())


def command_line(phone: Phone) -> str:
    """`web ssh PORT` and `web telnet 23`, where the command line is reached; SSH only where there is a key to come with
    and no other service has its port."""
    settings = phone.settings
    if not phone.powered:
        return ""
    ssh, taken = settings.ssh, (settings.web.port, settings.web.tls_port)
    free = ssh.port == SSH or (("tcp", ssh.port) != _sip_port(phone) and ssh.port not in taken)
    lines = []
    if ssh.enabled and ssh.keys and free:
        lines.append(f"web ssh {ssh.port}\n")
    if settings.telnet.enabled:
        lines.append(f"web telnet {TELNET}\n")
    return "".join(lines)


def management(phone: Phone) -> str:
    """The ports of web interface and command line, and `manage always` where there is something to report to others."""
    hooks, manager, cwmp = phone.settings.hooks, phone.settings.device_manager, phone.settings.tr069
    reports = bool(hooks.url or phone.settings.mqtt.url) or bool(manager.url and manager.period)
    reports = reports or bool(cwmp.enabled and cwmp.acs_url)
    return web_ports(phone) + command_line(phone) + ("manage always\n" if phone.powered and reports else "")


def _sip_port(phone: Phone) -> tuple[str, int]:
    """By what and where the telephone listens for SIP."""
    sip = phone.settings.sip
    port = sip.tls.port if sip.transport == Transport.TLS else sip.port
    return "udp" if sip.transport == Transport.UDP else "tcp", port


def _servers(phone: Phone) -> list[str]:
    """Where the servers may speak from, those in use first: of a name each address that it has; none without a
    registration.
    """
    registered = [line for line in phone.lines if line.status is LineStatus.REGISTERED]
    places = [line.address for line in registered] + [each for line in registered for each in line.way.known]
    found: dict[str, None] = {}
    for place in places:
        with suppress(ValueError):
            host = urlsplit(f"//{place}").hostname or ""
            found[str(ip_address(host.partition("%")[0]))] = None  # a rule names no interface
    return list(found)


class Wish:
    """Keeps a file of the run directory as a function of the state says; None: as the run before left it."""

    def __init__(self, path: Path, wanted: Callable[[], str | None]) -> None:
        self._path, self._wanted, self._told = path, wanted, _left(path)

    def look(self) -> None:
        """Write where something changed; what cannot be written is said once and tried again with the next change."""
        text = self._wanted()
        if text is None or text == self._told:
            return
        self._told = text
        new = self._path.with_name(self._path.name + ".new")
        try:
            new.write_text(text)
            new.chmod(0o644)
            os.replace(new, self._path)
        except OSError as error:
            LOG.error("%s: %s", self._path.name, error)


def _left(path: Path) -> str:
    """What the run before left there: the same again is nothing new, and would have the sockets opened anew."""
    try:
        return path.read_text("ascii")
    except (OSError, ValueError):
        return ""


def wishes(folder: Path, phone: Callable[[], Phone]) -> list[Callable[[], None]]:
    """What keeps both files; phone: the state of the moment. A program that starts anew leaves them alone until it has
    its settings.
    """

    def with_settings(of: Callable[[Phone], str]) -> Callable[[], str | None]:
        return lambda: of(phone()) if phone().powered else None

    return [Wish(folder / FILE, with_settings(wanted)).look, Wish(folder / WEB, with_settings(management)).look]
