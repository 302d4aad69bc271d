"""What stands on each page of the menus: the tree as tables of items and forms.

Law: an item is a label (a word of `view.words`, or literal text), a value beside it, and what choosing it does.
The tree follows the 420HD: Call log, Directory, Settings, Status, Administration; and the Command Menu.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial

from deskphone.config.ring_tones import RING_TONES
from deskphone.config.schema.words import SPOKEN, Language
from deskphone.core.agent import featuresync, hot_seat
from deskphone.core.agent import pages as agent_pages
from deskphone.core.calls import calllog, services
from deskphone.core.calls.state import LogEntry
from deskphone.core.phone import settings as settings_of
from deskphone.core.phone import sound
from deskphone.core.screen import dial, directory, status, sure, web_code
from deskphone.core.screen.item import Age, Item
from deskphone.core.screen.state import Page
from deskphone.core.state import Contact, Phone
from deskphone.core.turn import Turn

Act = Callable[[Turn], None]


def _link(name: str, argument: str = "") -> Item:
    return Item(name, opens=name, argument=argument)


def _switch(label: str, on: bool, act: Act) -> Item:
    return Item(label, "on" if on else "off", action=act, word=True)


# --- lists -----------------------------------------------------------------------------------------


def _main(phone: Phone, argument: str) -> tuple[Item, ...]:
    shown, locked = phone.settings.menu, phone.settings.ui.block_non_numeric_key
    rows = (
        ("call_log", shown.call_log and not locked),
        ("directory", shown.directory and not locked),
        ("settings", shown.settings_page and not locked),
        ("status", shown.status),
        ("administration", shown.administration),
    )
    return tuple(_link(name) for name, on in rows if on)


def _command(phone: Phone, argument: str) -> tuple[Item, ...]:
    settings = phone.settings
    dnd = _switch("dnd", phone.dnd, lambda turn: _and_home(turn, lambda: featuresync.set_dnd(turn, not turn.phone.dnd)))
    return (
        *((_link("forward"),) if settings.forwarding.show_softkey else ()),
        *((dnd,) if settings.dnd.enabled and settings.dnd.show_softkey else ()),
        *((Item("pickup", action=lambda turn: dial.begin(turn, "pickup")),) if settings.pickup.enabled else ()),
        _link("missed"),
        *(() if phone.settings.ui.block_non_numeric_key else (_link("directory"),)),
        *((Item("sign_out", action=hot_seat.sign_out),) if hot_seat.signed_in(phone) else ()),
    )


def _and_home(turn: Turn, act: Callable[[], None]) -> None:
    act()
    turn.set(pages=())


def _call_log(phone: Phone, argument: str) -> tuple[Item, ...]:
    return (_link("missed"), _link("received"), _link("dialled"), _link("delete_all"))


def _log(kind: str) -> Callable[[Phone, str], tuple[Item, ...]]:
    def rows(phone: Phone, argument: str) -> tuple[Item, ...]:
        return tuple(
            Item(
                who or "anonymous",
                Age(phone.now.unix - each.at),
                _dial(each.number),
                literal=bool(who),
                instead=each.number,
            )
            for each in phone.log
            if each.kind == kind
            for who in (_who(phone, each, kind),)
        )

    return rows


def _who(phone: Phone, entry: LogEntry, kind: str) -> str:
    plain = kind == "dialled" and phone.settings.display.dialled_as_number
    return (entry.number if plain else "") or entry.name or directory.name_of(phone, entry.number) or entry.number


def _dial(number: str) -> Act | None:
    """Call it; where a number was being dialled (to transfer to, say), it is taken for that. None where the caller gave
    no number."""
    return (lambda turn: dial.send(turn, number)) if number.strip() else None


def _directory(phone: Phone, argument: str) -> tuple[Item, ...]:
    return (*_contacts(directory.entries(phone)), _link("add_contact"))


@lru_cache(maxsize=2)  # the company's are thousands, and asked for several times a key
def _contacts(entries: tuple[Contact, ...]) -> tuple[Item, ...]:
    return tuple(
        Item(
            each.name,
            each.number,
            opens="contact",
            argument=f"{each.name}\n{each.number}",
            literal=True,
            instead=each.number,
        )
        for each in entries
    )


def _contact(phone: Phone, argument: str) -> tuple[Item, ...]:
    name, number = argument.split("\n", 1)
    own = directory.own(phone, name, number)
    rows = [Item("call", number, _dial(number))]
    if own is not None:
        rows.append(Item("edit", opens="add_contact", argument=argument))
        rows.append(Item("ring_tone", own.ring_tone.title(), opens="contact_ring_tone", argument=argument))
        rows.append(Item("delete", opens="delete_contact", argument=argument))
    return tuple(rows)


def _contact_ring_tone(phone: Phone, argument: str) -> tuple[Item, ...]:
    own = directory.own(phone, *argument.split("\n", 1))

    def choose(turn: Turn, name: str) -> None:
        if own is not None:
            directory.give_ring_tone(turn, own, name)
        turn.set(pages=turn.phone.pages[:-1])

    mark = own.ring_tone if own is not None else ""
    return (
        Item("as_phone", "*" if not mark else "", partial(choose, name="")),
        *(Item(f"ring_{name}", "*" if name == mark else "", partial(choose, name=name)) for name in RING_TONES),
    )


def _settings(phone: Phone, argument: str) -> tuple[Item, ...]:
    shown = phone.settings.menu
    waiting = _switch(
        "call_waiting", phone.call_waiting,
        lambda turn: services.set_call_waiting(turn, not turn.phone.call_waiting),
    )  # fmt: skip
    dnd = _switch("dnd", phone.dnd, lambda turn: featuresync.set_dnd(turn, not turn.phone.dnd))
    answer = _switch(
        "auto_answer", phone.auto_answer,
        lambda turn: services.set_auto_answer(turn, not turn.phone.auto_answer),
    )  # fmt: skip
    rows = (
        (_link("ring_tone"), shown.ring_tone), (_link("volumes"), True), (waiting, shown.call_waiting),
        (_link("forward"), True), (dnd, phone.settings.dnd.enabled), (answer, shown.auto_answer),
        (_link("restart"), shown.restart), (_link("language"), shown.language),
    )  # fmt: skip
    return tuple(row for row, on in rows if on)


def _ring_tone(phone: Phone, argument: str) -> tuple[Item, ...]:
    return tuple(
        Item(
            f"ring_{name}",
            "*" if name == phone.ring_tone else "",
            partial(sound.choose_ring_tone, name=name),
        )
        for name in RING_TONES
    )


def _language(phone: Phone, argument: str) -> tuple[Item, ...]:
    now = phone.settings.display.language
    return tuple(
        Item(f"language_{each.lower()}", "*" if each is now else "", partial(_speak, language=each)) for each in SPOKEN
    )


def _speak(turn: Turn, language: Language) -> None:
    settings_of.choose(turn, {"personal_settings/language": language})


def _volumes(phone: Phone, argument: str) -> tuple[Item, ...]:
    fixed = ("ring",) if phone.settings.audio.ring_volume_locked else ()
    return tuple(
        Item(f"volume_{which}", str(phone.volume(which)), None if which in fixed else _louder(which))
        for which in ("ring", "handset", "speaker", "headset")
    )


def _louder(which: str) -> Act:
    def act(turn: Turn) -> None:
        now = turn.phone.volume(which)
        sound.set_volume(turn, which, 0 if now >= sound.TOP else now + 1)

    return act


def _forward(phone: Phone, argument: str) -> tuple[Item, ...]:
    kinds = [Item(f"forward_{kind}", _mark(phone, kind), opens="forward_to", argument=kind) for kind in
             ("always", "busy", "no_reply")]  # fmt: skip
    if phone.forward.kind:
        kinds.append(
            Item("forward_off", action=lambda turn: _and_home(turn, lambda: featuresync.set_forward(turn, "", "")))
        )
    return tuple(kinds)


def _mark(phone: Phone, kind: str) -> str:
    return phone.forward_of(kind).number


def _pick(phone: Phone, argument: str) -> tuple[Item, ...]:
    """Select from Directory: the contacts, to forward to."""
    return tuple(
        Item(contact.name, contact.number, _forward_to(argument, contact.number), literal=True, instead=contact.number)
        for contact in directory.entries(phone)
    )


def _forward_to(kind: str, number: str) -> Act:
    return lambda turn: _and_home(turn, lambda: featuresync.set_forward(turn, kind, number))


def _status(phone: Phone, argument: str) -> tuple[Item, ...]:
    names = (
        "network_status",
        "firmware_status",
        "sip_status",
        "agent_status",
        "audio_status",
        "provisioning_status",
        "legend",
    )
    return tuple(_link(name) for name in names)


def _admin(phone: Phone, argument: str) -> tuple[Item, ...]:
    return (_link("sip_status"), _link("provisioning_status"), _link("restart"))


LISTS: dict[str, Callable[[Phone, str], tuple[Item, ...]]] = {
    "main": _main,
    "command": _command,
    "call_log": _call_log,
    "missed": _log("missed"),
    "received": _log("received"),
    "dialled": _log("dialled"),
    "directory": _directory,
    "contact": _contact,
    "contact_ring_tone": _contact_ring_tone,
    "settings": _settings,
    "ring_tone": _ring_tone,
    "language": _language,
    "volumes": _volumes,
    "forward": _forward,
    "pick": _pick,
    "status": _status,
    "admin": _admin,
    **status.PAGES,
    **sure.LISTS,
    **web_code.LISTS,
    **agent_pages.LISTS,
}


def items(phone: Phone, page: Page) -> tuple[Item, ...]:
    """The rows of a list page; none for a form."""
    make = LISTS.get(page.name)
    return make(phone, page.argument) if make else ()


def chosen(page: Page, rows: Sequence[Item]) -> int:
    """Which row of a list to choose from is under the cursor, in whatever number of rows it was moved there; 0 of
    none."""
    return max(0, min(page.cursor, len(rows) - 1))


def opened(turn: Turn, name: str) -> None:
    """What opening a page means: looking at the missed calls clears their count."""
    if name == "missed":
        calllog.seen(turn)
