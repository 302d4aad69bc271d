"""Broken SIP messages at the running phone: it answers, does not grow, loses nothing, and still calls."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.peers.desk import Desk, open_desk
from tests.sip.robust.caller import ANY_PORT, STRANGER, Caller
from tests.sip.robust.storm import storm

pytestmark = [pytest.mark.sip, pytest.mark.slow, pytest.mark.timeout(700)]

TOTAL = 10_000
SHORT = 400
"""With each other SRTP mode; the whole storm with each is `tests.fuzz.storm`'s."""
# Bytes over the second half. The aim is 1 MB, and 0.7 MB were measured (printed below); the line leaves room for
# what glibc rounds, and a leak of 0.4 kB a message would cross it.
MOST_GROWTH = 2_000_000


def test_the_phone_survives_ten_thousand_broken_messages(
    desk: Desk, caller: Caller, stranger: Caller, tmp_path: Path
) -> None:
    seen = storm(desk, caller, stranger, tmp_path, TOTAL)
    print(f"slowest OPTIONS {seen.slowest * 1000:.1f} ms, {seen.lost} messages lost")
    print(f"memory {seen.half / 1e6:.1f} MB, grew by {(seen.end - seen.half) / 1e3:.0f} kB")
    assert seen.end - seen.half < MOST_GROWTH


@pytest.mark.parametrize("mode", ["SUPPORTENCRYPTION", "REQUIREENCRYPTION"])
def test_with_encryption_as_well(tmp_path: Path, mode: str) -> None:
    with open_desk(
        tmp_path, voip__signalling__sip__registration_failed_timeout="1", voip__media__srtp__mode=mode, **ANY_PORT
    ) as desk:
        caller = Caller(desk.exchange.phone, encrypted=mode.startswith("REQUIRE"))
        stranger = Caller(desk.exchange.phone, STRANGER)
        try:
            seen = storm(desk, caller, stranger, tmp_path, SHORT, memory=False)
        finally:
            caller.close()
            stranger.close()
        assert seen.sent == SHORT
