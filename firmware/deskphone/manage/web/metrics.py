"""The phone's figures in the text format of Prometheus (version 0.0.4).

Law: pure, from the answer to `status` to text. No number or name of a caller is a label.
"""

from __future__ import annotations

from typing import Any

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Json = dict[str, Any]
Samples = list[tuple[Json, float]]


def metrics(status: Json) -> str:
    """All metric families of an answer to `status`, with HELP and TYPE."""
    state, counters = status["state"], status["counters"]
    info = {"version": status["version"], "model": status["model"], "mac": status["mac"]}
    servers: Samples = [({"server": each["address"]}, int(each["registered"])) for each in state["servers"]]
    figures = status["figures"]
    voice = figures["voice"]
    rows: list[tuple[str, str, str, Samples]] = [
        ("deskphone_info", "gauge", "Version, model and MAC address.", [(info, 1)]),
        ("deskphone_up_seconds", "gauge", "Since the program began.", [({}, status["up_seconds"])]),
        ("deskphone_registered", "gauge", "Whether a server answered REGISTER with 200.", servers),
        ("deskphone_calls", "gauge", "Calls of now by direction.", [
            ({"direction": way}, sum(each["direction"] == way for each in state["calls"])) for way in ("in", "out")]),
        ("deskphone_agent", "gauge", "1 for the state the agent is in.", [({"state": state["agent"]["state"]}, 1)]),
        ("deskphone_failed_parts", "gauge", "Optional parts out of order.", [({}, len(status["failed_parts"]))]),
        ("deskphone_events_total", "counter", "Events the loop has taken.", [({}, counters["events"])]),
        ("deskphone_illegal_events_total", "counter", "Events no state allowed.", [({}, counters["illegal"])]),
        ("deskphone_frames_total", "counter", "Pictures drawn.", [({}, counters["frames"])]),
        ("deskphone_event_wait_seconds_total", "counter", "For how long events waited.", [({}, counters["waited"])]),
        ("deskphone_event_wait_seconds_max", "gauge", "The longest of these waits.", [({}, counters["longest"])]),
        ("deskphone_calls_total", "counter", "Calls.", _by_way(figures["calls"])),
        ("deskphone_calls_unanswered_total", "counter", "Calls nobody answered.", _by_way(figures["unanswered"])),
        ("deskphone_calls_answered_total", "counter", "Calls that were answered.", _by_way(figures["answered"])),
        ("deskphone_answer_seconds_total", "counter", "Until these were.", _by_way(figures["answer_seconds"])),
        ("deskphone_registrations_lost_total", "counter", "Registrations.", [({}, figures["registrations_lost"])]),
        ("deskphone_voice_jitter_seconds", "gauge", "Of the worst call of now.", [({}, voice["jitter_ms"] / 1000)]),
        ("deskphone_voice_loss_ratio", "gauge", "Of the worst call of now.", [({}, voice["loss_percent"] / 100)]),
        ("deskphone_voice_round_trip_seconds", "gauge", "Of the worst call.", [({}, voice["round_trip_ms"] / 1000)]),
        ("deskphone_under_voltage", "gauge", "Whether the supply is too weak.",
         [({}, int("power supply" in status["failed_parts"]))]),
        ("deskphone_temperature_celsius", "gauge", "Of the processor; 0: unknown.", [({}, figures["temperature"])]),
        ("process_cpu_seconds_total", "counter", "Processor time of the phone.", [({}, figures["cpu_seconds"])]),
        ("process_resident_memory_bytes", "gauge", "Memory of the phone.", [({}, figures["memory_bytes"])]),
    ]  # fmt: skip
    lines = []
    for name, kind, words, samples in rows:
        lines += [f"# HELP {name} {words}", f"# TYPE {name} {kind}"]
        lines += [f"{name}{_labels(labels)} {value}" for labels, value in samples]
    return "\n".join(lines) + "\n"


def _by_way(numbers: Json) -> Samples:
    """Samples by direction."""
    return [({"direction": way}, number) for way, number in numbers.items()]


def _labels(labels: dict[str, Any]) -> str:
    """Label values with the three escapes of the format."""
    if not labels:
        return ""

    def escaped(text: str) -> str:
        return str(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")

    return "{" + ",".join(f'{name}="{escaped(value)}"' for name, value in labels.items()) + "}"
