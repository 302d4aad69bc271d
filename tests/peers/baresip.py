"""baresip as a far end: its configuration, its control port (JSON in netstrings), its recordings and numbers.

Law: it is told what to do by commands and judged by its own events, WAV files and RTCP summary. Written for
Debian's 1.0, where `ausine` is the microphone and `sndfile` records what is sent and heard.
"""

from __future__ import annotations

import json
import re
import socket
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.peers.child import LOOPBACK, Child, free_port, wait_until

CODECS = {"G722": "G722/16000/1", "PCMA": "PCMA/8000/1", "opus": "opus/48000/2"}
TONE = 440
"""Hertz of the tone its microphone hears."""

_CONFIG = """\
poll_method epoll
sip_listen {host}:{sip}
call_local_timeout 60
call_max_calls {calls}
audio_player aubridge,nowhere
audio_source ausine,{tone}
audio_alert aubridge,nowhere
ausrc_srate 48000
ausrc_channels 2
audio_level no
rtp_tos 184
rtcp_mux no
rtp_stats yes
jitter_buffer_delay 2-10
net_interface {host}
module_path /usr/lib/baresip/modules
{codecs}
module ausine.so
module aubridge.so
module sndfile.so
module uuid.so
module_app account.so
module_app menu.so
module_app ctrl_tcp.so
module_app rtcpsummary.so
ctrl_tcp_listen {host}:{control}
snd_path {folder}
menu_bell no
"""


@dataclass(frozen=True, slots=True)
class Summary:
    """What baresip says of a call: packets heard and sent, and lost on either way by RTCP."""

    heard: int
    sent: int
    lost_heard: int
    lost_sent: int

    @property
    def worst_loss(self) -> float:
        """Percent, of the worse direction."""
        return max(
            100 * max(0, lost) / max(1, packets + max(0, lost))
            for lost, packets in ((self.lost_heard, self.heard), (self.lost_sent, self.sent))
        )


class Baresip:
    """One account at a proxy, one codec. `events`: what its control port told, in order.

    host: its own address; domain: that of the account's, with more parameters of it in `more`.
    """

    def __init__(
        self, folder: Path, proxy: int, number: str = "2001", codec: str = "PCMA", calls: int = 4,
        *, host: str = LOOPBACK, domain: str = LOOPBACK, more: str = "",
    ) -> None:  # fmt: skip
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.number = folder, number
        self.port, control = free_port(host), free_port(host)
        modules = "\n".join(f"module {name}.so" for name in ("g722", "g711", "opus"))
        text = _CONFIG.format(
            host=host, sip=self.port, calls=calls, tone=TONE, codecs=modules, control=control, folder=folder
        )
        (folder / "config").write_text(text)
        account = f"<sip:{number}@{domain}:{proxy}>;auth_user={number};auth_pass=secret;answermode=manual{more}"
        (folder / "accounts").write_text(f"{account};regint=120;audio_codecs={CODECS[codec]}\n")
        (folder / "contacts").write_text("")
        self.events: list[dict[str, Any]] = []
        self.answers: dict[str, dict[str, Any]] = {}
        self._count = 0
        self._ended = 0  # calls a summary was asked of
        self._control = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.child = Child(["/usr/bin/baresip", "-f", str(folder)], folder / "baresip.log")
        try:
            wait_until("baresip's control port", lambda: self._connect(host, control))
            self._thread = threading.Thread(target=self._listen, daemon=True)
            self._thread.start()
            self.child.says("200 OK")  # of its REGISTER
        except BaseException:
            self.child.stop()
            raise

    # --- orders ------------------------------------------------------------------------------------

    def command(self, name: str, parameters: str = "") -> dict[str, Any]:
        """One of its commands (dial, accept, hangup, hold, resume ...); its answer. AssertionError where it fails."""
        self._count += 1
        token = str(self._count)
        data = json.dumps({"command": name, "params": parameters, "token": token}).encode()
        self._control.sendall(b"%d:%b," % (len(data), data))
        wait_until(f"baresip's answer to {name}", lambda: token in self.answers)
        answer = self.answers[token]
        assert answer.get("ok"), f"baresip: {name} {parameters}: {answer}"
        return answer

    def event(self, kind: str, within: float = 10.0, after: int = 0) -> dict[str, Any]:
        """Wait for an event of this type (CALL_INCOMING, CALL_ESTABLISHED ...) behind the first `after` events."""

        def found() -> dict[str, Any] | None:
            return next((each for each in self.events[after:] if each.get("type") == kind), None)

        try:
            return wait_until(f"baresip's {kind}", found, within) or {}
        except AssertionError as error:
            raise AssertionError(f"{error}; it told {[each.get('type') for each in self.events]}") from None

    def stop(self) -> None:
        """End it."""
        self._control.close()
        self.child.stop()

    # --- what it measured --------------------------------------------------------------------------

    def recording(self, way: str) -> Path:
        """The newest WAV of what it sent ("enc") or heard ("dec"), complete once its call has ended."""
        found = sorted(self.folder.glob(f"dump-*-{way}.wav"), key=lambda path: path.stat().st_mtime)
        assert found, f"baresip made no {way} recording: {[path.name for path in self.folder.iterdir()]}"
        return found[-1]

    def summary(self) -> Summary:
        """Of the call that ended last; to be asked once after each call.

        RTCP's own count of packets is no measure of what came: when baresip was late with its reading, it takes the
        phone's RTCP BYE before the last packets of RTP, and counts these as a new source's from one (RFC 3550, A.1).
        """
        pattern = re.compile(r"PL=(-?\d+),(-?\d+);.*?packets:\s+(\d+)\s+(\d+)\s", re.DOTALL)
        self._ended += 1

        def found() -> list[str]:
            return pattern.findall(self.child.said())[self._ended - 1 :]

        lost_heard, lost_sent, sent, heard = map(int, wait_until("baresip's summary of the call", found)[0])
        return Summary(heard, sent, lost_heard, lost_sent)

    # --- inside ------------------------------------------------------------------------------------

    def _connect(self, host: str, port: int) -> bool:
        assert self.child.alive, f"baresip ended:\n{self.child.said()[-4000:]}"
        return self._control.connect_ex((host, port)) == 0

    def _listen(self) -> None:
        rest = b""
        while True:
            try:
                data = self._control.recv(65_536)
            except OSError:
                return
            if not data:
                return
            rest += data
            while (colon := rest.find(b":")) > 0 and len(rest) >= colon + 2 + int(rest[:colon]):
                end = colon + 1 + int(rest[:colon])
                self._take(json.loads(rest[colon + 1 : end]))
                rest = rest[end + 1 :]

    def _take(self, message: dict[str, Any]) -> None:
        if message.get("response"):
            self.answers[str(message.get("token"))] = message
        else:
            self.events.append(message)
