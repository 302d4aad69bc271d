"""State: the whole phone as one frozen value.

Law: data and small questions about it; no decisions. What is larger stands in the `state.py` of its noun's folder.
"""

from __future__ import annotations

from dataclasses import dataclass

from deskphone.config import ring_tones
from deskphone.config.layers import Layers
from deskphone.config.schema.words import CallWaitingMode
from deskphone.config.settings import Secret, Settings
from deskphone.core.agent.state import AgentState, SyncWish
from deskphone.core.calls.forwarding import Forward, in_force
from deskphone.core.calls.state import Call, CallState, LogEntry
from deskphone.core.event import Network
from deskphone.core.events import ClockTicked, FirmwareOffered, LanPortTold, Provisioned, SettingsLoaded
from deskphone.core.lines.sites_state import Sites
from deskphone.core.lines.state import Line, LineStatus
from deskphone.core.lines.subscription_table import Subscription
from deskphone.core.moment import NEVER, Moment
from deskphone.core.phone.state import Mailbox
from deskphone.core.phone.update_state import Update
from deskphone.core.screen.state import Aside, Dialling, LastLogin, Notice, Page, Presses
from deskphone.core.voice_path import VoicePath


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
    def mailbox(self) -> Mailbox:
        """The voice mail of the person: one mailbox, of which each site tells. What a site said that is out of service
        counts only where no other one has said anything, or it would stay after the messages were heard."""
        up = {line.server for line in self.registered}
        told = [box for server, box in self.mail if server in up] or [box for _, box in self.mail]
        return max(told, key=lambda box: (box.waiting, box.new), default=Mailbox())

    @property
    def registered(self) -> tuple[Line, ...]:
        """Lines in service, primary first."""
        return tuple(line for line in self.lines if line.status is LineStatus.REGISTERED)
