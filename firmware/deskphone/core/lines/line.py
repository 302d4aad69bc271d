"""Registrations: one line a server, with back-off, and the cause of a failure kept for the screen.

Law: only a 200 to REGISTER makes a line registered. Retries are decided here, refreshes by the user agent.
"""

from __future__ import annotations

import math
from dataclasses import replace

from deskphone.config import servers
from deskphone.config.schema.words import RedundancyMode, Transport
from deskphone.config.secret import Secret
from deskphone.core import failure
from deskphone.core.deadlines import Deadline
from deskphone.core.effects import Account, Configure, Register, Unregister
from deskphone.core.events import Registered, RegistrationFailed, ServerSpoke, Unregistered
from deskphone.core.lines import way
from deskphone.core.lines.known import known, put
from deskphone.core.lines.state import Line, LineStatus
from deskphone.core.moment import NEVER
from deskphone.core.state import Phone
from deskphone.core.turn import Turn

UNREGISTER_SECONDS = 4.0  # for the final response to an un-REGISTER, before the next REGISTER there
NEXT_SECONDS = 2.0  # where the next address of a pool is waiting
ANSWER_SECONDS = 5.0  # a REGISTER pending for so long has failed as by a 408 (timer F, 64*T1, is too slow to fail over)
SLOW_AFTER = 12  # failures in a row, from which on the pause is twice the configured one
LONGEST = 300.0  # seconds between tries at the most, unless more is configured
JITTER = 0.6  # of a pause, either way: so wide that ten thousand phones are no storm (tests/bench/storm.py)
SOON = 2.0  # seconds within which a server that speaks to a phone it has lost is asked to take it back
INSIST = 5.0  # seconds between two REGISTERs that a person's hand at the phone brings forward


def accounts(phone: Phone) -> tuple[Account, ...]:
    """The registrations that are wanted, primary first; none while the DN or the server is unknown."""
    both = candidates(phone)
    return tuple(each for each in both if each.server == phone.sites.active) if takes_turns(phone) else both


def takes_turns(phone: Phone) -> bool:
    """Whether the phone is registered at one of two proxies at a time (PRIMARY_FALLBACK)."""
    fallback = phone.settings.redundant.effective is RedundancyMode.PRIMARY_FALLBACK
    return fallback and len(servers.named(phone.settings, phone.network.sip_servers)) > 1


def keep_alive_period(phone: Phone) -> int:
    """Seconds between two OPTIONS to a server in service, 0 for none."""
    settings = phone.settings
    if settings.keep_alive.enabled:
        return settings.keep_alive.period
    return settings.redundant.keep_alive_period if takes_turns(phone) else 0


def candidates(phone: Phone) -> tuple[Account, ...]:
    """The accounts at all servers that the settings name, in use or not."""
    settings = phone.settings
    line = settings.line[0]
    dn, auth_user, password = _credentials(phone)
    where = servers.named(settings, phone.network.sip_servers)
    if not dn:
        return ()
    scheme = "sips" if settings.sip.sips and settings.sip.transport is Transport.TLS else "sip"
    return tuple(
        Account(
            server=number,
            aor=f"{scheme}:{dn}@{host_of(settings.proxy.domain or each.proxy[0])}",
            display=line.description,
            registrar=f"{scheme}:{place_of(each.registrar)}",
            proxy=f"{scheme}:{place_of(each.outbound or each.proxy)}",
            auth_user=auth_user,
            auth_password=password,
            expires=settings.proxy.expires,
            transport=settings.sip.transport.lower(),
            direct_register=each.registrar != each.proxy and each.outbound is None,
        )
        for number, each in enumerate(where)
    )


def _credentials(phone: Phone) -> tuple[str, str, Secret]:
    """(DN, authentication name, password); with hot seating the person's own, and an empty DN until they sign in."""
    line, seat = phone.settings.line[0], phone.hot_seat
    if phone.settings.hot_seating.enabled:
        return (seat.number, seat.number, seat.password) if seat is not None else ("", "", Secret())
    return (line.id if line.enabled else "", line.auth_name or line.id, line.auth_password)


def number(phone: Phone) -> str:
    """The DN of this phone, "" while it has none."""
    return _credentials(phone)[0]


