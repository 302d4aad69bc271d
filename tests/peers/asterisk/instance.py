"""One Asterisk: its configuration from etc/, free ports, its life and what it tells.

Law: several may run at once; each has a folder, ports and a process group of its own and ends with its test.
"""

from __future__ import annotations

import re
import signal
from collections.abc import Sequence
from pathlib import Path

from tests.peers import sound
from tests.peers.asterisk import install
from tests.peers.asterisk.endpoint import Endpoint
from tests.peers.asterisk.manager import Manager
from tests.peers.child import LOOPBACK, Child, free_port, wait_until

ETC = Path(__file__).with_name("etc")
MUSIC = 600
"""Hertz of what a held party hears."""
TONE = 1300
"""Hertz of Asterisk's own far end."""


class Asterisk:
    """`port`: SIP over UDP and TCP, IPv4 and IPv6; `tls`: SIP over TLS. `manager`: its AMI.

    wrong: TLS with a certificate of another name; mutual: TLS that wants the phone's. trust: a folder of `trust.make`.
    host: its IPv4 address; port 0: a free one.
    """

    def __init__(
        self, folder: Path, endpoints: Sequence[Endpoint], trust: Path, host: str = LOOPBACK, port: int = 0
    ) -> None:
        self.folder, self.host = folder, host
        self.port, ami = port or free_port(host), free_port()
        self.tls = self.port + 1
        self.wrong = free_port(host)
        self.mutual = self.wrong + 1
        self._ami = ami
        self._tree = install.tree()
        assert self._tree.exists(), "Asterisk is not in the cache: run firmware/prepare.sh test"
        for name in ("etc", "var", "spool", "run", "log", "music"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        sound.write_tone(folder / "music" / "tone.wav", MUSIC, seconds=5.0, rate=8000)
        words = {
            "FOLDER": folder, "TREE": self._tree, "MODULES": install.modules(self._tree), "AMI": ami, "TRUST": trust,
            "HOST": host, "PORT": self.port, "TLS": self.tls, "WRONG": self.wrong, "MUTUAL": self.mutual,
            "ENDPOINTS": "".join(each.sections() for each in endpoints),
        }  # fmt: skip
        for template in ETC.iterdir():
            text = re.sub(r"@([A-Z]+)@", lambda found: str(words[found[1]]), template.read_text())
            (folder / "etc" / template.name).write_text(text)
        self.start()

    def start(self) -> None:
        """Start it, and wait until it has booted."""
        command = [*install.command(self._tree), "-C", str(self.folder / "etc" / "asterisk.conf"), "-f", "-n"]
        self.child = Child(command, self.folder / "log" / "console")
        try:
            self.manager = wait_until("Asterisk's manager", self._connect, 30)
            self.manager.event("FullyBooted", within=30)
            self.manager.command("pjsip set logger on")
        except BaseException:
            self.child.stop()
            print(self.child.said()[-4000:])
            raise

    def stop(self) -> None:
        """End it."""
        self.manager.close()
        self.child.stop()

    def kill(self) -> None:
        """End it as a power cut would: nobody is told."""
        self.manager.close()
        self.child.process.send_signal(signal.SIGKILL)
        self.child.process.wait()

    @property
    def version(self) -> str:
        """As 22.10.1."""
        return (self._tree / "VERSION").read_text().strip()

    # --- what it is told ---------------------------------------------------------------------------

    def call(self, number: str, far: str = "echo", context: str = "plain", **variables: str) -> None:
        """Call a phone and connect it with extension `far` of context [far]; context: what is added to its INVITE."""
        self.manager.action(
            "Originate", *(f"__{name}={value}" for name, value in variables.items()),
            Channel=f"Local/{number}@{context}", Context="far", Exten=far, Priority="1", Async="true", Timeout="30000",
            CallerID='"Far End" <2001>',
        )  # fmt: skip

    def hang_up(self, *numbers: str) -> None:
        """End every call of these phones."""
        for channel in self.channels(*numbers):
            self.manager.command(f"channel request hangup {channel}")

    def quiet(self, *numbers: str, within: float = 10.0) -> None:
        """Wait until these phones have no channel."""
        wait_until(f"no channel of {numbers}", lambda: self.channels(*numbers) == [], within)

    def channels(self, *numbers: str) -> list[str]:
        """The names of these phones' channels."""
        listing = self.manager.command("core show channels concise")
        names = [line.partition("!")[0] for line in listing.splitlines() if "!" in line]
        return [name for name in names if name.startswith(tuple(f"PJSIP/{number}-" for number in numbers))]

    def channel_of(self, number: str) -> str:
        """The channel of a phone's call; AssertionError where there is none."""
        return self.channels(number)[0]

    def contacts(self, number: str) -> list[str]:
        """The URIs a phone is registered with."""
        return re.findall(rf"Contact:\s+{number}/(sips?:\S+)", self.manager.command(f"pjsip show aor {number}"))

    def contact(self, number: str) -> str:
        """The only one of them, "" for none."""
        return next(iter(self.contacts(number)), "")

    # --- what it saw -------------------------------------------------------------------------------

    def mark(self) -> int:
        """How long its log is now."""
        log = self.folder / "log" / "full"
        return log.stat().st_size if log.exists() else 0

    def log(self, since: int = 0) -> str:
        """Its log behind a mark."""
        with (self.folder / "log" / "full").open("rb") as handle:
            handle.seek(since)
            return handle.read().decode("utf-8", "replace")

    def received(self, since: int = 0) -> list[str]:
        """The SIP messages it received since a mark."""
        return self._messages("Received", since)

    def sent(self, since: int = 0) -> list[str]:
        """The SIP messages it sent since a mark."""
        return self._messages("Transmitting", since)

    def answered(self, method: str, since: int, within: float = 10.0) -> int:
        """Wait for the final answer to a request of Asterisk's; its code."""

        def found() -> list[int]:
            answers = [each for each in self.received(since) if re.search(rf"(?m)^CSeq: \d+ {method}\r?$", each)]
            codes = [int(each.split(" ", 2)[1]) for each in answers if each.startswith("SIP/2.0 ")]
            return [code for code in codes if code >= 200]

        return wait_until(f"the answer to {method}", found, within)[0]

    def _messages(self, way: str, since: int) -> list[str]:
        pattern = rf"<--- {way} SIP [^\n]* --->\n(.*?)(?=\n\[[A-Z][a-z]{{2}} +\d|\n<--- |\Z)"
        return re.findall(pattern, self.log(since), re.DOTALL)

    def _connect(self) -> Manager | None:
        assert self.child.alive, f"Asterisk ended:\n{self.child.said()[-4000:]}"
        try:
            return Manager(self._ami)
        except ConnectionRefusedError:
            return None


def uri(number: str, asterisk: Asterisk) -> str:
    """A number at this Asterisk."""
    return f"sip:{number}@{asterisk.host}:{asterisk.port}"
