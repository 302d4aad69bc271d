"""Dialling: the number being typed, when it is sent, and what for.

Law: owns `Phone.dialling` with its deadline; placing the call is `core.calls.call`'s.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from deskphone.core.calls import outgoing, transfer
from deskphone.core.calls.dialplan import Match, match, readable
from deskphone.core.deadlines import Deadline
from deskphone.core.events import Party
from deskphone.core.moment import NEVER
from deskphone.core.screen import entry
from deskphone.core.screen.state import Dialling, Entry, Mode
from deskphone.core.state import Phone
from deskphone.core.turn import Turn
from deskphone.core.voice_path import VoicePath

LETTER_SECONDS = 1.0  # a letter stops cycling after this


def begin(turn: Turn, purpose: str = "call", call_id: str = "", text: str = "", *, typing: bool = False) -> None:
    """Open the dial screen; with the device taken up there is dial tone until the first digit, or until the number of
    the hot line is dialled. typing: a digit opens it, so that no hot line is meant."""
    waits, settings = turn.phone.sound.path is not VoicePath.NONE, turn.phone.settings.dialing
    hot = _hot_line(turn.phone) if waits and purpose == "call" and not (text or typing) else ""
    send_at = turn.after(settings.hot_line_delay if hot else settings.dial_tone_timeout) if waits else NEVER
    pages = turn.phone.pages
    under = pages if pages and pages[-1].fields and not turn.phone.calls else ()
    dialling = Dialling(Entry(text, len(text)), purpose, call_id, send_at=send_at, hot_line=hot, under=under)
    turn.set(dialling=dialling, notice=None, pages=())
    if hot and settings.hot_line_delay == 0:
        send(turn, hot)


def _hot_line(phone: Phone) -> str:
    """The number that is dialled for who lifts the handset and does nothing, "" for none."""
    settings = phone.settings.dialing
    return settings.hot_line_number.strip() if settings.hot_line else ""


def key(turn: Turn, key_name: str) -> None:
    """A digit key on the dial screen, or the first digit from idle."""
    _typed(turn, lambda old: entry.press(old, key_name))


def typed(turn: Turn, text: str) -> None:
    """Characters from a keyboard into the number, or the first ones from idle; blanks and control characters are left
    out."""
    _typed(
        turn,
        lambda old: entry.typed(old, "".join(char for char in text if char.isprintable() and char != " ")),
    )


def _typed(turn: Turn, change: Callable[[Entry], Entry]) -> None:
    if turn.phone.dialling is None:
        begin(turn, typing=True)
    dialling = turn.phone.dialling
    assert dialling is not None
    edited = change(dialling.entry)
    turn.set(dialling=replace(dialling, entry=edited, warned=False, hot_line="", back=False))
    if edited.pending_key:
        turn.set(letter_until=turn.after(LETTER_SECONDS))
    _consider(turn)


def _consider(turn: Turn) -> None:
    """Send at once when the digit map says so; else wait for more digits where voice is taken up."""
    dialling, settings = turn.phone.dialling, turn.phone.settings
    assert dialling is not None
    text = dialling.entry.text
    if dialling.entry.mode is not Mode.DIGITS or not text:
        turn.set(dialling=replace(dialling, send_at=NEVER))
        return
    if text.endswith(settings.dialing.send_key) and len(text) > 1 and settings.dialing.send_with_hash:
        turn.set(dialling=replace(dialling, entry=Entry(text[:-1], len(text) - 1)))
        send(turn)
        return
    fits = match(readable(settings.dialing.digit_map), text)
    if fits is Match.WHOLE:
        send(turn)
    elif turn.phone.sound.path is not VoicePath.NONE:
        short = settings.dialing.short_timeout if fits is Match.WHOLE_OR_MORE else 0
        turn.set(dialling=replace(dialling, send_at=turn.after(short or settings.dialing.inter_digit_timeout)))


def timed_out(turn: Turn, _: None = None) -> None:
    """No digit for a while: send what there is, or warn that the handset is off its hook. Who reads a page (looks a
    number up) is not dialling, nor is who looks at a call that rings: a number waits for its key from then on."""
    dialling = turn.phone.dialling
    if dialling is None:
        return
    if turn.phone.focused in turn.phone.incoming:
        settings = turn.phone.settings.dialing
        seconds = settings.hot_line_delay if dialling.hot_line else settings.dial_tone_timeout
        turn.set(dialling=replace(dialling, send_at=NEVER if dialling.entry.text else turn.after(seconds)))
        return
    silent = not dialling.entry.text and not dialling.hot_line
    turn.set(dialling=replace(dialling, warned=silent and not turn.phone.pages, send_at=NEVER))
    if not turn.phone.pages:
        send(turn, dialling.hot_line)


def letter_taken(turn: Turn) -> None:
    """The multi-tap time ran out: the letter of the number being dialled is taken."""
    if turn.phone.dialling is not None:
        turn.set(dialling=replace(turn.phone.dialling, entry=entry.settle(turn.phone.dialling.entry)))


def send(turn: Turn, number: str = "") -> None:
    """Do with the typed number, or with this one of directory or call log, what the dial screen was opened for.

    Where it cannot be done (no server, no free call) the number stays.
    """
    dialling = turn.phone.dialling or Dialling()
    text = number.strip() or dialling.entry.text.strip()
    if not text:
        return
    if turn.phone.dialling is not None:  # where it fails the number stays, and is not sent again by itself
        turn.set(dialling=replace(dialling, send_at=NEVER))
    if dialling.purpose == "pickup":
        text = turn.phone.settings.pickup.code + text
    to = Party(number=text, uri=text if "@" in text or text.startswith(("sip:", "sips:", "tel:")) else "")
    whom = turn.phone.call(dialling.call)
    if dialling.purpose == "transfer" and whom is not None and whom.live:
        turn.set(dialling=None, pages=())
        transfer.blind(turn, dialling.call, text)
    elif dialling.purpose == "consultation":
        outgoing.place(turn, to, dialling.call)
    else:
        outgoing.place(turn, to)


def edit(turn: Turn, what: str) -> None:
    """Edit the typed number. what: a key of `entry.EDITS`; nothing where none is typed."""
    dialling = turn.phone.dialling
    if dialling is None:
        return
    turn.set(dialling=replace(dialling, entry=entry.EDITS[what](dialling.entry)))
    _consider(turn)


def cancel(turn: Turn) -> None:
    """Leave the dial screen; a call held for it stays held, and a form that was being filled in is there again."""
    if turn.phone.dialling is not None:
        turn.set(dialling=None, pages=turn.phone.dialling.under or turn.phone.pages)


DEADLINES = (
    Deadline("next digit", lambda phone: ((phone.dialling.send_at, None),) if phone.dialling else (), timed_out),
)
