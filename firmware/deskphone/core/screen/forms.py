"""The forms of the menus: their fields, and what handing one in does.

Law: as of `pages`; a form that is refused stays, with what was typed and a notice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from deskphone.core.agent import featuresync, hot_seat
from deskphone.core.agent import pages as agent_pages
from deskphone.core.calls import call, dialplan
from deskphone.core.screen import directory, provisioning_login
from deskphone.core.screen.item import Form
from deskphone.core.screen.state import Entry, Mode, Notice, Page
from deskphone.core.state import Phone
from deskphone.core.turn import Turn

NUMBERS = ("number", "number_to_forward")  # labels of fields for one
Act = Callable[[Turn], None]


def call_of(page: Page) -> str:
    """The ringing call that what is typed there is for, "" for none."""
    return page.argument if page.name == "deflect" else ""


def under(phone: Phone, page: Page) -> str:
    """The list page that the row under a form's fields leads to, "" where there is none."""
    return FORMS[page.name].opens if page.fields and not phone.settings.ui.block_non_numeric_key else ""


def on_link(page: Page) -> bool:
    """Whether the cursor of a form is on that row."""
    return bool(page.fields) and page.cursor >= len(page.fields)


def on_number(page: Page) -> bool:
    """Whether the cursor of a form is in a field for a number."""
    labels = FORMS[page.name].labels
    return page.cursor < len(labels) and labels[page.cursor] in NUMBERS


def typed(page: Page) -> tuple[str, ...]:
    """The fields as they are handed in: numbers as they are dialled."""
    labels = FORMS[page.name].labels
    fields = zip(labels, page.fields, strict=True)
    return tuple(dialplan.bare(field.text) if label in NUMBERS else field.text for label, field in fields)


def text(value: str = "", mode: Mode = Mode.DIGITS, secret: bool = False, limit: int = 64) -> Entry:
    """A field with the caret behind its value."""
    return Entry(value, len(value), mode, secret=secret, limit=limit)


def _submit_forward(turn: Turn, kind: str, values: tuple[str, ...]) -> bool:
    """Without a number the kind is ended, where it is in force."""
    if not values[0].strip() and not turn.phone.forward_of(kind).kind:
        call.show_notice(turn, Notice("number_missing"))
        return False
    featuresync.set_forward(turn, kind, values[0])
    turn.set(pages=())
    return True


def _contact_fields(phone: Phone, argument: str) -> tuple[Entry, ...]:
    name, _, number = argument.partition("\n")
    return (text(name, Mode.TITLE, limit=32), text(number))


def _submit_contact(turn: Turn, argument: str, values: tuple[str, ...]) -> bool:
    name, number = values
    old = directory.own(turn.phone, *argument.split("\n", 1)) if argument else None
    if not directory.put(turn, name, number, old):
        missing = not (name.strip() and number.strip())
        call.show_notice(turn, Notice("contact_incomplete" if missing else "directory_full"))
        return False
    turn.set(pages=tuple(page for page in turn.phone.pages if page.name != "contact"))
    return True


def _submit_deflect(turn: Turn, call_id: str, values: tuple[str, ...]) -> bool:
    """Without a number it goes on ringing, and the screen of the call says why."""
    if not values[0].strip():
        call.show_notice(turn, Notice("number_missing"))
    elif turn.phone.call(call_id) is not None:
        call.deflect(turn, call_id, values[0])
    return True


def _submit_administration(turn: Turn, argument: str, values: tuple[str, ...]) -> bool:
    password = turn.phone.settings.web.admin_password.reveal()
    if password and values[0] != password:  # where none is set there is nothing to know
        call.show_notice(turn, Notice("wrong_password"))
        page = turn.phone.pages[-1]  # what was typed is typed anew, not behind it
        turn.set(pages=(*turn.phone.pages[:-1], replace(page, fields=FORMS[page.name].fields(turn.phone, argument))))
        return False
    turn.set(pages=(*turn.phone.pages, Page("admin")))
    return True


FORMS: dict[str, Form] = {
    "forward_to": Form(
        ("number_to_forward",),
        lambda phone, kind: (text(phone.forward_of(kind).number or phone.forward.number),),
        _submit_forward,
        opens="pick",
    ),
    "add_contact": Form(("name", "number"), _contact_fields, _submit_contact),
    "deflect": Form(("number_to_forward",), lambda phone, argument: (text(),), _submit_deflect),
    "administration": Form(
        ("password",), lambda phone, argument: (text("", Mode.DIGITS, secret=True),), _submit_administration
    ),
    **agent_pages.FORMS,
    **hot_seat.FORMS,
    **provisioning_login.FORMS,
}
