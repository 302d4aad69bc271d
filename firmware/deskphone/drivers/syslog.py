"""Log lines to a syslog server, as `system/syslog/*` says; the journal has them whatever becomes of that.

Law: whoever logs is never held up: a line goes into a bounded queue, a thread of its own finds the server, connects and
sends. What does not fit is counted, and the count is sent. No secret of the settings leaves the phone, in whatever line
it stands.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import queue
import select
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from urllib.parse import quote, unquote, urlsplit

from deskphone import VERSION
from deskphone.config import url_secrets
from deskphone.config.places import Url
from deskphone.config.registry import value_at
from deskphone.config.schema.words import LogLevel, SyslogFormat, SyslogMode, SyslogTransport
from deskphone.config.secret import MASK, Secret
from deskphone.config.settings import Settings
from deskphone.core.state import Phone
from deskphone.drivers.localtime import zone_of
from deskphone.wire import syslog

QUEUE = 500  # lines that wait for a server that does not take them
TIMEOUT = 5.0  # seconds for a connection, and for a server that takes nothing more
PAUSES = (1.0, 60.0)  # seconds between two attempts, the first and the longest; each is twice the one before
LIFE = 3600.0  # seconds after which the server's name is looked up again
BEFORE, LATELY = 100, 60.0  # lines, and of how many seconds, from before the server was known
KEPT = 50  # secrets of before that are looked for, too
SHORTEST = 4  # characters of a secret that is looked for: a PIN of two would blacken half the lines
LONG = 8  # characters of a value in the query of a URL that may be a secret: shorter ones are numbers and names
OWN = "deskphone.syslog"
SEVERITIES = ((logging.CRITICAL, 2), (logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6), (0, 7))
LOG = logging.getLogger(OWN)


@dataclass(frozen=True, slots=True)
class Server:
    """Where lines go, and how. level: of `logging`, the least that is sent."""

    address: str
    port: int
    tcp: bool
    bsd: bool
    level: int


def server(settings: Settings) -> Server | None:
    """What the settings say; None where nothing is to be sent."""
    wanted = settings.syslog
    if wanted.mode not in (SyslogMode.NETWORK, SyslogMode.ALL) or not wanted.server or wanted.level is LogLevel.NONE:
        return None
    level = logging.DEBUG if wanted.level is LogLevel.DETAILED else logging.INFO
    tcp, bsd = wanted.transport is SyslogTransport.TCP, wanted.format is SyslogFormat.RFC3164
    return Server(wanted.server, wanted.port, tcp, bsd, level)


def secrets(settings: Settings) -> tuple[str, ...]:
    """Every secret of the settings that can be told from other text, passwords of URLs among them, as it is and as
    programs write it into their lines."""
    found = set[str]()
    for slot in Settings.slots().values():
        value = value_at(settings, slot.path)
        if isinstance(value, Secret):
            found.add(value.reveal())
        elif isinstance(slot.option.kind, Url) and value:
            words = [each for each in url_secrets.values(value) if len(each) >= LONG]
            found |= {form for each in (urlsplit(value).password or "", *words) for form in (each, unquote(each))}
    return tuple({form for each in found if len(each) >= SHORTEST for form in _forms(each)})


def _forms(word: str) -> Iterator[str]:
    """A secret in a line: plain, in a URL, as Python quotes it, in JSON."""
    yield from (word, quote(word, safe=""), quote(word), repr(word)[1:-1], json.dumps(word)[1:-1])


class Syslog:
    """Follows the settings. phone: the state of the moment; root, detailed: the loggers whose lines are sent, and which
    say more where details are wanted."""

    def __init__(
        self,
        phone: Callable[[], Phone],
        root: logging.Logger | None = None,
        detailed: logging.Logger | None = None,
    ) -> None:
        self._phone = phone
        self._root = root or logging.getLogger()
        self._detailed = detailed or logging.getLogger("deskphone")
        self._seen: Settings | None = None
        self._offset: int | None = None
        self._sender: Sender | None = None
        self._secrets: tuple[str, ...] = ()
        self._lately = Lately()
        self._root.addHandler(self._lately)

    def look(self) -> None:
        """Begin, change or end the sending where the settings are others."""
        phone = self._phone()
        if not phone.powered or (phone.settings is self._seen and phone.network.time_offset == self._offset):
            return
        before, self._seen, self._offset = self._seen, phone.settings, phone.network.time_offset
        wanted = server(phone.settings)
        if self._sender is not None and self._sender.server != wanted:
            self._root.removeHandler(self._sender)
            self._sender.end()
            self._sender = None
        new = wanted is not None and self._sender is None
        if wanted is not None and new:
            self._sender = Sender(wanted)
            self._remember(before or phone.settings)
        if self._sender is not None:
            self._remember(phone.settings)
            self._sender.know(self._secrets, zone_of(phone.settings, phone.network.time_offset))
        if self._sender is not None and new:  # not before it knows: other threads log, too
            self._root.removeHandler(self._lately)  # once: later on nobody waits for a start
            self._lately.hand_over(self._sender)
            self._root.addHandler(self._sender)
        self._detailed.setLevel(logging.DEBUG if wanted is not None and wanted.level == logging.DEBUG else 0)

    def _remember(self, settings: Settings) -> None:
        """A secret that another one follows is one still, KEPT of them: lines about the change speak of both."""
        now = secrets(settings)
        self._secrets = tuple(dict.fromkeys((*now, *self._secrets)))[: len(now) + KEPT]


class Lately(logging.Handler):
    """Keeps the newest lines: a start is told before the settings say to whom."""

    def __init__(self) -> None:
        super().__init__()
        self._kept: deque[tuple[float, logging.LogRecord]] = deque(maxlen=BEFORE)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one."""
        self._kept.append((time.monotonic(), record))

    def hand_over(self, to: logging.Handler) -> None:
        """What came within LATELY seconds and weighs enough for `to` is handed to it, the oldest first."""
        oldest = time.monotonic() - LATELY
        for at, record in tuple(self._kept):
            if at >= oldest and record.levelno >= to.level:
                to.handle(record)
        self._kept.clear()


