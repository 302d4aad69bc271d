"""The binding of one account: which Contact the registrar has, and which one of before the next REGISTER removes.

Law: SIP thread only. Over TCP and TLS each connection makes a Contact of its own, and the one of a connection that is
gone leads nowhere: a proxy that still has it forks calls to it, a registrar that takes one Contact refuses the next.
"""

from __future__ import annotations

import logging

import deskphone_sipext as sipext

from deskphone.sip.policy import bindings
from deskphone.wire.message import Response

LOG = logging.getLogger("deskphone.useragent")


class Binding:
    """`left`: the Contact URI of before, "" for none."""

    def __init__(self) -> None:
        self.left = ""
        self._held = ""
        self._alone = False

    def moves(self) -> None:
        """The next REGISTER makes another one in its place."""
        self.left = "" if self._alone else self._held

    def granted(self, answer: Response) -> None:
        """The registrar has the one that was asked for, and no other of ours."""
        self._held = sipext.registered_contact(answer.call_id)
        if self.left:
            self.left = ""
            sipext.bindings_removed(answer.call_id)

    def refused(self, code: int) -> bool:
        """Whether the REGISTER is to be sent without what it removes: this registrar may take it so, and gets no other
        from now on. What it has expires."""
        if not self.left or not bindings.refuses_removal(code):
            return False
        LOG.info("a REGISTER that removes the binding of before is refused: %d; sent without that", code)
        self.left, self._alone = "", True
        return True

    def forget(self) -> None:
        """There is none, or it is another registrar."""
        self.left, self._held, self._alone = "", "", False
