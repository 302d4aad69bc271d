"""A long flood of a real phone: `python -m tests.manage.long_flood --requests 1000000 --seed 1`.

Starts the stand-in of the centre, a phone with a call up, and its management plane; then comes the crowd of `flood.py`
with fuzzed requests. A line is printed before, after each `--every` requests and at the end: memory of both processes,
length of both journals, lost packets, how long a key takes, what was answered. Ends with 1 and the faults where there
are any. Minutes it takes: some 30 for a million on two cores with nothing else to do.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass

from tests.manage.desk import Managed, managed
from tests.manage.plane import PASSWORD, Plane
from tests.manage.talk import Talk, kilobytes
from tests.peers.child import wait_until

MEMORY = 96 << 10  # kB: MemoryMax of the unit
LEFT = 4_000  # kB that all requests after the first so many may leave
JOURNAL = 100_000  # bytes of a journal, and as many again for each hour
OK = {0, 100, 200, 202, 204, 206, 303, 304, 400, 401, 403, 404, 405, 408, 409, 413, 415, 416, 417, 422, 429, 503}
"""What guests may be told: never that something of ours broke (500). 503: the phone is asked too much."""


@dataclass(frozen=True)
class Look:
    """How it stands after so many requests. Memory and journals: the management plane's, the phone's; kB and bytes."""

    requests: int
    seconds: float
    memory: tuple[int, int]
    journal: tuple[int, int]
    lost: tuple[int, float]
    key: float

    def line(self) -> str:
        """For a person."""
        return (
            f"{self.requests:>8} requests {self.seconds:>6.0f} s  memory {self.memory[0]} {self.memory[1]} kB  "
            f"journal {self.journal[0]} {self.journal[1]} bytes  lost {self.lost[0]} packets {self.lost[1]} %  "
            f"key {self.key * 1000:.0f} ms"
        )


class LongFlood:
    """One run: a phone in a call and the crowd."""

    def __init__(self, bench: Managed, plane: Plane) -> None:
        self.bench, self.plane = bench, plane
        assert plane.cli("password", "set", given=f"{PASSWORD}\n").returncode == 0
        self.token = plane.cli("token", "new").stdout.strip()
        self.web = plane.manage("--http", "127.0.0.1:0")
        self.talk = Talk(bench)
        self.answers: Counter[int] = Counter()
        self._began, self._heard = time.monotonic(), self.talk.ear.packets

    def look(self, requests: int, key: float) -> Look:
        """How it stands now."""
        lost = wait_until("a web interface that answers", lambda: self.talk.loss(self.web, self.token), 60)
        return Look(
            requests, time.monotonic() - self._began, self._memory(),
            (len(self.web.child.said()), len(self.bench.journal())), lost, key,
        )  # fmt: skip

    def peace(self) -> float:
        """Seconds a key takes without a crowd, the median."""
        return statistics.median(self.talk.key() for _ in range(15))

    def crowd(self, requests: int, seed: int) -> float:
        """So many requests; the median seconds a key took meanwhile."""
        wait_until("the log-in", lambda: self.web.log_in().status == 303, 60)
        page = re.search(r'name="csrf" value="([^"]+)"', self.web.ask("GET", "/settings/tones").text)
        assert page, "a page with a form"
        command = [
            sys.executable, "-m", "tests.manage.flood", self.web.url.removeprefix("http://"), "fuzz", str(requests),
            f"--token={self.token}", f"--cookie={self.web.cookie}", f"--csrf={page[1]}", "--seed", str(seed),
        ]  # fmt: skip
        flooding = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        pressed = [self.talk.key()]
        while flooding.poll() is None:
            pressed.append(self.talk.key())
            time.sleep(0.5)
        assert flooding.returncode == 0, "the crowd itself broke"
        self.answers.update({int(code): number for code, number in json.loads(flooding.communicate()[0]).items()})
        return statistics.median(pressed)

    def faults(self, looks: list[Look]) -> list[str]:
        """What is not as it should be. looks: before, after the first requests, and so on."""
        first, last = looks[min(1, len(looks) - 1)], looks[-1]
        bound = JOURNAL * (1 + last.seconds / 3600)
        found = {
            f"answers {sorted(set(self.answers) - OK)}": not set(self.answers) <= OK,
            f"{self.answers[0]} requests without an answer": self.answers[0] > max(10, last.requests // 20),
            f"{last.memory[0] - first.memory[0]} kB more": last.memory[0] - first.memory[0] > LEFT,
            f"{last.memory[1] - first.memory[1]} kB more of the phone": last.memory[1] - first.memory[1] > LEFT,
            "more memory than the unit has": kilobytes(self.web.child.process.pid, "VmHWM") > MEMORY,
            f"voice lost: {last.lost}": last.lost != (0, 0.0),
            "voice stood still": self.talk.ear.packets - self._heard < (time.monotonic() - self._began) * 45,
            f"journals {last.journal}": max(last.journal) > bound,
            "a traceback": "Traceback" in self.web.child.said() + self.bench.journal(),
            "an illegal event": bool(self.bench.illegal()),
            "the call": len(self.bench.state()["calls"]) != 1,
        }
        return [name for name, bad in found.items() if bad]

    def _memory(self) -> tuple[int, int]:
        assert self.bench.process is not None
        return kilobytes(self.web.child.process.pid, "VmRSS"), kilobytes(self.bench.process.pid, "VmRSS")


def flood(requests: int, every: int, seed: int) -> list[str]:
    """The whole run, told as it goes; the faults."""
    with managed() as (bench, plane):
        run = LongFlood(bench, plane)
        looks = [run.look(0, run.peace())]
        print(looks[0].line(), flush=True)
        while (done := looks[-1].requests) < requests:
            share = min(every, requests - done)
            key = run.crowd(share, seed + done)
            looks.append(run.look(done + share, key))
            print(looks[-1].line(), flush=True)
        peak = kilobytes(run.web.child.process.pid, "VmHWM")
        print(f"answers {dict(sorted(run.answers.items()))}; at most {peak} kB; "
              f"keys {statistics.median(each.key for each in looks[1:]) / looks[0].key:.1f} times as long")  # fmt: skip
        return run.faults(looks)


def main() -> int:
    """Read the arguments, flood, say what is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=1_000_000)
    parser.add_argument("--every", type=int, default=100_000, help="requests between two looks")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    faults = flood(args.requests, args.every, args.seed)
    print("\n".join(faults) if faults else "no fault")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
