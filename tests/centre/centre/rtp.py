"""RTP (RFC 3550) over asyncio: packets, a socket pair, and a 20 ms player. Phone-to-phone media never come here."""

from __future__ import annotations

import asyncio
import secrets
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass

from centre.audio import FRAME

PACKET_TIME = 0.020
_HEADER = struct.Struct("!BBHII")
_MAX_BEHIND = 0.2


@dataclass(frozen=True, slots=True)
class Packet:
    """One RTP packet without extensions."""

    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes
    marker: bool = False

    @classmethod
    def parse(cls, data: bytes) -> Packet:
        """Raises ValueError on what is no RTP."""
        if len(data) < 12 or data[0] >> 6 != 2:
            raise ValueError("not RTP version 2")
        first, second, sequence, timestamp, ssrc = _HEADER.unpack_from(data)
        start = 12 + 4 * (first & 0x0F)
        if first & 0x10:
            if len(data) < start + 4:
                raise ValueError("header extension cut off")
            start += 4 + 4 * int.from_bytes(data[start + 2 : start + 4], "big")
        end = len(data) - (data[-1] if first & 0x20 else 0)
        if start > end:
            raise ValueError("longer header or padding than packet")
        return cls(second & 0x7F, sequence, timestamp, ssrc, data[start:end], bool(second & 0x80))

    def to_bytes(self) -> bytes:
        """For the wire."""
        second = self.payload_type | (0x80 if self.marker else 0)
        return _HEADER.pack(0x80, second, self.sequence & 0xFFFF, self.timestamp & 0xFFFFFFFF, self.ssrc) + self.payload


class RtpSocket:
    """An even port for RTP and the next one for RTCP (read and thrown away, so that no ICMP error goes back)."""

    def __init__(self, host: str, receive: Callable[[Packet], None]) -> None:
        self.host, self._receive = host, receive
        self.remote: tuple[str, int] | None = None
        self.ssrc = secrets.randbits(32)
        self.sent = 0
        self._rtp, self._rtcp = _bind_pair(host)
        self.port: int = self._rtp.getsockname()[1]
        loop = asyncio.get_running_loop()
        loop.add_reader(self._rtp, self._readable)
        loop.add_reader(self._rtcp, self._drain)

    def send(self, packet: Packet) -> None:
        """To the remote address, if it is known; a full buffer loses the packet as a network would."""
        if self.remote is None:
            return
        try:
            self._rtp.sendto(packet.to_bytes(), self.remote)
            self.sent += 1
        except OSError:
            pass

    def close(self) -> None:
        """Free the ports; a second time does nothing."""
        if self._rtp.fileno() < 0:
            return
        self.remote = None
        loop = asyncio.get_running_loop()
        for sock in (self._rtp, self._rtcp):
            loop.remove_reader(sock)
            sock.close()

    def _readable(self) -> None:
        for _ in range(16):
            try:
                data = self._rtp.recv(2048)
            except BlockingIOError:
                return
            except OSError:
                continue  # ICMP unreachable of an earlier send
            try:
                packet = Packet.parse(data)
            except ValueError:
                continue
            self._receive(packet)

    def _drain(self) -> None:
        try:
            self._rtcp.recv(2048)
        except OSError:
            return


class Player:
    """Sends a loop of codec bytes, one frame each 20 ms, on the clock of the loop and without drift."""

    def __init__(self, rtp: RtpSocket, payload_type: int, sound: bytes) -> None:
        self._rtp, self._payload_type, self._sound = rtp, payload_type, sound
        self._position = 0
        self._sequence, self._timestamp = secrets.randbits(15), secrets.randbits(31)
        self._marker = True
        self._handle: asyncio.TimerHandle | None = None

    @property
    def playing(self) -> bool:
        """Between start and stop."""
        return self._handle is not None

    def start(self) -> None:
        """From where it stopped."""
        if self._handle is None:
            self._marker = True
            self._due = asyncio.get_running_loop().time()
            self._send()

    def stop(self) -> None:
        """Fall silent."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _send(self) -> None:
        loop = asyncio.get_running_loop()
        payload = self._sound[self._position : self._position + FRAME]
        self._position = (self._position + FRAME) % len(self._sound)
        packet = Packet(self._payload_type, self._sequence, self._timestamp, self._rtp.ssrc, payload, self._marker)
        self._rtp.send(packet)
        self._marker = False
        self._sequence += 1
        self._timestamp += FRAME
        self._due += PACKET_TIME
        if loop.time() - self._due > _MAX_BEHIND:
            self._due = loop.time()  # the machine slept: no burst of old packets
        self._handle = loop.call_at(self._due, self._send)


def _bind_pair(host: str) -> tuple[socket.socket, socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for _ in range(50):
        rtp = socket.socket(family, socket.SOCK_DGRAM)
        rtcp = socket.socket(family, socket.SOCK_DGRAM)
        try:
            rtp.bind((host, 0))
            port = rtp.getsockname()[1]
            if port % 2 == 0 and port < 65534:
                rtcp.bind((host, port + 1))
                rtp.setblocking(False)
                rtcp.setblocking(False)
                return rtp, rtcp
        except OSError:
            pass
        rtp.close()
        rtcp.close()
    raise OSError(f"no free pair of RTP ports on {host}")
