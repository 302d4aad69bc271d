"""The response to a hoteling challenge: the proof that the agent knows the password, for the nonce of a server; and
whether a server means the agent who was typed here.

Law: pure; the only place of the core that reads a password in clear, and what comes out is a Secret again.
"""

from __future__ import annotations

import hashlib

from deskphone.config.secret import Secret
from deskphone.core.documents import MD5, Challenge, Proof


def same(one: str, other: str) -> bool:
    """Whether two spellings are one agent: servers write what was typed in their own letters, or as an address."""
    (user, _, domain), (also, _, there) = (each.casefold().partition("@") for each in map(bare, (one, other)))
    return user == also and (not domain or not there or domain == there)


def bare(guest: str) -> str:
    """A name without the scheme of a SIP URI, its brackets and parameters, and its domain; any other one as it is."""
    inside = guest.strip().strip("<>")
    scheme, colon, rest = inside.partition(":")
    return rest.partition(";")[0].partition("@")[0] if colon and scheme.lower() in ("sip", "sips", "tel") else inside


def proof(challenge: Challenge, password: Secret) -> Proof | None:
    """Lower-case hexadecimal MD5 of `nonce:password` in UTF-8: no user, no realm. None for another algorithm.

    MD5 is what the servers ask for; it guards the login of a seat, and TLS has to guard the line.
    """
    if challenge.algorithm != MD5:
        return None
    text = f"{challenge.nonce}:{password.reveal()}"
    return Proof(challenge.nonce, Secret(hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()))
