"""The code for the first password: its life, its attempts, its pauses."""

from __future__ import annotations

from deskphone.app.first_password import LIFE, PAUSE, TRIES, FirstPassword


def test_the_code_that_is_shown_is_taken_once() -> None:
    first = FirstPassword()
    code = first.draw(0)
    assert len(code) == 8 and code.isdecimal() and first.draw(LIFE - 1) == code, "asked again it is the same"
    assert not first.takes("", 1) and not first.takes("\ud800", 1)
    assert first.takes(f"{code[:4]} {code[4:]}", 1) and not first.takes(code, 1)


def test_wrong_ones_end_it_and_the_next_has_to_wait() -> None:
    first = FirstPassword()
    code = first.draw(0)
    wrong = "00000000" if code != "00000000" else "11111111"
    assert not any(first.takes(wrong, 1) for _ in range(TRIES))
    assert not first.takes(code, 1) and first.draw(PAUSE - 1) == "" and first.pause(PAUSE - 1) == 1
    assert first.draw(PAUSE)


def test_after_its_life_it_is_worth_nothing() -> None:
    first = FirstPassword()
    code = first.draw(0)
    assert not first.takes(code, LIFE) and first.over(LIFE)
    assert not first.takes(first.draw(LIFE + 1) + "1", LIFE + 1)
