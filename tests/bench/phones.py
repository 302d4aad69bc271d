"""The three phones as processes: deskphone with its panel, pjproject's own pjsua, Debian's baresip.

Law: starts, asks nothing, ends. All register the same number at a far end of their own, bind to loopback, take
their voice from the same WAV file and write what they hear to one; silence suppression and echo cancellation off.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from tests.bench.farend import HOST, FarEnd, Lost

NUMBER = "1502"
ANSWERING = "1503"
"""baresip's second account, the one that answers by itself."""
START = 60.0  # seconds a phone may take on a loaded machine
ROOT = Path(__file__).resolve().parents[2]
MODULES = Path("/usr/lib/baresip/modules")


class Phone:
    """One phone process and its far end. `name` is that of its column."""

    name = ""

    def __init__(self, folder: Path, microphone: Path, tag: str = "") -> None:
        self.folder = folder / f"{self.name}{tag}"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.microphone = microphone
        self.far = FarEnd()
        self.process: subprocess.Popen[bytes] | None = None
        self.started_at = 0

    @property
    def pid(self) -> int:
        """The process."""
        assert self.process is not None, f"{self.name} was not started"
        return self.process.pid

    def command(self) -> list[str]:
        """How it is started."""
        raise NotImplementedError

    def start(self) -> None:
        """Start it and wait until it is registered."""
        command = self.command()
        self.far.forget()
        with (self.folder / "log").open("wb") as log:
            self.started_at = time.perf_counter_ns()
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=log, stderr=log, cwd=self.folder, env=environment()
            )
        try:
            self.far.wait_registered(NUMBER, START)
        except Lost as lost:
            raise Lost(f"{self.name}: {lost}\n{self.log()[-2000:]}") from None

    def say(self, line: str) -> None:
        """A line to its standard input."""
        assert self.process is not None and self.process.stdin is not None
        self.process.stdin.write(f"{line}\n".encode())
        self.process.stdin.flush()

    def registered_s(self) -> float:
        """Seconds from the start of the process to the 200 to its REGISTER."""
        return (self.far.registered_at[NUMBER] - self.started_at) / 1e9

    def stop(self) -> None:
        """End the process; its goodbye is answered meanwhile."""
        process, self.process = self.process, None
        if process is None:
            return
        process.terminate()
        until = time.monotonic() + 5
        while process.poll() is None and time.monotonic() < until:
            self.far.receive(0.02)
        process.kill()
        process.wait()
        if process.stdin is not None:
            with contextlib.suppress(OSError):
                process.stdin.close()
        self.far.drain()

    def log(self) -> str:
        """What it wrote."""
        return (self.folder / "log").read_text("utf-8", "replace")


class Deskphone(Phone):
    """The product: `deskphone run --sim` with its panel."""

    name = "deskphone"
    url = ("", 0)
    extra: Mapping[str, int] = MappingProxyType({})
    """More settings of its configuration file."""

    def command(self) -> list[str]:
        config = self.folder / "phone.cfg"
        config.write_text(self.configuration(), "utf-8")
        return [
            sys.executable, "-m", "deskphone", "run", "--sim", "--no-terminal", "--panel", f"{HOST}:0",
            "--sip-port", "0", "--data", str(self.folder / "data"), "--config", str(config),
            "--audio", f"wav:{self.microphone},{self.folder / 'heard.wav'}",
        ]  # fmt: skip

    def configuration(self) -> str:
        """Its configuration file: an account, automatic answer, NOTIFY talk; the rest is default."""
        settings = {
            "voip/line/0/enabled": 1,
            "voip/line/0/id": NUMBER,
            "voip/line/0/auth_name": NUMBER,
            "voip/line/0/auth_password": "secret",
            "voip/signalling/sip/use_proxy": 1,
            "voip/signalling/sip/proxy_address": HOST,
            "voip/signalling/sip/proxy_port": self.far.port,
            "voip/signalling/sip/proxy_timeout": 300,
            "voip/auto_answer/enabled": 1,
            "voip/talk_event/enabled": 1,
            **self.extra,
        }
        return "".join(f"{name}={value}\n" for name, value in settings.items())

    def start(self) -> None:
        super().start()
        found = re.search(r"panel: http://([0-9.]+):(\d+)/", self.log())
        if found is None:
            raise Lost(f"{self.name} has no panel:\n{self.log()[-2000:]}")
        self.url = found.group(1), int(found.group(2))


class Pjsua(Phone):
    """pjproject's C application, from the very libraries deskphone uses. It gives every call one code."""

    name = "pjsua"

    def __init__(self, folder: Path, microphone: Path, program: Path, code: int, tag: str = "") -> None:
        super().__init__(folder, microphone, f"{tag}-{code}")
        self._program, self._code = program, code

    def command(self) -> list[str]:
        place = f"{HOST}:{self.far.port}"
        heard = self.folder / "heard.wav"
        return [
            str(self._program), f"--id=sip:{NUMBER}@{place}", f"--registrar=sip:{place}", "--realm=*",
            f"--username={NUMBER}", "--password=secret", "--null-audio", "--no-tcp", "--local-port=0",
            f"--bound-addr={HOST}", f"--ip-addr={HOST}", f"--auto-answer={self._code}", "--max-calls=16", "--no-vad",
            "--ec-tail=0", "--clock-rate=16000", f"--play-file={self.microphone}", "--auto-play",
            f"--rec-file={heard}", "--auto-rec", "--log-level=1", "--app-log-level=1",
        ]  # fmt: skip

    def stop(self) -> None:
        if self.process is not None:
            with contextlib.suppress(OSError):
                self.say("q")
        super().stop()


class Baresip(Phone):
    """Debian's baresip with two accounts: one rings, one answers by itself."""

    name = "baresip"

    def command(self) -> list[str]:
        program = shutil.which("baresip")
        if program is None:
            raise Lost("baresip: not installed (Debian package baresip-core)")
        place = f"{HOST}:{self.far.port}"
        with (self.folder / "accounts").open("w") as accounts:
            for number, mode in ((NUMBER, "manual"), (ANSWERING, "auto")):
                accounts.write(
                    f"<sip:{number}@{place}>;auth_user={number};auth_pass=secret;answermode={mode};regint=300\n"
                )
        (self.folder / "contacts").write_text("")
        modules = ("g711.so", "g722.so", "opus.so", "aufile.so")
        lines = [
            f"sip_listen {HOST}:0", "call_local_timeout 120", "call_max_calls 8",
            f"audio_player aufile,{self.folder / 'heard.wav'}", f"audio_source aufile,{self.microphone}",
            "ausrc_srate 16000", "auplay_srate 16000", "ausrc_channels 1", "auplay_channels 1",
            "rtp_stats no", f"module_path {MODULES}",
            *(f"module {name}" for name in modules), "module_app account.so",
        ]  # fmt: skip
        (self.folder / "config").write_text("".join(f"{line}\n" for line in lines))
        return [program, "-4", "-f", str(self.folder)]


def environment() -> dict[str, str]:
    """This process's environment with Python's cache of compiled modules on, as it is on a desk."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def build_pjsua() -> Path:
    """pjproject's own C user agent, compiled once from the cached tree."""
    built = subprocess.run(
        ["nice", "-n", "19", sys.executable, str(ROOT / "firmware/native/build.py"), "pjsua"],
        check=True, stdout=subprocess.PIPE,
    )  # fmt: skip
    return Path(built.stdout.decode().splitlines()[-1])
