"""What is being typed and shown: parts of the state that the screen owns.

Law: data; no decisions.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from deskphone.core.moment import NEVER


class Mode(StrEnum):
    """What a digit key types, cycled by the A/a/1 softkey."""

    DIGITS = "123"
    LOWER = "abc"
    UPPER = "ABC"
    TITLE = "Abc"


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of text being typed. caret: characters before it. pending_key, pending_count: the key whose letters are
    still cycling, and how often it was pressed again. reveal: the last letter of a secret shows. limit: characters."""

    text: str = ""
    caret: int = 0
    mode: Mode = Mode.DIGITS
    pending_key: str = ""
    pending_count: int = 0
    secret: bool = False
    reveal: bool = False
    limit: int = 64


@dataclass(frozen=True, slots=True)
class LastLogin:
    """Who logged in last with this phone's keys, and what they typed then; kept over power-off."""

    user: str = ""
    mode: Mode = Mode.LOWER


@dataclass(frozen=True, slots=True)
class Dialling:
    """A number being dialled, and for what: "call", "transfer" (blind), "consultation" or "pickup". send_at: deadline
    of the next digit. hot_line: the number that is dialled then where none is typed. under: the pages of a form that
    was being filled in, to come back to. back: a call took it off the screen, and nothing was typed since."""

    entry: Entry = Entry()
    purpose: str = "call"
    call: str = ""
    warned: bool = False
    hot_line: str = ""
    send_at: float = NEVER
    under: tuple[Page, ...] = ()
    back: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """One open page of a menu: which, where the cursor is, and what was typed in it. cursor: the row
    chosen; on a page that is only read, rows gone down less rows gone up. sought: the keys of a name that is looked up
    there, with a `?` behind them where there is none."""

    name: str
    cursor: int = 0
    argument: str = ""
    fields: tuple[Entry, ...] = ()
    sought: str = ""


@dataclass(frozen=True, slots=True)
class Aside:
    """What was being typed when a call took the screen. pages: a form and what it stands on. dialling: a number.
    beside: the calls that were there already."""

    pages: tuple[Page, ...] = ()
    dialling: Dialling | None = None
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """A message over the screen until its deadline. `tone`: heard with it (busy, congestion) or ""."""

    title: str
    text: str = ""
    tone: str = ""
    until: float = NEVER


@dataclass(frozen=True, slots=True)
class Presses:
    """What the keys were pressed for last. spent: a key that has done its work, and until when it is dead. meant: the
    softkey or cancel key pressed last, what it meant then, and until when a second press means no more than that.
    faced: the situation and the call in focus, as of now. gone: what was faced until it went by itself, and until when
    a key may still be meant for it. digits: the call that the last digits went to, and until when the next one is meant
    for it, too.
    """

    spent: tuple[str, float] = ("", 0.0)
    meant: tuple[str, str, float] = ("", "", 0.0)
    faced: tuple[str, str] = ("", "")
    gone: tuple[str, str, float] = ("", "", 0.0)
    digits: tuple[str, float] = ("", 0.0)
