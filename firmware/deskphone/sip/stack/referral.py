"""Reports on the REFERs we accepted: outside a dialog through the extension, inside a call in its dialog.

Law: SIP thread only. Who may refer is the policy's, what becomes of it the core's; here is only where a report goes. A
referral lives on its own: the call that it came in may end before it (RFC 5057). The last report is what the referrer
lets go of its calls for: refused because it met another request of its dialog (`headers.crossed`) it goes again, as
long as the call is there.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import deskphone_sipext as sipext

from deskphone.core.effects import NotifyRefer
from deskphone.sip.policy import headers
from deskphone.sip.policy.dialogs import Dialog, Dialogs
from deskphone.sip.stack.loop import Loop, Timer
from deskphone.wire import sipfrag
from deskphone.wire.fields import readable
from deskphone.wire.message import Response

LOG = logging.getLogger("deskphone.useragent")

MERGED: sipext.Answer = (482, "", ())
UNUSABLE: sipext.Answer = (400, "", ())
LEAVING = 503
ANSWERED = 5.0
"""Seconds in which the last report may be refused."""
MOST_TRIES = 4


@dataclass(frozen=True, slots=True)
class Last:
    """The last report of a referral, and how often it went."""

    code: int
    reason: str
    tries: int = 1


@dataclass(slots=True)
class InCall:
    """A referral in the dialog of a call. event: the value of Event, with an id where it is not the first in there
    (RFC 3515 section 2.4.6). last: the last report is out. after: what comes then, once more or the end."""

    call: str
    dialog: sipext.Dialog
    event: str
    last: Last | None = None
    after: Timer | None = field(default=None, compare=False)

    def report(self, code: int, reason: str, final: bool) -> None:
        """NOTIFY (RFC 3515 section 2.4.4)."""
        state = "terminated;reason=noresource" if final else "active;expires=60"
        fields = (("Event", self.event), ("Subscription-State", state))
        try:
            self.dialog.request("NOTIFY", fields, "message/sipfrag;version=2.0", sipfrag.build(code, reason))
        except sipext.Error as error:
            LOG.info("a report to REFER: %s", error)


class Referrals:
    """The referrals whose last report is not out, by the name `NotifyRefer` calls them.

    keep(call): the dialog of a call, which lives on by itself, and how many REFERs came in it before.
    """

    def __init__(self, keep: Callable[[str], tuple[sipext.Dialog, int] | None], loop: Loop) -> None:
        self._keep = keep
        self._loop = loop
        self._calls: dict[str, InCall] = {}
        self._outside: dict[str, sipext.Referral] = {}
        self.dialogs = Dialogs()
        """Those that referrals came in; their calls may have ended."""

    @property
    def call_ids(self) -> frozenset[str]:
        """Of the REFERs outside a call whose last report is not out."""
        return frozenset(name.rpartition("/")[0] for name in self._outside)  # as `refer_name` makes it

    def begin_in_call(self, name: str, call: str, dialog: Dialog | None) -> None:
        """A REFER in the dialog of a call; the hook answers it."""
        kept = self._keep(call)
        if kept is None or dialog is None:
            return
        within, before = kept
        self._calls[name] = InCall(call, within, f"refer;id={name.rpartition('/')[2]}" if before else "refer")
        self.dialogs.learn(replace(dialog, call=name))

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
        in_call = self._calls.get(order.refer)
        if in_call is None or in_call.last is not None:
            return
        if order.final:
            self._last(order.refer, Last(order.code, order.reason))
        else:
            in_call.report(order.code, order.reason, False)

    def answered(self, call: str, answer: Response) -> None:
        """A report in the dialog of this call has its answer. Which one, where there are several, it does not say: the
        last report twice does no harm."""
        pause = headers.crossed(answer)
        if pause is None:
            return
        for name, each in self._calls.items():
            if each.call == call and each.last is not None and each.last.tries < MOST_TRIES:
                again = Last(each.last.code, each.last.reason, each.last.tries + 1)
                self._then(each, max(pause, 1), lambda name=name, again=again: self._last(name, again))  # type: ignore[misc]

    def goodbye(self) -> None:
        """The last report to all within calls; the extension has it for the others."""
        for name, each in tuple(self._calls.items()):
            if each.last is None:
                each.report(LEAVING, "", True)
            self._forget(name)

    def clear(self) -> None:
        """Forget them all: what they hold must go before the library does."""
        self._calls.clear()
        self._outside.clear()

    def _last(self, name: str, last: Last) -> None:
        """Send the last report, for the first time or once more."""
        in_call = self._calls.get(name)
        if in_call is not None:
            in_call.last = last
            in_call.report(last.code, last.reason, True)
            self._then(in_call, ANSWERED, lambda: self._forget(name))

    def _then(self, in_call: InCall, seconds: float, work: Callable[[], None]) -> None:
        """In so many seconds this, and not what was to come."""
        if in_call.after is not None:
            in_call.after.cancel()
        in_call.after = self._loop.after(seconds, work)

    def _forget(self, name: str) -> None:
        in_call = self._calls.pop(name, None)
        if in_call is not None:
            if in_call.after is not None:
                in_call.after.cancel()
            in_call.dialog.release()
            self.dialogs.forget(name)

    def _ended(self, name: str, event: sipext.Event) -> None:
        """The referrer wants to hear no more; the call goes on."""
        LOG.info("the reports to a REFER end early: %s %s", event.code, event.reason)
        self._outside.pop(name, None)
