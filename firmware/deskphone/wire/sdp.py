"""The media lines of a session description (RFC 8866): kind, port, profile and attributes, and no more.

Law: reads what a decision about an offer needs; pjmedia negotiates. Blanks behind a line, m= in another letter case and
bare line ends are taken, as they occur in the field; a media line that cannot be read is a WireError.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from deskphone.wire.errors import MAX_BODY, WireError, bounded, clip

MAX_MEDIA: Final = 64  # m= lines
NOWHERE: Final = frozenset(("0.0.0.0", "::"))
_MEDIA: Final = re.compile(r"m=\s*([!-~]{1,32})\s+(\d{1,10})(?:\s*/\s*\d+)?\s+([!-~]{1,64})(?:\s|$)")
_STATIC: Final = {"0": "pcmu", "8": "pcma", "9": "g722"}  # RFC 3551 section 6


@dataclass(frozen=True, slots=True)
class Media:
    """One m= line with its a= lines. kind: media type in lower case. port: 0 is a stream that is refused (RFC 3264
    section 6). profile: upper case. attributes: without `a=`. formats: as they stand. address: where it is sent, by its
    own c= line or the session's (RFC 8866 section 5.7), "" where there is none."""

    kind: str
    port: int
    profile: str
    attributes: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    address: str = ""

    @property
    def live(self) -> bool:
        """Whether the stream is offered or accepted: its port is not 0."""
        return self.port > 0

    def every(self, name: str) -> tuple[str, ...]:
        """The values of the attributes `name:value` of this lower-case name, in order."""
        head = f"{name}:"
        return tuple(each[len(head) :].strip() for each in self.attributes if each.lower().startswith(head))

    @property
    def codecs(self) -> frozenset[str]:
        """The encoding names of its formats in lower case: static payload types by RFC 3551, others by their rtpmap."""
        names = {
            number: name.partition("/")[0].strip().lower()
            for number, _, name in (each.partition(" ") for each in self.every("rtpmap"))
        }
        return frozenset(
            _STATIC.get(each) or names.get(each, "") for each in self.formats
        )  # fmt: skip


SIGNS: Final = re.compile(rb"0\.0\.0\.0|::|inactive", re.IGNORECASE)  # of an audio that leads nowhere

DIRECTIONS: Final = frozenset(("a=sendrecv", "a=sendonly", "a=recvonly", "a=inactive"))
VOICE: Final = re.compile(rb"^m=\s*audio\s+0*[1-9]", re.IGNORECASE | re.MULTILINE)
PAUSES: Final = re.compile(
    rb"^m=\s*audio\s[^\r\n]{0,512}?\s13(?=\s|$)|^a=rtpmap:\s*\d+\s+CN/|^a=silenceSupp:\s*on\b",
    re.IGNORECASE | re.MULTILINE,
)


def leads_nowhere(body: bytes) -> bool:
    """Whether a description has audio and none of it can be sent anywhere: all addresses 0.0.0.0 or ::, or inactive.

    So a server offers "black hole" SDP in third-party call control (RFC 3725 section 4.2). With ICE, which names
    addresses later, and for SDP that cannot be read: False.
    """
    if not SIGNS.search(body):  # as of nearly every call, whose caller waits
        return False
    try:
        audio = [each for each in media(body) if each.kind == "audio" and each.live]
    except WireError:
        return False
    return (
        bool(audio)
        and b"a=ice-ufrag:" not in body
        and all(
            each.address in NOWHERE or any(word.lower() == "inactive" for word in each.attributes) for each in audio
        )
    )


def has_voice(body: bytes) -> bool:
    """Whether a description has an audio line with a port."""
    return VOICE.search(body) is not None


def may_send(body: bytes) -> bool:
    """Whether who sends it may send a voice by it: an audio line with a port that is neither inactive nor recvonly
    (RFC 3264 section 5.1)."""
    if not has_voice(body):
        return False
    session = next((found for found in map(str.strip, _session_lines(body)) if found.lower() in DIRECTIONS), "")
    try:
        audio = [line for line in media(body) if line.kind == "audio" and line.live]
    except WireError:
        return False
    said = (next((word.lower() for word in line.attributes if f"a={word.lower()}" in DIRECTIONS), session[2:].lower())
            for line in audio)  # fmt: skip
    return any(word not in ("inactive", "recvonly") for word in said)


def _session_lines(body: bytes) -> list[str]:
    lines = body.decode("utf-8", "replace").replace("\r", "\n").split("\n")
    first = next((at for at, line in enumerate(lines) if line.strip().lower().startswith("m=")), len(lines))
    return lines[:first]


def may_pause(body: bytes) -> bool:
    """Whether who sends it may leave silence unsent: it knows comfort noise (RFC 3389, payload type 13 or by name), or
    says silence suppression (RFC 3108 section 5.6.2.9)."""
    return PAUSES.search(body) is not None


def media(body: bytes) -> tuple[Media, ...]:
    """The media lines in order, () for none. WireError for an unreadable one, above MAX_MEDIA or MAX_BODY."""
    bounded(len(body), MAX_BODY, "session description")
    found: list[Media] = []
    attributes: list[str] = []
    session = ""
    for line in map(str.strip, body.decode("utf-8", "replace").replace("\r", "\n").split("\n")):
        kind, value = line[:2].lower(), line[2:].strip()
        if kind == "m=":
            _close(found, attributes)
            found.append(replace(_medium(line, len(found)), address=session))
        elif line.startswith("a=") and found:
            attributes.append(value)
        elif kind == "c=":
            address = value.split()[-1].partition("/")[0] if value else ""
            if found:
                found[-1] = replace(found[-1], address=address)
            else:
                session = address
    _close(found, attributes)
    return tuple(found)


def _close(found: list[Media], attributes: list[str]) -> None:
    """The last medium is whole: these are its attributes."""
    if found and attributes:
        found[-1] = replace(found[-1], attributes=tuple(attributes))
        attributes.clear()


def _medium(line: str, before: int) -> Media:
    match = _MEDIA.match("m=" + line[2:])
    if match is None or before >= MAX_MEDIA:
        expected = f"m=<media> <port> <profile> <formats>, {MAX_MEDIA} at most"
        raise WireError(f"media line {clip(line)!r}", "session description", expected)
    formats = tuple(match.string[match.end() :].split())
    return Media(match[1].lower(), int(match[2]), match[3].upper(), formats=formats)
