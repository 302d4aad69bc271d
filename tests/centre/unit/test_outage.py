"""What becomes of a whole site, and where calls go then: two servers with one roster, phones by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest

from centre import SipServer
from centre.agents import AgentState, Roster
from centre.control import Control
from centre.outage import Life
from tests.centre.unit.agentphone import AS_FEATURE, HOTELING, dialogs, set_hoteling
from tests.centre.unit.conftest import FAST
from tests.centre.unit.phone import PATIENCE, Phone

Pair = tuple[SipServer, SipServer]


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    roster = Roster()
    roster.add("7001")
    one, two = (SipServer(host=host, dns={"1502": "a"}, roster=roster, timers=FAST, authenticate=frozenset(),
                          shutdown_sip_reject_code=302) for host in ("127.0.0.1", "127.0.0.2"))  # fmt: skip
    one.join(two)
    for server in (one, two):
        server.set_option("1502", "enable-agentlogin-subscribe", "true")
        await server.start()
    yield one, two
    for server in (one, two):
        await server.stop()
        assert server.agent.errors == 0


@pytest.fixture
async def phone(pair: Pair) -> AsyncIterator[Phone]:
    async with Phone("1502", pair[0].port) as phone:
        assert (await phone.register()).code == 200
        yield phone


async def test_a_site_that_is_killed_comes_back_and_knows_nobody(pair: Pair, phone: Phone) -> None:
    one, _ = pair
    await dialogs(phone)
    one.desktop("1502").log_in("7001")
    await one.kill()
    assert one.life is Life.DEAD
    await one.revive()
    assert one.life is Life.UP
    assert (one.registrations, one.notifier.all, one.agents.roster.places) == ({}, [], {})
    assert (await phone.ask(phone.request("OPTIONS"))).code == 200


async def test_a_frozen_site_says_nothing_and_has_heard_all_when_it_thaws(pair: Pair, phone: Phone) -> None:
    one, _ = pair
    await one.freeze()
    request = phone.request("OPTIONS")
    asked = asyncio.create_task(phone.ask(request))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await asyncio.shield(asked)
    await one.revive()
    assert (await asked).code == 200


async def test_a_site_that_shuts_down_logs_its_agents_out_and_sends_calls_to_the_other(
    pair: Pair, phone: Phone
) -> None:
    one, two = pair
    _hoteling, feature = await dialogs(phone, (HOTELING, AS_FEATURE))
    one.desktop("1502").log_in("7001")
    one.desktop("1502").ready()
    while "AgentReadyEvent" not in (await feature.notified())[0]:
        pass
    await one.shut_down()
    assert "AgentNotReadyEvent" in (await feature.notified())[0]
    assert "AgentLoggedOffEvent" in (await feature.notified())[0]
    answer = await phone.ask(phone.request("INVITE", to="2001"))
    assert (answer.code, answer.headers["Contact"]) == (302, f"<sip:2001@{two.address}>")
    await one.revive()
    assert one.calls.refusal is None


async def test_the_backup_of_a_site_goes_on_in_the_subscriptions(pair: Pair, phone: Phone) -> None:
    one, _ = pair
    hoteling, _feature = await dialogs(phone)
    await one.switch_over("127.0.0.3")
    await hoteling.send(set_hoteling("7001"))
    assert await hoteling.notified() == ("HotelingEvent guestAddress=7001",)
    assert phone.source[0] == "127.0.0.3"


@pytest.mark.parametrize(
    ("when", "here", "there", "rings"),
    [
        ("off", False, True, False),
        ("oos", False, True, True),
        ("oos", True, True, False),
        ("no-agent", True, True, True),
    ],
)
async def test_calls_go_over_by_dr_forward(pair: Pair, when: str, here: bool, there: bool, rings: bool) -> None:
    one, two = pair
    one.set_option("1502", "dr-forward", when)
    async with Phone("1502", one.port) as first, Phone("1502", two.port, host="127.0.0.2") as second:
        if here:
            await first.register()
        if there:
            await second.register()
            two.desktop("1502").log_in("7001")
        far_end = one.call("1502")
        if rings:
            await second.ring()
        elif here:
            await first.ring()
        else:
            await far_end.wait("ended", within=PATIENCE)
        if two.agents.at("1502").state is AgentState.NOT_READY and rings:
            await two.shut_down()
            assert one.call("1502").state != "ringing"


async def test_a_button_kills_a_site_and_another_revives_it(pair: Pair) -> None:
    one, two = pair
    control = Control(one, "127.0.0.1", 0, two)
    await control.start()
    async with aiohttp.ClientSession(control.url) as session:
        for deed, life in (("kill", "dead"), ("revive", "up"), ("freeze", "frozen"), ("revive", "up")):
            answer = await session.post("/server/2/site", json={"do": deed})
            assert (answer.status, (await answer.json())["life"]) == (200, life)
        sites = await (await session.get("/server/sites")).json()
        assert [each["address"] for each in sites] == [one.address, two.address]
        assert (await session.post("/server/site", json={"do": "explode"})).status == 400
    await control.stop()
