"""The control socket: how another process of this machine manages the phone. A port of the runtime.

Law: one JSON object a line in, one a line out, in order. Who may ask is the kernel's word (SO_PEERCRED, unix(7)): root,
the phone's own user, and one named group. Everything is bounded: connections, a line, the rate, how long half a line
and an answer nobody takes may last. What is asked is `control_requests`; an answer never holds the loop up.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import grp
import json
import logging
import os
import pwd
import socket
import stat
import struct
from pathlib import Path
from typing import Any

from deskphone.app.control_requests import Requests
from deskphone.app.credentials import Credentials
from deskphone.app.diagnostics import Sources
from deskphone.app.refused import Refused
from deskphone.app.runtime import Runtime
from deskphone.core.events import Event
from deskphone.drivers.ports import Part, Post
from deskphone.view.outputs import Outputs

log = logging.getLogger("deskphone")
MOST = 16  # connections
LONGEST = 655_360  # bytes of a request: an uploaded file of 262,144 bytes as one `set`, its quotes escaped
RATE, BURST = 50.0, 100.0  # requests a second of one connection, and at once
PIECE = 4096  # bytes of an answer that cost as much as a request: all settings are some 25
PATIENCE = 5.0  # seconds for the rest of a line, and for an answer to be taken
TURN = 2.0  # seconds until an order is taken; a phone that takes longer has other troubles
_PEER = struct.Struct("3i")  # pid, uid, gid of unix(7)


class Control(Part):
    """Listens at `path`. group: whose members may ask besides root and this user, "" for nobody."""

    name = "control"

    def __init__(self, path: Path, runtime: Runtime, group: str = "", sources: Sources | None = None) -> None:
        self._path, self._group = path, _group_id(group)
        self._requests = Requests(runtime, Credentials(runtime.folder), self._post_and_wait, sources or Sources())
        self._post: Post | None = None
        self._listening: socket.socket | None = None
        self._guests: set[asyncio.Task[None]] = set()
        self._waiting: list[asyncio.Event] = []

    def open(self) -> None:
        """Begin to listen. OSError names the path where that is not possible, or where another phone listens."""
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            _remove_left_over(self._path)
            before = os.umask(0o177)
            try:
                listening.bind(str(self._path))
            finally:
                os.umask(before)
            if self._group is not None:
                os.chown(self._path, -1, self._group)
                self._path.chmod(0o660)
            listening.listen(MOST)
        except OSError as error:
            listening.close()
            raise OSError(error.errno, f"--control {self._path}: cannot listen: {error.strerror or error}") from error
        self._listening = listening

    async def run(self, post: Post) -> None:
        """Serve until cancelled; the socket's file goes with it."""
        if self._listening is None:
            self.open()
        self._post = post
        journal = logging.getLogger()
        journal.addHandler(self._requests.tail)
        server = await asyncio.start_unix_server(self._greet, sock=self._listening, limit=LONGEST)
        try:
            await asyncio.Event().wait()
        finally:
            server.close()
            self._listening = None
            journal.removeHandler(self._requests.tail)
            with contextlib.suppress(OSError):
                self._path.unlink()
            for guest in self._guests:
                guest.cancel()

    def show(self, outputs: Outputs) -> None:
        """The phone has taken every event that waited: so have those who asked for one."""
        for each in self._waiting:
            each.set()
        self._waiting.clear()
        self._requests.looked()

    async def _post_and_wait(self, event: Event) -> None:
        assert self._post is not None
        taken = asyncio.Event()
        self._waiting.append(taken)
        self._post(event)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(TURN):
                await taken.wait()

    # --- one connection --------------------------------------------------------------------------------

    async def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        refusal = self._refusal(writer)
        self._guests.add(task)
        try:
            if refusal:
                await _say(writer, _error("refused", refusal))
            else:
                await self._serve(reader, writer)
        except (OSError, TimeoutError, ValueError) as error:  # gone, too slow, or a line too long
            log.info("control: a connection ended: %s", error or type(error).__name__)
        except asyncio.CancelledError:
            pass  # the phone stops
        finally:
            self._guests.discard(task)
            writer.transport.abort() if refusal else writer.close()

    def _refusal(self, writer: asyncio.StreamWriter) -> str:
        """Why this peer is not served, or ""."""
        if len(self._guests) >= MOST:
            return f"{MOST} connections are open; close one"
        pid, uid, gid = _PEER.unpack(
            writer.get_extra_info("socket").getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
        )
        if uid in (0, os.geteuid()) or (self._group is not None and self._group in _groups(uid, gid)):
            return ""
        log.warning("control: process %d of user %d may not manage the phone", pid, uid)
        return "this user may not manage the phone"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Line by line. Who asks too fast waits; who stops in the middle of a line is cut off (TimeoutError)."""
        loop = asyncio.get_running_loop()
        left, then = BURST, loop.time()
        while first := await reader.read(1):
            async with asyncio.timeout(PATIENCE):
                line = first if first == b"\n" else first + await reader.readline()
            now = loop.time()
            left, then = min(BURST, left + (now - then) * RATE) - 1, now
            if left < 0:
                await asyncio.sleep(-left / RATE)
            if line.strip():
                left -= await _say(writer, await self._answer(line)) / PIECE

    async def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            request = json.loads(line)
        except (ValueError, RecursionError):
            return _error("request", "expected one JSON object a line")
        if not isinstance(request, dict):
            return _error("request", "expected one JSON object a line")
        try:
            return {"ok": True, **await self._requests.answer(request)}
        except Refused as error:
            return _error(error.kind, str(error))
        except Exception:  # a bug of ours must not end a call, nor the process
            log.exception("control: %s raised", str(request.get("request"))[:40])
            return _error("bug", "the phone could not answer; its journal says why")


def _error(kind: str, text: str) -> dict[str, Any]:
    return {"ok": False, "kind": kind, "error": text}


async def _say(writer: asyncio.StreamWriter, answer: dict[str, Any]) -> int:
    """One line; its length in bytes. TimeoutError where nobody takes it."""
    line = json.dumps(answer, separators=(",", ":")).encode() + b"\n"
    writer.write(line)
    async with asyncio.timeout(PATIENCE):
        await writer.drain()
    return len(line)


def _remove_left_over(path: Path) -> None:
    """The socket of a phone that was killed goes; one that somebody listens at, or another file, stays."""
    try:
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise OSError(errno.EEXIST, "a file of another kind is there")
    except FileNotFoundError:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(str(path))
        except OSError:
            path.unlink()
            return
    raise OSError(errno.EADDRINUSE, "another phone listens there")


def _group_id(name: str) -> int | None:
    """The number of a group. OSError where this machine has none of the name."""
    if not name:
        return None
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError:
        raise OSError(errno.ENOENT, f"--control-group {name}: no such group") from None


def _groups(uid: int, gid: int) -> set[int]:
    """The groups of a user, with the one its process has."""
    try:
        return {gid, *os.getgrouplist(pwd.getpwuid(uid).pw_name, gid)}
    except KeyError:
        return {gid}
