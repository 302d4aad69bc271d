"""The agent's part of the state: who is logged in where, what each server says, what the person wished.

Law: data and small questions only. `core.agent` changes it; only a NOTIFY, or the loss of the server, changes a
seat's `presence` and `guest` (the server is the truth).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from deskphone.config.secret import Secret
from deskphone.core.documents import DoNotDisturbEvent, ForwardingEvent
from deskphone.core.moment import NEVER


class Presence(StrEnum):
    """The agent state by the last as-feature-event document (CSTA names)."""

    UNKNOWN = ""
    LOGGED_OFF = "logged_off"
    LOGGED_ON = "logged_on"
    READY = "ready"
    NOT_READY = "not_ready"
    AFTER_CALL_WORK = "after_call_work"


class Place(StrEnum):
    """How far the log in is at one server; `core.agent.table` has the steps between them."""

    OUT = "out"
    CLAIMING = "claiming"
    PROVING = "proving"
    IN = "in"
    LEAVING = "leaving"


@dataclass(frozen=True, slots=True)
class Seat:
    """What one server says of the agent. code: of the not-ready reason as it came, reason: its words. since:
    monotonic time of the last change. answer_by: deadline of the pending log in or log out.

    guest: who sits here by hoteling, told: it has said who. agent: who the last agent event named. nonce: the last one
    that was answered, proofs: how many were. claimed: the user name the login was begun with. off_until: monotonic time
    until which a log out that was given up may still be done there.
    """

    server: int = 0
    place: Place = Place.OUT
    guest: str = ""
    told: bool = False
    agent: str = ""
    presence: Presence = Presence.UNKNOWN
    code: str = ""
    reason: str = ""
    since: float = 0.0
    claimed: str = ""
    nonce: str = ""
    proofs: int = 0
    off_until: float = 0.0
    answer_by: float = NEVER


@dataclass(frozen=True, slots=True)
class SyncWish:
    """What the person set by a feature key and the server has not echoed yet.

    topic: "dnd", or the kind of forwarding. awaited: the values sent, oldest first, whose echo is to come. last: the
    document in which it said another thing meanwhile. until: deadline of the echo; then what it said last counts.
    """

    server: int
    topic: str
    awaited: tuple[object, ...]
    last: DoNotDisturbEvent | ForwardingEvent | None = None
    until: float = NEVER


@dataclass(frozen=True, slots=True)
class Kept:
    """What the card has of a log in: the state and its code only with `deskphone/acd/keep_session`.

    password: whether it is there, sealed. left: as of `AgentState`. at: Unix time of the last change.
    """

    user: str = ""
    presence: Presence = Presence.UNKNOWN
    code: str = ""
    at: int = 0
    password: bool = False
    left: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class AgentState:
    """The agent. user and password: what was typed at the Log In screen, for this session only.

    wanted is the pending wish, wanted_code its reason. banner: 'Logged Out' is shown. lost: the server that went while
    the agent was logged in there, until he is at another one, -1 for none; lost_at: when (monotonic); moves: how often
    the log in at another one was begun since. left: servers that went with the agent there,
    until they say that he is not. owed: servers that went before they did a log out. resume: the state to ask for after
    a log in, with its code.
    why: the word for why nobody is logged in any more, or not yet, "" where nothing was tried; why_at: when.
    wish_until, banner_until, move_at: deadlines of the wish, the banner, and of looking for another server.
    kept: see there. was: who was logged in when the power went, until somebody is. back: he is to be logged in again;
    back_at: deadline of that.
    """

    seats: tuple[Seat, ...] = ()
    user: str = ""
    password: Secret = Secret()
    wanted: Presence = Presence.UNKNOWN
    wanted_code: str = ""
    banner: bool = True
    lost: int = -1
    lost_at: float = 0.0
    moves: int = 0
    left: tuple[int, ...] = ()
    owed: tuple[int, ...] = ()
    resume: Presence = Presence.UNKNOWN
    resume_code: str = ""
    why: str = ""
    why_at: float = 0.0
    wish_until: float = NEVER
    banner_until: float = NEVER
    move_at: float = NEVER
    kept: Kept = Kept()
    was: str = ""
    back: bool = False
    back_at: float = NEVER

    def at(self, server: int) -> Seat:
        """The seat at a server; an empty one where nothing is known."""
        return next((seat for seat in self.seats if seat.server == server), Seat(server))

    @property
    def seat(self) -> Seat | None:
        """The seat in force: where the agent is logged in, else where a log in is pending, else the first."""
        order = {Place.IN: 0, Place.LEAVING: 1, Place.PROVING: 2, Place.CLAIMING: 2, Place.OUT: 3}
        return min(
            self.seats,
            key=lambda seat: (order[seat.place], not seat.guest, seat.presence is Presence.UNKNOWN, seat.server),
            default=None,
        )

    @property
    def logging_in(self) -> bool:
        """Whether a log in is pending at any server."""
        return any(seat.place in (Place.CLAIMING, Place.PROVING) for seat in self.seats)

    @property
    def server(self) -> int | None:
        """The server where the agent is logged in, None while at none."""
        seat = self.seat
        return seat.server if seat is not None and seat.place in (Place.IN, Place.LEAVING) else None

    @property
    def id(self) -> str:
        """Who is logged in; "" for nobody, and where the server named nobody."""
        seat = self.seat
        return (seat.guest or seat.agent) if seat is not None and self.server is not None else ""

    @property
    def presence(self) -> Presence:
        """The agent state by the seat in force, UNKNOWN where no server has told one."""
        seat = self.seat
        return seat.presence if seat is not None else Presence.UNKNOWN

    @property
    def reason(self) -> str:
        """The words of the not-ready reason, "" for none."""
        seat = self.seat
        return seat.reason if seat is not None else ""
