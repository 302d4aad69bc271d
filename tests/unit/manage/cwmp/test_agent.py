"""What the agent makes of settings, of another phone run and of another ACS."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from aiohttp import web

from deskphone.manage.client import Refusal
from deskphone.manage.cwmp.agent import Agent, facts, started
from deskphone.manage.cwmp.memory import Memory, Transfer, dumped
from deskphone.manage.cwmp.orders import LOG
from deskphone.manage.cwmp.wish import NAMES, Wish, wish
from tests.unit.manage.cwmp.desk import polite, settings
from tests.unit.manage.cwmp.rules import check
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
    first = started(Memory(), "https://a/", "run1")
    assert first.events == (("0 BOOTSTRAP", ""), ("1 BOOT", "")) and first.run == "run1"
    assert started(first, "https://a/", "run1") == first, "said once"
    known = replace(
        first.without(first.events), acs="https://a/", parameter_key="k", attributes={"x": 2}, told={"x": "1"},
        transfers=(Transfer("Download", "k", "3", "http://x/"),), scheduled=((1.0, "s"),),
    ).with_event("2 PERIODIC")  # fmt: skip
    assert started(known, "https://a/", "run1") == known
    other = started(known, "https://b/", "run1")
    assert other == replace(Memory(run="run1"), events=(("0 BOOTSTRAP", ""),))


def test_a_restart_that_was_ordered_is_told_as_that_and_any_other_as_a_boot() -> None:
    quiet = Memory(acs="https://a/", run="run1")
    assert started(quiet, "https://a/", "run2").events == (("1 BOOT", ""),)
    ordered = started(replace(quiet, restarting=("r1", "r2")), "https://a/", "run2")
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
        agent = Agent(phone, tmp_path)  # type: ignore[arg-type]
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


class Still:
    """A phone at the control socket to which nothing happens."""

    async def ask(self, request: str, **fields: object) -> dict[str, object]:
        """As AsyncPhone."""
        rows = [{"name": name, "value": value} for name, value in settings().items()]
        status = {
            "mac": "b8:27:eb:01:02:03", "model": "420HD", "version": "1", "up_seconds": 5, "address": "127.0.0.1",
            "state": {"servers": []},
        }  # fmt: skip
        return {"happened": {"run": "run1"}, "show": {"settings": rows}, "status": status, "log": {"lines": ["a"]}}[
            request
        ]


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
            agent = Agent(Still(), tmp_path)  # type: ignore[arg-type]
            async with asyncio.timeout(40):
                await agent.obey(Wish(url=f"{url}/acs"))
                said.append(await heard.get())
                answers.set()
                said += [await heard.get(), await heard.get()]
            await agent.close()
        return said

    assert asyncio.run(story()) == ["Inform", "Inform", "TransferComplete"]
