"""A SIP thread that is stuck is seen: the watchdog must not be fed for a phone that cannot take a call."""

from __future__ import annotations

import threading

import pytest

from deskphone.app.heartbeat import Heartbeat
from deskphone.drivers.system import Systemd
from deskphone.sip.stack import useragent
from tests.sip.useragent.conftest import Phone, wait_for
from tests.unit.app.test_ports import Ear

pytestmark = pytest.mark.sip


def test_a_wedged_sip_thread_is_not_alive_and_is_named(
    phone: Phone, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(useragent, "STUCK", 0.5)
    ear, hang, inside = Ear(), threading.Event(), threading.Event()
    heartbeat = Heartbeat(
        Systemd(ear, {"NOTIFY_SOCKET": "/run/x", "WATCHDOG_USEC": "10000000"}), [phone.agent], lambda: ""
    )
    heartbeat.beat()
    assert "WATCHDOG=1" in ear.heard

    def wedge(_: object) -> None:  # as a sound card does that never comes back from an open
        inside.set()
        hang.wait(20)

    phone.agent.later(wedge)
    wait_for(inside.is_set, "the SIP thread in the card")
    wait_for(lambda: not phone.agent.alive(), "the loss")
    ear.heard.clear()
    heartbeat.beat()
    assert "WATCHDOG=1" not in ear.heard
    assert any("useragent does not move" in record.getMessage() for record in caplog.records)
    hang.set()
    wait_for(phone.agent.alive, "life again")
    heartbeat.beat()
    assert "WATCHDOG=1" in ear.heard
