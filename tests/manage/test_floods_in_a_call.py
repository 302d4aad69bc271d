"""A call with voice while crowds come to the web interface: no packet lost either way, keys answered as before, the
management plane's memory bounded, the phone's own as it was.

DESKPHONE_FUZZED_REQUESTS: how many requests are fuzzed, 600 where nobody says.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time

import pytest

from tests.manage.desk import managed
from tests.manage.long_flood import OK
from tests.manage.plane import PASSWORD
from tests.manage.talk import Talk, kilobytes
from tests.manage.test_floods import MEMORY, megabytes
from tests.patience import patient
from tests.peers.child import wait_until

pytestmark = [pytest.mark.sip, pytest.mark.slow]
FUZZED = int(os.environ.get("DESKPHONE_FUZZED_REQUESTS", "600"))
CROWDS = (("slow", 60), ("connections", 200), ("body", 100), ("fuzz", FUZZED))
SLOWER = 25.0
"""What a key may take more in a flood than in peace, on the median: crowd, web interface and phone share two cores."""
GROWTH = 8_000  # kB of the phone's


def test_a_call_does_not_notice_crowds_at_the_web_interface() -> None:
    with managed() as (bench, plane):
        assert plane.cli("password", "set", given=f"{PASSWORD}\n").returncode == 0
        token = plane.cli("token", "new").stdout.strip()
        web = plane.manage("--http", "127.0.0.1:0")
        talk = Talk(bench)
        peace = statistics.median(talk.key() for _ in range(9))
        assert bench.process is not None
        phone = bench.process.pid
        before, began, heard = kilobytes(phone, "VmRSS"), time.monotonic(), talk.ear.packets
        place = web.url.removeprefix("http://")
        command = (sys.executable, "-m", "tests.manage.flood", place)
        crowds = [
            subprocess.Popen([*command, what, str(count), "--token", token], stdout=subprocess.PIPE, text=True)
            for what, count in CROWDS
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
        assert megabytes(web) < MEMORY and kilobytes(phone, "VmRSS") - before < GROWTH
        assert answers["fuzz"].get("0", 0) < FUZZED / 2, "most were answered, in the end"
        assert {int(status) for each in answers.values() for status in each} <= OK, answers
        assert bench.illegal() == 0 and "Traceback" not in web.child.said()
        assert len(bench.state()["calls"]) == 1
