"""What programs ask a phone that runs: its configuration as a file, and what happens as a stream."""

from __future__ import annotations

import http.client
import json

import pytest

from tests.manage.plane import Plane, Web

pytestmark = pytest.mark.sip
RING = "deskphone/volume/ring"


def test_the_configuration_comes_down_and_goes_up_again_equal(plane: Plane, inside: Web) -> None:
    assert plane.cli("set", "voip/line/0/auth_password", "-", given="of the line\n").returncode == 0
    assert plane.cli("set", RING, "3").returncode == 0
    before = inside.ask("GET", "/api/v1/configuration").text
    assert f"\n{RING}=3\n" in before and "\n; voip/line/0/auth_password=***\n" in before and "of the line" not in before
    assert inside.ask("GET", "/420HD.cfg").text == before
    same = inside.ask("PUT", "/api/v1/configuration", before.encode(), Content_Type="text/plain")
    assert same.status == 200 and same.json()["set"] == []
    for name, value in ((RING, "9"), ("voip/services/ACD/enabled", "1"), ("voip/line/0/description", "Desk; 7 é")):
        assert inside.ask("PUT", f"/api/v1/settings/{name}", {"value": value}).status == 200
    back = inside.ask("PUT", "/api/v1/configuration", before.encode(), Content_Type="text/plain")
    assert sorted(back.json()["set"]) == [RING, "voip/line/0/description", "voip/services/ACD/enabled"]
    assert inside.ask("GET", "/api/v1/configuration").text == before
    assert "***" in plane.cli("show", "voip/line/0/auth_password").stdout, "a secret stays as it is"
    for name in (RING, "voip/line/0/auth_password"):
        assert plane.cli("reset", name).returncode == 0


def test_a_file_with_a_fault_sets_nothing_and_each_fault_is_told(inside: Web) -> None:
    bad = f"{RING}=5\n{RING}=55\nno/such/name=1\nsystem/http_server_port=443\n".encode()
    done = inside.ask("PUT", "/api/v1/configuration", bad, Content_Type="text/plain")
    assert done.status == 422 and "0 to 10" in done.json()["error"] and "http_server_port" in done.json()["error"]
    assert inside.ask("PUT", "/api/v1/configuration", b"<html>", Content_Type="text/plain").status == 422
    assert inside.ask("PUT", "/api/v1/configuration", bad, Content_Type="text/html").status == 415
    assert inside.ask("PUT", "/api/v1/configuration", b"x" * 300_000, Content_Type="text/plain").status == 413
    assert inside.ask("GET", f"/api/v1/settings/{RING}").json()["value"] == "6"


def test_what_happens_is_streamed_and_the_stream_ends_with_its_session(plane: Plane, web: Web) -> None:
    token = plane.cli("token", "new").stdout.strip()
    connection = http.client.HTTPConnection(web.url.removeprefix("http://"), timeout=30)
    connection.request("GET", "/api/v1/events", headers={"Authorization": f"Bearer {token}"})
    stream = connection.getresponse()
    assert stream.status == 200 and stream.headers["Content-Type"] == "text/event-stream"
    assert stream.readline() == b"retry: 2000\n"
    assert plane.cli("set", "voip/line/0/do_not_disturb/activated", "1").returncode == 0
    lines = iter(stream.readline, b"")
    assert next(line for line in lines if line.startswith(b"event:")) == b"event: dnd.on\n"
    assert json.loads(next(lines).removeprefix(b"data: "))["event"] == "dnd.on"
    assert plane.cli("reset", "voip/line/0/do_not_disturb/activated").returncode == 0
    assert next(line for line in lines if line.startswith(b"event:")) == b"event: dnd.off\n"
    assert plane.cli("token", "remove").returncode == 0
    assert [line for line in lines if line.startswith(b"event:")] == [], "and then it ends"
    connection.close()
