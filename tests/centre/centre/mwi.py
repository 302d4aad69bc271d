"""Message waiting (RFC 3842): mailboxes, message-summary NOTIFYs, and the unsolicited ones a SIP Server sends."""

from __future__ import annotations

from dataclasses import dataclass

from sipmessage import Request

from centre.notifier import Notifier, Subscription

CONTENT_TYPE = "application/simple-message-summary"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Voice messages of one DN."""

    new: int = 0
    old: int = 0
    urgent_new: int = 0
    urgent_old: int = 0
    account: str = ""  # the mailbox's number where it is not the DN's own

    def summary(self, account: str) -> bytes:
        """The body of RFC 3842 section 5."""
        lines = [
            f"Messages-Waiting: {'yes' if self.new else 'no'}",
            f"Message-Account: {account}",
            f"Voice-Message: {self.new}/{self.old} ({self.urgent_new}/{self.urgent_old})",
        ]
        return ("\r\n".join(lines) + "\r\n").encode()


class MessageSummary:
    """The event package."""

    event = "message-summary"
    default_expires = 3600
    min_expires = 1

    def __init__(self, notifier: Notifier) -> None:
        self._notifier = notifier
        self.mailboxes: dict[str, Mailbox] = {}
        notifier.add(self)

    def authorize(self, dn: str, request: Request) -> int:
        """Every DN has a mailbox."""
        return 200

    def command(self, subscription: Subscription, request: Request) -> int:
        """message-summary defines no body in a SUBSCRIBE."""
        return 415

    def state(self, subscription: Subscription) -> tuple[str, bytes]:
        """The whole mailbox."""
        return CONTENT_TYPE, self.body(subscription.dn)

    def body(self, dn: str) -> bytes:
        """The summary of a DN."""
        mailbox = self.mailboxes.get(dn, Mailbox())
        return mailbox.summary(f"sip:{mailbox.account or dn}@{self._notifier.agent.address}")

    def set(self, dn: str, mailbox: Mailbox) -> int:
        """Change a mailbox and tell its subscribers; how many there are."""
        self.mailboxes[dn] = mailbox
        subscriptions = self._notifier.of(self.event, dn)
        for subscription in subscriptions:
            subscription.notify_state()
        return len(subscriptions)
