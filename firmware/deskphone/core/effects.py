"""Effects: what the phone does to the world, as frozen values.

Law: an effect is an order to a driver, never a question; the answer comes back as an event.
What the phone *is* (screen, lamps, tones, audio path) is no effect: `view` computes it from the state.
"""

from __future__ import annotations

from dataclasses import dataclass

from deskphone.config.settings import Secret, Settings
from deskphone.core.documents import Command


@dataclass(frozen=True, slots=True)
class Effect:
    """What `reduce` hands back beside the new state: an order that the runtime gives to the ports that perform it."""


@dataclass(frozen=True, slots=True)
class UserAgentOrder(Effect):
    """The family of orders to the user agent."""


@dataclass(frozen=True, slots=True)
class ProvisioningOrder(Effect):
    """The family of orders to provisioning; FetchSettings, SetHostName."""


@dataclass(frozen=True, slots=True)
class NetworkOrder(Effect):
    """The family of orders to the network's side: the resolver."""


@dataclass(frozen=True, slots=True)
class UpdateOrder(Effect):
    """The family of orders to the device's updater; only where it has one (`Update.there`)."""


# --- journal, store --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Journal(Effect):
    """One line for the journal. level: debug, info, warning or error."""

    level: str
    text: str


@dataclass(frozen=True, slots=True)
class Illegal(Effect):
    """An event that this state does not allow: it changed nothing. Counted, and journalled."""

    event: str
    why: str


@dataclass(frozen=True, slots=True)
class Store(Effect):
    """Keep `text` (JSON) over power-off as `section`; written by temp file, fsync, rename."""

    section: str
    text: str


@dataclass(frozen=True, slots=True)
class KeepSecret(Effect):
    """Keep a secret over power-off under a name, sealed to this phone's own key; an empty one: forget it."""

    name: str
    secret: Secret


@dataclass(frozen=True, slots=True)
class Restart(Effect):
    """End the program in order (systemd starts it again), or reboot the device."""

    device: bool
    why: str


@dataclass(frozen=True, slots=True)
class FetchLogin:
    """What a person typed for the provisioning server that had refused `source`, a URL."""

    source: str
    user: str
    password: Secret


@dataclass(frozen=True, slots=True)
class FetchSettings(ProvisioningOrder):
    """Run provisioning now. login: to be kept and used; who typed it waits for what comes of it."""

    why: str
    login: FetchLogin | None = None


@dataclass(frozen=True, slots=True)
class SetHostName(ProvisioningOrder):
    """Announce this name to the DHCP server (option 12); the driver makes a legal host name of it."""

    name: str


@dataclass(frozen=True, slots=True)
class InstallUpdate(UpdateOrder):
    """Write the bundle that provisioning keeps into the slot that does not run; UpdateTold follows, again and again."""

    version: str


@dataclass(frozen=True, slots=True)
class MarkGood(UpdateOrder):
    """This start is good, if the user agent's thread beats: the slot that runs starts from now on."""


@dataclass(frozen=True, slots=True)
class RestartDevice(UpdateOrder):
    """Restart the device: into the trial of what was installed; out of one that is not good, into the slot before."""

    why: str


# --- user agent ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Configure(UserAgentOrder):
    """Give the user agent new settings (transports, codecs, timers); sent before the first Register."""

    settings: Settings


@dataclass(frozen=True, slots=True)
class Account:
    """One registration: the DN at one server. URIs are complete (`sip:1502@sips-a:5060`).

    proxy: the first hop of requests; hop: its address in use (`host:port`), "" for the stack to find; pool: all of its
    addresses, each of which may speak for it. direct_register: but for REGISTER, which goes to the registrar itself.
    """

    server: int
    aor: str
    display: str
    registrar: str
    proxy: str
    auth_user: str
    auth_password: Secret
    expires: int
    transport: str = "udp"
    direct_register: bool = False
    hop: str = ""
    pool: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Resolve(NetworkOrder):
    """Ask the name server for a SIP server's addresses (RFC 3263). port 0: SRV says it. transport: udp or tcp."""

    server: int
    name: str
    port: int
    transport: str


