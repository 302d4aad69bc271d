"""Moving calls: transfers by the phone and of the phone, parking, conferences in the phone and at Asterisk.

What is asked each time: who hears whom afterwards, what the screens say, and that the transferring phone is free.
"""

from __future__ import annotations

import pytest

from tests.peers.asterisk.instance import MUSIC
from tests.peers.asterisk.office import ALICE, BOB, CARL, Desk, Office

PEER = "Asterisk 22 with baresip 1.0"
pytestmark = [pytest.mark.peer, pytest.mark.slow]
WAYS = pytest.mark.parametrize("way", ["alice called", "alice was called"])


def connect(office: Office, way: str) -> None:
    """Alice and Bob talk, whoever called."""
    office.alice_calls_bob() if way == "alice called" else office.bob_calls_alice()


def consult_carl(office: Office) -> int:
    """Alice holds Bob and talks to Carl; how many events baresip had before."""
    seen = len(office.carl.events)
    office.alice.phone.softkey("transfer")
    office.alice.story.press(*"1003", "ok")
    office.carl_answers(seen)
    office.alice.story.in_call(2, within=10)
    return seen


def join(desk: Desk) -> None:
    """Three-way, and the second key that confirms who hears whom."""
    desk.phone.softkey("join")
    desk.story.shows("Conference?")
    desk.story.press("soft1")


def complete(desk: Desk) -> None:
    """Transfer, and the second key that confirms who is connected."""
    desk.phone.softkey("complete")
    desk.story.shows("Transfer?", "You leave the call")
    desk.story.press("soft1")


@WAYS
@pytest.mark.proves("blind transfer", PEER)
def test_a_blind_transfer_connects_the_two_others(office: Office, way: str) -> None:
    connect(office, way)
    seen = len(office.carl.events)
    office.alice.phone.softkey("blind")
    office.alice.story.press(*"1003", "ok")
    office.carl_answers(seen)
    office.alice.story.idle(within=10)
    office.bob.ear.hears(CARL)
    office.carls_ear.hears(BOB)


@WAYS
@pytest.mark.proves("attended transfer", PEER)
def test_an_attended_transfer_connects_the_two_others(office: Office, way: str) -> None:
    connect(office, way)
    consult_carl(office)
    office.alice.ear.hears(CARL)
    office.bob.ear.hears(MUSIC)
    complete(office.alice)
    office.alice.story.idle(within=10)
    office.bob.ear.hears(CARL)
    office.bob.story.shows("Carl Customer")


@WAYS
@pytest.mark.proves("semi-attended transfer", PEER)
def test_a_transfer_is_completed_while_the_third_rings(office: Office, way: str) -> None:
    connect(office, way)
    seen = len(office.carl.events)
    office.alice.phone.softkey("transfer")
    office.alice.story.press(*"1003", "ok")
    office.carl_is_called(seen)
    office.alice.story.shows("Ringing", within=10)
    office.alice.story.press("transfer")
    office.alice.story.shows("Transfer?", "You leave the call")
    seen = len(office.carl.events)
    office.alice.story.press("soft1")
    office.carl_answers(seen)  # our call is given up, and Asterisk makes Bob call
    office.alice.story.idle(within=10)
    office.bob.ear.hears(CARL)


@pytest.mark.proves("attended transfer", PEER)
def test_a_consultation_that_is_given_up_leads_back(office: Office) -> None:
    office.alice_calls_bob()
    consult_carl(office)
    office.alice.phone.softkey("cancel")
    office.alice.story.in_call(1, within=10)
    office.alice.ear.hears(BOB)
    office.bob.ear.hears(ALICE)


@pytest.mark.proves("transfer that fails", "Asterisk 22")
@pytest.mark.parametrize("number", ["9404", "5555"])
def test_a_blind_transfer_to_nobody_says_so(office: Office, number: str) -> None:
    """Asterisk reports 503 where the number refuses (and the transferred one is gone), 404 for one it does not have."""
    office.alice_calls_bob()
    office.alice.phone.softkey("blind")
    office.alice.story.press(*number, "ok")
    office.alice.story.shows("Transfer failed", "503" if number == "9404" else "404", within=10)
    office.alice.story.in_call(1, within=10)
    if number == "9404":
        office.bob.story.idle(within=10)
        office.alice.story.press("left", "cancel")  # Asterisk has forgotten that leg and never ends it
    else:
        office.alice.ear.hears(BOB)
        office.bob.ear.hears(ALICE)


