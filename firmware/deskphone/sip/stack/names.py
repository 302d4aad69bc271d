"""Names in the URIs of others (Contact, Record-Route, a redirect, a server over TLS), looked up beside the SIP thread.

Law: SIP thread, but for `_look`. The system's resolver is asked, each name in a thread of its own: it blocks; what is
to be sent waits PATIENCE for it and then goes where the name came from (`sipext.resolved`). Over UDP and TCP the name
of a server is the core's (`core.lines.way`).
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time

import deskphone_sipext as sipext

from deskphone.sip.stack.loop import Loop
from deskphone.sip.stack.often import OncePerMinute

LOG = logging.getLogger("deskphone.names")
LOG.addFilter(OncePerMinute())

PATIENCE = 2.0  # seconds a message waits for the addresses of a name
GOOD_FOR, NONE_FOR = 60.0, 15.0  # seconds an answer counts, and the lack of one
MOST_THREADS = 4  # a name server that is dead keeps each for seconds
MOST_KNOWN = 64
BRIEF = "timeout:1 attempts:2"
"""resolv.conf(5): of its own glibc waits five seconds, twice, for each name server."""


class Names:
    """What names mean, and who waits for it."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._known: dict[str, tuple[float, tuple[str, ...]]] = {}
        self._waiting: dict[str, list[int]] = {}
        self._looking: set[str] = set()

    def install(self) -> None:
        """Stand where the stack asks; after sipext.start()."""
        os.environ.setdefault("RES_OPTIONS", BRIEF)
        sipext.set_resolver(self._asked)

    def _asked(self, number: int, name: str) -> None:
        """In a callback of the stack."""
        until, addresses = self._known.get(name, (0.0, ()))
        if time.monotonic() < until:
            self._loop.post(lambda: self._answer(number, addresses))
            return
        waiting = self._waiting.setdefault(name, [])
        waiting.append(number)
        if len(waiting) == 1:
            self._loop.after(PATIENCE, lambda: self._give_up(name))
        if name not in self._looking and len(self._looking) < MOST_THREADS:
            threading.Thread(target=self._look, args=(name,), name="names", daemon=True).start()
            self._looking.add(name)  # what it finds is posted: nobody takes the name out before

    def _look(self, name: str) -> None:
        """The thread of one question."""
        try:
            found = socket.getaddrinfo(name, None, type=socket.SOCK_DGRAM)
        except (OSError, UnicodeError):
            found = []
        addresses = sorted({str(each[4][0]) for each in found}, key=lambda each: ":" in each)
        self._loop.post(lambda: self._found(name, tuple(addresses)))

    def _found(self, name: str, addresses: tuple[str, ...]) -> None:
        self._looking.discard(name)
        self._remember(name, addresses, GOOD_FOR if addresses else NONE_FOR)

    def _remember(self, name: str, addresses: tuple[str, ...], seconds: float) -> None:
        if not addresses:
            _, addresses = self._known.get(name, (0.0, ()))  # the last known is better than nothing
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[name] = time.monotonic() + seconds, addresses
        if not addresses:
            LOG.warning("the name server has no address of %s: what goes there goes where the name came from", name)
        for number in self._waiting.pop(name, ()):
            self._answer(number, addresses)

    def _give_up(self, name: str) -> None:
        if name in self._waiting:
            self._remember(name, (), NONE_FOR)

    @staticmethod
    def _answer(number: int, addresses: tuple[str, ...]) -> None:
        sipext.resolved(number, addresses)