def place_of(where: servers.Where) -> str:
    """`host:port` of a URI; without a port where that is the resolver's to find."""
    host, port = where
    return f"{host_of(host)}:{port}" if port else host_of(host)


def host_of(host: str) -> str:
    """As it stands in a URI: IPv6 in brackets."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def start(turn: Turn, before: tuple[Account, ...] = ()) -> None:
    """(Re)configure the user agent and register every line anew; lines no longer wanted are un-REGISTERed.

    before: the accounts until now. The binding of a number that changed is removed first: else its calls came
    here for an hour.
    """
    wanted = accounts(turn.phone)
    in_service = {each.server for each in turn.phone.registered}
    now = {(each.server, each.aor, each.registrar) for each in wanted}
    stale = {each.server for each in before if (each.server, each.aor, each.registrar) not in now} & in_service
    # Another change while an un-REGISTER is pending: a REGISTER now would take its place.
    going = stale | {line.server for line in turn.phone.lines if line.unregistering}
    for line in turn.phone.lines:
        if all(account.server != line.server for account in wanted):
            turn.do(Unregister(line.server))
    turn.do(Configure(turn.phone.settings))
    lines = (Line(each.server, each.registrar.removeprefix("sip:"), since=turn.now.mono) for each in wanted)
    turn.set(lines=tuple(replace(line, unregistering=line.server in going) for line in lines))
    for account in wanted:
        if account.server in stale:
            turn.do(Unregister(account.server))
        if account.server in going:
            put(turn, account.server, register_at=turn.after(UNREGISTER_SECONDS))
        else:
            register(turn, account.server)


def register(turn: Turn, server: int) -> None:
    """Send REGISTER to a server and set the deadline of its final response; where the name of the server has no address
    yet, that is looked up first. Nothing where no account is wanted there."""
    account = next((each for each in accounts(turn.phone) if each.server == server), None)
    if account is None:
        return
    line = known(turn, server)
    if not line.way.targets and not line.way.asking and way.ask(turn, account, waits=True):
        line = known(turn, server)
    status = line.status if line.status is LineStatus.REGISTERED else LineStatus.REGISTERING
    answer_by = turn.after(patience(turn.phone, NEXT_SECONDS if line.way.others else ANSWER_SECONDS))
    put(turn, server, status=status, unregistering=False, register_at=NEVER, answer_by=answer_by,
         tried_at=turn.now.mono)  # fmt: skip
    if not line.way.asking:
        turn.do(Register(way.routed(account, line.way)))


def patience(phone: Phone, most: float) -> float:
    """Seconds a response is waited for: `most`, or less where the administrator wants (`no_response_timeout`)."""
    return min(most, phone.settings.redundant.no_response_timeout / 1000)


def registered(turn: Turn, event: Registered) -> None:
    """A 200 to REGISTER: the line is in service, and its failures, probes and deadlines begin anew."""
    line = known(turn, event.server)
    if line.status is not LineStatus.REGISTERED:
        turn.note(f"line {event.server} registered at {line.address} for {event.expires} s")
    since = line.since if line.status is LineStatus.REGISTERED else turn.now.mono
    put(turn, event.server, status=LineStatus.REGISTERED, code=200, reason="", failures=0,
         way=replace(line.way, tried=0, good=line.way.hop), expires=event.expires, since=since,
         register_at=NEVER, answer_by=NEVER, heard_at=turn.now.mono,
         probes=0, probe_by=NEVER, keep_alive_at=turn.after(keep_alive_period(turn.phone)))  # fmt: skip


def failed(turn: Turn, event: RegistrationFailed) -> None:
    """Out of service: say why, and try again later, slower each time, never all phones at once."""
    line = known(turn, event.server)
    if not event.answered and line.status is LineStatus.FAILED and line.answer_by == NEVER:
        return  # the time-out of a REGISTER that has counted as failed already
    if way.next_hop(turn, event):
        register(turn, event.server)
        return
    failures = line.failures + 1
    lost = line.status is LineStatus.REGISTERED or line.lost_at > 0
    wait = _pause(turn.phone, event.code, failures, lost)
    asked_for = event.retry_after * (1 + JITTER * turn.now.chance)  # never shorter than what the server asked for
    first = lost and failures == 1 and not failure.of_account(event.code)
    register_at = max(turn.now.mono + (_rest_of(wait, turn.now.chance) if first else 0.0),
                      0.0 if first else turn.after(wait, JITTER), turn.now.mono + asked_for)  # fmt: skip
    turn.note(
        f"line {event.server} at {line.address}: REGISTER failed: {event.code} {event.reason};"
        f" next try in {register_at - turn.now.mono:.0f} s", "warning",
    )  # fmt: skip
    in_service = line.status is LineStatus.REGISTERED
    since, lost_at = (turn.now.mono, turn.now.mono) if in_service else (line.since, line.lost_at)
    put(turn, event.server, status=LineStatus.FAILED, lost_at=lost_at, code=event.code, reason=event.reason,
         answered=event.answered, failures=failures, expires=0, since=since, answer_by=NEVER,
         register_at=register_at, keep_alive_at=NEVER, probes=0, probe_by=NEVER, probe_code=0,
         busy_until=turn.now.mono + asked_for)  # fmt: skip


def _pause(phone: Phone, code: int, failures: int, lost: bool) -> float:
    """The configured pause; from SLOW_AFTER failures on twice that, up to LONGEST. A line that never was in service
    begins sooner (5, 10, 20 ... s): nobody else's has gone with it. A refused account always waits the configured."""
    configured = float(phone.settings.registrar.failed_timeout)
    if failure.of_account(code):
        return configured
    if failures >= SLOW_AFTER:
        return min(max(LONGEST, configured), configured * 2)
    return configured if lost else min(configured, 5.0 * float(2 ** min(failures - 1, 10)))


