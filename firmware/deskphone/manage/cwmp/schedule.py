"""When the next session is due: periodic informs, retries, what was scheduled. Time is an argument.

Law: pure. Durations are of a clock that no one sets (mono); unix seconds only where an ACS names a moment.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from deskphone.manage.cwmp.memory import PERIODIC, SCHEDULED, Memory, Step

MINIMUM, MULTIPLIER = 5.0, 2.0  # TR-069 3.2.1.1: DeviceInfo defaults of CWMPRetryMinimumWaitInterval and ...Multiplier
MOST = 10  # from the tenth retry on the wait grows no more


def retry_range(count: int) -> tuple[float, float]:
    """Seconds between which the wait before the count-th retry lies: 5-10, 10-20, ... 2560-5120."""
    step = min(max(count, 1), MOST)
    return MINIMUM * MULTIPLIER ** (step - 1), MINIMUM * MULTIPLIER**step


def until_periodic(interval: float, reference: str, unix: float) -> float:
    """Seconds to the next periodic inform: an interval from now, or in step with PeriodicInformTime, if it is known."""
    try:
        moment = datetime.fromisoformat(reference.replace("Z", "+00:00"))
    except ValueError:
        return interval
    if moment.year <= 1970:
        return interval
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return interval - (unix - moment.timestamp()) % interval


@dataclass(frozen=True, slots=True)
class Schedule:
    """What is due. interval: of periodic informs, 0 for none; periodic_at: of the next; retries: sessions that failed
    since the last good one; not_before: when the next may begin."""

    interval: float = 0.0
    reference: str = ""
    periodic_at: float | None = None
    retries: int = 0
    not_before: float = 0.0

    def obey(self, interval: float, reference: str, now: float, unix: float) -> Schedule:
        """The interval of now; another one counts from now on."""
        if (interval, reference) == (self.interval, self.reference):
            return self
        first = now + until_periodic(interval, reference, unix) if interval else None
        return replace(self, interval=interval, reference=reference, periodic_at=first)

    def tick(self, memory: Memory, now: float, unix: float) -> tuple[Schedule, Memory]:
        """What became due: as events of the next Inform."""
        after = self
        if self.periodic_at is not None and now >= self.periodic_at:
            memory = memory.with_event(PERIODIC)
            after = replace(self, periodic_at=now + until_periodic(self.interval, self.reference, unix))
        for due, key in memory.scheduled:
            if unix >= due:
                memory = memory.with_event(SCHEDULED).with_event("M ScheduleInform", key)
        left = tuple(each for each in memory.scheduled if unix < each[0])
        return after, memory if left == memory.scheduled else replace(memory, scheduled=left)

    def due(self, memory: Memory, now: float) -> bool:
        """Whether a session is to begin."""
        return bool(memory.events or memory.ended) and now >= self.not_before

    def wait(self, memory: Memory, now: float, unix: float) -> float:
        """Seconds until something may be due."""
        moments = [due - unix + now for due, _ in memory.scheduled]
        moments += [each.due - unix + now for each in memory.transfers if each.step is Step.WAITING]
        if self.periodic_at is not None:
            moments.append(self.periodic_at)
        if memory.events or memory.ended:
            moments.append(self.not_before)
        return max(0.0, min(moments, default=now + 3600.0) - now)

    def failed(self, now: float, drawn: float) -> Schedule:
        """A session failed. drawn: of 0 to 1, where in its range the wait lies."""
        low, high = retry_range(self.retries + 1)
        return replace(self, retries=self.retries + 1, not_before=now + low + (high - low) * drawn)

    def knocked(self, now: float) -> Schedule:
        """A connection request: the ACS is there, nothing is waited for."""
        return replace(self, not_before=now)

    def anew(self) -> Schedule:
        """A session ended well, the phone started, or its ACS is another: no session has failed since."""
        return replace(self, retries=0, not_before=0.0)
