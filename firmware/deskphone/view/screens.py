"""Screens: one function a situation, from the state to the rows a person reads.

Law: pure; every word through `view.words.Words`. Which screen is shown is `view.render`'s table. A function of a
situation may assume what that situation says, as that a call is in focus.
"""

from __future__ import annotations

import textwrap
from dataclasses import replace

from deskphone.core import failure
from deskphone.core.agent import agent
from deskphone.core.agent.state import Place, Presence
from deskphone.core.calls import held
from deskphone.core.calls.state import Call, CallState, Direction
from deskphone.core.events import Party
from deskphone.core.lines.line import number
from deskphone.core.lines.state import LineStatus
from deskphone.core.phone.update_state import UpdateStep
from deskphone.core.screen import confirm as question
from deskphone.core.screen import directory, entry, pages, status
from deskphone.core.screen.situation import Situation, situation
from deskphone.core.screen.state import Entry
from deskphone.core.state import Phone
from deskphone.view.glyphs import Font
from deskphone.view.listing import COLUMNS, ROWS, SMALL_COLUMNS, listing
from deskphone.view.outputs import Row, Screen, Shown, Size
from deskphone.view.raster import body, large, small
from deskphone.view.words import Words
from deskphone.view.writing import plain

TITLE = 14  # characters of the phone's name above the idle screen: clock and marks are news, it is none


def starting(phone: Phone, words: Words) -> Screen:
    """The screen until the phone has powered up."""
    return Screen("starting", "deskphone", (Row(words("starting"), size=Size.LARGE, centred=True),), middle=True)


# --- idle ------------------------------------------------------------------------------------------


def idle(phone: Phone, words: Words) -> Screen:
    """Who this phone is, what the agent's state is, and what needs attention."""
    state = agent_words(phone, words)
    rows = [Row(state or identity(phone), size=Size.LARGE, centred=True)]
    rows += _broken(_detail(phone, words))
    if len(rows) < 3:  # a long sentence takes the date's row
        rows.append(Row(_date(phone, words), centred=True))
    name = identity(phone)
    title = name if len(name) <= TITLE else name[: TITLE - 2] + ".."
    return Screen("idle", title, tuple(rows), middle=True)


def _broken(text: str) -> list[Row]:
    """A text as centred rows: one where it fits in the small font, else the first two; there is no room for a third."""
    rows = [text] if len(text) <= SMALL_COLUMNS else textwrap.wrap(text, COLUMNS)
    if rows[2:]:
        rows = [rows[0], f"{rows[1][: COLUMNS - 2]}.."]
    return [Row(each, centred=True) for each in rows if each]


def agent_words(phone: Phone, words: Words) -> str:
    """The agent state in words, that of a pending request with dots until a NOTIFY confirms it; "" for none."""
    state = phone.agent
    if not agent.available(phone):
        return ""
    if phone.agent.logging_in:
        return words("logging_in")
    if state.seat is not None and state.seat.place is Place.LEAVING:
        return words("logging_out")
    if state.wanted:
        return words(f"{state.wanted}_state") + "..."
    presence = state.presence if state.server is not None or not state.presence else Presence.LOGGED_OFF
    if not presence or (presence is Presence.LOGGED_OFF and not state.banner):
        return ""
    return words(f"{presence}_state")


def _detail(phone: Phone, words: Words) -> str:
    """The sentence under the agent state: the most urgent of what there is to say, "" for none."""
    if phone.lines and not phone.registered:
        worst = phone.lines[0]
        if worst.status is LineStatus.FAILED:
            return words(failure.word_of_line(worst.code, worst.reason))
        return words("registering")
    if phone.config_errors:
        return words("config_bad")
    if not phone.lines:
        return _refused(phone, words) or words(status.why_no_account(phone))
    if phone.sites.shown:
        return f"{words('server_now')} {phone.sites.shown.rpartition(':')[0]}"
    if phone.failed_parts:
        return f"{words('part_failed')} {phone.failed_parts[0][0]}"
    if phone.update.step is UpdateStep.INSTALLING:
        return f"{words('updating')} {status.bar(phone.update.percent, 7)}"
    if phone.forward.kind:
        return _forwarding(phone, words)
    if phone.dnd:
        return words("dnd")
    undone = f"{words('update_undone')} {phone.update.rolled_back}" if phone.update.rolled_back else ""
    agent = phone.agent
    was = words("was_logged_in").replace("#", agent.was) if agent.was and agent.server is None else ""
    return _reason(phone) or _refused(phone, words) or undone or agent.id or was or phone.settings.display.message


