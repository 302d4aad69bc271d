"""The SIP Server of the core bench: it answers the effects of a phone with events, after a moment of virtual time.

Law: as of a real server and a user agent; it never looks into the phone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from deskphone.core import effects as fx
from deskphone.core import events as ev
from tests.stories.agent_server import AgentServer, Desktop
from tests.stories.far_end_core import Behaviour, CoreCallee, Leg, behaviour_of

if TYPE_CHECKING:
    from tests.stories.bench_core import CoreBench


TIMERS = 32.0  # seconds: 64 times T1


def user_of(target: str) -> str:
    """The number of a number or SIP URI."""
    return target.removeprefix("sip:").split("@")[0]


@dataclass
class CoreServer:
    """Answers effects with events after a moment."""

    bench: CoreBench
    silent: bool = False
    password: str = "secret"
    answers: dict[str, list[tuple[int, str, int]]] = field(default_factory=dict)
    legs: dict[str, Leg] = field(default_factory=dict)
    calls_seen: list[str] = field(default_factory=list)
    lines: set[tuple[int, str]] = field(default_factory=set)
    going: dict[int, tuple[float, set[tuple[int, str]]]] = field(default_factory=dict)
    hold_after: float = 0.03
    silent_transfers: bool = False
    focuses: dict[str, str] = field(default_factory=dict)
    names: dict[str, tuple[str, ...]] = field(default_factory=dict)
    life: int = 60
    dead_hops: set[str] = field(default_factory=set)
    hops: dict[int, str] = field(default_factory=dict)
    callees: dict[str, list[CoreCallee]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.agents = {number: AgentServer(self.bench, number, self.answers) for number in (0, 1, 2)}
        self.desktop = Desktop(self.bench, self.agents)

    def take(self, effect: fx.Effect) -> None:
        """One order to the user agent."""
        post = self.bench.post
        server = effect.account.server if isinstance(effect, fx.Register) else getattr(effect, "server", None)
        if server is None and isinstance(call := getattr(effect, "call", None), str) and call in self.legs:
            server = self.legs[call].server
        if isinstance(effect, fx.Register):
            self.hops[effect.account.server] = effect.account.hop
        dead = self.hops.get(server, "") in self.dead_hops if server is not None else False
        dead = dead and not isinstance(effect, fx.Resolve)
        if server is not None and (self.agents[server].down or dead):
            self._silence(effect, server)
            return
        match effect:
            case fx.Resolve():
                targets = self.names.get(effect.name, ("192.0.2.1:5060",))  # any name of a site is known there
                post(ev.Resolved(effect.server, effect.name, targets, self.life, "" if targets else "no answer"), 0.02)
            case fx.KeepAlive():
                post(ev.ServerHeard(effect.server, 200), 0.02)
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
            case fx.Ring() if effect.call in self.legs:
                self.legs[effect.call].rings = True
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
                self._transfer(effect)

    def _silence(self, effect: fx.Effect, server: int) -> None:
        """Nobody answers; the user agent says so of each request, and lets go of a call when its timers are over (RFC
        3261 sections 13.3.1.4 and 17: no final response, no ACK), or at once of one that nobody has answered."""
        self.bench.post(ev.ServerSilent(server, f"no answer to {type(effect).__name__}"), 1.5)
        match effect:
            case fx.Dial():
                self.legs[effect.call] = Leg(None, user_of(effect.target), server=server, unheard=True)
                self.bench.post(ev.CallEnded(effect.call, 408, "Request Timeout"), TIMERS)
            case fx.Answer() if effect.call in self.legs:
                self._end(effect.call, 408, "Request Timeout", after=TIMERS)
            case fx.Reject() if effect.call in self.legs:
                self._end(effect.call, effect.code, by_remote=False, after=TIMERS)
            case fx.Hold() | fx.Retrieve() if effect.call in self.legs:
                self.bench.post(ev.HoldFailed(effect.call, 408, "Request Timeout"), TIMERS)
            case fx.Hangup() if effect.call in self.legs:
                code = 200 if self.legs[effect.call].up else 487
                self._end(effect.call, code, by_remote=False, after=0.01 if code == 487 else TIMERS)

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
        call, number = effect.call, user_of(effect.target)
        self.calls_seen.append(effect.target)
        callee = self._expected(number)
        self.legs[call] = Leg(callee, number, server=effect.server)
        forced = self._next("INVITE")
        how = Behaviour(*forced[:2]) if forced is not None else callee.how if callee else behaviour_of(number)
        if callee is not None:
            callee.call_id = call
        if how.code >= 300:
            later = forced[2] if forced is not None else 0
            self._end(call, how.code, how.reason, redirect=how.redirect, retry_after=later)
            return
        self.bench.post(ev.CallProgress(call, 183 if how.early else 180, how.early), 0.03)
        if how.after is not None:
            self._up(call, how.after)

    def _expected(self, number: str) -> CoreCallee | None:
        waiting = self.callees.get(number)
        return waiting.pop(0) if waiting else None

    def _transfer(self, effect: fx.Transfer) -> None:
        """REFER: refused at once, or 202 and then what becomes of the target."""
        post, call, forced = self.bench.post, effect.call, self._next("REFER")
        if forced is not None:
            post(ev.TransferProgress(call, forced[0], forced[1], True), 0.05)
            return
        if self.silent_transfers:
            return
        post(ev.TransferProgress(call, 100, "Trying", False), 0.03)
        leg = self.legs.get(effect.consultation)
        if effect.consultation and leg is None:
            post(ev.TransferProgress(call, 481, "Call/Transaction Does Not Exist", True), 0.05)
            return
        number = leg.number if leg is not None else user_of(effect.target)
        callee = leg.customer if leg is not None else self._expected(number)
        how = callee.how if isinstance(callee, CoreCallee) else behaviour_of(number)
        if leg is not None and leg.up:
            how = Behaviour(200, "OK", 0.0)
        if how.code < 300:
            post(ev.TransferProgress(call, 180, "Ringing", False), 0.04)
        if how.after is not None:
            post(ev.TransferProgress(call, how.code, how.reason, True), 0.1 + how.after)
        if leg is not None and how.code < 300 and how.after is not None:
            self._end(effect.consultation, 200, after=0.1 + how.after)

    def _up(self, call: str, after: float = 0.03) -> None:
        self.legs[call].up = True
        self.bench.post(ev.CallMedia(call, False, False, "G722/16000"), after)
        self.bench.post(ev.CallEstablished(call, focus=self.focuses.get(self.legs[call].number, "")), after)

    def _end(
        self, call: str, code: int, reason: str = "", *, by_remote: bool = True, redirect: str = "",
        after: float = 0.03, retry_after: int = 0,
    ) -> None:  # fmt: skip
        leg = self.forget(call)
        if leg.customer is not None:
            leg.customer.over(code)
        self.bench.post(ev.CallEnded(call, code, reason, by_remote, redirect=redirect, retry_after=retry_after), after)

    def forget(self, call: str) -> Leg:
        """The dialog is over: nothing that was on its way in it arrives any more."""
        self.bench.drop(lambda event: getattr(event, "call", "") == call)
        return self.legs.pop(call)

    def _hold(self, effect: fx.Hold | fx.Retrieve) -> None:
        forced, leg, after = self._next("re-INVITE"), self.legs[effect.call], self.hold_after
        self.hold_after = 0.03
        if forced is not None:
            self.bench.post(ev.HoldFailed(effect.call, forced[0], forced[1]), after)
            return
        leg.local_hold = isinstance(effect, fx.Hold)
        leg.answered_at = max(leg.answered_at, self.bench.now) + after  # one re-INVITE after the other (RFC 3261 14.1)
        media = ev.CallMedia(effect.call, leg.remote_hold, leg.local_hold, "G722/16000")
        self.bench.post(media, leg.answered_at - self.bench.now)
