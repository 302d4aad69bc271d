"""Third-party call control by Kamailio: it calls the phone, held, and refers it to a customer within that call."""

from __future__ import annotations

import pytest

from tests.peers import baresip
from tests.peers.ear import Ear
from tests.peers.site import Site

pytestmark = [pytest.mark.peer, pytest.mark.slow]
PEER = "Kamailio 5.6"


def ear(site: Site) -> Ear:
    """The phone's."""
    return Ear("the phone", lambda: site.heard)


@pytest.mark.proves("click to dial: REFER in a held call", PEER)
def test_a_third_party_connects_the_agent_with_a_customer(site: Site) -> None:
    seen = len(site.baresip.events)
    site.kamailio.bridge("1502", "2001")
    site.story.shows("Incoming call", within=10)
    site.story.press("ok")
    site.baresip.event("CALL_INCOMING", after=seen)
    site.baresip.command("accept")
    site.baresip.event("CALL_ESTABLISHED", after=seen)
    site.story.shows("2001", within=10)
    ear(site).hears(baresip.TONE)
    site.story.wait("one call", lambda state: len(state["calls"]) == 1, within=10)
    site.hang_up()


@pytest.mark.proves("click to dial: REFER in a held call", PEER)
def test_a_customer_who_is_busy_leaves_the_agent_free(site: Site) -> None:
    seen = len(site.baresip.events)
    site.kamailio.bridge("1502", "2001")
    site.story.shows("Incoming call", within=10)
    site.story.press("ok")
    site.baresip.event("CALL_INCOMING", after=seen)
    site.baresip.command("hangup")  # 486
    site.story.shows("Busy", within=10)
    site.story.idle(within=40)


@pytest.mark.proves("click to dial: REFER in a held call", PEER)
def test_a_customer_nobody_has_leaves_the_agent_free(site: Site) -> None:
    site.kamailio.bridge("1502", "2999")
    site.story.shows("Incoming call", within=10)
    site.story.press("ok")
    site.story.shows("404", within=10)
    site.story.idle(within=40)
