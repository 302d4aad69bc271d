"""What the name server said of a SIP server's name, and when it is asked again.

Law: an answer that is missing or empty changes nothing for who knows an address; `core.lines.way` has the addresses.
"""

from __future__ import annotations

from dataclasses import replace

from deskphone.core import failure
from deskphone.core.deadlines import Deadline
from deskphone.core.effects import Resolve
from deskphone.core.events import RegistrationFailed, Resolved
from deskphone.core.lines import acd, line, subscription, way
from deskphone.core.lines.known import known, put
from deskphone.core.lines.state import LineStatus
from deskphone.core.lines.way_state import Way
from deskphone.core.moment import NEVER
from deskphone.core.turn import Turn

SHORTEST = 10.0  # seconds: however short-lived an answer is, the name server is asked no more often
LONGEST = 86_400.0  # and at least once a day: one forged answer of 68 years would hold as long (RFC 8767 section 4)


def resolved(turn: Turn, event: Resolved) -> None:
    """The name server's answer (RFC 3263): the addresses are taken over and a waiting REGISTER goes out; where there is
    none, it fails as a 408 unless an older address is known."""
    found = next((each for each in turn.phone.lines if each.server == event.server), None)
    account = next((each for each in line.accounts(turn.phone) if each.server == event.server), None)
    wanted = way.named(account) if account is not None else None
    if found is None or wanted is None or wanted[0] != event.name:
        return  # the settings are others by now
    before = found.way
    if not event.targets:
        turn.note(f"name server: nothing for {event.name}: {event.trouble or 'no address'}", "warning")
        put(turn, event.server, way=replace(before, asking=False, ask_at=turn.after(way.AGAIN)))
        if before.asking and not before.targets:
            line.failed(
                turn, RegistrationFailed(event.server, failure.NO_ANSWER, f"no address of {event.name}", answered=False)
            )
        elif before.asking:
            line.register(turn, event.server)
        return
    in_service = found.status is LineStatus.REGISTERED
    # Back at the one that worked, because none of these did: they are tried again when it fails, too.
    stays = in_service and before.hop == before.good and set(event.targets) <= set(before.targets)
    after = Way(event.targets, 0, before.tried, False, turn.after(_life(event)), before.good)
    if before.hop in (after.known if stays else event.targets):
        after = replace(after, at=after.known.index(before.hop))
    moved = bool(before.hop) and before.hop != after.hop
    others = bool(before.hop) and in_service and set(before.targets) != set(event.targets)  # who may speak for the name
    put(turn, event.server, way=after)
    if before.asking or moved or others:
        line.register(turn, event.server)


def _life(event: Resolved) -> float:
    """Seconds until the name is asked for again."""
    return min(LONGEST, max(SHORTEST, float(event.life)))


def acd_resolved(turn: Turn, event: Resolved) -> bool:
    """The same for an ACD server of its own; True where it was that."""
    if event.server != acd.SERVER or event.name != turn.phone.sites.acd_name:
        return event.server == acd.SERVER
    before, life = turn.phone.sites.acd, _life(event) if event.targets else way.AGAIN
    known = replace(before, ask_at=turn.after(life))
    if event.targets:
        known = replace(known, targets=event.targets, at=0)
        known = replace(known, at=event.targets.index(before.hop) if before.hop in event.targets else 0)
    else:
        turn.note(f"name server: nothing for {event.name}: {event.trouble or 'no address'}", "warning")
    turn.set(sites=replace(turn.phone.sites, acd=known))
    if before.hop and known.hop != before.hop:
        subscription.restart(turn, acd.SERVER)
    return True


def follow(turn: Turn) -> None:
    """After each event: the name of an ACD server of its own is looked up where it is a new one."""
    there = acd.account(turn.phone)
    wanted = way.named(there) if there is not None else None
    name = wanted[0] if wanted is not None else ""
    if name != turn.phone.sites.acd_name:
        turn.set(sites=replace(turn.phone.sites, acd=Way(), acd_name=name, acd_left_at=0.0))
        _ask_acd(turn, None)


def _ask_acd(turn: Turn, _: None) -> None:
    there = acd.account(turn.phone)
    wanted = way.named(there) if there is not None else None
    ask_at = turn.after(way.AGAIN) if wanted is not None else NEVER
    turn.set(sites=replace(turn.phone.sites, acd=replace(turn.phone.sites.acd, ask_at=ask_at)))
    if there is not None and wanted is not None:
        turn.do(Resolve(acd.SERVER, *wanted, there.transport))


def _old(turn: Turn, server: int) -> None:
    """The answer is too old, or never came: ask anew, and go on meanwhile."""
    put(turn, server, way=replace(known(turn, server).way, ask_at=NEVER))
    account = next((each for each in line.accounts(turn.phone) if each.server == server), None)
    if account is not None:
        way.ask(turn, account, waits=False)


DEADLINES = (
    Deadline("name of a server", lambda phone: ((each.way.ask_at, each.server) for each in phone.lines), _old),
    Deadline("name of the ACD server", lambda phone: ((phone.sites.acd.ask_at, None),), _ask_acd),
)
