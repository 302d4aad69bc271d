"""What the stack's parser would drop, carried from the extension to `wire.mending` and back, and said in the journal.

Law: SIP thread only, called inside a poll. What is mended and how is `wire`'s; here is who asked, and one line an hour
for each kind, so that neither a server's habit nor a flood of junk fills the journal.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable

import deskphone_sipext as sipext

from deskphone.wire.errors import clip
from deskphone.wire.mending import Again, Answer, Drop, frame, mend, too_large
from deskphone.wire.mending_sdp import mend_sdp
from deskphone.wire.refusal import Source

LOG = logging.getLogger("deskphone.sip")

EVERY = 3600.0  # seconds between two lines of one kind
MOST_KINDS = 64  # a stranger can write any header name he likes
OTHER = "other"

Result = tuple[str, bytes, int]


class _Parser:
    """The stack's own parser."""

    def header(self, name: str, value: bytes) -> bool:
        """Whether it reads this header, to the last byte."""
        return bool(sipext.reads_header(name, value))

    def message(self, raw: bytes) -> bool:
        """Whether it reads this message."""
        return bool(sipext.reads_message(raw))


class Mender:
    """`counts`: how often each kind came. server: the value of Server in answers. answers: whether a host that sends
    what cannot be read is told so; to a stranger the phone may be silent."""

    def __init__(
        self, server: str = "", answers: Callable[[str], bool] = lambda _host: True,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self.counts: Counter[str] = Counter()
        self._server = server
        self._answers = answers
        self._monotonic = monotonic
        self._said: dict[str, float] = {}
        self._parser = _Parser()

    def install(self) -> None:
        """Stand at the extension's doors; after sipext.start()."""
        sipext.set_mender(self.message)
        sipext.set_sdp_mender(self.description)

    def message(self, raw: bytes, host: str, port: int, problem: str, attempt: int) -> Result:
        """The extension's question about a message the parser has dropped."""
        if problem == "framing":
            return self._framed(raw, host)
        if problem == "size":
            return self._too_large(raw, Source(host, port))
        verdict = mend(raw, Source(host, port), self._parser, self._server)
        self._note("message", verdict.kinds, host)
        if isinstance(verdict, Again) and not attempt:
            return "again", verdict.raw, 0
        if isinstance(verdict, Answer) and self._answers(host):
            return "answer", verdict.raw, verdict.port
        return "drop", b"", 0

    def description(self, raw: bytes) -> bytes | None:
        """The extension's question about SDP that cannot be read whole."""
        mended = mend_sdp(raw)
        self._note("SDP", ("mended" if mended is not None else "unreadable",), "")
        return mended

    def _too_large(self, raw: bytes, source: Source) -> Result:
        verdict = too_large(raw, source, self._server)
        self._note("message", verdict.kinds, source.host)
        if isinstance(verdict, Answer) and self._answers(source.host):
            return "answer", verdict.raw, verdict.port
        return "drop", b"", 0

    def _framed(self, raw: bytes, host: str) -> Result:
        framed = frame(raw)
        self._note("message", ("framing",), host)
        if framed is None:
            return "drop", b"", 0
        verdict = mend(framed.raw, Source(host, 0), self._parser, self._server)
        self._note("message", verdict.kinds, host)
        if isinstance(verdict, Drop) or (isinstance(verdict, Answer) and not self._answers(host)):
            return "drop", b"", framed.size
        return "again" if isinstance(verdict, Again) else "answer", verdict.raw, framed.size

    def _note(self, what: str, kinds: tuple[str, ...], host: str) -> None:
        for kind in dict.fromkeys(kinds):
            key = f"{what}: {clip(kind)}"
            if key not in self.counts and len(self.counts) >= MOST_KINDS:
                key = f"{what}: {OTHER}"
            self.counts[key] += 1
            now = self._monotonic()
            if now - self._said.get(key, -EVERY) >= EVERY:
                self._said[key] = now
                LOG.warning("%s that the parser refuses%s (%d so far)", key, f", from {host}" if host else "",
                            self.counts[key])  # fmt: skip
