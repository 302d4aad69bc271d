"""The response to a hoteling challenge: the proof that the agent knows the password, for the nonce of a server.

Law: pure; the only place of the core that reads a password in clear, and what comes out is a Secret again.
"""

from __future__ import annotations

import hashlib

from deskphone.config.secret import Secret
from deskphone.core.documents import MD5, Challenge, Proof


def proof(challenge: Challenge, password: Secret) -> Proof | None:
    """Lower-case hexadecimal MD5 of `nonce:password` in UTF-8: no user, no realm. None for another algorithm.

    MD5 is what the servers ask for; it guards the login of a seat, and TLS has to guard the line.
    """
    if challenge.algorithm != MD5:
        return None
    text = f"{challenge.nonce}:{password.reveal()}"
    return Proof(challenge.nonce, Secret(hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()))
