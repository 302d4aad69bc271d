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
    ]  # fmt: skip
    lines = []
    for name, kind, words, samples in rows:
        lines += [f"# HELP {name} {words}", f"# TYPE {name} {kind}"]
        lines += [f"{name}{_labels(labels)} {value}" for labels, value in samples]
    return "\n".join(lines) + "\n"


def _labels(labels: dict[str, Any]) -> str:
    """Label values with the three escapes of the format."""
    if not labels:
        return ""

    def escaped(text: str) -> str:
        return str(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")

    return "{" + ",".join(f'{name}="{escaped(value)}"' for name, value in labels.items()) + "}"
