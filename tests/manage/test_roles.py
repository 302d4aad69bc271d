"""Every address of the management plane, with every method, as nobody, as the user, as the administrator without his
session's token, as a program: who gets what. And what is no honest request gets no answer that helps."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator

import pytest

from deskphone.manage.client import AsyncPhone
from deskphone.manage.feed import Feed
from deskphone.manage.web.server import OPEN, Server
from tests.manage.plane import PASSWORD, Form, Plane, Web
from tests.peers.child import wait_until

pytestmark = pytest.mark.sip
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE")
USERS = {"/", "/status", "/status/now", "/form.js", "/logout", "/settings/tones"}  # with tones in the list
STREAM = "/api/v1/events"
FILLED = {"{section}": "line", "{name}": "deskphone/volume/ring", "{call}": "in-1", "{verb}": "hang_up"}


def addresses() -> list[str]:
    """Every path that is served, its parts filled in."""
    phone = AsyncPhone("/nowhere", "test")
    server = Server(phone, phone, Feed(phone), lambda: 0.0)
    paths = {str(getattr(each, "canonical", "")) for each in server.app.router.resources()}
    found = {re.sub(r"\{[^}]+\}", lambda part: FILLED[part[0]], path) for path in paths}
    return sorted(found | {"/settings/tones", "/nothing", "/api/v1/nothing"})


@pytest.fixture(scope="module")
def user(plane: Plane, web: Web) -> Iterator[Web]:
    """The user with few rights, who may open Tones."""
    assert plane.cli("set", "system/web_user_password", "-", given="agents word\n").returncode == 0
    assert plane.cli("set", "system/web_user_access_list", "tones.htm").returncode == 0
    guest = Web(web.child, web.urls)
    wait_until("the log-in", lambda: guest.log_in("user", "agents word").status == 303, 60)
    yield guest
    for name in ("system/web_user_password", "system/web_user_access_list"):
        assert plane.cli("reset", name).returncode == 0


def test_nobody_gets_nothing_whatever_the_method(web: Web) -> None:
    nobody = Web(web.child, web.urls)
    for path in addresses():
        for method in METHODS:
            if path in OPEN:
                continue
            answer = nobody.ask(method, path)
            person = method == "GET" and not path.startswith(("/api/", "/metrics"))
            assert answer.status == (303 if person else 401), (method, path)
            assert not person or answer.headers["Location"] == "/login"


def test_the_user_gets_the_status_and_his_page_and_not_by_another_method(user: Web) -> None:
    for path in addresses():
        for method in METHODS:
            if path in OPEN:
                continue
            status = user.ask(method, path).status
            if path not in USERS:
                assert status == 403, (method, path, status)
            elif method in ("GET", "HEAD"):
                assert status in (200, 303, 405), (method, path, status)
            else:
                assert status in (403, 405, 415), (method, path, status)


def test_no_form_of_another_session_and_none_without_a_token_does_anything(inside: Web, user: Web) -> None:
    """CSRF on every POST of a page: without a token, with that of another session, with that of another role."""
    theirs = re.search(r'name="csrf" value="([^"]+)"', user.ask("GET", "/settings/tones").text)
    assert theirs
    posts = [path for path in addresses() if not path.startswith("/api/") and path not in OPEN]
    before = inside.ask("GET", "/api/v1/settings").json()
    for path in posts:
        for token in ({}, {"csrf": ""}, {"csrf": theirs[1]}):
            form = Form({**token, "order": "defaults", "sure": "1", "seconds": "5", "deskphone/volume/ring": "1"})
            assert inside.ask("POST", path, form).status in (400, 403, 404, 405, 413, 415, 422), path
            assert inside.ask("GET", path.replace("/logout", "/status")).status != 401, "nobody is logged out"
    assert inside.ask("GET", "/api/v1/settings").json() == before


def test_a_program_opens_what_is_for_programs_and_no_page_of_forms(plane: Plane, web: Web) -> None:
    token = plane.cli("token", "new").stdout.strip()
    program = Web(web.child, web.urls)
    for path in (each for each in addresses() if not each.startswith(("/api/", "/metrics")) and each not in OPEN):
        answer = program.ask("POST", path, Form(order="restart now", sure="1"), Authorization=f"Bearer {token}")
        assert answer.status in (403, 404, 405, 415), (path, answer.status)
    assert plane.cli("status").returncode == 0
    assert plane.cli("token", "remove").returncode == 0


def test_a_cookie_given_beforehand_is_not_made_a_session(web: Web) -> None:
    """Session fixation: the log-in draws another cookie, and the one that was brought opens nothing."""
    guest = Web(web.child, web.urls)
    brought = "a" * 43

    def logged_in() -> str:
        answer = guest.ask("POST", "/login", Form(user="admin", password=PASSWORD), Cookie=f"session={brought}")
        return answer.headers.get("Set-Cookie", "")

    cookie = wait_until("the log-in", logged_in, 60)
    assert brought not in cookie
    assert guest.ask("GET", "/api/v1/state", Cookie=f"session={brought}").status == 401
    first = re.search(r"session=([^;]+)", cookie)
    again = re.search(r"session=([^;]+)", logged_in())
    assert first and again and first[1] != again[1], "each log-in has its own"


@pytest.mark.parametrize("path", [
    "/../../etc/passwd", "/style.css/../../../command.py", "/%2e%2e/%2e%2e/etc/passwd", "/settings/..%2f..%2fetc",
    "/settings/%2e%2e%2fline", "//etc/passwd", "/api/v1/settings/../../../etc/passwd", "/api/v1/capture/..%2fpackets",
    "/api/v1/settings/%00", "/420HD.cfg%00.html", "/settings/line%0d%0aX-Injected:%20y",
])  # fmt: skip
def test_no_path_leads_out_and_none_writes_a_header(inside: Web, path: str) -> None:
    answer = inside.ask("GET", path)
    assert answer.status in (400, 403, 404), path
    assert "root:" not in answer.text and "X-Injected" not in answer.headers


LOCAL = b"Host: localhost\r\n"
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
POST = b"POST /login HTTP/1.1\r\n" + LOCAL
AGAIN = b"0\r\n\r\nGET /style.css HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.mark.parametrize("request_", [
    POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n" + AGAIN,
    POST + b"Content-Length: 5\r\nContent-Length: 0\r\n\r\n" + AGAIN,
    POST + b"Transfer-Encoding: xchunked\r\n\r\n" + AGAIN,
    POST + b"Transfer-Encoding : chunked\r\n\r\n" + AGAIN,
    POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n" + AGAIN,
    POST + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n" + AGAIN,
    POST + b"Content-Length: +5\r\n\r\n" + AGAIN,
    b"GET /login HTTP/1.1\r\n" + LOCAL + b"Host: evil.example\r\n\r\n",
    b"GET /login HTTP/1.1\r\n" + LOCAL + b"Cookie: session=" + b"x" * 9000 + b"\r\n\r\n",
    b"GET /login HTTP/1.1\r\n" + LOCAL + b"X: y\r\n" * 5000 + b"\r\n",
    b"GET /login HTTP/1.1\n" + b"Host: localhost\n\n",
], ids=["CL.TE", "CL.CL", "TE.x", "TE blank", "TE.TE", "chunk -1", "CL +", "two hosts", "cookie", "headers",
        "LF"])  # fmt: skip
def test_what_two_servers_could_read_in_two_ways_is_refused_and_ends_the_connection(web: Web, request_: bytes) -> None:
    told = raw(web, request_)
    assert told.startswith(b"HTTP/1.0 400") and told.count(b"HTTP/1.") == 1, "and nothing behind it is read"
    assert b"Server: deskphone\r\n" in told and b"Content-Security-Policy" in told
    assert told.split(b"\r\n\r\n", 1)[1] == b'{"error": "this is no request"}', "what was sent is not told again"


@pytest.mark.parametrize(("kind", "body", "status"), [
    (b"application/x-www-form-urlencoded; charset=nonsense", b"user=a", 400),
    (b"application/x-www-form-urlencoded", b"user=%ff&\xff\xfe=", 400),
    (b"multipart/form-data", b"nonsense", 400), (b"multipart/form-data; boundary=x", b"nonsense", 400),
    (b"multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=user\r\n"
     b"Content-Transfer-Encoding: nonsense\r\n\r\nabc\r\n--x--\r\n", 400),
    (b"application/json", b"{}", 415),
    (b"application/x-www-form-urlencoded\r\nContent-Encoding: gzip", b"nonsense", 415),
])  # fmt: skip
def test_what_is_no_form_is_said_to_be_none_and_fills_no_journal(
    web: Web, kind: bytes, body: bytes, status: int
) -> None:
    before = len(web.child.said())
    head = b"Content-Type: %b\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % (kind, len(body))
    assert raw(web, POST + head + body).startswith(b"HTTP/1.1 %d" % status)
    assert web.child.said()[before:] == ""


def test_neither_half_a_request_nor_a_token_that_is_no_text_fills_the_journal(web: Web) -> None:
    before, place = len(web.child.said()), web.url.removeprefix("http://").split(":")
    for head in (POST + FORM, b"PUT /api/v1/configuration HTTP/1.1\r\n" + LOCAL + b"Content-Type: text/plain\r\n"):
        with socket.create_connection((place[0], int(place[1])), timeout=30) as guest:
            guest.sendall(head + b"Expect: 100-continue\r\nContent-Length: 99\r\n\r\n")
            guest.recv(12)
            guest.sendall(b"half")
    assert Web(web.child, web.urls).ask("GET", "/login").status == 200
    odd = b"Authorization: Bearer \xff\xfe\r\nConnection: close\r\n\r\n"
    told = raw(web, b"GET /api/v1/state HTTP/1.1\r\n" + LOCAL + odd)
    assert told.startswith(b"HTTP/1.1 401"), "a token that is no text is a wrong one"
    for path in (b"/login", b"/api/v1/state", b"/nothing"):
        told = raw(web, b"GET " + path + b" HTTP/1.1\r\n" + LOCAL + b"Expect: \xdd\xfe\r\n\r\n")
        assert told.startswith(b"HTTP/1.1 400") and b"this is no request" in told
    assert web.child.said()[before:] == ""


def raw(web: Web, request: bytes) -> bytes:
    """What comes back until the other end closes."""
    host, port = web.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as guest:
        guest.sendall(request)
        told = b""
        try:
            while piece := guest.recv(65536):
                told += piece
        except ConnectionResetError:
            pass  # it ended with bytes of ours unread
        return told


def test_a_refused_log_in_is_told_without_what_was_typed(web: Web) -> None:
    guest = Web(web.child, web.urls)
    answer = guest.ask("POST", "/login", Form(user="<b>nobody", password="a secret of somebody"))
    assert answer.status in (401, 429)
    assert "a secret of somebody" not in answer.text + web.child.said() and "<b>nobody" not in answer.text
