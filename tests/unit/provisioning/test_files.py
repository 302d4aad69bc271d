"""Files by TFTP and FTP: whole ones, lost packets, strangers, and every way a server can be bad."""

from __future__ import annotations

import asyncio
import contextlib
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskphone.config.secret import Secret
from deskphone.provision import ftp, tftp, tftp_packet
from deskphone.provision.address import Login, address
from deskphone.provision.problem import Outcome, Problem
from deskphone.provision.sink import Sink
from tests.unit.provisioning.fileservers import FtpFiles, TftpFiles, ftp_server, tftp_server

TEXT = b"system/type=420HD\n"
LARGE = bytes(range(256)) * 20  # 5 blocks of 1,024
SOON = 0.05  # seconds until a packet is repeated, where loss or silence is the story


async def by_tftp(port: int, path: str, *, size: int = 1_000_000, seconds: float = 5.0, wait: float = 1.0) -> bytes:
    data = bytearray()
    place = address(f"tftp://127.0.0.1:{port}/{path}")
    await tftp.fetch(place, Sink(place.url, data.extend, size, seconds), wait)
    return bytes(data)


async def by_ftp(port: int, path: str, *, user: str = "", size: int = 1_000_000, seconds: float = 5.0,
                 login: Login | None = None) -> bytes:  # fmt: skip
    data = bytearray()
    place = address(f"ftp://{user}127.0.0.1:{port}/{path}")
    await ftp.fetch(place, Sink(place.url, data.extend, size, seconds, stall=1.0), login)
    return bytes(data)


@pytest.mark.parametrize("options", [True, False], ids=["large blocks", "as in 1992"])
@pytest.mark.parametrize("data", [b"", TEXT, LARGE, LARGE[:1024], LARGE[:512]], ids=len)
async def test_a_file_comes_whole_by_tftp(data: bytes, options: bool) -> None:
    async with tftp_server(TftpFiles({"a/b.cfg": data}, options=options)) as server:
        assert await by_tftp(server.port, "a/b.cfg") == data
    assert server.requests[0].startswith(b"\0\1a/b.cfg\0octet\0blksize\0")


async def test_lost_blocks_are_asked_for_again() -> None:
    async with tftp_server(TftpFiles({"a": LARGE}, lose=2)) as server:
        assert await by_tftp(server.port, "a", wait=SOON) == LARGE


async def test_a_block_of_a_stranger_is_not_taken() -> None:
    async with tftp_server(TftpFiles({"a": LARGE}, stranger=True)) as server:
        assert await by_tftp(server.port, "a") == LARGE


@pytest.mark.parametrize("code", [0, 1, 2, 4, 8])
async def test_a_server_that_refuses_options_by_whatever_error_is_asked_without(code: int) -> None:
    async with tftp_server(TftpFiles({"a": LARGE}, refuse_options=code)) as server:
        assert await by_tftp(server.port, "a") == LARGE
    assert b"\0\1a\0octet\0" in server.requests


@pytest.mark.parametrize("agreed", ["1429", "0", "7", "65464"])
async def test_a_server_that_agrees_to_what_was_not_asked_for_is_asked_without_options(agreed: str) -> None:
    async with tftp_server(TftpFiles({"a": LARGE}, agreed=agreed)) as server:
        assert await by_tftp(server.port, "a") == LARGE
    assert server.requests[-1] == b"\0\1a\0octet\0"


async def test_a_server_that_is_silent_to_options_is_asked_without_them() -> None:
    async with tftp_server(TftpFiles({"a": LARGE}, silent_to_options=True)) as server:
        assert await by_tftp(server.port, "a", wait=SOON) == LARGE


@pytest.mark.parametrize("blocks", [1, 3])
async def test_the_empty_block_behind_a_file_of_whole_blocks_may_be_left_out_where_the_size_is_known(
    blocks: int,
) -> None:
    async with tftp_server(TftpFiles({"a": bytes(1_024 * blocks)}, no_empty_block=True)) as server:
        assert await by_tftp(server.port, "a", wait=SOON, size=10_000) == bytes(1_024 * blocks)


async def test_blocks_that_come_twice_count_once() -> None:
    async with tftp_server(TftpFiles({"a": LARGE}, twice=True)) as server:
        assert await by_tftp(server.port, "a") == LARGE


