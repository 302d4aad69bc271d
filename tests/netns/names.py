"""A name server on the switch: dnsmasq with a table that a test changes; it may be killed, frozen, or made to lie.

Law: asked by the phone's namespace only; what it has no record of does not exist.
"""

from __future__ import annotations

import os
import signal

from tests.needs import needs
from tests.netns.sites import WIRE, Sites
from tests.peers.child import Child

LIFE = 1
"""Seconds its answers count."""


class Names:
    """`records`: name to addresses, best told by `tell`."""

    def __init__(self, lab: Sites, **records: tuple[str, ...]) -> None:
        needs("dnsmasq")
        self._hosts = lab.folder / "names"
        self._write(records)
        command = [
            "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--interface=lan", "--bind-interfaces",
            "--no-resolv", "--no-hosts", "--user=root", "--log-facility=-", f"--addn-hosts={self._hosts}",
            f"--local-ttl={LIFE}", "--log-queries", "--local=/test/", "--no-round-robin",
        ]  # fmt: skip
        self.address = WIRE
        self.child = lab.at("wire", lambda: Child(command, lab.folder / "dnsmasq.log"))
        self.child.says("started", 10)

    def tell(self, **records: tuple[str, ...]) -> None:
        """Other addresses from now on; a name with () has none."""
        self._write(records)
        self.child.process.send_signal(signal.SIGHUP)

    def freeze(self) -> None:
        """It answers nobody."""
        os.killpg(self.child.process.pid, signal.SIGSTOP)

    def stop(self) -> None:
        """End it."""
        os.killpg(self.child.process.pid, signal.SIGCONT)
        self.child.stop()

    def _write(self, records: dict[str, tuple[str, ...]]) -> None:
        lines = [f"{each} {name}.test\n" for name, addresses in records.items() for each in addresses]
        self._hosts.write_text("".join(lines))
        self._hosts.chmod(0o644)
