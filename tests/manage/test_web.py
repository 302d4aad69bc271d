"""`deskphone manage` at a phone that runs: who is let in, what is set, and what hostile guests get."""

from __future__ import annotations

import http.client
import os
import re
import socket
import ssl
import stat
import subprocess
import urllib.request

import pytest

from tests.manage.plane import PASSWORD, Form, Plane, Web
from tests.peers.child import wait_until

pytestmark = pytest.mark.sip
RING = "deskphone/volume/ring"
RING_PAGE = "/settings/voice"


def csrf(web: Web, page: str = RING_PAGE) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', web.ask("GET", page).text)
    assert found
    return found.group(1)


def stranger(web: Web) -> Web:
    return Web(web.child, web.urls)


# --- who is let in -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "path"), [
    ("GET", "/api/v1/state"), ("GET", "/metrics"), ("GET", f"/api/v1/settings/{RING}"), ("POST", "/api/v1/calls"),
    ("PUT", f"/api/v1/settings/{RING}"), ("DELETE", f"/api/v1/settings/{RING}"), ("GET", "/api/v1/nothing"),
    ("POST", "/settings/voice"), ("POST", "/logout"),
])  # fmt: skip
def test_without_a_session_nothing_is_told_or_done(web: Web, method: str, path: str) -> None:
    body = {"value": "1"} if method in ("PUT", "POST") else None
    for headers in ({}, {"Cookie": "session=x"}, {"Authorization": "Bearer x"}, {"Authorization": "Basic YTpi"}):
        assert stranger(web).ask(method, path, body, **headers).status == 401


def test_a_person_without_a_session_is_sent_to_the_log_in(web: Web) -> None:
    answer = stranger(web).ask("GET", "/settings/line")
    assert (answer.status, answer.headers["Location"]) == (303, "/login")


def test_no_password_no_entry_and_never_the_shipped_one(plane: Plane, web: Web) -> None:
    assert plane.cli("password", "remove").returncode == 0
    try:
        guest = stranger(web)
        assert "No password is set" in guest.ask("GET", "/login").text
        wait_until("the pauses of earlier tests to be over", lambda: guest.log_in("admin", "1234").status != 429, 60)
        assert guest.log_in("admin", "").status in (401, 429) and guest.cookie == ""
    finally:
        assert plane.cli("password", "set", given=f"{PASSWORD}\n").returncode == 0


def test_the_first_password_is_set_with_the_code_on_the_display_and_never_by_network_alone(
    plane: Plane, web: Web
) -> None:
    assert plane.cli("password", "remove").returncode == 0
    guest = stranger(web)

    def asked() -> bool:
        answer = guest.log_in("admin", "1234")
        return answer.status == 303 and answer.headers["Location"] == "/first" and guest.cookie == ""

    wait_until("the code to be asked for", asked, 60)
    rows = [row.strip() for row in plane.phone.state()["rows"]]
    code = next(row for row in rows if re.fullmatch(r"\d{4} \d{4}", row))
    wrong = Form(code="0000 0000", password=PASSWORD, again=PASSWORD)
    assert guest.ask("POST", "/first", wrong).status == 401 and guest.ask("GET", "/status").status == 303
    assert guest.ask("POST", "/first", Form(code=code, password="1234", again="1234")).status == 401
    assert guest.ask("POST", "/first", Form(code=code, password=PASSWORD, again="other")).status == 400
    done = guest.ask("POST", "/first", Form(code=code, password=PASSWORD, again=PASSWORD))
    assert done.status == 303 and done.headers["Location"] == "/status" and "session=" in done.headers["Set-Cookie"]
    assert plane.phone.state()["screen"] != "page_web_code", "the code goes with its use"
    assert guest.ask("POST", "/first", Form(code=code, password=PASSWORD, again=PASSWORD)).status in (401, 429)
    assert guest.ask("GET", "/first").headers["Location"] == "/login"
    wait_until("the new password to count", lambda: guest.log_in().status == 303, 60)


