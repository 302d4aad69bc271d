"""A REFER of ours in the dialog of a call, and what becomes of it.

Law: SIP thread only. A final status is the end of a transfer, and no other is, whatever state the server gives the
subscription (RFC 3515 section 2.4.5). Referred-By is pjsua's: it names the account.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import pjsua2 as pj

from deskphone.core.events import TransferProgress
from deskphone.sip.policy.dialogs import Dialog
from deskphone.sip.stack.happening import code_of
from deskphone.sip.stack.surroundings import PjCall


class Transfer:
    """Of one call. The call is held weakly, as in `holding`."""

    def __init__(self, leg: PjCall) -> None:
        self._leg = weakref.ref(leg)
        self._name = leg.name
        self._news = leg.news
        self._open = False  # a REFER has no final status yet
        self._said = 0

    def blind(self, target: str) -> None:
        """REFER to a SIP URI."""
        self._refer(lambda leg: leg.xfer(f"<{target}>", pj.CallOpParam(True)))

    def attended(self, consultation: Any) -> None:
        """REFER with the Replaces of the consultation's dialog."""
        self._refer(lambda leg: leg.xferReplaces(consultation, pj.CallOpParam(True)))

    def told(self, code: int, reason: str) -> None:
        """NOTIFY to our REFER, or the refusal of the REFER; from pjsua, and from who reads what pjsua does not.

        pjsua ends a subscription that is still active; what the server says to that is no news of the transfer.
        """
        if not self._open or code == self._said:
            return
        self._open, self._said = code < 200, code
        self._news.tell(TransferProgress(self._name, code, reason, not self._open))

    def _refer(self, action: Callable[[Any], None]) -> None:
        leg = self._leg()
        if leg is None:
            return
        self._open, self._said = True, 0
        leg.around.dialog(Dialog(leg.name, call_id=leg.call_id, refers=True))
        try:
            action(leg)
        except pj.Error as error:
            self._open = False
            self._news.tell(TransferProgress(self._name, code_of(error, 481), error.reason, True))
