"""The CLI's commands for who looks for a fault: trace, capture, support.

Law: as `commands`, whose table has them as rows.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from deskphone.manage import support
from deskphone.manage.cli.usage import Usage, number
from deskphone.manage.client import Gone, Phone, Refusal

Json = dict[str, Any]
Secret = Callable[[], str]


def trace(phone: Phone, words: Sequence[str], secret: Secret) -> Json:
    """The newest messages."""
    return {"messages": phone.ask("trace", most=number(words, 20, "trace [MESSAGES]"))["messages"]}


def say_trace(answer: Json) -> str:
    """The messages as text."""
    return support.trace_text(answer["messages"]) or "no SIP message has passed yet"


def capture(phone: Phone, words: Sequence[str], secret: Secret) -> Json:
    """Begin one of so many seconds."""
    seconds: int = phone.ask("capture", seconds=number(words, 60, "capture [SECONDS]"))["seconds"]
    return {"seconds": seconds}


def say_capture(answer: Json) -> str:
    """That it has begun."""
    return f"capturing for {answer['seconds']} s; `capture state` says when it is there"


def capture_state(phone: Phone, words: Sequence[str], secret: Secret) -> Json:
    """What became of the last one."""
    answer = phone.ask("capture_state")
    return {**answer["capture"], "file": answer["file"]}


def say_capture_state(answer: Json) -> str:
    """In a line."""
    said = str(answer["step"])
    said += f": {answer['packets']} packets, {answer['bytes']} bytes" if "packets" in answer else ""
    said += f": {answer['detail']}" if answer.get("detail") else ""
    return said + (f"\n{answer['file']}" if answer["file"] else "")


def write_bundle(phone: Phone, words: Sequence[str], secret: Secret) -> Json:
    """Write the support bundle to a file, which nobody else may read; Usage where that is not possible."""
    now = time.time()
    name = words[0] if words else time.strftime("deskphone-support-%Y%m%d-%H%M%S.tar.gz", time.gmtime(now))
    answers: dict[str, Json | str] = {}
    for request, fields in support.REQUESTS:
        try:
            answers[request] = phone.ask(request, **fields)
        except (Refusal, Gone) as error:
            answers[request] = str(error)
    content = support.bundle(answers, now)
    if name == "-":
        sys.stdout.buffer.write(content)
        return {"file": "", "bytes": len(content)}
    try:
        handle = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
    except OSError as error:
        raise Usage(f"{name}: cannot be written: {error.strerror}") from error
    return {"file": str(Path(name).absolute()), "bytes": len(content)}


def say_bundle(answer: Json) -> str:
    """Where it is; nothing where it went to standard output."""
    return f"{answer['file']} ({answer['bytes']} bytes)" if answer["file"] else ""
