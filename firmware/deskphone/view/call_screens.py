"""Screens of calls: the one that rings, those that are up, the question before two of them are connected.

Law: as of `view.screens`, whose situations they are.
"""

from __future__ import annotations

import textwrap
from dataclasses import replace

from deskphone.core.calls import held
from deskphone.core.calls.conference import gathered
from deskphone.core.calls.state import Call, CallState, Direction
from deskphone.core.events import Party
from deskphone.core.screen import confirm as question
from deskphone.core.screen import directory
from deskphone.core.screen.situation import Situation, situation
from deskphone.core.state import Phone
from deskphone.view.glyphs import Font
from deskphone.view.listing import COLUMNS, ROWS, SMALL_COLUMNS
from deskphone.view.outputs import Row, Screen, Size
from deskphone.view.raster import body, large, small
from deskphone.view.words import Words
from deskphone.view.writing import plain


def incoming(phone: Phone, words: Words) -> Screen:
    """A call that rings: the caller in large letters, who diverted it, and whom the person talks to, another call, or
    what there is to say."""
    call = phone.focused
    assert call is not None
    title = words("waiting_call" if len(phone.open_calls) > 1 else "incoming") + _place(call, phone)
    rows = _large(who(call, phone, words, large()))
    if call.remote.name.strip() and call.remote.number and rows[0].text != call.remote.number:
        rows.append(Row(call.remote.number, centred=True))
    if call.diverted != Party():
        rows.append(Row(f"{words('via')} {party_words(call.diverted, phone, words)}", centred=True))
    room = ROWS - (rows[0].size is Size.LARGE)
    first = held.beside(phone)
    others = sorted((each for each in phone.open_calls if each.id != call.id), key=lambda each: each != first)
    beside = _beside(phone, words) or next((other(each, phone, words) for each in others[: room - len(rows)]), None)
    if beside is not None:
        rows = [*rows[: room - 1], beside]
    return Screen("incoming", title, tuple(rows), middle=True)


def _beside(phone: Phone, words: Words) -> Row | None:
    """What else there is to say while a call rings, in one row: a notice in short, the volume bar."""
    if phone.notice is not None:
        return Row(words(phone.notice.title), centred=True)
    which = phone.sound.volume_shown
    return Row(words(f"volume_{which}"), bar(phone.volume(which))) if which else None


def who(call: Call, phone: Phone, words: Words, letters: Font | None = None) -> str:
    """The far end of a call, as `party_words`."""
    return party_words(call.remote, phone, words, letters)


def _large(name: str) -> list[Row]:
    """A far end in letters as large as there is room for; one too long even for the small ones in two rows."""
    text = plain(name)
    if small().width(text) <= SMALL_COLUMNS * small().width(" ") or not body().draws(text):
        return [Row(text, size=Size.LARGE, centred=True)]
    wide = body().width(text) / len(text) / body().width(" ")
    rows = textwrap.wrap(text, int(COLUMNS / wide))
    return [Row(rows[0], centred=True), Row("".join(rows[1:2]) + (".." if rows[2:] else ""), centred=True)]


def party_words(party: Party, phone: Phone, words: Words, letters: Font | None = None) -> str:
    """A party as it is shown: its name, else the directory's name of its number, the number, the URI, or anonymous.
    letters: the font that it is for, that of a row where none is given; a name that it cannot draw is none."""
    if party.anonymous:
        return words("anonymous")
    names = (" ".join(plain(party.name).split()), directory.name_of(phone, party.number))
    legible = next((each for each in names if each and (letters or body()).draws(each)), "")
    return legible or party.number or next(filter(None, names), "") or party.uri or words("anonymous")


def call_word(call: Call, phone: Phone) -> str:
    """The key in `view.words` for a call's state."""
    if call.joins:
        return "joining"
    if call.transfer:
        return "transferring"
    if held.unheard(phone, call):
        return "hold_failed"
    if (call.conference or (call.room and call.live)) and (call.holding or not call.remote_hold):
        return "conference_held" if call.holding else "conference_call"
    if call.live and call.holding:
        return "held"
    if call.live and call.remote_hold:
        return "held_by_remote"
    if call.live:
        return "consulting" if call.partner else "talking"
    return {CallState.OUTGOING: "calling", CallState.ENDING: "end"}.get(call.state, str(call.state))


