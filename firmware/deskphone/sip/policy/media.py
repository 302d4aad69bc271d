"""Which media of an offer or an answer this phone speaks: judged before pjsua sees an offer.

Law: pure; the settings say what is spoken, the session description what is wanted. An offer is refused with 488 before
it rings (RFC 3264 section 6): pjsua takes the call first and fails when the person answers, with SRTP so badly that the
process ends; of a new offer in a call it says 200, and the call is silent. An answer cannot be refused: who gives one
that we do not speak is said goodbye.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final

from deskphone.config.schema.words import CodecName, SrtpMethod, SrtpMode
from deskphone.config.settings import Settings
from deskphone.sip.policy.payloads import wants_feedback
from deskphone.wire import multipart, sdp
from deskphone.wire.errors import WireError
from deskphone.wire.fields import Valued
from deskphone.wire.mending_sdp import mend_sdp
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

_BYTE: Final = rb"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_OTHERS: Final = rb"(?:[abd-ln-z]=[^\r\n]*\r?\n|c=IN IP4 %(first)s\.%(byte)s\.%(byte)s\.%(byte)s\r?\n)*" % {
    b"byte": _BYTE,
    b"first": rb"(?:22[0-3]|2[01]\d|1?\d?\d)",  # of an address that is one host's
}
PLAINEST: Final = re.compile(
    _OTHERS + rb"m=audio [1-9]\d* RTP/AVP (?:\d{1,3} ){0,31}([089])(?: \d{1,3}){0,31} ?\r?\n" + _OTHERS
)
"""One line of plain audio with a codec of old and nothing else, as nearly every call has it: it need not be read in
full while the caller waits."""
OF_OLD: Final = {b"0": CodecName.PCMU, b"8": CodecName.PCMA, b"9": CodecName.G722}
CODECS: Final = frozenset({CodecName.PCMU, CodecName.PCMA, CodecName.G722, CodecName.OPUS})  # that are built
KEY: Final = 30  # bytes: master key and salt of the suites above (RFC 4568 section 6.2)
SESSION: Final = "application/sdp"
EARLY: Final = "early-session"
DEEPEST: Final = 3  # bodies within bodies
INCOMPATIBLE_TRANSPORT: Final = "302"
WARNINGS: Final = {
    "300": "Incompatible network protocol",
    "301": "Incompatible network address formats",
    INCOMPATIBLE_TRANSPORT: "Incompatible transport protocol",
    "305": "Incompatible media format",
    "330": "Multicast not available",
}
"""warn-codes and their texts (RFC 3261 section 20.43)."""


@dataclass(frozen=True, slots=True)
class Speaks:
    """What the settings say about media."""

    mode: SrtpMode = SrtpMode.DONOTSUPPORTENCRYPTION
    method: SrtpMethod = SrtpMethod.AES_CM_128_ALL_METHODS
    codecs: frozenset[CodecName] = CODECS

    @classmethod
    def of(cls, settings: Settings) -> Speaks:
        """Out of the settings in force."""
        codecs = CODECS & {codec.name for codec in settings.media.codecs}
        return cls(settings.media.srtp.mode, settings.media.srtp.method, codecs)

    def objection(self, media: sdp.Media, ipv6: bool | None) -> str:
        """The warn-code of what we cannot speak of this line, "" where we can."""
        keys = media.profile in PLAIN or any(self._key(value) for value in media.every("crypto"))
        if media.profile not in SPOKEN[self.mode] or not keys:
            return INCOMPATIBLE_TRANSPORT
        if media.codecs.isdisjoint(each.lower() for each in self.codecs):
            return "305"
        return _unreachable(media.address, ipv6)

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
        return _session(parse_content_type(message.headers.get("content-type")), message.body, 0)
    except WireError:
        return b""


def _session(kind: Valued, body: bytes, depth: int) -> bytes:
    """The same part that the extension takes: the first, of alternatives the last (RFC 2046 section 5.1.4), and none of
    an early session (RFC 3959)."""
    if kind.value == SESSION:
        return body
    if not kind.value.startswith("multipart/") or depth == DEEPEST:
        return b""
    found = [
        _session(part.content_type, part.body, depth + 1)
        for part in multipart.parse(kind, body)
        if EARLY not in part.headers.get("content-disposition").lower()
    ]
    return next(filter(None, reversed(found) if kind.value == "multipart/alternative" else found), b"")


def _unreachable(address: str, ipv6: bool | None) -> str:
    """The warn-code of an address that no voice can be sent to. A name is one: pjsua asks the name server for it while
    the whole of SIP waits, and whoever calls chooses the name. So is a group: all of the LAN would hear."""
    if not address or address in sdp.NOWHERE:
        return ""
    try:
        found = ip_address(address.strip("[]"))  # which are mended
    except ValueError:
        return "301"
    host = getattr(found, "ipv4_mapped", None) or found
    if host.is_multicast or (host.version == 4 and host.is_reserved):  # 240.0.0.0/4, all ones among them
        return "330"
    return "300" if ipv6 is not None and (found.version == 6) is not ipv6 else ""


def objection(message: Request | Response, speaks: Speaks, ipv6: bool | None = None) -> str:
    """The warn-code of why the media of this message are not ours to speak; "" where they are, where it has none, or
    none of its audio is live. ipv6: the family it came by, in which we send and receive; None: whichever.

    One good audio line is enough beside others, which are refused one by one (RFC 3264 section 6): pjsua would fail the
    whole call for one of DTLS, so the extension shows it that line as one without a port.
    """
    body = session(message)
    plain = PLAINEST.fullmatch(body) if speaks.mode is not SrtpMode.REQUIREENCRYPTION and not ipv6 else None
    if not body or (plain is not None and OF_OLD[plain[1]] in speaks.codecs):
        return ""
    try:
        audio = [line for line in _lines(body) if line.live and line.kind == "audio"]
    except WireError:
        return "305"
    against = [speaks.objection(line, ipv6) for line in audio]
    return against[0] if against and all(against) else ""


def _lines(body: bytes) -> tuple[sdp.Media, ...]:
    """The media lines, of what is mended of the description where one of them cannot be read: so the stack gets it.
    WireError where nothing good is left."""
    try:
        return sdp.media(body)
    except WireError:
        lines = sdp.media(mend_sdp(body) or body)
        if any(line.live for line in lines):
            return lines
        raise


def speakable(message: Request | Response, speaks: Speaks, ipv6: bool | None = None) -> bool:
    """Whether there is no objection."""
    return not objection(message, speaks, ipv6)


def without_audio(answer: Response) -> bool:
    """Whether an answer takes all audio away (port 0), or has no session at all: nothing is held by it."""
    if not session(answer):
        return True
    try:
        lines = [line for line in _lines(session(answer)) if line.kind == "audio"]
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
