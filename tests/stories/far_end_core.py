"""The far ends of the core bench: customers who call, people who are called, and how each number behaves.

Law: the world's side only; what the phone makes of it comes back through `CoreServer`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from deskphone.core import effects as fx
from deskphone.core import events as ev
from deskphone.wire.alerting import answer_hint
from deskphone.wire.identity import diversion

if TYPE_CHECKING:
    from tests.stories.bench_core import CoreBench


@dataclass(frozen=True)
class Behaviour:
    """How somebody who is called behaves. code: of the final answer; after: seconds of ringing, None for ever."""

    code: int = 200
    reason: str = ""
    after: float | None = 0.3
    early: bool = False
    redirect: str = ""


# The service numbers of the stand-in, as far as stories dial them; any other number is unknown.
NUMBERS = {
    "9196": Behaviour(),
    "9664": Behaviour(),
    "2001": Behaviour(),
    "9180": Behaviour(early=True),
    "9302": Behaviour(302, "Moved Temporarily", redirect="sip:9196@127.0.0.1"),
    "9408": Behaviour(after=None),
    "9404": Behaviour(404, "Not Found", 0.0),
    "9486": Behaviour(486, "Busy Here", 0.0),
    "9500": Behaviour(500, "Server Internal Error", 0.0),
    "9503": Behaviour(503, "Service Unavailable", 0.0),
    "9603": Behaviour(603, "Decline", 0.0),
}


def behaviour_of(number: str) -> Behaviour:
    """What a number does where the story has put nobody there."""
    return NUMBERS.get(number, Behaviour(404, "Not Found", 0.0))


@dataclass
class Leg:
    """The world's end of a call. number: who was called there, "" in a call that came in. rings: 180 arrived here.
    unheard: its INVITE never arrived, for its server was dead. answered_at: of the last re-INVITE."""

    customer: CoreCustomer | None = None
    number: str = ""
    digits: str = ""
    rings: bool = False
    up: bool = False
    local_hold: bool = False
    remote_hold: bool = False
    server: int = 0
    unheard: bool = False
    answered_at: float = 0.0


class CoreCustomer:
    """A far end at the server of the core bench."""

    def __init__(self, bench: CoreBench, number: str, name: str) -> None:
        self.bench, self.number, self.name = bench, number, name
        self.call_id = ""
        self.code = 0

    @property
    def leg(self) -> Leg | None:
        return self.bench.server.legs.get(self.call_id)

    def call(
        self, anonymous: bool = False, headers: tuple[tuple[str, str], ...] = (), trusted: bool = True,
        replaces: CoreCustomer | None = None, marked: bool = True, *, offer: str = "live", **how: Any,
    ) -> None:  # fmt: skip
        """marked: sent to the Contact that the phone gave its server, whose address it bears. offer: what voice may
        follow: live, nowhere (RFC 3725), or none.
        """
        assert not how, f"the core bench knows no {how}"
        self.call_id = f"in-{next(self.bench._count)}"
        self.bench.server.legs[self.call_id] = Leg(self)
        party = ev.Party("" if anonymous else self.number, "" if anonymous else self.name, anonymous=anonymous)
        lower = tuple((name.lower(), value) for name, value in headers)
        diverted = diversion(lower) if trusted else None
        self.bench.post(
            ev.CallIncoming(
                self.call_id, 0, party, headers, trusted, replaces=replaces.call_id if replaces is not None else "",
                hint=answer_hint(headers), doubtful=not marked, has_offer=offer != "none", nowhere=offer == "nowhere",
                diverted=diverted.by if diverted is not None else ev.Party(),
            )
        )  # fmt: skip
        self.bench.pass_time(0.01)

    def hang_up(self) -> None:
        leg = self.bench.server.forget(self.call_id)
        self.code = 200 if leg.up else 487
        self.bench.post(ev.CallEnded(self.call_id, self.code))
        self.bench.pass_time(0.01)

    def over(self, code: int) -> None:
        self.code = code

    def answered(self, within: float = 5) -> None:
        self.bench.pass_time(0.1)
        assert self.leg is not None and self.leg.up, "the phone did not answer"

    def ended(self, within: float = 5) -> int:
        self.bench.pass_time(0.1)
        assert self.code, "the call is still on"
        return self.code

    def provisional(self) -> int:
        rings = [each for each in self.bench.effects if isinstance(each, fx.Ring) and each.call == self.call_id]
        return (182 if rings[-1].queued else 180) if rings else 0

    def hold(self) -> None:
        self._remote_hold(True)

    def retrieve(self) -> None:
        self._remote_hold(False)

    def _remote_hold(self, held: bool) -> None:
        assert self.leg is not None
        self.leg.remote_hold = held
        self.bench.post(ev.CallMedia(self.call_id, held, self.leg.local_hold, "G722/16000"))
        self.bench.pass_time(0.01)

    @property
    def hears_ringing(self) -> bool:
        """Whether the phone told this caller that it rings (180)."""
        return self.leg is not None and self.leg.rings

    @property
    def digits(self) -> str:
        return self.leg.digits if self.leg is not None else ""


class CoreCallee(CoreCustomer):
    """Somebody at a number, called by the phone."""

    def __init__(self, bench: CoreBench, number: str, name: str, how: Behaviour) -> None:
        super().__init__(bench, number, name)
        self.how = how

    def accept(self) -> None:
        """Answer the call that rings there."""
        self.bench.server._up(self.call_id, 0.01)
        self.bench.pass_time(0.05)

    def decline(self, code: int = 603) -> None:
        """Refuse it."""
        self.bench.server._end(self.call_id, code, "Decline")
        self.bench.pass_time(0.05)
