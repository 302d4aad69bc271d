"""Documents: what the server tells of the agent, do-not-disturb and forwarding, and what the phone asks for.

Law: frozen values only; `wire` makes the events from NOTIFY bodies and the bodies of SUBSCRIBEs from the commands.
The agent's password is in none of them: it never travels (RFC 6665 packages as-feature-event, x-broadworks-hoteling).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from deskphone.config.secret import Secret

AS_FEATURE = "as-feature-event"
HOTELING = "x-broadworks-hoteling"
MESSAGE_SUMMARY = "message-summary"
MD5 = "MD5"


class RequestedAgentState(StrEnum):
    """Values of requestedAgentState that a phone asks for; being logged on is the result of hoteling."""

    READY = "ready"
    NOT_READY = "notReady"
    WORKING_AFTER_CALL = "workingAfterCall"
    LOGGED_OFF = "loggedOff"


class ForwardingType(StrEnum):
    """The kinds of forwarding that are synchronised."""

    IMMEDIATE = "forwardImmediate"
    BUSY = "forwardBusy"
    NO_ANSWER = "forwardNoAns"


# --- what the server tells -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AgentEvent:
    """What every agent event says (ECMA-323). device and agent are "" where the document leaves them out.

    reason is the code as text ("501"), "" where none is given; "0" is what a phone sends for no reason.
    """

    device: str = ""
    agent: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AgentLoggedOnEvent(AgentEvent):
    """CSTA agentLoggedOnEvent: somebody is logged on; a state event usually follows."""


@dataclass(frozen=True, slots=True)
class AgentLoggedOffEvent(AgentEvent):
    """CSTA agentLoggedOffEvent: nobody is logged on."""


@dataclass(frozen=True, slots=True)
class AgentReadyEvent(AgentEvent):
    """CSTA agentReadyEvent: the agent takes calls."""


@dataclass(frozen=True, slots=True)
class AgentNotReadyEvent(AgentEvent):
    """CSTA agentNotReadyEvent: the agent takes no calls, for a reason."""


@dataclass(frozen=True, slots=True)
class AgentWorkingAfterCallEvent(AgentEvent):
    """CSTA agentWorkingAfterCallEvent: the agent does after-call work."""


@dataclass(frozen=True, slots=True)
class DoNotDisturbEvent:
    """CSTA doNotDisturbEvent: do-not-disturb of a device as the server has it."""

    device: str
    on: bool


@dataclass(frozen=True, slots=True)
class ForwardingEvent:
    """CSTA forwardingEvent: one kind of forwarding as the server has it. rings: 1 to 100, None where absent
    or out of range."""

    device: str
    type: ForwardingType
    active: bool
    target: str = ""
    rings: int | None = None


@dataclass(frozen=True, slots=True)
class Challenge:
    """authenticationData: the nonce to prove the password with. algorithm is upper case, MD5 where left out."""

    nonce: str
    algorithm: str = MD5


@dataclass(frozen=True, slots=True)
class HotelingEvent:
    """guest: the agent who is logged in, "" for nobody, None where the document does not say (a challenge)."""

    guest: str | None = None
    challenge: Challenge | None = None
    expires: int | None = None


@dataclass(frozen=True, slots=True)
class UnknownDocument:
    """A well-formed document that says nothing to us: its root element or media type, bounded and readable."""

    root: str


# --- what the phone asks for -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SetAgentState:
    """In the as-feature-event subscription: ask for an agent state. reason: the code as text, with NOT_READY only."""

    state: RequestedAgentState
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Proof:
    """The answer to a Challenge. A short password could be guessed from nonce and response: it is a Secret."""

    nonce: str
    response: Secret
    algorithm: str = MD5


@dataclass(frozen=True, slots=True)
class SetHoteling:
    """In the hoteling subscription: claim the phone for an agent, or release it with guest ""."""

    guest: str
    proof: Proof | None = None


@dataclass(frozen=True, slots=True)
class SetDoNotDisturb:
    """In the as-feature-event subscription: switch do-not-disturb. device: the DN."""

    device: str
    on: bool


@dataclass(frozen=True, slots=True)
class SetForwarding:
    """In the as-feature-event subscription: set one kind of forwarding of a DN, or end it. rings: 1 to 100 with
    NO_ANSWER, else None."""

    device: str
    type: ForwardingType
    active: bool
    target: str
    rings: int | None = None


Command = SetAgentState | SetHoteling | SetDoNotDisturb | SetForwarding
