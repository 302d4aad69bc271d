"""One run: starts, memory, idle, latency, calls, keys; every phase with all phones, and the rows it gives.

Law: the order of measurements and what each row means. How a thing is measured is in calls, keys and imports.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.bench import calls, imports, keys, outage, usage
from tests.bench.agent import AGENT, AgentServer, ready_to_subscribe
from tests.bench.calls import Dialled, Talk, Times
from tests.bench.farend import FarEnd, serve
from tests.bench.media import PCMU, microphone
from tests.bench.phones import ANSWERING, NUMBER, Baresip, Deskphone, Phone, Pjsua, build_pjsua
from tests.bench.table import Row, Target, above_pjsua, at_most, percentile


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    calls: int
    presses: int
    starts: int
    idle_s: float
    call_s: float
    outage_s: float


FULL = Size(calls=200, presses=200, starts=7, idle_s=20.0, call_s=10.0, outage_s=40.0)
QUICK = Size(calls=20, presses=20, starts=1, idle_s=3.0, call_s=3.0, outage_s=6.0)
SETTLE = 3.0  # seconds after the start until a phone is at rest


@dataclass(frozen=True, slots=True)
class Result:
    """The rows, and what is to be said beside them."""

    rows: tuple[Row, ...]
    remarks: tuple[str, ...]


def say(what: str) -> None:
    """Progress, on standard error."""
    print(f"== {what} ({time.strftime('%H:%M:%S')})", file=sys.stderr, flush=True)


class Bench:
    """The phones of one run."""

    def __init__(self, size: Size, folder: Path) -> None:
        self.size = size
        self.folder = folder
        self.rows: list[Row] = []
        self.remarks: list[str] = []
        self.program = build_pjsua()
        self.long, self.short = folder / "long.wav", folder / "short.wav"
        microphone(self.long, 60)
        microphone(self.short, 2)  # baresip reads the whole file before it answers

    def run(self) -> Result:
        """Everything, in order."""
        began, own, busy, load = time.monotonic(), usage.cpu_of_family(), usage.machine_busy(), usage.load()
        for phase in (self.starts, self.imports, self.latency, self.usage, self.keys, self.agent, self.outages):
            phase()
        lasted = time.monotonic() - began
        others = (usage.machine_busy() - busy - (usage.cpu_of_family() - own)) / lasted
        self.remarks.insert(
            0,
            f"The run took {lasted:.0f} s; load average {load} before, {usage.load()} after; "
            f"other programs used {100 * max(0.0, others):.0f} % of a core meanwhile.",
        )
        return Result(tuple(self.rows), tuple(self.remarks))

    # --- the phases ----------------------------------------------------------------------------------

    def starts(self) -> None:
        """Process start to registered."""
        say(f"start to registered, {self.size.starts} of each after one to warm the caches")
        seconds: dict[str, list[float]] = {}
        for round_ in range(self.size.starts + 1):
            for make in (self.deskphone, self.pjsua, self.baresip):
                phone = make(f"-start{round_}")
                try:
                    phone.start()
                    if round_:
                        seconds.setdefault(phone.name, []).append(phone.registered_s())
                finally:
                    phone.stop()
                    phone.far.close()
        values = {name: median(each) for name, each in seconds.items()}
        self.row("start to registered, s (median)", values, at_most(2, "s"))

    def imports(self) -> None:
        """Import time by part."""
        say("import time by part")
        for part, milliseconds in imports.by_part().items():
            self.row(f"import time, {part}, ms", {"deskphone": milliseconds}, digits=0)

    def latency(self) -> None:
        """INVITE to 180 and to 200, alone and with a call in progress; NOTIFY talk to 200."""
        count = self.size.calls
        with self.running(self.deskphone("-calls", short=True), self.pjsua(code=180), self.pjsua("-answer"),
                          self.baresip("-calls", short=True)) as phones:  # fmt: skip
            desk, ring, answer, bare = phones
            bare.far.wait_registered(ANSWERING, 5)
            fars = [phone.far for phone in phones]
            say(f"INVITE to 180 and to 200, {count} calls each")
            rings = [("180", Times(phone, NUMBER)) for phone in (desk, ring, bare)]
            answers = [("200", Times(phone, number)) for phone, number in
                       ((desk, NUMBER), (answer, NUMBER), (bare, ANSWERING))]  # fmt: skip
            calls.interleaved([*rings, *answers], 3, fars)  # the first calls load what later ones have
            for _, times in (*rings, *answers):
                times.milliseconds.clear()
            calls.interleaved([*rings, *answers], count, fars)
            self.times("INVITE to 180", rings, {0.5: above_pjsua(1, "ms")})
            self.times("INVITE to 200", answers)
            say(f"INVITE to 180 with a call in progress, {count} calls each")
            self.in_progress(desk, ring, bare, fars)
            say(f"NOTIFY talk to 200 for the INVITE, {count} calls")
            talks = [("talk", Times(desk, NUMBER))]
            calls.interleaved(talks, count, fars)
            self.times("NOTIFY talk to 200", talks, {0.95: at_most(20, "ms")})

    def in_progress(self, desk: Phone, ring: Phone, bare: Phone, fars: list[FarEnd]) -> None:
        """A second INVITE while each phone talks."""
        talks: list[Talk | Dialled] = [Talk(desk, NUMBER, PCMU), Dialled(ring, PCMU), Talk(bare, ANSWERING, PCMU)]
        rings = [("180", Times(phone, NUMBER)) for phone in (desk, ring, bare)]
        calls.interleaved(rings, self.size.calls, fars)
        for talk in talks:
            talk.end()
        self.times("INVITE to 180 in a call", rings, {0.95: at_most(10, "ms")})
        serve(fars, 0.5)

    def usage(self) -> None:
        """Idle and in calls of each codec: processor time and memory."""
        with self.running(self.deskphone("-load"), self.pjsua("-load"), self.baresip("-load")) as phones:
            desk, answer, bare = phones
            bare.far.wait_registered(ANSWERING, 5)
            serve([phone.far for phone in phones], SETTLE)
            say(f"idle for {self.size.idle_s:g} s")
            at_rest = calls.idle(list(phones), self.size.idle_s)
            memory = {phone.name: usage.memory_mb(phone.pid) for phone in phones}
            self.row("idle CPU, % of a core", at_rest, at_most(1, "%"))
            say(f"a call of each codec for {self.size.call_s:g} s")
            wanted: list[tuple[Phone, str]] = [(desk, NUMBER), (answer, NUMBER), (bare, ANSWERING)]
            used, in_call, doubts = calls.in_calls(wanted, self.size.call_s, at_rest)
            for codec, percent in used.items():
                self.row(f"CPU of a {codec.name} call, % of a core over idle", percent)
            self.row("RSS idle, MB", memory, at_most(55, "MB"), digits=1)
            self.row("RSS in calls, MB", in_call, at_most(60, "MB"), digits=1)
            self.remarks += doubts

    def keys(self) -> None:
        """Key to new frame."""
        count = self.size.presses
        say(f"key to new frame, {count} presses")
        with self.running(self.deskphone("-keys")) as (desk,):
            assert isinstance(desk, Deskphone)
            serve([desk.far], SETTLE)
            times, lost = keys.through_panel(desk.url, count)
        self.percentiles("key to new frame, panel", {"deskphone": times}, {0.95: at_most(30, "ms")})
        within, missed = keys.inside(count)
        self.percentiles("key to new frame, in the process", {"deskphone": within}, {0.95: at_most(30, "ms")})
        if lost or missed:
            self.remarks.append(f"{lost} key presses at the panel and {missed} in the process brought no new frame.")

    def agent(self) -> None:
        """Key Ready to SUBSCRIBE on the wire."""
        say(f"key Ready to SUBSCRIBE, {self.size.presses} presses")
        desk = self.deskphone("-agent")
        desk.extra = AGENT
        server = AgentServer(desk.far)
        with self.running(desk):
            times, lost = ready_to_subscribe(desk, server, self.size.presses)
        self.percentiles("key Ready to SUBSCRIBE", {"deskphone": times}, {0.95: at_most(30, "ms")})
        if lost:
            self.remarks.append(f"{lost} presses of Ready brought no SUBSCRIBE.")

    def outages(self) -> None:
        """One of two sites is killed, or frozen."""
        window = self.size.outage_s
        say(f"one of two sites killed or frozen, watched for {window:g} s")
        folder = self.folder / "outage"
        folder.mkdir()
        told = outage.both(folder, self.program, window)
        for fault, times in told.items():
            self.rows += outage.rows(fault, times, window)
        if not told:
            self.remarks.append("No outages: they need network namespaces, and those need root.")

    # --- phones --------------------------------------------------------------------------------------

    def deskphone(self, tag: str = "", short: bool = False) -> Deskphone:
        """A deskphone, not started."""
        return Deskphone(self.folder, self.short if short else self.long, tag=tag)

    def pjsua(self, tag: str = "", code: int = 200) -> Pjsua:
        """A pjsua, not started."""
        return Pjsua(self.folder, self.long, self.program, code, tag=tag)

    def baresip(self, tag: str = "", short: bool = False) -> Baresip:
        """A baresip, not started."""
        return Baresip(self.folder, self.short if short else self.long, tag=tag)

    @contextmanager
    def running(self, *phones: Phone) -> Iterator[tuple[Phone, ...]]:
        """Started for the length of a `with`; whatever happens, none is left behind."""
        with ExitStack() as stack:
            for phone in phones:
                stack.callback(phone.far.close)
                stack.callback(phone.stop)
                phone.start()
            yield phones

    # --- rows ----------------------------------------------------------------------------------------

    def row(self, name: str, values: dict[str, float], target: Target | None = None, digits: int = 2) -> None:
        """One row."""
        self.rows.append(Row(name, values, target, digits))

    def times(self, name: str, measured: list[tuple[str, Times]], targets: dict[float, Target] | None = None) -> None:
        """The percentiles of calls."""
        self.percentiles(name, {times.phone.name: times.milliseconds for _, times in measured}, targets)
        for _, times in measured:
            if times.lost:
                self.remarks.append(f"{name}: {times.phone.name} lost {times.lost} of {self.size.calls} calls.")

    def percentiles(
        self, name: str, milliseconds: dict[str, list[float]], targets: dict[float, Target] | None = None
    ) -> None:
        """p50 and p95."""
        for share in (0.5, 0.95):
            values = {phone: percentile(each, share) for phone, each in milliseconds.items() if each}
            self.row(f"{name}, p{share * 100:.0f} ms", values, (targets or {}).get(share))
