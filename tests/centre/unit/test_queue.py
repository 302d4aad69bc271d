"""The queue at the stand-in: the longest Ready agent, redirection on no answer, after-call work."""

from __future__ import annotations

import asyncio

import pytest

from centre import SipServer
from centre.agents import AgentState
from centre.customer import start_customers
from tests.centre.unit.phone import Phone


@pytest.fixture
def centre(server: SipServer) -> SipServer:
    """Three agents, a queue."""
    for agent in ("7001", "7002"):
        server.agents.add(agent)
    server.desktop("1502").log_in("7001")
    server.desktop("1503").log_in("7002")
    server.add_queue("5000", no_answer=0.2)
    return server


def state(centre: SipServer, dn: str) -> str:
    return str(centre.agents.at(dn).state)


async def test_a_customer_waits_until_an_agent_is_ready(centre: SipServer, alice: Phone) -> None:
    customer = centre.call("5000", from_number="2001", name="Ann")
    await customer.wait("ringing")
    assert customer.counts["182"] == 1 and [call.invitation.name for call in centre.queue.waiting] == ["Ann"]
    centre.desktop("1502").ready()
    invite = await alice.ring()
    assert "2001" in invite.headers["From"] and "1502" in invite.headers["To"]
    await alice.pick_up(invite)
    await customer.wait("answered")
    assert centre.queue.to_dict()["distributed"] == 1 and not centre.queue.calls
    assert [call.to_dict()["parties"] for call in centre.calls.of("1502")] == [["2001", "1502"]]


async def test_the_agent_who_is_ready_for_longest_gets_the_call(centre: SipServer, alice: Phone, bob: Phone) -> None:
    centre.desktop("1503").ready()
    await asyncio.sleep(0)
    centre.desktop("1502").ready()
    first, second = centre.call("5000"), centre.call("5000", from_number="2002")
    await bob.pick_up(await bob.ring())
    await alice.pick_up(await alice.ring())
    await first.wait("answered")
    await second.wait("answered")
    assert {call.second.label for call in centre.calls.live if call.second} == {"1502", "1503"}


async def test_who_has_talked_last_is_behind_the_others(centre: SipServer, alice: Phone, bob: Phone) -> None:
    centre.desktop("1502").ready()
    centre.desktop("1503").ready()
    first = centre.call("5000")
    await alice.pick_up(await alice.ring())
    await first.wait("answered")
    first.leave()
    await centre.wait_until(lambda: not centre.calls.of("1502"))
    await centre.wait_until(lambda: not centre.queue.talking)
    assert centre.queue.ready_agents() == ["1503", "1502"]


async def test_no_answer_makes_not_ready_and_the_customer_goes_to_the_next(
    centre: SipServer, alice: Phone, bob: Phone
) -> None:
    centre.desktop("1502").ready()
    centre.desktop("1503").ready()
    customer = centre.call("5000")
    await alice.ring()
    await alice.next_request("CANCEL")
    await bob.pick_up(await bob.ring())
    await customer.wait("answered")
    assert (state(centre, "1502"), state(centre, "1503")) == ("not ready", "ready")


async def test_a_refused_call_goes_back_to_the_front(centre: SipServer, alice: Phone) -> None:
    centre.desktop("1502").ready()
    customer = centre.call("5000")
    alice.ack(invite := await alice.ring(), alice.reply(invite, 603))
    await centre.wait_until(lambda: bool(centre.queue.waiting))
    assert state(centre, "1502") == "not ready" and customer.state == "ringing"
    other = centre.call("5000", from_number="2002")
    await centre.wait_until(lambda: len(centre.queue.waiting) == 2)
    assert [call.invitation.from_number for call in centre.queue.waiting] == ["2001", "2002"]
    other.leave()
    customer.leave()
    await centre.wait_until(lambda: not centre.queue.calls)


async def test_a_customer_who_gives_up_leaves_the_agent_ready(centre: SipServer, alice: Phone) -> None:
    centre.desktop("1502").ready()
    customer = centre.call("5000")
    invite = await alice.ring()
    customer.leave()
    cancel = await alice.next_request("CANCEL")
    alice.reply(cancel, 200)
    alice.reply(invite, 487)
    await centre.wait_until(lambda: centre.queue.ready_agents() == ["1502"])
    assert state(centre, "1502") == "ready"


@pytest.mark.parametrize("seconds", [0.05, None])
async def test_after_call_work(centre: SipServer, alice: Phone, seconds: float | None) -> None:
    centre.queue.after_call_work = seconds
    centre.desktop("1502").ready()
    customer = centre.call("5000")
    await alice.pick_up(await alice.ring())
    await customer.wait("answered")
    customer.leave()
    await centre.wait_until(lambda: centre.agents.at("1502").state is AgentState.AFTER_CALL_WORK)
    if seconds is not None:
        await centre.wait_until(lambda: centre.agents.at("1502").state is AgentState.READY)


async def test_an_agent_without_a_phone_or_in_a_call_gets_nothing(centre: SipServer, alice: Phone) -> None:
    centre.desktop("1502").ready()
    centre.desktop("1503").ready()
    assert centre.queue.ready_agents() == ["1502"]
    centre.call("1502", from_number="2009")
    await alice.ring()
    assert centre.queue.ready_agents() == []


async def test_a_phone_may_call_the_queue(centre: SipServer, alice: Phone, carol: Phone) -> None:
    centre.desktop("1502").ready()
    await carol.invite("5000")
    await carol.next(182)
    await alice.pick_up(await alice.ring())
    await carol.next(200)


async def test_customers_come_by_themselves_while_an_agent_is_ready(centre: SipServer, alice: Phone) -> None:
    customers = start_customers(centre, 0.02, queue="5000")
    centre.desktop("1502").ready()
    await alice.pick_up(await alice.ring())
    assert len(customers.placed) == 1


def test_wrong_settings_are_refused(server: SipServer) -> None:
    with pytest.raises(ValueError, match="log out"):
        server.add_queue("5001", no_answer_action="dismiss")
