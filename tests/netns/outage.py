"""What may happen to the first of two sites, and what a person at the phone notices of it: the stories' own words.

Law: each fault gives what mends it. States are waited for, generously; how many seconds they take is for the bench to
say (tests/bench/outage.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.netns import sites
from tests.netns.sites import Sites, SitesPhone
from tests.stories.bench import Story

Mend = Callable[[], None]


def killed(lab: Sites, site: Any) -> Mend:
    """The program is gone, its host is there; started anew it has forgotten everything."""
    sites.kill(site)
    started: Mend = site.start
    return started


def frozen(lab: Sites, site: Any) -> Mend:
    """It takes everything and answers nothing."""
    sites.freeze(site)
    return lambda: sites.thaw(site)


def without_power(lab: Sites, site: Any) -> Mend:
    """The host is gone from the network."""
    lab.cable(site.name, plugged=False)
    return lambda: lab.cable(site.name, plugged=True)


def unheard(lab: Sites, site: Any) -> Mend:
    """Cut off one way: it gets all of the phone's, and nothing of it reaches the phone."""
    lab.cut(site.name, f"ip daddr {sites.PHONE} drop")
    return lambda: lab.cut(site.name)


class Desk:
    """The phone at both sites, and who sits before it. `here`: the site by which calls go, `there`: the other one."""

    def __init__(self, lab: Sites, phone: SitesPhone, here: Any, there: Any) -> None:
        self.lab, self.phone, self.here, self.there = lab, phone, here, there
        self.story: Story = phone.story()
        phone.sites_have_it("ab")

    def loses(self, fault: Callable[[Sites, Any], Mend]) -> Mend:
        """Something happens to the site; work goes on at the other one: its customers at once, calls by one dialling,
        and the display tells which is away."""
        mend = fault(self.lab, self.here)
        self.there.rings(self.story)
        self.calls_by(self.there)
        self.phone.sites_have_it(self.there.name)
        self.quiet()
        return mend

    def calls_by(self, site: Any) -> None:
        """A call that is dialled once is answered at this site."""
        self.story.dial(site.answers)
        self.story.in_call(within=10)
        assert site.talks(), "the call is at the other site"
        assert len(self.story.state()["calls"]) == 1, "the person sees one call"
        self.story.press("cancel")
        self.story.idle(within=10)

    def comes_home(self) -> None:
        """Both sites have the phone again, and customers of the lost one reach it."""
        self.phone.sites_have_it("ab", within=60)
        self.here.rings(self.story)
        self.quiet()

    def quiet(self) -> None:
        """Nothing odd in the journal."""
        assert self.phone.troubles() == []
