"""What a server tells of the agent, and what the call log keeps: one by one, and told twice."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from deskphone.config.settings import Settings
from deskphone.core import effects as fx
from deskphone.core import events as ev
from deskphone.core.agent import state as agent_state
from deskphone.core.agent.state import AgentState, Place, Presence, Seat
from deskphone.core.calls import calllog
from deskphone.core.calls.state import LogEntry
from deskphone.core.documents import AS_FEATURE, AgentLoggedOffEvent, AgentReadyEvent
from deskphone.core.lines.state import Line, LineStatus
from deskphone.core.lines.subscription_table import Stage, Subscription
from deskphone.core.state import Phone
from deskphone.core.turn import Turn
from tests.layers import of_file
from tests.unit.core.turns import turn

SETTINGS = Settings()
ON = replace(SETTINGS, acd=replace(SETTINGS.acd, enabled=True, logged_out_timer=5))


def phone(presence: Presence, place: Place) -> Phone:
    """A phone with an agent in that state at its only server."""
    seat = Seat(0, presence=presence, place=place, agent="7001")
    return Phone(
        layers=of_file(ON), powered=True, lines=(Line(0, "sips-a:5060", LineStatus.REGISTERED),),
        agent=AgentState(seats=(seat,), banner=False), subscriptions=(Subscription(0, AS_FEATURE, Stage.ACTIVE, 3600),),
    )  # fmt: skip


def told(before: Phone, document: object) -> Phone:
    after, _ = turn(before, ev.NotifyBody(0, AS_FEATURE, (document,)))
    return after


@pytest.mark.parametrize("presence", [each for each in Presence if each is not Presence.LOGGED_OFF])
def test_logged_out_is_said_when_it_was_not_so_before(presence: Presence) -> None:
    after = told(phone(presence, Place.IN), AgentLoggedOffEvent("7001"))
    assert after.agent.at(0).presence is Presence.LOGGED_OFF
    assert after.agent.banner


def test_logged_out_told_once_more_is_no_news_and_neither_is_logged_in() -> None:
    assert not told(phone(Presence.LOGGED_OFF, Place.OUT), AgentLoggedOffEvent("7001")).agent.banner
    assert not told(phone(Presence.NOT_READY, Place.IN), AgentReadyEvent("7001")).agent.banner


def test_a_seat_nobody_sat_in_has_proved_nothing() -> None:
    seat = agent_state.Seat(0)
    assert (seat.proofs, seat.nonce, seat.claimed, seat.agent, seat.guest) == (0, "", "", "", "")
    assert AgentState().at(1) == Seat(1)


# --- the call log ----------------------------------------------------------------------------------


def test_a_cleared_log_is_empty_has_no_missed_call_and_no_number_to_redial_and_is_kept_so() -> None:
    entry = LogEntry("missed", "2001", "Otto", 1_800_000_000)
    doing = Turn(Phone(log=(entry, entry), missed=2, redial="2001"))
    calllog.clear(doing)
    assert (doing.phone.log, doing.phone.missed, doing.phone.redial) == ((), 0, "")
    [kept] = [each for each in doing.effects if isinstance(each, fx.Store)]
    assert (kept.section, json.loads(kept.text)) == ("calls", {"log": [], "missed": 0, "redial": ""})


def test_missed_calls_that_were_looked_at_are_counted_no_more_and_kept_so() -> None:
    entry = LogEntry("missed", "2001", "Otto", 1_800_000_000)
    doing = Turn(Phone(log=(entry,), missed=1, redial="2001"))
    calllog.seen(doing)
    assert (doing.phone.log, doing.phone.missed, doing.phone.redial) == ((entry,), 0, "2001")
    assert len(doing.effects) == 1
    calllog.seen(doing)
    assert len(doing.effects) == 1, "nothing new, nothing written"


def test_a_log_comes_back_as_it_was_kept() -> None:
    entries = tuple(LogEntry(kind, "2001", "Otto", 1_800_000_000, 7) for kind in ("missed", "received", "dialled"))
    doing = Turn(Phone(log=entries, missed=1, redial="2001"))
    calllog.keep(doing)
    [kept] = [each for each in doing.effects if isinstance(each, fx.Store)]
    again = Turn(Phone())
    calllog.load(again, kept.text)
    assert (again.phone.log, again.phone.missed, again.phone.redial) == (entries, 1, "2001")
