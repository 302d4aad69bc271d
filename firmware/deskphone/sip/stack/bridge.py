"""The voice of a browser: a port of the conference bridge that takes and gives 16 kHz 16-bit mono PCM.

Law: frames of 20 ms move between threads through a bounded queue; the bytes are not looked into, except for their
peak. The port is made for the first browser and stays until the bridge's clock has stopped: the clock thread calls
into the Python object, and one that is being destroyed at that moment ends the process.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from typing import Any

import pjsua2 as pj

from deskphone.sip.stack.endpoint import CLOCK_RATE, FRAME_MS

LOG = logging.getLogger("deskphone.useragent")
FRAME_BYTES = CLOCK_RATE * FRAME_MS // 1000 * 2
SILENCE = bytes(FRAME_BYTES)
PREFETCH = 2
"""Frames collected before the first is played: a browser's timer wanders by a frame or two."""
MOST = 8
"""Frames kept (160 ms); what arrives faster pushes the oldest out."""

Listener = Callable[[bytes], None]


def peak(pcm: bytes) -> float:
    """The loudest sample of a frame, 0.0 to 1.0."""
    samples = memoryview(pcm).cast("h")
    high, low = (max(samples), min(samples)) if samples else (0, 0)
    return min(1.0, max(high, -low) / 32_767)


class Jitter:
    """A bounded queue of frames: silence until PREFETCH are there, and again after it ran dry."""

    def __init__(self) -> None:
        self._frames: deque[bytes] = deque(maxlen=MOST)
        self._flowing = False

    def put(self, pcm: bytes) -> None:
        """Add one frame. ValueError where it is no frame."""
        if len(pcm) != FRAME_BYTES:
            raise ValueError(f"voice frame: {len(pcm)} bytes; expected {FRAME_BYTES}")
        self._frames.append(pcm)

    def get(self) -> bytes | None:
        """The next frame, None while there is nothing to play."""
        if not self._flowing and len(self._frames) < PREFETCH:
            return None
        try:
            frame = self._frames.popleft()
        except IndexError:
            self._flowing = False
            return None
        self._flowing = True
        return frame


class BrowserPort(pj.AudioMediaPort):  # type: ignore[misc]
    """The bridge's end. Its callbacks run on the bridge's clock thread: they must be quick and never raise."""

    def __init__(self) -> None:
        super().__init__()
        self._jitter = Jitter()
        self._listener: Listener | None = None
        self.spoken = 0.0
        self.heard = 0.0
        form = pj.MediaFormatAudio()
        form.init(pj.PJMEDIA_FORMAT_PCM, CLOCK_RATE, 1, FRAME_MS * 1000, 16)
        self.createPort("browser", form)

    @property
    def attached(self) -> bool:
        """Whether a browser listens."""
        return self._listener is not None

    def attach(self, listener: Listener | None) -> None:
        """Give frames to this browser from now on, or to nobody; what an older one said is forgotten."""
        self._jitter = Jitter()
        self._listener = listener
        self.spoken = self.heard = 0.0

    def put(self, pcm: bytes) -> None:
        """One frame of the browser's microphone (any thread)."""
        if self._listener is not None:
            self._jitter.put(pcm)

    def onFrameRequested(self, frame: Any) -> None:
        """The bridge wants 20 ms of microphone."""
        pcm = self._jitter.get()
        self.spoken = peak(pcm) if pcm else 0.0
        pcm = pcm or SILENCE
        frame.type = pj.PJMEDIA_FRAME_TYPE_AUDIO
        frame.buf = pj.ByteVector(pcm)
        frame.size = len(pcm)

    def onFrameReceived(self, frame: Any) -> None:
        """The bridge gives 20 ms for the loudspeaker."""
        listener = self._listener
        if listener is None:
            return
        pcm = bytes(frame.buf[: frame.size]) if frame.type == pj.PJMEDIA_FRAME_TYPE_AUDIO else SILENCE
        if len(pcm) != FRAME_BYTES:
            pcm = SILENCE
        self.heard = peak(pcm)
        try:
            listener(pcm)
        except Exception:
            LOG.exception("the listener of the voice failed")
