"""The far side of the machine's cable: a network namespace with dnsmasq, files, time, and the SIP Server stand-in.

Law: nothing outside the namespace changes; every process started here ends here. The words are the netns lab's
(tests/netns/lab.py), with a tap in place of the second namespace.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.netns.lab import SERVER, Lab, end, run, wait

CABLE = "s0"
CONTROL = f"{SERVER}:8090"
NUMBERS = tuple(str(number) for number in range(1501, 1510))
PASSWORD = "secret"
STEPS = 20.0  # seconds for what happens on this side


class Network(Lab):
    """`with Network(folder) as network`: the cable is there, nobody talks yet."""

    def __enter__(self) -> Network:
        run("ip", "netns", "add", self.server)
        inside = ("ip", "-n", self.server)
        run(*inside, "link", "set", "lo", "up")
        run("ip", "netns", "exec", self.server, "ip", "tuntap", "add", "dev", CABLE, "mode", "tap")
        run(*inside, "addr", "add", f"{SERVER}/24", "dev", CABLE)
        run(*inside, "link", "set", CABLE, "up")
        self._dnsmasq: subprocess.Popen[bytes] | None = None
        self._start(self.server, "http", sys.executable, "-m", "http.server", "8080", "--bind", SERVER,
                    "--directory", str(self.files))  # fmt: skip
        self._start(self.server, "ntp", sys.executable, str(Path(__file__).with_name("time_server.py")), SERVER)
        self._start(
            self.server, "sip", sys.executable, "-m", "deskphone", "sipserver", "--verbose", "--host", SERVER,
            "--control", CONTROL, "--agentlogin", *(w for n in NUMBERS for w in ("--dn", f"{n}:{PASSWORD}")),
        )  # fmt: skip
        wait(lambda: "control API" in self.log("sip"), lambda: self.log("sip"))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in reversed(self._processes):
            end(process)
        run("ip", "netns", "del", self.server)

    # --- what is offered -------------------------------------------------------------------------

    def offer(self, *options: str) -> None:
        """Have dnsmasq send these options from now on, in place of those before."""
        if self._dnsmasq is not None:
            end(self._dnsmasq)
        self._dnsmasq = self._start(
            self.server, "dnsmasq", "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null",
            f"--interface={CABLE}", "--bind-interfaces", "--no-ping", "--no-resolv", "--no-hosts", "--user=root",
            "--log-dhcp", "--log-facility=-", f"--dhcp-leasefile={self.folder}/leases", "--domain=example.test",
            "--dhcp-range=10.77.0.50,10.77.0.99,1h", f"--address=/prov.test/{SERVER}", "--enable-tftp",
            f"--tftp-root={self.files}", *(f"--dhcp-option-force={option}" for option in options),
        )  # fmt: skip
        wait(lambda: "DHCP, IP range" in self.log("dnsmasq"), lambda: self.log("dnsmasq"))

    def file(self, name: str, number: str, *lines: str) -> None:
        """A configuration for this number at the stand-in."""
        self.put(
            name, number, "voip/line/0/enabled=1", f"voip/line/0/auth_name={number}",
            f"voip/line/0/auth_password={PASSWORD}", "voip/signalling/sip/use_proxy=1",
            f"voip/signalling/sip/proxy_address={SERVER}", "voip/talk_event/enabled=1",
            "provisioning/random_provisioning_time=0", *lines,
        )  # fmt: skip

    # --- the SIP Server --------------------------------------------------------------------------

    def ask(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """The stand-in's control interface, from inside the namespace."""
        command = ["ip", "netns", "exec", self.server, "curl", "-sS", f"http://{CONTROL}/server/{path}"]
        if body is not None:
            command += ["-H", "Content-Type: application/json", "-d", json.dumps(body)]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
        answer = json.loads(done.stdout)
        assert "error" not in answer, answer
        return answer

    def registered(self, number: str) -> list[dict[str, Any]]:
        """Where this number is registered from."""
        found: list[dict[str, Any]] = self.ask("state")["dns"][number]
        return found

    def far_end(self, number: int) -> dict[str, Any]:
        """A customer as the stand-in knows it."""
        found: dict[str, Any] = next(each for each in self.ask("state")["far_ends"] if each["id"] == number)
        return found

    def until(self, test: Callable[[], bool], what: str, within: float = STEPS) -> None:
        """Wait until this side has it."""
        wait(test, lambda: f"{what}\n{self.log('sip')[-3000:]}\n{self.log('dnsmasq')[-3000:]}", within)
