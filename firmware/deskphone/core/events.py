"""Events: everything that can happen to the phone, as frozen values.

Law: one dataclass a kind of event, no behaviour, no live object. Drivers make them, `reduce` takes them.
Call ids are short strings: the user agent names incoming calls (`in-1`), the core outgoing ones (`out-1`).
Servers are numbered 0 (primary) and 1 (secondary). Times are seconds. When an event came is no field of it: the
runtime stamps each with a `Moment`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from deskphone.config.layers import Layers
from deskphone.config.settings import Secret, Settings
from deskphone.core.call_events import (
    CallEnded,
    CallEstablished,
    CallIncoming,
    CallMedia,
    CallProgress,
    CallRemoteChanged,
    DtmfReceived,
    HoldFailed,
    TransferProgress,
)
from deskphone.core.event import AnswerHint, Event, Network, Party
from deskphone.core.file_events import DirectoryLoaded
from deskphone.core.server_events import (
    Registered,
    RegistrationFailed,
    Resolved,
    ServerHeard,
    ServerSilent,
    ServerSpoke,
    Unregistered,
)
from deskphone.core.update_events import FirmwareOffered, UpdateTold

__all__ = [
    "AnswerHint",
    "CallEnded",
    "CallEstablished",
    "CallIncoming",
    "CallMedia",
    "CallNotified",
    "CallOrder",
    "CallProgress",
    "CallRemoteChanged",
    "CheckSync",
    "ClockTicked",
    "DirectoryLoaded",
    "DriverFailed",
    "DriverRecovered",
    "DtmfReceived",
    "Elapsed",
    "Event",
    "FirmwareOffered",
    "HoldFailed",
    "HookMoved",
    "KeyDown",
    "KeyUp",
    "LanPortTold",
    "MessageWaiting",
    "NetworkChanged",
    "NotifyBody",
    "Party",
    "PowerOn",
    "Provisioned",
    "ReferReceived",
    "Registered",
    "RegistrationFailed",
    "Resolved",
    "ServerHeard",
    "ServerSilent",
    "ServerSpoke",
    "SettingsLoaded",
    "SettingsRejected",
    "SettingsSet",
    "SubscriptionAnswered",
    "SubscriptionEnded",
    "TextTyped",
    "TransferProgress",
    "Unregistered",
    "UpdateTold",
    "WebCode",
]

# --- power, configuration, clock -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PowerOn(Event):
    """The first event. file: layers with the file's values. stored: what the phone kept over the power-off (JSON text
    by section). source, accepted: where the file came from and when (unix time); "" and 0 where nobody knows.
    session: the password of who was logged in when the power went, where it was kept."""

    file: Layers
    stored: tuple[tuple[str, str], ...] = ()
    version: str = ""
    mac: str = ""
    source: str = ""
    accepted: int = 0
    session: Secret = Secret()


@dataclass(frozen=True, slots=True)
class SettingsLoaded(Event):
    """A new accepted configuration; `source` is the file or URL it came from. file: layers with its values.

    kept: the next start of the program begins with it, so a restart helps where a setting counts only then. refused:
    lines of it that are not taken, each with its place and what is kept. idle: how many names in it nothing here obeys.
    """

    file: Layers
    source: str
    kept: bool = False
    refused: tuple[str, ...] = ()
    idle: int = 0

    @property
    def settings(self) -> Settings:
        """What the file says, over the factory's."""
        return self.file.settings


@dataclass(frozen=True, slots=True)
class SettingsSet(Event):
    """The administrator set values by name, each as a text of a file, or took his own away (None). by: the web
    interface, the CLI, an ACS."""

    values: tuple[tuple[str, str | None], ...]
    by: str


@dataclass(frozen=True, slots=True)
class SettingsRejected(Event):
    """A configuration with errors: nothing of it is in force."""

    source: str
    errors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Provisioned(Event):
    """A check for new files is over. at: unix time. outcome: a word of `view.words` behind `outcome:`. source: where it
    looked, without login, or "". detail: a line for the journal where it failed. named_by: who said to look there: the
    number of a DHCP option, or a word of `view.words` behind `named_by:`. refused, idle: as SettingsLoaded."""

    source: str
    at: int
    outcome: str
    detail: str = ""
    named_by: str = ""
    refused: tuple[str, ...] = ()
    idle: int = 0


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
    """The link, or what DHCP told. mac: of the interface, or ""."""

    network: Network = Network()
    mac: str = ""


@dataclass(frozen=True, slots=True)
class LanPortTold(Event):
    """What is in force at the LAN port. vlan: the number of the tag, 0 for none, priority: its 802.1p one. authorized:
    whether the switch let the phone in by 802.1X."""

    vlan: int = 0
    priority: int = 0
    authorized: bool = False


@dataclass(frozen=True, slots=True)
class DriverFailed(Event):
    """An optional part (lamps, ringer, display, audio) stopped working; the phone goes on without it."""

    name: str
    detail: str


@dataclass(frozen=True, slots=True)
class DriverRecovered(Event):
    """The part that DriverFailed named works again."""

    name: str


# --- keys and hook -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KeyDown(Event):
    """A key went down (debounced). Key names are those of `core.screen.keys.KEYS`, as in board/handset.toml."""

    key: str


@dataclass(frozen=True, slots=True)
class KeyUp(Event):
    """A key came up (debounced); its KeyDown came before."""

    key: str


@dataclass(frozen=True, slots=True)
class HookMoved(Event):
    """The handset was lifted (off=True) or put down."""

    off: bool


@dataclass(frozen=True, slots=True)
class TextTyped(Event):
    """Characters from a bench with a keyboard (panel, terminal); the copper phone never sends it."""

    text: str


@dataclass(frozen=True, slots=True)
class CallOrder(Event):
    """A program of the administrator's presses a key for the person. verb: dial, answer, hold, retrieve or hang_up.
    call: its id, "" for the one that is meant by the keys. number: what to dial. by: as SettingsSet."""

    verb: str
    call: str = ""
    number: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class WebCode(Event):
    """Somebody wants to set the first password of the web pages: the display shows this code for `seconds`, for who
    stands at the phone. An empty one ends it."""

    code: Secret
    seconds: float


# --- subscriptions and notifications ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MessageWaiting(Event):
    """message-summary (RFC 3842) from a server, subscribed or not. new, old: voice messages."""

    server: int
    waiting: bool
    new: int = 0
    old: int = 0


@dataclass(frozen=True, slots=True)
class SubscriptionAnswered(Event):
    """A SUBSCRIBE of ours got its final response. code: 200 or 202, or a failure with retry_after seconds.

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
    """A NOTIFY in one of our subscriptions (RFC 6665 section 4.1.3), its body parsed by `wire` into frozen values."""

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
    """REFER (RFC 3515) from a server, out of dialog (call is empty) or in one; `refer` names it for NotifyRefer."""

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
