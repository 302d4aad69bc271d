"""What happened, told to programs that watch: calls, the agent, registrations, as short JSON values with a number.

Law: compares the state of now with the one looked at before and keeps the last MOST happenings; nothing waits for a
watcher. Who lags behind is told that something is lost, and asks for the state.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Iterator
from typing import Any

from deskphone.app.figures import Figures
from deskphone.core.calls.state import Call, CallState, Direction
from deskphone.core.state import Phone

Json = dict[str, Any]
MOST = 256
LONGEST_WAIT = 8.0  # seconds; less than a client of the control socket waits for an answer


def happened(before: Phone, after: Phone) -> Iterator[Json]:
    """What is new in `after`: `event`, and what it is about, in the words of `state_json`."""
    if after.calls is not before.calls:
        yield from _calls(before, after)
    old, new = (_agent(phone) for phone in (before, after))
    if new != old:
        yield {"event": "agent.state", "agent": new}
    if after.lines is not before.lines:
        was = {line.address: line in before.registered for line in before.lines}
        for line in after.lines:
            if was.get(line.address, False) != (line in after.registered):
                word = "registration.up" if line in after.registered else "registration.down"
                yield {"event": word, "server": line.address, "code": line.code}
        there = {line.address for line in after.lines}
        for line in before.registered:  # the settings name another server now
            if line.address not in there:
                yield {"event": "registration.down", "server": line.address, "code": 0}
    if after.dnd != before.dnd:
        yield {"event": "dnd.on" if after.dnd else "dnd.off"}


def _calls(before: Phone, after: Phone) -> Iterator[Json]:
    old = {call.id: call for call in before.calls}
    for call in after.calls:
        was = old.pop(call.id, None)
        if was is None:
            yield _told("call.incoming" if call.direction is Direction.IN else "call.outgoing", call)
            was = Call(id=call.id, direction=call.direction)
        if call.state is CallState.ESTABLISHED and was.state is not CallState.ESTABLISHED:
            yield _told("call.answered", call)
        if call.local_hold is not was.local_hold:
            yield _told("call.held" if call.local_hold else "call.retrieved", call)
        if call.remote_hold is not was.remote_hold:
            yield _told("call.held_by_far_end" if call.remote_hold else "call.retrieved_by_far_end", call)
    for call in old.values():
        yield {**_told("call.ended", call), "answered": bool(call.since)}


def _told(word: str, call: Call) -> Json:
    return {
        "event": word,
        "call": {"id": call.id, "direction": str(call.direction), "number": call.remote.number,
                 "name": call.remote.name},
    }  # fmt: skip


def _agent(phone: Phone) -> Json:
    return {"id": phone.agent.id, "state": str(phone.agent.presence), "reason": phone.agent.reason}


class Happenings:
    """The last MOST of them, numbered from 1; `run` names this run of the phone, for the numbers begin anew with it."""

    def __init__(self) -> None:
        self.run = secrets.token_hex(4)
        self._kept: deque[Json] = deque(maxlen=MOST)
        self._last = 0
        self._seen: Phone | None = None
        self._news = asyncio.Event()
        self.figures = Figures()

    def look(self, phone: Phone, unix: float) -> None:
        """Compare with the state looked at before; unix: the time of now, of each happening."""
        before, self._seen = self._seen, phone
        if before is None or before is phone or not before.powered:
            return
        for each in happened(before, phone):
            self._last += 1
            self.figures.note(each)
            self._kept.append({"number": self._last, "at": round(unix, 3), **each})
            self._news.set()

    async def since(self, run: str, number: int, wait: float) -> Json:
        """What came after a number of a run, as soon as there is something or `wait` seconds are over.

        lost: it is not all that happened since, because the phone began anew or the watcher came too late.
        """
        if run == self.run and number >= self._last and wait > 0:
            self._news.clear()
            try:
                async with asyncio.timeout(min(wait, LONGEST_WAIT)):
                    await self._news.wait()
            except TimeoutError:
                pass
        first = self._kept[0]["number"] if self._kept else self._last + 1
        lost = run != self.run or number + 1 < first
        return {
            "run": self.run,
            "number": self._last,
            "lost": lost,
            "happened": [each for each in self._kept if each["number"] > number] if not lost else [],
        }
