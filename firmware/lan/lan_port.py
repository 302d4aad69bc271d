"""The LAN port as the phone's settings want it: `lan_port.py WISH`, root's, running while they want anything.

A fixed address, a voice VLAN (by number, or as the switch says by LLDP-MED), 802.1X. Programs that are well kept do
it: iproute2, dhcpcd, lldpd, wpa_supplicant; this one tells them what, and judges what came of it. A wish that brings no
network within PATIENCE seconds of a plugged cable gives way to plain DHCP without a tag, and is taken up as soon as
what it lacked is there: the gateway answers, the VLAN has a lease. What is wrong is left for the phone in `lan`.
Law: standard library only, isolated (python3 -I). WISH is the phone's: nothing of it gets anywhere but numbers,
addresses, names of a domain, and, as hexadecimal digits, identity and password.
"""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from arp import answers
from lan_wish import Wish, wished
from lldp import voice_policy

WIRED = os.environ.get("DESKPHONE_WIRED", "eth0")
VOICE = "voice0"
DHCP = Path(os.environ.get("DESKPHONE_DHCP_DIR", "/run/deskphone-dhcp"))  # the client's: leases
TOLD = Path(os.environ.get("DESKPHONE_NETWORK_DIR", "/run/deskphone-network"))  # root's, for the client and the phone
OWN = Path(os.environ.get("DESKPHONE_LAN_DIR", "/run/deskphone-lan"))
CERTIFICATES = os.environ.get("DESKPHONE_CERTIFICATES", "/data/deskphone/certificates")
NETWORK = os.environ.get("DESKPHONE_NETWORK", "/usr/lib/deskphone/deskphone-network")
SYSTEMCTL = "systemctl"
PATIENCE = float(os.environ.get("DESKPHONE_LAN_PATIENCE", "60"))
LOOK = 1.0  # seconds between two looks
LLDP_DOOR = "/run/deskphone-lldp/socket"
MAX_PEM = 200_000  # bytes
AGAIN = float(os.environ.get("DESKPHONE_LAN_AGAIN", "15"))  # seconds between two looks after a wish gave way
CLIENT, SUPPLICANT, LLDP = "dhcpcd.service", "deskphone-8021x.service", "deskphone-lldp.service"


