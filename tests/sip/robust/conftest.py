"""A phone registered at a server on loopback, a far end on the server's host, and a stranger."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.peers.desk import Desk, open_desk
from tests.sip.robust.caller import ANY_PORT, STRANGER, Caller


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """The phone; a failed registration is tried again after a second, so that garbage costs no minute."""
    with open_desk(tmp_path, voip__signalling__sip__registration_failed_timeout="1", **ANY_PORT) as made:
        yield made


@pytest.fixture
def caller(desk: Desk) -> Iterator[Caller]:
    """A far end the phone trusts: on the host of its server."""
    made = Caller(desk.exchange.phone)
    yield made
    made.close()


@pytest.fixture
def stranger(desk: Desk) -> Iterator[Caller]:
    """A far end the phone has never heard of."""
    made = Caller(desk.exchange.phone, STRANGER)
    yield made
    made.close()