def _reason(phone: Phone) -> str:
    """The words of the not-ready reason, its code where no font can draw them; "" for none."""
    words, seat = phone.agent.reason, phone.agent.seat
    return words if seat is None or body().draws(plain(words)) else seat.code


def _forwarding(phone: Phone, words: Words) -> str:
    """The forwarding in words; beside a long number its type is told by the mark alone."""
    number = phone.forward.shown
    whole = f"{words(f'forwarding_{phone.forward.kind}')} {number}"
    return whole if len(whole) <= COLUMNS else f"{words('forwarding_always')} {number}"


def _refused(phone: Phone, words: Words) -> str:
    """How many lines of the configuration in force were refused, "" for none."""
    count = len(phone.lines_refused)
    return words("line_refused" if count == 1 else "lines_refused").replace("#", str(count)) if count else ""


def _date(phone: Phone, words: Words) -> str:
    clock = phone.clock
    if clock.year < 2020:  # no time server answered yet
        return ""
    day = words("days").split()[clock.weekday]
    month = words("months").split()[clock.month - 1]
    american = phone.settings.time.date_format == "AMERICAN"
    return f"{day} {month} {clock.day}" if american else f"{day} {clock.day} {month}"


def identity(phone: Phone) -> str:
    """The phone's name on its screen: `extension_display`, else its DN, else `description`."""
    line = phone.settings.line[0]
    return line.extension_display or number(phone) or line.description or "deskphone"


# --- calls -----------------------------------------------------------------------------------------


def incoming(phone: Phone, words: Words) -> Screen:
    """A call that rings: the caller in large letters, who diverted it, and another call or what there is to say."""
    call = phone.focused
    assert call is not None
    title = words("waiting_call" if len(phone.open_calls) > 1 else "incoming") + _place(call, phone)
    rows = _large(who(call, phone, words, large()))
    if call.remote.name.strip() and call.remote.number and rows[0].text != call.remote.number:
        rows.append(Row(call.remote.number, centred=True))
    if call.diverted != Party():
        rows.append(Row(f"{words('via')} {party_words(call.diverted, phone, words)}", centred=True))
    room = ROWS - (rows[0].size is Size.LARGE)
    others = [each for each in phone.open_calls if each.id != call.id]
    beside = _beside(phone, words) or next((_other(each, phone, words) for each in others[: room - len(rows)]), None)
    if beside is not None:
        rows = [*rows[: room - 1], beside]
    return Screen("incoming", title, tuple(rows), middle=True)


def _beside(phone: Phone, words: Words) -> Row | None:
    """What else there is to say while a call rings, in one row: a notice in short, the volume bar."""
    if phone.notice is not None:
        return Row(words(phone.notice.title), centred=True)
    which = phone.sound.volume_shown
    return Row(words(f"volume_{which}"), _bar(phone.volume(which))) if which else None


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


def _word(call: Call, phone: Phone) -> str:
    """The key in `view.words` for a call's state."""
    if call.joins:
        return "joining"
    if call.transfer:
        return "transferring"
    if held.unheard(phone, call):
        return "hold_failed"
    if call.conference or (call.room and call.live):
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


def _other(call: Call, phone: Phone, words: Words) -> Row:
    """The row of a call that is not in focus: the far end and its state in a short word."""
    word = _word(call, phone)
    return Row(who(call, phone, words), words.first(f"row:{word}", word) + _dots(call))


def in_call(phone: Phone, words: Words) -> Screen:
    """The call in focus large, with mute, digits or number and its duration; other calls below. From three calls on a
    list."""
    call = phone.focused
    assert call is not None
    word = "transferring" if situation(phone) is Situation.TRANSFERRING else _word(call, phone)
    title = words(word) + _dots(call) + _place(call, phone)
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
    rows += [_other(each, phone, words) for each in others[:2]]
    return Screen("call_" + word, title, tuple(rows), middle=len(rows) < 4)


def _many(here: Call, phone: Phone, words: Words, screen: Screen) -> Screen:
    """Three calls and more: a row each with its state and duration, the one in focus inverse; the arrows move the focus
    and scroll."""
    calls = phone.open_calls
    rows = []
    for each in calls:
        word = _word(each, phone)
        state = words.first(f"list:{word}", f"row:{word}", word) + _dots(each)
        length = f" {_length(each.length(phone.now.mono))}" if each.live else ""
        rows.append(Row(who(each, phone, words), state + length, inverse=each.id == here.id))
    start = max(0, min(calls.index(here) - 1, len(calls) - ROWS))
    return replace(screen, rows=tuple(rows[start : start + ROWS]), more=(start > 0, start + ROWS < len(calls)))