@dataclass(frozen=True, slots=True)
class Register(UserAgentOrder):
    """REGISTER this account now; refreshes are the user agent's, retries after a failure the core's."""

    account: Account


@dataclass(frozen=True, slots=True)
class Attach(UserAgentOrder):
    """Know this account without a REGISTER: an OPTIONS or a SUBSCRIBE is to be sent as it. Nothing comes back."""

    account: Account


@dataclass(frozen=True, slots=True)
class Unregister(UserAgentOrder):
    """un-REGISTER: remove the binding by Expires 0 (RFC 3261 section 10.2.2) and forget the account. Unregistered
    follows."""

    server: int


@dataclass(frozen=True, slots=True)
class MoveTo(UserAgentOrder):
    """The phone has this address now. Where that is another one than before: every binding with a new Contact at once,
    and a re-INVITE in every running call. New subscriptions follow, for `Registered.fresh` comes of it."""

    address: str


@dataclass(frozen=True, slots=True)
class KeepAlive(UserAgentOrder):
    """OPTIONS to the registrar: does it live? Any final response comes back as ServerHeard."""

    server: int


@dataclass(frozen=True, slots=True)
class Dial(UserAgentOrder):
    """INVITE through a server. target: a number or a SIP URI. headers: further header fields, name and value, among
    them a Replaces (RFC 3891). feedback: offer a profile with feedback (RTP/AVPF, RFC 4585)."""

    call: str
    server: int
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    feedback: bool = False


@dataclass(frozen=True, slots=True)
class Ring(UserAgentOrder):
    """180 Ringing with Allow-Events; queued: 182 in its place, for a call that waits behind another."""

    call: str
    queued: bool = False


@dataclass(frozen=True, slots=True)
class Answer(UserAgentOrder):
    """200 OK to the INVITE; CallEstablished follows, or CallEnded."""

    call: str


@dataclass(frozen=True, slots=True)
class Reject(UserAgentOrder):
    """A final response other than 2xx (486, 603, 480 ...); with `contact` a 302 to that number or URI. diversion: the
    reason that Diversion gives for it (RFC 5806), "" for no such header."""

    call: str
    code: int
    contact: str = ""
    diversion: str = ""


@dataclass(frozen=True, slots=True)
class Hangup(UserAgentOrder):
    """BYE, CANCEL or 603, by the state of the dialog (RFC 3261 sections 9 and 15); CallEnded follows."""

    call: str


@dataclass(frozen=True, slots=True)
class Hold(UserAgentOrder):
    """re-INVITE sendonly (RFC 3264 section 8.4); CallMedia or HoldFailed follows."""

    call: str


@dataclass(frozen=True, slots=True)
class Retrieve(UserAgentOrder):
    """re-INVITE sendrecv; CallMedia or HoldFailed follows."""

    call: str


@dataclass(frozen=True, slots=True)
class SendDtmf(UserAgentOrder):
    """DTMF digits (0-9 * # A-D) in a call. method: rfc4733 (telephone-event), info (SIP INFO), inband (as audio)."""

    call: str
    digits: str
    method: str


@dataclass(frozen=True, slots=True)
class Transfer(UserAgentOrder):
    """REFER in the dialog of `call`: to a number (blind), or with Replaces of `consultation` (attended)."""

    call: str
    target: str = ""
    consultation: str = ""


@dataclass(frozen=True, slots=True)
class NotifyRefer(UserAgentOrder):
    """Report to a REFER we accepted: NOTIFY with a sipfrag of this status line (RFC 3515 section 2.4.4); final ends
    the subscription."""

    refer: str
    code: int
    reason: str
    final: bool


@dataclass(frozen=True, slots=True)
class Subscribe(UserAgentOrder):
    """New subscription dialog for an event package on the DN at a server (RFC 6665).

    An older one of the same server and package is forgotten: nothing is reported of it any more.
    """

    server: int
    package: str
    accept: tuple[str, ...]
    expires: int


@dataclass(frozen=True, slots=True)
class Resubscribe(UserAgentOrder):
    """SUBSCRIBE in the existing dialog; `command` becomes its body (`wire.command_body`). expires 0 ends it."""

    server: int
    package: str
    expires: int
    command: Command | None = None
