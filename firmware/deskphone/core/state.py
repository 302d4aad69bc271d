"""State: the whole phone as one frozen value.

Law: data and small questions about it; no decisions. Every noun's module owns its part of `Phone`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from deskphone.config import ring_tones
from deskphone.config.layers import Layers
from deskphone.config.schema.words import CallWaitingMode
from deskphone.config.settings import Secret, Settings
from deskphone.core.agent.state import AgentState, SyncWish
from deskphone.core.calls.forwarding import Forward, in_force
from deskphone.core.event import Network
from deskphone.core.events import ClockTicked, FirmwareOffered, LanPortTold, Party, Provisioned, SettingsLoaded
from deskphone.core.lines.sites_state import Sites
from deskphone.core.lines.subscription_table import Subscription
from deskphone.core.lines.way_state import Way
from deskphone.core.moment import NEVER, Moment
from deskphone.core.phone.state import Mailbox
from deskphone.core.phone.update_state import Update
from deskphone.core.screen.state import Aside, Dialling, LastLogin, Notice, Page, Presses
from deskphone.core.voice_path import VoicePath


class CallState(StrEnum):
    """RFC 3261 dialogs as baresip names them. `OUTGOING` is before any provisional response above 100."""

    OUTGOING = "outgoing"
    RINGING = "ringing"
    EARLY = "early"
    INCOMING = "incoming"
    ANSWERING = "answering"
    ESTABLISHED = "established"
    ENDING = "ending"


class Direction(StrEnum):
    """Who sent the INVITE."""

    IN = "in"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class Call:
    """One call. Hold is two booleans (local: we hold, remote: they hold), never a state.

    began: unix time of the INVITE. since: monotonic time of the 200, 0 before. partner: the call that this
    one, a consultation, serves. silent: ringing without sound. hold_wanted: the wish, None when it is met.
    alert: the ring tone the INVITE names. conference: it is mixed with the other conference calls here.
    room: it is our place in a conference at a server. joins: that call, of one whose far end is asked into it.
    logged: the call log has it already, or shall not. refer: the REFER that asked for it, until it is answered.
    forward_at, answer_at, give_up_at: deadlines of forwarding when nobody answers, of answering by itself, of ending
    our own call that nobody answers. held_at: monotonic time since when we hold it. beeps, beep_at: of a ring by beeps,
    how many beeps and pauses have begun, and the deadline of the next one.
    diverted: who sent it on to us, an empty Party where nobody did. asked: whom the person called, where a
    redirect led to somebody else. others: where to try next if this one fails; been: where it went before,
    target: where it goes now, as its INVITE says.
    feedback: our offer is of a profile with feedback (RFC 4585).
    tried: servers that failed it before. headers: what its INVITE carries beside the usual. trying_by: deadline of any
    answer to that. own: the person's desktop makes it, by INVITE to this phone first; own_until: how long it may still
    turn out to be. transfer: where it is being transferred to, a
    number or the id of a call, "" while it is not; transfer_until: how long the report is waited for.
    """

    id: str = ""
    server: int = 0
    direction: Direction = Direction.IN
    state: CallState = CallState.INCOMING
    remote: Party = Party()
    local_hold: bool = False
    remote_hold: bool = False
    since: float = 0.0
    began: int = 0
    codec: str = ""
    secure: bool = False
    early_media: bool = False
    silent: bool = False
    alert: str = ""
    partner: str = ""
    redirects: int = 0
    others: tuple[str, ...] = ()
    been: tuple[str, ...] = ()
    target: str = ""
    feedback: bool = False
    conference: bool = False
    room: bool = False
    joins: str = ""
    hold_wanted: bool | None = None
    digits: str = ""
    logged: bool = False
    refer: str = ""
    forward_at: float = NEVER
    answer_at: float = NEVER
    own: bool = False
    own_until: float = NEVER
    diverted: Party = Party()
    give_up_at: float = NEVER
    held_at: float = 0.0
    beeps: int = 0
    beep_at: float = NEVER
    asked: Party | None = None
    tried: tuple[int, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    trying_by: float = NEVER
    transfer: str = ""
    transfer_until: float = NEVER

    @property
    def holding(self) -> bool:
        """Whether we hold it, as far as the person is concerned: the wish while a re-INVITE is pending."""
        return self.local_hold if self.hold_wanted is None else self.hold_wanted

    @property
    def pending(self) -> bool:
        """Whether the re-INVITE of a hold or a retrieve is pending."""
        return self.hold_wanted is not None

    @property
    def unanswered(self) -> bool:
        """Whether it is a call of ours that nobody has answered yet."""
        waiting = (CallState.OUTGOING, CallState.RINGING, CallState.EARLY)
        return self.direction is Direction.OUT and self.state in waiting

    @property
    def live(self) -> bool:
        """Whether its dialog is confirmed, so that voice can flow both ways."""
        return self.state is CallState.ESTABLISHED

    def length(self, mono: float) -> int:
        """Whole seconds since the 200, at that monotonic time; 0 before. A deadline on the second counts as reached."""
        return int(mono - self.since + 1e-6) if self.since else 0


class LineStatus(StrEnum):
    """What a registration is. Only a 200 to REGISTER makes it REGISTERED."""

    IDLE = "idle"
    REGISTERING = "registering"
    REGISTERED = "registered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Line:
    """The registration of the DN at one server. failures counts in a row; `code`/`reason` tell the last one.

    unregistering: the un-REGISTER of the number before is pending there; this one's REGISTER waits for that.
    since: monotonic time from which it is in service, or out of it. lost_at: when it last went out of service, 0 for
    never. heard_at: of the last answer to a REGISTER or OPTIONS, 0 for none.
    register_at, answer_by, keep_alive_at, probe_by: deadlines of the next REGISTER, of the response to the pending one,
    of the next OPTIONS, of the response to the pending one. probes: how many of these were sent in a row; probe_code:
    of the last response. answered: the last failure was a response of the server. busy_until: monotonic time before
    which it wants no new work (Retry-After). tried_at: of the last REGISTER.
    """

    server: int = 0
    address: str = ""
    status: LineStatus = LineStatus.IDLE
    code: int = 0
    reason: str = ""
    failures: int = 0
    expires: int = 0
    since: float = 0.0
    unregistering: bool = False
    register_at: float = NEVER
    answer_by: float = NEVER
    keep_alive_at: float = NEVER
    lost_at: float = 0.0
    heard_at: float = 0.0
    way: Way = Way()
    answered: bool = True
    probes: int = 0
    probe_code: int = 0
    probe_by: float = NEVER
    busy_until: float = 0.0
    tried_at: float = 0.0


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One call of the call log. kind: missed, received or dialled. at: unix time it began."""

    kind: str
    number: str
    name: str
    at: int
    duration: int = 0


