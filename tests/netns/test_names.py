"""A site that has a name, and a name server that changes its mind, dies, and lies: the phone stays in service.

One phone for all of it, over UDP. `pool.test` is the only server of its settings; behind it stand both centres.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.netns.names import Names
from tests.netns.sites import SITES, Centre, Sites, SitesPhone
from tests.peers.child import wait_until

pytestmark = [pytest.mark.netns, pytest.mark.slow]
A, B = SITES["a"], SITES["b"]
NOBODY = "10.78.0.99"
POOL = {
    "voip__signalling__sip__proxy_address": "pool.test",
    "voip__signalling__sip__redundant_proxy__mode": "DISABLE",
    "voip__signalling__sip__secondary_proxy__address": "",
}


@dataclass
class Pool:
    names: Names
    phone: SitesPhone
    a: Centre
    b: Centre

    def works_by(self, site: Centre, within: float = 30.0) -> None:
        """This site has the phone's binding, calls reach it from there, and its own go there."""
        wait_until(f"the phone at site {site.name}", lambda: site.desk["registered"], within)
        story = self.phone.story()
        story.registered(within=within)
        site.rings(story)
        story.dial(site.answers)
        story.in_call(within=10)
        assert site.talks()
        story.press("cancel")
        story.idle(within=10)
        assert self.phone.troubles() == []


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool]:
    with Sites(tmp_path_factory.mktemp("names")) as lab, contextlib.ExitStack() as ends:
        a, b = lab.open(Centre)
        names = Names(lab, pool=(A,))
        ends.callback(names.stop)
        yield Pool(names, lab.phone(resolver=names.address, **POOL), a, b)


def test_the_phone_goes_where_the_name_goes(pool: Pool) -> None:
    pool.works_by(pool.a)
    pool.names.tell(pool=(B,))
    pool.works_by(pool.b)


def test_a_name_server_that_lies_does_not_take_the_phone_out_of_service(pool: Pool) -> None:
    pool.names.tell(pool=(NOBODY,))
    wait_until("the way back", lambda: f"{B}:5060 is next" in pool.phone.journal(), 30)
    pool.works_by(pool.b)


def test_a_dead_name_server_changes_nothing(pool: Pool) -> None:
    pool.names.freeze()
    pool.phone.story().wait("the word of it", lambda _: "nothing for pool.test" in pool.phone.journal(), 40)
    pool.works_by(pool.b)
