"""rsyslog as Debian packages it: takes lines by UDP and TCP on loopback and says what it made of each (JSON)."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from types import TracebackType

from tests.peers.child import LOOPBACK, Child, wait_until

FIELDS = (
    "pri",
    "protocol-version",
    "timestamp",
    "hostname",
    "app-name",
    "procid",
    "msgid",
    "structured-data",
    "msg",
    "programname",
    "inputname",
)


class Rsyslog:
    """Listens on `port` from its making to `end`. A context manager."""

    def __init__(self, folder: Path, port: int) -> None:
        self.port, self.file = port, folder / "lines.json"
        parts = ",".join(rf"\"{each}\":\"%{each}:::json%\"" for each in FIELDS)
        conf = folder / "rsyslog.conf"
        conf.write_text(
            f'global(workDirectory="{folder}")\n'
            'module(load="imudp")\nmodule(load="imtcp")\n'
            f'template(name="told" type="string" string="{{{parts}}}\\n")\n'
            f'input(type="imudp" address="{LOOPBACK}" port="{port}")\n'
            f'input(type="imtcp" address="{LOOPBACK}" port="{port}")\n'
            f'action(type="omfile" file="{self.file}" template="told" asyncWriting="off")\n'
        )
        command = ("rsyslogd", "-n", "-f", str(conf), "-i", str(folder / "rsyslog.pid"))
        self._child = Child(command, folder / f"rsyslog-{len(list(folder.glob('rsyslog-*.log')))}.log")
        wait_until("rsyslog's door", lambda: self._open() or not self._child.alive, 20)
        assert self._child.alive, self._child.said()

    def _open(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex((LOOPBACK, self.port)) == 0

    def __enter__(self) -> Rsyslog:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def end(self) -> None:
        """End it; the lines stay."""
        if self._child.alive:
            self._child.process.terminate()
            self._child.finish()

    def lines(self, app: str = "deskphone") -> list[dict[str, str]]:
        """What it took so far of that program, parsed by its own parser."""
        text = self.file.read_text("utf-8") if self.file.exists() else ""
        found = [json.loads(line) for line in text.splitlines() if line.endswith("}")]
        return [each for each in found if each["app-name"] == app]

    def takes(self, words: str, within: float = 20.0) -> dict[str, str]:
        """Wait for a line with these words."""
        return wait_until(
            f"{words!r} at rsyslog", lambda: next((each for each in self.lines() if words in each["msg"]), None), within
        )
