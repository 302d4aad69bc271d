"""Sites that are not ours: Asterisk, and Kamailio with SIPp behind it. They know no agents.

Law: as `sites.Centre`; each is what tests/peers makes of the program, in a namespace of its own.
"""

from __future__ import annotations

from pathlib import Path

from tests.netns.sites import SIP, SITES, WIRE, Sites
from tests.peers.asterisk.endpoint import Endpoint
from tests.peers.asterisk.instance import Asterisk
from tests.peers.child import Child, wait_until
from tests.peers.kamailio import Kamailio
from tests.peers.phone import NUMBER
from tests.peers.sipp import Sipp
from tests.stories.bench import Story

ANSWERING = "2001"
"""Who answers at a Kamailio."""


class AsteriskSite:
    """trust: a folder of `trust.make` with the addresses of both sites."""

    answers = "9196"

    def __init__(self, lab: Sites, name: str, trust: Path) -> None:
        self._lab, self.name = lab, name
        keeps = {"max_contacts": "2", "remove_existing": "no"}  # as a site that lets an agent have two phones
        phone = Endpoint(NUMBER, "Agent Phone", codecs="alaw,ulaw", aor=keeps)
        folder = lab.folder / f"asterisk-{name}"
        self.asterisk = lab.at(name, lambda: Asterisk(folder, [phone], trust, SITES[name], SIP))

    @property
    def child(self) -> Child:
        """See `Site`."""
        return self.asterisk.child

    def stop(self) -> None:
        """See `Site`."""
        self.asterisk.stop()

    def start(self) -> None:
        """See `Site`."""
        self._lab.at(self.name, self.asterisk.start)

    def rings(self, story: Story, within: float = 5) -> None:
        """See `Site`."""
        self.asterisk.call(NUMBER)
        story.shows("Incoming call", within=within)
        self.asterisk.hang_up(NUMBER)
        story.idle(within=10)

    def talks(self) -> bool:
        """See `Site`."""
        return bool(self.asterisk.channels(NUMBER))

    def contacts(self) -> list[str]:
        """The phone's bindings."""
        return self.asterisk.contacts(NUMBER)


class KamailioSite:
    """Registrar and proxy; number 2001 is SIPp beside it. trust: as of `AsteriskSite`; TLS on the next port."""

    answers = ANSWERING

    def __init__(self, lab: Sites, name: str, trust: Path) -> None:
        self._lab, self.name, self._calls, self._trust = lab, name, 0, trust
        self._answered = 0
        host = SITES[name]
        self._folder = lab.folder / f"kamailio-{name}"
        self._folder.mkdir()
        self._far = lab.at(name, lambda: Sipp("answers", self._folder, SIP, calls=9, longest=300, host=host))
        self.start()

    @property
    def child(self) -> Child:
        """See `Site`."""
        return self.kamailio.child

    def stop(self) -> None:
        """See `Site`."""
        self.kamailio.stop()
        self._far.stop()

    def start(self) -> None:
        """See `Site`."""
        host = SITES[self.name]
        self.kamailio = self._lab.at(
            self.name,
            lambda: Kamailio(self._folder, host, SIP, f"{host}:{self._far.port}", tcp=True, certificate=self._trust),
        )

    def rings(self, story: Story, within: float = 5) -> None:
        """See `Site`: SIPp sees the 180 and gives up. From Kamailio's own port number, whom it asks for no password."""
        self._calls += 1
        folder = self._folder / f"call-{self._calls}"
        folder.mkdir()
        there = SITES[self.name]
        caller = self._lab.at(
            "wire", lambda: Sipp("cancel_while_ringing", folder, SIP, host=WIRE, port=SIP, there=there)
        )
        caller.finish()
        story.idle(within=10)

    def talks(self) -> bool:
        """See `Site`."""
        before, self._answered = self._answered, self._answered + 1
        wait_until("SIPp's answer to a call", lambda: len(self._far.saw("\nACK sip:")) > before)
        return True

    def contacts(self) -> list[str]:
        """The phone's bindings."""
        return self.kamailio.contacts(NUMBER)
