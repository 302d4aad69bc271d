"""The product itself, started as a person starts it, and asked over its panel.

Law: a process and HTTP; nothing of the product is imported.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.request import Request, urlopen

COMMAND = (sys.executable, "-m", "deskphone", "demo", "--no-terminal", "--panel", "127.0.0.1:0")


@contextmanager
def product() -> Iterator[str]:
    """The demo running; gives its page's address as the program printed it."""
    process = subprocess.Popen(COMMAND, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if found := re.search(r"panel: (http://\S+)", line):
                break
        else:
            raise RuntimeError(f"{' '.join(COMMAND)} ended with code {process.wait()} and told no address")
        yield found[1]
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()


def ask(url: str) -> dict[str, Any]:
    """The phone's state."""
    with urlopen(f"{url}panel/state", timeout=10) as answer:
        state: dict[str, Any] = json.load(answer)
        return state


def state_of(state: dict[str, Any]) -> str:
    """The state of the first call, empty without one."""
    return str(state["calls"][0]["state"]) if state["calls"] else ""


def wait(url: str, what: str, test: Callable[[dict[str, Any]], bool], within: float = 20.0) -> None:
    """Until the phone's state passes the test; RuntimeError tells what it shows instead."""
    deadline = time.monotonic() + within
    while not test(state := ask(url)):
        if time.monotonic() > deadline:
            raise RuntimeError(f"waited {within:.0f} s for {what}; it shows {state['title']!r} {state['rows']}")
        time.sleep(0.1)


def lift(url: str) -> None:
    """Lift the handset."""
    urlopen(Request(f"{url}panel/hook", b'{"off": true}', {"Content-Type": "application/json"}), timeout=10).close()
