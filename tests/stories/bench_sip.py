"""The sip bench: the real process with real pjsua2 on loopback, and the SIP Server stand-in.

Law: the phone is driven through its panel's HTTP interface only, the server through its own class in a thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Coroutine
from pathlib import Path
from types import TracebackType
from typing import Any

from deskphone.sim.sipserver.farend import FarEnd
from deskphone.sim.sipserver.server import SipServer
from tests.stories.bench import Seen
from tests.stories.bench_core import configuration

NUMBER = "1502"
START = 15.0  # seconds a phone may take to answer its panel on a loaded machine


class LoopThread:
    """An asyncio loop in a thread, for the server."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, Any], within: float = 15) -> Any:
        """Run a coroutine there and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(within)

    def do(self, work: Any) -> Any:
        """Call a plain function there and wait for it."""

        async def call() -> Any:
            return work()

        return self.run(call())

    def stop(self) -> None:
        """End the thread."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(5)
        self.loop.close()


class SipBench:
    """One phone process, one server."""

    name = "sip"

    def __init__(self, **server: Any) -> None:
        self._server_settings = server
        self._thread = LoopThread()
        self._folder = tempfile.TemporaryDirectory(prefix="deskphone-story-")
        self.folder = Path(self._folder.name)
        self.process: subprocess.Popen[bytes] | None = None
        self.url = ""
        self.server: SipServer = self._thread.do(lambda: SipServer(dns={NUMBER: "secret", "2001": "secret"}, **server))

    def __enter__(self) -> SipBench:
        self._thread.run(self.server.start())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process is not None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(10)
            self.process.kill()
        self._thread.run(self.server.stop())
        self._thread.stop()
        print(self.journal())  # pytest shows it with a failure only
        self._folder.cleanup()

    # --- the process ---------------------------------------------------------------------------------

    def power_on(self, **settings: str) -> None:
        config = self.folder / "phone.cfg"
        config.write_bytes(configuration(**{"voip__signalling__sip__proxy_port": str(self.server.port), **settings}))
        self.start("--config", str(config))

    def start(self, *arguments: str) -> None:
        """Start the process with these arguments over the usual ones and wait for its panel."""
        command = [
            sys.executable, "-m", "deskphone", "run", "--sim", "--no-terminal", "--panel", "127.0.0.1:0",
            "--sip-port", "0", "--data", str(self.folder / "data"), *arguments,
        ]  # fmt: skip
        with (self.folder / "journal").open("wb") as journal:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=journal, stderr=journal)
        deadline = time.monotonic() + START
        while not (found := re.search(r"panel: (http://\S+)/", self.journal())):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"the phone did not start:\n{self.journal()}")
            time.sleep(0.02)
        self.url = found.group(1)

    def journal(self) -> str:
        """What the process wrote."""
        return (self.folder / "journal").read_text("utf-8", errors="replace")

    def illegal(self) -> int:
        """How many illegal events the journal tells of."""
        return self.journal().count("illegal event")

    def _ask(self, path: str, body: dict[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read())

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
        self._ask("/panel/text", {"text": text})

    def state(self) -> dict[str, Any]:
        state: dict[str, Any] = self._ask("/panel/state")
        return state

    def screen(self) -> Seen:
        state = self.state()
        return Seen(state["title"], tuple(state["rows"]), tuple(state["softkeys"]))

    def pass_time(self, seconds: float) -> None:
        time.sleep(seconds)

    def customer(self, number: str = "0301234567", name: str = "Jane Customer") -> SipCustomer:
        return SipCustomer(self, number, name)

    def server_answers(self, method: str, code: int, reason: str = "", times: int = 1, retry_after: int = 0) -> None:
        headers = (("Retry-After", str(retry_after)),) if retry_after else ()
        self._thread.do(lambda: self.server.fail_next(method, code, headers, count=times, phrase=reason))

    def server_silent(self, silent: bool) -> None:
        self._thread.do(lambda: self.server.silence(silent))

    def mailbox(self, new: int, old: int = 0) -> None:
        self._thread.do(lambda: self.server.notify_mwi(NUMBER, new, old))

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """For stories that are told to the server itself."""
        return self._thread.run(work)

    def do(self, work: Any) -> Any:
        """A plain function in the server's thread."""
        return self._thread.do(work)


class SipCustomer:
    """A far end of the stand-in."""

    def __init__(self, bench: SipBench, number: str, name: str) -> None:
        self.bench, self.number, self.name = bench, number, name
        self.far_end: FarEnd | None = None

    def call(self, anonymous: bool = False, **how: Any) -> None:
        self.far_end = self.bench.do(
            lambda: self.bench.server.call(NUMBER, from_number=self.number, name=self.name, private=anonymous, **how)
        )

    @property
    def there(self) -> FarEnd:
        assert self.far_end is not None, "this customer has not called"
        return self.far_end

    def hang_up(self) -> None:
        self.bench.do(self.there.leave)

    def answered(self, within: float = 5) -> None:
        self.bench.run(self.there.wait("answered", within))

    def ended(self, within: float = 5) -> int:
        self.bench.run(self.there.wait("ended", within))
        code = self.there.outcome.code if self.there.outcome is not None else 0
        return int(code)

    def hold(self) -> None:
        self.bench.run(self.there.hold())

    def retrieve(self) -> None:
        self.bench.run(self.there.retrieve())

    @property
    def digits(self) -> str:
        return str(self.there.ear.digits)
