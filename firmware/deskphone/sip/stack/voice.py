"""The voice of a web page, from any thread to the switchboard of the SIP thread.

Law: nothing of pj here; what needs the SIP thread is posted to it.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from deskphone.sip.stack.bridge import Listener
from deskphone.sip.stack.switchboard import Switchboard


class VoiceBridge:
    """The end of the bridge a web page talks to (any thread): see `sim.panel.voice.AudioBridge`."""

    def __init__(
        self, board: Callable[[], Switchboard | None], later: Callable[[Callable[[Switchboard], None]], None]
    ) -> None:
        """board: the switchboard while there is one. later: run this with it on the SIP thread."""
        self._board, self._later = board, later
        self._levels = (0.0, 0.0)
        self._asked = 0.0

    def feed(self, pcm: bytes) -> None:
        """One 20 ms frame of 16 kHz 16-bit mono from the microphone of the page."""
        board = self._board()
        if board is not None:
            board.feed(pcm)

    def attach(self, listener: Listener | None) -> None:
        """Frames for the loudspeaker go to `listener`, called on the bridge's clock thread; None ends it."""
        self._later(lambda board: board.attach(listener))

    def levels(self) -> tuple[float, float]:
        """Microphone and loudspeaker, 0.0 to 1.0, as they were a moment ago."""
        now = time.monotonic()
        if now - self._asked > 0.05:
            self._asked = now
            self._later(self._read)
        return self._levels

    def _read(self, board: Switchboard) -> None:
        self._levels = board.levels()
