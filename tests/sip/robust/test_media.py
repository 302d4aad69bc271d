"""Broken RTP, RTCP and SRTP at a call: the call goes on, OPTIONS is answered, memory stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.peers.desk import open_desk
from tests.sip.robust.caller import ANY_PORT, Caller
from tests.sip.robust.media_storm import media_storm

pytestmark = [pytest.mark.sip, pytest.mark.slow]
PACKETS = 10_000
"""A hundred thousand: `tests.fuzz.storm`."""
MOST_GROWTH = 1_000_000
"""Bytes over the second half."""


@pytest.mark.parametrize("mode", ["DONOTSUPPORTENCRYPTION", "REQUIREENCRYPTION"])
def test_a_call_outlives_broken_media(tmp_path: Path, mode: str) -> None:
    with open_desk(tmp_path, voip__media__srtp__mode=mode, **ANY_PORT) as desk:
        caller = Caller(desk.exchange.phone, encrypted=mode.startswith("REQUIRE"))
        try:
            seen = media_storm(desk, caller, PACKETS)
        finally:
            caller.close()
    print(f"slowest OPTIONS {seen.slowest * 1000:.1f} ms, {seen.lost} of {seen.sent} packets lost")
    print(f"memory {seen.half / 1e6:.1f} MB, grew by {(seen.end - seen.half) / 1e3:.0f} kB")
    assert seen.end - seen.half < MOST_GROWTH
    assert seen.lost < seen.sent / 10, "most of it was looked at"
