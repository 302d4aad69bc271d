"""To whom the line's password is proved: the realms that REGISTER was challenged in, at the server that did so.

Law: pure. A proof for another's nonce is what a password is guessed from; so who answers a request with a challenge of
his own gets none, and no request that another's message made us send (NOTIFY) or that he can wait for (BYE, INFO) does.
"""

from __future__ import annotations

import re
from typing import Final

from deskphone import http_challenge
from deskphone.core.failure import UNKNOWN_PROOF, said_by_server
from deskphone.wire.errors import WireError
from deskphone.wire.message import Request, Response, parse_response

PROVED: Final = frozenset({"INVITE", "ACK", "SUBSCRIBE", "REFER", "OPTIONS", "PUBLISH", "MESSAGE", "UPDATE"})
"""Requests of the phone's own accord, in which a server may ask who we are."""
REALM: Final = re.compile(r'\brealm\s*=\s*(?:"([^"]{0,255})"|([^\s,"]{1,255}))', re.IGNORECASE)
MOST: Final = 16  # realms of one server; a new one in each answer is an attack


class Realms:
    """The realms known so far, by host of the server."""

    def __init__(self) -> None:
        self._known: dict[str, set[str]] = {}

    def may_prove(self, raw: bytes, host: str, registered: bool = True) -> bool:
        """Whether this 401 or 407 to a request that went to `host` is to be answered with a proof, which goes there as
        well; those to REGISTER are learnt from.

        registered: it is a registered server. One that asked for no proof at REGISTER may do so in one realm later.
        """
        try:
            response = parse_response(raw)
            method = response.cseq[1]
        except WireError:
            return False
        asked = _realms(response)
        known = self._known.get(host, set())
        if method == "REGISTER":
            if len(known | asked) > MOST:
                return False
            self._known[host] = known | asked
            return True
        if method not in PROVED or not asked:
            return False
        if registered and not known and len(asked) == 1:
            self._known[host] = known = set(asked)
        return asked <= known


def answerable(response: Response, proved: bool) -> bool:
    """Whether one of its challenges is of a kind that the stack answers. proved: an answer was given to one before, so
    that no challenge, or none that can be read, is a refusal of that."""
    found = http_challenge.read(_challenges(response))
    return (proved and not found) or any(
        each.scheme == "digest" and each.algorithm and not each.session and each.quality in ("", "auth")
        for each in found
    )


def why(answer: Request | Response | None, reason: str, *, proved: bool) -> str:
    """The reason of a refusal: the server's own words, or our name for a proof of another kind."""
    if isinstance(answer, Response) and answer.code in (401, 407) and not answerable(answer, proved):
        return UNKNOWN_PROOF
    return said_by_server(reason)


def _challenges(response: Response) -> list[str]:
    return [*response.headers.every("www-authenticate"), *response.headers.every("proxy-authenticate")]


def _realms(response: Response) -> set[str]:
    return {quoted or bare for line in _challenges(response) for quoted, bare in REALM.findall(line)}
