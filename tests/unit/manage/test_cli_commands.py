"""The CLI's words without a phone: completion, and what counts as a command."""

from __future__ import annotations

import argparse
import io
import json
import os
from collections.abc import Sequence
from typing import Any, cast

import pytest

from deskphone.manage.cli import command
from deskphone.manage.cli.command import completions
from deskphone.manage.cli.commands import COMMANDS, Usage, carry_out, help_text
from deskphone.manage.client import Gone, Phone, Refusal
from deskphone.manage.support import trace_text
from deskphone.manage.visible import visible


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


def test_a_terminal_obeys_nothing_that_others_wrote() -> None:
    name = "Bob\x1b]0;owned\x07\x9b2J\x7f\u202egnp\U000e0041"
    assert visible(f"{name}\n\tB\u00fcro") == (
        "Bob\\u001b]0;owned\\u0007\\u009b2J\\u007f\\u202egnp\\udb40\\udc41\n\tB\u00fcro"
    )
    as_json = json.dumps({"name": name}, ensure_ascii=False)
    assert json.loads(visible(as_json)) == {"name": name} and visible(as_json).isprintable()


def test_a_message_that_would_turn_the_terminal_over_is_shown_as_it_is() -> None:
    message = {"at": 1.5, "host": "::1", "port": 5060, "sent": False, "number": 1, "transport": "UDP", "length": 9}
    text = trace_text([{**message, "text": "INVITE sip:1@h SIP/2.0\r\nSubject: \x1b[2J\r\n\r\n"}])
    assert text.endswith("from [::1]:5060 UDP 9 bytes\nINVITE sip:1@h SIP/2.0\nSubject: \\u001b[2J\n")


def test_a_value_of_many_words_is_one_value() -> None:
    text, asked = do("set", "deskphone/volume/ring", "a", "b")
    assert asked == [("set", {"values": {"deskphone/volume/ring": "a b"}})]
    assert "counts when the phone is idle" in text


def test_a_value_named_json_is_no_option() -> None:
    _, asked = do("set", "voip/line/0/description", "x", "--json", "y")
    assert asked[0][1]["values"]["voip/line/0/description"] == "x --json y"


def test_restart_now_is_not_restart() -> None:
    assert do("restart")[1] == [("restart", {})] and do("restart", "now")[1] == [("restart", {"now": True})]


@pytest.mark.parametrize("words", [
    (), ("restart", "later"), ("password",), ("show", "a", "b"), ("log", "x"), ("log", "9" * 5000),
    ("trace", "\u0663"), ("capture", "-1"),
])  # fmt: skip
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


@pytest.mark.parametrize(("distant", "patience"), [(True, 60), (False, 0)])
def test_a_batch_over_the_network_waits_no_longer_than_a_prompt(
    distant: bool, patience: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    alarms: list[int] = []
    monkeypatch.setattr(command, "_lifetime", lambda phone: 60)
    monkeypatch.setattr(command.remote, "idle", alarms.append)
    monkeypatch.setattr(command.sys, "stdin", io.StringIO("\n# nothing\n"))
    assert command._batch(None, distant) == os.EX_OK  # type: ignore[arg-type]
    assert alarms == [patience, 0] * 3, "each line is waited for, none is carried out against time"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Usage("expected: dial NUMBER"), os.EX_USAGE),
        (Refusal("value", "0 to 10"), os.EX_DATAERR),
        (Refusal("bug", "no"), os.EX_SOFTWARE),
        (Gone("no phone"), os.EX_UNAVAILABLE),
    ],
)
def test_an_error_has_one_code_whether_a_command_or_the_session_meets_it(
    error: Exception, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(*given: object) -> str:
        raise error

    class Connected(Said):
        def close(self) -> None:
            """Nothing is open."""

    monkeypatch.setattr(command, "Phone", lambda path, by: Connected())
    args = argparse.Namespace(control="", ssh=False, telnet=False, words=["status"])
    for place in ("carry_out", "_serve"):
        with monkeypatch.context() as patch:
            patch.setattr(command, place, fails)
            assert command.run(args) == code, place
        assert capsys.readouterr().err == f"deskphone cli: {error}\n"


def test_a_line_without_an_end_is_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(command.sys, "stdin", io.StringIO("x" * 10_000_000))
    assert command._batch(None, False) == os.EX_USAGE  # type: ignore[arg-type]
    assert "at most 65536" in capsys.readouterr().err and command.sys.stdin.tell() < 100_000