def run(*command: str) -> str:
    """What a program says, "" where it failed: its complaint is in the journal."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    if done.returncode:
        print(f"<4>{' '.join(command)}: {done.stderr.strip()[-300:]}", file=sys.stderr, flush=True)
    return done.stdout if done.returncode == 0 else ""


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def write(path: Path, text: str, mode: int = 0o644) -> bool:
    """Replace a file; False where it says the same already."""
    with suppress(OSError):
        if path.read_text() == text:
            return False
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        os.fchmod(file.fileno(), mode)
        file.write(text)
    new.replace(path)
    return True


@dataclass(frozen=True)
class Plan:
    """What is to be in force. vlan: its number and priority, None for no tag; fixed: the wish's address; spare: plain
    DHCP beside it."""

    vlan: tuple[int, int] | None = None
    fixed: bool = False
    spare: bool = False

    @property
    def interface(self) -> str:
        return VOICE if self.vlan else WIRED


class LanPort:
    """The port. `look` once a second, for ever."""

    def __init__(self, wish: Wish) -> None:
        self.wish = wish
        self.policy: tuple[int, int] | None = None  # of LLDP-MED
        self.plan: Plan | None = None
        self.proven = self.gave_way = self.authorized = False
        self.plugged_since: float | None = None
        self.next_look = self.next_asking = self.next_equipping = 0.0
        self.troubles: dict[str, str] = {}

    # --- what is wanted -----------------------------------------------------------------------------

    def wanted(self) -> Plan:
        """What the wish comes to at this moment, whatever becomes of it."""
        return Plan(
            (self.wish.vlan, self.wish.priority) if self.wish.vlan else self.policy, self.wish.fixed is not None
        )

    def begin(self) -> None:
        """Start what speaks for the port, and the first attempt."""
        if self.wish.access:
            self._equip()
        write(TOLD / "lldpd.conf", f"configure lldp tx-interval {self.wish.period}\n")
        for wanted, unit in ((self.wish.access, SUPPLICANT), (self.wish.lldp, LLDP)):
            run(SYSTEMCTL, "--no-block", "restart" if wanted else "stop", unit)
        self.attempt()

    def _equip(self) -> bool:
        """Give the supplicant its configuration and copies of the phone's certificates. True where one is another."""
        news = False
        for name in ("ieee802_1x.pem", "ieee802_1x.key", "ieee802_1x-authority.pem"):
            copy = OWN / name
            try:
                text = pem(Path(CERTIFICATES) / name)
            except OSError:  # what the phone has no more is neither shown nor believed any more
                news |= copy.exists()
                copy.unlink(missing_ok=True)
                continue
            with suppress(OSError):
                news |= write(copy, text, 0o600)
        return write(OWN / "wpa_supplicant.conf", self.wish.supplicant(OWN), 0o600) or news

    def attempt(self) -> None:
        """The wish itself, on trial."""
        self.proven, self.gave_way, self.plugged_since = False, False, None
        fixed = self.wish.fixed
        if fixed is not None and not self.wanted().vlan and carrier() and answers(WIRED, fixed.address):
            self.give_way(f"{fixed.address} is in use by another device")  # never for a moment two devices with one
        else:
            self.carry_out(self.wanted())

    def give_way(self, why: str) -> None:
        """Plain DHCP. The VLAN stays there beside it, so that it is noticed when it works."""
        plan = self.wanted()
        self.gave_way = True
        self.troubles[self.name()] = why
        say(f"<4>{self.name()}: {why}; plain DHCP until it does")
        self.carry_out(Plan(plan.vlan, False, True))

    def name(self) -> str:
        """What a person calls the wish."""
        plan = self.wanted()
        return f"VLAN {plan.vlan[0]}" if plan.vlan and not plan.fixed else "fixed IP"

    # --- carrying out -------------------------------------------------------------------------------

    def carry_out(self, plan: Plan) -> None:
        """Make it so: interface, the client's configuration, the client."""
        if plan == self.plan:
            return
        say(f"the LAN port: {plan}")
        self.plan = plan
        run(SYSTEMCTL, "stop", CLIENT)
        for interface in (WIRED, VOICE):
            if exists(interface):
                run("ip", "-4", "address", "flush", "dev", interface)
            forget_lease(interface)
        self._tag(plan.vlan)
        ipv6(plan.vlan is None or plan.spare)
        interfaces = (WIRED, VOICE) if plan.spare and plan.vlan else (plan.interface,)
        lines = [f"allowinterfaces {' '.join(interfaces)} wlan0"]
        if plan.fixed and self.wish.fixed is not None:
            lines += [f"interface {plan.interface}", *self.wish.fixed.client()]
        write(TOLD / "lan.conf", "\n".join(lines) + "\n")
        run(NETWORK, "--client")
        run(SYSTEMCTL, "--no-block", "start", CLIENT)

    def _tag(self, vlan: tuple[int, int] | None) -> None:
        """The interface of the voice VLAN: there with its number and priority, or not at all."""
        if exists(VOICE):
            run("ip", "link", "delete", VOICE)
        if vlan is None:
            return
        number, priority = vlan
        marks = [f"{each}:{priority}" for each in range(8)]
        run("ip", "link", "set", WIRED, "up")
        made = ("link", WIRED, "name", VOICE, "type", "vlan", "id", str(number), "egress-qos-map", *marks)
        run("ip", "link", "add", *made)
        run("ip", "link", "set", VOICE, "up")

    # --- what becomes of it -------------------------------------------------------------------------

    def look(self, now: float) -> None:
        """Once a second. now: monotonic seconds."""
        if self.wish.access:
            self._ask_supplicant(now)
        if self.wish.lldp and now >= self.next_asking:
            self.next_asking = now + (AGAIN if self.policy else 2 * LOOK)
            self._ask_lldp()
        if not carrier():
            if self.plugged_since is not None:
                self.policy = None
                self.attempt()  # another cable may lead to another switch
            return
        if self.plugged_since is None:
            self.plugged_since, self.next_look = now, now
        if not self.proven and now >= self.next_look:
            self.next_look = now + (AGAIN if self.gave_way else 2 * LOOK)
            self._judge(now)
        elif self.proven and now >= self.next_look:
            self.next_look = now + AGAIN
            self._leave_the_other_network()
        self._tell()

    def _leave_the_other_network(self) -> None:
        """A client that was just being stopped may have taken its address again after the port's were flushed: beside
        a voice VLAN that works the phone has none on the cable's own network."""
        if self.plan is None or not self.plan.vlan or self.plan.spare:
            return
        if run("ip", "-4", "-oneline", "address", "show", "dev", WIRED):
            say(f"{WIRED}: an address of the cable's own network was left beside {self.name()}; it goes")
            run("ip", "-4", "address", "flush", "dev", WIRED)

    def _judge(self, now: float) -> None:
        assert self.plugged_since is not None
        lacks = self._lacks()
        if not lacks:
            self.proven, self.gave_way = True, False
            if self.troubles.pop(self.name(), ""):
                say(f"{self.name()}: works now")
            self.carry_out(self.wanted())
        elif not self.gave_way and (now - self.plugged_since >= PATIENCE or "in use" in lacks):
            self.give_way(lacks)

    def _lacks(self) -> str:
        """What the wish lacks to be of use, "" for nothing."""
        plan, fixed = self.wanted(), self.wish.fixed
        if plan.fixed and fixed is not None:
            if answers(plan.interface, fixed.address):
                return f"{fixed.address} is in use by another device"
            if fixed.gateway and not answers(plan.interface, fixed.gateway):
                return f"no gateway answers at {fixed.gateway}"
        elif plan.vlan and not (DHCP / f"lease.{VOICE}").exists():
            return "no DHCP server answers"
        return ""

    def _ask_supplicant(self, now: float) -> None:
        """Whether the switch let the phone in. The client asks anew as soon as it did; so does the supplicant with
        certificates that came meanwhile."""
        if now >= self.next_equipping:
            self.next_equipping = now + AGAIN
            if self._equip():
                run(SYSTEMCTL, "--no-block", "restart", SUPPLICANT)
        state = supplicant_status(OWN / "wpa" / WIRED, OWN)
        before, self.authorized = self.authorized, state.get("suppPortStatus") == "Authorized"
        if self.authorized:
            if self.troubles.pop("802.1X", "") or not before:
                say("802.1X: authorized")
            if not before and not any(DHCP.glob("lease.*")) and not (self.plan and self.plan.fixed):
                run(SYSTEMCTL, "--no-block", "restart", CLIENT)
        elif self.plugged_since is not None and now - self.plugged_since >= PATIENCE:
            why = state.get("EAP state", "") or "no supplicant"
            if "802.1X" not in self.troubles:
                say(f"<4>802.1X: not authorized ({why}); asked on")
            self.troubles["802.1X"] = "the switch does not let the phone in"

    def _ask_lldp(self) -> None:
        """What the switch says of the voice VLAN; the last word stays until the cable is pulled."""
        ask = ("lldpcli", "-u", LLDP_DOOR, "-f", "json0", "show", "neighbors", "ports", WIRED, "details")
        found = voice_policy(run(*ask))
        if found is not None and found != self.policy:
            say(f"LLDP-MED: voice VLAN {found[0]}, priority {found[1]}")
            self.policy = found
            self.attempt()

    def _tell(self) -> None:
        plan = self.plan or Plan()
        lines = [f"vlan {plan.vlan[0]} {plan.vlan[1]}"] if plan.vlan and not plan.spare else []
        lines += ["802.1X authorized"] if self.authorized else []
        lines += [f"trouble {name}: {why}" for name, why in sorted(self.troubles.items())]
        write(TOLD / "lan", "".join(f"{line}\n" for line in lines))


