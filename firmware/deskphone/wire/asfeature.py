"""as-feature-event: agent state, do-not-disturb and forwarding, both directions (ECMA-323, BroadSoft profile).

Law: documents to frozen values by the root's local name, and values to documents; no state, no policy. A root of
unknown name comes back as UnknownDocument, never as an error.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from deskphone.core.documents import AS_FEATURE as PACKAGE
from deskphone.core.documents import (
    AgentEvent,
    AgentLoggedOffEvent,
    AgentLoggedOnEvent,
    AgentNotReadyEvent,
    AgentReadyEvent,
    AgentWorkingAfterCallEvent,
    DoNotDisturbEvent,
    ForwardingEvent,
    ForwardingType,
    RequestedAgentState,
    UnknownDocument,
)
from deskphone.wire import xml
from deskphone.wire.errors import MAX_TEXT, WireError, clip
from deskphone.wire.fields import readable
from deskphone.wire.xml import Element

CONTENT_TYPE: Final = "application/x-as-feature-event+xml"
CSTA: Final = "http://www.ecma-international.org/standards/ecma-323/csta/ed3"
PRIVATE: Final = "http://schema.broadsoft.com/CSTAPrivateData"

__all__ = [
    "CONTENT_TYPE", "CSTA", "PACKAGE", "PRIVATE",
    "AgentEvent", "AgentLoggedOffEvent", "AgentLoggedOnEvent", "AgentNotReadyEvent", "AgentReadyEvent",
    "AgentWorkingAfterCallEvent", "DoNotDisturbEvent", "Document", "ForwardingEvent", "ForwardingType",
    "RequestedAgentState", "UnknownDocument",
    "parse", "read", "set_agent_state", "set_do_not_disturb", "set_forwarding",
]  # fmt: skip

Document = AgentEvent | DoNotDisturbEvent | ForwardingEvent | UnknownDocument

AGENT_EVENTS: Final[dict[str, type[AgentEvent]]] = {
    "AgentLoggedOnEvent": AgentLoggedOnEvent,
    "AgentLoggedOffEvent": AgentLoggedOffEvent,
    "AgentReadyEvent": AgentReadyEvent,
    "AgentNotReadyEvent": AgentNotReadyEvent,
    "AgentWorkingAfterCallEvent": AgentWorkingAfterCallEvent,
}


def parse(body: bytes, charset: str = "") -> Document:
    """One document of a NOTIFY. charset: see `xml.parse`. WireError as `read`, or where it is no XML."""
    return read(xml.parse(body, charset))


def read(root: Element) -> Document:
    """The event of a root element, UnknownDocument for another name. WireError where a boolean is missing or a text is
    longer than MAX_TEXT."""
    agent_event = AGENT_EVENTS.get(root.name)
    if agent_event is not None:
        reason = root.deep_text("AgentNotReadyReasonValue")
        return agent_event(_name(root, "device"), _name(root, "agentID"), readable(reason, MAX_TEXT))
    reader = READERS.get(root.name)
    return reader(root) if reader else UnknownDocument(clip(root.name, MAX_TEXT))


_KINDS: Final = {kind.lower(): kind for kind in ForwardingType} | {"forwardnoanswer": ForwardingType.NO_ANSWER}


def _do_not_disturb(root: Element) -> DoNotDisturbEvent:
    return DoNotDisturbEvent(_name(root, "device"), _boolean(root, "doNotDisturbOn"))


def _forwarding(root: Element) -> ForwardingEvent | UnknownDocument:
    kind = _KINDS.get(root.child_text("forwardingType").lower())
    if kind is None:  # CSTA has more kinds than a phone has keys
        return UnknownDocument(clip(f"{root.name} {root.child_text('forwardingType')}", MAX_TEXT))
    return ForwardingEvent(
        _name(root, "device"), kind, _boolean(root, "forwardStatus"),
        _name(root, "forwardTo"), _rings(root.child_text("ringCount")),
    )  # fmt: skip


READERS: Final[dict[str, Callable[[Element], Document]]] = {
    "DoNotDisturbEvent": _do_not_disturb,
    "ForwardingEvent": _forwarding,
}


def _name(root: Element, name: str) -> str:
    """The text of a child for the screen: printable, at most MAX_TEXT characters, "" where it is missing."""
    return readable(root.child_text(name), MAX_TEXT)


def _boolean(root: Element, name: str) -> bool:
    """An xs:boolean in any case (XML Schema part 2 section 3.2.2); WireError for a missing child and another text."""
    value = root.child_text(name).lower()
    if value not in ("true", "1", "false", "0"):
        raise WireError(f"{clip(value)!r}", f"<{name}> in <{root.name}>", "true or false")
    return value in ("true", "1")


def _rings(text: str) -> int | None:
    rings = int(text) if text.isascii() and text.isdigit() and len(text) <= 3 else 0
    return rings if 1 <= rings <= 100 else None


# --- what the phone sends: the body of a SUBSCRIBE within the subscription's dialog ------------------


def set_agent_state(state: RequestedAgentState, reason: str = "") -> bytes:
    """SetAgentState (ECMA-323). A notReady without a reason code carries 0; WireError for one with another state.

    device, agentID and password stay empty: the dialog and the hoteling login say who the agent is.
    """
    if reason and state is not RequestedAgentState.NOT_READY:
        raise WireError(f"a reason with {state}", "SetAgentState", "a reason with notReady only")
    private = (
        "<extensions>", "<privateData>", f'<private xmlns:pri="{PRIVATE}">',
        xml.tag("pri:AgentNotReadyReasonValue", reason or "0"),
        "</private>", "</privateData>", "</extensions>",
    )  # fmt: skip
    return xml.document((
        f'<SetAgentState xmlns="{CSTA}">',
        "<device></device>",
        xml.tag("requestedAgentState", state),
        *(private if state is RequestedAgentState.NOT_READY else ()),
        "<agentID></agentID>",
        "<password></password>",
        "</SetAgentState>",
    ))  # fmt: skip


def set_do_not_disturb(device: str, on: bool) -> bytes:
    """SetDoNotDisturb (ECMA-323). device: the DN of the phone; WireError where XML cannot say it."""
    return xml.document((
        f'<SetDoNotDisturb xmlns="{CSTA}">',
        xml.tag("device", device),
        xml.tag("doNotDisturbOn", _word(on)),
        "</SetDoNotDisturb>",
    ))  # fmt: skip


def set_forwarding(device: str, kind: ForwardingType, active: bool, target: str, rings: int | None = None) -> bytes:
    """SetForwarding (ECMA-323). target: the number, sent as forwardDN; ForwardingEvent calls it forwardTo. rings: 1 to
    100, with forwardNoAns only, else WireError.
    """
    if rings is not None and (kind is not ForwardingType.NO_ANSWER or not 1 <= rings <= 100):
        raise WireError(f"{rings} rings with {kind}", "SetForwarding", "1 to 100 with forwardNoAns, else none")
    return xml.document((
        f'<SetForwarding xmlns="{CSTA}">',
        xml.tag("device", device),
        xml.tag("forwardingType", kind),
        xml.tag("activateForward", _word(active)),
        xml.tag("forwardDN", target),
        *((xml.tag("ringCount", str(rings)),) if rings is not None else ()),
        "</SetForwarding>",
    ))  # fmt: skip


def _word(on: bool) -> str:
    return "true" if on else "false"
