"""Two network namespaces with a cable: a server (dnsmasq, files by HTTP and TFTP) and a phone (dhcpcd, deskphone).

Law: nothing outside the two namespaces changes; every process started here ends here, by its own handle.
"""

from __future__ import annotations

import ctypes
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import pytest

from tests.needs import needs
from tests.patience import patient

T = TypeVar("T")
CLONE_NEWNET = 0x40000000
ROOT = Path(__file__).resolve().parents[2]
DHCP = ROOT / "firmware" / "dhcp"
TOOLS = ("ip", "unshare", "nsenter", "dnsmasq", "dhcpcd")
MAC = "02:00:00:00:15:02"
SERVER = "10.77.0.1"
SERVER6 = "2001:db8:77::1"
CLIENT = "10.77.0.70"
HTTP = 8080
WEB = f"http://{SERVER}:{HTTP}"
FILE = f"{MAC.replace(':', '')}.cfg"
"""The phone's, below WEB."""


def needs_namespaces() -> None:
    """Leave the running test out where network namespaces cannot be had."""
    needs(*TOOLS)
    if reason := why_not():
        pytest.skip(reason)


@cache
def why_not() -> str:
    """Why this machine allows no network namespaces, or ""."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    if not Path("/etc/dhcpcd.conf").exists():
        return "no /etc/dhcpcd.conf to put the product's over"
    probe = f"dp{os.getpid()}x"
    done = subprocess.run(["ip", "netns", "add", probe], capture_output=True, text=True, check=False, timeout=30)
    if done.returncode != 0:
        return f"no network namespaces here: {done.stderr.strip()}"
    run("ip", "netns", "del", probe)
    return ""


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return done.stdout


def inside(space: str, make: Callable[[], T]) -> T:
    """Do something in a network namespace: its sockets stay there, and the threads it starts."""
    found: list[T] = []
    failed: list[BaseException] = []

    def work() -> None:
        try:
            with Path(f"/run/netns/{space}").open("rb") as door:
                libc = ctypes.CDLL(None, use_errno=True)
                assert libc.setns(door.fileno(), CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())
            found.append(make())
        except BaseException as error:  # told in the test's own thread
            failed.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    return found[0]


def wait(test: Callable[[], bool], what: Callable[[], str], within: float = 40.0) -> None:
    within = patient(within)
    end = time.monotonic() + within
    while not test():
        assert time.monotonic() < end, f"waited {within} s in vain: {what()}"
        time.sleep(0.05)


def enter(process: subprocess.Popen[bytes]) -> tuple[str, ...]:
    """The beginning of a command that runs where this process lives, once that is no more this machine."""

    def apart() -> bool:
        spaces = ("net", "mnt", "uts")
        return all(
            os.stat(f"/proc/{process.pid}/ns/{each}").st_ino != os.stat(f"/proc/self/ns/{each}").st_ino
            for each in spaces
        )

    wait(apart, lambda: f"{process.args!r} has no namespaces of its own", 20)
    return ("nsenter", "-t", str(process.pid), "--mount", "--uts", "--net")


def end(process: subprocess.Popen[bytes]) -> None:
    """End one of our own processes, politely first."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)


def clear(space: str) -> None:
    """End what is left in one of our network namespaces; nobody else is there. dhcpcd 9.4 leaves its helpers behind,
    once it was told to rebind or was ended at a bad moment, and they take the answers of the next one's servers."""
    for number in run("ip", "netns", "pids", space).split():
        with suppress(ProcessLookupError):
            os.kill(int(number), signal.SIGKILL)
    wait(lambda: not run("ip", "netns", "pids", space).split(), lambda: f"processes left in {space}", 10)


def remove(space: str) -> None:
    """End what is left in one of our network namespaces, then the namespace."""
    clear(space)
    run("ip", "netns", "del", space)


