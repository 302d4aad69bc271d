"""The rig's own network: a tap between this process and the guest, and dnsmasq with DHCP and TFTP on it.

Law: lives in the network namespace the tests were started in (`python -m tests.hil` makes it): nothing outside it
changes. Every process started here ends here.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from types import TracebackType

from tests.hil.rig.uml import MAC
from tests.netns.lab import run

NAMESPACE = "DESKPHONE_RIG_NAMESPACE"  # in the environment of what `python -m tests.hil` starts
TAP = "phone0"
SERVERS = ("10.77.0.1", "10.77.0.2")
STRANGER = "10.77.0.9"
PHONE = "10.77.0.50"


def up() -> None:
    """The cable: made once a namespace. Raises RuntimeError outside one of the rig's own."""
    if not os.environ.get(NAMESPACE):
        raise RuntimeError("the rig wants a network namespace of its own: python -m tests.hil")
    done = subprocess.run(["ip", "link", "show", TAP], capture_output=True, check=False)
    if done.returncode == 0:
        return
    run("ip", "link", "set", "lo", "up")
    run("ip", "tuntap", "add", "dev", TAP, "mode", "tap")
    for address in (*SERVERS, STRANGER):
        run("ip", "addr", "add", f"{address}/24", "dev", TAP)
    run("ip", "link", "set", TAP, "up")


class Dnsmasq:
    """`with Dnsmasq(folder, "66,10.77.0.1") as server`: DHCP with these options forced, and TFTP from folder/files."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.files = folder / "files"
        self.files.mkdir(parents=True, exist_ok=True)
        self._log = folder / "dnsmasq.log"
        self._options = options
        self._folder = folder

    def __enter__(self) -> Dnsmasq:
        up()
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [
                    "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", f"--interface={TAP}",
                    "--bind-interfaces", "--no-ping", "--no-resolv", "--no-hosts", "--user=root", "--log-dhcp",
                    "--log-facility=-", "--port=0", f"--dhcp-leasefile={self._folder}/leases", "--enable-tftp",
                    f"--tftp-root={self.files}", f"--dhcp-range={PHONE},{PHONE},1h", f"--dhcp-host={MAC},{PHONE}",
                    *(f"--dhcp-option-force={option}" for option in self._options),
                ],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        return self

    def log(self) -> str:
        """What it said."""
        return self._log.read_text(errors="replace")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait(10)
