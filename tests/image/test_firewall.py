"""The packet filter opens what the phone asks for, and nothing else; no code of the phone's user has its right."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import packet_filter
import pytest

from deskphone.config.layers import Layers
from deskphone.config.reader import read
from deskphone.config.settings import Settings
from deskphone.core.calls.state import Call
from deskphone.core.lines.state import Line, LineStatus
from deskphone.core.state import Phone
from deskphone.drivers.packet_filter import Wish, management, wanted, web_ports, wishes
from tests.image.cable import PHONE, SERVER, laid, run

ROOT = Path(__file__).resolve().parents[2]
PLACE = ROOT / "image/rootfs/usr/lib/deskphone"


RULES = (PLACE / "firewall.nft").read_text()
SETS = ("sip_udp", "sip_tcp", "servers4", "servers6", "voice", "web")
NO_WEB = "system/web/enabled=0\n"


def elements(text: str) -> dict[str, str]:
    """Set -> what is put into it by the commands for this file."""
    made = packet_filter.commands(packet_filter.read(text))
    return dict(re.findall(r"^add element inet deskphone (\w+) \{ (.*) \}$", made, re.MULTILINE))


def phone(settings: str = NO_WEB, **changes: Any) -> Phone:
    """One with these settings, registered nowhere; without its web interface where nothing is said."""
    in_force = read(settings.encode(), "test.cfg").settings if settings else Settings()
    assert in_force is not None
    return replace(Phone(), powered=True, layers=Layers(settings=in_force), **changes)


# --- what the phone asks for -------------------------------------------------------------------------


def test_before_there_are_settings_nothing_is_asked_for() -> None:
    assert wanted(Phone()) == ""


def test_udp_asks_for_the_sip_port_only_until_somebody_calls() -> None:
    named = f"{NO_WEB}voip/signalling/sip/port=5070\nvoip/media/media_port=6000\n"
    assert wanted(phone(named)) == "sip udp 5070\n"
    assert wanted(phone(named, calls=(Call("1"),))) == "sip udp 5070\nvoice 6000-6099\n"


def test_the_web_interface_asks_for_its_ports_until_it_is_switched_off() -> None:
    assert web_ports(phone("")) == "web https 443\nweb http 80\n"
    assert elements(wanted(phone(""))) == {"sip_udp": "5060", "web": "443, 80"}
    assert web_ports(phone("system/http_server_port=0\nsystem/https_server_port=8443\n")) == "web https 8443\n"
    assert web_ports(phone(NO_WEB)) == web_ports(Phone()) == ""


def test_a_port_that_the_telephone_listens_at_is_not_taken_from_it() -> None:
    named = "system/http_server_port=5061\n"
    assert web_ports(phone(f"{named}voip/signalling/sip/transport_protocol=TLS\n")) == "web https 443\n"
    assert web_ports(phone(named)) == "web https 443\nweb http 5061\n", "UDP is another matter"


def test_a_port_of_another_service_is_refused_and_the_one_before_stays() -> None:
    read_ = read(b"system/https_server_port=81\n", "a.cfg")
    assert "expected 0 or 443 or 1024 to 65535" in str(read_.errors[0])
    assert web_ports(phone("system/https_server_port=81\n")) == "web https 443\nweb http 80\n"


def test_one_port_for_both_is_never_asked_for() -> None:
    both = replace(Settings().web, port=8443, tls_port=8443)
    assert web_ports(replace(phone(""), layers=Layers(settings=replace(Settings(), web=both)))) == "web https 8443\n"


def test_what_reports_to_other_hosts_runs_with_and_without_pages() -> None:
    hooks, manager = "deskphone/hooks/url=http://crm/\n", "ems_server/provisioning/url=http://owner/\n"
    assert management(phone(hooks)) == "web https 443\nweb http 80\nmanage always\n"
    assert management(phone(NO_WEB + manager)) == "manage always\n"
    assert management(phone(NO_WEB + manager + "ems_server/keep_alive_period=0\n")) == ""
    assert "manage" not in wanted(phone(hooks)), "the packet filter's reader takes no such line"


def test_an_acs_may_knock_where_there_is_a_login_for_it_and_only_then() -> None:
    cwmp = f"{NO_WEB}management/tr069/enabled=1\nmanagement/tr069/acs_url=https://acs.example/\n"
    knock = "management/tr069/connection_request"
    door = f"{cwmp}{knock}/user_name=a\n{knock}/password=b\ndeskphone/tr069/connection_request/port=7547\n"
    assert management(phone(cwmp)) == "manage always\n" == management(phone(door))
    assert wanted(phone(door)) == "sip udp 5060\nweb cwmp 7547\n" and elements(wanted(phone(door)))["web"] == "7547"
    for closed in (cwmp, door.replace("/password=b", "/password="), door.replace("7547", "0"),
                   door.replace("enabled=1\nmanagement", "enabled=0\nmanagement")):  # fmt: skip
        assert wanted(phone(closed)) == "sip udp 5060\n"


def test_plain_http_alone_is_served_where_it_is_allowed_only() -> None:
    alone = "system/https_server_port=0\n"
    assert web_ports(phone(alone)) == "", "deskphone manage would refuse to start, again and again"
    assert web_ports(phone(f"{alone}security/web/https_only=0\n")) == "web http 80\n"


@pytest.mark.parametrize("port", [1, 22, 79, 81, 442, 444, 1023, 1024, 65535])
def test_whatever_the_port_of_the_web_interface_the_telephone_stays_reachable(port: int) -> None:
    for name in ("http", "https"):
        asked = wanted(phone(f"system/{name}_server_port={port}\n"))
        assert elements(asked)["sip_udp"] == "5060"
        assert (f"web {name} {port}\n" in asked) == (port >= 1024)


def test_a_server_of_this_very_link_is_named_without_the_interface() -> None:
    lines = (Line(0, "[fe80::1%eth0]:5060", LineStatus.REGISTERED),)
    assert elements(wanted(phone(lines=lines)))["servers6"] == "fe80::1"


def test_more_servers_than_the_filter_takes_close_nothing() -> None:
    lines = tuple(Line(number, f"10.0.0.{number}:5060", LineStatus.REGISTERED) for number in range(40))
    assert len(elements(wanted(phone(lines=lines)))["servers4"].split(", ")) == packet_filter.MAX_SERVERS


def test_tls_asks_for_its_own_port_over_tcp_only() -> None:
    named = f"{NO_WEB}voip/signalling/sip/transport_protocol=TLS\nvoip/signalling/sip/tls_port=5071\n"
    assert wanted(phone(named)) == "sip tcp 5071\n"


def test_the_servers_are_where_answers_to_register_came_from() -> None:
    lines = (
        Line(0, "10.0.0.1:5060", LineStatus.REGISTERED), Line(1, "[2001:db8::1]:5060", LineStatus.REGISTERED),
        Line(2, "10.0.0.3:5060", LineStatus.FAILED), Line(3, "sip.example.test:5060", LineStatus.REGISTERED),
    )  # fmt: skip
    assert wanted(phone(lines=lines)) == "sip udp 5060\nserver 10.0.0.1\nserver 2001:db8::1\n"


def test_the_file_is_replaced_when_something_changes_and_can_be_read_by_another_user(tmp_path: Path) -> None:
    now = [phone()]
    wish = Wish(tmp_path / "packet-filter", lambda: wanted(now[0]))
    wish.look()
    file = tmp_path / "packet-filter"
    first = file.stat()
    assert file.read_text() == "sip udp 5060\n" and first.st_mode & 0o777 == 0o644
    wish.look()
    assert file.stat().st_ino == first.st_ino, "nothing new, nothing written"
    now[0] = phone(calls=(Call("1"),))
    wish.look()
    assert "voice 4000-4099" in file.read_text()


def test_what_the_run_before_left_open_is_closed_as_soon_as_there_are_settings(tmp_path: Path) -> None:
    now = [Phone()]
    file = tmp_path / "web"
    file.write_text("web https 443\nweb http 80\n")
    before = file.stat().st_ino
    look_at_ports, look_at_web = wishes(tmp_path, lambda: now[0])
    for now[0] in (Phone(), phone("")):
        look_at_web()
        assert file.stat().st_ino == before, "a program that starts anew shuts nobody out"
    now[0] = phone(NO_WEB)
    look_at_web()
    assert file.read_text() == ""
    look_at_ports()
    assert (tmp_path / "packet-filter").read_text() == "sip udp 5060\n"


# --- what is made of it ------------------------------------------------------------------------------


def test_what_the_phone_asks_for_is_what_is_opened() -> None:
    lines = (Line(0, "10.0.0.1:5060", LineStatus.REGISTERED), Line(1, "[2001:db8::1]:5060", LineStatus.REGISTERED))
    assert elements(wanted(phone(lines=lines, calls=(Call("1"),)))) == {
        "sip_udp": "5060", "servers4": "10.0.0.1", "servers6": "2001:db8::1", "voice": "4000-4099",
    }  # fmt: skip


def test_what_was_open_before_is_closed_in_the_same_transaction() -> None:
    lines = packet_filter.commands(packet_filter.Wish()).splitlines()
    assert lines == [f"flush set inet deskphone {name}" for name in SETS]


def test_without_a_file_nothing_is_opened(tmp_path: Path) -> None:
    assert packet_filter.wished(str(tmp_path / "none")) == packet_filter.Wish()


@pytest.mark.parametrize(
    "text",
    [
        "sip udp 22", "sip udp 5060 }; add rule inet deskphone input accept", "sip udp 5060\n}", "sip udp ٥٠٦٠",
        "sip sctp 5060", "server 10.0.0.1/8", "server 0/0", "server any", "server 10.0.0.1, 10.0.0.2", "voice 1-65535",
        "voice 6000-4000", "voice 5000", "voice 4000-4099-5000", "sip udp 99999", "flush ruleset", "sip  udp 5060",
        "\n".join(f"server 10.0.0.{n}" for n in range(40)), "sip udp -5060", "server ::ffff:1.2.3.4%eth0",
        "web https 22", "web http 1023", "web ftp 80", "web https", "web http 080", "sip tcp 443", "web cwmp 443",
    ],
)  # fmt: skip
def test_a_file_that_the_phone_would_not_write_opens_nothing(text: str, tmp_path: Path) -> None:
    file = tmp_path / "packet-filter"
    file.write_text(text)
    with pytest.raises(packet_filter.BadWish):
        packet_filter.wished(str(file))


def test_what_is_no_small_plain_file_opens_nothing(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("sip udp 5060\n")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "large").write_text("sip udp 5060\n" * 1000)
    (tmp_path / "folder").mkdir()
    (tmp_path / "binary").write_bytes(b"sip udp 5060\xff")
    for name in ("link", "fifo", "large", "folder", "binary"):
        with pytest.raises(packet_filter.BadWish):
            packet_filter.wished(str(tmp_path / name))


def test_every_set_is_one_of_the_rules_and_the_rest_is_dropped() -> None:
    for name in SETS:
        assert re.search(rf"set {name} {{ type \w+;", RULES) and f"@{name}" in RULES
    assert "hook input priority filter; policy drop;" in RULES
    assert "hook forward priority filter; policy drop;" in RULES
    coming_in = RULES[RULES.index("chain input") : RULES.index("chain sip")]
    assert not re.search(r"dport (\d|\{)", coming_in.replace("dport 68", "").replace("dport 546", "")), (
        "a fixed open port"
    )


# --- whose code runs with the right over the filter --------------------------------------------------


def test_code_in_a_home_or_in_the_folder_it_is_started_in_is_not_run(tmp_path: Path) -> None:
    """What somebody who has the phone's user would try: user site-packages, a module beside, the environment."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    site, beside, mark = tmp_path / f".local/lib/{version}/site-packages", tmp_path / "cwd", tmp_path / "was-run"
    for folder in (site, beside):
        folder.mkdir(parents=True)
    evil = f"open({str(mark)!r}, 'w').close()\n"
    for name in ("usercustomize.py", "sitecustomize.py", "ipaddress.py", "stat.py"):
        (site / name).write_text(evil)
        (beside / name).write_text(evil)
    (site / "evil.pth").write_text(f"import os; {evil}")
    unit = (ROOT / "image/rootfs/usr/lib/systemd/system/packet-filter.service").read_text()
    options = re.findall(r"^ExecStart=/usr/bin/python3 (.*) /usr/lib/deskphone/packet_filter.py", unit, re.MULTILINE)[0]
    environment = {"HOME": str(tmp_path), "PYTHONPATH": str(beside), "PATH": "/nowhere"}
    command = [sys.executable, *options.split(), str(PLACE / "packet_filter.py"), str(tmp_path / "none")]
    subprocess.run(command, env=environment, cwd=beside, capture_output=True, check=False)
    assert not mark.exists()


