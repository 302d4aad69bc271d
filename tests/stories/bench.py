"""The words a story is told in, the same on every bench.

Law: a story names what a person does and sees, and what the far end does; never an event, an effect or a pin.
`within` is seconds: virtual on the core bench, real on the others. Every bench has all words that stand here
(`test_benches.py`); what only one can do (`@pytest.mark.bench`) stands there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

KEYS = tuple("0123456789*#")


@dataclass(frozen=True)
class Seen:
    """What is on the display: title, rows as plain text, four softkey labels, the marks of the status bar in words."""

    title: str
    rows: tuple[str, ...]
    softkeys: tuple[str, ...]
    marks: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """All of it, for `in`."""
        return " | ".join((self.title, *self.rows, *self.softkeys, *self.marks))


class Customer(Protocol):
    """A far end at the server."""

    def call(self, **how: Any) -> None:
        """Call the phone's number. headers: ((name, value), ...) of the INVITE; trusted=False: from a host that
        is no server of the phone; replaces: another customer whose call this one takes over.
        """

    def hang_up(self) -> None:
        """End the call (CANCEL before the answer, BYE after)."""

    def answered(self, within: float = 5) -> None:
        """Wait until the phone answered."""

    def ended(self, within: float = 5) -> int:
        """Wait until the call is over; the final code (200 for a BYE)."""

    def provisional(self) -> int:
        """The code of the provisional answer the phone gave (180, 182), 0 for none."""

    def hold(self) -> None:
        """Hold the phone (re-INVITE sendonly)."""

    def retrieve(self) -> None:
        """Take it back."""

    @property
    def digits(self) -> str:
        """The DTMF it received, by whatever way."""


class Callee(Customer, Protocol):
    """A far end that the phone calls."""

    def accept(self) -> None:
        """Answer the call that rings there."""

    def decline(self, code: int = 603) -> None:
        """Refuse it."""


class AgentDesktop(Protocol):
    """The same agent from the other side: a T-Library desktop at the server. A customer is one of the same bench."""

    @property
    def reports(self) -> list[tuple[int, bool]]:
        """What the phone reported of the call that `make_call` asked for: (code, final) each."""

    def log_in(self, agent: str, server: int = 0) -> None:
        """Log in there first."""

    def log_out(self) -> None:
        """Log out there."""

    def ready(self) -> None:
        """Ready."""

    def not_ready(self, reason: str = "") -> None:
        """Not Ready, with the code of a reason."""

    def after_call_work(self) -> None:
        """After-Call Work."""

    def do_not_disturb(self, on: bool) -> None:
        """Do-not-disturb of the DN."""

    def forward(self, kind: str, number: str) -> None:
        """Forwarding of the DN: always, busy or no_reply; an empty number ends it."""

    def answer(self, customer: Any) -> None:
        """NOTIFY talk in the call of this customer."""

    def retrieve(self, customer: Any) -> None:
        """The same, for a held call."""

    def hold(self, customer: Any) -> None:
        """NOTIFY hold."""

    def make_call(self, number: str, customer: Any = None, trusted: bool = True) -> None:
        """REFER, out of dialog or in a call's. `reports` gathers what comes of it."""


