"""Which incoming calls are refused before they ring, and how: one table, first match wins.

Law: pure question about the state; `core.calls.call` carries the answer out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from deskphone.config.schema.words import CallWaitingMode
from deskphone.core.calls.forwarding import REASONS
from deskphone.core.events import CallIncoming
from deskphone.core.state import Phone


@dataclass(frozen=True, slots=True)
class Refusal:
    """A final response in place of 180. missed: the person should see it in the call log. diversion: why it goes to
    `contact`, in the words of RFC 5806."""

    code: int
    why: str
    contact: str = ""
    missed: bool = True
    diversion: str = ""


def _busy(phone: Phone) -> bool:
    return bool(phone.open_calls) and not phone.call_waiting


def _forwarded(phone: Phone, kind: str) -> Refusal:
    to = phone.forward_of(kind).number
    return Refusal(302, f"forwarded ({kind})", to, missed=False, diversion=REASONS[kind])


def own(event: CallIncoming) -> bool:
    """Whether the person's own desktop makes this call (make-call-rfc3725-flow): a server of ours calls the phone
    first, with an offer that leads nowhere, or with none and a header that has it answered at once. No customer does.
    """
    marked = event.nowhere or (not event.has_offer and event.hint.after is not None)
    return event.trusted and not event.doubtful and marked


def perhaps_own(event: CallIncoming) -> bool:
    """Whether it may turn out to be the desktop's own: no offer at all. Then a NOTIFY talk follows the ringing."""
    return event.trusted and not event.doubtful and not event.has_offer and not own(event)


Rule = tuple[Callable[[Phone, CallIncoming], bool], Callable[[Phone], Refusal]]


# The person's services: they answer others, never the call that the person makes at the desktop.
SERVICES: tuple[Rule, ...] = (
    (
        lambda phone, event: bool(phone.forward_of("always").kind),
        lambda phone: _forwarded(phone, "always"),
    ),
    (lambda phone, event: phone.dnd, lambda phone: Refusal(phone.settings.dnd.code, "do not disturb")),
    (
        lambda phone, event: event.remote.anonymous and phone.settings.sip.reject_anonymous,
        lambda phone: Refusal(433, "who calls is hidden"),
    ),
    (
        lambda phone, event: (_busy(phone) or phone.full) and bool(phone.forward_of("busy").kind),
        lambda phone: _forwarded(phone, "busy"),
    ),
    (
        lambda phone, event: _busy(phone) and phone.settings.call_waiting.mode is CallWaitingMode.BUSY_ON_BUSY,
        lambda phone: Refusal(486, "busy on busy"),
    ),
    (
        lambda phone, event: _busy(phone),
        lambda phone: Refusal(phone.settings.calls.other_reject_code, "busy and call waiting is off"),
    ),
)
STRANGER: Rule = (
    lambda phone, event: not event.trusted and phone.settings.calls.trusted_only,
    lambda phone: Refusal(403, "not from a registered server", missed=False),
)
FULL: Rule = (
    lambda phone, event: phone.full,
    lambda phone: Refusal(phone.settings.calls.other_reject_code, "no free call"),
)
RULES_OF_OTHERS: tuple[Rule, ...] = (STRANGER, *SERVICES, FULL)
RULES_OF_OWN: tuple[Rule, ...] = (STRANGER, FULL)


def of(phone: Phone, event: CallIncoming) -> Refusal | None:
    """The first rule that fits, or None: let it ring."""
    rules = RULES_OF_OWN if own(event) or perhaps_own(event) else RULES_OF_OTHERS
    return next((make(phone) for fits, make in rules if fits(phone, event)), None)


def service(phone: Phone, event: CallIncoming) -> Refusal | None:
    """What the person's services would say to a call that is not their own, or None."""
    return next((make(phone) for fits, make in SERVICES if fits(phone, event)), None)
