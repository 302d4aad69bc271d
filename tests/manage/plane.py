"""A phone that listens at a control socket, and the commands that manage it, as processes of their own."""

from __future__ import annotations

import http.client
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.peers.child import Child, wait_until
from tests.stories.phone_process import PhoneProcess

PASSWORD = "correct horse"


class Plane:
    """One phone with its socket in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = folder / "control"
        self.phone = PhoneProcess(folder)
        self.children: list[Child] = []

    def start(self, *arguments: str) -> None:
        """Start the phone and wait until it can be asked."""
        self.phone.start("--control", str(self.socket), *arguments)
        wait_until("the control socket", self.socket.exists)

    def cli(self, *words: str, given: str = "", user: int | None = None) -> subprocess.CompletedProcess[str]:
        """`deskphone cli` with these words; given: standard input."""
        command = [sys.executable, "-m", "deskphone", "cli", "--control", str(self.socket), *words]
        return subprocess.run(
            command, input=given, capture_output=True, text=True, timeout=60, check=False, user=user, cwd="/"
        )

    @contextmanager
    def setting(self, name: str, value: str) -> Iterator[None]:
        """A setting of the administrator's, for as long as the block lasts."""
        assert self.cli("set", name, value).returncode == 0
        try:
            yield
        finally:
            assert self.cli("reset", name).returncode == 0

    def run(self, command: str, *words: str) -> subprocess.CompletedProcess[str]:
        """A command of the program at this phone, to its end."""
        whole = [sys.executable, "-m", "deskphone", command, "--control", str(self.socket), *words]
        return subprocess.run(whole, capture_output=True, text=True, timeout=60, check=False, cwd="/")

    def manage(self, *arguments: str, log: str = "manage") -> Web:
        """`deskphone manage` at this phone, on a free port of loopback; waits until it listens."""
        command = [sys.executable, "-m", "deskphone", "manage", "--control", str(self.socket), *arguments]
        child = Child(command, self.folder / log)
        self.children.append(child)

        def there() -> list[str]:
            found = re.findall(r"^web: (\S+)/$", child.said(), re.M)
            assert child.alive or found, f"manage did not start:\n{child.said()}"
            wanted = sum(each in ("--http", "--https") for each in arguments)
            return found if len(found) == wanted else []

        return Web(child, wait_until("the web interface", there, 30))

    def end(self) -> None:
        """End everything."""
        for child in self.children:
            child.stop(10)
        self.phone.end()


@dataclass
class Web:
    """A running management plane and where it listens, HTTPS first."""

    child: Child
    urls: list[str]
    cookie: str = ""

    @property
    def url(self) -> str:
        return self.urls[-1]

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """A request with the cookie of `log_in`; body: bytes as they are, a dict as a form, else JSON."""
        name = self.url.removeprefix("http://")
        data, kind = None, ""
        if isinstance(body, bytes):
            data = body
        elif isinstance(body, Form):
            data, kind = urlencode(body).encode(), "application/x-www-form-urlencoded"
        elif body is not None:
            data, kind = json.dumps(body).encode(), "application/json"
        sent = {"Content-Type": kind} if kind else {}
        sent |= {"Cookie": f"session={self.cookie}"} if self.cookie else {}
        sent |= {key.replace("_", "-"): value for key, value in headers.items()}
        connection = http.client.HTTPConnection(name, timeout=30)
        try:
            connection.request(method, path, data, sent)
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), answer.read().decode("utf-8", "surrogateescape"))
        finally:
            connection.close()

    def ask_bytes(self, method: str, path: str) -> bytes:
        """A file, which is there."""
        answer = self.ask(method, path)
        assert answer.status == 200, answer.text
        return answer.text.encode("utf-8", "surrogateescape")

    def log_in(self, user: str = "admin", word: str = PASSWORD) -> Answer:
        """POST /login; the cookie is kept."""
        self.cookie = ""
        answer = self.ask("POST", "/login", Form(user=user, password=word))
        found = re.match(r"session=([^;]+);", answer.headers.get("Set-Cookie", ""))
        self.cookie = found.group(1) if found else ""
        return answer


class Form(dict[str, str]):
    """Fields of a form."""


@dataclass(frozen=True)
class Answer:
    """What the web interface said."""

    status: int
    headers: dict[str, str]
    text: str

    def json(self) -> Any:
        return json.loads(self.text)