@pytest.mark.proves("park and take back", PEER)
def test_a_parked_call_is_taken_by_another(office: Office) -> None:
    office.alice_calls_bob()
    seen = len(office.asterisk.manager.events)
    office.alice.phone.softkey("blind")
    office.alice.story.press(*"700", "ok")
    parked = office.asterisk.manager.event("ParkedCall", after=seen)
    office.alice.story.idle(within=10)
    office.bob.ear.hears(MUSIC)
    office.carl_calls(parked["ParkingSpace"])
    office.bob.ear.hears(CARL)
    office.carls_ear.hears(BOB)


@pytest.mark.proves("being transferred", PEER)
@pytest.mark.parametrize("kind", ["attended", "blind"])
def test_who_is_transferred_sees_the_new_party(office: Office, kind: str) -> None:
    office.alice_calls_bob()
    seen = len(office.carl.events)
    office.bob.phone.softkey("transfer" if kind == "attended" else "blind")
    office.bob.story.press(*"1003", "ok")
    office.carl_answers(seen)
    if kind == "attended":
        office.bob.story.in_call(2, within=10)
        complete(office.bob)
    office.bob.story.idle(within=10)
    office.alice.ear.hears(CARL)
    office.alice.story.shows("Carl Customer", within=10)
    if kind == "blind":  # baresip 1.0 records no more of what it hears once its call was changed
        office.carls_ear.hears(ALICE)


@pytest.mark.proves("being transferred", PEER)
def test_a_foreign_phone_transfers_us(office: Office) -> None:
    office.carl_calls("1001")
    office.alice.answer()
    office.carl.command("transfer", f"sip:1002@127.0.0.1:{office.asterisk.port}")
    office.bob.answer()
    office.alice.ear.hears(BOB)
    office.bob.ear.hears(ALICE)
    office.alice.story.shows("Bob Expert", within=10)


@pytest.mark.proves("three-way conference in the phone", PEER)
def test_in_a_conference_each_hears_both_others(office: Office) -> None:
    office.alice_calls_bob()
    seen = len(office.carl.events)
    office.alice.phone.softkey("conference")
    office.alice.story.press(*"1003", "ok")
    office.carl_answers(seen)
    office.alice.story.in_call(2, within=10)
    join(office.alice)
    office.alice.ear.hears(BOB, CARL)
    office.bob.ear.hears(ALICE, CARL)
    office.carls_ear.hears(ALICE, BOB)
    office.alice.phone.softkey("split")
    office.bob.ear.hears(MUSIC)
    office.alice.ear.hears(CARL)
    join(office.alice)
    office.bob.ear.hears(ALICE, CARL)
    office.bob.story.press("cancel")
    office.alice.story.in_call(1, within=10)
    office.alice.ear.hears(CARL)


@pytest.mark.proves("conference at the server", PEER)
def test_in_asterisks_conference_each_hears_both_others(office: Office) -> None:
    for desk in (office.alice, office.bob):
        desk.story.dial("8000")
        desk.story.in_call(within=10)
    office.carl_calls("8000")
    office.alice.ear.hears(BOB, CARL)
    office.bob.ear.hears(ALICE, CARL)
    office.carls_ear.hears(ALICE, BOB)
    office.alice.hold()
    office.bob.ear.hears(CARL)
    office.alice.hold(False)
    office.bob.ear.hears(ALICE, CARL)


@pytest.mark.proves("redirect of a running call", "Asterisk 22")
def test_a_server_moves_a_running_call(office: Office) -> None:
    """A re-INVITE is not even needed: Asterisk keeps the phone's dialog and puts another far end behind it."""
    office.asterisk.call("1001", "echo")
    office.alice.answer()
    office.alice.ear.hears(ALICE)
    office.asterisk.manager.action(
        "Redirect", Channel=office.asterisk.channel_of("1001"), Context="far", Exten="tone", Priority="1"
    )
    office.alice.ear.hears(1300)
