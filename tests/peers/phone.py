"""The phone's own process at a SIP server the test chose, driven through its panel only.

Law: `deskphone run --sim` and HTTP; the words (press, lift, state) are those of the stories.
"""

from __future__ import annotations

import json
import re
import sys
import time
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, cast

from tests.peers.child import LOOPBACK, Child
from tests.stories.bench import Bench, Seen, Story
from tests.stories.bench_core import configuration

NUMBER = "1502"
START = 20.0  # seconds until the panel answers, on a loaded machine
CODEC_NAMES = {"G722": "G722_8000", "PCMA": "G711A", "PCMU": "G711U", "opus": "OPUS"}


class PeerPhone:
    """One phone process. A context manager: it ends with the block, and its journal is printed for a failed test."""

    name = "sip"

    def __init__(self, folder: Path, server: int, *arguments: str, **settings: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        config = folder / "phone.cfg"
        config.write_bytes(configuration(NUMBER, "secret", voip__signalling__sip__proxy_port=str(server), **settings))
        command = [
            sys.executable, "-m", "deskphone", "run", "--sim", "--no-terminal", "--panel", f"{LOOPBACK}:0",
            "--sip-port", "0", "--data", str(folder / "data"), "--config", str(config), *arguments,
        ]  # fmt: skip
        self.child = Child(command, folder / "journal")
        try:
            self.child.says("panel: http://", START)
            found = re.search(r"panel: (http://\S+)/", self.journal())
            assert found is not None, self.journal()
            self.url = found.group(1)
        except BaseException:
            self.child.stop()
            raise

    def __enter__(self) -> PeerPhone:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End it; pytest shows the journal with a failure only."""
        self.child.stop(10)
        print(self.journal())

    def journal(self) -> str:
        """What the process wrote."""
        return self.child.said()

    def troubles(self) -> list[str]:
        """Lines of the journal that must not be there: illegal events, exceptions."""
        bad = ("illegal event", "Traceback", "goes on after a failed piece of work")
        return [line for line in self.journal().splitlines() if any(word in line for word in bad)]

    def memory(self) -> int:
        """Resident bytes (/proc/PID/statm)."""
        return int(Path(f"/proc/{self.child.process.pid}/statm").read_text().split()[1]) * 4096

    def story(self) -> Story:
        """The stories' waiting words on this phone; there is no stand-in to tell stories of a customer."""
        return Story(cast(Bench, self))

    # --- the words of the stories ------------------------------------------------------------------

    def press(self, *keys: str) -> None:
        for key in keys:
            self._ask("/panel/key", {"key": key})

    def lift(self) -> None:
        self._ask("/panel/hook", {"off": True})

    def put_down(self) -> None:
        self._ask("/panel/hook", {"off": False})

    def state(self) -> dict[str, Any]:
        state: dict[str, Any] = self._ask("/panel/state")
        return state

    def screen(self) -> Seen:
        state = self.state()
        return Seen(state["title"], tuple(state["rows"]), tuple(state["softkeys"]))

    def type(self, text: str) -> None:
        self._ask("/panel/text", {"text": text})

    def pass_time(self, seconds: float) -> None:
        """Wait a moment, between two looks."""
        time.sleep(seconds)

    def _ask(self, path: str, body: dict[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read())
