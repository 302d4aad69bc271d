"""A running SIP Server stand-in with two DNs and short timers, and phones for it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from centre import DN, SipServer, Timers
from tests.centre.unit.phone import Phone

FAST = Timers(t1=0.02, t2=0.08, t4=0.1)


@pytest.fixture
async def server() -> AsyncIterator[SipServer]:
    dns: dict[str, str | DN] = {"1502": DN("1502", "secret", "Agent Desk"), "1503": "secret", "1504": "secret"}
    async with SipServer(dns=dns, timers=FAST) as running:
        yield running
        assert running.agent.errors == 0, "the server logged an exception"


@pytest.fixture
async def alice(server: SipServer) -> AsyncIterator[Phone]:
    async with Phone("1502", server.port) as phone:
        assert (await phone.register()).code == 200
        yield phone


@pytest.fixture
async def bob(server: SipServer) -> AsyncIterator[Phone]:
    async with Phone("1503", server.port) as phone:
        assert (await phone.register()).code == 200
        yield phone


@pytest.fixture
async def carol(server: SipServer) -> AsyncIterator[Phone]:
    async with Phone("1504", server.port) as phone:
        assert (await phone.register()).code == 200
        yield phone
