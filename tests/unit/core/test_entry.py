"""Typing on twelve keys."""

from __future__ import annotations

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
