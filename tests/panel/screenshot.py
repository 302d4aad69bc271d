"""Makes docs/panel.png from the running product: `python -m tests.panel.screenshot [FILE]`.

Law: nothing is posed but the moment: a customer has called and the handset is lifted.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from tests.panel import browser

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docs" / "panel.png"
SIZE = (1280, 800)
PATIENCE = 90.0  # seconds until a customer has called
COMMAND = (sys.executable, "-m", "deskphone", "demo", "--no-terminal", "--panel", "127.0.0.1:0")


@contextmanager
def product() -> Iterator[str]:
    """The demo running; gives its page's address as the program printed it."""
    process = subprocess.Popen(COMMAND, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if found := re.search(r"panel: (http://\S+)", line):
                yield found[1]
                return
        raise SystemExit(f"{' '.join(COMMAND)} ended with code {process.wait()} and told no address")
    finally:
        process.terminate()
        process.wait(20)


def ask(url: str) -> dict[str, Any]:
    """The phone's state."""
    with urlopen(f"{url}panel/state", timeout=10) as answer:
        state: dict[str, Any] = json.load(answer)
        return state


def wait(url: str, what: str, test: Callable[[dict[str, Any]], bool]) -> None:
    """Until the phone's state passes the test."""
    deadline = time.monotonic() + PATIENCE
    while not test(state := ask(url)):
        if time.monotonic() > deadline:
            raise SystemExit(f"waited {PATIENCE:.0f} s for {what}; the phone shows {state['title']!r} {state['rows']}")
        time.sleep(0.2)


def lift(url: str) -> None:
    """Lift the handset."""
    urlopen(Request(f"{url}panel/hook", b'{"off": true}', {"Content-Type": "application/json"}), timeout=10).close()


def main() -> None:
    """Run the product, wait for a customer, answer, and take the picture."""
    file = Path(sys.argv[1]) if len(sys.argv) > 1 else FILE
    if lacking := browser.missing():
        raise SystemExit(lacking)
    with product() as url, browser.chromium() as driver:
        browser.window(driver, *SIZE)
        driver.get(url)
        wait(url, "a customer", lambda state: any(call["state"] == "incoming" for call in state["calls"]))
        lift(url)
        wait(url, "the call", lambda state: any(call["state"] == "established" for call in state["calls"]))
        time.sleep(1.5)  # the handset's way up, and a first second of the call
        file.parent.mkdir(exist_ok=True)
        browser.picture(driver, file)
    print(file)


if __name__ == "__main__":
    main()
