"""message/sipfrag: the status line in which NOTIFY reports the progress of a REFER (RFC 3420, RFC 3515 section 2.4.5).

Law: status line in, code and reason out, and the other way round. The rest of the fragment is not looked at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from deskphone.wire.errors import MAX_BODY, MAX_VALUE, WireError, bounded, decoded
from deskphone.wire.fields import readable
from deskphone.wire.message import status_line

CONTENT_TYPE: Final = "message/sipfrag"


@dataclass(frozen=True, slots=True)
class Progress:
    """The status line of a fragment: status code 100 to 699 and reason phrase."""

    code: int
    reason: str

    @property
    def final(self) -> bool:
        """Whether it is a final response to the referred INVITE (RFC 3261 section 7.2)."""
        return self.code >= 200


def parse(body: bytes) -> Progress:
    """The status line of the fragment; WireError where it starts with something else."""
    bounded(len(body), MAX_BODY, "sipfrag")
    line = re.split(rb"[\r\n]", body.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n"), maxsplit=1)[0]
    bounded(len(line), MAX_VALUE, "status line of a sipfrag")
    return Progress(*status_line(decoded(line).strip()))


def build(code: int, reason: str) -> bytes:
    """The fragment for a NOTIFY: `SIP/2.0 180 Ringing` and CRLF. code: 100 to 699, else WireError."""
    if not 100 <= code <= 699:
        raise WireError(f"code {code}", "sipfrag", "100 to 699")
    return f"SIP/2.0 {code} {readable(reason)}\r\n".encode()
