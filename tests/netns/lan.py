"""A voice LAN in network namespaces: an honest server, the phone, and a stranger that forges any source address.

Law: nothing outside the namespaces changes. The stranger sees what is sent to him and nothing else, as on a switch.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from deskphone.config.settings import Settings
from tests.netns.switch import Switch
from tests.peers.phone import PeerPhone
from tests.sip.useragent.conftest import granting
from tests.sip.useragent.peer import Peer, Rtp

SERVER, PHONE, STRANGER = "10.78.0.1", "10.78.0.20", "10.78.0.66"
FIRST_MEDIA = Settings().media.port
"""The phone's first RTP port as it is delivered."""
ETHERNET, IPV4, UDP = 14, 0x0800, 17


class Lan(Switch):
    """`server`: the honest SIP server, on the switch. `seen`: what UDP brings the stranger, as (source, payload)."""

    def __init__(self) -> None:
        super().__init__(SERVER, {"phone": PHONE, "stranger": STRANGER})
        self.seen: list[tuple[str, bytes]] = []

    def __enter__(self) -> Self:
        super().__enter__()
        try:
            self.server = self._ends.enter_context(contextlib.closing(self.at("wire", lambda: Peer(SERVER, 5060))))
            granting(self.server)
            self._raw = self.at("stranger", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW))
            self._ends.callback(self._raw.close)
            self._eavesdrop()
        except BaseException:
            self._ends.close()
            raise
        return self

    def _eavesdrop(self) -> None:
        """Keep every UDP datagram that the stranger's interface gets, whatever its port."""
        door = self.at("stranger", lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(IPV4)))
        door.bind(("eth0", IPV4))
        door.settimeout(0.05)
        over = threading.Event()

        def listen() -> None:
            while not over.is_set():
                try:
                    frame, (_, _, kind, *_) = door.recvfrom(65_535)
                except TimeoutError:
                    continue
                if kind == socket.PACKET_HOST and frame[ETHERNET + 9] == UDP:
                    header = (frame[ETHERNET] & 15) * 4
                    source = socket.inet_ntoa(frame[ETHERNET + 12 : ETHERNET + 16])
                    self.seen.append((source, frame[ETHERNET + header + 8 :]))

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        self._ends.callback(door.close)
        self._ends.callback(thread.join)
        self._ends.callback(over.set)

    # --- who is there ------------------------------------------------------------------------------

    @contextlib.contextmanager
    def phone(self, folder: Path, port: int = 5060, *, registers: bool = True, **settings: str) -> Iterator[LanPhone]:
        """The phone, registered at the honest server (or at another port of it), whatever it has to hear there."""
        with LanPhone(self, folder, port, voip__signalling__sip__proxy_address=SERVER, **settings) as made:
            if registers:
                made.story().registered(within=20)
            yield made

    def media(self, name: str, host: str) -> contextlib.closing[Rtp]:
        """A far end's voice."""
        return contextlib.closing(self.at(name, lambda: Rtp(host)))

    # --- what a stranger does ------------------------------------------------------------------------

    def forge(self, source: tuple[str, int], to: tuple[str, int], payload: bytes) -> None:
        """One UDP datagram of the stranger that says it is from `source`."""
        datagram = struct.pack("!HHHH", source[1], to[1], 8 + len(payload), 0) + payload
        head = struct.pack(
            "!BBHHHBBH4s4s", 0x45, 0, 20 + len(datagram), 0, 0, 64, UDP, 0, socket.inet_aton(source[0]),
            socket.inet_aton(to[0]),
        )  # fmt: skip
        self._raw.sendto(head + datagram, to)

    def of_the_phone(self) -> list[bytes]:
        """What the phone has sent to the stranger."""
        return [payload for source, payload in list(self.seen) if source == PHONE]


class LanPhone(PeerPhone):
    """The phone's own process in its namespace. heard: a WAV of what it hears."""

    def __init__(self, lan: Lan, folder: Path, server: int, **settings: str) -> None:
        self._lan = lan
        enter = ("ip", "netns", "exec", lan.spaces["phone"])
        self.heard = folder / "heard.wav"
        options = ("--sip-address", PHONE, "--audio", f"wav:,{self.heard}")
        super().__init__(folder, server, *options, prefix=enter, **settings)

    def _ask(self, path: str, body: dict[str, Any] | None = None) -> Any:
        return self._lan.at("phone", lambda: super(LanPhone, self)._ask(path, body))
