"""as-feature-event and hoteling from the server's side: commands out of bodies, events into bodies. Pure values.

Law: written from the documents, not from a phone's code, so that a wrong element name cannot be right at both ends.
A command must be as its schema has it: names, namespaces and order (ECMA-323 and the BroadSoft extensions).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from xml.etree import ElementTree
from xml.sax.saxutils import escape

AS_FEATURE = "as-feature-event"
AS_FEATURE_TYPE = "application/x-as-feature-event+xml"
HOTELING = "x-broadworks-hoteling"
HOTELING_TYPE = "application/x-broadworks-hoteling+xml"

CSTA_NAMESPACE = "http://www.ecma-international.org/standards/ecma-323/csta/ed3"
HOTELING_NAMESPACE = "http://schema.broadsoft.com/hoteling"
PRIVATE_NAMESPACE = "http://schema.broadsoft.com/CSTAPrivateData"

BOUNDARY = "deskphone-full-state"
MULTIPART = f"multipart/mixed;boundary={BOUNDARY}"


class Wish(StrEnum):
    """What a phone may ask for in requestedAgentState; being logged on is the result of hoteling."""

    READY = "ready"
    NOT_READY = "notReady"
    AFTER_CALL_WORK = "workingAfterCall"
    LOGGED_OFF = "loggedOff"


class Forwarding(StrEnum):
    """The kinds of forwarding (forwardingType)."""

    ALWAYS = "forwardImmediate"
    BUSY = "forwardBusy"
    NO_REPLY = "forwardNoAns"


# --- what a phone asks for ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SetAgentState:
    """reason: the code as text, "" where the document has none."""

    wish: Wish
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SetDoNotDisturb:
    """Do-not-disturb of the DN that subscribes; `device` is what the document says."""

    device: str
    on: bool


@dataclass(frozen=True, slots=True)
class SetForwarding:
    """One kind of forwarding. rings: with NO_REPLY only, None where it is left out."""

    device: str
    kind: Forwarding
    active: bool
    number: str
    rings: int | None = None


@dataclass(frozen=True, slots=True)
class SetHoteling:
    """The phone is claimed for a guest, or given back with "". nonce and response: "" without a proof."""

    guest: str
    nonce: str = ""
    response: str = field(default="", repr=False)


Command = SetAgentState | SetDoNotDisturb | SetForwarding | SetHoteling

# Children of each command in the order of its schema, as a pattern over their names.
_ORDER = {
    f"{{{CSTA_NAMESPACE}}}SetAgentState": "device requestedAgentState( extensions)? agentID password",
    f"{{{CSTA_NAMESPACE}}}SetDoNotDisturb": "device doNotDisturbOn",
    f"{{{CSTA_NAMESPACE}}}SetForwarding": "device forwardingType activateForward forwardDN( ringCount)?",
    f"{{{HOTELING_NAMESPACE}}}SetHoteling": "guestAddress( authenticationData)?",
}
_PROOF = "nonce algorithm response"


def read_command(body: bytes) -> Command:
    """The command of a SUBSCRIBE body; ValueError says what was expected."""
    if b"<!" in body:
        raise ValueError("<!: expected no document type, no entity and no comment")
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError as error:
        raise ValueError(f"body: expected well-formed XML ({error})") from None
    if root.tag not in _ORDER:
        raise ValueError(f"<{root.tag[:120]}>: expected one of {', '.join(_ORDER)}")
    _in_order(root, _ORDER[root.tag])
    return _READERS[root.tag.partition("}")[2]](root)


def _in_order(parent: ElementTree.Element, order: str) -> None:
    """The children are of the parent's namespace, and as the schema has them."""
    namespace = parent.tag.partition("}")[0] + "}"
    names = " ".join(child.tag.removeprefix(namespace) for child in parent)
    if not re.fullmatch(order, names):
        raise ValueError(f"<{parent.tag}> with {names[:200]!r}: expected {order!r}")


def _text(parent: ElementTree.Element, name: str) -> str:
    namespace = parent.tag.partition("}")[0] + "}"
    return (parent.findtext(namespace + name) or "").strip()


def _truth(parent: ElementTree.Element, name: str) -> bool:
    word = _text(parent, name)
    if word not in ("true", "false"):
        raise ValueError(f"<{name}>{word[:20]}: expected true or false")
    return word == "true"


def _agent_state(root: ElementTree.Element) -> SetAgentState:
    wish = Wish(_text(root, "requestedAgentState"))
    csta = f"{{{CSTA_NAMESPACE}}}"
    where = f"{csta}extensions/{csta}privateData/{csta}private/{{{PRIVATE_NAMESPACE}}}AgentNotReadyReasonValue"
    reason = root.findtext(where)
    if reason is None and root.find(f"{csta}extensions") is not None:
        raise ValueError(f"<extensions>: expected {where}")
    if reason is not None and wish is not Wish.NOT_READY:
        raise ValueError(f"a reason with {wish}: expected one with {Wish.NOT_READY} only")
    return SetAgentState(wish, (reason or "").strip())


