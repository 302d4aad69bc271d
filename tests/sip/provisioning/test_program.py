"""The whole program and a bad server: what the screen says, what the journal says, and that the good file stays."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from tests.unit.provisioning.authority import Authority
from tests.unit.provisioning.conftest import owner, serve, stranger  # noqa: F401 - fixtures
from tests.unit.provisioning.test_check import cut_off, endless, login_page, ten_megabytes

pytestmark = [pytest.mark.sip, pytest.mark.slow]
GOOD = "system/display/message_on_screen=Good\nprovisioning/random_provisioning_time=0\n"
Handler = Callable[[web.Request], Any]


@dataclass
class Program:
    """deskphone run --sim --provision, its panel and what it said."""

    process: asyncio.subprocess.Process
    url: str = ""
    said: list[str] = field(default_factory=list)

    async def read(self, stream: asyncio.StreamReader) -> None:
        async for line in stream:
            self.said.append(line.decode(errors="replace"))

    async def shows(self, words: str) -> None:
        """Wait until the display has these words."""
        shown = ""
        async with aiohttp.ClientSession() as session:
            for _ in range(300):
                async with session.get(f"{self.url}panel/state") as answer:
                    state = json.loads(await answer.text())
                shown = " | ".join((state["title"], *state["rows"]))
                if words in shown:
                    return
                await asyncio.sleep(0.05)
        raise AssertionError(f"waited for {words!r}; it shows {shown!r}\n{''.join(self.said)}")

    async def journals(self, words: str) -> None:
        """Wait until these words are in the journal."""
        for _ in range(200):
            if words in "".join(self.said):
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"waited for {words!r} in\n{''.join(self.said)}")


@asynccontextmanager
async def running(data: Path, url: str) -> AsyncIterator[Program]:
    lease = data.parent / "lease"
    lease.write_text(f"address 127.0.0.1\nmac 00:90:8f:3b:bc:ba\noption_160 {url.encode().hex()}\n")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "deskphone", "run", "--sim", "--provision", "--no-terminal", "--sip-port", "0",
        "--panel", "127.0.0.1:0", "--data", str(data), "--lease", str(lease),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, stdin=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    program = Program(process)
    assert process.stdout is not None
    assert process.stderr is not None
    reader = asyncio.create_task(program.read(process.stderr))
    try:
        first = (await asyncio.wait_for(process.stdout.readline(), 30)).decode()
        found = re.search(r"panel: (http://\S+)", first)
        assert found, first
        program.url = found[1]
        yield program
    finally:
        if process.returncode is None:
            process.terminate()
        await asyncio.wait_for(process.wait(), 20)
        reader.cancel()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A phone that has a good configuration from yesterday."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "last-good.cfg").write_text(GOOD)
    return folder


@pytest.mark.parametrize(
    ("handler", "words"),
    [
        (login_page, "login page"),
        (endless, "at most 5 redirects"),
        (ten_megabytes, "at most 1000000 bytes"),
        (cut_off, "then the end"),
    ],
    ids=["login page", "endless redirect", "10 MB", "half file"],
)
async def test_a_bad_file_is_on_the_screen_and_in_the_journal(
    serve: Any,  # noqa: F811 - the fixture
    data: Path,
    handler: Handler,
    words: str,
) -> None:
    async with serve(handler) as url, running(data, url + "/") as program:
        await program.shows("Configuration refused")
        await program.journals(words)
    assert (data / "last-good.cfg").read_text() == GOOD


async def test_a_wrong_certificate_is_on_the_screen_and_in_the_journal(
    serve: Any,  # noqa: F811
    data: Path,
    stranger: Authority,  # noqa: F811
) -> None:
    async with serve(login_page, stranger.server()) as url, running(data, url + "/") as program:
        await program.shows("Configuration refused")
        await program.journals("a certificate this phone trusts")
    assert (data / "last-good.cfg").read_text() == GOOD


async def test_a_good_file_is_kept_for_the_next_power_up(serve: Any, tmp_path: Path) -> None:  # noqa: F811
    async def good(request: web.Request) -> web.StreamResponse:
        return web.Response(text=GOOD)

    data = tmp_path / "data"
    async with serve(good) as url, running(data, url + "/") as program:
        await program.journals("is in force")
    assert "message_on_screen=Good" in (data / "last-good.cfg").read_text()


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
        return web.Response(text=GOOD if len(asked) == 1 else GOOD + "voip/line/0/id=1777\n")

    async with serve(answer) as url, running(data, url + "/") as program:
        await program.journals("updated")
        program.process.send_signal(signal.SIGHUP)
        await program.shows("1777")
    assert len(asked) == 2
