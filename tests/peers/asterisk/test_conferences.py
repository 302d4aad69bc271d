"""Conferences that Asterisk holds (ConfBridge), and what is left of the phone's own when the agent goes.

What is asked each time: who hears whom, what the screens say, and how many calls the phone has.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.peers.asterisk.instance import MUSIC
from tests.peers.asterisk.office import ALICE, BOB, CARL, Desk, Office
from tests.peers.asterisk.test_transfers import consult_carl, join

PEER = "Asterisk 22 with baresip 1.0"
REMOTE = {"voip__services__conference__mode": "REMOTE", "voip__services__conference__conf_ms_addr": "8000"}
pytestmark = [pytest.mark.peer, pytest.mark.slow]


def consulting(office: Office, desk: Desk) -> None:
    """The desk holds Bob and talks to Carl."""
    desk.registered()
    desk.story.dial("1002")
    office.bob.answer()
    desk.story.in_call(within=10)
    seen = len(office.carl.events)
    desk.phone.softkey("conference")
    desk.story.press(*"1003", "ok")
    office.carl_answers(seen)
    desk.story.in_call(2, within=10)


@pytest.mark.proves("network conference (RFC 4579)", PEER)
def test_the_phone_asks_both_into_the_conference_at_the_server(office: Office, make_desk: Callable[..., Desk]) -> None:
    desk = make_desk("1400", office.asterisk.port, **REMOTE)
    consulting(office, desk)
    join(desk)
    desk.story.in_call(1, within=15)
    desk.story.shows("Conference", "8000")
    desk.ear.hears(BOB, CARL)
    office.bob.ear.hears(ALICE, CARL)
    desk.phone.press("hold")
    desk.story.shows("Conference held")
    office.bob.ear.hears(CARL)
    desk.phone.press("hold")
    office.bob.ear.hears(ALICE, CARL)
    desk.phone.press("cancel")
    desk.story.idle(within=10)
    office.bob.ear.hears(CARL)  # the conference goes on without the phone that made it


@pytest.mark.proves("network conference (RFC 4579)", "Asterisk 22")
def test_a_conference_number_that_does_not_exist_leaves_both_as_they_were(
    office: Office, make_desk: Callable[..., Desk]
) -> None:
    settings = {**REMOTE, "voip__services__conference__conf_ms_addr": "9404"}
    desk = make_desk("1400", office.asterisk.port, **settings)
    consulting(office, desk)
    join(desk)
    desk.story.shows("404", within=10)
    desk.story.in_call(2, within=10)
    office.bob.ear.hears(MUSIC)
    desk.story.wait("the notice is over", lambda state: "404" not in str(state["rows"]), 10)
    desk.phone.softkey("resume")
    desk.ear.hears(BOB)
    office.bob.ear.hears(ALICE)


@pytest.mark.proves("leaving a conference in the phone", PEER)
def test_who_puts_the_handset_down_leaves_the_two_others_with_each_other(office: Office) -> None:
    office.alice.story.lift()
    office.alice.story.press(*"1002", "ok")
    office.bob.answer()
    office.alice.story.in_call(within=10)
    consult_carl(office)
    join(office.alice)
    office.bob.ear.hears(ALICE, CARL)
    office.alice.story.put_down()
    office.alice.story.idle(within=10)
    office.bob.ear.hears(CARL)


@pytest.mark.proves("many calls", PEER)
def test_of_three_calls_one_is_heard_and_the_others_hear_music(office: Office) -> None:
    office.alice_calls_bob()
    consult_carl(office)
    office.asterisk.call("1001", "tone")
    office.alice.story.shows("Call waiting 3/3", within=10)
    office.alice.story.press("soft1")
    office.alice.story.in_call(3, within=10)
    office.alice.story.shows("Talking 3/3", "Bob Expert", "Carl Customer")
    office.alice.ear.hears(1300)
    office.bob.ear.hears(MUSIC)
    office.alice.story.press("up", "up")
    office.alice.story.shows("On hold 1/3")
    office.alice.phone.softkey("resume")
    office.alice.ear.hears(BOB)
    office.bob.ear.hears(ALICE)
