"""Events of calls (RFC 3261 sections 13 to 15).

Law: as in `events`, where all events are found.
"""

from __future__ import annotations

from dataclasses import dataclass

from deskphone.core.event import AnswerHint, Event, Party


@dataclass(frozen=True, slots=True)
class CallIncoming(Event):
    """An INVITE arrived and 100 was sent; the core decides between 180, 200, 302 and another final response.

    `headers` holds the header fields the product acts on, lower-case name and raw value, in order:
    alert-info, call-info, answer-mode, priv-answer-mode, replaces, referred-by, diversion, history-info.
    diverted: who sent it on to us last, an empty Party where nobody did (RFC 5806).
    replaces: our call that this one takes over (RFC 3891), or "". `trusted`: it came from the address of a
    registered server. `has_offer`: the INVITE carried SDP; nowhere: one that no voice can follow (c=0.0.0.0,
    inactive: RFC 3725). doubtful: from that address, but not sent to the Contact
    that the phone gave it: it may ring, and answers nothing by itself.
    """

    call: str
    server: int
    remote: Party
    headers: tuple[tuple[str, str], ...] = ()
    trusted: bool = True
    has_offer: bool = True
    nowhere: bool = False
    replaces: str = ""
    hint: AnswerHint = AnswerHint()
    doubtful: bool = False
    diverted: Party = Party()


@dataclass(frozen=True, slots=True)
class CallProgress(Event):
    """A provisional response (1xx) to our INVITE. early_media: it carried SDP and the far end is heard."""

    call: str
    code: int
    early_media: bool = False


@dataclass(frozen=True, slots=True)
class CallEstablished(Event):
    """The dialog is confirmed: 200 and ACK passed, in either direction. `remote` is the connected
    identity where one was given.

    focus: the conference's URI where a conference server answered that says so (RFC 4579 section 5.1).
    """

    call: str
    remote: Party | None = None
    focus: str = ""


@dataclass(frozen=True, slots=True)
class CallMedia(Event):
    """The media of a call changed. remote_hold: the far end holds us (RFC 3264 section 8.4).
    local_hold is what the last answered offer says of our own direction. codec e.g. `G722/16000`; secure: SRTP.
    """

    call: str
    remote_hold: bool
    local_hold: bool
    codec: str = ""
    secure: bool = False


@dataclass(frozen=True, slots=True)
class CallRemoteChanged(Event):
    """The far end became someone else (P-Asserted-Identity in UPDATE, re-INVITE or a Replaces)."""

    call: str
    remote: Party


@dataclass(frozen=True, slots=True)
class HoldFailed(Event):
    """Our re-INVITE to hold or retrieve got this final failure; the session goes on as it was (RFC 3261
    section 14.1)."""

    call: str
    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class CallEnded(Event):
    """The dialog is over. code: the final response that ended it; 200 for a BYE; 487 for a CANCEL.

    by_remote tells who ended it; answered_elsewhere: Reason SIP;cause=200 in the CANCEL (RFC 3326).
    redirect: the first target of a 3xx, others: the next ones, best first (RFC 3261 section 8.1.3.4).
    feedback: it may have been the profile of our offer that was refused (RFC 4585). retry_after: seconds for which who
    refused wants to be left alone, 0 where it does not say.
    """

    call: str
    code: int
    reason: str = ""
    by_remote: bool = True
    answered_elsewhere: bool = False
    redirect: str = ""
    others: tuple[str, ...] = ()
    feedback: bool = False
    retry_after: int = 0


@dataclass(frozen=True, slots=True)
class DtmfReceived(Event):
    """A digit from the far end (RFC 4733 or INFO)."""

    call: str
    digit: str


@dataclass(frozen=True, slots=True)
class TransferProgress(Event):
    """NOTIFY sipfrag to our REFER in the dialog of `call` (RFC 3515): code of the fragment's status line."""

    call: str
    code: int
    reason: str
    final: bool
