"""The digit map: when a number is whole."""

from __future__ import annotations

import pytest

from deskphone.core.calls.dialplan import DigitMapError, Match, compile_map, match


@pytest.mark.parametrize(
    ("text", "digits", "expected"),
    [
        ("", "911", Match.NONE),
        ("10x", "1", Match.PARTIAL),
        ("10x", "10", Match.PARTIAL),
        ("10x", "105", Match.WHOLE),
        ("10x", "2", Match.NONE),
        ("10x;05xxxxxxxx;4xxx", "4123", Match.WHOLE),
        ("10x|05xxxxxxxx|4xxx", "0512345678", Match.WHOLE),
        ("0x.", "0", Match.WHOLE_OR_MORE),
        ("0x.T", "0123", Match.WHOLE_OR_MORE),
        ("[2-7]xx", "299", Match.WHOLE),
        ("[2-7]xx", "199", Match.NONE),
        ("*xx", "*21", Match.WHOLE),
        ("x.#", "12#", Match.WHOLE),
        ("911;9xxxx", "911", Match.WHOLE_OR_MORE),
    ],
)
def test_digits_against_the_map(text: str, digits: str, expected: Match) -> None:
    assert match(compile_map(text), digits) is expected


@pytest.mark.parametrize("text", ["10y", ".5", "[", "5;a]"])
def test_a_map_that_makes_no_sense_is_refused_with_the_place(text: str) -> None:
    with pytest.raises(DigitMapError, match="digit map"):
        compile_map(text)


def test_a_long_number_against_a_greedy_map_stays_quick() -> None:
    patterns = compile_map("x.x.x.x.x.x.x.x.x.5")
    assert match(patterns, "1" * 500) is Match.PARTIAL
