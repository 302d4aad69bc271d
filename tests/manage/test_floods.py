"""Crowds at the web pages: bounded in number and memory, and no news for the phone."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import subprocess
import sys
import time

import pytest

from deskphone.manage.web.door import MOST_OF_ONE
from deskphone.manage.web.stream import MOST
from tests.manage.plane import Plane, Web
from tests.manage.talk import kilobytes
from tests.peers.child import wait_until

pytestmark = pytest.mark.sip
MEMORY = 96  # MB: MemoryMax of the unit
FUZZED = 600  # requests; also kB that so many may leave: where freed heap was kept it was twice that
KEPT = 10_000  # kB that the first crowd may leave: what is imported and built only once asked for, and no hash's 16 MB


def place(web: Web) -> tuple[str, int]:
    host, port = web.url.removeprefix("http://").split(":")
    return host, int(port)


def megabytes(web: Web) -> int:
    """What the management plane takes of memory at most, so far."""
    return kilobytes(web.child.process.pid, "VmHWM") // 1024


def resident(web: Web) -> int:
    """kB that it takes now."""
    return kilobytes(web.child.process.pid, "VmRSS")


def test_two_hundred_connections_leave_the_phone_alone_and_go(plane: Plane, inside: Web) -> None:
    with contextlib.ExitStack() as held:
        guests = [held.enter_context(socket.create_connection(place(inside), timeout=30)) for _ in range(200)]
        for guest in guests:
            with contextlib.suppress(OSError):
                guest.sendall(b"GET /login HTTP/1.1\r\nHost: localhost\r\n")
        before = time.monotonic()
        assert plane.cli("status").returncode == 0 and plane.phone.state()["title"]
        assert time.monotonic() - before < 30, "the control socket is not the guests'"
        gone = sum(_is_cut(guest) for guest in guests)
        assert gone >= 200 - MOST_OF_ONE
    assert wait_until("a place", lambda: inside.ask("GET", "/login").status == 200, 60)
    assert megabytes(inside) < MEMORY


def _is_cut(guest: socket.socket) -> bool:
    guest.settimeout(0.05)
    try:
        return guest.recv(1) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


def test_a_hundred_megabytes_are_refused_and_not_kept(plane: Plane, inside: Web) -> None:
    token = plane.cli("token", "new").stdout.strip()
    head = (
        f"PUT /api/v1/configuration HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
        "Content-Type: text/plain\r\nContent-Length: 104857600\r\n\r\n"
    ).encode()
    piece = b"x" * 65536
    with socket.create_connection(place(inside), timeout=30) as guest:
        guest.sendall(head)
        for _ in range(104_857_600 // len(piece)):
            guest.sendall(piece)
        assert guest.recv(12) == b"HTTP/1.1 413"
    assert inside.ask("GET", "/api/v1/state", Authorization=f"Bearer {token}").status == 200
    assert megabytes(inside) < MEMORY and plane.phone.illegal() == 0


TINY = b"GET /login HTTP/1.1\r\nHost: localhost\r\n\r\n"
OTHERWISE = (
    b"POST /login HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\nUpgrade: websocket\r\nContent-Length: 9\r\n\r\n"
)


@pytest.mark.parametrize(("first", "more"), [(TINY, TINY), (OTHERWISE, b"x" * 44)], ids=["requests", "web socket"])
def test_who_sends_ahead_of_the_answers_is_cut_off_before_it_is_kept(web: Web, first: bytes, more: bytes) -> None:
    """Megabytes that nobody reads: aiohttp before 3.14 kept them all (386 MB, with no password)."""
    before = len(web.child.said())
    for _ in range(10):
        with socket.create_connection(place(web), timeout=30) as guest, pytest.raises(ConnectionError):
            guest.sendall(first)
            for _ in range(200):
                guest.sendall(more * 1000)
    assert Web(web.child, web.urls).ask("GET", "/login").status == 200
    assert megabytes(web) < MEMORY and web.child.said()[before:] == ""


def test_what_guests_took_of_memory_is_given_back(plane: Plane, web: Web) -> None:
    """A log-in takes 16 MB while its hash is made, a fuzzed request what it likes; neither is there afterwards."""
    token = plane.cli("token", "new").stdout.strip()
    idle = resident(web)
    fuzz(web, token, "1")
    wait_until("a heap as it was", lambda: resident(web) - idle < KEPT, 60)
    first = resident(web)
    fuzz(web, token, "2")
    wait_until("a crowd that leaves nothing", lambda: resident(web) - first < FUZZED, 60)


def fuzz(web: Web, token: str, seed: str) -> None:
    """So many requests that were honest once, to their end."""
    place = web.url.removeprefix("http://")
    command = [sys.executable, "-m", "tests.manage.flood", place, "fuzz", str(FUZZED), "--token", token, "--seed", seed]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=180)
    assert json.loads(done.stdout).keys() >= {"200", "400", "401"}, done.stdout


def test_listeners_are_bounded_and_their_places_are_free_again(plane: Plane, inside: Web) -> None:
    token = plane.cli("token", "new").stdout.strip()
    listening = []
    for _ in range(MOST + 1):
        connection = http.client.HTTPConnection(*place(inside), timeout=30)
        connection.request("GET", "/api/v1/events", headers={"Authorization": f"Bearer {token}"})
        listening.append((connection, connection.getresponse()))
    assert [answer.status for _, answer in listening] == [200] * MOST + [503]
    for connection, answer in listening:
        answer.close()
        connection.close()

    def place_is_free() -> bool:
        connection = http.client.HTTPConnection(*place(inside), timeout=30)
        connection.request("GET", "/api/v1/events", headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        answer.close()
        connection.close()
        return answer.status == 200

    assert wait_until("a place", place_is_free, 60)
