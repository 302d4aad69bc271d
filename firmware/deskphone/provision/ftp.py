"""FTP by ftplib, passive, in a thread: it blocks.

Law: as web.py. The thread ends with the time limit: its socket is shut then.
"""

from __future__ import annotations

import asyncio
import contextlib
import ftplib
import socket

from deskphone.provision.address import Address, Login
from deskphone.provision.problem import Outcome, Problem
from deskphone.provision.sink import Sink

MISSING = "550"
ANYBODY = ("anonymous", "deskphone@")
NO_LOGIN = ("530", "332", "430")
BYTES = "latin-1"
"""How ftplib is to read replies and write commands: each character a byte. Names go out in UTF-8 (RFC 2640); a greeting
may come in anything, and only its number counts."""


MOST_LINES = 200  # of one reply


class _Client(ftplib.FTP):
    """Keeps no reply that does not end: it would be all memory before it is all time."""

    def getmultiline(self) -> str:
        """ftplib: the lines of a reply (RFC 959 section 4.2). error_proto for more than MOST_LINES."""
        lines = [self.getline()]
        code = lines[0][:3]
        while lines[0][3:4] == "-" and (len(lines) == 1 or lines[-1][:3] != code or lines[-1][3:4] == "-"):
            if len(lines) == MOST_LINES:
                raise ftplib.error_proto(f"a reply of more than {MOST_LINES} lines")
            lines.append(self.getline())
        return "\n".join(lines)


async def fetch(place: Address, sink: Sink, login: Login | None = None) -> None:
    """RETR into the sink; anonymous where no login is for this server. Problem as in web.py."""
    client = _Client(timeout=sink.stall, encoding=BYTES)
    mine = place.login or (login if login is not None and login.origin == place.origin else None)
    work = asyncio.create_task(asyncio.to_thread(_retrieve, client, place, sink, mine))
    try:
        async with asyncio.timeout(sink.seconds):
            await asyncio.shield(work)
    except TimeoutError:
        raise sink.slow() from None
    finally:
        if not work.done():
            _shut(client)
            work.add_done_callback(lambda task: task.cancelled() or task.exception())


def _shut(client: ftplib.FTP) -> None:
    """Wake the thread: its next read or write fails."""
    with contextlib.suppress(OSError):
        if client.sock is not None:
            client.sock.shutdown(socket.SHUT_RDWR)


def _retrieve(client: ftplib.FTP, place: Address, sink: Sink, login: Login | None) -> None:
    refused = ""
    try:
        with client:
            client.connect(place.host, place.port)
            refused = _log_in(client, login, place.login is None)
            client.voidcmd("TYPE I")
            size = _size(client, place)
            if size is not None:
                sink.announce(size)
            client.retrbinary(f"RETR {_sent(place.path)}", sink.take)
    except TimeoutError:
        if client.sock is None:
            raise Problem(Outcome.UNREACHABLE, sink.url, "an answer", "silence") from None
        raise sink.slow() from None
    except ftplib.Error as error:
        raise _problem(_told(str(error)), sink, refused) from None
    except (OSError, EOFError, AttributeError) as error:  # AttributeError: ftplib, shut while it connects
        got = getattr(error, "strerror", None) or "a closed connection"
        if sink.taken:
            raise Problem(Outcome.INCOMPLETE, sink.url, "the whole file", f"{sink.taken} bytes, then {got}") from None
        raise Problem(Outcome.UNREACHABLE, sink.url, "an answer", got) from None
    except ValueError as error:  # a line break in the path
        raise Problem(Outcome.FAILED, sink.url, "a file name of FTP", str(error)) from None
    if size is not None and sink.taken < size:
        raise sink.cut_off(size)


def _log_in(client: ftplib.FTP, login: Login | None, spare: bool) -> str:
    """With the login, or as anybody. spare: where it is refused, as anybody, too: that of the settings is one for HTTP,
    and a server may let in nobody but anybody. The reply that refused it, "" where it was not."""
    if login is not None:
        try:
            client.login(_sent(login.user), _sent(login.password.reveal()))
            return ""
        except ftplib.error_perm as refused:
            if not spare or not str(refused).startswith(NO_LOGIN):
                raise
            with contextlib.suppress(ftplib.Error):
                client.login(*ANYBODY)
                return _told(str(refused))
            raise
    client.login(*ANYBODY)
    return ""


def _size(client: ftplib.FTP, place: Address) -> int | None:
    """The size the server tells; None where it does not know SIZE. A missing file is a Problem of RETR."""
    with contextlib.suppress(ftplib.Error, ValueError):
        return client.size(_sent(place.path))
    return None


def _sent(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode(BYTES)


def _told(reply: str) -> str:
    """A reply for people: in UTF-8 where it is some."""
    try:
        return reply.encode(BYTES).decode("utf-8")
    except UnicodeDecodeError:
        return reply


def _problem(reply: str, sink: Sink, refused: str) -> Problem:
    """refused: the reply to a login before anybody was let in. A file that anybody does not see may be its user's."""
    if reply.startswith(NO_LOGIN) or (refused and reply.startswith(MISSING)):
        return Problem(Outcome.LOGIN, sink.url, "the login to be accepted", refused or reply)
    if reply.startswith(MISSING):
        return Problem(Outcome.NOT_FOUND, sink.url, "a file", reply)
    if sink.taken:
        return Problem(Outcome.INCOMPLETE, sink.url, "the whole file", reply)
    return Problem(Outcome.SERVER_ERROR, sink.url, "a file", reply)
