"""The person's own contacts: added, changed, given a ring tone, removed, kept and taken back."""

from __future__ import annotations

import json
from dataclasses import asdict

from deskphone.core import effects as fx
from deskphone.core.screen import directory
from deskphone.core.state import Contact, Phone
from deskphone.core.turn import Turn

ANN, BEN = Contact("Ann", "2001", "harp"), Contact("ben", "2002")


def having(*contacts: Contact) -> Turn:
    return Turn(Phone(contacts=contacts, company=(Contact("Carl", "2003"),)))


def kept(turn: Turn) -> list[dict[str, str]]:
    """What was stored last; exactly what the phone has now."""
    stored = [each for each in turn.effects if isinstance(each, fx.Store)]
    assert [each.section for each in stored] == ["contacts"]
    found: list[dict[str, str]] = json.loads(stored[0].text)
    assert found == [asdict(each) for each in turn.phone.contacts]
    return found


def test_they_stand_among_the_companys_by_name_whatever_the_case() -> None:
    phone = having(BEN, ANN).phone
    assert [each.name for each in directory.entries(phone)] == ["Ann", "ben", "Carl"]
    assert directory.name_of(phone, "2003") == "Carl"
    assert directory.name_of(phone, "2009") == ""
    assert directory.own(phone, "Ann", "2001") == ANN
    assert directory.own(phone, "Ann", "2002") is None
    assert directory.own(phone, "Carl", "2003") is None


def test_a_new_one_has_the_phones_ring_tone_and_blanks_around_it_are_no_part_of_it() -> None:
    turn = having(ANN)
    assert directory.put(turn, " Dora ", " 2004 ")
    assert turn.phone.contacts == (ANN, Contact("Dora", "2004", ""))
    assert len(kept(turn)) == 2


def test_one_of_the_same_name_is_replaced_and_keeps_its_ring_tone() -> None:
    turn = having(ANN, BEN)
    assert directory.put(turn, "Ann", "2009")
    assert turn.phone.contacts == (BEN, Contact("Ann", "2009", "harp"))


def test_a_changed_one_keeps_its_ring_tone_under_its_new_name() -> None:
    turn = having(ANN, BEN)
    assert directory.put(turn, "Anna", "2001", ANN)
    assert turn.phone.contacts == (BEN, Contact("Anna", "2001", "harp"))


def test_half_a_contact_is_none_and_neither_is_the_701st() -> None:
    for name, number in (("", "1"), (" ", "1"), ("x", ""), ("x", " ")):
        turn = having(ANN)
        assert not directory.put(turn, name, number)
        assert (turn.phone.contacts, turn.effects) == ((ANN,), [])
    turn = having(*(Contact(str(each), "1") for each in range(699)))
    assert directory.put(turn, "the last", "1")
    assert not directory.put(turn, "one too many", "1")
    assert len(turn.phone.contacts) == 700


def test_a_ring_tone_is_given_to_one_and_heard_by_that_number_only() -> None:
    turn = having(ANN, BEN)
    directory.give_ring_tone(turn, BEN, "bell")
    assert turn.phone.contacts == (ANN, Contact("ben", "2002", "bell"))
    kept(turn)
    assert directory.ring_tone_of(turn.phone, "2002") == "bell"
    assert directory.ring_tone_of(turn.phone, "2009") == ""
    assert directory.ring_tone_of(Phone(contacts=(Contact("x", "", "bell"),)), "") == ""


def test_one_is_removed_by_name_and_number() -> None:
    turn = having(ANN, BEN)
    directory.remove(turn, "Ann", "2001")
    assert turn.phone.contacts == (BEN,)
    kept(turn)
    directory.remove(turn, "ben", "2001")
    assert turn.phone.contacts == (BEN,)


def test_they_come_back_as_they_were_kept_700_at_the_most() -> None:
    turn = Turn(Phone())
    directory.load(turn, json.dumps([asdict(ANN), {"name": "old", "number": 7}]))
    assert turn.phone.contacts == (ANN, Contact("old", "7", ""))
    directory.load(turn, json.dumps([asdict(ANN)] * 701))
    assert len(turn.phone.contacts) == 700
