"""The whole program and its provisioning server: what is kept, what restarts it, what does nothing, what stops it."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tests.sip.provisioning.program import GOOD, leftovers, running, yesterday
from tests.unit.provisioning.conftest import serve  # noqa: F401 - a fixture

pytestmark = [pytest.mark.sip, pytest.mark.slow]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return yesterday(tmp_path)


async def test_a_good_file_is_kept_for_the_next_power_up(serve: Any, tmp_path: Path) -> None:  # noqa: F811
    async def good(request: web.Request) -> web.StreamResponse:
        return web.Response(text=GOOD)

    data = tmp_path / "data"
    async with serve(good) as url, running(data, url + "/") as program:
        await program.journals("is in force")
    assert "voip/line/0/id=1502" in (data / "last-good.cfg").read_text()


async def test_a_server_that_is_away_is_told_without_alarm(data: Path) -> None:
    async with running(data, "http://127.0.0.1:9/") as program:
        await program.journals("unreachable")
        await program.shows("No answer")
    assert (data / "last-good.cfg").read_text() == GOOD


async def test_another_transport_restarts_the_program_once(serve: Any, data: Path) -> None:  # noqa: F811
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(text=GOOD + "voip/signalling/sip/transport_protocol=TCP\n")

    async with serve(answer) as url:
        async with running(data, url + "/") as program:
            assert await asyncio.wait_for(program.process.wait(), 30) == 0
            await program.journals("transport_protocol counts from the start of the program on")
        async with running(data, url + "/") as program:
            await program.journals("unchanged")
            assert program.process.returncode is None


async def test_check_sync_by_signal_fetches_again(serve: Any, data: Path) -> None:  # noqa: F811
    asked: list[str] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        asked.append(request.path)
        return web.Response(text=GOOD if len(asked) == 1 else GOOD.replace("1502", "1777"))

    async with serve(answer) as url, running(data, url + "/") as program:
        await program.journals("updated")
        program.process.send_signal(signal.SIGHUP)
        await program.shows("1777")
    assert len(asked) == 2


# --- an unchanged file does nothing ------------------------------------------------------------------


def cards(folder: Path) -> dict[str, tuple[int, int, int]]:
    """Every file of the data folder: inode, size and time of the last write."""
    found = {path: path.stat() for path in folder.rglob("*") if path.is_file()}
    return {str(path): (each.st_ino, each.st_size, each.st_mtime_ns) for path, each in found.items()}


@pytest.mark.parametrize("etag", ["", '"1"'], ids=["no ETag", "ETag"])
async def test_an_unchanged_file_writes_nothing_and_is_told_once(serve: Any, data: Path, etag: str) -> None:  # noqa: F811
    statuses: list[int] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        same = bool(etag) and request.headers.get("If-None-Match") == etag
        statuses.append(304 if same else 200)
        return web.Response(status=304) if same else web.Response(text=GOOD, headers={"ETag": etag} if etag else {})

    async with serve(answer) as url:
        async with running(data, url + "/") as program:
            await program.journals(": updated")
        before = cards(data)
        async with running(data, url + "/") as program:
            await program.journals(": unchanged")
            await program.press("menu", "4", "6")
            await program.shows("No change", "DHCP option  160")
            rows = await program.whole_page(12)
        assert any("In force" in row for row in rows), "after a power-off the page tells how old the settings are"
    assert before
    assert cards(data) == before
    assert "is in force" not in program.journal
    assert statuses == [200, 304 if etag else 200]


async def test_a_last_good_file_that_a_power_cut_spoilt_is_fetched_anew(serve: Any, data: Path) -> None:  # noqa: F811
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(text=GOOD, headers={"ETag": '"1"'})

    async with serve(answer) as url:
        async with running(data, url + "/") as program:
            await program.journals(": updated")
        (data / "last-good.cfg").write_bytes(b"voip/line/0/id=1502\0\0\0")
        async with running(data, url + "/") as program:
            await program.journals("the last good configuration cannot be read")
            await program.journals(": updated")
            await program.shows("1502")


# --- it stops while something is in flight ---------------------------------------------------------------


@pytest.mark.parametrize("hangs", ["configuration", "include"])
async def test_it_stops_at_once_while_a_server_keeps_it_waiting(serve: Any, data: Path, hangs: str) -> None:  # noqa: F811
    waiting = asyncio.Event()

    async def answer(request: web.Request) -> web.StreamResponse:
        if hangs == "include" and request.path.endswith("00908f3bbcba.cfg"):
            return web.Response(text="include a.cfg\ninclude b.cfg\ninclude c.cfg\n")
        waiting.set()
        await asyncio.sleep(60)
        return web.Response(text="")

    async with serve(answer) as url, running(data, url + "/") as program:
        await asyncio.wait_for(waiting.wait(), 15)
        program.process.terminate()
        # The service has 5 s (TimeoutStopSec), a busy machine more; a download alone is given up after 10 s.
        assert await asyncio.wait_for(program.process.wait(), 8.0) == 0
    assert (data / "last-good.cfg").read_text() == GOOD
    assert leftovers(data) == []


# --- nothing listens, nothing is told ----------------------------------------------------------------------


def udp_sockets(pid: int) -> set[int]:
    """Local UDP ports of a process."""
    inodes = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        found = re.match(r"socket:\[(\d+)\]", os.readlink(link))
        if found:
            inodes.add(found[1])
    tables = [each for each in (Path("/proc/net/udp"), Path("/proc/net/udp6")) if each.exists()]  # udp6: with IPv6 only
    words = [line.split() for table in tables for line in table.read_text().splitlines()[1:]]
    return {int(each[1].rpartition(":")[2], 16) for each in words if each[9] in inodes}


async def settled(pid: int) -> set[int]:
    """The same, once the user agent has opened its own: two looks a second apart agree."""
    before = set[int]()
    for _ in range(15):
        now = udp_sockets(pid)
        if now and now == before:
            return now
        before = now
        await asyncio.sleep(1)
    raise AssertionError(f"the UDP sockets of {pid} do not settle: {before}")


def groups() -> set[str]:
    """The multicast groups this machine is in: the first words of the indented lines (the others are of a device)."""
    return {line.split()[0] for line in Path("/proc/net/igmp").read_text().splitlines() if line[:1].isspace()}


async def test_multicast_is_off_and_nothing_listens_for_it(data: Path) -> None:
    before = groups()
    async with running(data, "") as program:
        await program.journals("no_source")
        ports = await settled(program.process.pid)
        assert groups() <= before, "no group was joined"
    (data / "last-good.cfg").write_text(GOOD + "provisioning/method=DISABLE\n")
    async with running(data, "") as without:
        await without.journals("provisioning from nowhere: off")
        own = await settled(without.process.pid)
    assert len(ports) == len(own), "the user agent's own, and no other"
    assert 5060 not in ports
    assert "multicast" not in program.journal


async def test_a_password_in_a_url_is_told_nowhere(serve: Any, data: Path) -> None:  # noqa: F811
    async def answer(request: web.Request) -> web.StreamResponse:
        if "Authorization" not in request.headers:
            return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="phones"'})
        if request.path.endswith("more.cfg"):
            return web.Response(status=404)
        more = f"include http://other:verborgen@{request.host}/more.cfg\ndeskphone/provisioning/strict=1\n"
        return web.Response(text=f"{more}{GOOD}nonsense\n")

    async with serve(answer) as url, running(data, url.replace("://", "://desk:ge@he!im@") + "/") as program:
        await program.journals("configuration refused", times=2)
        await program.press("menu", "4", "6")
        await program.shows("File refused")
        rows = " ".join(await program.whole_page())
        program.process.send_signal(signal.SIGUSR1)
        recording = data / "recording.json"
        for _ in range(100):
            if recording.exists():
                break
            await asyncio.sleep(0.05)
        state = str(await program.state())
    told = program.journal + rows + state + recording.read_text()
    assert "more.cfg" in told
    assert "SettingsRejected" in told
    for secret in ("geheim", "ge@he", "he!im", "verborgen"):
        assert secret not in told


async def test_nor_is_one_in_the_url_of_the_command_line(data: Path) -> None:
    url = "http://desk:geheim@127.0.0.1:9/own.cfg"
    async with running(data, "", "--config", url) as program:
        await program.journals("(command_line): unreachable")
        await program.press("menu", "4", "6")
        await program.shows("No answer")
        rows = " ".join(await program.whole_page())
    assert "by start command" in rows
    assert "geheim" not in program.journal + rows
