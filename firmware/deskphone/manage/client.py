"""The other end of the control socket: what the management plane knows of the phone, and all it knows.

Law: one JSON object a line out, one a line in, in order; bounded in time and size. One connection is enough: who asks
while another asks waits, so that no crowd at the web pages reaches the phone.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
from pathlib import Path
from typing import Any

Json = dict[str, Any]
LONGEST = 8_000_000  # bytes of an answer
SECONDS = 10.0  # for an answer
DEFAULT = Path("/run/deskphone/control")


class Refusal(Exception):
    """The phone did not do it. kind: request, unknown, value, signature, refused, bug; the text is for a person."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind


class Gone(OSError):
    """There is no phone at the socket, or it does not answer."""


def default_socket() -> str:
    """Where a phone's socket is unless somebody says otherwise."""
    return os.environ.get("DESKPHONE_CONTROL") or str(DEFAULT)


def _line(request: str, fields: Json) -> bytes:
    return json.dumps({"request": request, **fields}, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"


def _read(line: bytes) -> Json:
    """An answer. Refusal: what it says instead; Gone where it is none."""
    try:
        answer = json.loads(line)
        good = answer["ok"] is True
    except (ValueError, TypeError, KeyError, RecursionError):
        raise Gone("the phone closed the connection" if not line else "expected a phone at the socket") from None
    if not good:
        raise Refusal(str(answer.get("kind")), str(answer.get("error")))
    return dict(answer)


class Phone:
    """A phone, asked by a program that waits. by: who asks, for the phone's journal."""

    def __init__(self, path: str, by: str) -> None:
        self._by = by
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(SECONDS)
        try:
            self._socket.connect(path)
        except OSError as error:
            self._socket.close()
            raise Gone(error.errno, f"{path}: no phone: {error.strerror or error}") from error
        self._file = self._socket.makefile("rb")

    def ask(self, request: str, **fields: Any) -> Json:
        """One request; its answer in JSON types. Refusal where the phone does not do it, Gone where it does not answer
        within SECONDS."""
        with contextlib.suppress(OSError):  # what the phone said before it closed the connection says why
            self._socket.sendall(_line(request, {"by": self._by, **fields}))
        try:
            return _read(self._file.readline(LONGEST))
        except (TimeoutError, ConnectionError) as error:
            raise Gone(f"the phone does not answer: {error}") from error

    def close(self) -> None:
        """Close the connection to the control socket."""
        self._file.close()
        self._socket.close()


class AsyncPhone:
    """A phone, asked from a loop. Connects when it must, and again when the phone has started anew."""

    def __init__(self, path: str, by: str) -> None:
        self._path, self._by = path, by
        self._lock = asyncio.Lock()
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: str, **fields: Any) -> Json:
        """One request; its answer in JSON types. Refusal where the phone does not do it, Gone where it does not answer
        within SECONDS; a request is never sent twice."""
        line = _line(request, {"by": self._by, **fields})
        try:
            async with asyncio.timeout(SECONDS), self._lock:
                answer = await self._exchange(line)
        except TimeoutError:
            raise Gone("the phone does not answer") from None
        return _read(answer)

    async def close(self) -> None:
        """Close the connection to the control socket."""
        async with self._lock:
            self._drop()

    async def _exchange(self, line: bytes) -> bytes:
        try:
            reader, writer = await self._connected()
            writer.write(line)
            await writer.drain()
            answer = await reader.readline()
        except (OSError, ValueError) as error:
            self._drop()
            raise Gone(f"{self._path}: no phone: {getattr(error, 'strerror', None) or error}") from error
        except BaseException:  # given up in the middle: the answer would be taken for the next one's
            self._drop()
            raise
        if not answer.endswith(b"\n"):
            self._drop()
        return answer

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._streams is None or self._streams[0].at_eof() or self._streams[1].is_closing():
            self._drop()
            self._streams = await asyncio.open_unix_connection(self._path, limit=LONGEST)
        return self._streams

    def _drop(self) -> None:
        if self._streams is not None:
            with contextlib.suppress(OSError):
                self._streams[1].close()
            self._streams = None
