"""Guests by Telnet: each connection is another process, and still who guesses waits longer and longer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from deskphone.app.guests import Guests
from deskphone.manage.cli import remote
from deskphone.trust.password import hashed

HASH = hashed("correct horse")


class Phone:
    """The control socket of a phone whose clock the test moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self._table = Guests(lambda: self.now).table

    def ask(self, request: str, **fields: Any) -> dict[str, Any]:
        if request == "credentials":
            return {"user": "admin", "password": HASH}
        try:
            self._table[request](fields).send(None)  # type: ignore[attr-defined]
        except StopIteration as answer:
            return dict(answer.value)
        raise AssertionError("it waits")


@pytest.fixture
def phone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Phone]:
    found = Phone()
    monkeypatch.setattr(remote.time, "sleep", lambda seconds: setattr(found, "now", found.now + seconds))
    monkeypatch.setattr(remote.signal, "alarm", lambda seconds: None)
    yield found


def connects(phone: Phone, monkeypatch: pytest.MonkeyPatch, address: str, word: str) -> tuple[bool, int, str]:
    """One connection that always types this: let in, how many passwords were asked for, and the last words."""
    monkeypatch.setenv("REMOTE_ADDR", address)
    typed, said = list[str](), [""]

    def hidden(prompt: str) -> str:
        typed.append(word)
        return word

    let_in = remote.log_in(phone, lambda prompt: "admin", hidden, said.append)  # type: ignore[arg-type]
    return let_in, len(typed), said[-1]


def test_who_guesses_is_slowed_over_all_his_connections_and_journalled(
    phone: Phone, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    asked = [connects(phone, monkeypatch, "192.0.2.7", "no")[1] for _ in range(100)]
    assert asked[0] == 3 and sum(asked) < 8 and asked[-1] == 0, "a hundred connections in a row"
    assert "too many wrong passwords" in connects(phone, monkeypatch, "192.0.2.7", "correct horse")[2]
    assert caplog.text.count("a log-in by Telnet from 192.0.2.7 failed") == sum(asked)
    assert connects(phone, monkeypatch, "192.0.2.8", "correct horse")[0], "another address is not kept out"

    began, tried = phone.now, 0
    while phone.now < began + 7200:
        tried += connects(phone, monkeypatch, "192.0.2.7", "no")[1]
        phone.now += 15
    assert 0 < tried < 32, "in two hours"
    phone.now += 1000
    assert connects(phone, monkeypatch, "192.0.2.7", "correct horse")[0], "and in the end he may come again"


def test_many_addresses_together_are_slowed_too(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = [connects(phone, monkeypatch, f"192.0.2.{number}", "no")[1] for number in range(1, 60)]
    assert asked[0] == 3 and asked[-1] < 3, "all in all they may not guess as they like"


def test_an_address_that_is_none_is_one_row(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = [connects(phone, monkeypatch, address, "no")[1] for address in ("", "x\ny", "evil", "", "x", "", "")]
    assert asked[-1] == 0
