"""Sound in tests: mu-law, the power of a tone, WAV files, somebody who speaks until he is heard."""

from __future__ import annotations

import math
import struct
import time
import wave
from collections.abc import Callable
from pathlib import Path as File

from tests.sip.useragent.peer import Rtp

PCMU, EVENT = 0, 101
DTMF = {"1": (697, 1209), "5": (770, 1336), "9": (852, 1477), "#": (941, 1477)}
PATIENCE = 10.0
"""Seconds for what takes a moment, and on a busy machine more."""


def from_mulaw(data: bytes) -> list[int]:
    """ITU-T G.711 mu-law to 16-bit samples."""
    samples = []
    for byte in data:
        code = ~byte & 0xFF
        value = (((code & 0x0F) << 3) + 0x84 << ((code & 0x70) >> 4)) - 0x84
        samples.append(-value if code & 0x80 else value)
    return samples


def to_mulaw(sample: int) -> int:
    """One 16-bit sample to mu-law."""
    sign = 0x80 if sample < 0 else 0
    value = min(abs(sample), 32_635) + 0x84
    exponent = max(0, value.bit_length() - 8)
    return ~(sign | exponent << 4 | (value >> (exponent + 3)) & 0x0F) & 0xFF


def power(samples: list[int], hertz: float, rate: int) -> float:
    """Goertzel: amplitude of one frequency, 0.0 to 1.0."""
    coefficient = 2 * math.cos(2 * math.pi * hertz / rate)
    one = two = 0.0
    for sample in samples:
        one, two = sample / 32_768 + coefficient * one - two, one
    return 2 * math.sqrt(max(0.0, one * one + two * two - coefficient * one * two)) / max(1, len(samples))


def heard(rtp: Rtp, hertz: float) -> float:
    """Amplitude of a frequency in the last 200 ms of PCMU that came."""
    return power(from_mulaw(b"".join(rtp.payloads(PCMU)[-10:])), hertz, 8000)


def sine(hertz: float, rate: int, seconds: float, amplitude: int = 12_000) -> list[int]:
    """Samples of a tone."""
    return [round(amplitude * math.sin(2 * math.pi * hertz * n / rate)) for n in range(int(rate * seconds))]


def spoken(hertz: float, amplitude: int = 12_000) -> list[bytes]:
    """A second of a tone (of whole hertz: it may go round and round) in frames of 20 ms of PCMU."""
    data = bytes(to_mulaw(sample) for sample in sine(hertz, 8000, 1.0, amplitude))
    return [data[at : at + 160] for at in range(0, len(data), 160)]


def speak_until(condition: Callable[[], bool], what: str, say: Callable[[int], None]) -> None:
    """Say frame after frame until `condition`, or fail."""
    until, number = time.monotonic() + PATIENCE, 0
    while not condition():
        assert time.monotonic() < until, f"{what}: not within {PATIENCE} s"
        say(number)
        number += 1
        time.sleep(0.02)  # the pace of voice is the thing sent, not a wait


def write_wav(file: File, samples: list[int], rate: int = 16_000) -> None:
    """A mono WAV file."""
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(struct.pack(f"<{len(samples)}h", *samples))


def read_wav(file: File) -> list[int]:
    """Samples of a mono WAV file."""
    with wave.open(str(file)) as data:
        frames = data.readframes(data.getnframes())
    return list(struct.unpack(f"<{len(frames) // 2}h", frames))


def unfinished_wav(file: File) -> list[int]:
    """Samples of a WAV file that is still written: its header does not tell how many yet."""
    data = file.read_bytes()[44:]
    return list(struct.unpack_from(f"<{len(data) // 2}h", data))
