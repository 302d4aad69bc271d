"""What a local party hears: packets counted, losses, digits (RFC 4733 and in-band), the last seconds of sound."""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING

from centre import g711
from centre.audio import RATE, decibels, goertzel
from centre.dtmf import DtmfDetector

if TYPE_CHECKING:
    from centre.rtp import Packet

_KEYS = "0123456789*#ABCD"
_KEPT_PACKETS = 150  # three seconds of 20 ms


class Ear:
    """Listens to one RTP stream at a time (a new SSRC starts the count of losses anew)."""

    def __init__(self) -> None:
        self.packets = 0
        self.lost = 0
        self.payload_types: set[int] = set()
        self.digits = ""
        self._dtmf = DtmfDetector()
        self._ssrc: int | None = None
        self._expected = 0
        self._event_stamp: int | None = None
        self._sound: deque[tuple[str, bytes]] = deque(maxlen=_KEPT_PACKETS)

    @property
    def ssrc(self) -> int | None:
        """Whose packet came last; None before the first."""
        return self._ssrc

    @property
    def loss(self) -> float:
        """Lost share of what was sent, 0.0 to 1.0."""
        return self.lost / (self.packets + self.lost) if self.packets else 0.0

    def hear(self, packet: Packet, codec: str) -> None:
        """One packet; `codec` is its encoding name."""
        self.packets += 1
        self.payload_types.add(packet.payload_type)
        if packet.ssrc != self._ssrc:
            self._ssrc, self._expected = packet.ssrc, packet.sequence
        ahead = (packet.sequence - self._expected) & 0xFFFF
        if ahead < 0x8000:
            self.lost += ahead
            self._expected = (packet.sequence + 1) & 0xFFFF
        elif self.lost:
            self.lost -= 1  # a late one that was counted as lost
        if codec == "TELEPHONE-EVENT":
            self._hear_event(packet)
        elif codec in g711.SILENCE:
            self._sound.append((codec, packet.payload))
            self.digits += self._dtmf.feed(g711.decode(codec, packet.payload))

    def forget(self) -> None:
        """Throw away the sound so far: the next level() is of what comes from now on."""
        self._sound.clear()

    @property
    def seconds(self) -> float:
        """How much sound is there to be measured."""
        return sum(len(payload) for _, payload in self._sound) / RATE

    def samples(self, seconds: float = 1.0) -> list[int]:
        """The last sound heard, decoded (G.711 only)."""
        wanted = round(seconds * RATE)
        found: list[int] = []
        for codec, payload in reversed(self._sound):
            if len(found) >= wanted:
                break
            found = g711.decode(codec, payload) + found
        return found[-wanted:]

    def level(self, hertz: float, seconds: float = 0.5) -> float:
        """dBFS of one frequency in the last `seconds`."""
        return decibels(goertzel(self.samples(seconds), hertz))

    def loudness(self, seconds: float = 0.5) -> float:
        """dBFS of everything in the last `seconds` (a full-scale sine is 0)."""
        samples = self.samples(seconds)
        if not samples:
            return -120.0
        return decibels(math.sqrt(2 * sum(sample * sample for sample in samples) / len(samples)) / 32767.0)

    def to_dict(self) -> dict[str, object]:
        """For JSON."""
        return {
            "packets": self.packets, "lost": self.lost, "loss": round(self.loss, 4), "digits": self.digits,
            "payload_types": sorted(self.payload_types), "loudness_dbfs": round(self.loudness(), 1),
        }  # fmt: skip

    def _hear_event(self, packet: Packet) -> None:
        if len(packet.payload) >= 4 and packet.timestamp != self._event_stamp and packet.payload[0] < len(_KEYS):
            self._event_stamp = packet.timestamp
            self.digits += _KEYS[packet.payload[0]]
