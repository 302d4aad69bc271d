"""The management plane at sockets that systemd holds: it starts with the first guest and goes when nobody comes."""

from __future__ import annotations

import http.client
import re
import ssl
import sys
from pathlib import Path

import pytest

from tests.manage.plane import Plane
from tests.needs import needs
from tests.peers.child import Child, free_port, wait_until

pytestmark = pytest.mark.sip


def ask(port: int, context: ssl.SSLContext | None = None) -> http.client.HTTPResponse:
    """GET / at loopback."""
    if context is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    else:
        connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=30, context=context)
    connection.request("GET", "/", headers={"Connection": "close"})
    return connection.getresponse()


def test_the_first_guest_starts_it_and_an_idle_one_goes(plane: Plane, tmp_path: Path) -> None:
    """systemd's own systemd-socket-activate holds the sockets, named as the units name them."""
    needs("systemd-socket-activate")
    secure, plain = free_port(), free_port()
    command = [
        "systemd-socket-activate", "-l", f"127.0.0.1:{secure}", "-l", f"127.0.0.1:{plain}", "--fdname=https:http",
        sys.executable, "-m", "deskphone", "manage", "--inherited", "--idle", "0.5", "--control", str(plane.socket),
        "--data", str(tmp_path),
    ]  # fmt: skip
    child = Child(command, tmp_path / "log")
    try:
        wait_until("sockets that listen", lambda: re.search(r"Listening on .*:" + str(plain), child.said()), 30)
        assert "web:" not in child.said(), "nobody came, nothing runs"
        answer = ask(plain)
        assert (answer.status, answer.headers["Location"]) == (308, f"https://127.0.0.1:{secure}/")
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        assert ask(secure, context).status == 303
        wait_until("the end of a plane nobody needs", lambda: not child.alive, 30)
        assert child.finish(5) == 0
    finally:
        child.stop(10)


def test_without_sockets_it_says_so(plane: Plane) -> None:
    done = plane.run("manage", "--inherited")
    assert done.returncode == 64
    assert "expected sockets named http or https of systemd, got none" in done.stderr
