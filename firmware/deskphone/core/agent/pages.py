"""The agent's pages and forms: Log In, the not-ready reasons, Status > Agent.

Law: rows, fields and what choosing means; the behaviour is `core.agent`'s.
"""

from __future__ import annotations

from collections.abc import Callable

from deskphone.config.secret import Secret
from deskphone.core.agent import agent
from deskphone.core.agent import session as agent_session
from deskphone.core.agent.state import Presence
from deskphone.core.calls import call
from deskphone.core.lines.subscription_table import Stage
from deskphone.core.screen import status
from deskphone.core.screen.item import Form, Item
from deskphone.core.screen.state import Entry, Mode, Notice
from deskphone.core.state import Phone
from deskphone.core.turn import Turn

LOGIN = "login"
REASONS = "reasons"
PACKAGE_WORDS = {"as-feature-event": "agent_events", "x-broadworks-hoteling": "seat", "message-summary": "voice_mail"}


def _login_fields(phone: Phone, argument: str) -> tuple[Entry, ...]:
    """User name and password; letters first, unless the letters are locked (voip/block_non_numeric_key)."""
    mode = Mode.DIGITS if phone.settings.ui.block_non_numeric_key else Mode.LOWER
    acd = phone.settings.acd
    user, password = phone.agent.user or acd.user_name, acd.password.reveal()
    return (
        Entry(user, len(user), mode),
        Entry(password, len(password), mode, secret=True),
    )


def _submit_login(turn: Turn, argument: str, values: tuple[str, ...]) -> bool:
    user = values[0].strip()
    if not user:
        call.show_notice(turn, Notice("username_missing"))
        return False
    return agent.log_in(turn, user, Secret(values[1]))


def _reasons(phone: Phone, argument: str) -> tuple[Item, ...]:
    return tuple(
        Item(each.name or str(each.code), "", _choose(str(each.code)), literal=True) for each in agent.reasons(phone)
    )


def _choose(code: str) -> Callable[[Turn], None]:
    def act(turn: Turn) -> None:
        turn.set(pages=())
        agent_session.wish(turn, Presence.NOT_READY, code)

    return act


def _status(phone: Phone, argument: str) -> tuple[Item, ...]:
    state = phone.agent
    seat = state.seat
    rows = [
        Item("agent", state.id or "-"),
        Item("agent_state", f"{state.presence}_state" if state.presence else "-", word=True),
    ]
    if state.reason:
        rows.append(Item("reason", state.reason))
    if seat is not None and seat.since:
        rows.append(Item("since", status.ago(phone.now.mono - seat.since)))
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


LISTS: dict[str, Callable[[Phone, str], tuple[Item, ...]]] = {REASONS: _reasons, "agent_status": _status}
FORMS: dict[str, Form] = {LOGIN: Form(("username", "password"), _login_fields, _submit_login)}