def test_the_user_with_few_rights_sees_the_status_and_what_the_list_names(plane: Plane, web: Web) -> None:
    assert plane.cli("set", "system/web_user_password", "-", given="agents word\n").returncode == 0
    assert plane.cli("set", "system/web_user_access_list", "tones.htm").returncode == 0
    try:
        guest = stranger(web)
        wait_until("the log-in", lambda: guest.log_in("user", "agents word").status == 303, 60)
        page = guest.ask("GET", "/status")
        assert page.status == 200 and "/settings/tones" in page.text and "/settings/line" not in page.text
        assert guest.ask("GET", "/settings/tones").status == 200
        for method, path in (
            ("GET", "/settings/line"), ("POST", "/settings/line"), ("GET", "/api/v1/state"), ("GET", "/metrics"),
            ("GET", "/settings/tones/../line"), ("PUT", f"/api/v1/settings/{RING}"), ("GET", "/api/v1/settings"),
        ):  # fmt: skip
            assert guest.ask(method, path).status == 403, path
        assert plane.cli("reset", "system/web_user_password").returncode == 0
        wait_until("the session to end with its password", lambda: guest.ask("GET", "/status").status == 303, 30)
        assert guest.log_in("user", "").status in (401, 429)
    finally:
        assert plane.cli("reset", "system/web_user_access_list").returncode == 0


def test_the_cookie_is_for_no_script_and_no_other_site_and_the_session_ends(web: Web) -> None:
    wait_until("the pauses of earlier tests to be over", lambda: web.log_in().status == 303, 60)
    cookie = web.log_in().headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie
    assert web.ask("POST", "/logout", Form(csrf=csrf(web))).status == 303
    assert web.ask("GET", "/api/v1/state").status == 401


def test_the_owners_token_opens_the_interface_for_programs(plane: Plane, web: Web) -> None:
    wait_until("the pauses of earlier tests to be over", lambda: web.log_in().status == 303, 60)
    token = plane.cli("token", "new").stdout.strip()
    answer = stranger(web).ask("GET", "/api/v1/state", Authorization=f"Bearer {token}")
    assert answer.status == 200 and answer.json()["agent"] == plane.phone.state()["agent"]
    assert stranger(web).ask("POST", RING_PAGE, Form(), Authorization=f"Bearer {token}").status == 403
    assert plane.cli("token", "remove").returncode == 0
    assert stranger(web).ask("GET", "/api/v1/state", Authorization=f"Bearer {token}").status == 401


# --- REST --------------------------------------------------------------------------------------------------


def test_the_state_is_the_panels(plane: Plane, inside: Web) -> None:
    told, panel = inside.ask("GET", "/api/v1/state").json(), plane.phone.state()
    assert {**told, "clock": ""} == {**{key: value for key, value in panel.items() if key != "bridge"}, "clock": ""}


@pytest.mark.parametrize("value", ["3", 3])
def test_a_setting_is_put_and_deleted(inside: Web, value: object) -> None:
    put = inside.ask("PUT", f"/api/v1/settings/{RING}", {"value": value})
    assert put.status == 200
    told = {"name": RING, "value": "3", "layer": "administrator", "restart": False, "waits": False, "warnings": []}
    assert put.json() == told
    got = inside.ask("GET", f"/api/v1/settings/{RING}").json()
    assert (got["value"], got["layer"]) == ("3", "administrator")
    assert inside.ask("GET", f"/api/v1/settings/{RING.replace('/', '%2F')}").json() == got
    assert inside.ask("DELETE", f"/api/v1/settings/{RING}").json()["layer"] == "factory"


@pytest.mark.parametrize(("body", "status", "words"), [
    ({"value": "99"}, 422, "0 to 10"), ({"value": None}, 422, "expected a text"), ({"value": []}, 422, "expected"),
    ({}, 422, "value"), ([], 400, "JSON object"), (b"{", 415, "Content-Type"),
    ({"value": "x" * 300_000}, 413, "larger"),
])  # fmt: skip
def test_what_does_not_fit_is_refused_with_its_reason(inside: Web, body: object, status: int, words: str) -> None:
    answer = inside.ask("PUT", f"/api/v1/settings/{RING}", body)
    assert answer.status == status and words in answer.json()["error"]
    assert inside.ask("GET", f"/api/v1/settings/{RING}").json()["value"] == "6"


def test_a_name_nobody_knows_is_404_and_a_secret_is_masked(inside: Web) -> None:
    assert inside.ask("GET", "/api/v1/settings/no/such").status == 404
    secret = "/api/v1/settings/voip/line/0/auth_password"
    assert inside.ask("PUT", secret, {"value": "of the line"}).json()["value"] == "***"
    assert inside.ask("PUT", secret, {"value": "***"}).status == 422
    assert "of the line" not in inside.ask("GET", "/api/v1/settings").text + inside.ask("GET", "/settings/line").text
    assert inside.ask("DELETE", secret).status == 200


