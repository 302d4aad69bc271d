"""Automatic answer and ring tone: every form a server may use, and which one wins."""

from __future__ import annotations

import pytest

from deskphone.core.events import AnswerHint
from deskphone.wire.alerting import answer_hint


def hint(*lines: str) -> AnswerHint:
    fields = (line.partition(":") for line in lines)
    return answer_hint(tuple((name.lower(), value.strip()) for name, _, value in fields))


@pytest.mark.parametrize(
    ("line", "after", "source"),
    [
        ("Call-Info: <sip:x>;answer-after=0", 0, "call-info"),
        ("Call-Info: <sip:x>; Answer-After = 5", 5, "call-info"),
        ("Call-Info: <sip:a,b>, <sip:x>;answer-after=7", 7, "call-info"),
        ("Call-Info: ;answer-after=0", 0, "call-info"),
        ("Call-Info: answer-after=2", 2, "call-info"),
        ("Alert-Info: <http://h>;answer-after=0", 0, "alert-info"),
        ("Alert-Info: answer-after = 0", 0, "alert-info"),
        ("Alert-Info: ring answer", 0, "alert-info"),
        ("Alert-Info: Ring  Answer", 0, "alert-info"),
        ("Alert-Info: <Ring-Answer>", 0, "alert-info"),
        ("Alert-Info: info=alert-autoanswer", 0, "alert-info"),
        ("Alert-Info: INFO = Alert-AutoAnswer", 0, "alert-info"),
        ('Alert-Info: <http://127.0.0.1>;info="alert-autoanswer"', 0, "alert-info"),
        ("Alert-Info: http://127.0.0.1;info=alert-autoanswer", 0, "alert-info"),
        ("Alert-Info: <http://127.0.0.1>;info=alert-autoanswer;delay=4", 4, "alert-info"),
        ("Alert-Info: Auto Answer", 0, "alert-info"),
        ('Alert-Info: "auto  answer"', 0, "alert-info"),
        ("Alert-Info: Intercom", 0, "alert-info"),
        ("Alert-Info: auto-answer", 0, "alert-info"),
        ("Alert-Info: AutoAnswer;delay=3", 3, "alert-info"),
        ("Alert-Info: <auto_answer>;delay=0", 0, "alert-info"),
        ("Alert-Info: RingAnswer", 0, "alert-info"),
        ("Alert-Info: alert-autoanswer", 0, "alert-info"),
        ("Alert-Info: <alert-autoanswer>;delay=2", 2, "alert-info"),
        ("Alert-Info: <info=alert-autoanswer>", 0, "alert-info"),
        ("Alert-Info: <http://www.notused.com>;info=Auto Answer", 0, "alert-info"),
        ("Alert-Info: <http://h>;info=ring-answer;delay=4", 4, "alert-info"),
        ("Alert-Info: info=Intercom", 0, "alert-info"),
        ('Call-Info: <sip:x>;info="auto-answer"', 0, "call-info"),
        ("Call-Info: <sip:x>;info=alert-autoanswer;delay=0", 0, "call-info"),
        ("Call-Info: info=alert-autoanswer", 0, "call-info"),
        ("Answer-Mode: Auto", 0, "answer-mode"),
        ("Priv-Answer-Mode: auto", 0, "priv-answer-mode"),
    ],
)
def test_every_form_asks_for_an_automatic_answer(line: str, after: int, source: str) -> None:
    assert hint(line) == AnswerHint(after, False, source)


@pytest.mark.parametrize(
    "line",
    [
        "Alert-Info: <http://h/no-auto-answer.wav>", "Alert-Info: <http://h/intercom.wav>",
        "Alert-Info: <http://h/ringanswer>", "Alert-Info: <http://h/ring-answer.wav>",
        "Alert-Info: <http://h>;info=alert-autoanswer;delay=soon",
        "Alert-Info: <http://h>;info=alert-autoanswer;delay=99999", "Alert-Info: Auto Answer;delay=soon",
        "Alert-Info: <http://h/auto-answer>", "Alert-Info: <http://h>;info=no-auto-answer",
        "Alert-Info: <sip:intercom@h>",
        "Call-Info: <http://h/answer-after=0>", "Call-Info: <sip:x>;answer-after=-1",
        "Call-Info: <sip:x>;answer-after=x",
        "Call-Info: <sip:x>;answer-after=", "Call-Info: <sip:x>;answer-after",
        "Call-Info: <sip:x>;answer-after=99999",
        "Call-Info: <sip:x>;x-answer-after=0", "Answer-Mode: Manual", "Answer-Mode: automatic", "Answer-Mode: ",
        "Alert-Info: ", 'Call-Info: "<sip:x>;answer-after=0', "Subject: ring answer", "Alert-Info: string answered",
    ],
)  # fmt: skip
def test_what_only_looks_like_it_never_answers(line: str) -> None:
    assert hint(line).after is None


def test_answer_after_wins_over_every_other_type() -> None:
    others = ("Alert-Info: <http://127.0.0.1>;info=alert-autoanswer", "Answer-Mode: Auto", "Alert-Info: ring answer")
    assert hint(*others, "Call-Info: <sip:x>;answer-after=9").after == 9
    assert hint(*others).source == "alert-info"
    assert hint("Alert-Info: x;answer-after=3", "Call-Info: <sip:x>;answer-after=4").after == 4


def test_a_broken_header_does_not_hide_a_good_one() -> None:
    assert hint('Call-Info: "broken', "Call-Info: <sip:x>;answer-after=0").after == 0
    assert hint("Alert-Info: " + "," * 500, "Alert-Info: ring answer").after == 0


def test_auto_with_require_is_told_whoever_sets_the_time() -> None:
    assert hint("Answer-Mode: Auto;require") == AnswerHint(0, True, "answer-mode")
    assert hint("Priv-Answer-Mode: Auto;Require", "Call-Info: <sip:x>;answer-after=1") == AnswerHint(
        1, True, "call-info"
    )


def test_manual_with_require_forbids_what_others_ask_for() -> None:
    decided = hint("Answer-Mode: Manual;require", "Call-Info: <sip:x>;answer-after=0")
    assert decided == AnswerHint(None, False, "answer-mode")
    assert hint("Answer-Mode: Manual", "Call-Info: <sip:x>;answer-after=0").after == 0


@pytest.mark.parametrize(
    ("value", "alert"),
    [
        ("<http://127.0.0.1/Bellcore-dr3>", "bellcore-dr3"),
        ("Bellcore-dr2", "bellcore-dr2"),
        ("<http://h>;info=ring4", "ring4"),
        ("<http://h/sounds/ring2.wav>", "ring2"),
        ("info=External", "external"),
        ("<urn:alert:source:internal>", "urn:alert:source:internal"),
        ("<URN:Alert:service:normal>", "urn:alert:service:normal"),
        ("VIP customer", "vip customer"),
        ("<http://127.0.0.1>", ""),
        ("<http://127.0.0.1>;info=alert-autoanswer", ""),
        ("ring answer", ""),
        ("<http://h>;info=alert-autoanswer, <http://127.0.0.1/Bellcore-dr1>", "bellcore-dr1"),
        ("x" * 500, "x" * 64),
        ("a\x1b\x07b", "ab"),
    ],
)
def test_the_ring_tone_has_a_name(value: str, alert: str) -> None:
    assert hint("Alert-Info: " + value).alert == alert


def test_an_invite_without_advice_gives_none() -> None:
    assert hint("From: <sip:1@h>", "Subject: info=alert-autoanswer") == AnswerHint()
