"""The journal's lines at a real rsyslog: both forms, both transports, no secret, and no phone that waits for it."""

from __future__ import annotations

import logging
import os
import re
import socket
import time
from dataclasses import replace
from pathlib import Path

import pytest

from deskphone.config import reader
from deskphone.config.layers import Layer, Layers
from deskphone.config.secret import Secret
from deskphone.core.state import Phone
from deskphone.drivers import syslog
from deskphone.drivers.syslog import Sender, Server, Syslog
from tests.peers.child import LOOPBACK, free_port
from tests.peers.phone import PeerPhone
from tests.peers.rsyslog import Rsyslog

pytestmark = [pytest.mark.peer, pytest.mark.needs("rsyslogd")]
SECRET, WORD = "hold-on-2-your-hat", "pass-of-the-download"


def settings(port: int, **more: str) -> dict[str, str]:
    """A phone that sends to that port, as a file says it."""
    return {
        "system/syslog/mode": "NETWORK",
        "system/syslog/server_address": LOOPBACK,
        "system/syslog/server_port": str(port),
        **{name.replace("__", "/"): value for name, value in more.items()},
    }


class Desk:
    """A phone's logging with a root of its own. Ends with its block."""

    def __init__(self, port: int, lines: str = "", **more: str) -> None:
        self.root = logging.Logger("root of a test", logging.DEBUG)
        text = "".join(f"{name}={value}\n" for name, value in settings(port, **more).items())
        read = reader.read((text + lines).encode(), "phone.cfg")
        assert read.layers is not None and not read.errors, read.report()
        self.phone = Phone(powered=True, layers=read.layers)
        self.log = Syslog(lambda: self.phone, self.root, logging.Logger("details of a test"))
        self.log.look()

    def says(self, text: str, level: int = logging.INFO, name: str = "deskphone.provisioning") -> None:
        self.root.handle(logging.LogRecord(name, level, __file__, 1, text, (), None))

    def __enter__(self) -> Desk:
        return self

    def __exit__(self, *of: object) -> None:
        self.phone = replace(self.phone, layers=Layers())
        self.log.look()


@pytest.mark.parametrize("transport", ["UDP", "TCP"])
def test_rfc_5424_is_read_as_it_is_meant(tmp_path: Path, transport: str) -> None:
    with Rsyslog(tmp_path, free_port()) as rsyslog, Desk(rsyslog.port, deskphone__syslog__transport=transport) as desk:
        desk.says("first look in 7 s")
        desk.says("out of order\n<8>1 - evil evil - - - one more", logging.ERROR)
        desk.says("Größe שלום", logging.WARNING, "deskphone.sip")
        got = rsyslog.takes("first look")
        assert got["pri"] == "134" and got["protocol-version"] == "1"  # local0.info
        assert got["hostname"] == socket.gethostname() and got["procid"] == str(os.getpid())
        assert got["msgid"] == "deskphone.provisioning" and got["msg"].strip() == "first look in 7 s"
        assert re.fullmatch(r'\[origin software="deskphone" swVersion="[\d.]+"\]', got["structured-data"])
        assert rsyslog.takes("שלום")["msg"].strip().lstrip("\ufeff") == "Größe שלום"
        evil = rsyslog.takes("evil")  # a second line of the same text is a line of ours, not of whoever wrote it
        assert (evil["pri"], evil["msg"].strip()) == ("131", "<8>1 - evil evil - - - one more")
        assert got["inputname"] == f"im{transport.lower()}"


@pytest.mark.parametrize("transport", ["UDP", "TCP"])
def test_rfc_3164_is_read_as_it_is_meant(tmp_path: Path, transport: str) -> None:
    more: dict[str, str] = {"deskphone__syslog__transport": transport, "deskphone__syslog__format": "RFC3164"}
    with Rsyslog(tmp_path, free_port()) as rsyslog, Desk(rsyslog.port, **more) as desk:
        desk.says("registered at 10.1.1.1", logging.WARNING)
        got = rsyslog.takes("registered at")
        assert (got["pri"], got["programname"], got["procid"]) == ("132", "deskphone", str(os.getpid()))
        assert got["hostname"] == socket.gethostname().partition(".")[0]
        assert got["msg"].strip() == "registered at 10.1.1.1"


