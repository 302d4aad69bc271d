"""The phone's own process on loopback, driven through its panel's HTTP interface only: the words of the stories.

Law: which server it registers at, and with which settings, is for who starts it to say.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from tests.patience import SLOW
from tests.peers.child import LOOPBACK, Child, wait_until
from tests.stories.bench import Seen

START = 20.0  # seconds until the panel answers, on a loaded machine


class PhoneProcess:
    """`deskphone run --sim`: one process, from `start` to `end`. Its journal and its data are in `folder`."""

    name = "sip"
    slow = SLOW
    prefix: tuple[str, ...] = ()
    """What the program is started by: a namespace, valgrind."""
    patience = START

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.child: Child | None = None
        self.url = ""

    def start(self, *arguments: str) -> None:
        """Start the process with these arguments over the usual ones and wait for its panel."""
        command = [
            *self.prefix, sys.executable, "-m", "deskphone", "run", "--sim", "--no-terminal",
            "--panel", f"{LOOPBACK}:0", "--sip-port", "0", "--data", str(self.folder / "data"), *arguments,
        ]  # fmt: skip
        child = self.child = Child(command, self.folder / "journal")

        def address() -> re.Match[str] | None:
            found = re.search(r"panel: (http://\S+)/", child.said())
            assert found or child.alive, f"the phone did not start:\n{child.said()}"
            return found

        found = wait_until("the phone's panel", address, self.patience)
        assert found is not None
        self.url = found.group(1)

    def end(self) -> None:
        """End it; pytest shows the journal with a failure only."""
        if self.child is not None:
            self.child.stop(max(10.0, self.patience))
        print(self.journal())

    def power_cut(self) -> None:
        """It ends at once, and nothing more is written."""
        assert self.child is not None
        self.child.process.kill()
        self.child.process.wait(10)

    @property
    def process(self) -> subprocess.Popen[bytes] | None:
        """As the operating system has it."""
        return self.child.process if self.child is not None else None

    def journal(self) -> str:
        """What the process wrote."""
        return self.child.said() if self.child is not None else ""

    def illegal(self) -> int:
        """How many illegal events the journal tells of."""
        return self.journal().count("illegal event")

    # --- the words of the stories ----------------------------------------------------------------------

    def press(self, *keys: str) -> None:
        for key in keys:
            self._ask("/panel/key", {"key": key})

    def hold_down(self, key: str, seconds: float) -> None:
        self._ask("/panel/key", {"key": key, "hold_ms": int(seconds * 1000)})

    def lift(self) -> None:
        self._ask("/panel/hook", {"off": True})

    def put_down(self) -> None:
        self._ask("/panel/hook", {"off": False})

    def type(self, text: str) -> None:
        if text:
            self._ask("/panel/text", {"text": text})

    def state(self) -> dict[str, Any]:
        state: dict[str, Any] = self._ask("/panel/state")
        return state

    def screen(self) -> Seen:
        state = self.state()
        return Seen(state["title"], tuple(state["rows"]), tuple(state["softkeys"]), tuple(state["marks"]))

    def pass_time(self, seconds: float) -> None:
        time.sleep(seconds)

    def _ask(self, path: str, body: dict[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"})

        def answered() -> tuple[Any] | None:
            """The panel answers before the phone behind it runs, which takes no keys until then (503)."""
            try:
                with urllib.request.urlopen(request, timeout=max(10, self.patience)) as answer:
                    return (json.loads(answer.read()),)
            except urllib.error.HTTPError as refused:
                if refused.code != 503 or self.child is None or not self.child.alive:
                    raise
                return None

        found = wait_until("a phone that takes keys", answered, self.patience)
        assert found is not None
        return found[0]
