"""The directory: the person's own contacts (kept) and the company's (provisioned).

Law: look-up and change of entries; pages that show them are `core.screen.menu`'s.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace

from deskphone.core.effects import Store
from deskphone.core.state import Contact, Phone
from deskphone.core.turn import Turn

LIMIT = 700  # max_directory_size of the 420HD


def entries(phone: Phone) -> tuple[Contact, ...]:
    """All contacts, the person's own and the company's, sorted by name."""
    return tuple(sorted((*phone.contacts, *phone.company), key=lambda contact: contact.name.casefold()))


def name_of(phone: Phone, number: str) -> str:
    """The name of a number, or ""; used where the network gave none."""
    return next((contact.name for contact in entries(phone) if contact.number == number), "")


def ring_tone_of(phone: Phone, number: str) -> str:
    """The ring tone of a caller who has one of their own, or ""."""
    return next((contact.ring_tone for contact in phone.contacts if contact.number == number and number), "")


def own(phone: Phone, name: str, number: str) -> Contact | None:
    """The person's own contact of that name and number, None where it is the company's or gone."""
    return next((each for each in phone.contacts if (each.name, each.number) == (name, number)), None)


def put(turn: Turn, name: str, number: str, old: Contact | None = None) -> bool:
    """Add a contact, or change `old`, which keeps its ring tone; another one of that name is replaced. False where it
    is incomplete or the directory is full.
    """
    name, number = name.strip(), number.strip()
    others = tuple(each for each in turn.phone.contacts if each.name != name and each != old)
    if not name or not number or len(others) >= min(LIMIT, turn.phone.settings.directory.max_entries):
        return False
    same = old or next((each for each in turn.phone.contacts if each.name == name), None)
    _set(turn, (*others, Contact(name, number, same.ring_tone if same is not None else "")))
    return True


def give_ring_tone(turn: Turn, contact: Contact, ring_tone: str) -> None:
    """Let this caller be heard by a ring tone of their own; "" is the phone's."""
    _set(turn, tuple(replace(each, ring_tone=ring_tone) if each == contact else each for each in turn.phone.contacts))


def remove(turn: Turn, name: str, number: str) -> None:
    """Delete one of the person's own contacts."""
    _set(turn, tuple(each for each in turn.phone.contacts if (each.name, each.number) != (name, number)))


def _set(turn: Turn, contacts: tuple[Contact, ...]) -> None:
    turn.set(contacts=contacts)
    turn.do(Store("contacts", json.dumps([asdict(contact) for contact in contacts])))


def load(turn: Turn, text: str) -> None:
    """At power-on: the kept contacts (JSON), LIMIT at most. ValueError, KeyError or TypeError for another text."""
    kept = json.loads(text)[:LIMIT]
    turn.set(
        contacts=tuple(Contact(str(each["name"]), str(each["number"]), str(each.get("ring_tone", ""))) for each in kept)
    )
