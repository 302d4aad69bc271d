"""No word is cut off on 128x64: every word in every place where it may stand, and every golden screen.

Only what a person or a server wrote may be: a name too long for its place ends in dots.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, product

import pytest

from deskphone.config.layers import Layer
from deskphone.config.ring_tones import RING_TONES
from deskphone.config.schema.words import Language
from deskphone.core.agent.state import Presence
from deskphone.core.screen import command, commands, forms, pages
from deskphone.core.screen.command import Command, Four
from deskphone.core.screen.marks import Mark
from deskphone.core.state import Phone
from deskphone.view import call_screens
from deskphone.view import raster as room
from deskphone.view.listing import COLUMNS, SMALL_COLUMNS
from deskphone.view.outputs import Row, Screen, Size
from deskphone.view.raster import body, raster, slots, small, width_of
from deskphone.view.render import render
from deskphone.view.words import ENGLISH, LANGUAGES, Words
from tests.stories.bench import Story
from tests.stories.bench_core import CoreBench
from tests.unit.view.test_complete import call_words
from tests.unit.view.test_guide import GUIDE
from tests.unit.view.walks import WALKS

WIDTH = 128
TITLE = WIDTH - 2 * room.MARK_STEP  # two marks are always seen beside it
BESIDE_ARROW = WIDTH - 3 - 2
ON_IDLE = ("failure:", "tls:", "auth:", "line:", "outcome:", "line_refused", "lines_refused", "config_bad")
"""What the idle screen says under its large line, where small letters may help."""


def rows_of_softkeys() -> Iterator[tuple[str, Four]]:
    """Every four that the tables of the softkeys hold."""
    for name, value in vars(commands).items():
        if name.isupper() and isinstance(value, tuple) and len(value) == 4 and isinstance(value[0], Command):
            yield name, value
        elif name.isupper() and isinstance(value, dict):
            for key, four in value.items():
                if isinstance(four, tuple) and len(four) == 4 and isinstance(four[0], Command):
                    yield f"{name}[{key}]", four


FOURS = dict(rows_of_softkeys())
FOURS["a log in"] = (Command.ENTER, *FOURS["SOFTKEYS[form]"][1:])
FOURS["declined"] = (*FOURS["SOFTKEYS[incoming]"][:3], Command.DECLINE)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", FOURS)
def test_every_label_of_the_softkeys_is_whole_whichever_of_them_are_left_out(name: str, language: str) -> None:
    words = Words(language)
    for kept in product((True, False), repeat=4):
        texts = [words(each) if each and keep else "" for each, keep in zip(FOURS[name], kept, strict=True)]
        first, second, third, fourth = texts
        for label, left, right in slots((first, second, third, fourth), WIDTH):
            assert width_of(small(), label) <= right - left, (label, texts)


def test_the_tables_of_the_softkeys_are_found() -> None:
    assert {"PLAIN_IDLE", "TWO_CALLS", "SOFTKEYS[talking]", "MORE[talking]"} <= set(FOURS)
    assert {each for four in FOURS.values() for each in four} | {
        *command.IDLE.values(),
        *command.CALL.values(),
    } >= set(Command)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("table", ["IDLE", "CALL"])
def test_whichever_three_a_file_puts_on_softkeys_are_whole(table: str, language: str) -> None:
    words = Words(language)
    functions: dict[object, Command] = getattr(command, table)
    for three in combinations(functions.values(), 3):
        first, second, third = map(words, three)
        for label, left, right in slots((first, second, third, words(Command.MORE)), WIDTH):
            assert width_of(small(), label) <= right - left, three


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_title_leaves_room_for_two_marks(language: str) -> None:
    words = Words(language)
    titles = {words.first(f"title:{name}", f"{name}_to", name) for name in (*pages.LISTS, *forms.FORMS)}
    titles |= {words(word) + place for word in call_words() for place in ("...", " 8/8")}
    titles |= {words(key) for key in ("incoming", "waiting_call", "dialling", "volume")}
    assert len(titles) > 60
    assert not {title for title in titles if width_of(small(), title) > TITLE}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_row_that_can_be_chosen_is_whole_beside_its_value(language: str) -> None:
    words = Words(language)
    values = {"call_waiting": "off", "auto_answer": "off", "dnd": "off", "volume_ring": "", "volume_handset": ""}
    labels = [f"ring_{name}" for name in RING_TONES] + [f"legend:{mark}" for mark in Mark]
    for name in pages.LISTS:
        bench = CoreBench()
        Story(bench).power_on()
        phone = bench.phone
        if name not in ("contact", "contact_ring_tone"):
            items = pages.LISTS[name](phone, "")
            labels += [each.label for each in items if each.choosable and not each.literal]
    assert len(set(labels)) > 40
    for label in labels:
        text = words.first(f"row:{label}", label)
        right = words(values[label]) if values.get(label) else "10" if label.startswith("volume_") else ""
        used = width_of(body(), text) + (width_of(body(), right) + 4 if right else 0)
        assert used + (12 if label.startswith("legend:") else 0) <= BESIDE_ARROW, (label, text, right)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_fits_a_row_with_small_letters_on_the_idle_screen_alone(language: str) -> None:
    words = Words(language)
    for key in ENGLISH:
        if key in ("days", "months"):
            continue
        text = words(key).replace("#", "99")
        on_idle = key.startswith(ON_IDLE) and (len(text) <= SMALL_COLUMNS or len(textwrap.wrap(text, COLUMNS)) <= 2)
        assert len(text) <= COLUMNS or on_idle, (key, text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_state_of_another_call_leaves_room_for_who_it_is(language: str) -> None:
    words = Words(language)
    for word in call_words():
        text = words.first(f"row:{word}", word) + "..."
        assert len(text) <= COLUMNS - 8, (word, text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_agents_state_is_whole_while_it_is_pending(language: str) -> None:
    words = Words(language)
    for presence in Presence:
        if presence:
            assert len(words(f"{presence}_state") + "...") <= COLUMNS


@pytest.fixture
def cut(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the drawing has cut, as it was whole."""
    found: list[str] = []
    plain = room.fit

    def noting(what: room.Font, text: str, width: int) -> str:
        drawn = plain(what, text, width)
        if drawn != text:
            found.append(text)
        return drawn

    monkeypatch.setattr(room, "fit", noting)
    return found