@pytest.mark.parametrize("begin", [0, 1])
async def test_a_file_of_more_than_65535_blocks_goes_on_at_0_or_at_1(begin: int) -> None:
    data = bytes(range(8)) * 65_540 + b"end"
    found, sent = bytearray(), list[bytes]()
    numbers = [*range(1, 65_536), *range(begin, 20)]
    packets = [b"\0\3" + numbers[place].to_bytes(2, "big") + data[place * 8 : place * 8 + 8] for place in range(65_541)]
    transfer = tftp._Transfer(_Wire(sent), tftp._Socket(), ("127.0.0.1", 69), Sink("x", found.extend, 10**6, 9.0), 1.0)  # type: ignore[arg-type]
    transfer._agree(tftp_packet.Accepted(8, len(data)))
    ended = [transfer._take(tftp_packet.read(packet)) for packet in packets]  # type: ignore[arg-type]
    assert bytes(found) == data
    assert ended == [False] * 65_540 + [True]
    assert sent[-1] == b"\0\4" + packets[-1][2:4]


class _Wire:
    """A transport that writes down what is sent."""

    def __init__(self, sent: list[bytes]) -> None:
        self._sent = sent

    def sendto(self, packet: bytes, peer: tuple[str, int]) -> None:
        self._sent.append(packet)


async def test_each_address_of_a_name_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    async with tftp_server(TftpFiles({"a": TEXT})) as server:
        loop = asyncio.get_running_loop()

        async def two(host: str, port: int, **how: object) -> list[object]:
            places = (("127.0.0.9", port), ("127.0.0.1", port))
            return [(socket.AF_INET, socket.SOCK_DGRAM, 17, "", place) for place in places]

        monkeypatch.setattr(loop, "getaddrinfo", two)
        assert await by_tftp(server.port, "a", wait=SOON) == TEXT


@pytest.mark.parametrize(
    ("server", "path", "expected"),
    [
        (TftpFiles({}), "a", Outcome.NOT_FOUND),
        (TftpFiles({"secret.cfg": TEXT}), "secret.cfg", Outcome.LOGIN),
        (TftpFiles({"a": LARGE}, short=2), "a", Outcome.INCOMPLETE),
        (TftpFiles({"a": LARGE}, deaf=2), "a", Outcome.TIMED_OUT),
    ],
    ids=["missing", "forbidden", "cut off", "falls silent"],
)
async def test_what_tftp_cannot_have_is_named(server: TftpFiles, path: str, expected: Outcome) -> None:
    async with tftp_server(server):
        with pytest.raises(Problem) as raised:
            await by_tftp(server.port, path, wait=SOON if server.deaf else 1.0)
    assert raised.value.outcome is expected


@pytest.mark.parametrize("options", [True, False])
async def test_too_large_a_file_is_refused_and_the_server_told(options: bool) -> None:
    async with tftp_server(TftpFiles({"a": bytes(100_000)}, options=options)) as server:
        with pytest.raises(Problem) as raised:
            await by_tftp(server.port, "a", size=10_000)
        for _ in range(1_000):
            if server.errors:
                break
            await asyncio.sleep(0.001)
    assert raised.value.outcome is Outcome.TOO_LARGE
    assert server.errors


async def test_nobody_there_by_tftp() -> None:
    with pytest.raises(Problem) as raised:
        await by_tftp(9, "a", wait=0.01)
    assert raised.value.outcome is Outcome.UNREACHABLE


@given(st.binary(max_size=600))
def test_no_bytes_break_the_reader_of_tftp(packet: bytes) -> None:
    try:
        found = tftp_packet.read(packet)
    except ValueError:
        return
    assert isinstance(found, tftp_packet.Data | tftp_packet.Accepted | tftp_packet.Refused)


@given(st.binary(max_size=600))
def test_no_oack_makes_blocks_larger_than_asked_for(rest: bytes) -> None:
    try:
        found = tftp_packet.read(b"\0\6" + rest)
    except ValueError:
        return
    assert isinstance(found, tftp_packet.Accepted)
    assert 8 <= found.block_size <= tftp_packet.WANTED


def test_a_name_that_is_no_utf_8_is_asked_for_as_it_is() -> None:
    path = address("tftp://h.example/b%FCro/caf%C3%A9.cfg").path
    assert tftp_packet.request(path, False)[2:] == b"b\xfcro/caf\xc3\xa9.cfg\0octet\0"


# --- FTP -------------------------------------------------------------------------------------------


async def test_a_file_comes_whole_by_ftp_without_a_name() -> None:
    async with ftp_server(FtpFiles({"a/b.cfg": LARGE})) as server:
        assert await by_ftp(server.port, "a/b.cfg") == LARGE
    assert "USER anonymous" in server.commands


