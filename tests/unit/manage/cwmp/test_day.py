"""An ACS that is away for a day, in virtual time; the agent with its file, HTTP and messages are the real ones."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest
from aiohttp import web

from deskphone.manage.cwmp import agent as room
from deskphone.manage.cwmp.agent import Agent
from deskphone.manage.cwmp.wish import Wish
from tests.unit.manage.cwmp import server as ask
from tests.unit.manage.cwmp.desk import Still, polite
from tests.unit.manage.cwmp.rules import Said, check
from tests.unit.manage.cwmp.test_http import served
from tests.unit.manage.cwmp.test_schedule import TABLE, UNIX

NAME = "Device.Services.VoiceService.1.SIP.Client.1.AuthUserName"
HOUR = 3600.0


class Clock:
    """Virtual time."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return UNIX + self.now


@dataclass
class Acs:
    """up: whether it answers. tries: when somebody spoke first, and what; told: everything else it was told."""

    clock: Clock
    up: bool = True
    tries: list[tuple[float, Said]] = field(default_factory=list)
    told: list[Said] = field(default_factory=list)
    requests: list[bytes] = field(default_factory=list)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One post; and a file server that is always there."""
        body = await request.read()
        if request.path == "/file":
            return web.Response(status=201)
        said = check(body) if body else None
        if said and said.name == "Inform":
            self.tries.append((self.clock.now, said))
        elif said:
            self.told.append(said)
        if not self.up:
            assert request.transport is not None
            request.transport.abort()
        reply = polite(said) if said else b""
        reply = reply or (self.requests.pop(0) if self.requests else b"")
        return web.Response(body=reply, status=200 if reply else 204, content_type="text/xml")


class Phone:
    """A phone with its management plane, and an ACS at `url`."""

    def __init__(self, folder: Path, acs: Acs, url: str) -> None:
        self.folder, self.acs, self.url = folder, acs, url
        self.phone = Still()
        self.starts()

    def starts(self) -> None:
        """The management plane starts, with what its file has."""
        self.agent = Agent(self.phone, self.phone, self.folder, self.acs.clock)  # type: ignore[arg-type]
        self.agent._memory = self.agent._load()

    async def live(self, hours: float) -> None:
        """Turn after turn, as the agent's loop does, and a transfer to its end at once."""
        clock, until = self.acs.clock, self.acs.clock.now + hours * HOUR
        while True:
            pause = await self.agent._turn(Wish(url=f"{self.url}/acs", interval=HOUR))
            if self.agent._under_way is not None:
                await self.agent._under_way[1]
            elif clock.now + pause > until:
                clock.now = until
                return
            else:
                clock.now += pause


def test_a_day_without_an_acs_ends_in_one_session_that_tells_all_of_it_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "LOOK", 1e9)  # virtual time goes from one thing that is due to the next
    asyncio.run(_day(tmp_path, Acs(Clock())))


async def _day(folder: Path, acs: Acs) -> None:
    async with served(acs.serve) as url:
        desk = Phone(folder, acs, url)
        acs.requests = [
            ask.watch(NAME, 2), ask.call("ScheduleInform", DelaySeconds=5 * 3600, CommandKey="noon"),
            ask.upload(f"{url}/file", CommandKey="log", DelaySeconds=2 * 3600),
            ask.call("ScheduleInform", DelaySeconds=5 * 3600, CommandKey="noon"),
        ]  # fmt: skip
        await desk.live(0.5)
        assert [said.events for _, said in acs.tries] == [[("0 BOOTSTRAP", ""), ("1 BOOT", "")]] and not acs.requests
        acs.up = False
        acs.tries.clear()
        await desk.live(6)
        desk.phone.values["voip/line/0/auth_name"] = "by hand"
        await desk.live(6)
        rows = [_rows(acs)]
        desk.phone.run = "run2"  # a power cut: phone and management plane start anew
        desk.starts()
        await desk.live(6)
        rows.append(_rows(acs))
        desk.phone.run = "run3"  # the phone alone starts anew
        await desk.live(6)
        rows.append(_rows(acs))
        for each in rows:
            _by_the_table(each)
        acs.up, acs.told = True, []
        await desk.live(1.5)
        (_, back), *later = acs.tries
        assert sorted(back.events) == [
            ("1 BOOT", ""), ("2 PERIODIC", ""), ("3 SCHEDULED", ""), ("4 VALUE CHANGE", ""),
            ("7 TRANSFER COMPLETE", ""), *[("M ScheduleInform", "noon")] * 2, ("M Upload", "log"),
        ]  # fmt: skip
        assert back.values[NAME] == "by hand" and int(back.text("RetryCount")) == len(rows[-1])
        assert [each.name for each in acs.told] == ["TransferComplete"]
        assert {each.events[0][0] for _, each in later} <= {"2 PERIODIC"}, "nothing of it is told again"


def _rows(acs: Acs) -> list[tuple[float, int]]:
    """When it was tried, and as which retry; from here on anew."""
    found = [(at, int(said.text("RetryCount"))) for at, said in acs.tries]
    acs.tries.clear()
    return found


def _by_the_table(rows: list[tuple[float, int]]) -> None:
    """TR-069 table 3, from the first try after a start on."""
    assert len(rows) > 8 and [retry for _, retry in rows] == list(range(len(rows)))
    for (before, _), (at, retry) in pairwise(rows):
        low, high = TABLE[min(retry, len(TABLE)) - 1]
        assert low <= at - before <= high + 0.1, retry
