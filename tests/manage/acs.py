"""An auto-configuration server of the tests' own: strict in what it takes, and one that asks what a test wants asked.

Everything the phone says is checked against CWMP's schemas (tests/unit/manage/cwmp/rules.py); what is wrong is kept in
`wrong`, which a test asserts to be empty.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import urllib.error
import urllib.request
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.unit.manage.cwmp import server as messages
from tests.unit.manage.cwmp.rules import Said, check

USER, PASSWORD = "phones", "of the ACS"


class Acs(ThreadingHTTPServer):
    """Digest, one cookie a session, sessions strictly one message after the other. said: every message, by session."""

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.requests: deque[bytes] = deque()
        self.sessions: list[list[Said]] = []
        self.wrong: list[str] = []
        self.cookie = self.nonce = ""
        self.files: dict[str, bytes] = {}
        self.put: dict[str, bytes] = {}
        self.open = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def informs(self) -> list[Said]:
        """The Inform of every session."""
        return [session[0] for session in self.sessions]

    def events(self) -> list[str]:
        return [code for inform in self.informs for code, _ in inform.events]

    def all(self, name: str) -> list[Said]:
        """Every message of a name."""
        return [each for session in self.sessions for each in session if each.name == name]

    def serve(self) -> threading.Thread:
        """In a thread of its own; `shutdown` ends it."""
        thread = threading.Thread(target=self.serve_forever, args=(0.05,))
        thread.start()
        return thread


class _Handler(BaseHTTPRequestHandler):
    server: Acs
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            self._session(body)
        except AssertionError as error:
            self.server.wrong.append(f"{error}: {body[:2000]!r}")
            self._answer(400)

    def _session(self, body: bytes) -> None:
        acs = self.server
        if not self._logged_in("POST"):
            return
        if not body:
            assert self.headers["SOAPAction"] is None and acs.open
        else:
            assert self.headers["SOAPAction"] == "" and self.headers["Content-Type"] == 'text/xml; charset="utf-8"'
            said = check(body)
            if said.name == "Inform":
                assert self.headers["Cookie"] is None, "a cookie of another session"
                acs.cookie, acs.open = f"session={secrets.token_hex(4)}", True
                acs.sessions.append([said])
                self._answer(200, messages.inform_response(said.id), ("Set-Cookie", f"{acs.cookie}; Path=/"))
                return
            acs.sessions[-1].append(said)
            assert acs.open and acs.cookie == self.headers["Cookie"]
            if said.name == "TransferComplete":
                self._answer(200, messages.transfer_response(said.id))
                return
        assert acs.cookie == self.headers["Cookie"]
        if acs.requests:
            self._answer(200, acs.requests.popleft())
        else:
            acs.open = False
            self._answer(204)

    def _logged_in(self, method: str) -> bool:
        """RFC 2617, by hand."""
        given = urllib.request.parse_keqv_list(
            urllib.request.parse_http_list((self.headers["Authorization"] or "Digest ").removeprefix("Digest "))
        )
        first = _md5(f"{USER}:acs:{PASSWORD}")
        second = _md5(f"{method}:{self.path}")
        middle = f"{given.get('nonce')}:{given.get('nc')}:{given.get('cnonce')}:{given.get('qop')}"
        if given.get("nonce") == self.server.nonce and given.get("response") == _md5(f"{first}:{middle}:{second}"):
            return True
        self.server.nonce = secrets.token_hex(8)
        challenge = f'Digest realm="acs", nonce="{self.server.nonce}", qop="auth", algorithm=MD5'
        self._answer(401, b"", ("WWW-Authenticate", challenge))
        return False

    def do_GET(self) -> None:
        found = self.server.files.get(self.path)
        self._answer(404 if found is None else 200, found or b"")

    def do_PUT(self) -> None:
        self.server.put[self.path] = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(201)

    def _answer(self, status: int, body: bytes = b"", *heads: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in heads:
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: object) -> None:
        pass


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def knock(url: str, user: str, password: str) -> int:
    """A connection request, with urllib's digest; the status."""
    manager = urllib.request.HTTPPasswordMgrWithDefaultRealm()
    manager.add_password(None, url, user, password)
    opener = urllib.request.build_opener(urllib.request.HTTPDigestAuthHandler(manager))
    try:
        return int(opener.open(url, timeout=10).status)
    except urllib.error.HTTPError as error:
        return error.code
    except ValueError:  # urllib gives up after five refusals
        return 401
