"""A person's walk through the headings of the guide of the 420HD: what is done under each. Here what the phone can do.

Law: the way only; `walk_page` goes it on the core bench and writes down what the screen says. A step is the keys that
are pressed, or words and what the world does meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.stories.agent import ACD, READY_AFTER, TWO_SERVERS
from tests.stories.bench import Story
from tests.unit.view.walks import secured

Step = tuple[str, ...] | tuple[str, Callable[[Story], Any]]
"""Keys one after the other; or what happens, and the happening."""


@dataclass(frozen=True)
class Part:
    """One heading. note: what a screen cannot tell. settings: of the file the phone has."""

    heading: str
    note: str = ""
    settings: tuple[tuple[str, str], ...] = ()
    steps: tuple[Step, ...] = ()


def part(heading: str, note: str = "", *steps: Step, **settings: str) -> Part:
    return Part(heading, note, tuple(settings.items()), steps)


def caller(**how: Any) -> Callable[[Story], Any]:
    """A customer's call; `phone.caller` is the far end."""

    def call(phone: Story) -> None:
        phone.caller = phone.customer()
        phone.caller.call(**how)

    return call


def _second(phone: Story) -> None:
    phone.customer("0409876", "Otto Second").call()


def passes(seconds: float) -> Callable[[Story], Any]:
    return lambda phone: phone.pass_time(seconds)


def types(text: str) -> Step:
    return (f"types {text}", lambda phone: phone.type(text))


def _dead(phone: Story, *addresses: str) -> None:
    phone.bench.server.dead_hops = set(addresses)  # type: ignore[attr-defined]
    phone.pass_time(44)


POOL_NAME, POOL = "sips-a.qa.example.com", ("10.0.0.1:5060", "10.0.0.2:5060")
POWER: Step = ("power on", lambda phone: phone.pass_time(0.2))
RINGS: Step = ("Jane Customer calls", caller())
AGENT = {**ACD, **READY_AFTER}
FORWARD = "voip__line__0__call_forward__"
LOGIN: tuple[Step, ...] = (
    ("soft1",), types("agent7001"), ("down",), types("1234"), ("soft1",), ("a second passes", passes(1)),
)  # fmt: skip

