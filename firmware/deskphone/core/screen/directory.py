"""The directory: the person's own contacts (kept) and the company's (provisioned).

Law: look-up and change of entries; pages that show them are `core.screen.menu`'s.
"""

from __future__ import annotations

import json
import unicodedata
from dataclasses import asdict, replace
from functools import lru_cache

from deskphone.core.effects import Store
from deskphone.core.events import DirectoryLoaded
from deskphone.core.screen.state import Page
from deskphone.core.state import Contact, Phone
from deskphone.core.turn import Turn

PAGES = ("directory", "pick")  # lists of all names
LIMIT = 700  # max_directory_size of the 420HD
COMPANY = "company"  # the section that keeps the company's, so that it is there when its server is not
SPEED_DIALS = "speed_dials"  # the same for the speed dial file
COMPANY_LIMIT = 2_000
STROKES = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe"})


def entries(phone: Phone) -> tuple[Contact, ...]:
    """All contacts, sorted by name: the person's own, the company's, and the speed dials that have a name."""
    return _sorted(phone.contacts, phone.company, _named_dials(phone))


@lru_cache(maxsize=2)  # asked for several times a key, and the same for hours
def _sorted(own: tuple[Contact, ...], company: tuple[Contact, ...], dials: tuple[Contact, ...]) -> tuple[Contact, ...]:
    known = dict.fromkeys((*own, *company, *dials))
    return tuple(sorted(known, key=_key))


def _key(contact: Contact) -> tuple[str, str]:
    return letters(contact.name), contact.name


@lru_cache(maxsize=4096)  # the company's are thousands
def letters(name: str) -> str:
    """A name as it is sorted and looked up: small letters without accents and strokes."""
    parts = unicodedata.normalize("NFD", name.casefold())
    return "".join(char for char in parts if not unicodedata.combining(char)).translate(STROKES)


def name_of(phone: Phone, number: str) -> str:
    """The name of a number, or ""; used where the network gave none. The person's own word for it comes first."""
    known = (*phone.contacts, *phone.company, *_named_dials(phone)) if number else ()
    return next((each.name for each in known if each.number == number), "")


def _named_dials(phone: Phone) -> tuple[Contact, ...]:
    dials = phone.settings.directory.speed_dial
    return tuple(Contact(each.label, each.number) for each in dials if each.label and each.number)


def loaded(turn: Turn, event: DirectoryLoaded) -> None:
    """The company's directory or the speed dial file came; it is kept."""
    if event.speed_dials:
        _keep_dials(turn, event.entries)
    else:
        _keep_company(turn, tuple(Contact(name, number) for name, number in event.entries[:COMPANY_LIMIT]))


def forget(turn: Turn) -> None:
    """Other settings are in force: what none of them names any more is no more."""
    if not turn.phone.settings.provisioning.directory_url:
        _keep_company(turn, ())
    if not turn.phone.settings.provisioning.speed_dial_url:
        _keep_dials(turn, ())


def _keep_company(turn: Turn, company: tuple[Contact, ...]) -> None:
    if company != turn.phone.company:
        before = entries(turn.phone)
        turn.set(company=company)
        _stay(turn, before)
        turn.do(Store(COMPANY, json.dumps([[each.name, each.number] for each in company])))
        turn.note(f"company directory: {len(company)} numbers")


def _keep_dials(turn: Turn, dials: tuple[tuple[str, str], ...]) -> None:
    if dials != turn.phone.speed_dials:
        turn.set(speed_dials=dials)
        turn.do(Store(SPEED_DIALS, json.dumps(dials)))
        turn.note(f"speed dials: {len(dials)}")


def load_company(turn: Turn, text: str) -> None:
    """At power-on: the company's directory as it was last. ValueError or TypeError for another text."""
    if turn.phone.settings.provisioning.directory_url:
        turn.set(company=tuple(Contact(str(name), str(number)) for name, number in json.loads(text)[:COMPANY_LIMIT]))


def load_dials(turn: Turn, text: str) -> None:
    """At power-on: the speed dials as they were last. ValueError or TypeError for another text."""
    if turn.phone.settings.provisioning.speed_dial_url:
        turn.set(speed_dials=tuple((str(key), str(number)) for key, number in json.loads(text)[:9]))


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
    new = Contact(name, number, same.ring_tone if same is not None else "")
    _set(turn, (*others, new), old, new)
    return True


def give_ring_tone(turn: Turn, contact: Contact, ring_tone: str) -> None:
    """Let this caller be heard by a ring tone of their own; "" is the phone's."""
    new = replace(contact, ring_tone=ring_tone)
    _set(turn, tuple(new if each == contact else each for each in turn.phone.contacts), contact, new)


def remove(turn: Turn, name: str, number: str) -> None:
    """Delete one of the person's own contacts."""
    _set(turn, tuple(each for each in turn.phone.contacts if (each.name, each.number) != (name, number)))


def _set(turn: Turn, contacts: tuple[Contact, ...], old: Contact | None = None, new: Contact | None = None) -> None:
    before = entries(turn.phone)
    turn.set(contacts=contacts)
    _stay(turn, before, old, new)
    turn.do(Store("contacts", json.dumps([asdict(contact) for contact in contacts])))


def _stay(
    turn: Turn, before: tuple[Contact, ...], old: Contact | None = None, new: Contact | None = None
) -> None:  # fmt: skip
    """Who reads the list stays on the name they were at, whatever came above it. before: the names until now. old, new:
    the one that has become another; None and a new one: who adds it sees it."""
    after = entries(turn.phone)

    def moved(page: Page) -> Page:
        here = before[page.cursor] if page.cursor < len(before) else None
        here = new if here == old else here
        if here is None:  # the row behind the names
            return replace(page, cursor=len(after))
        above = sum(_key(each) < _key(here) for each in after)
        return replace(page, cursor=after.index(here) if here in after else above)

    turn.set(pages=tuple(moved(each) if each.name in PAGES else each for each in turn.phone.pages))


def load(turn: Turn, text: str) -> None:
    """At power-on: the kept contacts (JSON), LIMIT at most. ValueError, KeyError or TypeError for another text."""
    kept = json.loads(text)[:LIMIT]
    turn.set(
        contacts=tuple(Contact(str(each["name"]), str(each["number"]), str(each.get("ring_tone", ""))) for each in kept)
    )
