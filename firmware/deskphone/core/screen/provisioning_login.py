"""The provisioning server wants a login and nobody has told it: the person is asked (ui_interaction_enabled).

Law: owns `Phone.login_asked`. When to ask; what was typed goes to the provisioning driver, which keeps it and shows it
to no server but the one it was typed for. The core keeps no password.
"""

from __future__ import annotations

from dataclasses import replace

from deskphone.config.secret import Secret
from deskphone.core.calls import call
from deskphone.core.effects import FetchLogin, FetchSettings
from deskphone.core.events import Provisioned
from deskphone.core.phone import light
from deskphone.core.screen.item import Form
from deskphone.core.screen.state import Entry, Mode, Notice, Page
from deskphone.core.state import LoginAsked, Phone
from deskphone.core.turn import Turn

FORM = "provisioning_login"
REFUSED = "login"  # the outcome of a check
WITH_LOGIN = ("https://", "http://", "ftp://")


def provisioned(turn: Turn, event: Provisioned) -> None:
    """A check is over: where the server wanted a login, or another one than was typed, the person is asked."""
    asked = turn.phone.login_asked
    wanted = (
        event.outcome == REFUSED
        and event.source.startswith(WITH_LOGIN)
        and turn.phone.settings.provisioning.ask_on_screen
        and not any(page.name == FORM for page in turn.phone.pages)
    )
    if wanted and asked.given == event.source:
        call.show_notice(turn, Notice("login_failed"))
    turn.set(login_asked=LoginAsked(event.source if wanted else "", "" if wanted else asked.given))


def follow(turn: Turn) -> None:
    """After each event: ask when the phone has nothing else to do."""
    phone = turn.phone
    wanted = phone.login_asked.wanted
    if not wanted or phone.calls or phone.pages or phone.dialling is not None:
        return
    page = Page(FORM, argument=wanted, fields=_fields(phone, wanted))
    turn.set(pages=(page,), login_asked=replace(phone.login_asked, wanted=""))
    light.on(turn)


def _fields(phone: Phone, argument: str) -> tuple[Entry, ...]:
    """User name and password; letters first, unless they are locked (voip/block_non_numeric_key)."""
    mode = Mode.DIGITS if phone.settings.ui.block_non_numeric_key else Mode.LOWER
    user = phone.settings.provisioning.user_name
    return (Entry(user, len(user), mode, limit=128), Entry(mode=mode, secret=True, limit=128))


def _submit(turn: Turn, source: str, values: tuple[str, ...]) -> bool:
    user = values[0].strip()
    if not user:
        call.show_notice(turn, Notice("username_missing"))
        return False
    turn.set(login_asked=LoginAsked("", source))
    turn.do(FetchSettings("a login was typed", FetchLogin(source, user, Secret(values[1]))))
    return True


FORMS: dict[str, Form] = {FORM: Form(("username", "password"), _fields, _submit)}
