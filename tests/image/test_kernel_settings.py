"""The kernel's settings of the image, attacked from a neighbour: nobody sends the phone's voice another way, nobody
speaks to it from a network beside its own."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.image.cable import PHONE, ROOT, SERVER, laid, run

OURS = ROOT / "image/rootfs/usr/lib/sysctl.d/50-deskphone.conf"
# What systemd's own file (sysctl.d/50-default.conf, 257 and 258) says of the same, before ours.
SYSTEMD = "net.ipv4.conf.default.rp_filter = 2\nnet.ipv4.conf.*.rp_filter = 2\n"
FAR, NEIGHBOUR = "10.79.0.5", "10.78.0.66"  # a SIP Server behind the router, who wants to hear

SET = """
import glob, sys
for line in sys.stdin:
    name, _, value = line.lstrip("-").partition("=")
    head, star, tail = name.strip().replace(".", "/").partition("*")
    for path in sorted(glob.glob(f"/proc/sys/{head}*{tail}" if star else f"/proc/sys/{head}")):
        open(path, "w").write(value.strip())
"""
SAY = """
import socket, sys
to, port = sys.argv[1], int(sys.argv[2])
mouth = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
mouth.bind(("", 5060))
mouth.sendto(b"REGISTER", (to, port))
print("ready", flush=True)
sys.stdin.read()  # the kernel listens to a redirect for a socket that is there
"""
REDIRECT = """
import socket, struct, sys
router, phone, far, gateway = map(socket.inet_aton, sys.argv[1:5])

def checked(head, at):
    total = sum(struct.unpack(f">{len(head) // 2}H", head))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return head[:at] + struct.pack(">H", ~total & 0xFFFF) + head[at + 2:]

def ip(source, to, protocol, length):
    return checked(struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + length, 1, 0, 64, protocol, 0, source, to), 10)

heard = ip(phone, far, 17, 8) + struct.pack(">HHHH", 5060, 5060, 8, 0)
icmp = checked(struct.pack(">BBH4s", 5, 1, 0, gateway) + heard, 2)
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
raw.sendto(ip(router, phone, 1, len(icmp)) + icmp, (sys.argv[2], 0))
"""
HEAR = """
import socket
ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
ear.bind(("", 5060))
ear.settimeout(20)
print("ready", flush=True)
print(ear.recvfrom(100)[0].decode())
"""


@pytest.fixture
def cable() -> Iterator[tuple[str, str]]:
    """Both ends of the cable; the phone's kernel is as the image sets it up."""
    with laid() as (server, phone):
        network = "".join(line + "\n" for line in OURS.read_text().splitlines() if re.match(r"-?net\.", line))
        command = ["ip", "netns", "exec", phone, sys.executable, "-c", SET]
        subprocess.run(command, input=SYSTEMD + network, text=True, check=True)
        yield server, phone


def started(space: str, program: str, *words: str) -> subprocess.Popen[str]:
    """A program in a namespace that has said it is ready."""
    command = ["ip", "netns", "exec", space, sys.executable, "-c", program, *words]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    return process


def way(phone: str) -> str:
    return run("ip", "-n", phone, "route", "get", FAR)


@pytest.mark.netns
@pytest.mark.slow
def test_a_redirect_in_the_routers_name_leads_no_packet_past_a_neighbour(cable: tuple[str, str]) -> None:
    server, phone = cable
    run("ip", "-n", phone, "route", "replace", "default", "via", SERVER, "dev", "eth0")
    run("ip", "-n", server, "addr", "add", f"{NEIGHBOUR}/24", "dev", "eth0")
    talking = started(phone, SAY, FAR, "5060")  # conntrack knows the flow
    try:
        for _ in range(3):
            run("ip", "netns", "exec", server, sys.executable, "-c", REDIRECT, SERVER, PHONE, FAR, NEIGHBOUR)
    finally:
        talking.communicate()
    assert f"via {SERVER}" in way(phone), way(phone)


@pytest.mark.netns
@pytest.mark.slow
def test_who_is_on_a_network_beside_does_not_speak_in_the_servers_name(cable: tuple[str, str]) -> None:
    """Cable and radio, each with its address: the kernel would take packets for the one address from both."""
    server, phone = cable
    beside = f"{server}b"
    run("ip", "netns", "add", beside)
    try:
        run("ip", "-n", beside, "link", "add", "eth1", "type", "veth", "peer", "name", "eth1", "netns", phone)
        run("ip", "-n", beside, "addr", "add", f"{SERVER}/24", "dev", "eth1")
        run("ip", "-n", phone, "addr", "add", "10.99.0.2/24", "dev", "eth1")
        for space in (beside, phone):
            run("ip", "-n", space, "link", "set", "eth1", "up")
        mac = re.findall(r"link/ether (\S+)", run("ip", "-n", phone, "link", "show", "eth1"))[0]
        run("ip", "-n", beside, "neigh", "replace", PHONE, "lladdr", mac, "dev", "eth1")
        run("ip", "netns", "exec", phone, "nft", "add", "element", "inet", "deskphone", "sip_udp", "{ 5060 }")
        ear = started(phone, HEAR)
        for space, word in ((beside, "forged"), (server, "honest")):
            started(space, SAY.replace("REGISTER", word), PHONE, "5060").communicate()
        assert ear.communicate()[0] == "honest\n", "the first that comes in is the server's own"
    finally:
        subprocess.run(["ip", "netns", "del", beside], capture_output=True, check=False)
