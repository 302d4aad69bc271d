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
from deskphone.config.layers import Layers
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

    def __init__(self, port: int, **more: str) -> None:
        self.root = logging.Logger("root of a test", logging.DEBUG)
        text = "".join(f"{name}={value}\n" for name, value in settings(port, **more).items())
        read = reader.read(text.encode(), "phone.cfg")
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


def test_a_secret_that_gets_into_a_line_is_masked_on_the_way_out(tmp_path: Path) -> None:
    name = "provisioning__configuration__http_auth__password"
    with Rsyslog(tmp_path, free_port()) as rsyslog, Desk(rsyslog.port, **{name: WORD}) as desk:
        desk.says(f"fetching https://phone:{WORD}@prov.test/x failed")
        assert rsyslog.takes("fetching")["msg"].strip() == "fetching https://phone:***@prov.test/x failed"
