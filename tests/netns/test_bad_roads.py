"""A site that is slow, that loses a third of all packets, that comes and goes: the agent works, and is moved no more
than must be. One phone for all of it, over UDP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.netns import sites
from tests.netns.sites import Sites
from tests.netns.test_two_sites import AgentDesk
from tests.peers.child import wait_until

pytestmark = [pytest.mark.netns, pytest.mark.slow]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AgentDesk]:
    with Sites(tmp_path_factory.mktemp("roads"), roads=("a",)) as lab:
        yield AgentDesk(lab)


def calls(desk: AgentDesk) -> str:
    """Dial once, talk, hang up; the site whose call it was. One that was left for its silence may have answered
    meanwhile, and lets go when it hears so."""
    desk.story.dial("9196")
    desk.story.in_call(within=20)
    wait_until("one call at one site", lambda: len(talking(desk)) == 1, within=20)
    (where,) = talking(desk)
    desk.story.press("cancel")
    desk.story.idle(within=20)
    wait_until("no call at any site", lambda: not talking(desk), within=40)
    return where


def talking(desk: AgentDesk) -> list[str]:
    """The sites that have a call of the phone's."""
    return [site.name for site in (desk.here, desk.there) if site.talks()]


def test_a_slow_site_is_no_dead_one(desk: AgentDesk) -> None:
    desk.lab.roads["a"].delay = 0.4
    assert [calls(desk), calls(desk)] == ["a", "a"]
    desk.story.press("soft1")
    desk.story.shows("Not Ready")
    desk.story.press("ok")
    desk.here.has_agent("not ready")
    desk.story.large("Not Ready", within=10)
    desk.story.press("soft1")
    desk.story.large("Ready", within=10)
    desk.here.rings(desk.story, within=10)
    desk.lab.roads["a"].delay = 0.0
    desk.phone.sites_have_it("ab", within=1)
    assert "asked whether it lives" not in desk.phone.journal()
    desk.quiet()


def test_a_site_behind_a_road_that_loses_a_third_is_worked_at(desk: AgentDesk) -> None:
    desk.lab.roads["a"].loss = 0.3
    places = [calls(desk) for _ in range(4)]
    desk.lab.roads["a"].loss = 0.0
    assert places.count("a") >= 2, f"calls went by {places}"
    desk.phone.sites_have_it("ab", within=30)
    desk.story.large("Ready", within=20)
    desk.quiet()


def test_a_site_that_flaps_moves_the_agent_once(desk: AgentDesk) -> None:
    """Frozen and there again, three times; a call is dialled each time it is away."""
    if desk.there.desk["state"] == "ready":
        desk.here, desk.there = desk.there, desk.here
    desk.agent_is_ready()
    before = desk.phone.journal().count("new calls go by server")
    for _ in range(3):
        sites.freeze(desk.here)
        desk.calls_by(desk.there)
        desk.there.has_agent("ready")
        sites.thaw(desk.here)
        desk.phone.sites_have_it("ab")
    desk.here.has_agent("logged off")
    desk.there.has_agent("ready")
    desk.story.large("Ready", within=20)
    assert desk.phone.journal().count("new calls go by server") - before == 1
    desk.quiet()