def test_a_call_that_cannot_be_is_409_and_no_number_is_422(inside: Web) -> None:
    answer = inside.ask("POST", "/api/v1/calls", {"number": "9196"})
    assert answer.status == 409 and "not registered" in answer.json()["error"]
    assert inside.ask("POST", "/api/v1/calls", {"number": "1\r\nX: y"}).status == 422
    assert inside.ask("POST", "/api/v1/calls", {}).status == 422
    assert inside.ask("DELETE", "/api/v1/calls/in-9").status == 404


def test_metrics_are_prometheus_text(inside: Web) -> None:
    answer = inside.ask("GET", "/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert 'deskphone_calls{direction="in"} 0\n' in answer.text
    names = {line.split("{")[0].split()[0] for line in answer.text.splitlines() if not line.startswith("#")}
    assert {"deskphone_answer_seconds_total", "deskphone_voice_jitter_seconds", "deskphone_under_voltage",
            "deskphone_temperature_celsius", "process_cpu_seconds_total"} <= names  # fmt: skip


def test_what_does_not_fit_together_is_refused_by_whatever_way_it_comes(plane: Plane, inside: Web) -> None:
    name = "/api/v1/settings/system/http_server_port"
    done = inside.ask("PUT", name, {"value": "443"})
    assert done.status == 422 and "0 or 80 or 1024 to 65535" in done.json()["error"]
    assert inside.ask("PUT", "/api/v1/settings/system/https_server_port", {"value": 8443}).status == 200
    done = inside.ask("PUT", name, {"value": 8443})
    assert done.status == 422 and "two ports" in done.json()["error"]
    assert "two ports" in plane.cli("set", "system/http_server_port", "8443").stderr
    assert inside.ask("DELETE", "/api/v1/settings/system/https_server_port").status == 200


# --- forms -------------------------------------------------------------------------------------------------


def test_a_form_sets_what_was_changed_and_the_layer_shows(inside: Web) -> None:
    done = inside.ask("POST", RING_PAGE, Form({"csrf": csrf(inside), RING: "4"}))
    assert done.status == 200 and "1 value is set" in done.text and "layer administrator" in done.text
    assert inside.ask("GET", f"/api/v1/settings/{RING}").json()["value"] == "4"
    assert inside.ask("POST", RING_PAGE, Form(csrf=csrf(inside), reset=RING)).status == 303
    assert inside.ask("GET", f"/api/v1/settings/{RING}").json()["layer"] == "factory"


def test_a_value_that_does_not_fit_stands_beside_its_field_and_nothing_is_set(inside: Web) -> None:
    other = "deskphone/volume/handset"
    done = inside.ask("POST", RING_PAGE, Form({"csrf": csrf(inside), RING: '"><script>', other: "3"}))
    assert done.status == 422 and '"><script' not in done.text
    field = done.text[done.text.index(f'name="{RING}"') :]
    assert 'aria-invalid="true"' in field[:400] and "expected 0 to 10" in field[:900]
    assert inside.ask("GET", f"/api/v1/settings/{other}").json()["layer"] == "factory"


@pytest.mark.parametrize("token", ["", "x", "ü" * 20])
def test_a_form_without_its_sessions_token_changes_nothing(inside: Web, token: str) -> None:
    assert inside.ask("POST", RING_PAGE, Form({"csrf": token, RING: "1"})).status == 403
    assert inside.ask("GET", f"/api/v1/settings/{RING}").json()["layer"] == "factory"


# --- hostile guests ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "", "[", "a@b"])
def test_a_foreign_host_name_is_refused(inside: Web, host: str) -> None:
    assert inside.ask("GET", "/api/v1/state", Host=host).status in (400, 403)


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": "http://["}, {"Sec_Fetch_Site": "cross-site"}],
)
def test_another_sites_page_changes_nothing(inside: Web, headers: dict[str, str]) -> None:
    assert inside.ask("PUT", f"/api/v1/settings/{RING}", {"value": "1"}, **headers).status == 403
    assert inside.ask("POST", "/login", Form(user="admin", password=PASSWORD), **headers).status == 403


def test_every_answer_forbids_scripts_frames_and_foreign_sources(inside: Web) -> None:
    for path in ("/login", "/status", "/api/v1/state", "/nothing", "/style.css"):
        headers = inside.ask("GET", path).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff" and "aiohttp" not in headers["Server"].lower()
    assert re.findall(r"<script[^>]*>", inside.ask("GET", RING_PAGE).text) == ['<script src="/form.js" defer>']


