"""Two sites that are not ours, and something happens to the first: two Asterisks over TLS and TCP, two Kamailios."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.netns import outage
from tests.netns.foreign_sites import AsteriskSite, KamailioSite
from tests.netns.outage import Desk, Mend
from tests.netns.sites import SIP, SITES, Sites
from tests.peers.asterisk import trust
from tests.peers.asterisk.office import until
from tests.peers.phone import NUMBER

pytestmark = [pytest.mark.netns, pytest.mark.slow, pytest.mark.peer]


def rows(peer: str, *wanted: tuple[str, Callable[..., Mend]]) -> list[Any]:
    """(transport, fault) of each test, with what it proves."""
    return [
        pytest.param(
            transport, fault, marks=pytest.mark.proves(f"one of two sites {fault.__name__}, {transport}", peer)
        )
        for transport, fault in wanted
    ]


Opened = tuple[Sites, Any, Any]


@pytest.fixture(scope="module")
def asterisks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    yield from secure_sites(tmp_path_factory.mktemp("asterisks"), AsteriskSite)


@pytest.fixture(scope="module")
def kamailios(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    yield from secure_sites(tmp_path_factory.mktemp("kamailios"), KamailioSite)


def secure_sites(folder: Path, kind: Callable[[Sites, str, Path], Any]) -> Iterator[Opened]:
    """Two of a kind whose authority the phone believes."""
    certificates = trust.make(folder / "trust", *SITES.values())
    trust.believe(folder / f"phone-{NUMBER}" / "data", certificates)
    with Sites(folder) as lab:
        yield lab, *lab.open(lambda lab, name: kind(lab, name, certificates))


@pytest.mark.parametrize(
    ("transport", "fault"), rows("Asterisk 22", ("TLS", outage.without_power), ("TCP", outage.killed))
)
def test_two_asterisks(asterisks: Opened, transport: str, fault: Callable[..., Mend]) -> None:
    one_of_them_goes_and_comes_back(asterisks, transport, fault)


KAMAILIOS = (("UDP", outage.killed), ("TCP", outage.without_power), ("TLS", outage.killed), ("TLS", outage.frozen))


@pytest.mark.parametrize(("transport", "fault"), rows("Kamailio 5.6", *KAMAILIOS))
def test_two_kamailios(kamailios: Opened, transport: str, fault: Callable[..., Mend]) -> None:
    one_of_them_goes_and_comes_back(kamailios, transport, fault)


def one_of_them_goes_and_comes_back(opened: Opened, transport: str, fault: Callable[..., Mend]) -> None:
    lab, first, second = opened
    with lab.phone(transport, SIP + 1 if transport == "TLS" else SIP) as phone:
        desk = Desk(lab, phone, first, second)
        mend = desk.loses(fault)
        mend()
        desk.comes_home()
        until("one binding at the first site", lambda: len(first.contacts()) == 1)
