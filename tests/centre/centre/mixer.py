"""The Media Server of a conference: each side hears the sum of the others, 20 ms at a time, in its own G.711."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque

from centre import g711, sdp
from centre.audio import FRAME
from centre.localparty import LocalParty
from centre.rtp import PACKET_TIME, Packet
from centre.useragent import UserAgent

_JITTER = 5  # frames kept of each side: 100 ms


class Port(LocalParty):
    """The end of one side's media."""

    def __init__(self, agent: UserAgent, label: str) -> None:
        super().__init__(agent, label, media="none")
        self.frames: deque[list[int]] = deque(maxlen=_JITTER)
        self._sequence, self._stamp = secrets.randbits(15), secrets.randbits(31)

    def next_frame(self) -> list[int]:
        """20 ms of what this side says; silence where it says nothing."""
        return self.frames.popleft() if self.frames else [0] * FRAME

    def play(self, samples: list[int]) -> None:
        """20 ms for this side to hear."""
        self._sequence, self._stamp = self._sequence + 1, self._stamp + FRAME
        if self._rtp is None or self.remote is None or self.codec not in g711.SILENCE or self.held:
            return
        kind = next(entry.payload_type for entry in self.remote.formats if entry.name == self.codec)
        payload = g711.encode(self.codec, samples)
        self._rtp.send(Packet(kind, self._sequence, self._stamp, self._rtp.ssrc, payload))

    def _heard(self, packet: Packet) -> None:
        super()._heard(packet)
        formats = self.remote.formats if self.remote else ()
        name = next((entry.name for entry in formats if entry.payload_type == packet.payload_type), "")
        name = name or sdp.STATIC.get(packet.payload_type, "").split("/")[0]
        if name in g711.SILENCE:
            samples = g711.decode(name, packet.payload)
            self.frames.extend(samples[i : i + FRAME] for i in range(0, len(samples) - FRAME + 1, FRAME))


class Mixer:
    """Runs while it has ports."""

    def __init__(self) -> None:
        self.ports: list[Port] = []
        self._due = 0.0
        self._handle: asyncio.TimerHandle | None = None

    def add(self, port: Port) -> None:
        """Another side."""
        self.ports.append(port)
        if self._handle is None:
            self._due = asyncio.get_running_loop().time()
            self._mix()

    def remove(self, port: Port) -> None:
        """A side left."""
        if port in self.ports:
            self.ports.remove(port)
        if not self.ports and self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _mix(self) -> None:
        loop = asyncio.get_running_loop()
        frames = [port.next_frame() for port in self.ports]
        everybody = [sum(samples) for samples in zip(*frames, strict=True)]
        for port, own in zip(self.ports, frames, strict=True):
            port.play([max(-32768, min(32767, all_ - one)) for all_, one in zip(everybody, own, strict=True)])
        self._due = max(self._due + PACKET_TIME, loop.time() - 0.2)
        self._handle = loop.call_at(self._due, self._mix)
