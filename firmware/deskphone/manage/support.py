"""The support bundle: what somebody far away needs to look for a fault, as one archive (tar, gzip).

Law: from answers of the control socket to bytes; what it reads besides is the last capture's file. The phone has
written every secret over before; a part that could not be had is a line in `MISSING`. Callers' numbers and names are in
it: it is for the administrator to give away.
"""

from __future__ import annotations

import io
import json
import platform
import tarfile
import time
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from deskphone.manage.report.keep_alive import report
from deskphone.manage.visible import visible

Json = dict[str, Any]
LOG_LINES = 500
MOST_PACKETS = 8_388_608  # bytes of a capture
REQUESTS: tuple[tuple[str, Json], ...] = (
    ("status", {}), ("show", {}), ("log", {"lines": LOG_LINES}), ("trace", {}), ("capture_state", {}),
    ("recording", {}),  # the largest is last: the socket makes who asked for it wait with the next
)  # fmt: skip
"""What is asked for, each by itself: the bundle of a phone that does not answer one of them has the others."""


def trace_text(messages: list[Json]) -> str:
    """The SIP trace as a person reads it: a line with time, way and address, then the message."""
    return "\n".join(_one(each) for each in messages)


def _one(message: Json) -> str:
    seconds, part = divmod(message["at"], 1)
    at = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(seconds)) + f".{int(part * 1000):03d}Z"
    host = f"[{message['host']}]" if ":" in message["host"] else message["host"]
    way = "to" if message["sent"] else "from"
    head = f"--- {message['number']} {at} {way} {host}:{message['port']} {message['transport']}"
    head += f" {message['length']} bytes"
    return visible(f"{head}\n{message['text']}".replace("\r\n", "\n").rstrip("\n")) + "\n"


def settings_text(rows: list[Json]) -> str:
    """Every setting as the answer to `show` has it, secrets masked, with the layer it comes from."""
    return "".join(f"{each['name']}={each['value']} ; {each['layer']}\n" for each in rows)


def versions() -> Json:
    """What runs: of this machine, not of the phone's user."""
    packages = {each.name: each.version for each in metadata.distributions()}
    return {"python": platform.python_version(), "system": " ".join(platform.uname()), "packages": packages}


def parts(answers: Mapping[str, Json | str]) -> dict[str, bytes]:
    """Name and content of each file, from the answers by request; a text is why there is none."""
    found: dict[str, bytes] = {"versions.json": _json(versions())}
    missing = [f"{name}: {why}" for name, why in answers.items() if isinstance(why, str)]
    for name, answer in answers.items():
        if isinstance(answer, str):
            continue
        match name:
            case "status":
                found |= {"status.json": _json(answer), "report.json": _json(report(answer))}
            case "show":
                found["settings.txt"] = settings_text(answer["settings"]).encode()
            case "log":
                found["journal.txt"] = visible("\n".join(answer["lines"])).encode() + b"\n"
            case "trace":
                found["sip-trace.txt"] = trace_text(answer["messages"]).encode()
            case "recording":
                found["recording.json"] = answer["recording"].encode()
            case "capture_state" if answer["file"]:
                try:
                    found["capture.pcap"] = packets(answer["file"])
                except OSError as error:
                    missing.append(f"capture: {error.strerror}")
    if missing:
        found["MISSING"] = "\n".join(missing).encode() + b"\n"
    return found


def packets(path: str) -> bytes:
    """The file of a capture. OSError where it cannot be read."""
    with Path(path).open("rb") as file:
        return file.read(MOST_PACKETS)


def bundle(answers: Mapping[str, Json | str], now: float) -> bytes:
    """The archive. now: unix seconds."""
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w:gz") as archive:
        for name, content in parts(answers).items():
            entry = tarfile.TarInfo(f"deskphone-support/{name}")
            entry.size, entry.mtime, entry.mode = len(content), int(now), 0o600
            archive.addfile(entry, io.BytesIO(content))
    return written.getvalue()


def _json(value: Json) -> bytes:
    return json.dumps(value, indent=1, ensure_ascii=False).encode() + b"\n"
