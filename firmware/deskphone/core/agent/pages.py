"""The agent's pages and forms: Log In, the not-ready reasons, Status > Agent.

Law: rows, fields and what choosing means; the behaviour is `core.agent`'s.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict

from deskphone.config.schema.words import FirstMode
from deskphone.config.secret import Secret
from deskphone.core.agent import agent, wishes
from deskphone.core.agent.state import Presence
from deskphone.core.calls import call
from deskphone.core.effects import Store
from deskphone.core.lines.subscription_table import Stage
from deskphone.core.screen.item import Age, Form, Item
from deskphone.core.screen.state import Entry, LastLogin, Mode, Notice
from deskphone.core.state import Phone
from deskphone.core.turn import Turn

LOGIN = "login"
REASONS = "reasons"
PACKAGE_WORDS = {"as-feature-event": "agent_events", "x-broadworks-hoteling": "seat", "message-summary": "voice_mail"}


def _login_fields(phone: Phone, argument: str) -> tuple[Entry, ...]:
    """User name and password. The last name stands there, unless the seat is anybody's (hot seating)."""
    acd, last = phone.settings.acd, LastLogin() if phone.settings.hot_seating.enabled else phone.last_login
    user, password, mode = (
        phone.agent.was or last.user or acd.user_name,
        acd.password.reveal(),
        _first_mode(phone, last),
    )
    return (
        Entry(user, len(user), mode),
        Entry(password, len(password), mode, secret=True),
    )


def _password_first(phone: Phone) -> int:
    """Of who was logged in when the power went, the password only is asked for."""
    return 1 if phone.agent.was and not phone.settings.hot_seating.enabled else 0


def _first_mode(phone: Phone, last: LastLogin) -> Mode:
    """What the keys type first: `deskphone/login/first_mode`, and digits where letters are locked."""
    wish = phone.settings.acd.first_mode
    digits = wish is FirstMode.DIGITS or (wish is FirstMode.AUTO and last.user.isdecimal())
    if phone.settings.ui.block_non_numeric_key or digits:
        return Mode.DIGITS
    return last.mode if wish is FirstMode.AUTO else Mode.LOWER


def load(turn: Turn, text: str) -> None:
    """At power-on: who logged in last, from the store's section `login` (JSON). ValueError, KeyError or TypeError for
    another text."""
    kept = json.loads(text)
    turn.set(last_login=LastLogin(str(kept["user"]), Mode(kept["mode"])))


def _submit_login(turn: Turn, argument: str, values: tuple[str, ...]) -> bool:
    user = values[0].strip()
    if not user:
        call.show_notice(turn, Notice("username_missing"))
        return False
    last = LastLogin(user, turn.phone.pages[-1].fields[0].mode)
    if not turn.phone.settings.hot_seating.enabled and last != turn.phone.last_login:
        turn.set(last_login=last)
        turn.do(Store("login", json.dumps(asdict(last))))
    return agent.log_in(turn, user, Secret(values[1]))


def _reasons(phone: Phone, argument: str) -> tuple[Item, ...]:
    return tuple(
        Item(each.name or str(each.code), "", _choose(str(each.code)), literal=True, instead=str(each.code))
        for each in agent.reasons(phone)
    )


def _choose(code: str) -> Callable[[Turn], None]:
    def act(turn: Turn) -> None:
        turn.set(pages=())
        wishes.wish(turn, Presence.NOT_READY, code)

    return act


def _status(phone: Phone, argument: str) -> tuple[Item, ...]:
    """Who, in what state and since when; or why nobody; then what the agent's subscriptions do at each server."""
    state = phone.agent
    seat = state.seat
    rows = [
        Item("agent", state.id or "-"),
        Item("agent_state", f"{state.presence}_state" if state.presence else "-", word=True),
    ]
    if state.reason:
        rows.append(Item("reason", state.reason))
    if seat is not None and seat.since:
        rows.append(Item("since", Age(phone.now.mono - seat.since)))
    if state.wanted:
        rows.append(Item("wanted", f"{state.wanted}_state", word=True))
    rows += _why_not(phone)
    for line in phone.lines:
        if line.server == state.server:
            rows.append(Item("logged_in_at", line.address))
    for line in phone.lines:
        subs = [each for each in phone.subscriptions if each.server == line.server and each.package in PACKAGE_WORDS]
        if subs:
            rows.append(Item(line.address, literal=True))
        for sub in subs:
            rows.append(Item(PACKAGE_WORDS[sub.package], f"stage:{sub.stage}", word=True))
            if sub.stage is not Stage.ACTIVE and (sub.code or sub.reason):
                rows.append(Item("last_error", f"{sub.code or ''} {sub.reason}".strip()))
    return tuple(rows)


def _why_not(phone: Phone) -> list[Item]:
    """Why nobody is logged in, as far as it is known here; nothing where somebody is."""
    state = phone.agent
    if state.server is not None:
        return []
    if not phone.settings.acd.enabled:
        return [Item("agent_off")]
    if not phone.registered:
        return [Item("not_registered")]
    if not agent.available(phone):
        return [Item("agent_refused")]
    if phone.agent.logging_in:
        return [Item("logging_in")]
    return [Item(f"why:{state.why}", Age(phone.now.mono - state.why_at))] if state.why else []


LISTS: dict[str, Callable[[Phone, str], tuple[Item, ...]]] = {REASONS: _reasons, "agent_status": _status}
FORMS: dict[str, Form] = {
    LOGIN: Form(("username", "password"), _login_fields, _submit_login, one_mode=True, first=_password_first)
}