@dataclass(frozen=True, slots=True)
class Contact:
    """One entry of the personal or the company directory. ring_tone: its own, or ""."""

    name: str
    number: str
    ring_tone: str = ""


@dataclass(frozen=True, slots=True)
class HotSeat:
    """Who signed in with number and password. accepted: a server registered it. leaving: the agent logs out first,
    and leave_by is the deadline of that."""

    number: str
    password: Secret
    accepted: bool = False
    leaving: bool = False
    leave_by: float = NEVER


@dataclass(frozen=True, slots=True)
class Sound:
    """The person's audio choices. path: where voice goes when there is voice. hook_off: the handset is lifted.
    *_until: deadlines of what is heard or shown for a moment.
    """

    path: VoicePath = VoicePath.NONE
    hook_off: bool = False
    muted: bool = False
    beep: str = ""
    volume_shown: str = ""
    preview: bool = False
    beep_until: float = NEVER
    volume_until: float = NEVER
    preview_until: float = NEVER


@dataclass(frozen=True, slots=True)
class LoginAsked:
    """The provisioning server's login. wanted: the URL a person is to be asked for, given: the one it was typed for."""

    wanted: str = ""
    given: str = ""


@dataclass(frozen=True, slots=True)
class Phone:
    """The phone. `calls` in the order they began; `focus` is the call the softkeys mean. now: when the last event came.

    letter_until, dim_at, hands_off_at, rest_until: deadlines of the letter being cycled, the display's brightness, of
    taking the person for present, and of the rest in which no server may restart the phone (sync_pause seconds from
    `started` on). held_until: of each key that does more when held down. aside: what was typed when a call came.
    forwards_beside: kinds of forwarding that a server has beside the settings' one. sync_wishes: feature keys whose
    echo is to come. checked: monotonic time of the last provisioning check. idle_names: how many names of the
    file in force nothing here obeys.
    company, speed_dials: of the files that the settings name; the latter by key.
    """

    now: Moment = Moment()
    layers: Layers = Layers()
    powered: bool = False
    version: str = ""
    mac: str = ""
    source: str = ""
    accepted: int = 0
    config_errors: tuple[str, ...] = ()
    lines_refused: tuple[str, ...] = ()
    idle_names: int = 0
    clock: ClockTicked = ClockTicked()
    network: Network = Network()
    lan_port: LanPortTold = LanPortTold()
    lines: tuple[Line, ...] = ()
    calls: tuple[Call, ...] = ()
    focus: str = ""
    next_call: int = 1
    dialling: Dialling | None = None
    aside: Aside | None = None
    pages: tuple[Page, ...] = ()
    notice: Notice | None = None
    sound: Sound = Sound()
    redial: str = ""
    log: tuple[LogEntry, ...] = ()
    missed: int = 0
    contacts: tuple[Contact, ...] = ()
    company: tuple[Contact, ...] = ()
    speed_dials: tuple[tuple[str, str], ...] = ()
    mail: tuple[tuple[int, Mailbox], ...] = ()
    failed_parts: tuple[tuple[str, str], ...] = ()
    dim: bool = False
    touched: bool = False
    keys_down: tuple[str, ...] = ()
    held_until: tuple[tuple[str, float], ...] = ()
    letter_until: float = NEVER
    dim_at: float = NEVER
    hands_off_at: float = NEVER
    rest_until: float = NEVER
    checked: float = 0.0
    more: bool = False
    presses: Presses = Presses()
    sync_wanted: str = ""
    sync_rests: bool = False
    sync_pause: float = 60.0
    started: float = 0.0
    sip_servers_waiting: tuple[str, ...] | None = None
    settings_waiting: SettingsLoaded | None = None
    layers_waiting: Layers | None = None
    provisioned: Provisioned | None = None
    login_asked: LoginAsked = LoginAsked()
    web_code_until: float = NEVER
    firmware: FirmwareOffered | None = None
    update: Update = Update()
    host_name: str = ""
    agent: AgentState = AgentState()
    subscriptions: tuple[Subscription, ...] = ()
    forwards_beside: tuple[Forward, ...] = ()
    sync_wishes: tuple[SyncWish, ...] = ()
    sites: Sites = Sites()
    hot_seat: HotSeat | None = None
    last_login: LastLogin = LastLogin()

    @property
    def settings(self) -> Settings:
        """The settings in force, all layers together."""
        return self.layers.settings

    @property
    def dnd(self) -> bool:
        """Whether do-not-disturb is on; never where the settings do not offer it."""
        return self.settings.dnd.enabled and self.settings.line[0].do_not_disturb

    @property
    def forward(self) -> Forward:
        """The strongest kind of call forwarding in force; an empty kind where there is none."""
        return next(iter(self.forwards), Forward())

    @property
    def forwards(self) -> tuple[Forward, ...]:
        """All kinds of call forwarding in force, the strongest first."""
        return in_force(self.settings, self.forwards_beside)

    def forward_of(self, kind: str) -> Forward:
        """Call forwarding of that kind; an empty one where there is none."""
        return next((each for each in self.forwards if each.kind == kind), Forward())

    @property
    def call_waiting(self) -> bool:
        """Whether a second call rings, rather than being refused or forwarded as busy."""
        waiting = self.settings.call_waiting
        return waiting.enabled and waiting.mode is CallWaitingMode.ENABLE

    @property
    def auto_answer(self) -> bool:
        """Whether the person has their own automatic answer switched on."""
        return self.settings.auto_answer.by_timer

    @property
    def ring_tone(self) -> str:
        """The phone's ring tone, by its name here."""
        return ring_tones.named(self.settings.audio.ring_tone)

    def volume(self, which: str) -> int:
        """0 to 10 of ring, handset, speaker or headset."""
        now = self.settings.volume
        return {"ring": now.ring, "handset": now.handset, "speaker": now.speaker, "headset": now.headset}[which]

    def call(self, call_id: str) -> Call | None:
        """The call of that id, or None."""
        return next((call for call in self.calls if call.id == call_id), None)

    @property
    def open_calls(self) -> tuple[Call, ...]:
        """Calls a person still has to do with (not those on their way out)."""
        return tuple(call for call in self.calls if call.state is not CallState.ENDING)

    @property
    def focused(self) -> Call | None:
        """The call the softkeys mean, None where there is none or it is on its way out."""
        call = self.call(self.focus)
        return call if call is not None and call.state is not CallState.ENDING else None

    @property
    def incoming(self) -> tuple[Call, ...]:
        """Calls that ring here, in the order in which they came."""
        return tuple(call for call in self.calls if call.state is CallState.INCOMING)

    @property
    def calling_out(self) -> bool:
        """Whether a call of ours is on its way and not answered yet."""
        return any(call.unanswered for call in self.calls)

    @property
    def full(self) -> bool:
        """Whether there are as many calls as there may be, ringing ones and our own included."""
        return len(self.open_calls) >= self.settings.calls.max_calls

    @property
    def talking(self) -> Call | None:
        """The established call that we do not hold, nor ask to hold, if any."""
        return next((call for call in self.calls if call.live and not call.holding), None)

    @property
    def registered(self) -> tuple[Line, ...]:
        """Lines in service, primary first."""
        return tuple(line for line in self.lines if line.status is LineStatus.REGISTERED)
