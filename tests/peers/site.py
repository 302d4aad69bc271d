"""A small site: Kamailio, baresip as number 2001 and the phone as 1502, both registered with digest.

Law: builds and ends the three; the tests speak.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.peers import sound
from tests.peers.baresip import Baresip
from tests.peers.child import wait_until
from tests.peers.kamailio import Kamailio
from tests.peers.phone import PeerPhone
from tests.stories.bench import Story

SPOKEN = 1000
"""Hertz of the tone the phone's microphone hears; baresip's is baresip.TONE."""
SPOKEN_LEVEL = -12.0


@dataclass
class Site:
    """`phone` is the process, `story` the words on it."""

    kamailio: Kamailio
    baresip: Baresip
    phone: PeerPhone
    story: Story
    heard: Path

    def call_out(self) -> None:
        """The phone calls baresip, which answers."""
        seen = len(self.baresip.events)
        self.story.dial(self.baresip.number)
        self.baresip.event("CALL_INCOMING", after=seen)
        self.baresip.command("accept")
        self.story.in_call(within=10)
        self.baresip.event("CALL_ESTABLISHED", after=seen)

    def call_in(self) -> None:
        """baresip calls the phone, whose handset is lifted."""
        seen = len(self.baresip.events)
        self.baresip.command("dial", f"sip:1502@127.0.0.1:{self.kamailio.port}")
        self.story.shows("Incoming call", self.baresip.number, within=10)
        self.story.press("ok")
        self.story.in_call(within=10)
        self.baresip.event("CALL_ESTABLISHED", after=seen)

    def hang_up(self) -> None:
        """The phone ends the call."""
        seen = len(self.baresip.events)
        self.story.press("cancel")
        self.story.idle(within=10)
        self.baresip.event("CALL_CLOSED", after=seen)

    def quiet(self) -> None:
        """Afterwards: no call on either side, still registered, nothing odd in the journal."""
        self.story.idle(within=10)
        self.story.registered()
        assert self.phone.troubles() == []

    def heard_so_far(self) -> float:
        """Seconds the phone's loudspeaker has recorded."""
        written = self.heard.exists() and self.heard.stat().st_size > 1000  # its writer buffers, header and all
        return sound.read(self.heard).seconds if written else 0.0

    def listen(self, seconds: float) -> sound.Recording:
        """Let the phone hear for so long, and give that part of its recording."""
        start = self.heard_so_far()
        wait_until(
            f"{seconds} s more of the phone's recording", lambda: self.heard_so_far() >= start + seconds, 20 + seconds
        )
        whole = sound.read(self.heard)
        first = int(start * whole.rate)
        return sound.Recording(whole.rate, whole.samples[first : first + int(seconds * whole.rate)])


@contextlib.contextmanager
def open_site(folder: Path, codec: str = "PCMA", **settings: str) -> Iterator[Site]:
    """A site whose baresip speaks this codec only."""
    sound.write_tone(folder / "spoken.wav", SPOKEN, level=SPOKEN_LEVEL)
    with contextlib.ExitStack() as ends:
        kamailio = Kamailio(folder)
        ends.callback(kamailio.stop)
        baresip = Baresip(folder / "baresip", kamailio.port, codec=codec)
        ends.callback(baresip.stop)
        audio = ("--audio", f"wav:{folder / 'spoken.wav'},{folder / 'heard.wav'}")
        phone = ends.enter_context(PeerPhone(folder / "phone", kamailio.port, *audio, **settings))
        story = phone.story()
        story.registered(within=10)
        yield Site(kamailio, baresip, phone, story, folder / "heard.wav")
