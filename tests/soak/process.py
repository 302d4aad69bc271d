"""The calls of a day at the real program, one after the other: what the kernel counts of it.

Law: started as for the bench, its configuration from a web server of ours; nothing is asked of the phone but calls.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.bench.calls import AUTO_ANSWER
from tests.bench.farend import HOST, Call, serve
from tests.bench.media import PCMU, microphone, offer
from tests.bench.phones import NUMBER, Deskphone
from tests.bench.usage import memory_mb

CHECKS = 30  # calls between two provisioning checks: an hour's
OUTAGES = 90  # calls between two silences of the server


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


class Provisioned(Deskphone):
    """The product with its configuration from a web server; asked counts what it fetched."""

    def __init__(self, folder: Path, microphone: Path) -> None:
        super().__init__(folder, microphone)
        self.asked = 0
        (self.folder / "www").mkdir()
        outer = self

        class Counting(_Quiet):
            def do_GET(self) -> None:
                outer.asked += 1
                super().do_GET()

        def handler(*arguments: object) -> Counting:
            return Counting(*arguments, directory=str(outer.folder / "www"))  # type: ignore[arg-type]

        self.server = ThreadingHTTPServer((HOST, 0), handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def command(self) -> list[str]:
        command = super().command()
        (self.folder / "www/phone.cfg").write_text(self.configuration())
        place = command.index("--config") + 1
        command[place] = f"http://{HOST}:{self.server.server_address[1]}/phone.cfg"
        return command

    def stop(self) -> None:
        super().stop()
        self.server.shutdown()
        self.server.server_close()


@dataclass(frozen=True, slots=True)
class Sample:
    """After so many calls, at rest. memory: resident, MB. checks: files fetched."""

    calls: int
    memory: float
    descriptors: int
    threads: int
    checks: int


def live(folder: Path, calls: int, samples: int, say: Callable[[Sample], None] = lambda sample: None) -> list[Sample]:
    """That many calls, looked at `samples` times in even distances, the first at the first of these."""
    sound = folder / "voice.wav"
    microphone(sound, 5)
    phone, rows = Provisioned(folder, sound), list[Sample]()
    phone.start()
    try:
        for number in range(1, calls + 1):
            _call(phone, number)
            if number % CHECKS == 0:
                os.kill(phone.pid, signal.SIGHUP)
                serve([phone.far], 0.5)
            if number % OUTAGES == 0:
                _outage(phone)
            if number % (calls // samples) == 0:
                serve([phone.far], 1.0)
                rows.append(_sample(phone, number))
                say(rows[-1])
        assert "illegal event" not in phone.log(), phone.log()[-2000:]
        return rows
    finally:
        phone.stop()
        phone.far.close()


def _call(phone: Deskphone, number: int) -> None:
    """One in three rings and is given up, the others are answered."""
    call = Call(phone.far, NUMBER, offer(PCMU, 9), () if number % 3 == 0 else AUTO_ANSWER)
    call.invite()
    if number % 3 == 0:
        call.response(180)
        call.cancel()
    else:
        call.response(200)
        call.ack()
        serve([phone.far], 0.1)
        call.bye()
    serve([phone.far], 0.02)


def _outage(phone: Deskphone) -> None:
    """The server hears nothing for a while; what was sent meanwhile is lost."""
    register = phone.far.automatic.pop("REGISTER")
    os.kill(phone.pid, signal.SIGHUP)
    serve([phone.far], 2.0)
    phone.far.automatic["REGISTER"] = register


def _sample(phone: Provisioned, calls: int) -> Sample:
    root = Path(f"/proc/{phone.pid}")
    descriptors, threads = len(list((root / "fd").iterdir())), len(list((root / "task").iterdir()))
    return Sample(calls, memory_mb(phone.pid), descriptors, threads, phone.asked)