def test_the_level_says_what_is_sent(tmp_path: Path) -> None:
    with Rsyslog(tmp_path, free_port()) as rsyslog:
        for level in ("NONE", "BASIC", "DETAILED"):
            with Desk(rsyslog.port, system__syslog__log_level=level) as desk:
                desk.says(f"detail of {level}", logging.DEBUG)
                desk.says(f"notice of {level}")
                if level != "NONE":
                    rsyslog.takes(f"notice of {level}")
        rsyslog.takes("detail of DETAILED")
        said = " ".join(each["msg"] for each in rsyslog.lines())
        assert "of NONE" not in said and "detail of BASIC" not in said


def test_lines_that_a_dead_server_did_not_take_come_when_it_lives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(syslog, "PAUSES", (0.1, 0.2))
    port = free_port()
    sender = Sender(Server(LOOPBACK, port, True, False, logging.INFO), (0.1, 0.2))
    try:
        for number in range(syslog.QUEUE + 200):
            sender.handle(logging.LogRecord("deskphone", logging.INFO, "", 1, f"line {number} of many", (), None))
        with Rsyslog(tmp_path, port) as rsyslog:
            rsyslog.takes(f"line {syslog.QUEUE - 1} of many")
            assert re.search(r"(199|200) lines lost", rsyslog.takes("lines lost")["msg"])
            rsyslog.end()
            again = Rsyslog(tmp_path, port)
            sender.handle(logging.LogRecord("deskphone", logging.INFO, "", 1, "after its restart", (), None))
            again.takes("after its restart")
            again.end()
    finally:
        sender.end()


def test_a_server_that_takes_nothing_delays_nobody(tmp_path: Path) -> None:
    """It accepts and never reads; the socket's buffers fill, then the queue; who logs returns at once."""
    with socket.create_server((LOOPBACK, 0)) as door:
        sender = Sender(Server(LOOPBACK, door.getsockname()[1], True, False, logging.INFO))
        try:
            slowest = 0.0
            for _ in range(400_000):  # as much as the buffers of this machine hold, and then some
                began = time.monotonic()
                sender.handle(logging.LogRecord("deskphone", logging.INFO, "", 1, "x" * 2_000, (), None))
                slowest = max(slowest, time.monotonic() - began)
                if sender._lost > 1_000:
                    break
            assert sender._lost > 1_000
            assert slowest < 4, "a blocked send takes five seconds"
        finally:
            sender.end()


def test_the_phone_sends_its_journal_and_none_of_its_secrets(tmp_path: Path) -> None:
    """The program itself, told by its file, with a server that refuses its password; a second file is refused whole."""
    folder = tmp_path / "rsyslog"
    folder.mkdir()
    with Rsyslog(folder, free_port()) as rsyslog:
        more = {name.replace("/", "__"): value for name, value in settings(rsyslog.port).items()}
        more |= {
            "system__syslog__log_level": "DETAILED",
            "voip__line__0__auth_password": SECRET,
            "provisioning__configuration__http_auth__password": WORD,
            "deskphone__web__admin_password": SECRET[::-1],
        }
        with PeerPhone(tmp_path / "phone", free_port(), **more) as phone:
            got = rsyslog.takes("REGISTER failed")
            assert (got["msgid"], got["pri"]) == ("deskphone", "132") and got["msg"].strip() in phone.journal()
        text = rsyslog.file.read_text()
        assert not [secret for secret in (SECRET, WORD, SECRET[::-1]) if secret in text]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("provisioning__configuration__url", "https://phone:two&words@prov.test/x", "password 'two&words' refused"),
        ("provisioning__configuration__url", "https://phone:two%20words@prov.test/x", "password two words refused"),
        ("deskphone__hooks__url", "https://me:w0rd-of-hooks@crm.test/", "POST https://me:w0rd-of-hooks@crm.test/"),
        ("voip__line__0__auth_password", "a b/c+d", "GET /login?password=a%20b%2Fc%2Bd failed"),
        ("voip__line__0__auth_password", 'it\'s \\ "so"', "refused: " + repr('it\'s \\ "so"')),
        ("voip__line__0__auth_password", "Grüße-für-7", 'body {"p": "Gr\\u00fc\\u00dfe-f\\u00fcr-7"}'),
        ("voip__line__0__auth_password", "1234", "PIN 1234 and 12345678"),
        ("management__tr069__password", "x" * 256, "ACS: " + "x" * 256 + "x"),
    ],
)
def test_a_secret_is_masked_in_whatever_form_a_line_has_it(tmp_path: Path, name: str, value: str, said: str) -> None:
    words = ("two", "hooks", "c+d", "2Fc", "so", "ße", "00df", "1234", "xx")
    with Rsyslog(tmp_path, free_port()) as rsyslog, Desk(rsyslog.port, **{name: value}) as desk:
        desk.says(f"begin {said} end")
        line = rsyslog.takes("begin")["msg"]
        assert "***" in line and not [each for each in words if each in line], line


