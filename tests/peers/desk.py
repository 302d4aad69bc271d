"""The phone at an exchange where SIPp plays: start a scenario, act as the person, and look at the phone afterwards.

Law: `play` judges: SIPp must be content, and the phone idle, registered where it was, clean and answering.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.peers.exchange import Exchange
from tests.peers.phone import PeerPhone
from tests.peers.sipp import Sipp
from tests.stories.bench import Story


@dataclass
class Desk:
    """`story`: the words of the stories on the phone."""

    folder: Path
    exchange: Exchange
    phone: PeerPhone
    story: Story

    @contextlib.contextmanager
    def play(self, scenario: str, calls: int = 1, repeats: bool = False) -> Iterator[Sipp]:
        """SIPp plays sipp/SCENARIO.xml; the block is what the person does meanwhile."""
        where = self.place()
        sipp = Sipp(scenario, self.folder, self.exchange.port, calls=calls, repeats=repeats)
        self.exchange.sipp = sipp.port
        try:
            sipp.listening()
            try:
                yield sipp
            except AssertionError as error:
                raise AssertionError(f"{error}\n{sipp.report()}") from None
            sipp.finish()
        finally:
            self.exchange.sipp = 0
            sipp.stop()
        self.story.idle(within=10)
        assert self.place() == where, "the phone is not registered where it was"
        assert self.phone.troubles() == []
        assert self.exchange.options() == 200

    def place(self) -> list[tuple[str, bool]]:
        """Where the phone is registered."""
        return [(each["address"], each["registered"]) for each in self.phone.state()["servers"]]

    def tidy(self) -> None:
        """After a failed test: end what it left, so that the next one begins with an idle phone."""
        for _ in range(6):
            if not self.phone.state()["calls"]:
                break
            self.phone.press("left", "cancel")  # "left": a key that ended a call is spent until another one
            self.story.pass_time(0.3)
        self.phone.put_down()

    # --- what a person does ------------------------------------------------------------------------

    def answer(self) -> None:
        """Wait for the ring and answer."""
        self.story.shows("Incoming call", within=10)
        self.story.press("ok")
        self.story.in_call(within=10)

    def hold(self) -> None:
        """Hold, and wait until it is so."""
        self.story.press("hold")
        self.story.wait("hold", lambda state: [call["local_hold"] for call in state["calls"]] == [True], 10)

    def hang_up(self) -> None:
        """End the call."""
        self.story.press("cancel")


@contextlib.contextmanager
def open_desk(folder: Path, *, prefix: tuple[str, ...] = (), patience: float = 10.0, **settings: str) -> Iterator[Desk]:
    """A phone registered at an exchange. prefix: what its program is started by; patience: seconds, for a slow one."""
    with contextlib.ExitStack() as ends:
        exchange = Exchange()
        ends.callback(exchange.close)
        phone = ends.enter_context(
            PeerPhone(folder / "phone", exchange.port, prefix=prefix, patience=2 * patience, **settings)
        )
        story = phone.story()
        story.registered(within=patience)
        yield Desk(folder, exchange, phone, story)
