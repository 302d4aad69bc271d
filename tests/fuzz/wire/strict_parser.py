"""A stack's parser for tests: about as strict as pjsip's, and as quick to drop a whole message."""

from __future__ import annotations

import re

from deskphone.wire import fields
from deskphone.wire.errors import WireError

NUMBERS = {"expires", "max-forwards", "min-expires", "min-se", "session-expires", "retry-after", "content-length"}
ADDRESSES = {"from", "to", "contact", "route", "record-route"}
PARAMS = rb"(?:\s*;\s*[^\s;,=\"]+(?:=(?:\"[^\"]*\"|[^\s;,\"]+))?)*"
PATTERNS = {
    **dict.fromkeys(NUMBERS, rb"\d{1,10}" + PARAMS),
    **dict.fromkeys(("www-authenticate", "proxy-authenticate", "authorization"), rb"(?i:Digest) .+"),
    "via": rb"SIP/2\.0/[A-Za-z]+ (?:\[[0-9A-Fa-f:.]+\]|[\w.\-]+)(?::\d{1,5})?(?:;(?!ttl=[^;]*\D)[^\s;,\"]+)*",
    "cseq": rb"\d{1,10} [A-Za-z]+", "event": rb"[\w.\-]+" + PARAMS, "subscription-state": rb"[\w.\-]+" + PARAMS,
    "content-type": rb"[\w.+\-]+/[\w.+\-]+" + PARAMS, "replaces": rb"[^\s;,]+(?:;[^\s;,=]+=[^\s;,]+)+",
    "call-id": rb"\S+",
}  # fmt: skip


class StrictParser:
    """Judges as the stack would."""

    def header(self, name: str, value: bytes) -> bool:
        """Whether it reads this header."""
        if re.search(rb"[\x00-\x08\x0a-\x1f\x7f]", value):
            return False
        if name in ADDRESSES:
            return self._address(value)
        pattern = PATTERNS.get(name)
        return pattern is None or re.fullmatch(pattern, value) is not None

    def message(self, raw: bytes) -> bool:
        """Whether it reads this message."""
        head = raw.partition(b"\r\n\r\n")[0].split(b"\r\n")
        if not re.fullmatch(rb"\S+ (?:sips?|tel):[!-;=?-~]+ SIP/2\.0|SIP/2\.0 \d{3}.*", head[0]):
            return False
        pairs = [line.partition(b":") for line in head[1:]]
        return all(colon and self.header(name.decode("latin-1").lower(), value.strip()) for name, colon, value in pairs)

    def _address(self, value: bytes) -> bool:
        try:
            text = value.decode("utf-8")
            fields.uri(fields.address(text).uri)
        except (UnicodeDecodeError, WireError):
            return False
        return text.count('"') in (0, 2) and "," not in text.partition(">")[2]
