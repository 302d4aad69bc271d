"""What a body is that is no configuration of this phone, in words a person can act on.

Law: looks at the first LOOKED_AT bytes and decides nothing; whether a body is a configuration `lines.Text` tells by its
names. Nothing raises.
"""

from __future__ import annotations

import re

from deskphone.config.decoding import lines_of, text_of

LOOKED_AT = 4_000  # bytes
EMPTY, COMMENTS = "an empty file", "a file of comments"
NOTHING = (EMPTY, COMMENTS)

_BINARY = (
    (b"Salted__", "an encrypted file (.cfx), which this phone does not read"),
    (b"\x1f\x8b", "compressed data (gzip)"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x7fELF", "a program"),
    (b"hsqs", "a firmware image"),
    (b"\x27\x05\x19\x56", "a firmware image"),
    (b"\x89PNG", "a picture"),
    (b"%PDF", "a PDF document"),
)
_TEXT = tuple(
    (re.compile(pattern, re.IGNORECASE | re.MULTILINE), words)
    for pattern, words in (
        (
            r"\A\s*<(!doctype html|html|head|body|script|meta|title|center|h1|p|div|a|br|b|pre|table|form|font|img)\b",
            "an HTML page",
        ),
        (r"\A\s*<(\?xml|!--|!doctype|[a-z_][\w:.-]*(\s[^<>]*)?/?>)", "XML"),
        (r"\A\s*(\{\s*[\"}]|\[\s*([\"{\]]|\[\s*[\"\[{\d\]-]|-?\d+\s*,))", "JSON"),
        (r"\A\s*\"[^\"\n]*\"\s*\Z", "JSON"),
        (r"\A-----BEGIN ", "a certificate or key (PEM)"),
        (r"\A#!version:1|^account\.\d+\.\w+\s*=|^\w+\.account\.\d+", "another maker's file (Yealink)"),
        (r"^P\d{1,5}\s*=", "another maker's file (Grandstream)"),
        (r"^<<VOIP CONFIG FILE>>", "another maker's file (Fanvil)"),
        (r"^(sip line\d|sip proxy ip|sip registrar ip|sip auth name)\b.*:", "another maker's file (Mitel, Aastra)"),
        (r"^user_\w+\d*[!&]?:\s|^phone_\w+!:", "another maker's file (snom)"),
        (r"^\[\s*\\?(TABLE|general|global_settings)\b|^\w+\s+=>\s", "another maker's file"),
        (r"^(reg|voIpProt|device)\.\d*\.?\w+[.\w]*\s*=", "another maker's file (Polycom)"),
        (r"\A#!\s*/", "a script"),
        (r"\AHTTP/\d", "an answer of a web server with its headers"),
    )
)


def is_page(data: bytes) -> bool:
    """Whether it begins as HTML, XML or JSON: no configuration then, even where a line of it names a setting."""
    return nature(data) in ("an HTML page", "XML", "JSON")


def nature(data: bytes) -> str:
    """What the bytes are, for "expected a configuration, got ..."; EMPTY and COMMENTS are two of the answers."""
    if not data.strip(b" \t\r\n\0\x1a\xef\xbb\xbf"):
        return EMPTY
    for start, words in _BINARY:
        if data.startswith(start):
            return words
    text = text_of(data[:LOOKED_AT])
    if text is None:
        return "binary data"
    for pattern, words in _TEXT:
        if pattern.search(text):
            return words
    if all(not line.strip() or line.strip()[0] in ";#!" or line.strip().startswith("//") for line in lines_of(text)):
        return COMMENTS
    return "a text that names no setting of this phone"
