"""The agent's log in at a server: every place with every happening, and what each document of a server does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deskphone.config.secret import Secret
from deskphone.config.settings import Settings
from deskphone.core import documents as doc
from deskphone.core import effects as fx
from deskphone.core import events as ev
from deskphone.core.agent import agent
from deskphone.core.agent import session as agent_session
from deskphone.core.agent.state import AgentState, Place, Presence, Seat
from deskphone.core.agent.table import TABLE, Action, Happening
from deskphone.core.lines.state import Line, LineStatus
from deskphone.core.lines.subscription_table import Stage, Subscription
from deskphone.core.state import Phone
from deskphone.core.turn import Turn
from tests.layers import of_file
from tests.unit.core.turns import NOW, turn

DEFAULT = Settings()
ON = replace(DEFAULT, acd=replace(DEFAULT.acd, enabled=True))

# What should follow, told apart from the table under test. One letter a place; a dot changes nothing.
LETTERS = {"o": Place.OUT, "c": Place.CLAIMING, "p": Place.PROVING, "i": Place.IN, "l": Place.LEAVING}
EXPECTED = """
         log_in log_out challenged spent seated unseated logged_on logged_off off_after_all refused timed_out owed lost
out      c      .       .          .     i      .        i         .          .             .       .         .    .
claiming c      o       p          o     i      o        i         .          .             o       o         .    o
proving  c      o       .          o     i      o        i         .          .             o       o         .    o
in       c      l       .          .     .      o        .         o          o             .       .         .    o
leaving  .      .       .          .     .      o        .         o          .             i       i         .    o
"""
HEAD, *ROWS = [line.split() for line in EXPECTED.strip().splitlines()]
PAIRS = [
    (Place(row[0]), Happening[name.upper()], cell) for row in ROWS for name, cell in zip(HEAD, row[1:], strict=True)
]
# What is said to the server on the way.
SAID: dict[tuple[Place, Happening], type[object]] = {
    **{(place, Happening.LOG_IN): doc.SetHoteling for place in (Place.OUT, Place.CLAIMING, Place.PROVING, Place.IN)},
    **{(place, Happening.CHALLENGED): doc.SetHoteling for place in (Place.CLAIMING, Place.PROVING, Place.IN)},
    **{(place, Happening.SEATED): doc.SetAgentState for place in (Place.CLAIMING, Place.PROVING)},
    **{(place, Happening.LOGGED_ON): doc.SetAgentState for place in (Place.CLAIMING, Place.PROVING)},
    (Place.IN, Happening.LOG_OUT): doc.SetAgentState,
    (Place.LEAVING, Happening.LOGGED_OFF): doc.SetHoteling,
    (Place.IN, Happening.OFF_AFTER_ALL): doc.SetHoteling,
    (Place.LEAVING, Happening.OWED): doc.SetAgentState,
}


def phone(place: Place = Place.OUT, **fields: object) -> Phone:
    """A phone with one server, both subscriptions up, and the agent that far."""
    seat = Seat(0, place, claimed="agent7001", nonce="n1", **fields)  # type: ignore[arg-type]
    return Phone(
        layers=of_file(ON),
        powered=True,
        now=NOW,
        lines=(Line(0, "sips-a:5060", LineStatus.REGISTERED),),
        subscriptions=tuple(
            Subscription(0, package, Stage.ACTIVE, 3600, 3600) for package in (doc.AS_FEATURE, doc.HOTELING)
        ),
        agent=AgentState((seat,), user="agent7001", password=Secret("1234")),
    )


def said(effects: list[fx.Effect] | tuple[fx.Effect, ...]) -> list[doc.Command]:
    return [each.command for each in effects if isinstance(each, fx.Resubscribe) and each.command is not None]


def test_the_list_of_pairs_is_complete() -> None:
    assert {(place, happening) for place, happening, _ in PAIRS} == {(p, h) for p in Place for h in Happening}
    assert {(p, h) for p, row in TABLE.items() for h in row} == {(p, h) for p in Place for h in Happening}
    assert set(agent_session.ACTIONS) == set(Action)


@pytest.mark.parametrize(("place", "happening", "cell"), PAIRS, ids=str)
def test_every_happening_in_every_place(place: Place, happening: Happening, cell: str) -> None:
    so_far = Turn(phone(place))
    agent_session.happen(so_far, 0, happening)
    assert so_far.phone.agent.at(0).place is (place if cell == "." else LETTERS[cell])
    wanted = SAID.get((place, happening))
    assert [type(each) for each in said(so_far.effects)] == ([wanted] if wanted else [])


def hear(before: Phone, *documents: object, package: str = doc.AS_FEATURE) -> tuple[Phone, tuple[fx.Effect, ...]]:
    return turn(before, ev.NotifyBody(0, package, documents))


@pytest.mark.parametrize("place", list(Place))
@pytest.mark.parametrize(
    ("document", "presence"),
    [
        (doc.AgentLoggedOffEvent("1502"), Presence.LOGGED_OFF),
        (doc.AgentReadyEvent("1502", "agent7001"), Presence.READY),
        (doc.AgentNotReadyEvent("1502", "agent7001", "501"), Presence.NOT_READY),
        (doc.AgentWorkingAfterCallEvent("1502", "agent7001"), Presence.AFTER_CALL_WORK),
        (doc.AgentLoggedOnEvent("1502", "agent7001"), Presence.LOGGED_ON),
    ],
)
def test_the_state_is_what_the_last_event_says(place: Place, document: doc.AgentEvent, presence: Presence) -> None:
    state, effects = hear(phone(place), document)
    assert state.agent.presence is presence
    assert not any(isinstance(each, fx.Illegal) for each in effects)


def test_logged_on_adds_nothing_to_a_state_that_is_known() -> None:
    state, _ = hear(phone(Place.IN, presence=Presence.READY), doc.AgentLoggedOnEvent("1502", "agent7001"))
    assert state.agent.presence is Presence.READY


def test_an_empty_notify_and_an_unknown_document_keep_the_last_state() -> None:
    before = phone(Place.IN, presence=Presence.READY)
    for documents in ((), (doc.UnknownDocument("SomethingNew"),)):
        state, _ = hear(before, *documents)
        assert state.agent.presence is Presence.READY


@pytest.mark.parametrize(
    ("code", "words"), [("500", "Lunch break"), ("777", "777"), ("0", ""), ("", ""), ("4711", "4711")]
)
def test_a_reason_has_its_name_else_its_number(code: str, words: str) -> None:
    lunch, other, *rest = ON.acd.reason
    reasons = (replace(lunch, code=500, name="Lunch break"), replace(other, code=777), *rest)
    settings = replace(ON, acd=replace(ON.acd, reason=reasons))
    state, _ = hear(replace(phone(Place.IN), layers=of_file(settings)), doc.AgentNotReadyEvent("", "", code))
    assert state.agent.reason == words


def test_a_reason_belongs_to_not_ready_and_to_nothing_else() -> None:
    for document in (doc.AgentReadyEvent("1502", "a", "500"), doc.AgentWorkingAfterCallEvent("1502", "a", "500")):
        state, _ = hear(phone(Place.IN), document)
        assert (state.agent.reason, state.agent.at(0).code) == ("", "")


@pytest.mark.parametrize(
    ("place", "command", "after", "notice"),
    [
        (Place.CLAIMING, doc.SetHoteling("agent7001"), Place.OUT, "login_failed"),
        (Place.PROVING, doc.SetHoteling("agent7001"), Place.OUT, "login_failed"),
        (Place.LEAVING, doc.SetAgentState(doc.RequestedAgentState.LOGGED_OFF), Place.IN, "not_accepted"),
        (Place.IN, doc.SetAgentState(doc.RequestedAgentState.READY), Place.IN, "not_accepted"),
    ],
)
def test_a_command_that_the_server_does_not_accept(
    place: Place, command: doc.Command, after: Place, notice: str
) -> None:
    before = phone(place)
    package = doc.HOTELING if isinstance(command, doc.SetHoteling) else doc.AS_FEATURE
    subs = tuple(
        replace(each, stage=Stage.BUSY, under_way=command) if each.package == package else each
        for each in before.subscriptions
    )
    wished = replace(before, subscriptions=subs, agent=replace(before.agent, wanted=Presence.READY))
    state, _ = turn(wished, ev.SubscriptionAnswered(0, package, 415, "Unsupported Media Type"))
    assert state.agent.at(0).place is after
    assert state.notice is not None and state.notice.title == notice
    if place is Place.IN:
        assert state.agent.wanted is Presence.UNKNOWN


def test_a_new_log_in_forgets_the_session_that_waited_for_another_server() -> None:
    before = phone()
    lost = replace(before.agent, lost=1, lost_at=NOW.mono, resume=Presence.READY, move_at=NOW.mono + 5)
    so_far = Turn(replace(before, agent=lost))
    assert agent.log_in(so_far, "agent7001", Secret("1234"))
    assert so_far.phone.agent.lost < 0
    assert [each for each in said(so_far.effects) if isinstance(each, doc.SetHoteling)] == [
        doc.SetHoteling("agent7001")
    ]
    _, effects = hear(
        replace(so_far.phone, subscriptions=before.subscriptions), doc.HotelingEvent("agent7001"), package=doc.HOTELING
    )
    asked = [each.state for each in said(effects) if isinstance(each, doc.SetAgentState)]
    assert asked == [doc.RequestedAgentState.NOT_READY], "as after any log in, not as the session before was"


def test_the_proof_answers_the_nonce_and_the_password_stays_here() -> None:
    state, effects = hear(phone(Place.CLAIMING), doc.HotelingEvent(None, doc.Challenge("abc")), package=doc.HOTELING)
    assert said(effects) == [doc.SetHoteling("agent7001", doc.Proof("abc", Secret("07a732249be2de21aa3263b3fe2f76ee")))]
    assert "1234" not in repr(effects) and "1234" not in repr(state)


@pytest.mark.parametrize(
    ("challenge", "proofs"),
    [(doc.Challenge("n1"), 1), (doc.Challenge("n9"), 2), (doc.Challenge("n2", "SHA-256"), 0)],
    ids=["the same nonce", "a third nonce", "an algorithm nobody has"],
)
def test_a_challenge_that_cannot_be_met_is_the_end_of_the_log_in(challenge: doc.Challenge, proofs: int) -> None:
    state, effects = hear(phone(Place.PROVING, proofs=proofs), doc.HotelingEvent(None, challenge), package=doc.HOTELING)
    assert state.agent.at(0).place is Place.OUT and said(effects) == []
    assert state.notice is not None and state.notice.title == "login_failed"


def test_a_challenge_nobody_asked_for_is_not_answered() -> None:
    for place in (Place.OUT, Place.LEAVING):
        _, effects = hear(phone(place), doc.HotelingEvent(None, doc.Challenge("n2")), package=doc.HOTELING)
        assert said(effects) == []
    stranger = replace(phone(Place.IN, guest="agent7002"), agent=AgentState((Seat(0, Place.IN, "agent7002"),)))
    _, effects = hear(stranger, doc.HotelingEvent(None, doc.Challenge("n2")), package=doc.HOTELING)
    assert said(effects) == []


def test_an_empty_guest_address_means_nothing_for_an_agent_of_the_desktop() -> None:
    before = phone(Place.IN, presence=Presence.READY)
    state, _ = hear(before, doc.HotelingEvent(""), package=doc.HOTELING)
    assert state.agent.presence is Presence.READY
    state, _ = hear(phone(Place.IN, guest="agent7001"), doc.HotelingEvent(""), package=doc.HOTELING)
    assert state.agent.presence is Presence.LOGGED_OFF


def test_a_state_already_there_is_not_asked_for_again() -> None:
    ready = replace(ON, acd=replace(ON.acd, state_after_login=type(ON.acd.state_after_login).READY))
    _, effects = hear(replace(phone(Place.PROVING), layers=of_file(ready)), doc.AgentReadyEvent("", "agent7001"))
    assert said(effects) == []


def test_who_the_last_event_named_counts_until_another_name_or_the_log_out() -> None:
    state, _ = hear(phone(), doc.AgentReadyEvent("1502", "agent7002"))
    assert state.agent.id == "agent7002"
    state, _ = hear(state, doc.AgentNotReadyEvent("1502", ""))
    assert state.agent.id == "agent7002"
    state, _ = hear(state, doc.AgentReadyEvent("1502", "agent7003"))
    assert state.agent.id == "agent7003"
    state, _ = hear(state, doc.AgentLoggedOffEvent("1502", "agent7003"))
    assert state.agent.id == ""
    state, _ = hear(state, doc.AgentLoggedOnEvent("1502"))
    assert (state.agent.id, state.agent.presence) == ("", Presence.LOGGED_ON), "who that is was not said"


def test_who_sits_here_is_logged_on_before_any_event_says_so() -> None:
    state, _ = hear(phone(), doc.HotelingEvent("agent7002"), package=doc.HOTELING)
    assert (state.agent.presence, state.agent.at(0).since) == (Presence.LOGGED_ON, state.now.mono)
    state, _ = hear(phone(presence=Presence.READY), doc.HotelingEvent("agent7002"), package=doc.HOTELING)
    assert state.agent.presence is Presence.READY


def test_a_claim_that_waits_behind_another_command_is_not_sent_once_the_log_in_was_given_up() -> None:
    before = phone(Place.CLAIMING)
    waiting = (doc.SetHoteling("agent7001"), doc.SetAgentState(doc.RequestedAgentState.READY, ""))
    subs = tuple(replace(each, stage=Stage.BUSY, queue=waiting) for each in before.subscriptions)
    so_far = Turn(replace(before, subscriptions=subs))
    agent.cancel(so_far)
    assert so_far.phone.agent.at(0).place is Place.OUT
    assert [each.queue for each in so_far.phone.subscriptions] == [waiting, waiting[1:]]


def test_a_later_challenge_is_met_although_the_log_in_had_taken_two_proofs() -> None:
    state, _ = hear(phone(Place.PROVING, proofs=2), doc.AgentNotReadyEvent("1502", "agent7001"))
    state, effects = hear(state, doc.HotelingEvent(None, doc.Challenge("n7")), package=doc.HOTELING)
    sent = [each for each in (*said(effects), *state.subscriptions[1].queue) if isinstance(each, doc.SetHoteling)]
    assert [each.proof is not None and each.proof.nonce for each in sent] == ["n7"]


def test_a_challenge_for_whom_the_desktop_logged_in_afterwards_is_not_answered_in_the_old_name() -> None:
    state, _ = hear(phone(Place.IN, guest="agent7001"), doc.AgentLoggedOffEvent("1502"))
    state, _ = hear(state, doc.HotelingEvent("agent7002"), package=doc.HOTELING)
    _, effects = hear(state, doc.HotelingEvent(None, doc.Challenge("n2")), package=doc.HOTELING)
    assert said(effects) == []


P = Place


@pytest.mark.parametrize(
    ("seats", "shown"),
    [
        ((Seat(0, P.PROVING, "a"), Seat(1, P.IN)), 1),
        ((Seat(0, P.CLAIMING, "a"), Seat(1, P.LEAVING)), 1),
        ((Seat(0, P.OUT, "a"), Seat(1, P.PROVING)), 1),
        ((Seat(0, P.OUT, "a"), Seat(1, P.CLAIMING)), 1),
        ((Seat(0, P.IN), Seat(1, P.LEAVING)), 0),
        ((Seat(0, P.LEAVING), Seat(1, P.IN)), 1),  # the first one is back with a state of before, and is left
        ((Seat(0, P.IN), Seat(1, P.IN, "a")), 1),
        ((Seat(0), Seat(1, presence=Presence.LOGGED_OFF)), 1),
        ((Seat(0, presence=Presence.READY), Seat(1, guest="a")), 1),
        ((Seat(0, P.CLAIMING), Seat(1, P.PROVING)), 0),
        ((Seat(0), Seat(1)), 0),
    ],
)
def test_of_two_servers_the_one_where_the_agent_sits_is_shown_else_the_one_that_knows_more(
    seats: tuple[Seat, ...], shown: int
) -> None:
    for order in (seats, seats[::-1]):
        seat = AgentState(order).seat
        assert seat is not None and seat.server == shown
    at = AgentState(seats)
    logged_in = at.at(shown).place in (P.IN, P.LEAVING)
    assert at.server == (shown if logged_in else None)


def test_the_session_ends_with_the_log_out_and_so_does_the_password() -> None:
    state, _ = hear(phone(Place.IN, guest="agent7001"), doc.AgentLoggedOffEvent("1502"))
    assert state.agent.password == Secret() and state.agent.user == "agent7001"
    state, _ = hear(phone(Place.IN, guest="agent7001"), doc.AgentReadyEvent("1502"))
    assert state.agent.password == Secret("1234")
