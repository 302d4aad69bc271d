"""A card of which /data cannot be had: the phone works all the same, until it is switched off."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hil.rig.image import switched_on
from tests.stories.bench_sip import NUMBER

pytestmark = [pytest.mark.hil, pytest.mark.timeout(600)]


def test_a_phone_that_can_keep_nothing_takes_a_call(tmp_path: Path) -> None:
    with switched_on(tmp_path, card=False) as device:
        device.registered()
        assert "tmpfs" in device.run("findmnt -no FSTYPE,OPTIONS /data")
        assert NUMBER in device.run("cat /data/deskphone/last-good.cfg")
        assert "/data cannot be had, it is in memory" in device.run("journalctl -b --no-pager -u data-memory -o cat")
        device.active("systemd-timesyncd.service")
        device.active("packet-filter.path")
        customer = device.answers()
        device.copper.open("hook")
        assert customer.ended() == 200