class Bench(Protocol):
    """One phone, one server, or two that know agents. slow: as many times as long as at a desk may a wait take here."""

    name: str
    slow: float

    def power_on(self, **settings: str) -> None:
        """Switch the phone on with these settings over the usual ones (`voip/...` names with __ for /)."""

    def power_cut(self) -> None:
        """The current is gone; `power_on` brings it back. What is on the card stays."""

    def press(self, *keys: str) -> None:
        """Press and release keys."""

    def lift(self) -> None:
        """Lift the handset."""

    def put_down(self) -> None:
        """Put it down."""

    def type(self, text: str) -> None:
        """Type on a keyboard."""

    def screen(self) -> Seen:
        """The display now."""

    def state(self) -> dict[str, Any]:
        """The panel's state now."""

    def pass_time(self, seconds: float) -> None:
        """Let time pass where the story is about time (virtual on the core bench, real on the others)."""

    def customer(self, number: str = "0301234567", name: str = "Jane Customer") -> Customer:
        """A new far end."""

    def callee(
        self, number: str, name: str = "", after: float | None = 0.2, code: int = 200, reason: str = ""
    ) -> Callee:
        """Somebody for the next call to a number: the final answer is `code`, `after` seconds of ringing (None: rings
        until the story decides). The same for whom the server calls because of a transfer.
        """

    def server_answers(self, method: str, code: int, reason: str = "", times: int = 1, retry_after: int = 0) -> None:
        """The server's next answers to a method."""

    def hold_waits(self) -> None:
        """The next hold or retrieve is not answered at once: some tenths of a second on the core bench, a glare (491)
        that the phone has to wait out on the sip bench."""

    def server_silent(self, silent: bool) -> None:
        """The server drops everything, or is back."""

    def mailbox(self, new: int, old: int = 0) -> None:
        """The server tells of voice mail."""

    # --- agents ----------------------------------------------------------------------------------------

    def agents(self, **passwords: str) -> None:
        """The servers know these agents; an empty password means none is asked for. Before power_on."""

    @property
    def desktop(self) -> AgentDesktop:
        """The agent's desktop at the server."""

    def agent_server(self, number: int = 0) -> Any:
        """The agent half of a server, to make it behave badly: `deaf`, `mute`, `on_wrong_password`, `notify_first`."""

    def server_sees(self, agent: str, state: str, reason: str = "", server: int = 0) -> None:
        """Wait until the server has this agent in this state: logged off, ready, not ready, after-call work."""

    def call_server(self) -> int:
        """The number of the server that has the phone's oldest call."""

    def lines(self, server: int = 0) -> set[str]:
        """The numbers that are registered at a server."""

    def journal(self) -> str:
        """What the phone wrote in its journal."""

    def server_freezes(self, server: int) -> None:
        """A server takes everything and answers nothing any more; the phone has to find out."""

    def server_dies(self, server: int) -> None:
        """A server is killed: nobody listens there any more, and what it knew is lost."""

    def server_lives(self, server: int) -> None:
        """It goes on; one that was killed is started anew."""

    def ends_subscription(self, package: str, reason: str, retry_after: int = 0, server: int = 0) -> None:
        """The server ends a subscription: NOTIFY with Subscription-State terminated and this reason."""


class Story:
    """Waiting and asking on top of a bench: `phone` in the stories."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench

    def __getattr__(self, name: str) -> Any:
        return getattr(self.bench, name)

    def wait(self, what: str, test: Any, within: float = 5) -> Any:
        """Wait until test(state) is true; fails with what is there instead."""
        within *= self.bench.slow
        step = 0.05
        state = self.bench.state()
        waited = 0.0
        while not test(state):
            if waited >= within:
                seen = self.bench.screen()
                raise AssertionError(f"waited {within} s for {what}; the phone shows {seen.text!r}, {brief(state)}")
            self.bench.pass_time(step)
            waited += step
            state = self.bench.state()
        return state

    def shows(self, *words: str, within: float = 5) -> Seen:
        """Wait until the display has all these words."""
        self.wait(f"the display to show {words}", lambda state: all(word in text_of(state) for word in words), within)
        return self.bench.screen()

    def large(self, *words: str, within: float = 5) -> Seen:
        """Wait until the first row, the large one, is exactly the first of these words and the display has the rest."""

        def test(state: dict[str, Any]) -> bool:
            first = state["rows"][0] if state["rows"] else ""
            return bool(first == words[0]) and all(word in text_of(state) for word in words)

        self.wait(f"{words} in large words", test, within)
        return self.bench.screen()

    def lamp(self, name: str, pattern: str, within: float = 5) -> None:
        """Wait for a lamp."""
        self.wait(f"lamp {name} {pattern}", lambda state: state["lamps"][name] == pattern, within)

    def hears(self, tone: str, within: float = 5) -> None:
        """Wait for a tone on the voice path or the ringing device ("" for silence)."""
        self.wait(f"tone {tone!r}", lambda state: state["tone"] == tone, within)

    def registered(self, within: float = 5) -> None:
        """Wait until the first server has the phone."""
        self.wait("registration", lambda state: any(each["registered"] for each in state["servers"]), within)

    def registered_everywhere(self, within: float = 5) -> None:
        """Wait until the phone knows its servers and each of them has it."""

        def test(state: dict[str, Any]) -> bool:
            return bool(state["servers"]) and all(each["registered"] for each in state["servers"])

        self.wait("registration at each server", test, within)

    def in_call(self, count: int = 1, within: float = 5) -> None:
        """Wait for that many established calls."""

        def test(state: dict[str, Any]) -> bool:
            return bool(sum(each["state"] == "established" for each in state["calls"]) == count)

        self.wait(f"{count} established calls", test, within)

    def idle(self, within: float = 5) -> None:
        """Wait until there is no call."""
        self.wait("no call", lambda state: not state["calls"], within)

    def dial(self, number: str) -> None:
        """Type a number and send it."""
        self.bench.press(*number)
        self.bench.press("ok")


def text_of(state: dict[str, Any]) -> str:
    """All words on the display."""
    return " | ".join((state["title"], *state["rows"], *state["softkeys"], *state["marks"]))


def brief(state: dict[str, Any]) -> str:
    """The rest of the state, short."""
    return f"calls={state['calls']} tone={state['tone']!r} audio={state['audio']} servers={state['servers']}"