def written(phone: Phone) -> set[str]:
    """What is no word of ours: names and numbers of people, of the log and the directory."""
    people = [call_screens.who(each, phone, Words("ENGLISH")) for each in phone.calls]
    people += [each.name or each.number for each in (*phone.log, *phone.contacts, *phone.company)]
    return set(people) - set(ENGLISH.values())


def in_language(phone: Phone, language: str) -> Phone:
    """The same phone, whose settings say another language."""
    layers, _ = phone.layers.set(Layer.ADMINISTRATOR, "personal_settings/language", Language(language))
    return replace(phone, layers=layers)


@pytest.mark.parametrize("name", WALKS)
def test_no_golden_screen_cuts_a_word_in_any_language(name: str, cut: list[str]) -> None:
    bench = CoreBench()
    WALKS[name](Story(bench))
    for language in LANGUAGES:
        raster(render(in_language(bench.phone, language)).screen)
        assert set(cut) <= written(bench.phone), language


@pytest.mark.parametrize("heading", GUIDE)
def test_no_step_of_the_guide_cuts_a_word(heading: str, cut: list[str]) -> None:
    bench = CoreBench()
    begin, steps = GUIDE[heading]
    begin(Story(bench))
    for _, act, _ in steps:
        act(Story(bench))
        raster(render(bench.phone).screen)
    assert set(cut) <= written(bench.phone)


def test_a_long_word_would_be_noticed(cut: list[str]) -> None:
    raster(Screen("x", "a title that is much too long", (Row("a word that is much too long", size=Size.LARGE),)))
    assert len(cut) == 2