# --- the real rules, in a namespace -------------------------------------------------------------------

ASK = """
import asyncio
from deskphone.provision.multicast import Question, ask
from deskphone.wire.provisioning_url import device
print(asyncio.run(ask(Question(device("420HD", "00908f3bbcba"), "0.1.0", ""), every=0.5)))
"""
ANSWER = """
import re, socket
ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
ear.bind(("", 5060))
ear.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton("224.0.1.75") + socket.inet_aton(%r))
print("ready", flush=True)
asked, phone = ear.recvfrom(9000)
call_id = re.search(rb"Call-ID: (.*)\\r", asked)[1].decode()
url = "http://prov.test/"
lines = ["NOTIFY sip:phone SIP/2.0", "Via: SIP/2.0/UDP server;branch=z9hG4bK1", "From: <sip:s@server>;tag=1",
         "To: <sip:phone@phone>;tag=2", "Call-ID: " + call_id, "CSeq: 1 NOTIFY", "Event: ua-profile",
         "Content-Type: application/url", "Content-Length: %%d" %% len(url), "", url]
ear.sendto("\\r\\n".join(lines).encode(), phone)
"""


@pytest.fixture
def cable() -> Iterator[tuple[str, str]]:
    with laid() as names:
        yield names


@pytest.mark.netns
@pytest.mark.slow
def test_the_answer_to_a_multicast_question_comes_in_and_nothing_beside_it(cable: tuple[str, str]) -> None:
    server, phone = cable
    answerer = subprocess.Popen(
        ["ip", "netns", "exec", server, sys.executable, "-c", ANSWER % SERVER],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert answerer.stdout is not None
        assert answerer.stdout.readline() == "ready\n"
        assert run("ip", "netns", "exec", phone, sys.executable, "-c", ASK) == "http://prov.test/\n"
    finally:
        answerer.kill()
        answerer.communicate()
    ports = run("ip", "netns", "exec", phone, "nft", "list", "set", "inet", "deskphone", "asked_all")
    assert len(re.findall(r"\d+ timeout|\d+ expires", ports)) == 1, f"one port, for a minute: {ports}"


HEARS = """
import socket, sys, time
ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
ear.setsockopt(socket.SOL_SOCKET, 33, 4_000_000)  # SO_RCVBUFFORCE: whatever this machine is doing meanwhile
ear.bind(("0.0.0.0", int(sys.argv[1])))
print("ready", flush=True)
heard, ear_end = {}, time.monotonic() + float(sys.argv[2])
while (left := ear_end - time.monotonic()) > 0:
    ear.settimeout(left)
    try:
        _, (host, port) = ear.recvfrom(100)
    except TimeoutError:
        break
    heard[host] = heard.get(host, 0) + 1
    ear.sendto(b"answered", (host, port))
print(heard)
"""
SAYS = """
import socket, sys
mouth = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
mouth.bind((sys.argv[1], 0))
for _ in range(300):
    mouth.sendto(b"INVITE", (sys.argv[2], int(sys.argv[3])))
"""


def heard_from(cable: tuple[str, str], wish: str, port: int) -> dict[str, int]:
    """Packets that come in at this port of 300 from the server and 300 from a stranger, with the sets so filled."""
    server, phone_space = cable
    stranger = "10.78.0.66"
    run("ip", "-n", server, "addr", "add", f"{stranger}/24", "dev", "eth0")
    commands = packet_filter.commands(packet_filter.read(wish))
    subprocess.run(["ip", "netns", "exec", phone_space, "nft", "-f", "-"], input=commands.encode(), check=True)
    ear = subprocess.Popen(
        ["ip", "netns", "exec", phone_space, sys.executable, "-c", HEARS, str(port), "3"],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert ear.stdout is not None and ear.stdout.readline() == "ready\n"
    for address in (stranger, SERVER):
        run("ip", "netns", "exec", server, sys.executable, "-c", SAYS, address, PHONE, str(port))
    heard: dict[str, int] = ast.literal_eval(ear.communicate()[0])
    return {"server": heard.get(SERVER, 0), "stranger": heard.get(stranger, 0)}


@pytest.mark.netns
@pytest.mark.slow
def test_the_server_speaks_as_it_likes_and_a_flood_of_strangers_is_a_trickle(cable: tuple[str, str]) -> None:
    heard = heard_from(cable, f"sip udp 5060\nserver {SERVER}\n", 5060)
    assert heard["server"] == 300
    assert 0 < heard["stranger"] < 150, "a stranger who was answered is no better than before"


@pytest.mark.netns
@pytest.mark.slow
def test_voice_comes_in_only_while_somebody_talks(cable: tuple[str, str]) -> None:
    assert heard_from(cable, "sip udp 5060\n", 4000) == {"server": 0, "stranger": 0}


@pytest.mark.netns
@pytest.mark.slow
def test_in_a_call_the_voice_ports_are_open(cable: tuple[str, str]) -> None:
    assert heard_from(cable, "sip udp 5060\nvoice 4000-4099\n", 4000)["server"] == 300
