"""What a story may do to a server: failing answers, silence, lost memory, subscriptions that end, any NOTIFY body.

The half of `SipServer` that makes it behave badly; quirks of the event packages are in `quirks`.
"""

from __future__ import annotations

from centre.location import Location
from centre.notifier import Notifier
from centre.party import HeaderList
from centre.quirks import Quirks
from centre.useragent import Fault, UserAgent


class Faults:
    """A base of SipServer."""

    agent: UserAgent
    notifier: Notifier
    location: Location

    def forget_registrations(self) -> None:
        """Lose all bindings and subscriptions, as a server that restarted."""
        self.location.clear()
        for subscription in list(self.notifier.all):
            subscription.drop()
        self.agent.bus.publish("restarted")

    def silence(self, on: bool = True) -> None:
        """Drop everything that comes and send nothing."""
        self.agent.transport.silent = on
        self.agent.bus.publish("silence", on=on)

    def fail_next(
        self, method: str, code: int, headers: HeaderList = (), *, count: int = 1, dn: str = "", phrase: str = "",
        event: str = "",
    ) -> None:  # fmt: skip
        """Answer the next `count` requests of a method ("*" = any; `dn`, `event` = only of those) with a code."""
        if not 300 <= code <= 699:
            raise ValueError(f"code {code}: expected 300 to 699")
        self.agent.faults.append(Fault(method, code, tuple(headers), count, dn, phrase, event))

    def clear_faults(self) -> None:
        """No more ordered failures, and no silence."""
        self.agent.faults.clear()
        self.silence(False)

    def drop_connections(self) -> int:
        """Close all TCP connections; how many there were."""
        return self.agent.transport.close_connections()

    @property
    def quirks(self) -> Quirks:
        """How the event packages misbehave."""
        return self.notifier.quirks

    def end_subscriptions(self, event: str, reason: str, retry_after: int | None = None, dn: str = "") -> int:
        """Subscription-State: terminated with a reason, to all (or one DN's) subscribers; how many there were."""
        ended = [s for s in self.notifier.all if s.package.event == event and dn in ("", s.dn)]
        for subscription in ended:
            subscription.terminate(reason, retry_after)
        return len(ended)

    def notify_raw(self, dn: str, event: str, content_type: str, body: bytes) -> int:
        """A NOTIFY with any body in the subscriptions of a DN; how many there are."""
        subscriptions = self.notifier.of(event, dn)
        for subscription in subscriptions:
            subscription.notify(content_type, body)
        return len(subscriptions)
