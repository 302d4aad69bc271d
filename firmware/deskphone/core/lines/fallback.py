"""PRIMARY_FALLBACK: registered at one of two proxies at a time; which one, when it is changed, and the way home.

Law: owns the fields of `Sites` that its docstring names. A proxy that does not answer is left for the other one, at
once the first time, then with the pause of its retries, turn about. Asymmetric, the phone asks the primary all the
while and goes home when it answers; never during a call, and not within AWAY seconds: however a server flaps, the phone
changes once a minute at the most. It starts with the proxy it used last.
"""

from __future__ import annotations

import json
from dataclasses import replace

from deskphone.config.schema.words import ProbeMethod
from deskphone.core.deadlines import Deadline
from deskphone.core.effects import Attach, KeepAlive, Register, Resolve, Store
from deskphone.core.events import Registered, RegistrationFailed, Resolved, ServerHeard
from deskphone.core.lines import line, way
from deskphone.core.lines.known import put
from deskphone.core.lines.state import Line, LineStatus
from deskphone.core.lines.way_state import Way
from deskphone.core.moment import NEVER
from deskphone.core.state import Phone
from deskphone.core.turn import Turn

SECTION = "proxy"
PRIMARY = 0
ANSWER_SECONDS = 2.0  # for the response of the primary; without one the phone does not go home
AWAY = 120.0  # seconds at the redundant proxy at the least: there and back are two changes
UNSAID = 60.0  # seconds between two questions to the primary where keepalive_period=0 says none to the proxy in use
IN_A_CALL = 5.0  # seconds until going home is looked at again


def load(turn: Turn, text: str) -> None:
    """At power-on: the proxy used last, 0 or 1 (JSON). ValueError, KeyError or TypeError for another text."""
    active = json.loads(text)["active"]
    if active in (0, 1):
        turn.set(sites=replace(turn.phone.sites, active=active))


def follow(turn: Turn) -> None:
    """After each event: leave a proxy that is out of service, ask the primary while the other one is used."""
    if not line.takes_turns(turn.phone) or not turn.phone.lines:
        return
    now = turn.phone.lines[0]
    if now.status is LineStatus.FAILED and now.register_at < NEVER and _worth_leaving(turn.phone, now):
        if now.failures <= 1:
            _switch(turn, f"{now.code} {now.reason}".rstrip())
        else:
            turn.set(sites=replace(turn.phone.sites, switch_at=now.register_at))
            put(turn, now.server, register_at=NEVER)
    elif _away(turn.phone) and turn.phone.sites.ask_at == NEVER:
        turn.set(sites=replace(turn.phone.sites, ask_at=turn.after(_period(turn.phone))))


def of_another(turn: Turn, event: Registered | RegistrationFailed | ServerHeard) -> bool:
    """The final response of a proxy that is not in use: the primary lives, or not. True where it is no line's."""
    others = {each.server for each in line.candidates(turn.phone)} - {each.server for each in turn.phone.lines}
    if not line.takes_turns(turn.phone) or event.server not in others:
        return False
    lives = isinstance(event, Registered) or (isinstance(event, ServerHeard) and event.code < 500)
    if lives and event.server == PRIMARY and _away(turn.phone):
        sites = turn.phone.sites
        wait = max(float(turn.phone.settings.redundant.failback_delay), sites.switched_at + AWAY - turn.now.mono)
        home_at = sites.home_at if sites.home_at < NEVER else turn.now.mono + max(0.0, wait)
        turn.set(sites=replace(sites, silent_at=NEVER, home_at=home_at))
        if home_at <= turn.now.mono:
            _home(turn, None)
    return True


def resolved(turn: Turn, event: Resolved) -> bool:
    """The addresses behind the primary's name, while no line is there. True where it was that."""
    if not _away(turn.phone) or event.server != PRIMARY:
        return False
    primary = next((each for each in line.candidates(turn.phone) if each.server == PRIMARY), None)
    wanted = way.named(primary) if primary is not None else None
    if event.targets and wanted is not None and wanted[0] == event.name:
        before = turn.phone.sites.home.hop
        at = event.targets.index(before) if before in event.targets else 0
        turn.set(sites=replace(turn.phone.sites, home=Way(event.targets, at)))
    return True


