"""Events: everything that can happen to the phone, as frozen values.

Law: one dataclass a kind of event, no behaviour, no live object. Drivers make them, `reduce` takes them.
Call ids are short strings: the user agent names incoming calls (`in-1`), the core outgoing ones (`out-1`).
Servers are numbered 0 (primary) and 1 (secondary). Times are seconds. When an event came is no field of it: the
runtime stamps each with a `Moment`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from deskphone.config.settings import Settings


@dataclass(frozen=True, slots=True)
class Event:
    """What the loop takes from its queue, one at a time."""


@dataclass(frozen=True, slots=True)
class Party:
    """A far end as a person reads it. `number` is the user part of its URI, `uri` what a redial needs."""

    number: str = ""
    name: str = ""
    uri: str = ""
    anonymous: bool = False


# --- power, configuration, clock -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PowerOn(Event):
    """The first event. stored: what the phone kept over the power-off (JSON text by section). source, accepted: where
    the settings came from and when (unix time); "" and 0 where nobody knows."""

    settings: Settings
    stored: tuple[tuple[str, str], ...] = ()
    version: str = ""
    mac: str = ""
    source: str = ""
    accepted: int = 0


@dataclass(frozen=True, slots=True)
class SettingsLoaded(Event):
    """A new accepted configuration; `source` is the file or URL it came from.

    kept: the next start of the program begins with it, so a restart helps where a setting counts only then.
    """

    settings: Settings
    source: str
    kept: bool = False


@dataclass(frozen=True, slots=True)
class SettingsRejected(Event):
    """A configuration with errors: nothing of it is in force."""

    source: str
    errors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Provisioned(Event):
    """A check for new files is over. at: unix time. outcome: a word of `view.words` behind `outcome:`. source: where it
    looked, without user and password, or "". detail: one line for the journal where it failed. named_by: who said to
    look there: the number of a DHCP option, or a word of `view.words` behind `named_by:`."""

    source: str
    at: int
    outcome: str
    detail: str = ""
    named_by: str = ""


@dataclass(frozen=True, slots=True)
class FirmwareOffered(Event):
    """Provisioning named another firmware. outcome: a word of `view.words` behind `firmware:`; "verified" where it was
    fetched, its signature is good and it is kept, "none" where nothing is offered any more."""

    version: str
    outcome: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ClockTicked(Event):
    """Local wall-clock time for the screen, each minute. weekday: 0 is Monday. Nothing is measured by it."""

    year: int = 1970
    month: int = 1
    day: int = 1
    weekday: int = 3
    hour: int = 0
    minute: int = 0


@dataclass(frozen=True, slots=True)
class Elapsed(Event):
    """A deadline of the state has come (`core.deadlines`)."""


@dataclass(frozen=True, slots=True)
class NetworkChanged(Event):
    """The link, or what DHCP told. address: "" while the phone has none. host_name: by which DHCP knows it. mac: of the
    interface, or "". time_servers: option 42. sip_servers: 120, best first. time_offset: 2, seconds east of UTC."""

    address: str
    netmask: str = ""
    gateway: str = ""
    dns: tuple[str, ...] = ()
    domain: str = ""
    dhcp_server: str = ""
    host_name: str = ""
    time_servers: tuple[str, ...] = ()
    sip_servers: tuple[str, ...] = ()
    time_offset: int | None = None
    mac: str = ""


@dataclass(frozen=True, slots=True)
class DriverFailed(Event):
    """An optional part (lamps, ringer, display, audio) stopped working; the phone goes on without it."""

    name: str
    detail: str


@dataclass(frozen=True, slots=True)
class DriverRecovered(Event):
    """The part works again."""

    name: str


# --- keys and hook -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KeyDown(Event):
    """A key went down (debounced). Key names are those of DESIGN and board/handset.toml."""

    key: str


@dataclass(frozen=True, slots=True)
class KeyUp(Event):
    """A key came up."""

    key: str


@dataclass(frozen=True, slots=True)
class HookMoved(Event):
    """The handset was lifted (off=True) or put down."""

    off: bool


@dataclass(frozen=True, slots=True)
class TextTyped(Event):
    """Characters from a bench with a keyboard (panel, terminal); the copper phone never sends it."""

    text: str


# --- registration (RFC 3261 section 10) ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Registered(Event):
    """A 200 to REGISTER. `address` is the host:port that answered.

    fresh: it went over a new TCP or TLS connection, so that dialogs of the old one are cut off (GEN-PBL).
    """

    server: int
    expires: int
    address: str = ""
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class RegistrationFailed(Event):
    """REGISTER got a final failure or none (code 408 where nothing came). retry_after: seconds or 0."""

    server: int
    code: int
    reason: str
    retry_after: int = 0


@dataclass(frozen=True, slots=True)
class Unregistered(Event):
    """Our own un-REGISTER was answered."""

    server: int


@dataclass(frozen=True, slots=True)
class AnswerHint:
    """What an INVITE says about answering and alerting, read by `wire.alerting`.

    after: seconds until the automatic answer it asks for, None where it asks for none. required: refuse with
    403 rather than ring (RFC 5373 `;require`). source: the header that said so. alert: the ring tone it names.
    """

    after: int | None = None
    required: bool = False
    source: str = ""
    alert: str = ""


# --- calls (RFC 3261 sections 13 to 15) ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CallIncoming(Event):
    """An INVITE arrived and 100 was sent; the core decides between 180, 200, 302 and a refusal.

    `headers` holds the header fields the product acts on, lower-case name and raw value, in order:
    alert-info, call-info, answer-mode, priv-answer-mode, replaces, referred-by, diversion, history-info.
    replaces: our call that this one takes over (RFC 3891), or "". `trusted`: it came from the address of a
    registered server. `has_offer`: the INVITE carried SDP.
    """

    call: str
    server: int
    remote: Party
    headers: tuple[tuple[str, str], ...] = ()
    trusted: bool = True
    has_offer: bool = True
    replaces: str = ""
    hint: AnswerHint = AnswerHint()


@dataclass(frozen=True, slots=True)
class CallProgress(Event):
    """A provisional answer to our INVITE. early_media: it carried SDP and the far end is heard."""

    call: str
    code: int
    early_media: bool = False


@dataclass(frozen=True, slots=True)
class CallEstablished(Event):
    """200 and ACK passed (either direction). `remote` is the connected identity where one was given."""

    call: str
    remote: Party | None = None


@dataclass(frozen=True, slots=True)
class CallMedia(Event):
    """The media of a call changed. remote_hold: the far end holds us (RFC 3264 section 8.4).
    local_hold is what the last answered offer says of our own direction. codec e.g. `G722/16000`.
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
    """Our re-INVITE to hold or retrieve was refused; the call goes on as it was."""

    call: str
    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class CallEnded(Event):
    """The dialog is over. code: the final status that ended it; 200 for a BYE; 487 for a CANCEL.

    by_remote tells who ended it; answered_elsewhere: Reason SIP;cause=200 in the CANCEL (RFC 3326).
    """

    call: str
    code: int
    reason: str = ""
    by_remote: bool = True
    answered_elsewhere: bool = False
    redirect: str = ""


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


