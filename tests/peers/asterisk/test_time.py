"""What takes a minute: session timers of calls that go on, and a restart by the server.

Law: the phones of these tests have been on since the first test of this folder (`veterans`); alone, this file waits.
"""

from __future__ import annotations

import re

import pytest

from tests.peers.asterisk.conftest import Veterans
from tests.peers.asterisk.instance import TONE, Asterisk
from tests.peers.asterisk.office import Desk
from tests.peers.child import wait_until

PEER = "Asterisk 22"
pytestmark = [pytest.mark.peer, pytest.mark.slow]


def refreshes(asterisk: Asterisk, desk: Desk, since: int) -> list[str]:
    """Requests of either side that refresh this phone's session: Session-Expires in a dialog (RFC 4028)."""
    both = (*asterisk.received(since), *asterisk.sent(since))
    begun = [each for each in both if re.match(r"(INVITE|UPDATE) ", each) and re.search(r"(?m)^To:.*;tag=", each)]
    return [each for each in begun if f"sip:{desk.number}@" in each and re.search(r"(?mi)^Session-Expires: *90", each)]


@pytest.mark.parametrize("who", ["caller", "called"])
@pytest.mark.proves("session timer", PEER)
def test_a_call_goes_on_as_long_as_it_is_refreshed(asterisk: Asterisk, veterans: Veterans, who: str) -> None:
    """Both sides agreed on 90 s, so that one of them refreshes every 45 s."""
    desk: Desk = getattr(veterans, who)
    wait_until(f"a refresh of {desk.number}'s session", lambda: refreshes(asterisk, desk, veterans.since), 70)
    desk.story.in_call()
    desk.ear.hears(TONE)
    assert desk.troubles() == []


@pytest.mark.proves("check-sync and unknown events", PEER)
def test_check_sync_with_reboot_restarts_the_phone(asterisk: Asterisk, veterans: Veterans) -> None:
    """Not in its first minute: a server that asks at each registration must not keep a phone from working."""
    since = asterisk.mark()
    asterisk.manager.command("pjsip send notify check-sync-reboot endpoint 1702")
    assert asterisk.answered("NOTIFY", since) == 200
    assert veterans.idle.phone.process is not None
    veterans.idle.phone.process.wait(75)
    wait_until("no binding of the phone", lambda: not asterisk.contact("1702"))
