"""Which media of an offer or an answer this phone speaks: judged before pjsua sees an offer.

Law: pure; the settings say what is spoken, the session description what is wanted. An offer is refused with 488 before
it rings (RFC 3264 section 6): pjsua takes the call first and fails in the midst of it, with SRTP so badly that the
process ends. An answer cannot be refused: who gives one that we do not speak is said goodbye.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Final

from deskphone.config.schema.words import SrtpMethod, SrtpMode
from deskphone.config.settings import Settings
from deskphone.sip.policy.payloads import wants_feedback
from deskphone.wire import multipart, sdp
from deskphone.wire.errors import WireError
from deskphone.wire.message import Request, Response, parse_content_type

PLAIN: Final = frozenset({"RTP/AVP", "RTP/AVPF"})  # RFC 3551, RFC 4585
SECURE: Final = frozenset({"RTP/SAVP", "RTP/SAVPF"})  # RFC 3711, RFC 5124; keys by RFC 4568
SPOKEN: Final = {
    SrtpMode.DONOTSUPPORTENCRYPTION: PLAIN,
    SrtpMode.SUPPORTENCRYPTION: PLAIN | SECURE,
    SrtpMode.REQUIREENCRYPTION: SECURE,
}
SUITES: Final = {
    SrtpMethod.AES_CM_128_HMAC_SHA1_32: ("AES_CM_128_HMAC_SHA1_32",),
    SrtpMethod.AES_CM_128_HMAC_SHA1_80: ("AES_CM_128_HMAC_SHA1_80",),
    SrtpMethod.AES_CM_128_ALL_METHODS: ("AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32"),
}
"""Crypto suites by setting, the better one first."""

PLAINEST: Final = re.compile(
    rb"(?:[a-ln-z]=[^\r\n]*\r?\n)*m=audio [1-9]\d* RTP/AVP [\d ]+\r?\n(?:[a-ln-z]=[^\r\n]*\r?\n)*"
)
"""One line of plain audio and nothing else, as nearly every call has it: it need not be read in full."""
KEY: Final = 30  # bytes: master key and salt of the suites above (RFC 4568 section 6.2)
SESSION: Final = "application/sdp"
INCOMPATIBLE_TRANSPORT: Final = "302"  # warn-code


@dataclass(frozen=True, slots=True)
class Speaks:
    """What the settings say about media."""

    mode: SrtpMode = SrtpMode.DONOTSUPPORTENCRYPTION
    method: SrtpMethod = SrtpMethod.AES_CM_128_ALL_METHODS

    @classmethod
    def of(cls, settings: Settings) -> Speaks:
        """Out of the settings in force."""
        return cls(settings.media.srtp.mode, settings.media.srtp.method)

    def line(self, media: sdp.Media) -> bool:
        """Whether we can speak what this line wants."""
        if media.profile not in SPOKEN[self.mode]:
            return False
        return media.profile in PLAIN or any(self._key(value) for value in media.every("crypto"))

    def _key(self, crypto: str) -> bool:
        """A suite of ours with a whole key: `1 AES_CM_128_HMAC_SHA1_80 inline:...|2^31`."""
        _tag, _, rest = crypto.partition(" ")
        suite, _, keys = rest.strip().partition(" ")
        method, _, key = keys.strip().partition(":")
        if suite.upper() not in SUITES[self.method] or method.lower() != "inline":
            return False
        try:
            return len(base64.b64decode(key.partition("|")[0].split(" ")[0], validate=True)) == KEY
        except (binascii.Error, ValueError):
            return False


def session(message: Request | Response) -> bytes:
    """The session description of a message, also out of a multipart body; b"" where there is none."""
    if not message.body:
        return b""
    if message.headers.get("content-type").lower() == SESSION:
        return message.body
    try:
        kind = parse_content_type(message.headers.get("content-type"))
        if kind.value == SESSION:
            return message.body
        if kind.value.startswith("multipart/"):
            parts = multipart.parse(kind, message.body)
            return next((part.body for part in parts if part.content_type.value == SESSION), b"")
    except WireError:
        return b""
    return b""


def speakable(message: Request | Response, speaks: Speaks) -> bool:
    """Whether the media of this message are ours to speak; True where it has none, or none of its audio is live.

    One good audio line is enough beside others, which are refused one by one (RFC 3264 section 6): pjsua would fail the
    whole call for one of DTLS, so the extension shows it that line as one without a port.
    """
    if speaks.mode is not SrtpMode.REQUIREENCRYPTION and PLAINEST.fullmatch(message.body):
        return True
    body = session(message)
    if not body:
        return True
    try:
        lines = [line for line in sdp.media(body) if line.live]
    except WireError:
        return False
    audio = [line for line in lines if line.kind == "audio"]
    if not audio:
        return True
    return any(speaks.line(line) for line in audio)


def without_audio(answer: Response) -> bool:
    """Whether an answer takes all audio away (port 0), or has no session at all: nothing is held by it."""
    if not session(answer):
        return True
    try:
        lines = [line for line in sdp.media(session(answer)) if line.kind == "audio"]
    except WireError:
        return False
    return bool(lines) and not any(line.live for line in lines)


def refuses_profile(answer: Response) -> bool:
    """Whether a refusal may be of the profile we offered (RFC 4585): 488 or 606, whose Warning says so (302, RFC 3261
    section 20.43) or is not there, and whose description, if it has one, names no other way out."""
    if answer.code not in (488, 606):
        return False
    theirs = session(answer)
    if theirs:
        return wants_feedback(theirs)
    said = [value.split(maxsplit=1)[0] for value in answer.headers.every("warning") if value.split()]
    return not said or INCOMPATIBLE_TRANSPORT in said
