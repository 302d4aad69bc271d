"""The dialogs of our calls, and which of them a request is in.

Law: pure. A Call-ID is no name of a call: a server may give two calls the same one (RFC 3261 section 12 has the tags
for that), and tries a call again under the one it was given up with. Calls that have ended are none of ours any more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from deskphone.wire.message import Request


@dataclass(frozen=True, slots=True)
class Dialog:
    """A call's dialog: the name of the call, both tags ("" while unknown), the far end's last CSeq (-1: none yet).
    refers: a REFER of ours went out in it, on which the far end reports."""

    call: str
    remote_tag: str = ""
    local_tag: str = ""
    cseq: int = -1
    call_id: str = ""
    refers: bool = False

    def learnt(self, news: Dialog) -> Dialog:
        """With what `news` knows of it: a tag is never lost, and CSeq never goes back."""
        return replace(
            news,
            remote_tag=news.remote_tag or self.remote_tag,
            local_tag=news.local_tag or self.local_tag,
            cseq=max(news.cseq, self.cseq),
            call_id=news.call_id or self.call_id,
            refers=news.refers or self.refers,
        )

    def matches(self, request: Request) -> bool:
        """Whether the request is in this dialog (RFC 3261 section 12.2.2). Nobody can know a tag that we do not."""
        known = bool(self.remote_tag and self.local_tag)
        return known and (request.from_tag, request.to_tag) == (self.remote_tag, self.local_tag)

    def is_stale(self, request: Request) -> bool:
        """Whether a later request of this dialog came before it (RFC 3261 section 12.2.2: 500)."""
        return self.matches(request) and request.cseq[0] < self.cseq


class Dialogs:
    """Those of the calls that have not ended, by the name of the call."""

    def __init__(self, *dialogs: Dialog) -> None:
        self._of = {each.call: each for each in dialogs}

    def __len__(self) -> int:
        return len(self._of)

    def learn(self, news: Dialog) -> None:
        """A new dialog, or more of one that is known."""
        known = self._of.get(news.call)
        self._of[news.call] = known.learnt(news) if known is not None else news

    def forget(self, call: str) -> None:
        """The call has ended."""
        self._of.pop(call, None)

    def of(self, request: Request) -> Dialog | None:
        """The dialog that a request is in, by both tags; else one with its Call-ID, in which it is not; else None."""
        same = list(self._sharing(request))
        return next((each for each in same if each.matches(request)), same[-1] if same else None)

    def heard(self, request: Request) -> None:
        """A request came: remember its CSeq where it is in one of the dialogs."""
        dialog = self.of(request)
        if dialog is not None and dialog.matches(request):
            self.learn(replace(dialog, cseq=request.cseq[0]))

    def has_merged(self, request: Request) -> bool:
        """Whether this new request is one that came before over another path, and that is still going on here: same
        Call-ID, From tag and CSeq (RFC 3261 section 8.2.2.2: 482)."""
        return not request.to_tag and any(
            each.remote_tag == request.from_tag and request.cseq[0] <= each.cseq for each in self._sharing(request)
        )

    def _sharing(self, request: Request) -> Iterator[Dialog]:
        return (each for each in self._of.values() if each.call_id == request.call_id)
