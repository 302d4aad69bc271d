"""Which of two servers new work goes by, and when the phone comes home.

Law: pure questions of the registrations, and the one line a person reads of a change. A call goes by the server where
the agent is logged in, else by the first that is steady, else by the first in service: a primary that comes and goes
takes the calls back once it has lasted for STEADY seconds, so that no phone changes servers twice a minute. One that
wants to be left alone (503) is passed over meanwhile, where there is another.
"""

from __future__ import annotations

from dataclasses import replace

from deskphone.config.schema.words import RedundancyMode
from deskphone.core.calls.state import Direction
from deskphone.core.deadlines import Deadline
from deskphone.core.events import CallEnded
from deskphone.core.lines.known import put
from deskphone.core.lines.state import Line
from deskphone.core.lines.way import SERVER_UNAVAILABLE
from deskphone.core.moment import NEVER
from deskphone.core.state import Phone
from deskphone.core.turn import Turn

SIP_PORT = 5060
STEADY = 60.0  # seconds
TRANSACTION = 64  # times T1 an INVITE may wait for its first response (RFC 3261 section 17.1.1.2, timer B)
SHOWN_SECONDS = 10.0  # that long the idle screen says which server it is now


def serving(phone: Phone, but: tuple[int, ...] = ()) -> int | None:
    """The server for a new call, none of `but`; None where no server is in service."""
    in_service = [line for line in phone.registered if line.server not in but]
    up = [line for line in in_service if line.busy_until <= phone.now.mono] or in_service
    agent = phone.agent.server
    if any(line.server == agent for line in up):
        return agent
    return min(up, key=lambda line: (not steady(phone, line), line.server)).server if up else None


def refused(turn: Turn, event: CallEnded) -> None:
    """A server that could not take a call of ours gets no new ones for as long as it says (Retry-After), or for
    `call_retry_after` where it does not."""
    ended = next((each for each in turn.phone.calls if each.id == event.call), None)
    if event.code != SERVER_UNAVAILABLE or not event.by_remote or ended is None or ended.direction is not Direction.OUT:
        return
    seconds = event.retry_after or turn.phone.settings.redundant.call_retry_after
    if seconds > 0:
        turn.note(f"server {ended.server} takes no calls for {seconds} s: {event.code} {event.reason}".rstrip())
        put(turn, ended.server, busy_until=turn.now.mono + seconds)


def meant(phone: Phone, uri: str, otherwise: int) -> int:
    """The server in service whose address a URI names, as the 302 of one that shuts down does its peer's."""
    host, colon, port = uri.partition("@")[2].partition(";")[0].rpartition(":")
    place = f"{host}:{port}" if colon and port.isdecimal() else f"{uri.partition('@')[2].partition(';')[0]}:{SIP_PORT}"
    return next((line.server for line in phone.registered if place in (line.address, line.way.hop)), otherwise)


def steady(phone: Phone, line: Line) -> bool:
    """Whether it never failed, or is in service again for long enough."""
    return line.lost_at == 0 or phone.now.mono - line.since >= STEADY


def patience(phone: Phone, server: int) -> float:
    """Seconds an INVITE to this server may be without any response before the call goes on at the other one (timer B);
    0 where there is no other one."""
    redundant = phone.settings.redundant
    if redundant.effective is RedundancyMode.DISABLE or serving(phone, (server,)) is None:
        return 0.0
    return TRANSACTION * redundant.dual_t1 / 1000


def follow(turn: Turn) -> None:
    """Say once, on the idle screen, that new calls go by another server now."""
    phone = turn.phone
    if phone.calls or phone.pages or phone.dialling:
        return
    now = serving(phone)
    if now is None or now == phone.sites.told:
        return
    before = next((line for line in phone.lines if line.server == phone.sites.told), None)
    after = next(line for line in phone.lines if line.server == now)
    turn.set(sites=replace(phone.sites, told=now))
    if before is not None and (before not in phone.registered or after.lost_at):
        turn.note(f"new calls go by server {now} at {after.address}")
        turn.set(sites=replace(turn.phone.sites, shown=after.address, shown_until=turn.after(SHOWN_SECONDS)))


def _shown(turn: Turn, _: None) -> None:
    turn.set(sites=replace(turn.phone.sites, shown="", shown_until=NEVER))


DEADLINES = (Deadline("which server it is now", lambda phone: ((phone.sites.shown_until, None),), _shown),)
