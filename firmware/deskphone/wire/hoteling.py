"""x-broadworks-hoteling: who sits at the phone, the nonce, and the proof that one knows the password.

Law: documents and values only. The password never travels and is in no value here; the proof is computed
where the body is written, and the body belongs in no journal.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from deskphone.wire import xml
from deskphone.wire.asfeature import UnknownDocument
from deskphone.wire.errors import MAX_TEXT, WireError, clip, whole_number
from deskphone.wire.fields import readable
from deskphone.wire.xml import Element

PACKAGE: Final = "x-broadworks-hoteling"
CONTENT_TYPE: Final = "application/x-broadworks-hoteling+xml"
NAMESPACE: Final = "http://schema.broadsoft.com/hoteling"
ALGORITHM: Final = "MD5"


@dataclass(frozen=True, slots=True)
class Challenge:
    """authenticationData: the nonce to prove the password with. algorithm is upper case, MD5 where left out."""

    nonce: str
    algorithm: str = ALGORITHM


@dataclass(frozen=True, slots=True)
class HotelingEvent:
    """guest: the agent who is logged in, "" for nobody, None where the document does not say (a challenge)."""

    guest: str | None = None
    challenge: Challenge | None = None
    expires: int | None = None


def parse(body: bytes, charset: str = "") -> HotelingEvent | UnknownDocument:
    """One document; WireError where it is no XML or the nonce is missing."""
    return read(xml.parse(body, charset))


def read(root: Element) -> HotelingEvent | UnknownDocument:
    """The value of a parsed root element."""
    if root.name != "HotelingEvent":
        return UnknownDocument(clip(root.name, MAX_TEXT))
    guest = readable(root.child_text("guestAddress"), MAX_TEXT) if root.child("guestAddress") is not None else None
    expires = root.child_text("expires")
    return HotelingEvent(guest, _challenge(root), whole_number(expires, "<expires>") if expires else None)


def _challenge(root: Element) -> Challenge | None:
    data = root.child("authenticationData")
    if data is None:
        return None
    nonce = data.child_text("nonce")
    if not nonce:
        raise WireError("no nonce", "<authenticationData>", "<nonce> with a text")
    return Challenge(nonce, data.child_text("algorithm").upper() or ALGORITHM)


def proof(nonce: str, password: str) -> str:
    """Lower-case hexadecimal MD5 of `nonce:password` in UTF-8: no user, no realm.

    MD5 is what the servers ask for; it guards the login of a seat, and TLS has to guard the line.
    """
    return hashlib.md5(f"{nonce}:{password}".encode(), usedforsecurity=False).hexdigest()


def set_hoteling(guest: str) -> bytes:
    """SetHoteling without proof: claim the phone for an agent, or give it back with guest ""."""
    return _set_hoteling(guest, ())


def set_hoteling_with_proof(guest: str, challenge: Challenge, password: str) -> bytes:
    """SetHoteling that answers a challenge; WireError where its algorithm is not MD5."""
    if challenge.algorithm != ALGORITHM:
        raise WireError(f"algorithm {clip(challenge.algorithm)!r}", "<authenticationData>", ALGORITHM)
    return _set_hoteling(guest, (
        "<authenticationData>",
        xml.tag("nonce", challenge.nonce),
        xml.tag("algorithm", ALGORITHM),
        xml.tag("response", proof(challenge.nonce, password)),
        "</authenticationData>",
    ))  # fmt: skip


def _set_hoteling(guest: str, authentication: tuple[str, ...]) -> bytes:
    address = xml.tag("guestAddress", guest) if guest else "<guestAddress/>"
    return xml.document((f'<SetHoteling xmlns="{NAMESPACE}">', address, *authentication, "</SetHoteling>"))