class Sender(logging.Handler):
    """A handler that returns at once, and the thread that sends. pauses: as PAUSES."""

    def __init__(self, to: Server, pauses: tuple[float, float] = PAUSES) -> None:
        super().__init__(to.level)
        self.server, self._pauses = to, pauses
        self._lines: queue.Queue[syslog.Line] = queue.Queue(QUEUE)
        self._lost = 0
        self._counting = threading.Lock()
        self._ended = threading.Event()
        self._unsent = b""
        self._secrets: tuple[str, ...] = ()
        self._zone: tzinfo = UTC
        self._plain = logging.Formatter()
        threading.Thread(target=self._work, name="syslog", daemon=True).start()

    def know(self, secrets: tuple[str, ...], zone: tzinfo | None) -> None:
        """What must not be sent, and the zone of the wall clock."""
        # The longest first: one that is the beginning of another must leave no rest of it.
        self._secrets, self._zone = tuple(sorted(secrets, key=len, reverse=True)), zone or UTC

    def end(self) -> None:
        """Send no more. Returns at once; the thread ends when its server lets it."""
        self._ended.set()

    def emit(self, record: logging.LogRecord) -> None:
        """Put a line into the queue; where that is full it is lost and counted. A text of several lines is sent as one
        each."""
        if record.name == OWN:  # of this thread: it would go round and round
            return
        try:
            for text in self._plain.format(record).splitlines():
                self._put(record, text)
        except Exception:
            self.handleError(record)

    def _put(self, record: logging.LogRecord, text: str) -> None:
        severity = next(severity for level, severity in SEVERITIES if record.levelno >= level)
        try:
            self._lines.put_nowait(self._line(severity, record.created, record.name, text))
        except queue.Full:
            with self._counting:
                self._lost += 1

    def _line(self, severity: int, created: float, kind: str, text: str) -> syslog.Line:
        for each in self._secrets:
            text = text.replace(each, MASK)
        at = datetime.fromtimestamp(created, self._zone)
        wall = (at.year, at.month, at.day, at.hour, at.minute, at.second)
        offset = int((at.utcoffset() or timedelta(0)).total_seconds()) // 60
        host = socket.gethostname()
        return syslog.Line(severity, wall, at.microsecond, offset, host, "deskphone", os.getpid(), kind, text, VERSION)

    # --- the thread --------------------------------------------------------------------------------

    def _work(self) -> None:
        pause, told = self._pauses[0], False
        while not self._ended.is_set():
            try:
                with contextlib.closing(self._connect()) as door:
                    pause, told = self._pauses[0], self._tell(told, "")
                    for message in self._messages():
                        self._unsent = message
                        self._send(door, message)
                        self._unsent = b""
                continue
            except OSError as error:
                told = self._tell(told, str(error))
            self._ended.wait(pause)
            pause = min(2 * pause, self._pauses[1])

    def _send(self, door: socket.socket, message: bytes) -> None:
        """OSError where it did not go. By UDP nobody says whether a server is there; who says that none is, may err."""
        if not self.server.tcp:
            with contextlib.suppress(ConnectionRefusedError):
                door.sendall(message)
            return
        if select.select([door], [], [], 0)[0] and not door.recv(1024):
            raise ConnectionResetError("the server closed the connection")
        door.sendall(message)

    def _messages(self) -> Iterator[bytes]:
        """The one whose sending failed, then what comes, until the end or until the name is to be looked up again."""
        until = time.monotonic() + LIFE
        if self._unsent:
            yield self._unsent
        while not self._ended.is_set() and time.monotonic() < until:
            with contextlib.suppress(queue.Empty):
                line = self._lines.get(timeout=1.0)
                with self._counting:
                    lost, self._lost = self._lost, 0
                if lost:
                    text = f"{lost} lines lost: the syslog server took none"
                    yield self._message(self._line(4, time.time(), OWN, text))
                yield self._message(line)

    def _message(self, line: syslog.Line) -> bytes:
        message = syslog.rfc3164(line) if self.server.bsd else syslog.rfc5424(line)
        return syslog.framed(message) if self.server.tcp else message

    def _connect(self) -> socket.socket:
        kind = socket.SOCK_STREAM if self.server.tcp else socket.SOCK_DGRAM
        found = socket.getaddrinfo(self.server.address, self.server.port, type=kind)
        for number, (family, _, protocol, _, place) in enumerate(found, 1):
            door = socket.socket(family, kind, protocol)
            door.settimeout(TIMEOUT)
            try:
                door.connect(place)
                return door
            except OSError:
                door.close()
                if number == len(found):
                    raise
        raise OSError(f"{self.server.address}: no address")

    def _tell(self, told: bool, trouble: str) -> bool:
        """Say in the journal, once until it is over, that the server cannot be had. Returns whether it is said."""
        if trouble and not told:
            LOG.warning("syslog server %s:%d: %s; tried again", self.server.address, self.server.port, trouble)
        elif told and not trouble:
            LOG.info("syslog server %s:%d takes lines again", self.server.address, self.server.port)
        return bool(trouble)
