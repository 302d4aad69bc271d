"""Where every request must bear the mark of the Contact that the phone gave its server, a forged call does not ring."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.netns.forger import OPEN, Site
from tests.netns.lan import SERVER, STRANGER, Lan
from tests.sip.useragent.peer import sdp

pytestmark = [pytest.mark.netns, pytest.mark.slow]


def test_from_the_first_moment_on(tmp_path: Path) -> None:
    with (
        Lan() as lan,
        lan.media("wire", SERVER) as voice,
        lan.phone(tmp_path, deskphone__sip__contact_mark="REQUIRE", **OPEN) as phone,
    ):
        site = Site(lan, phone, phone.story(), voice)
        site.forge("INVITE", "Call-Info: <sip:x>;answer-after=0", body=sdp(4000, host=STRANGER))
        site.forge("NOTIFY", "Event: message-summary", "Content-Type: application/simple-message-summary")
        site.nothing_happened()
        site.honest_call()
