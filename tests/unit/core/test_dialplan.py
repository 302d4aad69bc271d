"""The digit map: when a number is whole."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from deskphone.config.kind import BadValue
from deskphone.config.settings import Settings
from deskphone.core.calls.dialplan import DigitMapError, Match, compile_map, match, readable


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
        ("( 10x | 2xx )", "234", Match.WHOLE),
        ("(10x|2xx)", "105", Match.WHOLE),
        ("10x;;2xx;", "234", Match.WHOLE),
        ("(10x|2xx);3xx", "234", Match.WHOLE),
        ("3xx;(10x|2xx)", "234", Match.WHOLE),
        ("(10x);(2xx)", "105", Match.WHOLE),
        ("123.", "12", Match.WHOLE_OR_MORE),
        ("123.", "12333", Match.WHOLE_OR_MORE),
        ("123.", "1222", Match.NONE),
        ("[x*]1", "71", Match.WHOLE),
        ("[x*]1", "*1", Match.WHOLE),
        ("[X]1", "01", Match.WHOLE),
        ("[1-35#]", "3", Match.WHOLE),
        ("[1-35#]", "5", Match.WHOLE),
        ("[1-35#]", "#", Match.WHOLE),
        ("[1-35#]", "4", Match.NONE),
        ("[1-35#]", "0", Match.NONE),
        ("X1", "91", Match.WHOLE),
        ("+x", "+1", Match.WHOLE),
        ("1xT", "12", Match.WHOLE_OR_MORE),
        ("1xt", "12", Match.WHOLE_OR_MORE),
        ("1x", "123", Match.NONE),
    ],
)
def test_digits_against_the_map(text: str, digits: str, expected: Match) -> None:
    assert match(compile_map(text), digits) is expected


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("10y", "digit map '10y', position 3: expected 0-9 * # x [..] . or T"),
        (".5", "digit map '.5': '.' with nothing before it"),
        ("[", "digit map '[', position 1: expected 0-9 * # x [..] . or T"),
        ("5; a]", "digit map 'a]', position 2: expected 0-9 * # x [..] . or T"),
    ],
)
def test_a_map_that_makes_no_sense_is_refused_with_the_place(text: str, why: str) -> None:
    with pytest.raises(DigitMapError) as error:
        compile_map(text)
    assert str(error.value) == why


@pytest.mark.parametrize("text", ["5;.x", "a];5", "0(1|2)3;5", "1 2|5"])
def test_what_cannot_be_read_of_a_map_keeps_nobody_from_dialling(text: str) -> None:
    assert match(readable(text), "5") is Match.WHOLE


@example("[1;2]")
@example("[|]5")
@given(st.text("0x1.T[]-;|() #*", max_size=24))
def test_every_map_that_a_file_may_hold_can_be_read(digits: str) -> None:
    try:
        taken = Settings.slots()["voip/signalling/sip/digit_map"].option.kind.parse(digits)
    except BadValue:
        return
    assert compile_map(taken) == readable(taken)


def test_a_long_number_against_a_greedy_map_stays_quick() -> None:
    patterns = compile_map("x.x.x.x.x.x.x.x.x.5")
    assert match(patterns, "1" * 500) is Match.PARTIAL
