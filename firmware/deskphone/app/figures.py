"""What the phone counts for who watches many of them: calls, answer times, voice, the loop, the machine.

Law: numbers only, no caller; made from happenings as they are told and from files of the kernel when somebody asks. A
counter begins at 0 with the program, as Prometheus expects it.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from deskphone.sip.stack.quality import CallQuality

Json = dict[str, Any]
TEMPERATURE = Path("/sys/class/thermal/thermal_zone0/temp")  # in thousandths of a degree Celsius
MEMORY = Path("/proc/self/statm")  # proc_pid_statm(5): pages
PAGE = 4096
MOST = 64  # calls whose beginning is remembered


class Figures:
    """clock: monotonic seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began: dict[str, float] = {}
        self._calls: Counter[str] = Counter()
        self._answered: Counter[str] = Counter()
        self._unanswered: Counter[str] = Counter()
        self._waited: dict[str, float] = {"in": 0.0, "out": 0.0}
        self._lost = 0

    def note(self, happening: Json) -> None:
        """Count one happening (`happenings.happened`)."""
        event, call = happening["event"], happening.get("call")
        if event == "registration.down":
            self._lost += 1
        if call is None:
            return
        name, way = call["id"], call["direction"]
        if event in ("call.incoming", "call.outgoing"):
            self._calls[way] += 1
            if len(self._began) < MOST:
                self._began[name] = self._clock()
        elif event == "call.answered" and name in self._began:
            self._answered[way] += 1
            self._waited[way] += self._clock() - self._began.pop(name)
        elif event == "call.ended":
            self._unanswered[way] += not happening["answered"]
            self._began.pop(name, None)

    def tell(self, qualities: Iterable[CallQuality | None]) -> Json:
        """All of it. qualities: of the calls of now; of several the worst is told, of none 0."""
        heard = [each for each in qualities if each is not None]
        ways = ("in", "out")
        return {
            "calls": {way: self._calls[way] for way in ways},
            "answered": {way: self._answered[way] for way in ways},
            "unanswered": {way: self._unanswered[way] for way in ways},
            "answer_seconds": {way: round(self._waited[way], 3) for way in ways},
            "registrations_lost": self._lost,
            "voice": {
                "jitter_ms": max((each.jitter_ms for each in heard), default=0.0),
                "loss_percent": max((each.loss_percent for each in heard), default=0.0),
                "round_trip_ms": max((each.round_trip_ms for each in heard), default=0.0),
            },
            "cpu_seconds": time.process_time(),
            "memory_bytes": _number(MEMORY, 1) * PAGE,
            "temperature": _number(TEMPERATURE) / 1000,
        }


def _number(path: Path, place: int = 0) -> int:
    """A number of a file of the kernel, 0 where there is none."""
    try:
        return int(path.read_text("ascii").split()[place])
    except (OSError, ValueError, IndexError):
        return 0
