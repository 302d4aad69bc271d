"""A marked secret in every setting that has one, in the file and by the administrator, and used: none comes out again,
in no form, by whatever tells of the phone."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import tarfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote

import pytest

from deskphone.config.kind import SecretText
from deskphone.config.places import Url
from deskphone.config.settings import Settings
from deskphone.manage.cwmp.table import VENDOR
from deskphone.manage.web.sections import SECTIONS
from tests.manage import acs
from tests.manage.desk import Managed
from tests.manage.plane import Plane
from tests.manage.served import served
from tests.peers.child import wait_until
from tests.stories.configuration import configuration
from tests.unit.manage.cwmp import server as messages

pytestmark = [pytest.mark.sip, pytest.mark.slow]
LINE, REALM = "voip/line/0/auth_password", "files of the owner"  # the line's own is the centre's
PAGES = "deskphone/web/admin_password"
SECRETS = sorted(name for name, slot in Settings.slots().items() if isinstance(slot.option.kind, SecretText))
URLS = sorted(name for name, slot in Settings.slots().items() if isinstance(slot.option.kind, Url))


def marked(name: str, place: str) -> str:
    """A secret that is found by its head and by its tail, with what each encoding writes otherwise between them."""
    number = (SECRETS + URLS).index(name)
    return f"Mk{number:02}{place}aZ+/%&<>'\u00e9\\-Za{place}{number:02}kM"


def in_url(name: str, place: str) -> str:
    return quote(marked(name, place), safe="")


def forms(secret: str) -> set[str]:
    """What gives a secret away, in any text that has it."""
    found = {secret[:7], secret[-7:]}
    for codec in ("utf-8", "latin-1"):
        raw = secret.encode(codec)
        for before in range(3):  # Base64 has three looks, by what stands before
            coded = base64.b64encode(b"x" * before + raw).decode()
            found |= {coded[4:14], coded[4:14].replace("+", "-").replace("/", "_")}
        found |= {raw[:7].hex(), raw[-7:].hex(), raw.hex().upper()}
        found |= {hash(raw).hexdigest() for hash in (hashlib.md5, hashlib.sha1, hashlib.sha256)}
        found |= {hashlib.md5(f"phones:{REALM}:".encode() + raw).hexdigest()}
    return found


class Files(ThreadingHTTPServer):
    """Of the owner: has the configuration, for who proves a login by Digest, and takes what is posted."""

    def __init__(self) -> None:
        self.configuration = b""
        self.proofs: list[str] = []
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Files

    def do_GET(self) -> None:
        proof = self.headers.get("Authorization", "")
        self.server.proofs.append(proof)
        body = self.server.configuration if proof and self.path == "/phone.cfg" else b""
        self.send_response(200 if body else 404 if proof else 401)
        if not proof:
            self.send_header("WWW-Authenticate", f'Digest realm="{REALM}", nonce="abc", qop="auth", algorithm=MD5')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *words: object) -> None:
        pass


@pytest.fixture
def files() -> Iterator[Files]:
    with served(Files()) as server:
        yield server


def texts_of(bundle: bytes) -> Iterator[tuple[str, str]]:
    with tarfile.open(fileobj=io.BytesIO(bundle)) as archive:
        for each in archive.getmembers():
            file = archive.extractfile(each)
            assert file is not None
            yield f"bundle: {each.name}", file.read().decode("utf-8", "replace")


def settings_of(place: str, files: Files) -> dict[str, str]:
    """Every secret, and every URL with one in it."""
    schemes = {name: Settings.slots()[name].option.kind.schemes for name in URLS}  # type: ignore[attr-defined]
    plain = {name: "http" if "http" in each else each[0] for name, each in schemes.items()}
    return {name: marked(name, place) for name in SECRETS if name != LINE} | {
        name: f"{plain[name]}://u:{in_url(name, place)}@{files.place}/{number}" for number, name in enumerate(URLS)
    }


def test_no_secret_comes_out_again(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acs, "PASSWORD", marked("management/tr069/password", "a"))
    asking = acs.Acs()
    thread = asking.serve()
    users = ("provisioning/configuration/http_auth/user_name", "ems_server/user_name", "management/tr069/user_name")
    rows = {**settings_of("f", files), **dict.fromkeys(users, "phones"), "system/web_user_name": "few"}
    del rows[PAGES]
    try:
        with Managed() as bench:
            assert isinstance(bench, Managed)
            port = str(bench.server.port)
            rows |= {"voip/signalling/sip/proxy_port": port}
            files.configuration = configuration(**{name.replace("/", "__"): text for name, text in rows.items()})
            login = quote(marked(PAGES, "f"), safe="")
            bench.patience = 90.0
            bench.start("--config", f"http://phones:{login}@{files.place}/phone.cfg")
            plane = Plane(bench.folder)
            plane.phone = bench
            wait_until("the registration", bench.registered, 60)
            try:
                look(plane, asking, files)
            finally:
                for child in plane.children:
                    child.stop(10)
    finally:
        asking.shutdown()
        thread.join()
        asking.server_close()


def look(plane: Plane, asking: acs.Acs, files: Files) -> None:
    """Set other secrets over the file's, have them used, and read all there is to read."""
    lines = []
    for name, text in settings_of("a", files).items():
        lines += [f"set {name} -", text] if name in SECRETS else [f"set {name} '{text}'"]
    lines += [f"set management/tr069/acs_url {asking.url}", "set management/tr069/enabled 1",
              "set system/action_url/hosts 127.0.0.1"]  # fmt: skip
    done = plane.cli(given="".join(f"{line}\n" for line in lines))
    assert done.returncode == 0, done.stderr
    asking.requests.append(messages.get(VENDOR))
    web = plane.manage("--http", "127.0.0.1:0", "--data", str(plane.folder / "kept"))
    wait_until("the log-in", lambda: web.log_in(word=marked(PAGES, "a")).status == 303, 60)
    assert any("Digest" in each for each in files.proofs)
    said = {"cli": done.stdout + done.stderr, **dict(texts_of(web.ask_bytes("GET", "/api/v1/support")))}
    for path in ("settings", "configuration", "status", "state", "trace", "log", "openapi.json"):
        said[path] = web.ask("GET", f"/api/v1/{path}").text
    for path in ("420HD.cfg", "metrics", "status", "diagnostics", *(f"settings/{each.slug}" for each in SECTIONS)):
        said[path] = web.ask("GET", f"/{path}").text
    for name in SECRETS + URLS:
        said[f"GET {name}"] = web.ask("GET", f"/api/v1/settings/{name}").text
    batch = "show\nshow --json\nstatus --json\nlog 500\n"
    said["show, status, log"] = plane.cli(given=batch).stdout
    wait_until("all parameters at the ACS", lambda: asking.all("GetParameterValuesResponse"), 60)
    said["ACS"] = str([each.values for each in asking.all("GetParameterValuesResponse")])
    assert VENDOR in said["ACS"]
    said["journal"], said["manage"] = plane.phone.journal(), web.child.said()
    wanted = {form: name for name in SECRETS + URLS for place in "fa" for form in forms(marked(name, place))}
    pattern = re.compile("|".join(map(re.escape, wanted)))
    assert pattern.search(files.configuration.decode()), "what looks for them finds them"
    found = {
        (where, wanted[match[0]], text[max(0, match.start() - 60) : match.end() + 20])
        for where, text in said.items()
        for match in pattern.finditer(text)
    }
    assert sorted(found) == []