@pytest.mark.parametrize("reply", [b"220-welcome\r\n", b"220-%s\r\n" % (b"x" * 8_000), b"abc-\r\n"])
async def test_a_reply_without_an_end_is_not_kept(reply: bytes) -> None:
    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                writer.write(reply)
                await writer.drain()

    server = await asyncio.start_server(flood, "127.0.0.1", 0)
    async with server:
        with pytest.raises(Problem, match="more than 200 lines") as raised:
            await by_ftp(server.sockets[0].getsockname()[1], "a", seconds=3.0)
    assert raised.value.outcome is Outcome.SERVER_ERROR


@pytest.mark.parametrize("lines", [
    ["220 ready"], ["220"], [""], ["220-a", "220 b"], ["220-a", "  220 b", "221 c", "220-d", "220 e"], ["220-a", "220"],
    ["220-a", *["220-b"] * 198, "220 c"],
])  # fmt: skip
def test_a_reply_of_many_lines_ends_where_its_number_stands_alone(
    lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    left = [*lines, "331 of the next one"]
    client = ftp._Client()
    monkeypatch.setattr(client, "getline", lambda: left.pop(0))
    assert client.getmultiline().split("\n") == lines and len(left) == 1


@pytest.mark.parametrize("place", ["url", "settings"])
async def test_ftp_with_a_login(place: str) -> None:
    async with ftp_server(FtpFiles({"a": TEXT}, users={"desk": "geheim"})) as server:
        if place == "url":
            assert await by_ftp(server.port, "a", user="desk:geheim@") == TEXT
        else:
            login = Login(f"ftp://127.0.0.1:{server.port}", "desk", Secret("geheim"))
            assert await by_ftp(server.port, "a", login=login) == TEXT


@pytest.mark.parametrize(
    ("server", "expected"),
    [
        (FtpFiles({}), Outcome.NOT_FOUND),
        (FtpFiles({"a": TEXT}, users={"desk": "geheim"}), Outcome.LOGIN),
        (FtpFiles({"a": LARGE}, cut=100), Outcome.INCOMPLETE),
        (FtpFiles({"a": bytes(2_000_000)}), Outcome.TOO_LARGE),
        (FtpFiles({"a": bytes(2_000_000)}, sizes=False), Outcome.TOO_LARGE),
        (FtpFiles({"a": TEXT}, silent=True), Outcome.TIMED_OUT),
        (FtpFiles({"a": TEXT}, chatter=True), Outcome.TIMED_OUT),
    ],
    ids=["missing", "no login", "cut off", "too large", "too large, unannounced", "silent", "endless greeting"],
)
async def test_what_ftp_cannot_have_is_named(server: FtpFiles, expected: Outcome) -> None:
    async with ftp_server(server):
        with pytest.raises(Problem) as raised:
            await by_ftp(server.port, "a", seconds=0.4 if expected is Outcome.TIMED_OUT else 5.0)
    assert raised.value.outcome is expected, str(raised.value)


async def test_a_login_that_is_refused_is_told_where_anybody_gets_no_file_either() -> None:
    async with ftp_server(FtpFiles({"a": TEXT})) as server:
        login = Login(f"ftp://127.0.0.1:{server.port}", "desk", Secret("geheim"))
        assert await by_ftp(server.port, "a", login=login) == TEXT
        with pytest.raises(Problem) as raised:
            await by_ftp(server.port, "b", login=login)
    assert raised.value.outcome is Outcome.LOGIN, str(raised.value)


@pytest.mark.parametrize("coding", ["utf-8", "latin-1"])
async def test_a_server_that_speaks_another_character_set_is_understood(coding: str) -> None:
    files, users = {"b\u00fcro.cfg": TEXT}, {"j\u00f6rg": "\u00fc:\u20ac"}
    async with ftp_server(FtpFiles(files, users, greeting="Willkommen im B\u00fcro", coding=coding)) as server:
        assert await by_ftp(server.port, "b%C3%BCro.cfg", user="j%C3%B6rg:%C3%BC%3A%E2%82%AC@") == TEXT
        with pytest.raises(Problem) as problem:
            await by_ftp(server.port, "other.cfg", user="j%C3%B6rg:%C3%BC%3A%E2%82%AC@")
    assert problem.value.outcome is Outcome.NOT_FOUND and "b\u00f6se" in str(problem.value)


async def test_nobody_there_by_ftp() -> None:
    with pytest.raises(Problem) as raised:
        await by_ftp(9, "a")
    assert raised.value.outcome is Outcome.UNREACHABLE


async def test_a_line_break_in_a_path_is_no_second_command() -> None:
    async with ftp_server(FtpFiles({"a": TEXT})) as server:
        with pytest.raises(Problem):
            await by_ftp(server.port, "a%0d%0aDELE%20a")
    assert not any("DELE" in each for each in server.commands)
