"""Secrets in a message, written over: for the trace, a capture and a support bundle.

Law: bytes in, as many bytes out; a `*` for each byte of a secret, and never an error, whatever the bytes are. Too much
is written over rather than too little. What is secret: proofs and passwords of a head (Authorization and its like,
Cookie, a password in a URI), SDES and other keys of SDP (RFC 4568), words of a body that are called so, digits sent by
INFO, which may be a PIN, and what stands in a hoteling document's proof.
"""

from __future__ import annotations

import re
from typing import Final

_MASK: Final = b"*"
_HEADERS: Final = (
    rb"(?:Proxy-)?Authorization|(?:Proxy-)?Authentication-Info|(?:Set-)?Cookie|X-Auth-Token|X-Api-Key|webhook-signature"
)
_WORDS: Final = rb"pass(?:word|wd|phrase|code)?|psw|pwd|secret|token|pin|response|proof|digits?"
PATTERNS: Final = tuple(
    re.compile(pattern, re.IGNORECASE | re.DOTALL)
    for pattern in (
        # A header's value, folded lines with it; of Authorization the scheme stays.
        rb"(?:\A|[\r\n])(?:" + _HEADERS + rb")[ \t]*:[ \t]*(?:Digest|Basic|Bearer)?((?:[^\r\n]|\r?\n[ \t])*)",
        rb"://[^/?#\s:@\"<>]{0,128}:([^\s/?#@\"<>]{1,256})@",  # user:password@ of a URL
        rb"\b(?:https?://|(?:GET|HEAD|POST|PUT) )[^\s?#\"<>]{0,256}[?#]([^\s\"<>]*)",  # a query may hold a token
        rb"\bsips?:[^\s:@;>\"]{1,128}:([^\s@;>\"]{1,256})@",  # and of a SIP URI (RFC 3261, 19.1.1)
        rb"\binline:([^\s|;]+)",  # a=crypto (RFC 4568)
        rb"(?:\A|[\r\n])(?:k=|a=key-mgmt:|Signal[ \t]*=)([^\r\n]*)",  # RFC 4566, RFC 4567, application/dtmf-relay
        rb"<[^<>]{0,64}(?:" + _WORDS + rb")[^<>]{0,128}>([^<]+)(?:<|\Z)",  # the text of an element
        rb"(?:" + _WORDS + rb")[\"']?[ \t]*[=:][ \t]*\"((?:[^\"\\\r\n]|\\.)*)",  # an attribute, a parameter, JSON
        rb"(?:" + _WORDS + rb")[\"']?[ \t]*=[ \t]*'([^'\r\n]*)",
        rb"(?:" + _WORDS + rb")[ \t]*=[ \t]*([^\s\"'&;,<>]+)",  # a line, a form
        # What follows the head of a message with digits, an INFO.
        rb"\n(?:Content-Type|c)[ \t]*:[ \t]*application/dtmf(?=\s).{0,1000}?\r?\n\r?\n(.*)",
    )
)


def masked(message: bytes) -> bytes:
    """The message with its secrets written over, of the same length."""
    found = bytearray(message)
    for pattern in PATTERNS:
        for match in pattern.finditer(message):
            first, last = match.span(1)
            found[first:last] = re.sub(rb"\S", _MASK, message[first:last])
    return bytes(found)
