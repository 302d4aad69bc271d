"""A shift on the rig: the calls, states, checks and dying servers of a day, one after the other. Does anything grow?

Everything is as on a desk but the pauses between two calls: keys, hook, display, sound cards and DHCP are the rig's.
CALLS says how many calls (an hour has thirty; a day 720); what was measured is left in build/hil/soak.json, and is the
table of docs/soak.md.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import pytest

from tests.hil.rig.uml import ROOT
from tests.stories.agent import ACD, READY_AFTER, REASONS, TWO_SERVERS, log_in
from tests.stories.bench import Story
from tests.stories.bench_hil import HilBench
from tests.stories.bench_sip import NUMBER

HOUR = 30  # calls
CALLS = int(os.environ.get("CALLS", "7"))
SAMPLES = 12
pytestmark = [pytest.mark.hil, pytest.mark.timeout(300 + 30 * CALLS)]
GOOD = "/data/last-good.cfg"
HOUR_OF = "voip/line/0/description"
KEEP_ALIVE = {"voip__signalling__sip__registrar_ka__enabled": "1", "voip__signalling__sip__registrar_ka__timeout": "40"}
GROWN = 6.0  # MB that the phone may have more at the end than after a third of the calls


@dataclass(frozen=True)
class Sample:
    """At rest after so many calls. memory: resident, MB; anonymous: of it what is no file's."""

    calls: int
    hour: int
    memory: float
    anonymous: float
    descriptors: int
    threads: int
    seconds: float


class Shift:
    """One agent at one phone with two servers."""

    def __init__(self, bench: HilBench) -> None:
        self.bench, self.phone, self.began = bench, Story(bench), time.monotonic()
        self.settings = {**ACD, **READY_AFTER, **REASONS, **TWO_SERVERS, **KEEP_ALIVE}
        self.hour = 0

    def begin(self) -> None:
        self.phone.agents(agent7001="1234")
        self.phone.power_on(**self.settings)
        self.phone.registered_everywhere(within=30)
        self.phone.large("Logged Out", "Login", within=30)
        log_in(self.phone)
        self.phone.large("Ready", within=30)

    def live(self, calls: int) -> list[Sample]:
        """So many calls and what belongs to them; a look after each twelfth of them."""
        rows: list[Sample] = []
        for number in range(1, calls + 1):
            self.call(number)
            if number % 5 == 0:
                self.states()
            if number % HOUR == min(10, calls // 2):
                self.server_restarts()
            if number % HOUR == min(20, calls - 1):
                self.new_file()
            if number % max(1, calls // SAMPLES) == 0:
                rows.append(self.sample(number))
                keep(rows)
        return rows

    def call(self, number: int) -> None:
        """One in seven gives up, one in three is held; answered by handset and by softkey, ended by either side."""
        phone = self.phone
        customer = phone.customer(f"030{number:07}", "Jane Customer")
        customer.call()
        phone.shows("Jane Customer", within=10)
        if number % 7 == 0:
            customer.hang_up()
        else:
            by_hand = number % 2 == 0
            if by_hand:
                phone.lift()
            else:
                phone.press("soft1")
            customer.answered(10)
            phone.in_call(within=10)
            if number % 3 == 0:
                phone.press("hold")
                phone.wait("the call on hold", lambda state: state["calls"][0]["local_hold"], 10)
                phone.press("hold")
                phone.wait("the call again", lambda state: not state["calls"][0]["local_hold"], 10)
            if by_hand and number % 4 == 0:
                phone.put_down()
            else:
                customer.hang_up()
            customer.ended(10)
            if by_hand:
                phone.put_down()
        phone.idle(within=10)
        phone.large("Ready", within=15)

    def states(self) -> None:
        """After-call work and a break by the desktop, ready again by the phone's key."""
        phone = self.phone
        phone.desktop.after_call_work()
        phone.large("After-Call Work", within=10)
        phone.desktop.not_ready("501")
        phone.large("Not Ready", within=10)
        phone.press("soft1")
        phone.large("Ready", within=10)

    def server_restarts(self) -> None:
        """The one where the agent sits is killed, noticed, and started anew; the agent is ready at the other."""
        phone, here = self.phone, self.seat()
        phone.server_dies(here)
        phone.wait("the agent at the other server", lambda state: self.seat() == 1 - here, 90)
        phone.server_lives(here)
        phone.registered_everywhere(within=120)
        phone.large("Ready", within=60)

    def seat(self) -> int:
        """The number of the server where the agent is logged in; -1 for none."""
        at = [self.bench.do(lambda each=each: each.agents.at(NUMBER).guest) for each in self.bench.servers]
        return at.index("agent7001") if "agent7001" in at else -1

    def new_file(self) -> None:
        """The hour's check: the file has changed, the server says so, the phone has it."""
        self.hour += 1
        self.bench.offer(**{HOUR_OF.replace("/", "__"): f"hour {self.hour}"})
        self.bench.run(self.bench.server.send_notify(NUMBER, "check-sync;reboot=false"))
        there = f"timeout 120 sh -c 'until grep -q \"{HOUR_OF}=hour {self.hour}$\" {GOOD}; do sleep 0.3; done'"
        self.bench.place.shell.check(there, 150)
        self.phone.registered_everywhere(within=60)
        self.phone.large("Ready", within=60)

    def sample(self, calls: int) -> Sample:
        shell = self.bench.place.shell
        status = shell.check("grep -e VmRSS -e RssAnon -e Threads /proc/$(cat /run/phone.pid)/status")
        of = {line.split(":")[0]: int(line.split()[1]) for line in status.splitlines() if ":" in line}
        descriptors = int(shell.check("ls /proc/$(cat /run/phone.pid)/fd | wc -l"))
        return Sample(
            calls, self.hour, round(of["VmRSS"] / 1000, 1), round(of["RssAnon"] / 1000, 1), descriptors, of["Threads"],
            round(time.monotonic() - self.began),
        )  # fmt: skip


def keep(rows: list[Sample]) -> None:
    """What was measured so far."""
    there = ROOT / "build" / "hil" / "soak.json"
    there.parent.mkdir(parents=True, exist_ok=True)
    there.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")


@pytest.fixture
def shift() -> Iterator[Shift]:
    with HilBench() as bench:
        yield Shift(bench)
        stood = "does not move any more"  # the machine had no time for it: said by whether it takes its calls
        assert [line for line in bench.troubles() if stood not in line] == [], bench.journal()


def test_a_shift_leaves_nothing_behind(shift: Shift) -> None:
    shift.begin()
    rows = shift.live(CALLS)
    first, last = rows[len(rows) // 3], rows[-1]
    assert shift.hour >= 1, "the file changed"
    assert last.descriptors <= first.descriptors + 2
    assert last.threads <= first.threads + 1
    assert last.memory <= first.memory + GROWN
