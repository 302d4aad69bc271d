"""The core bench: reducer and view with a server made of events, and time by hand. Milliseconds a story.

Law: the world here answers effects as a SIP Server and a user agent would; it never looks into the phone.
"""

from __future__ import annotations

import heapq
import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from deskphone.config.reader import read
from deskphone.core import effects as fx
from deskphone.core import events as ev
from deskphone.core.moment import Moment
from deskphone.core.reduce import next_deadline, reduce
from deskphone.core.state import Phone
from deskphone.sim.panel.state import state_json
from deskphone.view.render import render
from deskphone.wire.alerting import answer_hint
from tests.stories.agent_server import AgentServer, Desktop
from tests.stories.bench import Seen

START = 1_763_979_840  # Mon 24 Nov 2025 10:24 UTC
BOOTED = 1000.0  # what the monotonic clock shows at the start of a story
ANSWERS = {"9196": 0, "9664": 0, "2001": 0, "9180": 0}  # numbers that answer
FAILS = {"9486": (486, "Busy Here"), "9404": (404, "Not Found"), "9603": (603, "Decline"),
         "9500": (500, "Server Internal Error"), "9503": (503, "Service Unavailable")}  # fmt: skip


def configuration(number: str = "1502", password: str = "secret", **settings: str) -> bytes:
    """The usual settings of a story's phone, as a configuration file."""
    lines = {
        "voip/line/0/enabled": "1",
        "voip/line/0/id": number,
        "voip/line/0/auth_name": number,
        "voip/line/0/auth_password": password,
        "voip/signalling/sip/use_proxy": "1",
        "voip/signalling/sip/proxy_address": "127.0.0.1",
        "voip/signalling/sip/proxy_timeout": "300",
        "deskphone/time/zone": "UTC",
    }
    lines |= {name.replace("__", "/"): value for name, value in settings.items()}
    return "".join(f"{name}={value}\n" for name, value in lines.items()).encode()


class CoreBench:
    """One phone in virtual time."""

    name = "core"

    def __init__(self) -> None:
        self.phone = Phone()
        self.now = 0.0
        self.illegal: list[fx.Illegal] = []
        self.effects: list[fx.Effect] = []
        self.effects_at: list[tuple[float, fx.Effect]] = []
        self.stored: dict[str, str] = {}
        self._due: list[tuple[float, int, ev.Event]] = []
        self._count = itertools.count()
        self.chance = 0.5
        self.clock_set = 0.0  # seconds by which the clock was put forward: only unix time knows
        self._minute = -1
        self.server = CoreServer(self)

    # --- time and events -----------------------------------------------------------------------------

    def post(self, event: ev.Event, after: float = 0.0) -> None:
        """Put an event into the queue of the world."""
        heapq.heappush(self._due, (self.now + after, next(self._count), event))

    def turn(self, event: ev.Event) -> None:
        """One event through the reducer, its effects to the world."""
        self.phone, effects = reduce(self.phone, event, self.moment)
        for effect in effects:
            self.effects.append(effect)
            self.effects_at.append((self.now, effect))
            match effect:
                case fx.Illegal():
                    self.illegal.append(effect)
                case fx.Store():
                    self.stored[effect.section] = effect.text
                case fx.Journal():
                    pass
                case _:
                    self.server.take(effect)

    def pass_time(self, seconds: float) -> None:
        """Let time pass, event by event."""
        end = self.now + seconds
        while True:
            deadline, minute = next_deadline(self.phone) - BOOTED, self._next_minute()
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

    def _next_minute(self) -> float:
        return (self._minute + 1) * 60 - START - self.clock_set if self.phone.powered else float("inf")

    # --- the words of the stories ----------------------------------------------------------------------

    def power_on(self, **settings: str) -> None:
        result = read(configuration(**settings), "story.cfg")
        assert result.settings is not None, result.report()
        self.turn(ev.PowerOn(result.settings, tuple(self.stored.items()), "0.1.0", "02:00:00:00:15:02"))
        self.tick()
        self.turn(ev.NetworkChanged("10.1.1.20", "255.255.255.0", "10.1.1.1", ("10.1.1.2",)))
        self.pass_time(0.01)

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
        return Seen(screen.title, screen.words(), screen.softkeys)

    def state(self) -> dict[str, Any]:
        return state_json(self.phone, render(self.phone))

    def customer(self, number: str = "0301234567", name: str = "Jane Customer") -> CoreCustomer:
        return CoreCustomer(self, number, name)

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
        self.pass_time(0.1)
        at = self.server.agents[server]
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

    def ends_subscription(self, package: str, reason: str, retry_after: int = 0, server: int = 0) -> None:
        self.server.agents[server].open.discard(package)
        self.post(ev.SubscriptionEnded(server, package, 0, reason, retry_after))
        self.pass_time(0.01)

    def mailbox(self, new: int, old: int = 0) -> None:
        self.turn(ev.MessageWaiting(0, new > 0, new, old))