FEATURES: tuple[Part, ...] = (
    part(
        "Distributing Calls Automatically to Available Agents",
        "The server distributes; the phone says who is available.",
        POWER,
        *LOGIN,
        RINGS,
        ("soft1",),
        ("a second passes", passes(1)),
        ("the customer hangs up", lambda phone: phone.caller.hang_up()),
        **AGENT,
    ),
    part(
        "Ensuring SIP Business Continuity for Agents",
        "",
        POWER,
        *LOGIN,
        ("the first site dies", lambda phone: phone.server_lost(0)),
        ("4 s pass", passes(4)),
        ("menu", "4", "3"),
        ("menu",),
        ("the second one dies, too", lambda phone: phone.server_lost(1)),
        **AGENT,
        **TWO_SERVERS,
    ),
    part("Feature Chart: Agent Login from the Phone", "", POWER, *LOGIN, **AGENT),
    part(
        "Feature Chart: Auto-Answer",
        "The guide says No; here it is there.",
        POWER,
        ("menu", "3"),
        ("6",),
        ("menu",),
        RINGS,
        ("6 s pass", passes(6)),
    ),
    part(
        "Feature Chart: Alternate Ringtones",
        "The guide says No; here they are there.",
        POWER,
        ("menu", "3", "1"),
        ("down",),
        ("ok",),
        ("menu",),
        RINGS,
    ),
    part(
        "Feature Chart: Caller ID",
        "",
        POWER,
        RINGS,
        ("she gives up", lambda phone: phone.caller.hang_up()),
        ("somebody calls who hides the number", caller(anonymous=True)),
    ),
    part("Feature Chart: Call Forward", "See Configuring Automatic Forwarding."),
    part("Feature Chart: Do Not Disturb", "See Configuring Do Not Disturb."),
    part(
        "Feature Chart: DNS-based redundancy (using SIP Proxy)",
        "Which address of the pool serves is in the journal; the screen names the pool, and why there is no service.",
        POWER,
        ("the address in use dies; 44 s pass", lambda phone: _dead(phone, POOL[0])),
        ("all of the pool dies; 44 s pass", lambda phone: _dead(phone, *POOL)),
        ("menu", "4", "3"),
        voip__signalling__sip__proxy_address=POOL_NAME,
        voip__signalling__sip__registrar_ka__enabled="1",
        voip__signalling__sip__registrar_ka__timeout="40",
    ),
    part(
        "Feature Chart: DTMF tones generation",
        "",
        POWER,
        (*tuple("9196"), "ok"),
        ("a second passes", passes(1)),
        tuple("17#"),
    ),
    part("Feature Chart: IPv6 support", "The guide says No; here it is there, and looks the same: Status > Network."),
    part(
        "Feature Chart: Multiple calls on one extension",
        "",
        POWER,
        RINGS,
        ("soft1",),
        ("Otto Second calls", _second),
        ("soft1",),
        ("a second passes", passes(1)),
        ("soft1",),
        ("a second passes", passes(1)),
    ),
    part(
        "Feature Chart: Message Waiting Indicator",
        "",
        POWER,
        ("the server tells of two messages", lambda phone: phone.mailbox(2)),
        ("voicemail",),
        ("a second passes", passes(1)),
        voip__services__msg_waiting_ind__voice_mail_number="9196",
    ),
    part(
        "Feature Chart: SIP authentication",
        "",
        ("power on with a wrong password", passes(1)),
        voip__line__0__auth_password="wrong",
    ),
    part(
        "Feature Chart: TLS/SRTP",
        "The guide says No; here it is there.",
        POWER,
        RINGS,
        ("soft1",),
        ("the voice is encrypted", secured),
    ),
    part(
        "Feature Chart: Basic calling (incoming and outgoing calls)",
        "",
        POWER,
        tuple("9408"),
        ("ok",),
        ("a second passes", passes(1)),
        ("soft4",),
        (*tuple("9486"), "ok"),
        ("a moment passes", passes(0.2)),
        ("5 s pass", passes(5)),
        RINGS,
        ("a second passes", passes(1)),
        ("soft4",),
    ),
    part(
        "Feature Chart: Conference",
        "",
        POWER,
        RINGS,
        ("soft1",),
        ("soft3",),
        (*tuple("2001"), "ok"),
        ("a second passes", passes(1)),
        ("soft2",),
        ("soft1",),
        ("a second passes", passes(1)),
        ("soft2",),
        ("a second passes", passes(1)),
    ),
    part(
        "Feature Chart: Hold/Retrieve",
        "",
        POWER,
        RINGS,
        ("soft1",),
        ("soft1",),
        ("a second passes", passes(1)),
        ("soft1",),
        ("a second passes", passes(1)),
        ("the customer holds", lambda phone: phone.caller.hold()),
    ),
    part(
        "Feature Chart: Unattended transfer",
        "",
        POWER,
        RINGS,
        ("soft1",),
        ("soft4",),
        ("soft1",),
        tuple("2001"),
        ("ok",),
        ("a second passes", passes(1)),
    ),
    part(
        "Feature Chart: Semi-attended transfer",
        "",
        POWER,
        RINGS,
        ("soft1",),
        ("soft2",),
        (*tuple("9408"), "ok"),
        ("a second passes", passes(1)),
        ("soft3",),
        ("soft1",),
        ("a second passes", passes(1)),
    ),
    part(
        "Feature Chart: Attended transfer",
        "",
        POWER,
        RINGS,
        ("soft1",),
        ("soft2",),
        (*tuple("2001"), "ok"),
        ("a second passes", passes(1)),
        ("soft3",),
        ("soft1",),
        ("a second passes", passes(1)),
    ),
    part("Feature Chart: Video Support", "Not here either."),
    part("Feature Chart: Genesys Voice Mail Solution", "See Message Waiting Indicator."),
)
