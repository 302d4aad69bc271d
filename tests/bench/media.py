"""The far end's voice: RTP of one codec each 20 ms, and a count of what comes back.

Law: every phone gets the same packets. G.711 and Opus carry a tone; G.722 carries seeded noise, because decoding
it costs the same whatever it says.
"""

from __future__ import annotations

import ctypes
import math
import random
import socket
import struct
import threading
import time
import wave
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from centre import g711
from tests.bench.farend import HOST

FRAME = 0.02
RATE = 16_000
FRAMES = 50
OPUS_VOIP, OPUS_SET_BITRATE, OPUS_BITS = 2048, 4002, 24_000


@dataclass(frozen=True, slots=True)
class Codec:
    """A codec as SDP offers it. step: RTP timestamp units a frame."""

    name: str
    payload_type: int
    rtpmap: str
    step: int


PCMU = Codec("G.711", 0, "PCMU/8000", 160)
G722 = Codec("G.722", 9, "G722/8000", 160)
OPUS = Codec("Opus", 96, "opus/48000/2", 960)
CODECS = (PCMU, G722, OPUS)


def offer(codec: Codec, port: int) -> bytes:
    """An SDP offer of this codec alone."""
    lines = (
        "v=0", f"o=- 1 1 IN IP4 {HOST}", "s=bench", f"c=IN IP4 {HOST}", "t=0 0",
        f"m=audio {port} RTP/AVP {codec.payload_type}", f"a=rtpmap:{codec.payload_type} {codec.rtpmap}", "a=sendrecv",
    )  # fmt: skip
    return "".join(f"{line}\r\n" for line in lines).encode()


def voice(rate: int, seconds: float, peak: float = 8000.0) -> list[int]:
    """A buzz with the pitch and the syllables of speech, 16 bits a sample."""
    samples = []
    for place in range(int(rate * seconds)):
        at = place / rate
        loud = 0.15 + 0.85 * abs(math.sin(2 * math.pi * 2.5 * at))
        buzz = sum(math.sin(2 * math.pi * 140 * harmonic * at) / harmonic for harmonic in (1, 2, 3, 5, 8))
        samples.append(int(peak * loud * buzz / 2.2))
    return samples


def microphone(path: Path, seconds: int = 120) -> None:
    """What all three phones say: a mono WAV at 16 kHz."""
    two = struct.pack(f"<{RATE * 2}h", *voice(RATE, 2.0))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(two * (seconds // 2))


@lru_cache(maxsize=8)
def frames(codec: Codec) -> tuple[bytes, ...]:
    """One second of payloads."""
    if codec is G722:
        noise = random.Random(722)
        return tuple(noise.randbytes(160) for _ in range(FRAMES))
    if codec is OPUS:
        return tuple(_opus(voice(48_000, 1.0)))
    said = voice(8000, 1.0)
    return tuple(g711.encode("PCMU", said[place * 160 : place * 160 + 160]) for place in range(FRAMES))


def _opus(samples: list[int]) -> Iterable[bytes]:
    """Encode 48 kHz mono with the machine's libopus."""
    library = ctypes.CDLL("libopus.so.0")
    library.opus_encoder_create.restype = ctypes.c_void_p
    error = ctypes.c_int()
    encoder = ctypes.c_void_p(library.opus_encoder_create(48_000, 1, OPUS_VOIP, ctypes.byref(error)))
    if error.value:
        raise RuntimeError(f"libopus: opus_encoder_create: {error.value}")
    library.opus_encoder_ctl(encoder, OPUS_SET_BITRATE, ctypes.c_int(OPUS_BITS))
    out = ctypes.create_string_buffer(1500)
    for place in range(FRAMES):
        frame = (ctypes.c_int16 * 960)(*samples[place * 960 : place * 960 + 960])
        size = library.opus_encode(encoder, frame, 960, out, len(out))
        if size < 0:
            raise RuntimeError(f"libopus: opus_encode: {size}")
        yield out.raw[:size]
    library.opus_encoder_destroy(encoder)


class Voice:
    """One stream to a phone, on a thread of its own. `received` counts the packets that came back."""

    def __init__(self, codec: Codec) -> None:
        self.codec = codec
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((HOST, 0))
        self.socket.setblocking(False)
        self.port = int(self.socket.getsockname()[1])
        self.received = 0
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, address: tuple[str, int]) -> None:
        """Speak to this address from now on."""
        payloads = frames(self.codec)
        self._thread = threading.Thread(target=self._run, args=(address, payloads), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Be silent and free the port."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join(1)
        self.socket.close()

    def _run(self, address: tuple[str, int], payloads: tuple[bytes, ...]) -> None:
        next_at, number = time.monotonic(), 0
        while not self._ended.is_set():
            stamp = number * self.codec.step & 0xFFFFFFFF
            head = struct.pack(">BBHII", 0x80, self.codec.payload_type, number & 0xFFFF, stamp, 0x62656E63)
            self.socket.sendto(head + payloads[number % len(payloads)], address)
            self._listen()
            number += 1
            next_at += FRAME
            time.sleep(max(0.0, next_at - time.monotonic()))

    def _listen(self) -> None:
        try:
            while True:
                if self.socket.recv(2048)[1] & 0x7F == self.codec.payload_type:
                    self.received += 1
        except OSError:  # nothing more there, or a port that is closed already
            return
