"""Settings of the contact centre: agent login, not-ready reasons, call control by the desktop, feature keys.

Law: only declarations. Sources: 420HD guide tables 1, 5, 6, 9; docs/interop.md.
"""

from __future__ import annotations

from dataclasses import dataclass

from deskphone.config.option import choice, flag, host, indexed, integer, secret, text
from deskphone.config.schema.words import AcdServer, FirstMode, LoginState
from deskphone.config.secret import Secret

_ACD = "voip/services/ACD"


@dataclass(frozen=True, slots=True)
class Reason:
    """A not-ready reason; a slot without a name is not shown."""

    code: int = integer(f"{_ACD}/unavailable_reason/N/code", 0, 0, 65535, "Number sent with Not Ready", behaviour=True)
    name: str = text(f"{_ACD}/unavailable_reason/N/name", "", "Its name on the screen", 64, behaviour=True)


@dataclass(frozen=True, slots=True)
class Acd:
    """Agent login and state."""

    enabled: bool = flag(f"{_ACD}/enabled", False, "Agent login", behaviour=True)
    server_type: AcdServer = choice(
        f"{_ACD}/server_type", AcdServer.BROADSOFT, "Agent protocol; GENESYS is treated as BROADSOFT"
    )
    use_sip_server: bool = flag(
        f"{_ACD}/server_use_sip_server", True, "Talk to the SIP Server; 0 = to server_address", behaviour=True
    )
    address: str = host(f"{_ACD}/server_address", "Separate ACD server", behaviour=True)
    port: int = integer(
        f"{_ACD}/server_port", 80, 1, 65535, "Its port (80 is the vendor's; SIP needs 5060)", behaviour=True
    )
    user_name: str = text("deskphone/acd/user_name", "", "Agent name the Log In screen starts with", behaviour=True)
    password: Secret = secret("deskphone/acd/password", "Agent password the Log In screen starts with", behaviour=True)
    first_mode: FirstMode = choice(
        "deskphone/login/first_mode",
        FirstMode.AUTO,
        "What the keys type first in Log In; AUTO: digits after a name of digits, else as last time, letters at first",
        behaviour=True,
    )
    state_after_login: LoginState = choice(
        f"{_ACD}/state_after_login", LoginState.NOT_READY, "State asked for after log in", behaviour=True
    )
    expires: int = integer(
        f"{_ACD}/expire_time", 3600, 60, 86400, "Lifetime of the agent subscriptions", "s", behaviour=True
    )
    login_timeout: int = integer(
        "deskphone/acd/login_timeout", 10, 2, 60, "Log in fails after this time", "s", behaviour=True
    )
    logged_out_timer: int = integer(
        f"{_ACD}/logged_out_message_timer",
        -1,
        0,
        86400,
        "How long 'Logged Out' is shown; -1 = always",
        "s",
        (-1,),
        behaviour=True,
    )
    show_acw: bool = flag(f"{_ACD}/show_acw_softkey/enabled", True, "Show the After-Call Work softkey", behaviour=True)
    reason: tuple[Reason, ...] = indexed(Reason, 50)
    unsolicited_notify: bool = flag(
        f"{_ACD}/send_unsolicited_notify", False, "Older method: report the state in unsolicited NOTIFYs"
    )
    first_notify_closed: bool = flag(
        f"{_ACD}/first_notify_close/enabled", False, "Older method: the first report is 'closed'"
    )
    keep_session: bool = flag(
        "deskphone/acd/keep_session",
        False,
        "After a power cut log in again by itself, in the state of before; the password is kept on the card, encrypted",
        behaviour=True,
    )

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """The not-ready reasons that have a name, in the order of their index."""
        return tuple(reason for reason in self.reason if reason.name)


@dataclass(frozen=True, slots=True)
class HotSeating:
    """Phones without an account until an agent signs in with a phone number."""

    enabled: bool = flag(
        "system/login_sk_before_signed_in", False, "Sign in with phone number and password", behaviour=True
    )


@dataclass(frozen=True, slots=True)
class Ui:
    """What an agent may do at the phone."""

    block_non_numeric_key: bool = flag(
        "voip/block_non_numeric_key",
        False,
        "Digits only; the menu shows Status and Administration only",
        behaviour=True,
    )


@dataclass(frozen=True, slots=True)
class TalkEvent:
    """Third-party call control by NOTIFY talk and hold."""

    enabled: bool = flag(
        "voip/talk_event/enabled", False, "Obey NOTIFY talk and hold of registered servers", behaviour=True
    )


@dataclass(frozen=True, slots=True)
class ClickToDial:
    """Calls the desktop makes by REFER."""

    enabled: bool = flag(
        "voip/services/_3PCC/make_call/enabled",
        True,
        "Place the call a registered server's REFER asks for",
        behaviour=True,
    )
    only_logged_in: bool = flag(
        "deskphone/click_to_dial/only_logged_in",
        True,
        "Outside a call only while an agent is logged in: an unattended phone dials nothing",
        behaviour=True,
    )


@dataclass(frozen=True, slots=True)
class FeatureKeySync:
    """Do Not Disturb and forwarding kept equal at phone and server (as-feature-event)."""

    enabled: bool = flag(
        "system/feature_key_synchronization/enabled",
        False,
        "Keep DnD and forwarding equal with the server",
        behaviour=True,
    )


@dataclass(frozen=True, slots=True)
class Greeting:
    """A recorded greeting at the start of a call."""

    enabled: bool = flag("voip/services/greeting/enabled", False, "Play the agent's greeting to the caller")
    beep: bool = flag("voip/services/greeting/beep/enabled", True, "Beep when it ends")


@dataclass(frozen=True, slots=True)
class ListenIn:
    """A supervisor at the agent's desk."""

    enabled: bool = flag(
        "voip/services/supervisor_listen_in/enabled", False, "A second ear hears the agent's call, without speaking"
    )


@dataclass(frozen=True, slots=True)
class HookSwitch:
    """Wireless headsets with an electronic hook switch."""

    enabled: bool = flag("voip/services/electronic_hook_switch/enabled", False, "EHS adapter (DHSG) is plugged in")


@dataclass(frozen=True, slots=True)
class Pickup:
    """Taking a call that rings elsewhere."""

    enabled: bool = flag(
        "voip/services/call_pickup/enabled", False, "Directed call pickup, in the Command Menu", behaviour=True
    )
    code: str = text("voip/services/call_pickup/access_code", "**", "Digits before the number", 64, behaviour=True)


@dataclass(frozen=True, slots=True)
class CheckSync:
    """NOTIFY check-sync."""

    force_reboot: bool = flag(
        "voip/services/notify/check_sync/force_reboot_enabled",
        False,
        "check-sync reboots the phone in place of only fetching its files",
        behaviour=True,
    )
    challenge: bool = flag(
        "deskphone/check_sync/challenge",
        False,
        "Ask registered servers, too, for digest proof before obeying check-sync (others always)",
        behaviour=True,
    )
