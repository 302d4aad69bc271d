"""Whether a host says by ICMP that nobody listens at a server's port: an empty line from a connected socket of its own.

Law: any thread's, but one at a time; blocks nobody. The kernel tells ICMP errors to a connected socket only, or to one
that asked for them (IP_RECVERR): there the error of one host would fail the next datagram to another, so that the
SIP stack's own socket does not ask. What an error means is for who hears of it: a host may be wrong, and ICMP forged.
"""

from __future__ import annotations

import socket
from contextlib import suppress

LINE = b"\r\n"  # what precedes a SIP message is passed over (RFC 3261 section 7.5)
LIFE = 2.0  # seconds an error is waited for; no more than one question to a place meanwhile
MOST = 8


class Canary:
    """One socket for each place that is being asked."""

    def __init__(self) -> None:
        self._asked: dict[tuple[str, int], tuple[socket.socket, float]] = {}

    def ask(self, host: str, port: int, now: float) -> None:
        """Send the line, unless one is under way. now: monotonic seconds."""
        if (host, port) in self._asked or len(self._asked) >= MOST:
            return
        with suppress(OSError):  # no way there: nothing is learnt
            made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
            self._asked[host, port] = (made, now + LIFE)
            made.setblocking(False)
            made.connect((host, port))
            made.send(LINE)

    def refused(self, now: float) -> list[tuple[str, int]]:
        """The places an error has come from since this was asked last."""
        found = []
        for place, (each, until) in list(self._asked.items()):
            try:
                each.recv(1)
            except BlockingIOError:
                pass
            except OSError:  # ECONNREFUSED, EHOSTUNREACH: once a question
                found.append(place)
            if now >= until:
                each.close()
                del self._asked[place]
        return found

    def close(self) -> None:
        """Ask nobody any more."""
        for each, _ in self._asked.values():
            each.close()
        self._asked.clear()