def _away(phone: Phone) -> bool:
    """Whether the phone uses the redundant proxy and wants home."""
    asymmetric = not phone.settings.redundant.symmetric
    return line.takes_turns(phone) and phone.sites.active != PRIMARY and asymmetric


def _period(phone: Phone) -> float:
    return float(phone.settings.redundant.keep_alive_period) or UNSAID


def _worth_leaving(phone: Phone, each: Line) -> bool:
    """Whether a failed REGISTER is a reason to change: no response always, 5xx where the settings say so, and never for
    the codes they except."""
    redundant = phone.settings.redundant
    if each.code in redundant.no_switch_codes:
        return False
    return not each.answered or (each.code >= 500 and redundant.switch_on_failure)


def _switch(turn: Turn, why: str) -> None:
    before, old = line.accounts(turn.phone), turn.phone.lines[0]
    active = 1 - turn.phone.sites.active
    turn.set(sites=replace(
        turn.phone.sites, active=active, switched_at=turn.now.mono, switch_at=NEVER, ask_at=NEVER,
        silent_at=NEVER, home_at=NEVER, home=old.way if old.server == PRIMARY else Way(),
    ))  # fmt: skip
    turn.note(f"proxy {old.address}: {why}; the phone goes over to the {'redundant' if active else 'primary'} one")
    turn.do(Store(SECTION, json.dumps({"active": active})))
    line.start(turn, before)
    if old.status is not LineStatus.REGISTERED:  # the pause grows over both
        put(turn, active, failures=old.failures, lost_at=old.lost_at)


def _turn_about(turn: Turn, _: None) -> None:
    turn.set(sites=replace(turn.phone.sites, switch_at=NEVER))
    if turn.phone.lines and turn.phone.lines[0].status is LineStatus.FAILED:
        _switch(turn, "no answer")


def _ask(turn: Turn, _: None) -> None:
    """Ask the primary whether it lives again: by OPTIONS, or by REGISTER (detect_primary_proxy/method)."""
    sites, phone = turn.phone.sites, turn.phone
    away = _away(phone)
    turn.set(sites=replace(
        sites, ask_at=turn.after(_period(phone)) if away else NEVER,
        silent_at=turn.after(ANSWER_SECONDS) if away else NEVER,
    ))  # fmt: skip
    primary = next((each for each in line.candidates(phone) if each.server == PRIMARY), None)
    if not away or primary is None:
        return
    wanted = way.named(primary)
    if wanted is not None:
        turn.do(Resolve(PRIMARY, *wanted, primary.transport))
        if not sites.home.hop:
            return  # the next time: a user agent given a name waits for the name server, and its calls with it
        primary = way.routed(primary, sites.home)
    if phone.settings.redundant.probe is ProbeMethod.REGISTER:
        turn.do(Register(primary))
    else:
        turn.do(Attach(primary), KeepAlive(PRIMARY))


def _silent(turn: Turn, _: None) -> None:
    """No response of the primary (any more): the phone does not go home to it."""
    turn.set(sites=replace(turn.phone.sites, silent_at=NEVER, home_at=NEVER))


def _home(turn: Turn, _: None) -> None:
    later = bool(turn.phone.calls) and _away(turn.phone)
    turn.set(sites=replace(turn.phone.sites, home_at=turn.after(IN_A_CALL) if later else NEVER))
    if not later and _away(turn.phone):
        _switch(turn, "the primary answers again")


DEADLINES = (
    Deadline("the other proxy", lambda phone: ((phone.sites.switch_at, None),), _turn_about),
    Deadline("asking the primary proxy", lambda phone: ((phone.sites.ask_at, None),), _ask),
    Deadline("the primary's answer", lambda phone: ((phone.sites.silent_at, None),), _silent),
    Deadline("home to the primary", lambda phone: ((phone.sites.home_at, None),), _home),
)
