"""A phone registered at the centre, with a control socket and a folder where packets are captured."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.manage.plane import Plane
from tests.peers.child import wait_until
from tests.stories.bench_sip import SipBench


class Managed(SipBench):
    """The phone of the stories, managed."""

    @property
    def captures(self) -> Path:
        return self.folder / "captures"

    def start(self, *arguments: str) -> None:
        self.captures.mkdir(exist_ok=True)
        super().start("--control", str(self.folder / "control"), "--captures", str(self.captures), *arguments)

    def registered(self) -> bool:
        """Whether any server has it."""
        return any(each["registered"] for each in self.state()["servers"])


@contextmanager
def managed(**settings: str) -> Iterator[tuple[Managed, Plane]]:
    """A registered phone and the commands that manage it, for as long as the block lasts."""
    with Managed() as bench:
        assert isinstance(bench, Managed)
        bench.power_on(**settings)
        plane = Plane(bench.folder)
        plane.phone = bench
        wait_until("the registration", bench.registered, 60)
        try:
            yield bench, plane
        finally:
            for child in plane.children:
                child.stop(10)
