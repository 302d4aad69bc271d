"""Typing on twelve keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from deskphone.core.screen import entry
from deskphone.core.screen.state import Entry, Mode


def typed(keys: str, mode: Mode, start: Entry | None = None) -> Entry:
    """Press keys; a `.` stands for the pause that ends a letter."""
    field = start or Entry(mode=mode)
    for key in keys:
        field = entry.settle(field) if key == "." else entry.press(field, key)
    return field


@pytest.mark.parametrize(
    ("keys", "mode", "text"),
    [
        ("1502", Mode.DIGITS, "1502"),
        ("2", Mode.LOWER, "a"),
        ("22", Mode.LOWER, "b"),
        ("2.2", Mode.LOWER, "aa"),
        ("2233", Mode.LOWER, "be"),
        ("222.2", Mode.UPPER, "CA"),
        ("5.2.6.33", Mode.TITLE, "Jame"),
        ("1111", Mode.LOWER, "-"),
    ],
)
def test_multi_tap(keys: str, mode: Mode, text: str) -> None:
    assert entry.settle(typed(keys, mode)).text == text


def test_the_modes_cycle_as_the_guide_says() -> None:
    field = Entry(mode=Mode.LOWER)
    seen = []
    for _ in range(4):
        seen.append(str(field.mode))
        field = entry.next_mode(field)
    assert seen == ["abc", "ABC", "Abc", "123"]


def test_a_password_shows_only_the_letter_just_typed() -> None:
    field = typed("123", Mode.DIGITS, Entry(secret=True))
    assert entry.shown(field) == "**3"
    assert entry.shown(entry.settle(field)) == "***"


def test_delete_and_caret() -> None:
    field = entry.move(Entry("1502", 4), -1)
    assert entry.delete(field).text == "152"
    assert entry.insert(field, "9").text == "15092"
    assert entry.move(Entry("15", 0), -1).caret == 0
    assert entry.delete(Entry("", 0)).text == ""


def test_the_limit_and_control_characters() -> None:
    assert entry.insert(Entry(limit=3), "abcdef").text == "abc"
    assert entry.insert(Entry(), "a\x00\nb").text == "ab"


@pytest.mark.parametrize(
    ("key", "presses", "letter"),
    [
        ("2", 1, "a"), ("2", 4, "2"), ("2", 5, "ä"), ("2", 12, "a"), ("7", 4, "s"), ("7", 6, "ß"), ("1", 1, "1"),
        ("1", 3, "@"), ("1", 8, "1"), ("0", 1, " "), ("0", 2, "0"), ("0", 3, "+"), ("*", 3, "***"), ("#", 1, "#"),
    ],
)  # fmt: skip
def test_a_key_pressed_again_and_again_goes_round_its_letters(key: str, presses: int, letter: str) -> None:
    assert typed(key * presses, Mode.LOWER).text == letter


def test_letters_that_have_no_capital_stay() -> None:
    assert typed("777777", Mode.UPPER).text == "ß"
    assert typed("22222", Mode.UPPER).text == "Ä"


def test_a_letter_cycles_where_the_caret_stands() -> None:
    field = entry.move(Entry("xy", 2, Mode.LOWER), -1)
    field = entry.press(entry.press(field, "2"), "2")
    assert (field.text, field.caret) == ("xby", 2)
    field = entry.press(field, "3")
    assert (field.text, field.caret) == ("xbdy", 3)


def test_in_title_mode_one_capital_and_small_letters_after_it() -> None:
    field = typed("2", Mode.TITLE)
    assert (field.text, field.mode) == ("A", Mode.TITLE)
    field = typed(".2", Mode.TITLE, field)
    assert (field.text, field.mode) == ("Aa", Mode.LOWER)
    assert entry.settle(Entry(mode=Mode.TITLE)).mode is Mode.TITLE


def test_a_letter_at_the_limit_still_cycles_and_no_other_comes_in() -> None:
    field = typed("22", Mode.LOWER, Entry("xy", 2, Mode.LOWER, limit=3))
    assert field.text == "xyb"
    full = entry.press(entry.settle(field), "3")
    assert (full.text, full.pending_key) == ("xyb", "")
    assert entry.insert(Entry("abcd", 4, limit=3), "x").text == "abcd"


def test_the_caret_stays_within_the_text() -> None:
    assert entry.move(Entry("15", 1), 5).caret == 2
    assert entry.move(Entry("15", 1), -5).caret == 0
    assert (entry.delete(Entry("15", 0)).text, entry.delete(Entry("15", 1))) == ("15", Entry("5", 0))
    assert entry.insert(Entry("15", 0), "09").caret == 2


def test_a_secret_shows_the_letter_just_typed_and_where_it_was_typed() -> None:
    field = entry.insert(Entry("1234", 2, secret=True), "9")
    assert entry.shown(field) == "**9**"
    assert entry.shown(Entry("12", 0, secret=True, reveal=True)) == "**"
    assert entry.shown(entry.insert(Entry("12", 2, secret=True), "\x00")) == "**"
    assert entry.shown(Entry("12", 2)) == "12"


@pytest.mark.parametrize("step", [entry.delete, entry.next_mode, lambda field: entry.move(field, 0), entry.settle])
def test_any_other_key_ends_the_cycling_and_hides_the_letter(step: Callable[[Entry], Entry]) -> None:
    field = typed("22", Mode.LOWER, Entry("x", 1, Mode.LOWER, secret=True))
    assert (field.pending_key, field.pending_count, field.reveal) == ("2", 1, True)
    done = step(field)
    assert (done.pending_key, done.pending_count, done.reveal) == ("", 0, False)
