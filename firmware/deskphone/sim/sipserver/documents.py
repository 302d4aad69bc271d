"""as-feature-event and hoteling from the server's side: commands out of bodies, events into bodies. Pure.

Reading uses the product's XML reader and gives the product's own command values; writing is here, because a phone
never writes these. `Quirks` says in which dialect.
"""

from __future__ import annotations

from xml.sax.saxutils import escape

from deskphone.config.secret import Secret
from deskphone.core.documents import (
    AgentEvent,
    Command,
    DoNotDisturbEvent,
    ForwardingEvent,
    ForwardingType,
    HotelingEvent,
    Proof,
    RequestedAgentState,
    SetAgentState,
    SetDoNotDisturb,
    SetForwarding,
    SetHoteling,
)
from deskphone.sim.sipserver.quirks import NAMESPACES, Quirks
from deskphone.wire import asfeature, hoteling, xml
from deskphone.wire.xml import Element

BOUNDARY = "deskphone-full-state"
MULTIPART = f"multipart/mixed;boundary={BOUNDARY}"
Event = AgentEvent | DoNotDisturbEvent | ForwardingEvent | HotelingEvent


# --- reading: what a phone asks for ------------------------------------------------------------------


def read_command(body: bytes, charset: str = "") -> Command:
    """The command of a SUBSCRIBE body; ValueError says what was expected."""
    root = xml.parse(body, charset)
    if root.name == "SetHoteling":
        return SetHoteling(root.child_text("guestAddress"), _proof(root))
    if root.name == "SetAgentState":
        return SetAgentState(
            RequestedAgentState(root.child_text("requestedAgentState")), root.deep_text("AgentNotReadyReasonValue")
        )
    if root.name == "SetDoNotDisturb":
        return SetDoNotDisturb(root.child_text("device"), _boolean(root, "doNotDisturbOn"))
    if root.name == "SetForwarding":
        rings = root.child_text("ringCount")
        return SetForwarding(
            root.child_text("device"), ForwardingType(root.child_text("forwardingType")),
            _boolean(root, "activateForward"), root.child_text("forwardDN"), int(rings) if rings else None,
        )  # fmt: skip
    raise ValueError(f"<{root.name}>: expected SetHoteling, SetAgentState, SetDoNotDisturb or SetForwarding")


def _proof(root: Element) -> Proof | None:
    data = root.child("authenticationData")
    if data is None:
        return None
    return Proof(data.child_text("nonce"), Secret(data.child_text("response")), data.child_text("algorithm") or "MD5")


def _boolean(root: Element, name: str) -> bool:
    word = root.child_text(name)
    if word not in ("true", "false"):
        raise ValueError(f"<{name}>{word[:20]}: expected true or false")
    return word == "true"


# --- writing: what the server tells -------------------------------------------------------------------


def write(events: tuple[Event, ...], quirks: Quirks) -> tuple[str, bytes]:
    """(content type, body): one document, or several in multipart/mixed with Content-Length in each part."""
    if len(events) == 1:
        return _type_of(events[0]), _document(events[0], quirks)
    parts = b""
    for event in events:
        body = _document(event, quirks)
        head = f"--{BOUNDARY}\r\nContent-Type: {_type_of(event)}\r\nContent-Length: {len(body)}\r\n\r\n"
        parts += head.encode() + body + b"\r\n"
    return MULTIPART, parts + f"--{BOUNDARY}--\r\n".encode()


def _type_of(event: Event) -> str:
    return hoteling.CONTENT_TYPE if isinstance(event, HotelingEvent) else asfeature.CONTENT_TYPE


def _document(event: Event, quirks: Quirks) -> bytes:
    if isinstance(event, HotelingEvent):
        namespace = hoteling.NAMESPACE if quirks.namespace == "right" else NAMESPACES[quirks.namespace]
    else:
        namespace = NAMESPACES[quirks.namespace]
    name = type(event).__name__
    attribute = f' xmlns="{namespace}"' if namespace else ""
    text = f'<?xml version="1.0" encoding="{quirks.encoding}"?>\r\n<{name}{attribute}>{_inside(event, quirks)}</{name}>'
    return (text + "\r\n").encode(quirks.encoding, "xmlcharrefreplace")


def _inside(event: Event, quirks: Quirks) -> str:
    if isinstance(event, HotelingEvent):
        return _hoteling(event)
    device = _tag("device", event.device) if quirks.device else ""
    if isinstance(event, DoNotDisturbEvent):
        return device + _tag("doNotDisturbOn", _word(event.on))
    if isinstance(event, ForwardingEvent):
        rings = _tag("ringCount", str(event.rings)) if event.rings else "<ringCount/>"
        return (
            device + _tag("forwardingType", event.type) + _tag("forwardStatus", _word(event.active))
            + _tag("forwardTo", event.target) + rings
        )  # fmt: skip
    return device + (_tag("agentID", event.agent) if event.agent else "") + (_reason(event.reason))


def _hoteling(event: HotelingEvent) -> str:
    text = ""
    if event.guest is not None:
        text += _tag("guestAddress", event.guest) if event.guest else "<guestAddress/>"
    if event.challenge is not None:
        inner = _tag("nonce", event.challenge.nonce) + _tag("algorithm", event.challenge.algorithm)
        text += f"<authenticationData>{inner}</authenticationData>"
    if event.expires is not None:
        text += _tag("expires", str(event.expires))
    return text


def _reason(code: str) -> str:
    if not code:
        return ""
    value = _tag("pri:AgentNotReadyReasonValue", code)
    return (
        f'<extensions><privateData><private xmlns:pri="{asfeature.PRIVATE}">{value}</private>'
        "</privateData></extensions>"
    )


def _tag(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>"


def _word(on: bool) -> str:
    return "true" if on else "false"
