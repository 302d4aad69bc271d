"""Two sites of the contact centre on a network, and something happens to the first: what its agent notices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.netns import outage
from tests.netns.outage import Desk, Mend
from tests.netns.sites import AGENT, PASSWORD, Centre, Sites
from tests.stories.agent import ACD, READY_AFTER, log_in

pytestmark = [pytest.mark.netns, pytest.mark.slow]


class AgentDesk(Desk):
    """Its agent is Ready at site A."""

    def __init__(self, lab: Sites, transport: str = "UDP", **settings: str) -> None:
        a, b = lab.open(Centre)
        super().__init__(lab.phone(transport, **ACD, **READY_AFTER, **settings), a, b)
        log_in(self.story, AGENT, PASSWORD)
        self.story.large("Ready", within=20)
        self.a.has_agent("ready")

    def agent_is_at_b(self) -> None:
        """Ready there, and so the display says."""
        self.b.has_agent("ready")
        self.story.large("Ready", within=20)


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Sites]:
    with Sites(tmp_path) as made:
        yield made


@pytest.mark.parametrize(
    ("transport", "fault"),
    [
        ("UDP", outage.killed), ("UDP", outage.frozen), ("UDP", outage.unheard),
        ("TCP", outage.killed), ("TCP", outage.frozen), ("TCP", outage.without_power),
    ],
)  # fmt: skip
def test_the_agent_goes_on_at_the_other_site(lab: Sites, transport: str, fault: Callable[..., Mend]) -> None:
    desk = AgentDesk(lab, transport)
    mend = fault(lab, desk.a)
    desk.goes_on()
    desk.agent_is_at_b()
    mend()
    desk.comes_home()
    desk.a.has_agent("logged off")
    desk.b.has_agent("ready")