def forget_lease(interface: str) -> None:
    """What the client learned there counts no more, whether or not its hook lived to say so."""
    for name in (f"lease.{interface}", "lease"):
        (DHCP / name).unlink(missing_ok=True)


def pem(path: Path) -> str:
    """A certificate or key of the phone's folder: a plain small file, no link. OSError for anything else."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(f"{path}: expected a plain file")
        return file.read(MAX_PEM).decode("ascii", "replace")


def exists(interface: str) -> bool:
    return Path("/sys/class/net", interface).exists()


def ipv6(wanted: bool) -> None:
    """Whether the cable's own interface takes IPv6 of routers: beside a voice VLAN it belongs to somebody else."""
    with suppress(OSError):
        Path("/proc/sys/net/ipv6/conf", WIRED, "disable_ipv6").write_text("0" if wanted else "1")


def carrier() -> bool:
    """Whether a cable leads somewhere."""
    try:
        return Path("/sys/class/net", WIRED, "carrier").read_text().strip() == "1"
    except OSError:
        return False


def supplicant_status(door: Path, own: Path) -> dict[str, str]:
    """wpa_supplicant's STATUS, {} where it does not answer (wpa_ctrl: one datagram each way)."""
    mine = own / "wpa-asks"
    mine.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ask, suppress(OSError):
        ask.bind(str(mine))
        ask.settimeout(1.0)
        ask.connect(str(door))
        ask.send(b"STATUS")
        lines = ask.recv(4096).decode("utf-8", "replace").splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)
    return {}


def main(path: str) -> int:
    """Until SIGTERM; then the port is what it is without a wish. Only as the service: by hand it would take its address
    from whatever machine this is."""
    if "NOTIFY_SOCKET" not in os.environ:
        say("lan_port.py: expected to be started by deskphone-lan.service; nothing is done")
        return os.EX_USAGE
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    TOLD.mkdir(exist_ok=True)
    OWN.mkdir(mode=0o700, exist_ok=True)
    port = LanPort(wished(path))
    try:
        port.begin()
        ready()
        while True:
            port.look(time.monotonic())
            time.sleep(LOOK)
    finally:
        leave()


def ready() -> None:
    """sd_notify(3): the client's configuration is as wanted; at boot the client waits for that."""
    place = os.environ["NOTIFY_SOCKET"]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as door:
        door.sendto(b"READY=1", "\0" + place[1:] if place.startswith("@") else place)


def leave() -> None:
    """No fixed address, no tag, no 802.1X, no LLDP: plain DHCP again."""
    run(SYSTEMCTL, "stop", SUPPLICANT, LLDP, CLIENT)
    for name in ("lan.conf", "lan"):
        (TOLD / name).unlink(missing_ok=True)
    if exists(VOICE):
        run("ip", "link", "delete", VOICE)
    ipv6(True)
    if exists(WIRED):
        run("ip", "-4", "address", "flush", "dev", WIRED)
    run(NETWORK, "--client")
    run(SYSTEMCTL, "--no-block", "start", CLIENT)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
