"""A small office at one Asterisk: two phones of ours (1001 and 1002) and baresip (1003), each with a tone of its own.

Law: builds and ends them, and knows the words a test needs on more than one of them. Whose tone is where is what the
tests measure: 1001 speaks 1000 Hz, 1002 700 Hz, baresip 440 Hz, Asterisk 1300 Hz, its music 600 Hz.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.peers import baresip, sound
from tests.peers.asterisk import trust
from tests.peers.asterisk.endpoint import Endpoint
from tests.peers.asterisk.instance import Asterisk
from tests.peers.child import LOOPBACK, wait_until
from tests.peers.ear import Ear
from tests.peers.phone import PeerPhone
from tests.stories.bench import Story

ALICE, BOB, CARL = 1000, 700, baresip.TONE
AGENT = {"voip__auto_answer__enabled": "1", "voip__talk_event__enabled": "1"}
ENDPOINTS = (
    Endpoint("1001", "Alice Agent", options={"mailboxes": "1001@default"}),
    Endpoint("1002", "Bob Expert"),
    Endpoint("1003", "Carl Customer", codecs="alaw,ulaw"),
)


PEOPLE = tuple(each.number for each in ENDPOINTS)


class Desk:
    """One of our phones at Asterisk, with a voice and an ear.

    authority: a folder of `trust.make` whose authority it believes; client: it has a certificate of its own.
    """

    def __init__(
        self, folder: Path, number: str, server: int, *, tone: int = ALICE, host: str = LOOPBACK,
        authority: Path | None = None, client: bool = False, **settings: str,
    ) -> None:  # fmt: skip
        folder.mkdir(parents=True, exist_ok=True)
        self.data = folder / "data"
        if authority is not None:
            trust.believe(self.data, authority, client)
        self.number, self.tone, heard = number, tone, folder / "heard.wav"
        sound.write_tone(folder / "spoken.wav", tone)
        audio = ("--audio", f"wav:{folder / 'spoken.wav'},{heard}")
        settings.setdefault("voip__signalling__sip__proxy_address", host)
        self.phone = PeerPhone(folder, server, *audio, number=number, **settings)
        self.story: Story = self.phone.story()
        self.ear = Ear(number, lambda: heard)
        self._read = 0

    def registered(self) -> None:
        """Wait until Asterisk has it."""
        self.story.registered(within=10)

    def answer(self) -> None:
        """Wait for the ring and answer."""
        self.story.shows("Incoming call", within=10)
        self.story.press("ok")
        self.story.in_call(within=10)

    def hold(self, wanted: bool = True) -> None:
        """Press hold until the oldest call is held or not, as wanted, and wait for it."""
        self.story.press("hold")
        self.story.wait("hold", lambda state: state["calls"][0]["local_hold"] is wanted, 10)

    def clear(self) -> None:
        """End what a failed test left."""
        for _ in range(8):
            if not self.phone.state()["calls"] and "Cancel" not in self.story.screen().text:
                break
            self.phone.press("left", "cancel")  # "left": a key that ended a call is spent until another one
            self.story.pass_time(0.2)
        self.phone.put_down()

    def troubles(self) -> list[str]:
        """What the journal tells of since it was asked last."""
        troubles = self.phone.troubles()
        new, self._read = troubles[self._read :], len(troubles)
        return new

    def end(self) -> None:
        """End the process."""
        self.phone.end()


@dataclass
class Office:
    """asterisk, alice (1001), bob (1002), carl (1003, baresip)."""

    asterisk: Asterisk
    alice: Desk
    bob: Desk
    carl: baresip.Baresip
    carls_ear: Ear

    def alice_calls_bob(self) -> None:
        """A call between our phones, heard both ways."""
        self.alice.story.dial("1002")
        self.bob.answer()
        self.alice.story.in_call(within=10)

    def bob_calls_alice(self) -> None:
        """The other way."""
        self.bob.story.dial("1001")
        self.alice.answer()
        self.bob.story.in_call(within=10)

    def carl_is_called(self, seen: int) -> None:
        """Wait until baresip rings, behind its first `seen` events."""
        self.carl.event("CALL_INCOMING", after=seen)

    def carl_answers(self, seen: int) -> None:
        """Let baresip answer a call that comes."""
        self.carl_is_called(seen)
        self.carl.command("accept")
        self.carl.event("CALL_ESTABLISHED", after=seen)

    def carl_calls(self, number: str) -> None:
        """Let baresip dial."""
        self.carl.command("dial", f"sip:{number}@{LOOPBACK}:{self.asterisk.port}")

    def everybody_hangs_up(self) -> None:
        """Asterisk ends their calls; both phones are idle, clean and registered afterwards."""
        self.asterisk.hang_up(*PEOPLE)
        for desk in (self.alice, self.bob):
            desk.story.idle(within=10)
            desk.story.registered(within=10)
            assert desk.troubles() == []
        self.asterisk.quiet(*PEOPLE)

    def tidy(self) -> None:
        """After a failed test."""
        self.asterisk.hang_up(*PEOPLE)
        for desk in (self.alice, self.bob):
            desk.clear()
            desk.troubles()


@contextlib.contextmanager
def open_office(folder: Path, certificates: Path, more: Sequence[Endpoint] = ()) -> Iterator[Office]:
    """All of it, registered."""
    with contextlib.ExitStack() as ends:
        asterisk = Asterisk(folder / "asterisk", (*ENDPOINTS, *more), certificates)
        ends.callback(asterisk.stop)
        desks = []
        for number, tone in (("1001", ALICE), ("1002", BOB)):
            desk = Desk(folder / number, number, asterisk.port, tone=tone, **AGENT)
            ends.callback(desk.end)
            desks.append(desk)
        carl = baresip.Baresip(folder / "1003", asterisk.port, number="1003")
        ends.callback(carl.stop)
        for desk in desks:
            desk.registered()
        ear = Ear("baresip", lambda: newest_recording(folder / "1003"))
        yield Office(asterisk, *desks, carl, ear)


def newest_recording(folder: Path) -> Path | None:
    """What baresip hears in its newest call."""
    found = sorted(folder.glob("dump-*-dec.wav"), key=lambda path: path.stat().st_mtime)
    return found[-1] if found else None


def until(what: str, found: object, within: float = 10.0) -> None:
    """Wait until `found()` is true."""
    assert callable(found)
    wait_until(what, found, within)
