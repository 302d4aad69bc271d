"""Who is at the far end of one call by now: what its messages assert, else what they say by From.

Law: SIP thread only; identities are read by `wire`, believed by who sent them.
"""

from __future__ import annotations

from deskphone.core.events import Party
from deskphone.sip.policy import headers
from deskphone.sip.stack.surroundings import Surroundings
from deskphone.wire.errors import WireError
from deskphone.wire.identity import party
from deskphone.wire.message import Request, Response


class Counterpart:
    """party: None until it is known. Of an outgoing call that is who was asserted."""

    def __init__(self, around: Surroundings) -> None:
        self.party: Party | None = None
        self._around = around
        self._said: str | None = None  # the number in the far end's address of the dialog

    def begins(self, caller: Party, invite: Request) -> None:
        """An INVITE of his."""
        self.party = caller
        self._said = _said(invite).number

    def answered(self, message: Response, source: str) -> None:
        """The 2xx to our INVITE: the identity it asserts is who answered (RFC 3325). One that hides itself leaves the
        number that was dialled: the person knows it."""
        found = headers.asserted(message.headers, self._around.sender(source))
        if self._around.settings.sip.identity_from_answer and found is not None and not found.anonymous:
            self.party = found

    def heard(self, message: Request | Response, source: str) -> Party | None:
        """A later INVITE or UPDATE of his, or a response: who he is from now on, None where that is as it was."""
        if isinstance(message, Response):
            if self._said is None and message.to_tag:
                self._said = _said(message).number
            if not self._around.settings.sip.identity_from_answer:
                return None
        sender = self._around.sender(source)
        now = headers.asserted(message.headers, sender)
        if isinstance(message, Response) and now is not None and now.anonymous:
            return None
        if isinstance(message, Request):
            said = _said(message)
            if now is None and sender.trusted and self._said is not None and said.number != self._said:
                now = said
            self._said = said.number
        if now is None or now == self.party:
            return None
        self.party = now
        return now


def _said(message: Request | Response) -> Party:
    """Whom the dialog's address of the far end names. It may change in a call (RFC 4916)."""
    try:
        return party(message.from_ if isinstance(message, Request) else message.to)
    except WireError:
        return Party()
