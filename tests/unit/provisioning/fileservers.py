"""A TFTP and an FTP server for tests: files from a dictionary, and ways to behave badly.

Law: loopback only; written from the RFCs, and sharing no code with the clients they test.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

LOOPBACK = "127.0.0.1"


@dataclass
class TftpFiles:
    """files by name. lose: every so many-th block is sent only when asked again. options: RFC 2347 is known.
    short: the transfer ends after this block though more was announced. deaf: no answer at all after it.
    refuse_options: the code of the error to a request with options. silent_to_options: no answer to one. agreed: the
    block size of the OACK. no_empty_block: none behind a file of whole blocks. twice: each block is sent twice.
    stranger: a second host port speaks into the transfer. port: where it listens."""

    files: dict[str, bytes]
    options: bool = True
    lose: int = 0
    short: int = 0
    deaf: int = 0
    refuse_options: int | None = None
    silent_to_options: bool = False
    agreed: str = ""
    no_empty_block: bool = False
    twice: bool = False
    stranger: bool = False
    requests: list[bytes] = field(default_factory=list)
    errors: list[bytes] = field(default_factory=list)
    port: int = 0


class _Listener(asyncio.DatagramProtocol):
    def __init__(self, server: TftpFiles) -> None:
        self.server, self.tasks = server, set[asyncio.Task[None]]()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.server.requests.append(data)
        task = asyncio.get_running_loop().create_task(_serve(self.server, data, addr))
        self.tasks.add(task)


class _Side(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.queue: asyncio.Queue[bytes] = asyncio.Queue()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.queue.put_nowait(data)


async def _serve(server: TftpFiles, request: bytes, client: tuple[str, int]) -> None:
    loop = asyncio.get_running_loop()
    transport, side = await loop.create_datagram_endpoint(_Side, local_addr=(LOOPBACK, 0))
    try:
        fields = request[2:].split(b"\0")
        name, options = fields[0].decode(), fields[2:-1]
        if server.refuse_options is not None and options:
            transport.sendto(b"\0\5\0" + bytes((server.refuse_options,)) + b"no options here\0", client)
            return
        if server.silent_to_options and options:
            return
        if name not in server.files:
            transport.sendto(b"\0\5\0\x01no such file\0", client)
            return
        if name == "secret.cfg":
            transport.sendto(b"\0\5\0\x02keep out\0", client)
            return
        size = 1_024 if options and server.options else 512
        await _send(server, server.files[name], (transport, side), client, size)
    finally:
        transport.close()


async def _send(
    server: TftpFiles, data: bytes, pair: tuple[asyncio.DatagramTransport, _Side], client: tuple[str, int], size: int
) -> None:
    transport, side = pair
    if size != 512:
        agreed = (server.agreed or str(size)).encode()
        transport.sendto(b"\0\6blksize\0" + agreed + b"\0tsize\0" + str(len(data)).encode() + b"\0", client)
        if not await _acked(server, side, 0):
            return
    block = 0
    while True:
        block += 1
        piece = data[(block - 1) * size : block * size]
        if server.no_empty_block and block > 1 and not piece:
            return
        if server.short and block == server.short:
            piece = piece[:-1]
        packet = b"\0\3" + (block & 0xFFFF).to_bytes(2, "big") + piece
        if server.stranger:
            await _strange(packet, client)
        if server.lose and block % server.lose == 0:
            await side.queue.get()  # the client asks again
        transport.sendto(packet, client)
        if server.twice:
            transport.sendto(packet, client)
        if server.deaf and block >= server.deaf:
            return
        if not await _acked(server, side, block & 0xFFFF) or len(piece) < size:
            return


async def _acked(server: TftpFiles, side: _Side, block: int) -> bool:
    while True:
        answer = await side.queue.get()
        if answer[:2] == b"\0\5":
            server.errors.append(answer)
            return False
        if answer == b"\0\4" + block.to_bytes(2, "big"):
            return True


async def _strange(packet: bytes, client: tuple[str, int]) -> None:
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(_Side, local_addr=(LOOPBACK, 0))
    transport.sendto(packet[:4] + b"injected", client)
    await asyncio.sleep(0)
    transport.close()


@asynccontextmanager
async def tftp_server(server: TftpFiles) -> AsyncIterator[TftpFiles]:
    """Serve until the block ends."""
    transport, listener = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: _Listener(server), local_addr=(LOOPBACK, 0)
    )
    server.port = transport.get_extra_info("sockname")[1]
    try:
        yield server
    finally:
        transport.close()
        for task in listener.tasks:
            task.cancel()


@dataclass
class FtpFiles:
    """files by path; users: who may log in. cut: the data connection ends after so many bytes. sizes: SIZE is known.
    silent: nothing comes after the login. chatter: the greeting never ends. greeting, coding: its words, and the
    character set of all that is said."""

    files: dict[str, bytes]
    users: dict[str, str] = field(default_factory=lambda: {"anonymous": ""})
    cut: int = 0
    sizes: bool = True
    silent: bool = False
    chatter: bool = False
    greeting: str = "ready"
    coding: str = "utf-8"
    commands: list[str] = field(default_factory=list)
    port: int = 0


class _FtpSession:
    def __init__(self, server: FtpFiles, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.server, self.reader, self.writer = server, reader, writer
        self.user, self.data = "", asyncio.Queue[asyncio.StreamWriter]()

    def say(self, text: str) -> None:
        self.writer.write(text.encode(self.server.coding) + b"\r\n")

    async def run(self) -> None:
        if self.server.chatter:
            while True:
                self.say("220-welcome")
                await asyncio.sleep(0.01)
        self.say(f"220 {self.server.greeting}")
        while line := await self.reader.readline():
            word, _, argument = line.decode().strip().partition(" ")
            self.server.commands.append(f"{word} {argument}".strip())
            if self.server.silent and word == "TYPE":
                continue
            await self.command(word.upper(), argument)

    async def command(self, word: str, argument: str) -> None:
        server = self.server
        if word == "USER":
            self.user = argument
            self.say("331 password")
        elif word == "PASS":
            good = self.user in server.users and server.users[self.user] in ("", argument)
            self.say("230 in" if good else "530 no")
        elif word == "TYPE":
            self.say("200 ok")
        elif word == "SIZE" and server.sizes:
            self.say(f"213 {len(server.files[argument])}" if argument in server.files else "550 no such file")
        elif word in ("EPSV", "PASV"):
            await self.passive(word)
        elif word == "RETR":
            await self.retrieve(argument)
        elif word == "QUIT":
            self.say("221 bye")
        else:
            self.say("502 unknown")

    async def passive(self, word: str) -> None:
        listener = await asyncio.start_server(lambda _, writer: self.data.put_nowait(writer), LOOPBACK, 0)
        port = listener.sockets[0].getsockname()[1]
        if word == "EPSV":
            self.say(f"229 ok (|||{port}|)")
        else:  # a foreign address: no client should believe it
            self.say(f"227 ok (192,0,2,1,{port >> 8},{port & 255})")

    async def retrieve(self, path: str) -> None:
        if path not in self.server.files:
            self.say("550 no such file: b\u00f6se")
            return
        self.say("150 coming")
        writer = await self.data.get()
        data = self.server.files[path]
        writer.write(data[: self.server.cut] if self.server.cut else data)
        await writer.drain()
        writer.close()
        self.say("226 done")


@asynccontextmanager
async def ftp_server(server: FtpFiles) -> AsyncIterator[FtpFiles]:
    """Serve until the block ends."""
    tasks = set[asyncio.Task[None]]()

    async def session(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await _FtpSession(server, reader, writer).run()
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    listener = await asyncio.start_server(session, LOOPBACK, 0)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        for task in tasks:
            task.cancel()
