"""Two sites of the contact centre on a network, and something happens to the one of the agent: what the agent notices.

One phone for each transport, in service from the first test to the last: each fault meets the site where the agent has
come to be by then, and leaves both in service.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.netns import outage
from tests.netns.outage import Desk, Mend
from tests.netns.sites import AGENT, PASSWORD, SIP, SITES, Centre, Sites
from tests.peers.asterisk import trust
from tests.peers.phone import NUMBER
from tests.stories.agent import ACD, READY_AFTER, log_in

pytestmark = [pytest.mark.netns, pytest.mark.slow]


def secured(lab: Sites) -> Path:
    """The certificate of both sites, whose authority the phone will believe."""
    folder = trust.make(lab.folder / "trust", *SITES.values())
    trust.believe(lab.folder / f"phone-{NUMBER}" / "data", folder)
    return folder / "server.pem"


class AgentDesk(Desk):
    """Its agent is Ready at `here`."""

    def __init__(self, lab: Sites, transport: str = "UDP", **settings: str) -> None:
        secure = secured(lab) if transport == "TLS" else None
        here, there = lab.open(lambda lab, name: Centre(lab, name, certificate=secure))
        port = SIP + 1 if secure else SIP
        super().__init__(lab, lab.phone(transport, port, **ACD, **READY_AFTER, **settings), here, there)
        log_in(self.story, AGENT, PASSWORD)
        self.agent_is_ready()

    def agent_is_ready(self) -> None:
        """At `here`, and so the display says."""
        self.here.has_agent("ready")
        self.story.large("Ready", within=20)


@pytest.fixture(scope="module")
def over_udp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AgentDesk]:
    with Sites(tmp_path_factory.mktemp("udp")) as lab:
        yield AgentDesk(lab, "UDP")


@pytest.fixture(scope="module")
def over_tcp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AgentDesk]:
    with Sites(tmp_path_factory.mktemp("tcp")) as lab:
        yield AgentDesk(lab, "TCP")


@pytest.fixture(scope="module")
def over_tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AgentDesk]:
    with Sites(tmp_path_factory.mktemp("tls")) as lab:
        yield AgentDesk(lab, "TLS")


@pytest.mark.parametrize("fault", [outage.killed, outage.frozen])
def test_the_agent_goes_on_at_the_other_site_over_tls(over_tls: AgentDesk, fault: Callable[..., Mend]) -> None:
    there_and_back(over_tls, fault)


@pytest.mark.parametrize("fault", [outage.killed, outage.frozen, outage.unheard])
def test_the_agent_goes_on_at_the_other_site(over_udp: AgentDesk, fault: Callable[..., Mend]) -> None:
    there_and_back(over_udp, fault)


@pytest.mark.parametrize("fault", [outage.frozen, outage.without_power])
def test_the_agent_goes_on_at_the_other_site_over_tcp(over_tcp: AgentDesk, fault: Callable[..., Mend]) -> None:
    there_and_back(over_tcp, fault)


def there_and_back(desk: AgentDesk, fault: Callable[..., Mend]) -> None:
    """To the other site, where the agent stays when the first one is back."""
    mend = desk.loses(fault)
    desk.there.has_agent("ready")
    desk.story.large("Ready", within=20)
    mend()
    desk.comes_home()
    desk.here.has_agent("logged off")
    desk.here, desk.there = desk.there, desk.here
    desk.agent_is_ready()
