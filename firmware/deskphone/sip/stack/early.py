"""What is heard of a far end before it answers: early media, believed by its packets.

Law: SIP thread only. After a 180 a session alone is no voice: local ringing until packets come (RFC 3960 section 3.2).
"""

from __future__ import annotations

import weakref

from deskphone.core.events import CallProgress
from deskphone.sip.stack.loop import Timer
from deskphone.sip.stack.quality import read_quality
from deskphone.sip.stack.surroundings import PjCall, Surroundings

RINGING = 180
LOOK = 0.1
"""Seconds between looks for packets."""


class EarlyMedia:
    """Of one call. The call is held weakly, as in `holding`."""

    def __init__(self, leg: PjCall, around: Surroundings) -> None:
        self._leg = weakref.ref(leg)
        self._name = leg.name
        self._news = leg.news
        self._loop = around.loop
        self._session = False  # a provisional answer brought one
        self._looking: Timer | None = None

    def progressed(self, code: int, session: bool) -> None:
        """An 18x, with a session or without."""
        self._session = self._session or session
        heard = self._session and (code != RINGING or self.packets())
        self._news.tell(CallProgress(self._name, code, heard))
        if self._session and not heard and self._looking is None:
            self._looking = self._loop.after(LOOK, self._look)

    def packets(self) -> bool:
        """Whether RTP of the far end came before the 200 (RFC 3960 section 3.2)."""
        leg = self._leg()
        quality = read_quality(leg) if leg is not None else None
        return quality is not None and quality.received > 0

    def _look(self) -> None:
        self._looking, leg = None, self._leg()
        if leg is None or leg.over or leg.confirmed:
            return
        if self.packets():
            self._news.tell(CallProgress(self._name, RINGING, True))
        else:
            self._looking = self._loop.after(LOOK, self._look)
