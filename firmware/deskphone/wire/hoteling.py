"""x-broadworks-hoteling: who sits at the phone, the nonce, and the proof that one knows the password.

Law: documents and values only. The password never travels and is in no value here; the proof is `core.agent.login`'s,
and the body belongs in no journal.
"""

from __future__ import annotations

from typing import Final

from deskphone.core.documents import HOTELING as PACKAGE
from deskphone.core.documents import MD5 as ALGORITHM
from deskphone.core.documents import Challenge, HotelingEvent, Proof, UnknownDocument
from deskphone.wire import xml
from deskphone.wire.errors import MAX_TEXT, WireError, clip, whole_number
from deskphone.wire.fields import readable
from deskphone.wire.xml import Element

CONTENT_TYPE: Final = "application/x-broadworks-hoteling+xml"
NAMESPACE: Final = "http://schema.broadsoft.com/hoteling"

__all__ = ["CONTENT_TYPE", "NAMESPACE", "PACKAGE", "Challenge", "HotelingEvent", "parse", "read", "set_hoteling"]


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


def set_hoteling(guest: str, proof: Proof | None = None) -> bytes:
    """SetHoteling: claim the phone for an agent, or give it back with guest ""; `proof` answers a challenge.

    WireError where its algorithm is not MD5: nobody here could have computed it.
    """
    if proof is not None and proof.algorithm != ALGORITHM:
        raise WireError(f"algorithm {clip(proof.algorithm)!r}", "<authenticationData>", ALGORITHM)
    authentication = () if proof is None else (
        "<authenticationData>",
        xml.tag("nonce", proof.nonce),
        xml.tag("algorithm", ALGORITHM),
        xml.tag("response", proof.response.reveal()),
        "</authenticationData>",
    )  # fmt: skip
    address = xml.tag("guestAddress", guest) if guest else "<guestAddress/>"
    return xml.document((f'<SetHoteling xmlns="{NAMESPACE}">', address, *authentication, "</SetHoteling>"))
