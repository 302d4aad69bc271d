"""How long a binding of ours lasts by the 200 to a REGISTER, and how soon a lost connection is made anew.

Law: pure. A registrar lists every binding of the address-of-record (RFC 3261 section 10.3), ours perhaps as a NAT has
rewritten it: where it is not recognised, the shortest lifetime that can be ours counts. Too early costs a request, too
late the calls.
"""

from __future__ import annotations

from deskphone.wire import fields
from deskphone.wire.errors import WireError, whole_number
from deskphone.wire.fields import Address
from deskphone.wire.message import Response

STEADY = 60.0
"""Seconds a connection has to last to count as a good one."""
FIRST, LONGEST = 1.0, 300.0  # seconds until a connection that did not last is made anew


def lifetime(response: Response, user: str, told: int) -> int:
    """Seconds. user: of our address-of-record. told: what the stack believes, which knows its binding by the URI."""
    try:
        contacts = [fields.address(each) for each in response.headers.listed("contact") if each != "*"]
    except WireError:
        return told
    ours = [each for each in contacts if _user(each) == user]
    if any(_recognised(each, response) for each in ours):
        return told
    general = _seconds(response.headers.get("expires"), told)
    lives = [_seconds(each.params.get("expires"), general) for each in ours or contacts]
    return min([life for life in lives if life > 0], default=told)


def pause_before_reconnect(short_lived: int, drawn: float) -> float:
    """Seconds until a lost connection is made anew (RFC 5626 section 4.5).

    short_lived: how many before it did not last. drawn: 0 to 1, so that a floor of phones does not come as one.
    """
    longest = min(LONGEST, FIRST * 2.0 ** min(short_lived, 16))
    return longest * (0.1 + 0.9 * drawn) if short_lived == 0 else longest * (0.5 + 0.5 * drawn)


def _recognised(contact: Address, response: Response) -> bool:
    """Whether it names the address that the REGISTER came from, as its Via has it."""
    try:
        uri, via = fields.uri(contact.uri), response.via
    except WireError:
        return False
    return uri.port is not None and (uri.host, uri.port) == (via.host, via.port)


def _user(contact: Address) -> str:
    try:
        return fields.uri(contact.uri).user
    except WireError:
        return ""


def _seconds(text: str, otherwise: int) -> int:
    try:
        return whole_number(text, "expires") if text else otherwise
    except WireError:
        return otherwise
