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

pytestmark = [pytest.mark.netns, pytest.mark.slow, pytest.mark.peer]


def rows(peer: str, *wanted: tuple[str, Callable[..., Mend]]) -> list[Any]:
    """(transport, fault) of each test, with what it proves."""
    return [
        pytest.param(
            transport, fault, marks=pytest.mark.proves(f"one of two sites {fault.__name__}, {transport}", peer)
        )
        for transport, fault in wanted
    ]


@pytest.fixture(scope="module")
def asterisks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sites, AsteriskSite, AsteriskSite]]:
    folder = tmp_path_factory.mktemp("asterisks")
    certificates = trust.make(folder / "trust", *SITES.values())
    with Sites(folder) as lab:
        yield lab, *lab.open(lambda lab, name: AsteriskSite(lab, name, certificates))


@pytest.mark.parametrize(
    ("transport", "fault"), rows("Asterisk 22", ("TLS", outage.frozen), ("TLS", outage.killed), ("TCP", outage.frozen))
)
def test_two_asterisks(
    asterisks: tuple[Sites, AsteriskSite, AsteriskSite], transport: str, fault: Callable[..., Mend]
) -> None:
    lab, first, second = asterisks
    trust.believe(lab.folder / "phone" / "data", lab.folder / "trust")
    with lab.phone(transport, SIP + 1 if transport == "TLS" else SIP) as phone:
        desk = Desk(lab, phone, first, second)
        mend = desk.loses(fault)
        mend()
        desk.comes_home()


@pytest.mark.parametrize(("transport", "fault"), rows("Kamailio 5.6", ("UDP", outage.killed), ("TCP", outage.frozen)))
def test_two_kamailios(tmp_path: Path, transport: str, fault: Callable[..., Mend]) -> None:
    with Sites(tmp_path) as lab:
        first, second = lab.open(KamailioSite)
        desk = Desk(lab, lab.phone(transport), first, second)
        mend = desk.loses(fault)
        mend()
        desk.comes_home()
