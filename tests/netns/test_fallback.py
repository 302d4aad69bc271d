"""PRIMARY_FALLBACK at two sites of the contact centre: which one has the phone and its agent, when one of them dies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.netns import outage
from tests.netns.outage import Mend
from tests.netns.sites import AGENT, PASSWORD, SITES, Centre, Sites, SitesPhone
from tests.stories.agent import ACD, READY_AFTER, log_in

pytestmark = [pytest.mark.netns, pytest.mark.slow]

_P = "voip__signalling__sip__"
FALLBACK = {
    f"{_P}redundant_proxy__mode": "PRIMARY_FALLBACK",
    f"{_P}redundant_proxy__address": SITES["b"],
    f"{_P}redundant_proxy__keepalive_period": "2",
}

Opened = tuple[Sites, Centre, Centre]


@pytest.fixture
def centres(tmp_path: Path) -> Iterator[Opened]:
    with Sites(tmp_path) as lab:
        yield lab, *lab.open(Centre)


def at(phone: SitesPhone, site: Centre, within: float = 30.0) -> None:
    """Registered there, and nowhere else."""
    wanted = [(SITES[site.name], True)]
    phone.story().wait(
        f"the proxy {site.name}",
        lambda state: [(each["address"].split(":")[0], each["registered"]) for each in state["servers"]] == wanted,
        within,
    )


@pytest.mark.parametrize(("transport", "fault"), [("UDP", outage.killed), ("TCP", outage.frozen)])
def test_symmetric_the_phone_stays_at_a_proxy_until_that_one_dies(
    centres: Opened, transport: str, fault: Callable[..., Mend]
) -> None:
    lab, first, second = centres
    symmetric = {f"{_P}redundant_proxy__symmetric_mode": "1", **FALLBACK, **ACD, **READY_AFTER}
    with lab.phone(transport, **symmetric) as phone:
        story = phone.story()
        at(phone, first)
        log_in(story, AGENT, PASSWORD)
        first.has_agent("ready")
        ways = ((first, second), (second, first)) if transport == "UDP" else ((first, second),)
        for here, there in ways:
            mend = fault(lab, here)
            at(phone, there)
            there.has_agent("ready")
            there.rings(story)
            story.dial("9196")
            story.in_call(within=10)
            assert there.talks()
            story.press("cancel")
            story.idle(within=10)
            mend()
            at(phone, there)
        assert phone.troubles() == []