@dataclass
class _Leg:
    """The world's end of a call."""

    customer: CoreCustomer | None = None
    digits: str = ""
    up: bool = False
    local_hold: bool = False
    remote_hold: bool = False


@dataclass
class CoreServer:
    """Answers effects with events after a moment."""

    bench: CoreBench
    silent: bool = False
    password: str = "secret"
    answers: dict[str, list[tuple[int, str, int]]] = field(default_factory=dict)
    legs: dict[str, _Leg] = field(default_factory=dict)
    calls_seen: list[str] = field(default_factory=list)
    lines: set[tuple[int, str]] = field(default_factory=set)
    going: dict[int, tuple[float, set[tuple[int, str]]]] = field(default_factory=dict)
    hold_after: float = 0.03

    def __post_init__(self) -> None:
        self.agents = {number: AgentServer(self.bench, number, self.answers) for number in (0, 1)}
        self.desktop = Desktop(self.bench, self.agents)

    def take(self, effect: fx.Effect) -> None:
        """One order to the user agent."""
        post = self.bench.post
        match effect:
            case fx.Register():
                self._register(effect)
            case fx.Unregister():
                self.going[effect.server] = (
                    self.bench.now + 0.02,
                    {each for each in self.lines if each[0] == effect.server},
                )
                self.lines -= self.going[effect.server][1]
                self.agents[effect.server].open.clear()
                post(ev.Unregistered(effect.server), 0.02)
            case fx.Subscribe() | fx.Resubscribe():
                self.agents[effect.server].take(effect)
            case fx.NotifyRefer():
                self.desktop.reports.append((effect.code, effect.final))
            case fx.Dial():
                self._dial(effect)
            case fx.Answer() if effect.call in self.legs:
                self._up(effect.call)
            case fx.Reject() if effect.call in self.legs:
                self._end(effect.call, effect.code, by_remote=False)
            case fx.Hangup() if effect.call in self.legs:
                self._end(effect.call, 200 if self.legs[effect.call].up else 487, by_remote=False)
            case fx.Hold() | fx.Retrieve() if effect.call in self.legs:
                self._hold(effect)
            case fx.SendDtmf() if effect.call in self.legs:
                self.legs[effect.call].digits += effect.digits
            case fx.Transfer() if effect.call in self.legs:
                post(ev.TransferProgress(effect.call, 200, "OK", True), 0.1)

    def _next(self, method: str) -> tuple[int, str, int] | None:
        waiting = self.answers.get(method)
        return waiting.pop(0) if waiting else None

    def _register(self, effect: fx.Register) -> None:
        until, lines = self.going.pop(effect.account.server, (0.0, set()))
        if self.bench.now < until:  # the user agent forgets the un-REGISTER that is under way: the server keeps those
            self.lines |= lines
        if self.silent or self.agents[effect.account.server].down:
            return
        account, forced = effect.account, self._next("REGISTER")
        if forced is not None:
            code, reason, retry_after = forced
            self.bench.post(ev.RegistrationFailed(account.server, code, reason, retry_after), 0.02)
        elif account.auth_password.reveal() != self.password:
            self.bench.post(ev.RegistrationFailed(account.server, 401, "Unauthorized"), 0.04)
        else:
            self.lines.add((account.server, account.aor))
            self.bench.post(ev.Registered(account.server, account.expires), 0.04)

    def _dial(self, effect: fx.Dial) -> None:
        post, call = self.bench.post, effect.call
        self.calls_seen.append(effect.target)
        self.legs[call] = _Leg()
        forced = self._next("INVITE")
        number = effect.target.removeprefix("sip:").split("@")[0]
        if forced is not None or number in FAILS:
            code, reason = forced[:2] if forced is not None else FAILS[number]
            self._end(call, code, reason)
        elif number == "9302":
            self._end(call, 302, "Moved Temporarily", redirect="sip:9196@127.0.0.1")
        elif number == "9408":
            post(ev.CallProgress(call, 180), 0.03)
        elif number in ANSWERS:
            post(ev.CallProgress(call, 183 if number == "9180" else 180, number == "9180"), 0.03)
            self._up(call, 0.3)
        else:
            self._end(call, 404, "Not Found")

    def _up(self, call: str, after: float = 0.03) -> None:
        self.legs[call].up = True
        self.bench.post(ev.CallMedia(call, False, False, "G722/16000"), after)
        self.bench.post(ev.CallEstablished(call), after)

    def _end(self, call: str, code: int, reason: str = "", by_remote: bool = True, redirect: str = "") -> None:
        leg = self.legs.pop(call)
        if leg.customer is not None:
            leg.customer.over(code)
        self.bench.post(ev.CallEnded(call, code, reason, by_remote, redirect=redirect), 0.03)

    def _hold(self, effect: fx.Hold | fx.Retrieve) -> None:
        forced, leg, after = self._next("re-INVITE"), self.legs[effect.call], self.hold_after
        self.hold_after = 0.03
        if forced is not None:
            self.bench.post(ev.HoldFailed(effect.call, forced[0], forced[1]), after)
            return
        leg.local_hold = isinstance(effect, fx.Hold)
        self.bench.post(ev.CallMedia(effect.call, leg.remote_hold, leg.local_hold, "G722/16000"), after)