def _do_not_disturb(root: ElementTree.Element) -> SetDoNotDisturb:
    return SetDoNotDisturb(_text(root, "device"), _truth(root, "doNotDisturbOn"))


def _forwarding(root: ElementTree.Element) -> SetForwarding:
    rings = _text(root, "ringCount")
    if rings and not (rings.isdecimal() and 1 <= int(rings) <= 100):
        raise ValueError(f"<ringCount>{rings[:20]}: expected 1 to 100")
    return SetForwarding(
        _text(root, "device"), Forwarding(_text(root, "forwardingType")), _truth(root, "activateForward"),
        _text(root, "forwardDN"), int(rings) if rings else None,
    )  # fmt: skip


def _hoteling(root: ElementTree.Element) -> SetHoteling:
    data = root.find(f"{{{HOTELING_NAMESPACE}}}authenticationData")
    if data is None:
        return SetHoteling(_text(root, "guestAddress"))
    _in_order(data, _PROOF)
    if _text(data, "algorithm") != "MD5":
        raise ValueError(f"<algorithm>{_text(data, 'algorithm')[:20]}: expected MD5")
    return SetHoteling(_text(root, "guestAddress"), _text(data, "nonce"), _text(data, "response"))


_READERS: dict[str, Callable[[ElementTree.Element], Command]] = {
    "SetAgentState": _agent_state, "SetDoNotDisturb": _do_not_disturb, "SetForwarding": _forwarding,
    "SetHoteling": _hoteling,
}  # fmt: skip


# --- what the server tells -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AgentEvent:
    """name: the root element, AgentReadyEvent and its like. reason: a code with AgentNotReadyEvent, else ""."""

    name: str
    device: str
    agent: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DoNotDisturbEvent:
    """Do-not-disturb of a DN."""

    device: str
    on: bool


@dataclass(frozen=True, slots=True)
class ForwardingEvent:
    """One kind of forwarding of a DN; number "" where it is off."""

    device: str
    kind: Forwarding
    number: str = ""
    rings: int | None = None


@dataclass(frozen=True, slots=True)
class HotelingEvent:
    """guest: who sits there, "" for nobody, None where a challenge does not say. nonce: "" without a challenge."""

    guest: str | None = None
    nonce: str = ""


Event = AgentEvent | DoNotDisturbEvent | ForwardingEvent | HotelingEvent


def write(events: tuple[Event, ...]) -> tuple[str, bytes]:
    """(content type, body): one document, or several in multipart/mixed with Content-Length in each part."""
    if len(events) == 1:
        return _type_of(events[0]), _document(events[0])
    parts = b""
    for event in events:
        body = _document(event)
        head = f"--{BOUNDARY}\r\nContent-Type: {_type_of(event)}\r\nContent-Length: {len(body)}\r\n\r\n"
        parts += head.encode() + body + b"\r\n"
    return MULTIPART, parts + f"--{BOUNDARY}--\r\n".encode()


def _type_of(event: Event) -> str:
    return HOTELING_TYPE if isinstance(event, HotelingEvent) else AS_FEATURE_TYPE


def _document(event: Event) -> bytes:
    namespace = HOTELING_NAMESPACE if isinstance(event, HotelingEvent) else CSTA_NAMESPACE
    name = event.name if isinstance(event, AgentEvent) else type(event).__name__
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\r\n<{name} xmlns="{namespace}">{_inside(event)}</{name}>\r\n'.encode()
    )


def _inside(event: Event) -> str:
    if isinstance(event, HotelingEvent):
        guest = "" if event.guest is None else _tag("guestAddress", event.guest)
        challenge = _tag("nonce", event.nonce) + _tag("algorithm", "MD5")
        return guest + (f"<authenticationData>{challenge}</authenticationData>" if event.nonce else "")
    device = _tag("device", event.device)
    if isinstance(event, DoNotDisturbEvent):
        return device + _tag("doNotDisturbOn", _word(event.on))
    if isinstance(event, ForwardingEvent):
        return (
            device + _tag("forwardingType", event.kind) + _tag("forwardStatus", _word(bool(event.number)))
            + _tag("forwardTo", event.number) + _tag("ringCount", str(event.rings or ""))
        )  # fmt: skip
    return device + (_tag("agentID", event.agent) if event.agent else "") + _reason(event.reason)


def _reason(code: str) -> str:
    if not code:
        return ""
    text = f'<private xmlns:pri="{PRIVATE_NAMESPACE}">{_tag("pri:AgentNotReadyReasonValue", code)}</private>'
    for name in ("privateData", "extensions"):
        text = f"<{name}>{text}</{name}>"
    return text


def _tag(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>" if text else f"<{name}/>"


def _word(on: bool) -> str:
    return "true" if on else "false"
