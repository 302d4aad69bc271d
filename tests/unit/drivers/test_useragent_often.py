"""What a far end can have written into the journal: a line a kind and minute."""

from __future__ import annotations

import logging

from deskphone.sip.stack.often import KINDS, MINUTE, MOST, OncePerMinute


def lines(journal: OncePerMinute, *texts: str, level: int = logging.WARNING) -> list[str]:
    """What is written of these."""
    written = []
    for text in texts:
        record = logging.LogRecord("deskphone.sip", level, "", 0, "%s", (text,), None)
        if journal.filter(record):
            written.append(record.getMessage())
    return written


def test_a_kind_is_written_once_a_minute_with_the_number_of_the_others() -> None:
    now = [0.0]
    journal = OncePerMinute(lambda: now[0])
    junk = [f"opus: corrupted frame {number} of 0x{number:x}" for number in range(500)]
    assert lines(journal, *junk) == [junk[0]]
    assert lines(journal, "another kind") == ["another kind"]
    now[0] = MINUTE
    assert lines(journal, junk[7]) == [f"{junk[7]} (499 more like it since the last)"]


def test_another_level_is_another_kind_and_an_exception_is_always_told() -> None:
    journal = OncePerMinute(lambda: 0.0)
    assert lines(journal, "x") == ["x"]
    assert lines(journal, "x", level=logging.ERROR) == ["x"]
    record = logging.LogRecord("deskphone.sip", logging.WARNING, "", 0, "x", (), (ValueError, ValueError(), None))
    assert journal.filter(record)


def test_words_of_a_far_ends_own_make_no_more_lines_than_a_journal_bears() -> None:
    now = [0.0]
    journal = OncePerMinute(lambda: now[0])
    words = ["".join(chr(97 + (number // 26**place) % 26) for place in range(3)) for number in range(KINDS * 3)]
    assert lines(journal, *words) == words[:MOST]
    now[0] = MINUTE
    assert lines(journal, "zzz", "yyy") == [f"zzz ({KINDS * 3 - MOST} others left out since the last)", "yyy"]


def test_what_is_remembered_is_bounded() -> None:
    now = [0.0]
    journal = OncePerMinute(lambda: now[0])
    for number in range(KINDS * 3):
        now[0] += MINUTE
        lines(journal, chr(97 + number % 26) * (number // 26 + 1))
    assert len(journal._kinds) == KINDS