def _rest_of(pause: float, chance: float) -> float:
    """Seconds until the first try after a loss: as if this phone had been trying all along and the loss had met it
    somewhere in a pause. So ten thousand phones that lose a server in one instant come no faster than they go on
    trying (the rest of an interval in a renewal process, by the inverse of its distribution)."""
    least, most, at = pause * (1 - JITTER), pause * (1 + JITTER), pause * chance
    if at < least:
        return at
    width = most - least
    return most - math.sqrt(max(0.0, width * width - 2 * width * (at - least)))


def unanswered(turn: Turn, server: int) -> None:
    """No final response to REGISTER in time: the same as a 408."""
    failed(turn, RegistrationFailed(server, failure.NO_ANSWER, "", answered=False))


def unregistered(turn: Turn, event: Unregistered) -> None:
    """The binding is removed at the server."""
    if any(line.server == event.server for line in turn.phone.lines):
        put(turn, event.server, status=LineStatus.IDLE, code=0, reason="", expires=0, keep_alive_at=NEVER)
        register(turn, event.server)  # the line is wanted: its binding was removed for another number or server


def quickly(turn: Turn) -> None:
    """The network came back: register now, whatever pause was running (network/quick_reregister)."""
    for line in turn.phone.lines:
        if line.status is not LineStatus.REGISTERED and line.busy_until <= turn.now.mono:
            register(turn, line.server)


def spoke(turn: Turn, event: ServerSpoke) -> None:
    """A server that was silent speaks to the phone: whether it takes the phone back is asked soon."""
    for line in turn.phone.lines:
        if line.server == event.server and not line.answered:
            _sooner(turn, line, turn.now.mono + SOON * turn.now.chance)


def insist(turn: Turn, _: object) -> None:
    """Somebody's hand is at the phone: he waits for no pause that is there to spread a whole floor's phones."""
    if not turn.phone.registered:
        for line in turn.phone.lines:
            _sooner(turn, line, line.tried_at + INSIST)


def _sooner(turn: Turn, line: Line, at: float) -> None:
    """Bring the next REGISTER forward, not before the server wants it (Retry-After), nor where it says no."""
    if line.status is LineStatus.FAILED and line.register_at < NEVER and not failure.of_account(line.code):
        put(turn, line.server, register_at=min(line.register_at, max(at, turn.now.mono, line.busy_until)))


DEADLINES = (
    Deadline("register", lambda phone: ((line.register_at, line.server) for line in phone.lines), register),
    Deadline("register answer", lambda phone: ((line.answer_by, line.server) for line in phone.lines), unanswered),
)
