"""Syslog without a server of its own: what leaves the phone in the very moment its sending begins."""

from __future__ import annotations

import logging
import socket

from deskphone.config import reader
from deskphone.core.state import Phone
from deskphone.drivers.syslog import Syslog

WORD = "pass-of-the-download"


class Busy(logging.Logger):
    """A journal that another thread writes a line into as soon as somebody listens."""

    def addHandler(self, hdlr: logging.Handler) -> None:
        super().addHandler(hdlr)
        self.warning("logged in with %s", WORD)


def test_the_first_line_has_no_secret_either() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(20)
        lines = ("mode=NETWORK", "server_address=127.0.0.1", f"server_port={server.getsockname()[1]}")
        text = "".join(f"system/syslog/{line}\n" for line in lines) + f"deskphone/web/admin_password={WORD}\n"
        read = reader.read(text.encode(), "phone.cfg")
        assert read.layers is not None and not read.errors, read.report()
        log = Syslog(lambda: phone, Busy("root of a test"), logging.Logger("details of a test"))
        phone = Phone(powered=True, layers=read.layers)
        log.look()
        got = server.recv(4096)
        assert b"logged in with ***" in got and WORD.encode() not in got
        phone = Phone(powered=True)
        log.look()
