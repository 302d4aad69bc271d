"""The doors in front of the stack: whose rate is whose, and which connections of strangers end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from deskphone.sip.stack import doors
from deskphone.sip.stack.doors import (
    EACH_SERVER,
    IDLE_MS,
    LOOK_EVERY,
    MOST_OF_A_HOST,
    MOST_OF_STRANGERS,
    NO_LIMIT,
    STRANGERS,
    Doors,
)

SERVER, STRANGER = "192.0.2.1", "192.0.2.9"
Connection = tuple[int, str, int, str, int]


@dataclass
class Extension:
    """What the extension was told."""

    limits: list[Any] = field(default_factory=list)
    open: list[Connection] = field(default_factory=list)
    closed: list[int] = field(default_factory=list)

    def set_limits(self, *arguments: Any) -> None:
        """Noted."""
        self.limits.append(arguments)

    def connections(self) -> list[Connection]:
        """As the test has them."""
        return self.open

    def close_connection(self, number: int) -> bool:
        """Noted."""
        self.closed.append(number)
        return True


@dataclass
class Account:
    """A registration, by the sources that answered it."""

    sources: set[str]


@dataclass
class House:
    """Registrations and gate as far as the doors look at them."""

    accounts: dict[int, Account] = field(default_factory=dict)
    only_servers: bool = True
    now: float = 100.0


@pytest.fixture
def extension(monkeypatch: pytest.MonkeyPatch) -> Extension:
    """The extension, as far as the doors use it."""
    made = Extension()
    monkeypatch.setattr(doors, "sipext", made)
    return made


@pytest.fixture
def house() -> House:
    """One server."""
    return House({0: Account({f"{SERVER}:5060", f"{SERVER}:40001"})})


@pytest.fixture
def front(house: House) -> Doors:
    """The doors of that house."""
    return Doors(house, house, lambda: house.now)  # type: ignore[arg-type]


def test_a_server_has_its_own_rate_as_long_as_it_has_us(extension: Extension, house: House, front: Doors) -> None:
    front.tidy()
    front.tidy()
    assert extension.limits == [([SERVER], STRANGERS, EACH_SERVER)]
    house.accounts[1] = Account({"[2001:db8::1]:5060", "[fe80::1%eth0]:5060", "name.example.com:5060"})
    front.tidy()
    assert extension.limits[-1][0] == [SERVER, "2001:db8::1"]
    house.accounts.clear()
    house.only_servers = False
    front.tidy()
    assert extension.limits[-1] == ([], NO_LIMIT, EACH_SERVER)


def test_a_stranger_has_few_connections_and_none_that_says_nothing(
    extension: Extension, house: House, front: Doors
) -> None:
    front.tidy()
    extension.open = [
        (1, SERVER, 5060, "TCP", 10 * IDLE_MS), (2, "192.0.2.8", 4, "TLS", IDLE_MS + 1), (3, "192.0.2.8", 5, "TCP", 9),
        *((number, STRANGER, number, "TCP", number) for number in range(10, 12 + MOST_OF_A_HOST)),
    ]  # fmt: skip
    front.tidy()
    assert extension.closed == []  # it was looked at just now
    house.now += LOOK_EVERY
    front.tidy()
    assert sorted(extension.closed) == [2, 10 + MOST_OF_A_HOST, 11 + MOST_OF_A_HOST]


def test_a_stranger_with_many_addresses_has_no_more_connections_than_all_strangers_may(
    extension: Extension, house: House, front: Doors
) -> None:
    front.tidy()
    extension.open = [(number, f"198.51.100.{number // 2}", number, "TCP", number) for number in range(200)]
    extension.open += [(500 + number, SERVER, number, "TCP", 3 * IDLE_MS) for number in range(100)]
    house.now += LOOK_EVERY
    front.tidy()
    assert sorted(extension.closed) == list(range(MOST_OF_STRANGERS, 200)), "the longest silent ones"
