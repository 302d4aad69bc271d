"""Ports: the one shape that every driver has, on copper (drivers/) and without it (sim/).

Law: shapes only. A port has four words: `run, perform, show, alive`. A driver translates; it never decides. `post` may
be called from any thread. A driver task that ends or raises ends the process, unless it posts DriverFailed and goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Protocol

from deskphone.core.effects import Effect
from deskphone.core.events import Event
from deskphone.view.outputs import Outputs

Post = Callable[[Event], None]


class Port(Protocol):
    """A part of the phone with a life. performs: the families of effects that are orders to it."""

    name: str
    performs: ClassVar[tuple[type[Effect], ...]]

    async def run(self, post: Post) -> None:
        """Work until cancelled; events go to `post`. Clean up on cancellation."""

    def perform(self, effect: Effect) -> None:
        """Carry out an effect of a family in `performs`. Returns at once."""

    def show(self, outputs: Outputs) -> None:
        """Be this from now on. Returns at once; what is the same as before changes nothing, the newest wins."""

    def alive(self) -> bool:
        """Whether it moves: False where its thread has been in one piece of work for longer than any may take."""


class Part:
    """The words of a port that a part need not say: it has no orders, shows nothing, and lives as the loop does."""

    performs: ClassVar[tuple[type[Effect], ...]] = ()

    def perform(self, effect: Effect) -> None:
        """No order is for this part. LookupError: the table of the runtime is wrong."""
        raise LookupError(f"{type(self).__name__}: {type(effect).__name__} is no order for it")

    def show(self, outputs: Outputs) -> None:
        """Nothing of it is seen or heard."""

    def alive(self) -> bool:
        """What asks is the loop this part lives on."""
        return True
