"""The figures for who watches many phones: counted from what happens, in monotonic time."""

from __future__ import annotations

from deskphone.app.figures import Figures
from deskphone.sip.stack.quality import CallQuality


def call(event: str, name: str = "a", way: str = "in", **more: object) -> dict[str, object]:
    return {"event": event, "call": {"id": name, "direction": way, "number": "0301234567", "name": ""}, **more}


def quality(jitter: float, lost: int) -> CallQuality:
    return CallQuality("PCMA", 100, 100, lost, 0, jitter, 0, 0.0, 12.0, 40, 2, True)


def test_answer_times_and_calls_that_nobody_answered_are_counted_by_direction() -> None:
    now = [10.0]
    figures = Figures(lambda: now[0])
    figures.note(call("call.incoming"))
    figures.note(call("call.outgoing", "b", "out"))
    now[0] = 14.0
    figures.note(call("call.answered"))
    figures.note(call("call.held"))
    figures.note(call("call.ended", answered=True))
    figures.note(call("call.ended", "b", "out", answered=False))
    figures.note({"event": "registration.down", "server": "192.0.2.1", "code": 503})
    figures.note({"event": "agent.state", "agent": {}})
    told = figures.tell([])
    assert told["calls"] == {"in": 1, "out": 1} and told["answered"] == {"in": 1, "out": 0}
    assert told["answer_seconds"] == {"in": 4.0, "out": 0.0} and told["unanswered"] == {"in": 0, "out": 1}
    assert told["registrations_lost"] == 1
    assert "0301234567" not in str(told)


def test_of_several_calls_the_worst_voice_is_told() -> None:
    voice = Figures().tell([quality(3.0, 25), None, quality(8.5, 0)])["voice"]
    assert voice == {"jitter_ms": 8.5, "loss_percent": 20.0, "round_trip_ms": 12.0}
    assert Figures().tell([])["voice"] == {"jitter_ms": 0.0, "loss_percent": 0.0, "round_trip_ms": 0.0}


def test_the_machine_is_what_the_kernel_says() -> None:
    told = Figures().tell([])
    assert told["cpu_seconds"] > 0 and told["memory_bytes"] > 1_000_000 and told["temperature"] >= 0


def test_calls_that_never_end_are_forgotten_in_the_end() -> None:
    figures = Figures()
    for number in range(500):
        figures.note(call("call.incoming", f"in-{number}"))
    assert figures.tell([])["calls"]["in"] == 500 and len(figures._began) <= 64
