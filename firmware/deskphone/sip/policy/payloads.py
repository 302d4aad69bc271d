"""What our SDP offers say otherwise than pjsua writes them: payload type numbers (pjmedia hands them out as it likes,
the settings name two of them), the profile of a far end that wants feedback, and no keys for a voice agreed on plain.

Law: pure text in, text out. Only offers are changed: in an answer the numbers are the far end's.
"""

from __future__ import annotations

import re

_MAP = re.compile(r"^a=rtpmap:(\d+) ([^/\s]+)/(\d+)", re.MULTILINE)
_ATTRIBUTE = re.compile(r"^(a=(?:rtpmap|fmtp|rtcp-fb):)(\d+)\b", re.MULTILINE)
_MEDIA = re.compile(r"^(m=audio \d+ \S+)((?: \d+)+)", re.MULTILINE)
_FEEDBACK = re.compile(rb"^m=audio [1-9]\d* RTP/S?AVPF ", re.MULTILINE)
_WITHOUT = re.compile(r"^(m=audio \d+ RTP/S?AVP) ", re.MULTILINE)
_PLAIN = re.compile(r"^m=\S+ \d+ RTP/AVPF? .*?(?=^m=|\Z)", re.MULTILINE | re.DOTALL)
_KEYS = re.compile(r"^a=crypto:[^\r\n]*(?:\r?\n|\Z)", re.MULTILINE)
FIRST_DYNAMIC = 96


def wants_feedback(sdp: bytes) -> bool:
    """Whether a far end's voice is of a profile with feedback (RFC 4585, RFC 5124)."""
    return _FEEDBACK.search(sdp) is not None


def with_feedback(sdp: str) -> str:
    """The offer in the profile of a far end that wants feedback: it need not understand the other."""
    return _WITHOUT.sub(r"\1F ", sdp)


def without_keys(sdp: str) -> str:
    """The offer without the keys (a=crypto) of its lines that are not of SRTP.

    RFC 4568 has keys with RTP/SAVP; some servers refuse a whole re-INVITE for others, and the call is plain already.
    """
    return _PLAIN.sub(lambda line: _KEYS.sub("", line[0]), sdp)


def renumbered(sdp: str, opus: int, event: int) -> str:
    """The offer with Opus and telephone-event (at 8000 Hz) at these numbers; others that stand there move away."""
    maps = [(int(number), name.lower(), int(rate)) for number, name, rate in _MAP.findall(sdp)]
    new: dict[int, int] = {}
    for number, name, rate in maps:
        if name == "opus":
            new.setdefault(number, opus)
        elif name == "telephone-event" and rate == 8000:
            new.setdefault(number, event)
    taken = set(new.values())
    if len(taken) < len(new):
        return sdp  # the settings gave both the same number: better pjmedia's own than none
    free = (number for number in range(FIRST_DYNAMIC, 128) if number not in taken | {n for n, _, _ in maps})
    for number, _, _ in maps:
        if number not in new and number in taken:
            new[number] = next(free)

    def changed(number: str) -> str:
        return str(new.get(int(number), int(number)))

    sdp = _ATTRIBUTE.sub(lambda found: found[1] + changed(found[2]), sdp)
    return _MEDIA.sub(lambda found: found[1] + "".join(f" {changed(n)}" for n in found[2].split()), sdp)
