"""What the agent makes of settings, of another phone run and of another ACS."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from aiohttp import web

from deskphone.manage.client import Gone, Refusal
from deskphone.manage.cwmp.agent import Agent, facts
from deskphone.manage.cwmp.memory import Memory, Step, Transfer, dumped
from deskphone.manage.cwmp.orders import LOG
from deskphone.manage.cwmp.transfers import carry_out
from deskphone.manage.cwmp.wish import NAMES, Wish, wish
from deskphone.manage.papers import Papers
from tests.patience import patient
from tests.unit.manage.cwmp import server as ask
from tests.unit.manage.cwmp.desk import Still, polite
from tests.unit.manage.cwmp.rules import Said, check
from tests.unit.manage.cwmp.test_http import served

SECRETS = {
    "url": "https://a/", "password": "p", "request_password": "q", "authorities": "", "certificate": "",
    "private_key": "",
}  # fmt: skip


def values(**other: str) -> dict[str, str]:
    said = ("1", "https://a/", "user", "1", "600", "knock", "7547")
    return dict(zip(NAMES, said, strict=True)) | {f"management/tr069/{name}": value for name, value in other.items()}


def test_nothing_is_wanted_unless_it_is_configured() -> None:
    assert wish(values(enabled="0"), SECRETS) == wish(values(), {}) == Wish() and not Wish().door.open
    found = wish(values(), SECRETS)
    assert (found.url, found.user, found.password, found.interval) == ("https://a/", "user", "p", 600.0)
    assert found.door.open and found.door.port == 7547 and "'p'" not in repr(found) and "'q'" not in repr(found)
    assert wish(values(**{"inform/enabled": "0"}), SECRETS).interval == 0.0


def test_a_new_acs_begins_with_nothing_of_the_one_before() -> None:
    first = Memory().started("https://a/", "run1")
    assert first.events == (("0 BOOTSTRAP", ""), ("1 BOOT", "")) and first.run == "run1"
    assert first.started("https://a/", "run1") == first, "said once"
    known = replace(
        first.without(first.events), acs="https://a/", parameter_key="k", attributes={"x": 2}, told={"x": "1"},
        transfers=(Transfer("Download", "k", "3", "http://x/"),), scheduled=((1.0, "s"),),
    ).with_event("2 PERIODIC")  # fmt: skip
    assert known.started("https://a/", "run1") == known
    other = known.started("https://b/", "run1")
    assert other == replace(Memory(run="run1"), events=(("0 BOOTSTRAP", ""),))


def test_a_restart_that_was_ordered_is_told_as_that_and_any_other_as_a_boot() -> None:
    quiet = Memory(acs="https://a/", run="run1")
    assert quiet.started("https://a/", "run2").events == (("1 BOOT", ""),)
    ordered = replace(quiet, restarting=("r1", "r2")).started("https://a/", "run2")
    assert ordered.events == (("1 BOOT", ""), ("M Reboot", "r1"), ("M Reboot", "r2")) and ordered.restarting == ()


def test_a_phone_says_who_it_is_by_its_mac() -> None:
    status = {
        "mac": "b8:27:eb:01:02:03", "model": "420HD", "version": "1", "up_seconds": 5, "address": "",
        "state": {"servers": [{"registered": False}, {"registered": True}]},
    }  # fmt: skip
    found = facts(status, "", 0.0)
    assert (found["oui"], found["serial"], found["client_status"]) == ("B827EB", "B827EB010203", "Up")
    assert facts({**status, "mac": ""}, "", 0.0)["serial"] == "000000000000"


class Busy:
    """A phone at the control socket that is in use for its first `calls` questions for a restart."""

    def __init__(self, calls: int) -> None:
        self.calls, self.asked = calls, list[str]()

    async def ask(self, request: str, **fields: object) -> dict[str, object]:
        self.asked.append(request)
        if request == "restart" and self.calls:
            self.calls -= 1
            raise Refusal("refused", "the phone is in use")
        return {}


def test_a_restart_waits_for_a_phone_in_use_and_factory_settings_forget_the_acs(tmp_path: Path) -> None:
    async def story() -> tuple[list[str], Memory]:
        phone = Busy(calls=2)
        agent = Agent(phone, phone, tmp_path)  # type: ignore[arg-type]
        await agent._keep(Memory(acs="https://a/", run="run1", reboot=("r1",)))
        for _ in range(3):
            await agent._obey_orders()
        assert agent._memory.reboot == () and agent._memory.restarting == ("r1",)
        await agent._keep(replace(agent._memory, reset=True))
        await agent._obey_orders()
        return phone.asked, agent._load()

    asked, kept = asyncio.run(story())
    assert asked == ["restart"] * 3 + ["factory_reset"] and kept == Memory(run="run1")
    assert (tmp_path / "cwmp.json").stat().st_mode & 0o777 == 0o600


@asynccontextmanager
async def at_an_acs(folder: Path, kept: Memory, phone: Still, beside: Still) -> AsyncIterator[asyncio.Queue[Said]]:
    """An agent that remembers this, with an ACS that asks nothing; what the ACS hears. URL of files: `{url}`."""
    heard = asyncio.Queue[Said]()

    async def acs_and_files(request: web.Request) -> web.StreamResponse:
        body = await request.read()
        if request.path == "/file" or not body:
            return web.Response(status=204)
        await heard.put(check(body))
        return web.Response(body=polite(check(body)), content_type="text/xml")

    async with served(acs_and_files) as url:
        transfers = tuple(replace(each, url=f"{url}/file") for each in kept.transfers)
        (folder / "cwmp.json").write_bytes(dumped(replace(kept, acs=f"{url}/acs", transfers=transfers)))
        agent = Agent(phone, beside, folder)  # type: ignore[arg-type]
        async with asyncio.timeout(patient(40)):
            await agent.obey(Wish(url=f"{url}/acs"))
            yield heard
        await agent.close()


LOG_WANTED = Transfer("Upload", "k", LOG, "")


def test_what_a_transfer_asks_the_phone_keeps_no_session_waiting(tmp_path: Path) -> None:
    class Slow(Still):
        here, answers = asyncio.Event(), asyncio.Event()

        async def ask(self, request: str, **fields: object) -> dict[str, object]:
            self.here.set()
            await self.answers.wait()
            return await super().ask(request)

    async def story() -> list[str]:
        phone, beside = Still(), Slow()
        async with at_an_acs(tmp_path, Memory(transfers=(LOG_WANTED,)), phone, beside) as heard:
            await beside.here.wait()
            said = [(await heard.get()).name]
            beside.answers.set()
            said += [(await heard.get()).name for _ in range(2)]
        assert "log" not in phone.asked
        return said

    assert asyncio.run(story()) == ["Inform", "Inform", "TransferComplete"]


def test_a_transfer_that_nobody_foresaw_is_told_as_one_that_failed(tmp_path: Path) -> None:
    class Odd(Still):
        async def ask(self, request: str, **fields: object) -> dict[str, object]:
            return {}

    async def story() -> Said:
        async with at_an_acs(tmp_path, Memory(transfers=(LOG_WANTED,)), Still(), Odd()) as heard:
            while (said := await heard.get()).name != "TransferComplete":
                pass
        return said

    assert asyncio.run(story()).text("FaultStruct/FaultCode") == "9002"


def test_a_certificate_that_is_none_ends_a_transfer() -> None:
    done = asyncio.run(carry_out(LOG_WANTED, Still(), Papers(authorities="none")))  # type: ignore[arg-type]
    assert (done.step, done.code) == (Step.DONE, 9002) and "certificate" in done.text


def test_a_phone_that_goes_in_the_middle_of_a_session_is_a_session_that_failed(tmp_path: Path) -> None:
    class Goes(Still):
        async def ask(self, request: str, **fields: object) -> dict[str, object]:
            if request == "set":
                raise Gone("the phone closed the connection")
            return await super().ask(request)

    async def story() -> int:
        async def acs(request: web.Request) -> web.StreamResponse:
            body = await request.read()
            reply = polite(check(body)) if body else ask.put({"Device.Time.NTPServer1": "ntp.example"})
            return web.Response(body=reply, content_type="text/xml")

        async with served(acs) as url:
            agent = Agent(Goes(), Still(), tmp_path)  # type: ignore[arg-type]
            await agent._turn(Wish(url=url))
            assert agent._memory.events == (), "the Inform was taken"
            return agent._schedule.retries

    assert asyncio.run(story()) == 1


def test_a_server_that_is_mended_by_hand_is_asked_at_once(tmp_path: Path) -> None:
    async def story() -> list[bool]:
        agent, news = Agent(Still(), Still(), tmp_path), []  # type: ignore[arg-type]
        first = Wish(url="https://a/", user="u", interval=600.0)
        for wish_ in (replace(first, interval=60.0), replace(first, password="p"), replace(first, url="https://b/")):
            agent._wish = first
            agent._schedule = agent._schedule.failed(100.0, 0.5)
            agent._task = asyncio.create_task(asyncio.sleep(60))
            await agent.obey(wish_)
            news.append(agent._schedule.retries == 0 and agent._schedule.not_before == 0.0)
            await agent.close()
        return news

    assert asyncio.run(story()) == [False, True, True]


def test_a_file_server_that_is_slow_keeps_the_phone_from_no_session(tmp_path: Path) -> None:
    async def story() -> list[str]:
        answers, said, heard = asyncio.Event(), list[str](), asyncio.Queue[str]()

        async def acs_and_files(request: web.Request) -> web.StreamResponse:
            if request.path == "/file":
                await answers.wait()
                return web.Response()
            body = await request.read()
            if not body:
                return web.Response(status=204)
            await heard.put(check(body).name)
            return web.Response(body=polite(check(body)), content_type="text/xml")

        async with served(acs_and_files) as url:
            waits = Transfer("Upload", "k", LOG, f"{url}/file")
            (tmp_path / "cwmp.json").write_bytes(dumped(Memory(acs=f"{url}/acs", transfers=(waits,))))
            agent = Agent(Still(), Still(), tmp_path)  # type: ignore[arg-type]
            async with asyncio.timeout(40):
                await agent.obey(Wish(url=f"{url}/acs"))
                said.append(await heard.get())
                answers.set()
                said += [await heard.get(), await heard.get()]
            await agent.close()
        return said

    assert asyncio.run(story()) == ["Inform", "Inform", "TransferComplete"]