class Lab:
    """`with Lab(folder) as lab`: the cable is plugged in, nobody talks yet."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.files, self.data = folder, folder / "files", folder / "data"
        self.lease, self.name_file = folder / "dhcp" / "lease", folder / "run" / "host-name"
        self.kept, self.wish = self.data / "last-good.cfg", self.data / "network-wish"
        self.server, self.phone = f"dp{os.getpid()}s", f"dp{os.getpid()}p"
        self._processes: list[subprocess.Popen[bytes]] = []
        self._client: subprocess.Popen[bytes] | None = None
        self.files.mkdir()
        self.name_file.parent.mkdir()

    def __enter__(self) -> Lab:
        for space in (self.server, self.phone):
            run("ip", "netns", "add", space)
            run("ip", "-n", space, "link", "set", "lo", "up")
        run("ip", "-n", self.server, "link", "add", "s0", "type", "veth", "peer", "name", "eth0", "netns", self.phone)
        run("ip", "-n", self.server, "addr", "add", f"{SERVER}/24", "dev", "s0")
        run("ip", "-n", self.phone, "link", "set", "eth0", "address", MAC)
        run("ip", "-n", self.server, "link", "set", "s0", "up")
        run("ip", "-n", self.phone, "link", "set", "eth0", "up")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in reversed(self._processes):
            end(process)
        for space in (self.phone, self.server):
            remove(space)

    # --- the server ------------------------------------------------------------------------------

    def serve(self, *options: str) -> None:
        """dnsmasq with these --dhcp-option values, DNS for prov.test, TFTP and HTTP of `files`."""
        self._start(
            self.server, "dnsmasq", "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--interface=s0",
            "--bind-interfaces", "--no-ping", "--no-resolv", "--no-hosts", "--user=root", "--log-dhcp",
            "--log-facility=-", f"--dhcp-leasefile={self.folder}/leases", "--dhcp-range=10.77.0.50,10.77.0.99,1h",
            f"--address=/prov.test/{SERVER}", "--enable-tftp", f"--tftp-root={self.files}",
            *(f"--dhcp-option-force={option}" for option in options),
        )  # fmt: skip
        self._serve_files()

    def serve_bytes(self, options: dict[int, bytes]) -> None:
        """A DHCP server that sends these bytes, whatever they are, and HTTP of `files`."""
        told = json.dumps({code: value.hex() for code, value in options.items()})
        program = str(Path(__file__).with_name("dhcp_server.py"))
        self._start(self.server, "server", sys.executable, program, "s0", SERVER, CLIENT, told)
        self._serve_files()

    def advertise(self) -> None:
        """A router of IPv6 alone: advertisements of its network, no DHCP of either kind, names by DNS."""
        run("ip", "-n", self.server, "addr", "add", f"{SERVER6}/64", "dev", "s0", "nodad")
        self._start(
            self.server, "router", "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--interface=s0",
            "--bind-interfaces", "--no-resolv", "--no-hosts", "--user=root", "--log-facility=-", "--enable-ra",
            f"--dhcp-leasefile={self.folder}/leases", "--dhcp-range=::,constructor:s0,ra-only,64",
            f"--host-record=sip.test,{SERVER6}",
        )  # fmt: skip

    def _serve_files(self) -> None:
        self._start(
            self.server, "http", sys.executable, "-m", "http.server", str(HTTP), "--bind", SERVER,
            "--directory", str(self.files),
        )  # fmt: skip

    def put(self, name: str, number: str, *lines: str) -> None:
        """A configuration for the phone with this number, and further lines."""
        path = self.files / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("".join(f"{line}\n" for line in (f"voip/line/0/id={number}", *lines)))
        path.chmod(0o644)

    # --- the phone -------------------------------------------------------------------------------

    def plug_in(self, inform: bool = False) -> None:
        """dhcpcd with the product's configuration and hook, in file systems of its own.

        inform: another client owns the address, and dhcpcd only asks for the options (DHCPINFORM).
        """
        if inform:
            run("ip", "-n", self.phone, "addr", "add", "10.77.0.60/24", "dev", "eth0")
        hook = self.folder / "hook"
        hook.write_text(f"#!/bin/sh\nDESKPHONE_DHCP_DIR={self.lease.parent}\n. {DHCP}/dhcpcd-hooks/60-deskphone\n")
        hook.chmod(0o755)
        # One client for all interfaces, as dhcpcd.service starts it (here without udev); INFORM asks by interface.
        which = "-4 --inform --nogateway eth0" if inform else "--nodev"
        script = (
            "mount -t tmpfs none /run && mkdir -p /var/lib/dhcpcd && mount -t tmpfs none /var/lib/dhcpcd &&"
            f" mount --bind {DHCP}/dhcpcd.conf /etc/dhcpcd.conf &&"
            # dhcpcd's own hook writes the DNS servers of the lease: into a file of the namespace, never this machine's
            " touch /run/resolv.conf && mount --bind /run/resolv.conf /etc/resolv.conf &&"
            f" mkdir -p {self.lease.parent} && {self._root_side()} &&"
            f" exec dhcpcd --config {self.lease.parent}/dhcpcd.conf -B -d -c {hook} {which}"
        )
        self._client = self._start(self.phone, "dhcpcd", "unshare", "--mount", "--uts", "sh", "-c", script)

    def unplug(self) -> None:
        """dhcpcd ends, as at power-off; what it knew is gone."""
        assert self._client is not None
        end(self._client)

    def interface(self, *, there: bool) -> None:
        """The phone's interface goes, or comes (an adapter at USB does so late)."""
        old, new = ("usb0", "eth0") if there else ("eth0", "usb0")
        run("ip", "-n", self.phone, "link", "set", old, "down")
        run("ip", "-n", self.phone, "link", "set", old, "name", new)
        run("ip", "-n", self.phone, "link", "set", new, "up")

    def power_on(self, full: bool = False) -> None:
        """The phone's own program, which looks for its configuration as the real one does.

        full: its data folder is a file system without a free byte.
        """
        resolver = self.folder / "resolv.conf"
        resolver.write_text(f"nameserver {SERVER}\n")
        phone = (
            f"{sys.executable} -m deskphone run --sim --provision --no-terminal --sip-port 0 --panel 127.0.0.1:0"
            f" --data {self.data} --lease {self.lease}"
        )
        # As the service has it: the phone leaves the name it wants in its run directory.
        phone = f"env RUNTIME_DIRECTORY={self.name_file.parent} {phone}"
        fill = f"mount -t tmpfs -o size=16k none {self.data} && head -c 1M /dev/zero >{self.data}/fill || :"
        self.data.mkdir(exist_ok=True)
        script = f"mount --bind {resolver} /etc/resolv.conf && {{ {fill if full else ':'}; }} && exec {phone}"
        self._start(self.phone, "phone", "unshare", "--mount", "sh", "-c", script)

    def sip_server(self) -> int:
        """The contact-centre stand-in on the phone's loopback (a laptop's phone binds there); its port."""
        self._start(self.phone, "sip", sys.executable, "-m", "deskphone", "sipserver", "--sip-port", "0")
        self.logged("sip", "SIP Server on")
        found = re.search(r"SIP Server on 127\.0\.0\.1:(\d+)", self.log("sip"))
        assert found, self.log("sip")
        return int(found[1])

    def rename(self, name: str) -> None:
        """The phone asks for this host name; root's side carries it out."""
        self.name_file.write_text(name + "\n")
        self.carry_out()

    def carry_out(self, *lines: str) -> None:
        """What deskphone-network.path starts when the phone has left a name, or what its settings say of the network:
        these lines, which are waited for."""
        assert self._client is not None
        wait(lambda: not lines or (self.wish.exists() and set(lines) <= set(self.wish.read_text().splitlines())),
             lambda: f"{lines}\n{self.log('phone')}")  # fmt: skip
        run(*enter(self._client), *self._root_side().split())

    def _root_side(self) -> str:
        """The command of deskphone-network.service."""
        return (
            f"env DESKPHONE_HOST_NAME_FILE={self.name_file} DESKPHONE_SETTINGS={self.wish}"
            f" DESKPHONE_NETWORK_DIR={self.lease.parent} DESKPHONE_TIMESYNCD_DIR={self.folder}"
            f" {DHCP}/deskphone-network eth0"
        )

    # --- what happened ---------------------------------------------------------------------------

    def panel(self) -> dict[str, Any]:
        """What the phone shows, asked for inside its namespace."""
        found = re.search(r"panel: (http://\S+)", self.log("phone"))
        assert found, self.log("phone")
        get = (
            "import sys, urllib.request as r; print(r.urlopen(sys.argv[1] + 'panel/state', timeout=10).read().decode())"
        )
        said = run("ip", "netns", "exec", self.phone, sys.executable, "-c", get, found[1])
        state: dict[str, Any] = json.loads(said)
        return state

    def press(self, *keys: str) -> None:
        """Keys of the phone, one after the other."""
        found = re.search(r"panel: (http://\S+)", self.log("phone"))
        assert found, self.log("phone")
        post = (
            "import json, sys, urllib.request as r\n"
            "for key in sys.argv[2:]:\n"
            "    body = json.dumps({'key': key}).encode()\n"
            "    ask = r.Request(sys.argv[1] + 'panel/key', body, {'Content-Type': 'application/json'})\n"
            "    r.urlopen(ask, timeout=10).read()\n"
        )
        run("ip", "netns", "exec", self.phone, sys.executable, "-c", post, found[1], *keys)

    def shows(self, *words: str) -> None:
        """Wait until the display has these words, some of them by going down the page."""
        seen = set[str]()

        def look() -> bool:
            state = self.panel()
            seen.update((state["title"], *state["rows"]))
            if all(any(word in row for row in seen) for word in words):
                return True
            self.press("down")
            return False

        wait(look, lambda: f"{words} in {sorted(seen)}\n{self.log('phone')}")

    def has_number(self, number: str) -> None:
        """Wait until the phone keeps a configuration with this number."""
        wait(lambda: self.kept.exists() and f"voip/line/0/id={number}\n" in self.kept.read_text(),
             lambda: f"number {number}\n{self.log('phone')}\n{self.log('dhcpcd')[-2000:]}")  # fmt: skip

    def logged(self, name: str, words: str) -> None:
        """Wait until these words are in a program's log."""
        wait(lambda: words in self.log(name), lambda: f"{words!r} in\n{self.log(name)}")

    def log(self, name: str) -> str:
        """What a program said so far."""
        path = self.folder / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def _start(self, space: str, name: str, *command: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                ["ip", "netns", "exec", space, *command], stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                cwd=ROOT / "firmware",
            )  # fmt: skip
        self._processes.append(process)
        return process
