"""How long a binding of ours lasts by the 200 to a REGISTER, and how soon a lost connection is made anew.

Law: pure. A registrar lists every binding of the address-of-record (RFC 3261 section 10.3), ours perhaps as a NAT has
rewritten it: where it is not recognised, the shortest lifetime that can be ours counts. Too early costs a request, too
late the calls.
"""

from __future__ import annotations

import contextlib

from deskphone.sip.policy.sender import MARK
from deskphone.wire import fields
from deskphone.wire.errors import WireError, whole_number
from deskphone.wire.fields import Address
from deskphone.wire.message import Response

STEADY = 60.0
"""Seconds a connection has to last to count as a good one."""
DAY = 86_400  # seconds
FIRST, LONGEST = 1.0, 300.0  # seconds until a connection that did not last is made anew


def lifetime(response: Response, mark: str, told: int) -> int:
    """Seconds, DAY at most: a phone that is told of years would never see that it was forgotten. mark: of our Contact.
    told: what the stack believes, which knows its binding by the URI.

    Ours is the one with our mark, or else the address we sent from, whatever the registrar made of the rest; where none
    is, each can be. 0 where it is listed as one that is over (`expires=0`), or nothing but such ones are.
    """
    general = _seconds(response.headers.get("expires"), told)
    lives = [(each, _seconds(each.params.get("expires"), general)) for each in _contacts(response)]
    alive = [(each, life) for each, life in lives if life > 0]
    marked = [(each, life) for each, life in alive if _marked(each, mark)]
    here = [(each, life) for each, life in alive if _recognised(each, response)]
    over = [each for each, life in lives if life <= 0 and _marked(each, mark) and _recognised(each, response)]
    if not marked and (over or (lives and not alive)):
        return 0
    ours = [each for each in marked if each in here] or marked or here or alive
    return min(DAY, min((life for _, life in ours), default=told))


def refuses_removal(code: int) -> bool:
    """Whether a final answer to a REGISTER that makes a binding and removes another can be meant for the removal: not
    where it asks for a proof, or where nobody looked at it."""
    return code >= 400 and code not in (401, 407, 408, 503)


def pause_before_reconnect(short_lived: int, drawn: float) -> float:
    """Seconds until a lost connection is made anew (RFC 5626 section 4.5).

    short_lived: how many before it did not last. drawn: 0 to 1, so that a floor of phones does not come as one.
    """
    longest = min(LONGEST, FIRST * 2.0 ** min(short_lived, 16))
    return longest * (0.1 + 0.9 * drawn) if short_lived == 0 else longest * (0.5 + 0.5 * drawn)


def _contacts(response: Response) -> list[Address]:
    """Those that can be read; a header whose quotes do not end costs itself."""
    entries: list[str] = []
    for value in response.headers.every("contact"):
        with contextlib.suppress(WireError):
            entries += fields.split(value, ",")
    found: list[Address] = []
    for entry in entries:
        with contextlib.suppress(WireError):
            found.append(fields.address(entry))
    return found


def _marked(contact: Address, mark: str) -> bool:
    try:
        return bool(mark) and fields.uri(contact.uri).params.get(MARK) == mark
    except WireError:
        return False


def _recognised(contact: Address, response: Response) -> bool:
    """Whether it names the address that the REGISTER came from, as its Via has it: ours, or a NAT's (RFC 3581)."""
    try:
        uri, via = fields.uri(contact.uri), response.via
    except WireError:
        return False
    return (
        uri.port is not None and (uri.host, uri.port) == (via.host, via.port)
    ) or uri.host == via.received != via.host


def _seconds(text: str, otherwise: int) -> int:
    try:
        return whole_number(text, "expires") if text else otherwise
    except WireError:
        return otherwise
