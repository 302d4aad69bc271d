"""The far end of a call, in the hands of a story: a customer who calls a DN, or one who is called by a phone.

`state`: idle, calling, ringing, answered, ended. What it hears is in `ear`, what happened in `counts`; wait with
`wait(state)` or `wait_until(condition)`, never by sleeping.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

from sipmessage import Response

from centre.call import Call
from centre.localparty import LocalParty
from centre.numbers import ServiceNumber
from centre.party import HeaderList, Invitation, Outcome, Party, Progress
from centre.services import Service
from centre.useragent import UserAgent

_numbers = itertools.count(1)
_REACHED = {"idle": 0, "calling": 1, "ringing": 2, "answered": 3, "ended": 4}
WAITABLE = ("calling", "ringing", "answered", "held", "retrieved", "ended")


class FarEnd(LocalParty):
    """Made by SipServer.call and SipServer.answering."""

    def __init__(
        self, agent: UserAgent, label: str, *, name: str = "", media: str = "melody",
        codecs: tuple[str, ...] = ("PCMA", "PCMU"),
    ) -> None:  # fmt: skip
        super().__init__(agent, label, name=name, media=media, codecs=codecs)
        self.id = next(_numbers)
        self.state = "idle"
        self.outcome: Outcome | None = None
        self.end_reason = ""
        self.counts: Counter[str] = Counter()
        self.offered = True
        self.talk_for: float | None = None
        self.decision: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._talk_timer: asyncio.TimerHandle | None = None

    @property
    def call(self) -> Call | None:
        """The call it is (or was last) in."""
        return self.owner if isinstance(self.owner, Call) else None

    # What a story asks

    async def wait(self, state: str, within: float = 5.0) -> FarEnd:
        """Until it has reached a state. TimeoutError when not in time, AssertionError as soon as it never can."""
        if state not in WAITABLE:
            raise ValueError(f"state {state!r}: expected one of {', '.join(WAITABLE)}")
        await self.wait_until(lambda: self._has_reached(state) or self.state == "ended", within, f"far end {state}")
        if not self._has_reached(state):
            raise AssertionError(f"far end {self.label}: expected {state}, but it ended: {self.end_reason}")
        return self

    async def wait_until(self, condition: Callable[[], bool], within: float = 5.0, what: str = "condition") -> None:
        """Until a condition holds; it is looked at after each packet, message and event."""
        await self.agent.bus.wait_until(condition, within, lambda: f"{what} (far end {self.label} is {self.state})")

    async def hear(self, hertz: float, above: float = -30.0, within: float = 5.0) -> float:
        """Until a tone is heard for half a second; its level in dBFS."""
        self.ear.forget()
        await self.wait_until(
            lambda: self.ear.seconds >= 0.5 and self.ear.level(hertz) > above, within, f"{hertz} Hz above {above} dBFS"
        )
        return self.ear.level(hertz)

    def leave(self, reason: str = "the far end hung up") -> None:
        """Hang up, cancel, or refuse: whatever ends the call from this side now."""
        if not self.alive:
            return
        if self.owner is None and self.state == "ringing" and not self.decision.done():
            self.decline()
            return
        owner = self.owner
        self.hang_up(reason)
        if owner is not None:
            owner.hung_up(self, reason)

    def accept(self) -> None:
        """Answer a call that rings here."""
        if not self.decision.done():
            self.decision.set_result(Outcome(200))

    def decline(self, code: int = 603, headers: HeaderList = ()) -> None:
        """Refuse a call that rings here."""
        if not self.decision.done():
            self.decision.set_result(Outcome(code, headers=headers))

    async def hold(self) -> Outcome:
        """Put the other side on hold (re-INVITE sendonly)."""
        return await self.renegotiate("sendonly")

    async def retrieve(self) -> Outcome:
        """Back to sendrecv."""
        return await self.renegotiate("sendrecv")

    async def renegotiate(
        self, direction: str = "sendrecv", *, without_sdp: bool = False, update: bool = False
    ) -> Outcome:
        """A new offer to the other side, or an INVITE without SDP that asks for theirs."""
        if self.owner is None:
            return Outcome(481)
        self._direction = direction
        outcome = await self.owner.reoffered(self, None if without_sdp else self.make_offer(), update=update)
        if outcome.ok:
            if without_sdp:
                self.owner.reconfirmed(self, self.answer_offer(outcome.sdp))
            else:
                self.take_answer(outcome.sdp)
        return outcome

    async def request(
        self, method: str, headers: HeaderList = (), body: bytes = b"", content_type: str = ""
    ) -> Response | None:
        """Any request inside the dialog of the phone of this call (NOTIFY talk, INFO), also while it rings."""
        legs = self.call.legs if self.call is not None else []
        return await legs[-1].request(method, headers, body, content_type) if legs else None

    def to_dict(self) -> dict[str, object]:
        """For JSON."""
        return {
            "id": self.id, "number": self.label, "name": self.name, "state": self.state, "held": self.held,
            "code": self.outcome.code if self.outcome else None, "end_reason": self.end_reason, "codec": self.codec,
            "counts": dict(self.counts), "sent": self.packets_sent, "heard": self.ear.to_dict(),
            "call": self.call.id if self.call else None,
        }  # fmt: skip

    # Caller: a customer who calls

    def progress(self, progress: Progress) -> None:
        """180, 183."""
        self.counts[str(progress.code)] += 1
        if progress.sdp and self.offered:
            with suppress(ValueError):  # early media we cannot play; the answer decides
                self.take_answer(progress.sdp)
        self.become("ringing")

    async def answer(self, outcome: Outcome) -> bytes | None:
        """The agent answered."""
        self.outcome = outcome
        answer: bytes | None = None
        try:
            if self.offered:
                self.take_answer(outcome.sdp)
            else:
                answer = self.answer_offer(outcome.sdp)
        except ValueError as error:
            self.leave(f"the answer had no usable audio: {error}")
            return None
        self.answered()
        return answer

    def reject(self, outcome: Outcome) -> None:
        """The call failed."""
        self.outcome = outcome
        self.hang_up(f"refused: {outcome.words}")

    # Both

    def hang_up(self, reason: str = "") -> None:
        """The call is over (the other side hung up, or `leave`)."""
        if not self.alive:
            return
        self.end_reason = reason or "the other side hung up"
        if self._talk_timer is not None:
            self._talk_timer.cancel()
        super().hang_up(reason)
        self.become("ended")

    def answered(self) -> None:
        """Both sides talk."""
        self.become("answered")
        if self.talk_for is not None:
            self._talk_timer = asyncio.get_running_loop().call_later(self.talk_for, self.leave)

    def hold_changed(self) -> None:
        """Count it."""
        self.counts["held" if self.held else "retrieved"] += 1

    def become(self, state: str) -> None:
        """Go on to a later state, and tell."""
        if _REACHED[state] > _REACHED[self.state]:
            self.state = state
            self.counts[state] += 1
            self.agent.bus.publish("far-end", far_end=self.to_dict())

    def _has_reached(self, state: str) -> bool:
        if state == "held":
            return self.held
        if state == "retrieved":
            return not self.held and self.counts["retrieved"] > 0
        if state == "ended" or self.state != "ended":
            return _REACHED[self.state] >= _REACHED[state]
        return self.counts[state] > 0


class AnsweringFarEnd(Service):
    """A far end on a number, called by a phone: rings until the story or its own time decides."""

    def __init__(self, row: ServiceNumber, far_end: FarEnd) -> None:
        super().__init__(row, far_end)
        self.far_end = far_end

    async def invite(
        self, invitation: Invitation, progress: Callable[[Progress], None]
    ) -> tuple[Outcome, Party | None]:
        """As the row says; `invitation` is kept for the story."""
        self.far_end.become("ringing")
        try:
            outcome, party = await super().invite(invitation, progress)
        except Declined as declined:
            outcome, party = declined.outcome, None
        self.far_end.outcome = outcome
        if party is not None:
            self.far_end.answered()
        return outcome, party

    async def wait_to_answer(self) -> None:
        """Until accept(), decline() or the row's time."""
        try:
            async with asyncio.timeout(self.row.ring):
                decided = await asyncio.shield(self.far_end.decision)
        except TimeoutError:
            return
        if not decided.ok:
            raise Declined(decided)


class Declined(Exception):
    """decline() was called."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.words)
        self.outcome = outcome
