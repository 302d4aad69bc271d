"""What is heard of a far end before it answers: early media, believed by its packets.

Law: SIP thread only. Once it rings (180), a session alone is no voice: local ringing while no packets come, also when
they have stopped (RFC 3960 section 3.2).
"""

from __future__ import annotations

import time
import weakref

from deskphone.core.events import CallProgress
from deskphone.sip.stack.loop import Timer
from deskphone.sip.stack.quality import read_quality
from deskphone.sip.stack.surroundings import PjCall, Surroundings

RINGING = 180
LOOK, LOOK_HEARD = 0.1, 1.0
"""Seconds between looks for packets, where none come and while they do."""
QUIET = 6.0
"""Seconds without a packet after which early media has ended: a ringing tone with its silence left out pauses for 4."""


class EarlyMedia:
    """Of one call. The call is held weakly, as in `holding`."""

    def __init__(self, leg: PjCall, around: Surroundings) -> None:
        self._leg = weakref.ref(leg)
        self._name = leg.name
        self._news = leg.news
        self._loop = around.loop
        self._session = self._rang = self._heard = False  # a provisional answer brought a voice; a 180 came
        self._count, self._since = 0, 0.0  # packets of the far end, and when the last one was seen
        self._looking: Timer | None = None
        self._told: CallProgress | None = None

    def progressed(self, code: int, session: bool) -> None:
        """An 18x. session: with a description by which the far end may send its voice."""
        self._session = self._session or session
        self._rang = self._rang or code == RINGING
        self._tell(code)

    def packets(self) -> bool:
        """Whether RTP of the far end comes before the 200 (RFC 3960 section 3.2)."""
        leg = self._leg()
        quality = read_quality(leg) if leg is not None else None
        count, now = quality.received if quality is not None else 0, time.monotonic()
        if count != self._count:
            self._count, self._since = count, now
        return self._count > 0 and now - self._since < QUIET

    def _tell(self, code: int) -> None:
        self._heard = self._session and (not self._rang or self.packets())
        progress = CallProgress(self._name, code, self._heard)
        if progress != self._told:  # the same again is no news, and each costs a report to who asked for the call
            self._told = progress
            self._news.tell(progress)
        if self._session and self._looking is None:  # also before a 180: an announcement may be over when it comes
            self._look_again()

    def _look_again(self) -> None:
        self._looking = self._loop.after(LOOK_HEARD if self._heard else LOOK, self._look)

    def _look(self) -> None:
        self._looking, leg = None, self._leg()
        if leg is None or leg.over or leg.confirmed or self._news.over:
            return
        if self.packets() != self._heard and self._rang:
            self._tell(RINGING)
        else:
            self._look_again()
