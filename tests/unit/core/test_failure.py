"""Final answers by class: one place says what is the account's fault, what sounds busy, and which words it has."""

from __future__ import annotations

import pytest

from deskphone.core import failure
from deskphone.view.words import Words
from deskphone.view.words.english import ENGLISH

ENGLISH_WORDS = Words("ENGLISH")


@pytest.mark.parametrize("code", range(300, 700))
def test_each_code_is_of_the_classes_it_belongs_to(code: int) -> None:
    assert failure.of_account(code) == (code in (401, 403, 404, 407))
    assert failure.tone(code) == ("busy" if code in (486, 600, 603) else "congestion")


@pytest.mark.parametrize("code", [*range(300, 700), 0])
def test_each_code_has_words_of_its_own_or_those_of_every_failure(code: int) -> None:
    assert ENGLISH_WORDS(failure.word(code)) in (ENGLISH.get(f"failure:{code}"), "Call failed")


@pytest.mark.parametrize("reason", ["busy", "ready", "failure:401", "tls", "TLS:untrusted"])
def test_the_servers_reason_is_no_key_of_ours(reason: str) -> None:
    assert ENGLISH_WORDS(failure.word(503, reason)) == "Service unavailable"


def test_a_handshake_that_failed_has_the_words_of_its_cause() -> None:
    assert ENGLISH_WORDS(failure.word(503, "tls:wrong_name")) == "Certificate: wrong name"


@pytest.mark.parametrize("code", range(300, 700))
def test_of_a_line_no_words_are_of_a_call(code: int) -> None:
    words = ENGLISH_WORDS(failure.word_of_line(code, "Said"))
    assert not {"call", "codec", "circle", "declined", "busy"} & set(words.lower().split()), words
    assert failure.word_of_line(code, "tls:wrong_name") == "tls:wrong_name"