def _length(seconds: int) -> str:
    """Seconds as a call's duration: 0:07, 12:34, 1:02:03."""
    hours, rest = divmod(max(0, seconds), 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def _place(call: Call, phone: Phone) -> str:
    """Which call of how many this is, as ` 2/3`, where not all can be drawn: the arrows lead to the others."""
    calls = phone.open_calls
    return f" {calls.index(call) + 1}/{len(calls)}" if len(calls) > 2 else ""


def _dots(call: Call) -> str:
    """Dots behind the word of a call whose re-INVITE (hold or retrieve) has no final response yet, else ""."""
    return "..." if call.live and call.pending else ""


def other(call: Call, phone: Phone, words: Words) -> Row:
    """The row of a call that is not in focus: the far end and its state in a short word."""
    word = call_word(call, phone)
    return Row(who(call, phone, words), words.first(f"row:{word}", word) + _dots(call))


def in_call(phone: Phone, words: Words) -> Screen:
    """The call in focus large, with mute, digits or number and its duration; other calls below. From three calls on a
    list."""
    call = phone.focused
    assert call is not None
    word = "transferring" if situation(phone) is Situation.TRANSFERRING else call_word(call, phone)
    title = words(word) + (_place(call, phone) or _dots(call))
    if len(phone.open_calls) > 2:
        return _many(call, phone, words, Screen("call_" + word, title))
    rows = _large(who(call, phone, words, large()))
    others = [each for each in phone.open_calls if each.id != call.id]
    if call.live:
        digits = call.digits[-12:] if phone.settings.dtmf.show_digits else ""
        muted = words("muted") if phone.sound.muted else digits or call.remote.number
        rows.append(Row(muted, _length(call.length(phone.now.mono))))
    elif phone.sound.muted:
        rows.append(Row(words("muted"), centred=True))
    elif call.direction is Direction.OUT and call.remote.name:
        rows.append(Row(call.remote.number, centred=True))
    rows += [other(each, phone, words) for each in others[:2]]
    return Screen("call_" + word, title, tuple(rows), middle=len(rows) < 4)


def _many(here: Call, phone: Phone, words: Words, screen: Screen) -> Screen:
    """Three calls and more: a row each with its state and duration, the one in focus inverse; the arrows move the focus
    and scroll."""
    calls = phone.open_calls
    rows = []
    for each in calls:
        word = call_word(each, phone)
        state = words.first(f"list:{word}", f"row:{word}", word) + _dots(each)
        length = f" {_length(each.length(phone.now.mono))}" if each.live else ""
        rows.append(Row(who(each, phone, words), state + length, inverse=each.id == here.id))
    start = max(0, min(calls.index(here) - 1, len(calls) - ROWS))
    return replace(screen, rows=tuple(rows[start : start + ROWS]), more=(start > 0, start + ROWS < len(calls)))


def confirm(phone: Phone, words: Words) -> Screen:
    """The question before a transfer or join: both far ends, whom they bring along, and what becomes of this phone."""
    page, asked = phone.pages[-1], question.asked(phone)
    assert asked is not None
    named = gathered(phone, *asked) if page.name == "confirm_conference" else asked
    rows = [_named(each, phone, words) for each in named[: ROWS - 1]]
    if len(named) > len(rows):
        rows[-1] = Row(rows[-1].text, f"+{len(named) - len(rows)}")
    rows.append(Row(words(f"{page.name}_means"), centred=True))
    return Screen(f"page_{page.name}", words(page.name), tuple(rows), middle=True)


def _named(call: Call, phone: Phone, words: Words) -> Row:
    """Whom the question is about. Where a name is too long its end may be what tells two apart: the number does."""
    name = who(call, phone, words)
    return Row(name, call.remote.number) if len(name) > SMALL_COLUMNS else Row(name, centred=True)


def bar(value: int) -> str:
    """A volume of 0 to 10 as a bar."""
    return "\u2588" * value + "\u2591" * (10 - value)
