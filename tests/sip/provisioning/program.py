"""The whole program as a process, its lease, its panel and its journal.

Law: `deskphone run --sim --provision --lease`; what it shows and says is waited for, never slept for.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

NUMBER = "1502"
GOOD = f"voip/line/0/id={NUMBER}\nprovisioning/random_provisioning_time=0\n"
FILE = "00908f3bbcba.cfg"


@dataclass
class Program:
    """deskphone run --sim --provision, its panel and what it said."""

    process: asyncio.subprocess.Process
    url: str = ""
    said: list[str] = field(default_factory=list)

    @property
    def journal(self) -> str:
        """All it said so far."""
        return "".join(self.said)

    async def read(self, stream: asyncio.StreamReader) -> None:
        async for line in stream:
            self.said.append(line.decode(errors="replace"))

    async def state(self) -> dict[str, Any]:
        """/panel/state."""
        async with aiohttp.ClientSession() as session, session.get(f"{self.url}panel/state") as answer:
            found: dict[str, Any] = json.loads(await answer.text())
            return found

    async def press(self, *keys: str) -> None:
        async with aiohttp.ClientSession() as session:
            for key in keys:
                async with session.post(f"{self.url}panel/key", json={"key": key}) as answer:
                    assert answer.status == 200, await answer.text()

    async def types(self, text: str) -> None:
        """Letters from a keyboard."""
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.url}panel/text", json={"text": text}) as answer,
        ):
            assert answer.status == 200, await answer.text()

    async def shows(self, *words: str, within: float = 15.0) -> None:
        """Wait until the display has these words."""
        shown, end = "", asyncio.get_running_loop().time() + within
        while asyncio.get_running_loop().time() < end:
            state = await self.state()
            shown = " | ".join((state["title"], *state["rows"]))
            if all(each in shown for each in words):
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"waited for {words!r}; it shows {shown!r}\n{self.journal}")

    async def journals(self, words: str, times: int = 1, within: float = 15.0) -> None:
        """Wait until these words are in the journal, so many times."""
        end = asyncio.get_running_loop().time() + within
        while self.journal.count(words) < times:
            assert asyncio.get_running_loop().time() < end, f"waited for {words!r} in\n{self.journal}"
            await asyncio.sleep(0.05)

    async def whole_page(self, downs: int = 30) -> set[str]:
        """Every row of the page that is open."""
        seen = set[str]()
        for _ in range(downs):
            seen.update((await self.state())["rows"])
            await self.press("down")
        return seen


@asynccontextmanager
async def running(data: Path, url: str, *arguments: str) -> AsyncIterator[Program]:
    """The program with this folder and this URL in DHCP option 160 ("" for none)."""
    lease = data.parent / "lease"
    option = f"option_160 {url.encode().hex()}\n" if url else ""
    lease.write_text(f"address 127.0.0.1\nmac 00:90:8f:3b:bc:ba\n{option}")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "deskphone", "run", "--sim", "--provision", "--no-terminal", "--sip-port", "0",
        "--panel", "127.0.0.1:0", "--data", str(data), "--lease", str(lease), *arguments,
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


def yesterday(folder: Path) -> Path:
    """The data folder of a phone that has a good configuration from yesterday."""
    data = folder / "data"
    data.mkdir()
    (data / "last-good.cfg").write_text(GOOD)
    return data


def leftovers(data: Path) -> list[Path]:
    """Temporary files that nobody took away."""
    return list(data.glob("**/*.new"))
