"""What the person faces now: one word for the whole phone, first match wins.

Law: pure question. Softkeys, keys and screens are tables over these words, so that they can never disagree.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from deskphone.core.calls import held, transfer
from deskphone.core.calls.state import CallState
from deskphone.core.screen import confirm
from deskphone.core.state import Phone


class Situation(StrEnum):
    """What is in front of the person; `RULES` says when."""

    INCOMING = "incoming"
    CONFIRM = "confirm"
    DIALLING = "dialling"
    FORM = "form"
    PAGE = "page"
    TRANSFERRING = "transferring"
    CALLING = "calling"
    CONFERENCE = "conference"
    CONSULTING = "consulting"
    HELD = "held"
    TALKING = "talking"
    ANSWERING = "answering"
    IDLE = "idle"


def _focus(phone: Phone, *states: CallState) -> bool:
    return phone.focused is not None and phone.focused.state in states


def _held(phone: Phone) -> bool:
    return phone.focused is not None and held.waits(phone, phone.focused)


def _consulting(phone: Phone) -> bool:
    call = phone.focused
    return call is not None and call.live and transfer.consultation(phone) is not None


def _transferring(phone: Phone) -> bool:
    """The call that is shown is being transferred, or is the one it goes to."""
    call = phone.focused
    moving = [each for each in phone.calls if each.transfer and not each.joins]
    return call is not None and (call in moving or any(each.transfer == call.id for each in moving))


def _deflecting(phone: Phone) -> bool:
    """The person types where the ringing call shall go."""
    page = phone.pages[-1] if phone.pages else None
    return page is not None and page.name == "deflect" and page.argument == phone.focus


RULES: tuple[tuple[Callable[[Phone], bool], Situation], ...] = (
    (lambda phone: _focus(phone, CallState.INCOMING) and not _deflecting(phone), Situation.INCOMING),
    (lambda phone: confirm.asked(phone) is not None, Situation.CONFIRM),
    (lambda phone: bool(phone.pages) and bool(phone.pages[-1].fields), Situation.FORM),
    (lambda phone: bool(phone.pages), Situation.PAGE),
    (lambda phone: phone.dialling is not None, Situation.DIALLING),
    (_transferring, Situation.TRANSFERRING),
    (lambda phone: _focus(phone, CallState.OUTGOING, CallState.RINGING, CallState.EARLY), Situation.CALLING),
    (lambda phone: _focus(phone, CallState.ANSWERING), Situation.ANSWERING),
    (lambda phone: phone.focused is not None and phone.focused.conference, Situation.CONFERENCE),
    (_held, Situation.HELD),
    (_consulting, Situation.CONSULTING),
    (lambda phone: _focus(phone, CallState.ESTABLISHED), Situation.TALKING),
    (lambda phone: True, Situation.IDLE),
)


def situation(phone: Phone) -> Situation:
    """The word of the first of `RULES` that fits."""
    return next(word for fits, word in RULES if fits(phone))
