"""Trace, capture and support bundle of a phone registered by digest: what they show, to whom, and what never."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.manage.desk import managed
from tests.manage.plane import PASSWORD, Plane, Web
from tests.peers.child import wait_until

pytestmark = pytest.mark.sip
SCRIPT = Path(__file__).resolve().parents[2] / "image/rootfs/usr/lib/deskphone/capture.py"
USER = "of the user, long"
LINE, MANAGER = "secret", "of the manager"  # the line's password at the centre; another one that the file has
PROOF = re.compile(r'response="?[0-9a-f]{32}|nonce="[^"*]+",[^\r\n]*response=', re.IGNORECASE)


@pytest.fixture(scope="module")
def desk() -> Iterator[Plane]:
    """Registered; the commands that manage it."""
    with managed(ems_server__user_password=MANAGER) as (_, plane):
        yield plane


@pytest.fixture(scope="module")
def pages(desk: Plane) -> Web:
    """Its web interface, with an administrator and a user."""
    assert desk.cli("password", "set", given=f"{PASSWORD}\n").returncode == 0
    for name, value in (("system/web_user_name", "few"), ("system/web_user_password", USER)):
        assert desk.cli("set", name, "-", given=f"{value}\n").returncode == 0
    return desk.manage("--http", "127.0.0.1:0")


def secrets_of(text: str) -> list[str]:
    """What no output may have in it, as far as this has."""
    words = [word for word in (MANAGER, USER, f'"{LINE}"', f"={LINE}") if word in text]
    return words + PROOF.findall(text)


def test_the_trace_shows_the_registration_and_no_proof(desk: Plane) -> None:
    text = desk.run("trace", "100").stdout
    assert re.search(r"^--- \d+ \S+ \S+Z to 127\.0\.0\.1:\d+ UDP \d+ bytes\nREGISTER sip:", text, re.M)
    assert re.search(r"^--- \d+ \S+ \S+Z from 127\.0\.0\.1:\d+ UDP \d+ bytes\nSIP/2\.0 200 ", text, re.M)
    assert re.search(r"^Authorization: Digest +\*{4,}", text, re.M), "the proof is written over"
    assert "WWW-Authenticate: Digest" in text and secrets_of(text) == []
    told = json.loads(desk.cli("trace", "400", "--json").stdout)["messages"]
    assert [each["number"] for each in told] == sorted(each["number"] for each in told) and len(told) <= 400
    assert secrets_of(json.dumps(told)) == []


def test_the_bundle_has_everything_but_secrets(desk: Plane, tmp_path: Path) -> None:
    file = tmp_path / "bundle.tar.gz"
    done = desk.run("support", str(file))
    assert done.returncode == 0 and str(file) in done.stdout
    assert file.stat().st_mode & 0o777 == 0o600
    assert desk.run("support", str(file)).returncode == os.EX_USAGE, "what is there is not written over"
    check_bundle(file.read_bytes())


def check_bundle(content: bytes) -> dict[str, str]:
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        found = {}
        for each in archive.getmembers():
            file = archive.extractfile(each)
            assert file is not None
            found[each.name.removeprefix("deskphone-support/")] = file.read().decode("utf-8", "replace")
    assert {"versions.json", "status.json", "report.json", "settings.txt", "journal.txt", "sip-trace.txt",
            "recording.json"} <= set(found)  # fmt: skip
    assert "MISSING" not in found and "voip/line/0/auth_password=***" in found["settings.txt"]
    for name, text in found.items():
        assert secrets_of(text) == [], name
    return found


def test_the_web_gives_it_to_the_administrator_and_to_nobody_else(desk: Plane, pages: Web) -> None:
    below = ("support", "trace", "log", "capture", "capture/packets")
    paths = ("/diagnostics", *(f"/api/v1/{name}" for name in below))
    for path in paths:
        assert pages.ask("GET", path).status in (303, 401), path
    assert pages.log_in("few", USER).status == 303
    for path in paths:
        assert pages.ask("GET", path).status == 403, path
    assert "/diagnostics" not in pages.ask("GET", "/status").text
    wait_until("the administrator", lambda: pages.log_in().status == 303, 60)
    page = pages.ask("GET", "/diagnostics").text
    assert "REGISTER sip:" in page and secrets_of(page) == []
    assert pages.ask("GET", "/api/v1/trace?most=2").json()["messages"][1]["text"]
    for path in ("trace?most=x", "trace?most=401", "log?lines=0", "log?lines=501"):
        assert pages.ask("GET", f"/api/v1/{path}").status == 422, path
    bundle = pages.ask_bytes("GET", "/api/v1/support")
    check_bundle(bundle)


@pytest.mark.needs("tcpdump")
@pytest.mark.skipif(os.geteuid() != 0, reason="raw packets are root's")
def test_a_capture_of_a_call_has_its_sip_and_not_its_voice(desk: Plane, pages: Web) -> None:
    folder = desk.folder / "captures"
    for seconds in ("0", "601"):
        assert desk.cli("capture", seconds).returncode == os.EX_DATAERR
    wait_until("the administrator", lambda: pages.log_in().status == 303, 60)
    assert pages.ask("GET", "/api/v1/capture").json() == {"step": "none"}
    assert pages.ask("GET", "/api/v1/capture/packets").status == 404
    begun = pages.ask("POST", "/api/v1/capture", {"seconds": 8})
    assert begun.status == 202, begun.text
    assert pages.ask("POST", "/api/v1/capture", {"seconds": 8}).status == 409, "one at a time"
    unit = subprocess.Popen([sys.executable, "-I", "-B", str(SCRIPT), str(folder / "capture"), str(folder)])
    try:
        wait_until("the capture", lambda: pages.ask("GET", "/api/v1/capture").json()["step"] == "running", 30)
        # One call, and no questions meanwhile: they would be captured, too, and a capture holds so many bytes.
        pages.ask("POST", "/api/v1/calls", {"number": "2001"})
        assert unit.wait(30) == 0
    finally:
        unit.kill()
        unit.wait()
    said = json.loads(desk.cli("capture", "state", "--json").stdout)
    assert said["step"] == "done" and said["packets"] > 10
    figures = pages.ask("GET", "/api/v1/status").json()["figures"]
    assert figures["calls"]["out"] >= 1 and figures["answered"]["out"] >= 1
    assert 0 < figures["answer_seconds"]["out"] < 60 * figures["answered"]["out"]
    content = pages.ask_bytes("GET", "/api/v1/capture/packets")
    assert b"INVITE sip:2001@" in content and b"m=audio" in content
    assert secrets_of(content.decode("latin-1")) == []
    assert max(rtp_lengths(content), default=0) == 12, "of voice the head only"
    assert "capture.pcap" in pages.ask("GET", "/diagnostics").text


def rtp_lengths(content: bytes) -> list[int]:
    """The lengths of what is kept of each packet of G.711, as tcpdump's file has it (linux cooked v2, IPv4, UDP)."""
    found, at = [], 24
    while at + 16 <= len(content):
        kept = int.from_bytes(content[at + 8 : at + 12], sys.byteorder)
        packet = content[at + 16 : at + 16 + kept]
        payload = packet[48:]
        if packet[29:30] == b"\x11" and payload[:1] == b"\x80" and payload[1] & 0x7F in (0, 8):
            found.append(len(payload))
        at += 16 + kept
    return found
