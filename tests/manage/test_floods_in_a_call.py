"""A call with voice while crowds come to the web interface: no packet lost either way, keys answered as before, the
management plane's memory bounded, the phone's own as it was.

DESKPHONE_FUZZED_REQUESTS: how many requests are fuzzed, 600 where nobody says.
"""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.manage.desk import Managed, managed
from tests.manage.plane import PASSWORD, Web
from tests.manage.test_floods import MEMORY, megabytes
from tests.patience import patient
from tests.peers.child import wait_until

pytestmark = [pytest.mark.sip, pytest.mark.slow]
FUZZED = int(os.environ.get("DESKPHONE_FUZZED_REQUESTS", "600"))
CROWDS = (("slow", 60), ("connections", 200), ("body", 100), ("fuzz", FUZZED))
SLOWER = 25.0
"""What a key may take more in a flood than in peace, on the median: crowd, web interface and phone share two cores."""
GROWTH = 8_000_000  # bytes of the phone's


class Talk:
    """A call of one customer, answered."""

    def __init__(self, bench: Managed) -> None:
        self.bench, self.customer = bench, bench.customer()
        self.customer.call()
        wait_until("the call", lambda: self._state() == "incoming", patient(20))
        bench.press("ok")
        self.customer.answered(20)
        self.ear = self.customer.there.ear
        wait_until("voice", lambda: self.ear.packets > 25, patient(20))

    def _state(self) -> str:
        calls = self.bench.state()["calls"]
        return str(calls[0]["state"]) if calls else ""

    def key(self) -> float:
        """Seconds from a press of MUTE to a phone that shows it."""
        muted = self.bench.state()["audio"]["muted"]
        began = time.monotonic()
        self.bench.press("mute")
        wait_until("the key", lambda: self.bench.state()["audio"]["muted"] is not muted, patient(20))
        return time.monotonic() - began

    def loss(self, web: Web, token: str) -> tuple[int, float]:
        """Packets of the phone that the customer misses, and what the phone misses of the customer's (percent)."""
        figures = web.ask("GET", "/api/v1/status", Authorization=f"Bearer {token}").json()["figures"]
        return self.ear.lost, float(figures["voice"]["loss_percent"])


def resident(bench: Managed) -> int:
    """Bytes of the phone's process."""
    assert bench.process is not None
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{bench.process.pid}/status").read_text())
    assert found
    return int(found.group(1)) * 1024


def test_a_call_does_not_notice_crowds_at_the_web_interface() -> None:
    with managed() as (bench, plane):
        assert plane.cli("password", "set", given=f"{PASSWORD}\n").returncode == 0
        token = plane.cli("token", "new").stdout.strip()
        web = plane.manage("--http", "127.0.0.1:0")
        talk = Talk(bench)
        peace = statistics.median(talk.key() for _ in range(9))
        before, began, heard = resident(bench), time.monotonic(), talk.ear.packets
        place = web.url.removeprefix("http://")
        command = (sys.executable, "-m", "tests.manage.flood", place, token)
        crowds = [
            subprocess.Popen([*command, what, str(count)], stdout=subprocess.PIPE, text=True) for what, count in CROWDS
        ]
        pressed = []
        while any(each.poll() is None for each in crowds):
            pressed.append(talk.key())
        answers = {what: json.loads(each.communicate()[0]) for (what, _), each in zip(CROWDS, crowds, strict=True)}
        seconds = time.monotonic() - began
        ratio = statistics.median(pressed) / peace
        print(f"{seconds:.0f} s, {answers}; keys {ratio:.1f} times as long, manage {megabytes(web)} MB at most")
        assert talk.ear.packets - heard > seconds * 50 * 0.9, "the phone went on to send"
        lost = wait_until("a web interface that answers", lambda: talk.loss(web, token), patient(60))
        assert lost == (0, 0.0)
        assert ratio < SLOWER
        assert megabytes(web) < MEMORY and resident(bench) - before < GROWTH
        assert {status for each in answers.values() for status in each} <= OK, answers
        assert bench.illegal() == 0 and "Traceback" not in web.child.said()
        assert len(bench.state()["calls"]) == 1


OK = {"0", *map(str, (100, 200, 303, 400, 401, 403, 404, 405, 408, 409, 413, 415, 422, 429, 503))}
"""What guests may be told: never that something of ours broke (500). 503: the phone is asked too much."""
