"""The office the tests of this folder share: one Asterisk, two phones and baresip for all of them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.peers.asterisk import trust as certificates
from tests.peers.asterisk.endpoint import Endpoint
from tests.peers.asterisk.instance import TONE, Asterisk
from tests.peers.asterisk.office import Desk, Office, open_office

CODECS = {"G722": "g722", "PCMA": "alaw", "PCMU": "ulaw", "OPUS": "opus"}
ENCRYPTION = {
    "plain": {},
    "offered": {"media_encryption": "sdes", "media_encryption_optimistic": "yes"},
    "required": {"media_encryption": "sdes"},
}
TIMERS = {"timers": "always", "timers_sess_expires": "90"}
SINGLE = (
    Endpoint("1400", "Every Way"),
    Endpoint("1401", "Two Ways At Once", aor={"max_contacts": "2", "remove_existing": "no"}),
    *(Endpoint(f"15{at:02}", f"Only {name}", codecs=codec) for at, (name, codec) in enumerate(CODECS.items())),
    *(Endpoint(f"16{at:02}", f"SRTP {name}", options=how) for at, (name, how) in enumerate(ENCRYPTION.items())),
    *(Endpoint(number, "Short Sessions", options=TIMERS) for number in ("1700", "1701")),
    Endpoint("1702", "Restarted"),
    Endpoint("1710", "By INFO", options={"dtmf_mode": "info"}),
    Endpoint("1711", "In Band", codecs="alaw", options={"dtmf_mode": "inband"}),
    Endpoint("1720", "Asks for Mail", aor={"mailboxes": "1001@default"}),
    Endpoint("1721", "Is Told of Mail", options={"mailboxes": "1001@default"}),
)
"""Endpoints for phones that one test starts for itself."""


@pytest.fixture(scope="package")
def trust(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site's authority and the server's certificate."""
    return certificates.make(tmp_path_factory.mktemp("trust"))


@pytest.fixture(scope="package")
def shared_office(tmp_path_factory: pytest.TempPathFactory, trust: Path) -> Iterator[Office]:
    """The office, once."""
    with open_office(tmp_path_factory.mktemp("office"), trust, SINGLE) as office:
        yield office


@pytest.fixture
def office(shared_office: Office) -> Iterator[Office]:
    """The office, everybody idle; afterwards as well, or the test fails."""
    yield shared_office
    try:
        shared_office.everybody_hangs_up()
    except BaseException:
        shared_office.tidy()
        raise


@pytest.fixture
def asterisk(shared_office: Office) -> Asterisk:
    """Its Asterisk, for a phone of the test's own."""
    return shared_office.asterisk


@pytest.fixture
def make_desk(tmp_path: Path, asterisk: Asterisk) -> Iterator[Callable[..., Desk]]:
    """Phones for one test, at its Asterisk; their calls and processes end with it."""
    made: list[Desk] = []

    def make(number: str, server: int, **settings: Any) -> Desk:
        made.append(Desk(tmp_path / f"{number}-{len(made)}", number, server, **settings))
        return made[-1]

    yield make
    numbers = [desk.number for desk in made]
    asterisk.hang_up(*numbers)
    for desk in made:
        desk.end()
    asterisk.quiet(*numbers)


@dataclass(frozen=True)
class Veterans:
    """Phones that have been on for a while when they are asked: in a call they made, in one they got, and idle.

    since: the mark in Asterisk's log when both calls were under way.
    """

    caller: Desk
    called: Desk
    idle: Desk
    since: int


@pytest.fixture(scope="package", autouse=True)
def veterans(
    request: pytest.FixtureRequest, shared_office: Office, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Veterans | None]:
    """Begun with the first test of this folder where `test_time.py` is among those chosen, so that nobody waits."""
    if not any(item.path.name == "test_time.py" for item in request.session.items):
        yield None
        return
    asterisk, folder = shared_office.asterisk, tmp_path_factory.mktemp("veterans")
    short = {"voip__signalling__sip__session_timer": "90"}
    with contextlib.ExitStack() as ends:
        desks = []
        for number, settings in (("1700", short), ("1701", short), ("1702", {})):
            desk = Desk(folder / number, number, asterisk.port, **settings)
            ends.callback(desk.end)
            desk.registered()
            desks.append(desk)
        desks[0].story.dial("9664")
        desks[0].story.in_call(within=10)
        asterisk.call("1701", "tone")
        desks[1].answer()
        for desk in desks[:2]:
            desk.ear.hears(TONE)
        yield Veterans(*desks, asterisk.mark())
