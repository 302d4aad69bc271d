"""Fixtures: a far end and a phone for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.native.native_peer import Peer
from tests.native.native_phone import Phone, the_endpoint


@pytest.fixture(scope="package", autouse=True)
def endpoint_of_these_tests() -> Iterator[None]:
    """The one Endpoint goes when the last test of this folder is done."""
    yield
    the_endpoint.cache_clear()


@pytest.fixture
def peer() -> Iterator[Peer]:
    """A far end with a port of its own."""
    far_end = Peer()
    yield far_end
    far_end.close()


@pytest.fixture
def bare_phone(peer: Peer) -> Iterator[Phone]:
    """A phone after libInit, its extension not started."""
    phone = Phone(peer)
    yield phone
    phone.end()


@pytest.fixture
def phone(bare_phone: Phone) -> Phone:
    """A running phone."""
    bare_phone.start()
    return bare_phone


@pytest.fixture
def tcp_port(phone: Phone) -> Callable[[], int]:
    """Opens the phone's TCP listener and gives its port."""
    return phone.listen
