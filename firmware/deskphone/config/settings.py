"""`Settings`: the whole configuration as one frozen, typed value; what other rooms import.

Law: puts the groups of `schema/` together and finds values by name. No setting is defined and no text is read here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from deskphone.config.option import group, indexed
from deskphone.config.registry import Slot, aliases_of, slots_of, value_at
from deskphone.config.schema.account import (
    KeepAlive,
    Line,
    LineForward,
    OutboundProxy,
    Proxy,
    RedundantProxy,
    Registrar,
    Registration,
    SecondaryProxy,
)
from deskphone.config.schema.agent import (
    Acd,
    CheckSync,
    ClickToDial,
    FeatureKeySync,
    Greeting,
    HookSwitch,
    HotSeating,
    ListenIn,
    Pickup,
    TalkEvent,
    Ui,
)
from deskphone.config.schema.calling import (
    AutoAnswer,
    Calls,
    CallWaiting,
    Conference,
    Dnd,
    Forwarding,
    MessageWaiting,
    ProactiveMute,
    Transfer,
)
from deskphone.config.schema.dialing import Dialing, DistinctiveRing, Tones
from deskphone.config.schema.management import (
    DeviceManager,
    Hooks,
    Mqtt,
    Provisioning,
    Security,
    Ssh,
    Syslog,
    System,
    Telnet,
    Tr069,
    Updates,
    Web,
)
from deskphone.config.schema.media import (
    Audio,
    Dtmf,
    Media,
    Volume,
)
from deskphone.config.schema.network import (
    Network,
    Time,
)
from deskphone.config.schema.personal import (
    Directory,
    Display,
    Keys,
    Menu,
    Navigation,
    Softkeys,
)
from deskphone.config.schema.signalling import (
    Sip,
    Subscription,
)
from deskphone.config.secret import Secret

Value = bool | int | str | StrEnum | Secret | tuple[int, ...]

__all__ = ["Secret", "Settings", "Value"]


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set, a group an attribute. `Settings()` holds the defaults."""

    line: tuple[Line, ...] = indexed(Line, 6, Line(enabled=True))
    proxy: Proxy = group(Proxy)
    registrar: Registrar = group(Registrar)
    keep_alive: KeepAlive = group(KeepAlive)
    registration: Registration = group(Registration)
    secondary: SecondaryProxy = group(SecondaryProxy)
    outbound: OutboundProxy = group(OutboundProxy)
    redundant: RedundantProxy = group(RedundantProxy)
    sip: Sip = group(Sip)
    subscription: Subscription = group(Subscription)
    media: Media = group(Media)
    dtmf: Dtmf = group(Dtmf)
    audio: Audio = group(Audio)
    volume: Volume = group(Volume)
    dialing: Dialing = group(Dialing)
    tones: Tones = group(Tones)
    distinctive_ring: tuple[DistinctiveRing, ...] = indexed(DistinctiveRing, 5)
    calls: Calls = group(Calls)
    call_waiting: CallWaiting = group(CallWaiting)
    dnd: Dnd = group(Dnd)
    forwarding: Forwarding = group(Forwarding)
    transfer: Transfer = group(Transfer)
    conference: Conference = group(Conference)
    mwi: MessageWaiting = group(MessageWaiting)
    auto_answer: AutoAnswer = group(AutoAnswer)
    proactive_mute: ProactiveMute = group(ProactiveMute)
    acd: Acd = group(Acd)
    hot_seating: HotSeating = group(HotSeating)
    ui: Ui = group(Ui)
    talk_event: TalkEvent = group(TalkEvent)
    click_to_dial: ClickToDial = group(ClickToDial)
    feature_key_sync: FeatureKeySync = group(FeatureKeySync)
    greeting: Greeting = group(Greeting)
    listen_in: ListenIn = group(ListenIn)
    hook_switch: HookSwitch = group(HookSwitch)
    pickup: Pickup = group(Pickup)
    check_sync: CheckSync = group(CheckSync)
    display: Display = group(Display)
    directory: Directory = group(Directory)
    keys: Keys = group(Keys)
    softkeys: Softkeys = group(Softkeys)
    navigation: tuple[Navigation, ...] = indexed(Navigation, 5)
    menu: Menu = group(Menu)
    network: Network = group(Network)
    time: Time = group(Time)
    provisioning: Provisioning = group(Provisioning)
    update: Updates = group(Updates)
    security: Security = group(Security)
    web: Web = group(Web)
    hooks: Hooks = group(Hooks)
    mqtt: Mqtt = group(Mqtt)
    tr069: Tr069 = group(Tr069)
    device_manager: DeviceManager = group(DeviceManager)
    telnet: Telnet = group(Telnet)
    ssh: Ssh = group(Ssh)
    syslog: Syslog = group(Syslog)
    system: System = group(System)

    @property
    def forward(self) -> LineForward:
        """Call forwarding of line 0, the agent's."""
        return self.line[0].call_forward

    @staticmethod
    def slots() -> Mapping[str, Slot]:
        """Every setting by its name in the file, N replaced by the index."""
        return slots_of(Settings)

    def get(self, name: str) -> Value:
        """The typed value by name or alias, as `voip/line/0/id`; KeyError for a name the schema does not have."""
        slots = slots_of(Settings)
        slot = slots.get(name) or slots[aliases_of(Settings)[name]]
        value: Value = value_at(self, slot.path)
        return value
