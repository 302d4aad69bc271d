"""G.711 (ITU-T G.711): mu-law and A-law bytes to 16-bit samples and back, by table. Pure."""

from __future__ import annotations

from bisect import bisect_right
from functools import cache
from itertools import pairwise


def _ulaw_sample(code: int) -> int:
    code ^= 0xFF
    magnitude = ((((code & 0x0F) << 3) + 0x84) << ((code & 0x70) >> 4)) - 0x84
    return -magnitude if code & 0x80 else magnitude


def _alaw_sample(code: int) -> int:
    code ^= 0x55
    segment, low = (code & 0x70) >> 4, (code & 0x0F) << 4
    magnitude = low + 8 if segment == 0 else (low + 0x108) << (segment - 1)
    return magnitude if code & 0x80 else -magnitude


_DECODE = {
    "PCMU": tuple(_ulaw_sample(code) for code in range(256)),
    "PCMA": tuple(_alaw_sample(code) for code in range(256)),
}

SILENCE = {"PCMU": 0xFF, "PCMA": 0xD5}


@cache
def _encoder(codec: str) -> tuple[list[int], list[int]]:
    """Decision levels half way between neighbouring samples, and the code above each."""
    ordered = sorted((sample, code) for code, sample in enumerate(_DECODE[codec]))
    levels = [(low + high) // 2 for (low, _), (high, _) in pairwise(ordered)]
    return levels, [code for _, code in ordered]


def encode(codec: str, samples: list[int]) -> bytes:
    """16-bit samples to PCMU or PCMA bytes, nearest level."""
    levels, codes = _encoder(codec)
    return bytes(codes[bisect_right(levels, sample)] for sample in samples)


def decode(codec: str, payload: bytes) -> list[int]:
    """PCMU or PCMA bytes to 16-bit samples."""
    table = _DECODE[codec]
    return [table[code] for code in payload]