class CoreCustomer:
    """A far end at the server of the core bench."""

    def __init__(self, bench: CoreBench, number: str, name: str) -> None:
        self.bench, self.number, self.name = bench, number, name
        self.call_id = ""
        self.code = 0

    @property
    def leg(self) -> _Leg | None:
        return self.bench.server.legs.get(self.call_id)

    def call(
        self, anonymous: bool = False, headers: tuple[tuple[str, str], ...] = (), trusted: bool = True,
        replaces: CoreCustomer | None = None, **how: Any,
    ) -> None:  # fmt: skip
        assert not how, f"the core bench knows no {how}"
        self.call_id = f"in-{next(self.bench._count)}"
        self.bench.server.legs[self.call_id] = _Leg(self)
        party = ev.Party("" if anonymous else self.number, "" if anonymous else self.name, anonymous=anonymous)
        self.bench.post(
            ev.CallIncoming(
                self.call_id, 0, party, headers, trusted, replaces=replaces.call_id if replaces is not None else "",
                hint=answer_hint(headers),
            )
        )  # fmt: skip
        self.bench.pass_time(0.01)

    def hang_up(self) -> None:
        leg = self.bench.server.legs.pop(self.call_id)
        self.code = 200 if leg.up else 487
        self.bench.post(ev.CallEnded(self.call_id, self.code))
        self.bench.pass_time(0.01)

    def over(self, code: int) -> None:
        self.code = code

    def answered(self, within: float = 5) -> None:
        self.bench.pass_time(0.1)
        assert self.leg is not None and self.leg.up, "the phone did not answer"

    def ended(self, within: float = 5) -> int:
        self.bench.pass_time(0.1)
        assert self.code, "the call is still on"
        return self.code

    def hold(self) -> None:
        self._remote_hold(True)

    def retrieve(self) -> None:
        self._remote_hold(False)

    def _remote_hold(self, held: bool) -> None:
        assert self.leg is not None
        self.leg.remote_hold = held
        self.bench.post(ev.CallMedia(self.call_id, held, self.leg.local_hold, "G722/16000"))
        self.bench.pass_time(0.01)

    @property
    def digits(self) -> str:
        return self.leg.digits if self.leg is not None else ""
