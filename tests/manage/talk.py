"""A call with voice at a managed phone, and what it may notice of a crowd: lost packets, slow keys."""

from __future__ import annotations

import re
import time
from pathlib import Path

from tests.manage.desk import Managed
from tests.manage.plane import Web
from tests.patience import patient
from tests.peers.child import wait_until


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


def kilobytes(pid: int, figure: str) -> int:
    """A figure of /proc/PID/status: VmRSS, VmHWM."""
    found = re.search(rf"{figure}:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found.group(1))
