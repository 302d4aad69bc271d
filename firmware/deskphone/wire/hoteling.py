"""x-broadworks-hoteling: the guest at the phone, the nonce, and the proof that the agent knows the password.

Law: documents and values only. The password is never sent and is in no value here; the proof is `core.agent.login`'s,
and the body belongs in no journal.
"""

from __future__ import annotations

from typing import Final

from deskphone.core.documents import HOTELING as PACKAGE
from deskphone.core.documents import MD5 as ALGORITHM
from deskphone.core.documents import Challenge, HotelingEvent, Proof, UnknownDocument
from deskphone.wire import xml
from deskphone.wire.errors import MAX_TEXT, WireError, clip, seconds
from deskphone.wire.fields import readable
from deskphone.wire.xml import Element

CONTENT_TYPE: Final = "application/x-broadworks-hoteling+xml"
NAMESPACE: Final = "http://schema.broadsoft.com/hoteling"

__all__ = ["CONTENT_TYPE", "NAMESPACE", "PACKAGE", "Challenge", "HotelingEvent", "parse", "read", "set_hoteling"]


def parse(body: bytes, charset: str = "") -> HotelingEvent | UnknownDocument:
    """One document of a NOTIFY. charset: see `xml.parse`. WireError as `read`, or where it is no XML."""
    return read(xml.parse(body, charset))


def read(root: Element) -> HotelingEvent | UnknownDocument:
    """The event of a root element, UnknownDocument for another name. guest is None where no guestAddress is sent,
    expires in seconds or None, also where it is no number. WireError for authenticationData without a nonce where no
    guestAddress is beside it.
    """
    if root.name != "HotelingEvent":
        return UnknownDocument(clip(root.name, MAX_TEXT))
    guest = readable(root.child_text("guestAddress"), MAX_TEXT) if root.child("guestAddress") is not None else None
    try:
        challenge = _challenge(root)
    except WireError:
        if guest is None:
            raise
        challenge = None
    return HotelingEvent(guest, challenge, seconds(root.child_text("expires")))


def _challenge(root: Element) -> Challenge | None:
    data = root.child("authenticationData")
    if data is None:
        return None
    nonce = data.child_text("nonce")
    if not nonce:
        raise WireError("no nonce", "<authenticationData>", "<nonce> with a text")
    return Challenge(nonce, data.child_text("algorithm").upper() or ALGORITHM)


def set_hoteling(guest: str, proof: Proof | None = None) -> bytes:
    """SetHoteling: log the agent `guest` in, or out with ""; proof: the answer to a challenge.

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
