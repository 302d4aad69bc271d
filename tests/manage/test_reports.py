"""Webhooks and the status report, from a phone that runs to a server that takes them; pages or no pages."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.manage.plane import Plane
from tests.manage.served import served
from tests.peers.child import wait_until

pytestmark = pytest.mark.sip
SECRET, PASSWORD, WORD = "of the hooks", "of the report", "of-the-url"
DND = "voip/line/0/do_not_disturb/activated"


class Taken(ThreadingHTTPServer):
    """A server of the owner's: takes every POST and keeps it, by path."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        super().__init__(("127.0.0.1", 0), _Handler)

    def told(self, path: str) -> list[Any]:
        return [json.loads(body) for where, _, body in self.got if where == path]


class _Handler(BaseHTTPRequestHandler):
    server: Taken

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, dict(self.headers), body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *words: object) -> None:
        pass


@pytest.fixture
def owner() -> Iterator[Taken]:
    """The owner's server, while a test runs."""
    with served(Taken()) as server:
        yield server


def test_what_happens_is_posted_and_the_phone_reports_with_and_without_its_pages(plane: Plane, owner: Taken) -> None:
    there = f"http://127.0.0.1:{owner.server_address[1]}"
    for name, value in (
        ("deskphone/hooks/url", f"{there.replace('//', f'//crm:{WORD}@')}/hook"),
        ("system/action_url/hosts", "127.0.0.1"),
        ("ems_server/provisioning/url", f"{there}/report"), ("ems_server/user_name", "phones"),
    ):  # fmt: skip
        assert plane.cli("set", name, value).returncode == 0
    for name, word in (("deskphone/hooks/secret", SECRET), ("ems_server/user_password", PASSWORD)):
        assert plane.cli("set", name, "-", given=f"{word}\n").returncode == 0
    web = plane.manage("--http", "127.0.0.1:0", log="reports")
    report = wait_until("the status report", lambda: owner.told("/report"), 30)[0]
    assert report["model"] == "420HD" and report["status"] == "started" and report["failedParts"] == []
    login = next(head["Authorization"] for path, head, _ in owner.got if path == "/report")
    assert base64.b64decode(login.removeprefix("Basic ")).decode() == f"phones:{PASSWORD}"

    def told(event: str) -> Any:
        return next((each for each in owner.told("/hook") if each["type"] == event), None)

    assert plane.cli("set", DND, "1").returncode == 0
    data = wait_until("the webhook", lambda: told("dnd.on"), 30)["data"]
    assert data["event"] == "dnd.on" and data["phone"]["model"] == "420HD"
    head, body = next((head, body) for path, head, body in owner.got if path == "/hook")
    text = f"{head['webhook-id']}.{head['webhook-timestamp']}.".encode() + body
    good = base64.b64encode(hmac.new(SECRET.encode(), text, hashlib.sha256).digest()).decode()
    assert head["webhook-signature"] == f"v1,{good}"
    assert base64.b64decode(head["Authorization"].removeprefix("Basic ")).decode() == f"crm:{WORD}"

    assert plane.cli("set", "system/web/enabled", "0").returncode == 0
    host, port = web.url.removeprefix("http://").split(":")
    wait_until("nothing to listen", lambda: _refuses(host, int(port)), 30)
    assert plane.cli("reset", DND).returncode == 0
    wait_until("the webhook without pages", lambda: told("dnd.off"), 30)
    assert web.child.alive
    for name in ("deskphone/hooks/url", "ems_server/provisioning/url"):
        assert plane.cli("reset", name).returncode == 0
    wait_until("the end of what has nothing to do", lambda: not web.child.alive, 30)
    told_to_people = web.child.said() + plane.phone.journal()
    assert not [each for each in (SECRET, PASSWORD, WORD) if each in told_to_people]


def _refuses(host: str, port: int) -> bool:
    with socket.socket() as guest:
        return guest.connect_ex((host, port)) != 0
