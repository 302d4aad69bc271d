"""Screens: one function a situation, from the state to the rows a person reads.

Law: pure; every word through `view.words.Words`. Which screen is shown is `view.render`'s table. A function of a
situation may assume what that situation says, as that a call is in focus.
"""

from __future__ import annotations

import textwrap

from deskphone.core import failure
from deskphone.core.agent import agent
from deskphone.core.agent.state import Place, Presence
from deskphone.core.calls import held
from deskphone.core.lines.line import number
from deskphone.core.lines.state import LineStatus
from deskphone.core.phone.update_state import UpdateStep
from deskphone.core.screen import entry, forms, status
from deskphone.core.screen.situation import Situation, situation
from deskphone.core.screen.state import Entry
from deskphone.core.state import Phone
from deskphone.view import call_screens
from deskphone.view.listing import COLUMNS, ROWS, SMALL_COLUMNS, listing
from deskphone.view.outputs import Row, Screen, Shown, Size
from deskphone.view.raster import body
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


# --- typing ----------------------------------------------------------------------------------------


def dialling(phone: Phone, words: Words) -> Screen:
    """The number typed so far, with the off-hook warning, and the call that it is for or that waits meanwhile."""
    dial = phone.dialling
    assert dial is not None
    title = words("dialling" if dial.purpose == "call" else f"dialling_{dial.purpose}")
    row = _typed(dial.entry, Size.LARGE if len(dial.entry.text) <= 13 else Size.NORMAL)
    rows = [row]
    if dial.warned:
        rows.append(Row(words("off_hook"), centred=True))
    whom = phone.call(dial.call) or held.beside(phone)
    if whom is not None:
        rows.append(call_screens.other(whom, phone, words))
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
    for place, (label, field) in enumerate(zip(forms.FORMS[page.name].labels, page.fields, strict=True)):
        here = place == page.cursor
        typed = _typed(field)
        rows.append(Row(words(label) + ":", inverse=here))
        rows.append(Row(typed.text, caret=typed.caret if here else -1))
    linked = forms.on_link(page)
    if forms.under(phone, page):
        rows.append(Row(words(forms.under(phone, page)), inverse=linked))
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
    rows = (Row(words(f"volume_{which}"), str(value)), Row(call_screens.bar(value), centred=True))
    return Screen("volume", words("volume"), rows, middle=True)


BY_SITUATION = {
    Situation.INCOMING: call_screens.incoming,
    Situation.DIALLING: dialling,
    Situation.FORM: form,
    Situation.PAGE: listing,
    Situation.CONFIRM: call_screens.confirm,
    Situation.TRANSFERRING: call_screens.in_call,
    Situation.CALLING: call_screens.in_call,
    Situation.ANSWERING: call_screens.in_call,
    Situation.CONFERENCE: call_screens.in_call,
    Situation.HELD: call_screens.in_call,
    Situation.CONSULTING: call_screens.in_call,
    Situation.TALKING: call_screens.in_call,
    Situation.IDLE: idle,
}


def by_situation(phone: Phone, words: Words) -> Screen:
    """The screen of the phone's situation (`core.screen.situation`)."""
    return BY_SITUATION[situation(phone)](phone, words)
