"""Kamailio as registrar and proxy of one test run: its own configuration, a free port, loopback only.

Law: starts and stops it; what it does is in kamailio.cfg.
"""

from __future__ import annotations

import re
import socket
import subprocess
import time
from pathlib import Path

from tests.peers.child import LOOPBACK, Child, free_port

PASSWORD = "secret"
CONFIG = Path(__file__).with_name("kamailio.cfg")


class Kamailio:
    """`port` is where it answers, over UDP and, where told, TCP. elsewhere: host:port of a far end, number 2001.
    certificate: a folder of `asterisk.trust.make`, for TLS on the next port."""

    def __init__(
        self, folder: Path, host: str = LOOPBACK, port: int = 0, elsewhere: str = "", *, tcp: bool = False,
        certificate: Path | None = None,
    ) -> None:  # fmt: skip
        self.host, self.port = host, port or free_port(host)
        self._control = folder / "kamailio.ctl"
        command = [
            "/usr/sbin/kamailio", "-DD", "-E", "-f", str(CONFIG), "-l", f"udp:{host}:{self.port}",
            *(("-l", f"tcp:{host}:{self.port}") if tcp else ()), "-A", f"NO_TCP={'no' if tcp else 'yes'}",
            *(("-A", f'ELSEWHERE="sip:{elsewhere}"') if elsewhere else ()),
            *((
                "-l", f"tls:{host}:{self.port + 1}", "-A", f'CERTIFICATE="{certificate}/server.pem"',
                "-A", f'KEY="{certificate}/server.key"',
            ) if certificate is not None else ()),
            "-m", "32", "-M", "4", "-Y", str(folder), "-w", str(folder), "-A", f'CONTROL="unix:{self._control}"',
        ]  # fmt: skip
        self.child = Child(command, folder / "kamailio.log")
        try:
            self._wait()
        except BaseException:
            self.child.stop()
            raise

    def stop(self) -> None:
        """End it and its workers."""
        self.child.stop()

    def bridge(self, first: str, second: str) -> None:
        """Click to dial as a third party: call the first number, held, and refer it to the second (dlg.bridge_dlg)."""
        proxy = f"{self.host}:{self.port}"
        uris = [f"sip:{number}@{proxy}" for number in (first, second)]
        self._command("dlg.bridge_dlg", *uris, f"sip:{proxy}")

    def contacts(self, number: str) -> list[str]:
        """The URIs a phone is registered with."""
        return re.findall(rf"Address: (sips?:{number}@\S+)", self._command("ul.dump"))

    def _command(self, *words: str) -> str:
        command = ["/usr/sbin/kamcmd", "-s", f"unix:{self._control}", *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
        assert done.returncode == 0, f"{' '.join(command)}: {done.stdout}{done.stderr}"
        return done.stdout

    def _wait(self, within: float = 15.0) -> None:
        """Until it answers OPTIONS."""
        until = time.monotonic() + within
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind((self.host, 0))
            probe.settimeout(0.1)
            port = probe.getsockname()[1]
            while time.monotonic() < until and self.child.alive:
                probe.sendto(_options(self.host, self.port, port), (self.host, self.port))
                try:
                    if probe.recv(4096).startswith(b"SIP/2.0 200"):
                        return
                except (TimeoutError, ConnectionRefusedError):
                    continue
        raise AssertionError(f"Kamailio does not answer:\n{self.child.said()[-4000:]}")


def _options(host: str, to: int, own: int) -> bytes:
    lines = (
        f"OPTIONS sip:{host}:{to} SIP/2.0",
        f"Via: SIP/2.0/UDP {host}:{own};branch=z9hG4bK-{time.monotonic_ns()}",
        f"From: <sip:probe@{host}>;tag=probe",
        f"To: <sip:{host}:{to}>",
        f"Call-ID: probe-{time.monotonic_ns()}",
        "CSeq: 1 OPTIONS",
        "Max-Forwards: 10",
        "Content-Length: 0",
    )
    return "\r\n".join(lines).encode() + b"\r\n\r\n"