def confirm(phone: Phone, words: Words) -> Screen:
    """The question before a transfer or join: both far ends, and what becomes of this phone."""
    page, asked = phone.pages[-1], question.asked(phone)
    assert asked is not None
    rows = [_named(each, phone, words) for each in asked]
    rows.append(Row(words(f"{page.name}_means"), centred=True))
    return Screen(f"page_{page.name}", words(page.name), tuple(rows), middle=True)


def _named(call: Call, phone: Phone, words: Words) -> Row:
    """Whom the question is about. Where a name is too long its end may be what tells two apart: the number does."""
    name = who(call, phone, words)
    return Row(name, call.remote.number) if len(name) > SMALL_COLUMNS else Row(name, centred=True)


# --- typing ----------------------------------------------------------------------------------------


def dialling(phone: Phone, words: Words) -> Screen:
    """The number typed so far, with the off-hook warning or a call that waits meanwhile."""
    dial = phone.dialling
    assert dial is not None
    title = words("dialling" if dial.purpose == "call" else f"dialling_{dial.purpose}")
    row = _typed(dial.entry, Size.LARGE if len(dial.entry.text) <= 13 else Size.NORMAL)
    rows = [row]
    if dial.warned:
        rows.append(Row(words("off_hook"), centred=True))
    held = next((each for each in phone.open_calls if each.live), None)
    if held is not None:
        rows.append(_other(held, phone, words))
    return Screen("dialling", title, tuple(rows), marks=(Shown(str(dial.entry.mode)),))


def _typed(field: Entry, size: Size = Size.NORMAL, columns: int = 20) -> Row:
    """The row of a text that is being typed, of which the `columns` characters before the caret stay in sight."""
    text = entry.shown(field)
    start = max(0, field.caret - columns)
    return Row(text[start : start + columns], size=size, caret=field.caret - start)


def form(phone: Phone, words: Words) -> Screen:
    """The fields of a form, each below its label; the label of the one with the caret is inverse."""
    page = phone.pages[-1]
    rows: list[Row] = []
    for place, (label, field) in enumerate(zip(pages.FORMS[page.name].labels, page.fields, strict=True)):
        here = place == page.cursor
        typed = _typed(field)
        rows.append(Row(words(label) + ":", inverse=here))
        rows.append(Row(typed.text, caret=typed.caret if here else -1))
    linked = pages.on_link(page)
    if pages.under(phone, page):
        rows.append(Row(words(pages.under(phone, page)), inverse=linked))
    start = max(0, min(page.cursor * 2, len(rows) - ROWS))
    plain = linked or phone.settings.ui.block_non_numeric_key
    mode = () if plain else (Shown(str(page.fields[page.cursor].mode)),)
    title = words.first(f"title:{page.name}", f"{page.name}_to", page.name)
    return Screen(
        f"form_{page.name}", title, tuple(rows[start : start + ROWS]), marks=mode,
        more=(start > 0, start + ROWS < len(rows)),
    )  # fmt: skip


def notice(phone: Phone, words: Words) -> Screen:
    """A notice, which stands for a few seconds; of a failed call with its SIP status code."""
    assert phone.notice is not None
    key = phone.notice.title
    rows = [Row(words(key), size=Size.LARGE, centred=True)]
    detail = phone.notice.text
    if key.startswith("failure:"):
        detail = " ".join((key.removeprefix("failure:"), detail)).strip()
    rows += _broken(detail)
    return Screen("notice_" + key.replace(":", "_"), identity(phone), tuple(rows), middle=True)


def volume(phone: Phone, words: Words) -> Screen:
    """The volume bar, 0 to 10, after a volume key."""
    which = phone.sound.volume_shown
    value = phone.volume(which)
    rows = (Row(words(f"volume_{which}"), str(value)), Row(_bar(value), centred=True))
    return Screen("volume", words("volume"), rows, middle=True)


def _bar(value: int) -> str:
    return "\u2588" * value + "\u2591" * (10 - value)


BY_SITUATION = {
    Situation.INCOMING: incoming,
    Situation.DIALLING: dialling,
    Situation.FORM: form,
    Situation.PAGE: listing,
    Situation.CONFIRM: confirm,
    Situation.TRANSFERRING: in_call,
    Situation.CALLING: in_call,
    Situation.ANSWERING: in_call,
    Situation.CONFERENCE: in_call,
    Situation.HELD: in_call,
    Situation.CONSULTING: in_call,
    Situation.TALKING: in_call,
    Situation.IDLE: idle,
}


def by_situation(phone: Phone, words: Words) -> Screen:
    """The screen of the phone's situation (`core.screen.situation`)."""
    return BY_SITUATION[situation(phone)](phone, words)