# --- subscriptions and notifications ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MessageWaiting(Event):
    """message-summary (RFC 3842) from a server."""

    server: int
    waiting: bool
    new: int = 0
    old: int = 0


@dataclass(frozen=True, slots=True)
class SubscriptionAnswered(Event):
    """A SUBSCRIBE of ours got a final answer. code 200/202, or a failure with retry_after seconds.

    min_expires: what a 423 asks for, in seconds, 0 otherwise.
    """

    server: int
    package: str
    code: int
    reason: str = ""
    retry_after: int = 0
    expires: int = 0
    min_expires: int = 0


@dataclass(frozen=True, slots=True)
class SubscriptionEnded(Event):
    """The dialog of a subscription is gone: terminated by NOTIFY (code 0, reason of Subscription-State), by a
    refused refresh (its code), by silence (408), or by ourselves (code 0, reason empty).
    """

    server: int
    package: str
    code: int
    reason: str
    retry_after: int = 0
    min_expires: int = 0


@dataclass(frozen=True, slots=True)
class NotifyBody(Event):
    """A NOTIFY in one of our subscriptions, its body parsed by `wire` into frozen values."""

    server: int
    package: str
    documents: tuple[object, ...] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class CallNotified(Event):
    """NOTIFY `talk` or `hold` inside the dialog of a call (already answered 200)."""

    call: str
    package: str


@dataclass(frozen=True, slots=True)
class ReferReceived(Event):
    """REFER from a server, out of dialog (call is empty) or in one; `refer` names it for NotifyRefer."""

    refer: str
    server: int
    target: str
    call: str = ""
    trusted: bool = True
    replaces: str = ""


@dataclass(frozen=True, slots=True)
class CheckSync(Event):
    """NOTIFY check-sync. server: -1 for a sender that proved itself by digest. reboot: None where it is not said."""

    server: int
    reboot: bool | None = None
