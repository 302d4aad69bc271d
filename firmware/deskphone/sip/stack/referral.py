"""Reports on the REFERs we accepted: outside a dialog through the extension, inside a call through the call.

Law: SIP thread only. Who may refer is the policy's, what becomes of it the core's; here is only where a report goes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

import deskphone_sipext as sipext

from deskphone.core.effects import NotifyRefer
from deskphone.wire import sipfrag
from deskphone.wire.fields import readable

LOG = logging.getLogger("deskphone.useragent")

MERGED: sipext.Answer = (482, "", ())
UNUSABLE: sipext.Answer = (400, "", ())


class Referrals:
    """The referrals whose last report is not out, by the name `NotifyRefer` calls them.

    in_call(call, fragment, final): sends a report in the dialog of a call.
    """

    def __init__(self, in_call: Callable[[str, bytes, bool], None]) -> None:
        self._in_call = in_call
        self._calls: dict[str, str] = {}
        self._outside: dict[str, sipext.Referral] = {}

    def begin_in_call(self, name: str, call: str) -> None:
        """A REFER in the dialog of a call; the hook answers it."""
        self._calls[name] = call

    def accept(self, name: str, account: int) -> sipext.Answer | None:
        """Accept the hook's REFER outside a dialog, as the account with this index. None: done; else the refusal.

        The same REFER over another path (a forking proxy) is a merged request (RFC 3261 section 8.2.2.2).
        """
        if name in self._outside:
            return MERGED
        try:
            self._outside[name] = sipext.accept_refer(account, lambda event: self._ended(name, event))
        except sipext.Error as error:
            LOG.info("a REFER is refused: %s", error)
            return UNUSABLE
        return None

    def notify(self, order: NotifyRefer) -> None:
        """Send a report; nothing where the referrer wants none, or no more."""
        referral = self._outside.pop(order.refer, None) if order.final else self._outside.get(order.refer)
        if referral is not None:
            try:
                referral.notify(order.code, readable(order.reason), order.final)
            except sipext.Error as error:
                LOG.info("a report to REFER: %s", error)
            return
        call = self._calls.pop(order.refer, "") if order.final else self._calls.get(order.refer, "")
        if call:
            self._in_call(call, sipfrag.build(order.code, order.reason), order.final)

    def _ended(self, name: str, event: sipext.Event) -> None:
        """The referrer wants to hear no more; the call goes on."""
        LOG.info("the reports to a REFER end early: %s %s", event.code, event.reason)
        self._outside.pop(name, None)
