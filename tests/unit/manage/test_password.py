"""What is kept of a password, and which ones are none."""

from __future__ import annotations

import pytest

from deskphone.trust import password


def test_a_password_matches_its_hash_and_no_other() -> None:
    kept = password.hashed("correct horse")
    assert password.matches("correct horse", kept) and not password.matches("correct horse ", kept)
    assert kept != password.hashed("correct horse") and "correct" not in kept


@pytest.mark.parametrize("kept", ["", "scrypt$", "scrypt$00$00", "plain", "scrypt$" + "zz" * 16 + "$" + "00" * 32, "é"])
def test_nothing_matches_what_is_no_hash(kept: str) -> None:
    assert not password.matches("", kept) and not password.matches("correct horse", kept)


@pytest.mark.parametrize("word", ["1234", "admin", "PASSWORD", "short", "", "x" * 300, "line\nbreaks", "12345678"])
def test_a_shipped_or_short_password_is_none(word: str) -> None:
    assert password.refused(word) and not password.refused("correct horse")


def test_a_token_matches_its_hash_only() -> None:
    text, kept = password.token()
    assert password.token_matches(text, kept) and not password.token_matches(text + "x", kept)
    assert not password.token_matches("", "") and text not in kept and not password.is_hash(kept)
