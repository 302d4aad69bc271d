"""Calls between two phones and baresip through Asterisk: who is shown, who hears whom, hold, early media, refusals."""

from __future__ import annotations

import pytest

from tests.peers.asterisk.instance import MUSIC, TONE
from tests.peers.asterisk.office import ALICE, BOB, CARL, Office

PEER = "Asterisk 22"
pytestmark = [pytest.mark.peer, pytest.mark.slow]


@pytest.mark.proves("call, both ways heard", PEER)
def test_two_phones_hear_each_other_and_see_who_it_is(office: Office) -> None:
    office.alice.story.dial("1002")
    office.bob.story.shows("Incoming call", "Alice Agent", within=10)
    office.bob.story.press("ok")
    office.alice.story.in_call(within=10)
    office.alice.story.shows("Bob Expert")
    office.alice.ear.hears(BOB)
    office.bob.ear.hears(ALICE)


@pytest.mark.proves("call, both ways heard", "Asterisk 22 with baresip 1.0")
def test_baresip_and_the_phone_hear_each_other(office: Office) -> None:
    seen = len(office.carl.events)
    office.alice.story.dial("1003")
    office.carl_answers(seen)
    office.alice.ear.hears(CARL)
    office.carls_ear.hears(ALICE)
    office.alice.story.press("cancel")
    office.carl.event("CALL_CLOSED", after=seen)


@pytest.mark.proves("mute", PEER)
def test_muted_nobody_hears_the_agent(office: Office) -> None:
    office.alice_calls_bob()
    office.bob.ear.hears(ALICE)
    office.alice.story.press("mute")
    office.bob.ear.hears()
    office.alice.ear.hears(BOB)
    office.alice.story.press("mute")
    office.bob.ear.hears(ALICE)


@pytest.mark.proves("hold and retrieve", PEER)
def test_who_is_held_hears_music_and_who_holds_nothing(office: Office) -> None:
    office.alice_calls_bob()
    office.alice.hold()
    office.alice.story.shows("On hold")
    office.bob.ear.hears(MUSIC)
    office.alice.ear.hears()
    office.alice.hold(False)
    office.alice.ear.hears(BOB)
    office.bob.ear.hears(ALICE)


@pytest.mark.proves("hold crossed", PEER)
def test_both_hold_and_the_first_takes_back_first(office: Office) -> None:
    office.alice_calls_bob()
    office.alice.hold()
    office.bob.hold()
    office.alice.hold(False)
    office.alice.ear.hears(MUSIC)
    office.bob.ear.hears()
    office.bob.hold(False)
    office.alice.ear.hears(BOB)
    office.bob.ear.hears(ALICE)


@pytest.mark.proves("hold crossed", PEER)
def test_both_hold_and_the_last_takes_back_first(office: Office) -> None:
    office.alice_calls_bob()
    office.alice.hold()
    office.bob.hold()
    office.bob.hold(False)
    office.bob.ear.hears(MUSIC)
    office.alice.ear.hears()
    office.alice.hold(False)
    office.alice.ear.hears(BOB)
    office.bob.ear.hears(ALICE)


@pytest.mark.proves("hold and retrieve", "Asterisk 22 with baresip 1.0")
def test_baresip_holds_and_takes_back(office: Office) -> None:
    seen = len(office.carl.events)
    office.carl_calls("1001")
    office.alice.answer()
    office.carl.event("CALL_ESTABLISHED", after=seen)
    office.alice.ear.hears(CARL)
    office.carl.command("hold")
    office.alice.ear.hears(MUSIC)
    office.carl.command("resume")
    office.alice.ear.hears(CARL)  # baresip 1.0 itself records no more of what it hears once it held


@pytest.mark.proves("early media", PEER)
def test_what_is_played_before_the_answer_is_heard(office: Office) -> None:
    office.alice.story.dial("9180")
    office.alice.ear.hears(TONE)
    assert [call["state"] for call in office.alice.phone.state()["calls"]] == ["early"]
    office.alice.story.in_call(within=10)
    office.alice.ear.hears(800)


@pytest.mark.proves("early media", PEER)
def test_an_announcement_before_a_refusal_is_heard(office: Office) -> None:
    office.alice.story.dial("9181")
    office.alice.ear.hears(TONE)
    office.alice.story.shows("Busy", "486", within=10)


@pytest.mark.proves("refusals in words", PEER)
@pytest.mark.parametrize(("number", "words"), [("9486", ("Busy", "486")), ("9404", ("404",)), ("9503", ("503",))])
def test_a_refusal_is_shown_in_words(office: Office, number: str, words: tuple[str, ...]) -> None:
    office.alice.story.dial(number)
    office.alice.story.shows(*words, within=10)


@pytest.mark.proves("sixty calls one after another", PEER)
@pytest.mark.timeout(180)
def test_sixty_calls_one_after_another(office: Office) -> None:
    office.alice.story.dial("9664")
    office.alice.story.in_call(within=10)
    office.alice.story.press("cancel")
    office.alice.story.idle(within=10)
    for number in range(60):
        if number % 2:
            office.alice.story.dial("9664")
        else:
            office.asterisk.call("1001", "tone")
            office.alice.story.shows("Incoming call", within=10)
            office.alice.story.press("ok")
        office.alice.story.in_call(within=10)
        if number % 4 < 2:
            office.alice.story.press("cancel")
        else:
            office.asterisk.hang_up("1001")
        office.alice.story.idle(within=10)
    office.alice.story.dial("9664")
    office.alice.ear.hears(TONE)
