"""The core bench: reducer and view with a server made of events, and time by hand. Milliseconds a story.

Law: the world here answers effects as a SIP Server and a user agent would; it never looks into the phone.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from deskphone.config.secret import Secret
from deskphone.core import effects as fx
from deskphone.core import events as ev
from deskphone.core.event import Network
from deskphone.core.moment import Moment
from deskphone.core.reduce import next_deadline, reduce
from deskphone.core.state import Phone
from deskphone.view.render import render
from deskphone.view.state_json import state_json
from tests.stories.agent_server import AgentServer, Desktop
from tests.stories.bench import Seen, Story
from tests.stories.configuration import configuration, file_of
from tests.stories.core_server import CoreServer
from tests.stories.far_end_core import Behaviour, CoreCallee, CoreCustomer

START = 1_763_979_840  # Mon 24 Nov 2025 10:24 UTC
BOOTED = 1000.0  # what the monotonic clock shows at the start of a story


class CoreBench:
    """One phone in virtual time."""

    name = "core"
    slow = 1.0

    def __init__(self) -> None:
        self.phone = Phone()
        self.now = 0.0
        self.illegal: list[fx.Illegal] = []
        self.effects: list[fx.Effect] = []
        self.effects_at: list[tuple[float, fx.Effect]] = []
        self.stored: dict[str, str] = {}
        self.secrets: dict[str, Secret] = {}
        self._due: list[tuple[float, int, ev.Event]] = []
        self._count = itertools.count()
        self.chance = 0.5
        self.clock_set = 0.0  # seconds by which the clock was put forward: only unix time knows
        self._minute = -1
        self._deadline: tuple[Phone, float] = (Phone(), 0.0)
        self._state: tuple[Phone, dict[str, Any]] = (Phone(), {})
        self.server = CoreServer(self)

    def twin(self) -> CoreBench:
        """The same world once more: what happens in one does nothing to the other. What is frozen is shared."""
        frozen = (self.phone, self._deadline, self._state, *self.effects, *self.effects_at, *self.illegal, *self._due)
        return deepcopy(self, {id(each): each for each in frozen})

    # --- time and events -----------------------------------------------------------------------------

    def post(self, event: ev.Event, after: float = 0.0) -> None:
        """Put an event into the queue of the world."""
        heapq.heappush(self._due, (self.now + after, next(self._count), event))

    def drop(self, which: Callable[[ev.Event], bool]) -> None:
        """Take events out of the queue again."""
        self._due = [each for each in self._due if not which(each[2])]
        heapq.heapify(self._due)

    def turn(self, event: ev.Event) -> None:
        """One event through the reducer, its effects to the world."""
        self.phone, effects = reduce(self.phone, event, self.moment)
        for effect in effects:
            assert isinstance(effect, fx.Effect), f"{effect!r} is no effect"
            self.effects.append(effect)
            self.effects_at.append((self.now, effect))
            match effect:
                case fx.Illegal():
                    self.illegal.append(effect)
                case fx.Store():
                    self.stored[effect.section] = effect.text
                case fx.KeepSecret():
                    self.secrets[effect.name] = effect.secret
                case fx.Journal():
                    pass
                case _:
                    self.server.take(effect)

    def pass_time(self, seconds: float) -> None:
        """Let time pass, event by event."""
        end = self.now + seconds
        while True:
            deadline, minute = self._next_deadline() - BOOTED, self._next_minute()
            event = self._due[0][0] if self._due else float("inf")
            first = min(deadline, minute, event)
            if first > end:
                break
            self.now = max(self.now, first)
            if event == first:
                self.turn(heapq.heappop(self._due)[2])
            elif minute == first:
                self.tick()
            else:
                self.turn(ev.Elapsed())
        self.now = end

    @property
    def moment(self) -> Moment:
        """What an event is stamped with now."""
        return Moment(BOOTED + self.now, START + self.now + self.clock_set, self.chance)

    def set_clock(self, forward: float) -> None:
        """The time server answers: the clock steps, and nothing else does."""
        self.clock_set += forward
        if self.phone.powered:
            self.tick()

    def tick(self) -> None:
        """The clock driver tells the minute."""
        when = datetime.fromtimestamp(int(self.moment.unix), UTC)
        self._minute = int(self.moment.unix) // 60
        self.turn(ev.ClockTicked(when.year, when.month, when.day, when.weekday(), when.hour, when.minute))

    def _next_deadline(self) -> float:
        """Asked of each state once: a story that waits looks twenty times a second, and little happens."""
        if self._deadline[0] is not self.phone:
            self._deadline = (self.phone, next_deadline(self.phone))
        return self._deadline[1]

    def _next_minute(self) -> float:
        return (self._minute + 1) * 60 - START - self.clock_set if self.phone.powered else float("inf")

    # --- the words of the stories ----------------------------------------------------------------------

    def power_on(self, **settings: str) -> None:
        self.turn(
            ev.PowerOn(
                file_of(configuration(**settings)), tuple(self.stored.items()), "0.1.0", "02:00:00:00:15:02",
                session=self.secrets.get("session", Secret()),
            )
        )  # fmt: skip
        self.tick()
        self.turn(ev.NetworkChanged(Network("10.1.1.20", "255.255.255.0", "10.1.1.1", ("10.1.1.2",))))
        self.pass_time(0.01)

    def power_cut(self) -> None:
        self.phone = Phone()
        self.effects.clear()
        self._due.clear()
        for each in self.server.agents.values():
            each.open.clear()  # nobody hears them

    def press(self, *keys: str) -> None:
        for key in keys:
            self.turn(ev.KeyDown(key))
            self.pass_time(0.05)
            self.turn(ev.KeyUp(key))
            self.pass_time(0.01)

    def hold_down(self, key: str, seconds: float) -> None:
        self.turn(ev.KeyDown(key))
        self.pass_time(seconds)
        self.turn(ev.KeyUp(key))

    def lift(self) -> None:
        self.turn(ev.HookMoved(True))
        self.pass_time(0.01)

    def put_down(self) -> None:
        self.turn(ev.HookMoved(False))
        self.pass_time(0.01)

    def type(self, text: str) -> None:
        self.turn(ev.TextTyped(text))

    def screen(self) -> Seen:
        screen = render(self.phone).screen
        return Seen(screen.title, screen.words(), screen.softkeys, tuple(mark.text for mark in screen.marks))

    def state(self) -> dict[str, Any]:
        if self._state[0] is not self.phone:
            self._state = (self.phone, state_json(self.phone, render(self.phone)))
        return self._state[1]

    def customer(self, number: str = "0301234567", name: str = "Jane Customer") -> CoreCustomer:
        return CoreCustomer(self, number, name)

    def callee(
        self, number: str, name: str = "", after: float | None = 0.2, code: int = 200, reason: str = ""
    ) -> CoreCallee:
        who = CoreCallee(self, number, name, Behaviour(code, reason, after))
        self.server.callees.setdefault(number, []).append(who)
        return who

    def heard(self) -> set[str]:
        """The calls that hear each other and are heard here."""
        return set(render(self.phone).audio.calls)

    def rings(self) -> str:
        """The ring tone on the ringing device, "" for silence."""
        ringing = render(self.phone).ringing
        return ringing.name if ringing is not None else ""

    def conference_focus(self, number: str, uri: str) -> None:
        """A conference factory at this number, which makes this conference."""
        self.server.focuses[number] = uri

    def referred_to(self) -> list[str]:
        """Where the phone asked its far ends to call, one REFER after the other."""
        return [each.target for each in self.effects if isinstance(each, fx.Transfer)]

    def server_reports_no_transfer(self) -> None:
        self.server.silent_transfers = True

    def server_answers(self, method: str, code: int, reason: str = "", times: int = 1, retry_after: int = 0) -> None:
        self.server.answers.setdefault(method, []).extend([(code, reason, retry_after)] * times)

    def hold_waits(self) -> None:
        self.server.hold_after = 0.4

    def server_silent(self, silent: bool) -> None:
        self.server.silent = silent

    def agents(self, **passwords: str) -> None:
        for each in self.server.agents.values():
            each.passwords |= passwords

    @property
    def desktop(self) -> Desktop:
        return self.server.desktop

    def agent_server(self, number: int = 0) -> AgentServer:
        return self.server.agents[number]

    def server_sees(self, agent: str, state: str, reason: str = "", server: int = 0) -> None:
        at = self.server.agents[server]
        for _ in range(50):  # as long as the sip bench waits
            self.pass_time(0.1)
            if (at.guest, at.state, at.reason) == (agent, state, reason):
                return
        assert (at.guest, at.state, at.reason) == (agent, state, reason)

    def call_server(self) -> int:
        return self.phone.calls[0].server

    def lines(self, server: int = 0) -> set[str]:
        return {aor.removeprefix("sip:").partition("@")[0] for at, aor in self.server.lines if at == server}

    def journal(self) -> str:
        return "\n".join(effect.text for effect in self.effects if isinstance(effect, fx.Journal))

    def server_lost(self, server: int) -> None:
        self.server.agents[server].down = True
        self.post(ev.RegistrationFailed(server, 408, "Request Timeout"))
        self.pass_time(0.1)

    def server_back(self, server: int) -> None:
        self.server.agents[server].down = False

    def server_freezes(self, server: int) -> None:
        self.server.agents[server].down = True

    def server_dies(self, server: int) -> None:
        self.server_freezes(server)
        self.server.agents[server].forget()

    def server_lives(self, server: int) -> None:
        self.server.agents[server].down = False

    def ends_subscription(self, package: str, reason: str, retry_after: int = 0, server: int = 0) -> None:
        self.server.agents[server].open.discard(package)
        self.post(ev.SubscriptionEnded(server, package, 0, reason, retry_after))
        self.pass_time(0.01)

    def mailbox(self, new: int, old: int = 0) -> None:
        self.turn(ev.MessageWaiting(0, new > 0, new, old))


def core(phone: Story) -> CoreBench:
    """The bench of a story that is told on this one only."""
    assert isinstance(phone.bench, CoreBench)
    return phone.bench