def test_the_secret_of_before_is_one_still_when_another_has_come(tmp_path: Path) -> None:
    name = "provisioning__configuration__http_auth__password"
    with Rsyslog(tmp_path, free_port()) as rsyslog, Desk(rsyslog.port, **{name: WORD}) as desk:
        changed, _ = desk.phone.layers.set(Layer.ADMINISTRATOR, name.replace("__", "/"), Secret("another-one"))
        desk.phone = replace(desk.phone, layers=changed)
        desk.log.look()
        desk.says(f"{WORD} gave way to another-one")
        assert rsyslog.takes("gave way")["msg"].strip() == "*** gave way to ***"


@pytest.mark.parametrize(
    ("lines", "transport"),
    [
        (("system/syslog/server_address={host}:{port}",), "UDP"),
        (("system/syslog/server_address=udp://{host}:{port}",), "UDP"),
        (("system/syslog/server_address={host} ; the loggers",), "TCP"),
        (("system/syslog/mode=1",), "UDP"),
        (("system/syslog/mode=Remote",), "TCP"),
        (("system/syslog/mode=ALL", "system/syslog/log_level=info"), "UDP"),
        (("system/syslog/log_level=7",), "TCP"),
        (("system/syslog/server_address=localhost", "SYSTEM/SYSLOG/Mode=network"), "UDP"),
        (("system/syslog/server_port={port} # ours",), "TCP"),
    ],
)
def test_each_way_to_name_the_server_sends_to_it(tmp_path: Path, lines: tuple[str, ...], transport: str) -> None:
    with Rsyslog(tmp_path, free_port()) as rsyslog:
        more = "\n".join(lines).format(host=LOOPBACK, port=rsyslog.port)
        with Desk(rsyslog.port, more, deskphone__syslog__transport=transport) as desk:
            desk.says("here I am")
            assert rsyslog.takes("here I am")["inputname"] == f"im{transport.lower()}"


@pytest.mark.parametrize("form", ["RFC5424", "RFC3164"])
@pytest.mark.parametrize("transport", ["UDP", "TCP"])
def test_a_line_longer_than_any_is_one_line_and_whole_up_to_its_cut(tmp_path: Path, transport: str, form: str) -> None:
    more: dict[str, str] = {"deskphone__syslog__transport": transport, "deskphone__syslog__format": form}
    with Rsyslog(tmp_path, free_port()) as rsyslog, Desk(rsyslog.port, **more) as desk:
        desk.says("long " + "ü" * 5_000)
        desk.says("")
        desk.says("tab\there\x1b[31m and \0 nothing")
        got = rsyslog.takes("long ")["msg"].strip().lstrip("\ufeff")
        assert 900 < len(got) < 1_024 and set(got[5:]) == {"ü"}
        assert rsyslog.takes("tab")["msg"].strip() == "tab here [31m and   nothing"


def test_a_secret_that_gets_into_a_line_is_masked_on_the_way_out(tmp_path: Path) -> None:
    name = "provisioning__configuration__http_auth__password"
    with Rsyslog(tmp_path, free_port()) as rsyslog, Desk(rsyslog.port, **{name: WORD}) as desk:
        desk.says(f"fetching https://phone:{WORD}@prov.test/x failed")
        assert rsyslog.takes("fetching")["msg"].strip() == "fetching https://phone:***@prov.test/x failed"
