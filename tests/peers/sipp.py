"""SIPp as a far end that follows a scenario of sipp/ to the letter.

Law: one call of one scenario; SIPp's own verdict is the verdict, and what it saw is in the failure.
"""

from __future__ import annotations

import re
from pathlib import Path

from tests.peers.child import LOOPBACK, Child, free_port, wait_until

SCENARIOS = Path(__file__).with_name("sipp")
LONGEST = 30


class Sipp:
    """A running scenario. `port` is where it listens. `repeats`: it is shown messages that come again, too.

    host, port: its own, 0 for a free one; there: the host of who is called.
    """

    def __init__(
        self, scenario: str, folder: Path, to: int, *, calls: int = 1, longest: int = LONGEST, repeats: bool = False,
        host: str = LOOPBACK, port: int = 0, there: str = LOOPBACK,
    ) -> None:  # fmt: skip
        self.scenario = scenario
        self.port, media = port or free_port(host), free_port(host)
        self._messages, self._errors = folder / f"{scenario}.messages", folder / f"{scenario}.errors"
        self._longest = longest
        command = [
            "/usr/bin/sipp", f"{there}:{to}", "-sf", str(SCENARIOS / f"{scenario}.xml"), "-m", str(calls),
            "-i", host, "-p", str(self.port), "-mi", host, "-mp", str(media), "-nostdin",
            "-timeout", f"{longest}s", "-timeout_error", "-trace_err", "-error_file", str(self._errors),
            "-trace_msg", "-message_file", str(self._messages), "-cid_str", f"{scenario}-%u-%p@%s",
            *(("-nr",) if repeats else ()),
        ]  # fmt: skip
        self._child = Child(command, folder / f"{scenario}.screen")

    def listening(self) -> None:
        """Wait until its port is open, so that nothing is sent into the void."""
        place = f"{int.from_bytes(bytes(map(int, LOOPBACK.split('.'))), 'little'):08X}:{self.port:04X}"
        wait_until("SIPp's port", lambda: place in Path("/proc/net/udp").read_text())

    def finish(self) -> None:
        """Wait for its end; AssertionError with what it saw where the phone did not follow."""
        code = self._child.finish(self._longest + 10)
        assert code == 0, f"{self.scenario}.xml: SIPp ended with {code}\n{self.report()}"

    def report(self) -> str:
        """Its complaints and the last messages."""
        parts = [each.read_text("utf-8", errors="replace") for each in (self._errors, self._messages) if each.exists()]
        return "\n".join(part[-12_000:] for part in parts)

    def wait_for(self, words: str) -> None:
        """Wait until these words were sent or received."""
        wait_until(f"{words!r} in what SIPp saw", lambda: self._messages.exists() and self.saw(re.escape(words)))

    def saw(self, pattern: str) -> list[str]:
        """What matches in all it sent and received."""
        return re.findall(pattern, self._messages.read_text("utf-8", errors="replace"))

    def stop(self) -> None:
        """End it."""
        self._child.stop()
