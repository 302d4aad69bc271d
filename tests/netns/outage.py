"""What may happen to the first of two sites, and what a person at the phone notices of it: the stories' own words.

Law: each fault gives what mends it. States are waited for, generously; how many seconds they take is the bench's to say.
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
    lab.cable("a", plugged=False)
    return lambda: lab.cable("a", plugged=True)


def unheard(lab: Sites, site: Any) -> Mend:
    """Cut off one way: it gets all of the phone's, and nothing of it reaches the phone."""
    lab.cut("a", f"ip daddr {sites.PHONE} drop")
    return lambda: lab.cut("a")


class Desk:
    """The phone at both sites, and who sits before it."""

    def __init__(self, phone: SitesPhone, a: Any, b: Any) -> None:
        self.phone, self.a, self.b = phone, a, b
        self.story: Story = phone.story()
        phone.sites_have_it("ab")

    def calls_by(self, site: Any) -> None:
        """A call that is dialled once is answered at this site."""
        self.story.dial(site.answers)
        self.story.in_call(within=10)
        assert site.talks(), "the call is at the other site"
        assert len(self.story.state()["calls"]) == 1, "the person sees one call"
        self.story.press("cancel")
        self.story.idle(within=10)

    def goes_on(self) -> None:
        """Site B: customers at once, calls by one dialling, and the display tells that A is away."""
        self.b.rings(self.story)
        self.calls_by(self.b)
        self.phone.sites_have_it("b")
        self.quiet()

    def comes_home(self) -> None:
        """Site A has the phone again, and its customers reach it."""
        self.phone.sites_have_it("ab", within=60)
        self.a.rings(self.story)
        self.quiet()

    def quiet(self) -> None:
        """Nothing odd in the journal."""
        assert self.phone.troubles() == []
