"""The CLI's words without a phone: completion, and what counts as a command."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import pytest

from deskphone.manage.cli.command import completions
from deskphone.manage.cli.commands import COMMANDS, Usage, carry_out, help_text
from deskphone.manage.client import Phone


class Said:
    """A phone that writes down what it is asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def ask(self, request: str, **fields: Any) -> dict[str, Any]:
        self.asked.append((request, fields))
        setting = {"name": "deskphone/volume/ring", "value": "3", "layer": "administrator", "restart": False}
        return {"ok": True, "settings": [setting], "waits": True, "call": "out-1", "lines": ["one"], "warnings": []}


def do(*words: str, secret: str = "") -> tuple[str, list[tuple[str, dict[str, Any]]]]:
    phone = Said()
    return carry_out(cast(Phone, phone), words, lambda: secret), phone.asked


def test_a_value_of_many_words_is_one_value() -> None:
    text, asked = do("set", "deskphone/volume/ring", "a", "b")
    assert asked == [("set", {"values": {"deskphone/volume/ring": "a b"}})]
    assert "counts when the phone is idle" in text


def test_a_value_named_json_is_no_option() -> None:
    _, asked = do("set", "voip/line/0/description", "x", "--json", "y")
    assert asked[0][1]["values"]["voip/line/0/description"] == "x --json y"


def test_restart_now_is_not_restart() -> None:
    assert do("restart")[1] == [("restart", {})] and do("restart", "now")[1] == [("restart", {"now": True})]


@pytest.mark.parametrize("words", [(), ("restart", "later"), ("password",), ("show", "a", "b"), ("log", "x")])
def test_a_command_written_wrongly_is_never_sent(words: Sequence[str]) -> None:
    phone = Said()
    with pytest.raises(Usage):
        carry_out(cast(Phone, phone), words, str)
    assert phone.asked == []


def test_completion_knows_commands_their_second_words_and_the_schema() -> None:
    assert completions("re", "") == ["reset", "restart", "retrieve"]
    assert completions("", "password ") == ["remove", "set"]
    assert "voip/line/0/id" in completions("voip/line/0/i", "set ")
    assert completions("voip", "set voip/line/0/id ") == []


def test_the_help_names_every_command() -> None:
    assert all(name in help_text() for name in COMMANDS)
