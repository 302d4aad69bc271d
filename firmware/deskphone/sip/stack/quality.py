"""How well a call sounds: codec, packets, loss, jitter, round trip, as a frozen value for reports.

Law: SIP thread only for reading; the value itself may go anywhere.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import pjsua2 as pj


@dataclass(frozen=True, slots=True)
class CallQuality:
    """Received is what we hear, sent what the far end reports to hear (RTCP, RFC 3550). Times in milliseconds.

    due: both sides send. One that holds may send, and need not (RFC 3264 section 5.1: sendonly permits).
    """

    codec: str
    sent: int
    received: int
    lost: int
    discarded: int
    jitter_ms: float
    far_lost: int
    far_jitter_ms: float
    round_trip_ms: float
    buffer_ms: int
    reports: int
    due: bool

    @property
    def loss_percent(self) -> float:
        """Part of the packets sent to us that never came."""
        expected = self.received + self.lost
        return 100 * self.lost / expected if expected else 0.0


class Watch:
    """For how long neither RTP nor RTCP came."""

    def __init__(self) -> None:
        self._last = (-1, -1)
        self._since = time.monotonic()
        self._dead_air = False

    def reset(self) -> None:
        """The media changed: count from now."""
        self._last, self._since = (-1, -1), time.monotonic()

    def silent_for(self, quality: CallQuality, pauses: bool = False) -> float:
        """Seconds; 0 while the far end need not send. pauses: it leaves silence unsent (RFC 3389): then its reports are
        due, where it ever sent one."""
        now = (quality.received, quality.reports)
        due = quality.due and (not pauses or quality.reports > 0)
        if now != self._last or not due:
            self._last, self._since = now, time.monotonic()
        return time.monotonic() - self._since

    def fell_silent(self, silent: float) -> bool:
        """Whether a silence of so many seconds is a new one, to be looked into."""
        before, self._dead_air = self._dead_air, silent > DEAD_AIR
        return self._dead_air and not before


DEAD_AIR = 2.0
"""Seconds without RTP and RTCP, where they are due, after which the server is asked whether it lives."""


def read_quality(call: Any) -> CallQuality | None:
    """The numbers of a call's audio now, None without media."""
    try:
        info = call.getInfo()
        for each in info.media:
            if each.type == pj.PJMEDIA_TYPE_AUDIO and each.audioConfSlot >= 0:
                return _numbers(call.getStreamInfo(each.index), call.getStreamStat(each.index), int(each.dir))
    except pj.Error:
        return None
    return None


def _numbers(stream: Any, stat: Any, direction: int) -> CallQuality:
    rtcp = stat.rtcp
    return CallQuality(
        codec=f"{stream.codecName}/{stream.codecClockRate}",
        sent=int(rtcp.txStat.pkt),
        received=int(rtcp.rxStat.pkt),
        lost=int(rtcp.rxStat.loss),
        discarded=int(rtcp.rxStat.discard),
        jitter_ms=rtcp.rxStat.jitterUsec.mean / 1000,
        far_lost=int(rtcp.txStat.loss),
        far_jitter_ms=rtcp.txStat.jitterUsec.mean / 1000,
        round_trip_ms=rtcp.rttUsec.mean / 1000,
        buffer_ms=int(stat.jbuf.avgDelayMsec),
        reports=int(rtcp.txStat.updateCount),
        due=direction == pj.PJMEDIA_DIR_ENCODING_DECODING,
    )
