"""What a story may do to a server: failing answers, silence, subscriptions that end.

The half of `SipServer` that makes it behave badly; quirks of the event packages are in `quirks`.
"""

from __future__ import annotations

from centre.notifier import Notifier
from centre.party import HeaderList
from centre.quirks import Quirks
from centre.useragent import Fault, UserAgent


class Faults:
    """A base of SipServer."""

    agent: UserAgent
    notifier: Notifier

    def silence(self, on: bool = True) -> None:
        """Drop everything that comes and send nothing."""
        self.agent.transport.silent = on
        self.agent.bus.publish("silence", on=on)

    def fail_next(
        self, method: str, code: int, headers: HeaderList = (), *, count: int = 1, dn: str = "", phrase: str = "",
        event: str = "", after: float = 0.0,
    ) -> None:  # fmt: skip
        """Answer the next `count` requests of a method ("*" = any; `dn`, `event` = only of those) with a code, `after`
        seconds."""
        if not 300 <= code <= 699:
            raise ValueError(f"code {code}: expected 300 to 699")
        self.agent.faults.append(Fault(method, code, tuple(headers), count, dn, phrase, event, after))

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
