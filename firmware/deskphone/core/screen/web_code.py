"""The code for the first password of the web pages, on the display for who stands at the phone.

Law: owns `Phone.web_code_until`. Shows what it is told and takes it away again; whether a code is right is asked
elsewhere (app/first_password.py). It never stands in the way of a call or of what a person types.
"""

from __future__ import annotations

from deskphone.core.deadlines import Deadline
from deskphone.core.events import WebCode
from deskphone.core.moment import NEVER
from deskphone.core.phone import light
from deskphone.core.phone.settings import occupied
from deskphone.core.screen.item import Item
from deskphone.core.screen.state import Page
from deskphone.core.state import Phone
from deskphone.core.turn import IllegalEvent, Turn

PAGE = "web_code"


def told(turn: Turn, event: WebCode) -> None:
    """Show a code, or end the one that is shown. IllegalEvent while the phone is in a person's hands."""
    code = event.code.reveal()
    if not code:
        _over(turn, None)
        return
    if occupied(turn.phone):
        raise IllegalEvent("the phone is in use")
    turn.set(pages=(Page(PAGE, argument=code),), web_code_until=turn.after(event.seconds))
    light.on(turn)


def _over(turn: Turn, _: None) -> None:
    turn.set(pages=tuple(page for page in turn.phone.pages if page.name != PAGE), web_code_until=NEVER)


def _rows(phone: Phone, code: str) -> tuple[Item, ...]:
    return (Item("web_code_means"), Item(f"{code[:4]} {code[4:]}", literal=True))


LISTS = {PAGE: _rows}
DEADLINES = (Deadline("code for the web pages", lambda phone: ((phone.web_code_until, None),), _over),)