def test_what_is_no_http_fills_no_journal(inside: Web) -> None:
    host, port = inside.url.removeprefix("http://").split(":")
    for nonsense in (b"GET / HTTP/1.1\r\nX: \0\r\n\r\n", b"\x16\x03\x01\0\0\r\n\r\n", b"GET\r\n\r\n"):
        with socket.create_connection((host, int(port)), timeout=30) as guest:
            guest.sendall(nonsense)
            assert guest.recv(12) == b"HTTP/1.0 400"
    assert "Traceback" not in inside.child.said()


def test_slow_guests_are_cut_off_and_keep_nobody_out(inside: Web) -> None:
    host, port = inside.url.removeprefix("http://").split(":")
    slow = [socket.create_connection((host, int(port)), timeout=30) for _ in range(40)]
    try:
        for each in slow:
            each.setblocking(True)
            try:
                each.sendall(b"GET /login HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
            except OSError:
                continue
        alive = []
        for each in slow:
            each.settimeout(40)
            try:
                alive.append(each.recv(1) != b"")
            except ConnectionError:
                alive.append(False)
        assert not any(alive), "nobody who brings half a request is waited for"
    finally:
        for each in slow:
            each.close()
    assert inside.ask("GET", "/api/v1/state").status == 200


def test_many_wrong_passwords_make_the_next_one_wait(web: Web) -> None:
    guest = stranger(web)
    statuses = [guest.log_in("admin", f"wrong {number}").status for number in range(8)]
    assert statuses[0] in (401, 429) and 429 in statuses
    answer = guest.log_in()
    assert answer.status in (303, 429) and (answer.status == 303 or int(answer.headers["Retry-After"]) >= 1)
    wait_until("the pause to be over", lambda: guest.log_in().status == 303, 60)


# --- the process -------------------------------------------------------------------------------------------


def test_killing_it_is_no_news_for_the_phone(plane: Plane) -> None:
    other = plane.manage("--http", "127.0.0.1:0", log="killed")
    other.child.process.kill()
    other.child.process.wait()
    assert plane.cli("status").returncode == 0


@pytest.mark.usefixtures("web")  # which sets the password
def test_https_has_a_certificate_of_its_own_and_http_points_there(plane: Plane) -> None:
    data = plane.folder / "web-data"
    both = plane.manage("--https", "127.0.0.1:0", "--http", "127.0.0.1:0", "--data", str(data), log="tls")
    assert both.urls[0].startswith("https://")
    assert stat.S_IMODE((data / "web.pem").stat().st_mode) == 0o600
    words = subprocess.run(
        ["openssl", "x509", "-in", data / "web.pem", "-noout", "-ext", "basicConstraints"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert "CA:FALSE" in words, "who trusts it trusts nobody else"
    context = ssl.create_default_context(cafile=str(data / "web.pem"))
    with urllib.request.urlopen(f"{both.urls[0]}/login", context=context, timeout=20) as answer:
        assert answer.status == 200
    sent = both.ask("GET", "/login")
    assert sent.status == 308 and sent.headers["Location"] == f"{both.urls[0]}/login"
    port = int(both.urls[0].rpartition(":")[2])
    secure = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=20)
    body = f"user=admin&password={PASSWORD.replace(' ', '+')}"

    def logged_in() -> str:
        secure.request("POST", "/login", body, {"Content-Type": "application/x-www-form-urlencoded"})
        got = secure.getresponse()
        got.read()
        return str(got.getheader("Set-Cookie") or "")

    cookie = wait_until("the log-in", logged_in, 60)
    assert cookie.startswith("__Host-session=") and "Secure" in cookie and "Domain" not in cookie
    name, _, value = cookie.partition(";")[0].partition("=")
    for sent_name, status in ((name, 200), ("session", 303)):  # the other one anybody in the clear could have set
        secure.request("GET", "/status", headers={"Cookie": f"{sent_name}={value}"})
        got = secure.getresponse()
        got.read()
        assert got.status == status, sent_name
    with plane.setting("security/web/https_only", "0"):
        wait_until("plain HTTP to be served as well", lambda: both.ask("GET", "/login").status == 200, 60)


def test_plain_http_for_the_network_is_refused_while_only_https_is_allowed(plane: Plane) -> None:
    done = plane.run("manage", "--http", "0.0.0.0:0")
    assert done.returncode == os.EX_USAGE and "https_only" in done.stderr and done.stderr.count("\n") == 1
