"""From a server's name to its addresses (RFC 3263): which one is used, and the next one when it fails.

Law: owns `Line.way`. The phone stays with the address that works while the name server still names it; an answer that
is missing or empty changes nothing, and one whose addresses all fail leads back to the one that worked. Over TLS the
stack asks for the name itself (`sip.stack.names`), for it checks the certificate against the name it connects to.
"""

from __future__ import annotations

import ipaddress
from dataclasses import replace

from deskphone.core.effects import Account, Resolve
from deskphone.core.events import RegistrationFailed
from deskphone.core.lines.known import known, put
from deskphone.core.lines.way_state import Way
from deskphone.core.moment import NEVER
from deskphone.core.turn import Turn

SERVER_UNAVAILABLE = 503
AGAIN = 30.0  # seconds after which a name server that said nothing, or a question without an answer, is asked again


def named(account: Account) -> tuple[str, int] | None:
    """(name, port) of the first hop where that is a name to be resolved here; None for an address, and over TLS."""
    host, _, port = account.proxy.removeprefix("sip:").rpartition(":")
    if not host or not port.isdecimal():
        host, port = account.proxy.removeprefix("sip:"), "0"
    if account.transport == "tls":
        return None
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return host, int(port)
    return None


def ask(turn: Turn, account: Account, *, waits: bool) -> bool:
    """Ask the name server; False where there is no name. waits: a REGISTER does not go out before the answer."""
    wanted = named(account)
    if wanted is None:
        return False
    way = known(turn, account.server).way
    put(turn, account.server, way=replace(way, asking=way.asking or waits, ask_at=turn.after(AGAIN)))
    turn.do(Resolve(account.server, *wanted, account.transport))
    return True


def routed(account: Account, way: Way) -> Account:
    """The account, with the address in use and all that may speak for the name."""
    return replace(account, hop=way.hop, pool=way.targets if way.hop in ("", *way.targets) else way.known)


def next_hop(turn: Turn, event: RegistrationFailed) -> bool:
    """The address in use failed: True where the next one is to be tried at once, and nothing else follows."""
    way = known(turn, event.server).way
    led_astray = way.known != way.targets and way.hop != way.good  # to one that says no, by a name that worked before
    if event.answered and event.code != SERVER_UNAVAILABLE and not led_astray:
        return False
    if not way.others:
        if len(way.known) > 1:  # all of them failed: after the pause it is the next one's turn
            put(turn, event.server, way=replace(way, at=(way.at + 1) % len(way.known), tried=0))
        return False
    following = replace(way, at=(way.at + 1) % len(way.known), tried=way.tried + 1)
    why = f"{event.code} {event.reason}".rstrip()
    turn.note(f"server {event.server} at {way.hop}: {why}; {following.hop} is next", "warning")
    put(turn, event.server, way=following, probes=0, probe_by=NEVER)
    return True
