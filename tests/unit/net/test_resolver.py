"""Names of SIP servers, asked of a name server on loopback (RFC 3263, RFC 2782)."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator

import pytest

from deskphone.core.effects import Resolve
from deskphone.core.events import Event, Resolved
from deskphone.net.resolver import MOST, Resolver, Srv, ordered
from tests.unit.net.name_server import NameServer

RECORDS: dict[tuple[str, str], list[object]] = {
    ("pool.example", "A"): ["10.0.0.1", "10.0.0.2"],
    ("pool.example", "AAAA"): ["2001:db8::1"],
    ("_sip._udp.site.example", "SRV"): [(20, 0, 5080, "b.example"), (10, 0, 5070, "a.example")],
    ("a.example", "A"): ["10.0.1.1"],
    ("b.example", "A"): ["10.0.2.1"],
}


@pytest.fixture
def server() -> Iterator[NameServer]:
    made = NameServer(RECORDS)
    yield made
    made.close()


def ask(server: NameServer, *orders: Resolve, count: int = 1) -> list[Resolved]:
    """What comes of these orders, in the order in which it comes."""

    async def life() -> list[Event]:
        told: asyncio.Queue[Event] = asyncio.Queue()
        resolver = Resolver(nameservers=["127.0.0.1"], udp_port=server.port, tcp_port=server.port)
        running = asyncio.create_task(resolver.run(told.put_nowait))
        for order in orders:
            resolver.perform(order)
        async with asyncio.timeout(20):
            came = [await told.get() for _ in range(count)]
        running.cancel()
        return came

    return asyncio.run(life())  # type: ignore[return-value]


def test_with_a_port_the_addresses_are_asked_for_and_nothing_else(server: NameServer) -> None:
    told = ask(server, Resolve(0, "pool.example", 5062, "udp"))
    assert told == [Resolved(0, "pool.example", ("10.0.0.1:5062", "10.0.0.2:5062", "[2001:db8::1]:5062"), 30)]
    assert all(kind != "SRV" for _, kind in server.asked)


def test_without_a_port_the_service_says_where_by_priority(server: NameServer) -> None:
    told = ask(server, Resolve(1, "site.example", 0, "udp"))
    assert told == [Resolved(1, "site.example", ("10.0.1.1:5070", "10.0.2.1:5080"), 30)]


def test_without_a_service_the_port_is_the_usual_one(server: NameServer) -> None:
    told = ask(server, Resolve(0, "pool.example", 0, "tcp"))
    assert told[0].targets[0] == "10.0.0.1:5060"
    assert ("_sip._tcp.pool.example", "SRV") in server.asked


@pytest.mark.slow
def test_a_name_nobody_knows_and_a_name_server_that_is_dead_are_told(server: NameServer) -> None:
    server.silent = True
    (told,) = ask(server, Resolve(0, "gone.example", 5060, "udp"))
    assert told.targets == ()
    assert told.trouble


def test_a_slow_name_keeps_no_other_one_waiting(server: NameServer) -> None:
    told = ask(server, Resolve(0, "localhost", 5060, "udp"), Resolve(1, "pool.example", 5060, "udp"), count=2)
    assert {each.server for each in told} == {0, 1}


def test_the_machines_own_names_count(server: NameServer) -> None:
    (told,) = ask(server, Resolve(0, "localhost", 5060, "udp"))
    assert "127.0.0.1:5060" in told.targets


def test_an_answer_of_a_stranger_is_none(server: NameServer) -> None:
    server.liar = ("6.6.6.6", "A")
    (told,) = ask(server, Resolve(0, "pool.example", 5060, "udp"))
    assert "6.6.6.6:5060" not in told.targets
    assert told.targets[0] == "10.0.0.1:5060"


def test_within_a_priority_the_weights_are_a_lottery() -> None:
    records = [Srv(10, 10, "light", 1), Srv(10, 30, "heavy", 1), Srv(20, 99, "last", 1)]
    firsts: Counter[str] = Counter()
    for number in range(400):
        tried = ordered(records, lambda number=number: number / 400)  # type: ignore[misc]
        assert [each.host for each in tried][2] == "last"
        firsts[tried[0].host] += 1
    assert firsts == {"heavy": 300, "light": 100}


def test_records_of_weight_zero_all_have_their_turn() -> None:
    assert len(ordered([Srv(1, 0, "a", 1), Srv(1, 0, "b", 1)], lambda: 0.0)) == 2


def test_a_record_whose_host_is_gone_costs_the_others_nothing(server: NameServer) -> None:
    services = [(5, 0, 5060, "gone.example"), (10, 0, 5070, "a.example")]
    server.records = {**RECORDS, ("_sip._udp.site.example", "SRV"): services}
    (told,) = ask(server, Resolve(0, "site.example", 0, "udp"))
    assert told.targets == ("10.0.1.1:5070",)


def test_a_name_server_that_never_answers_one_kind_of_question_is_waited_for_once(server: NameServer) -> None:
    hosts = [f"{letter}.example" for letter in "abcd"]
    services = [(number, 0, 5060, host) for number, host in enumerate(hosts)]
    server.records = {(host, "A"): [f"10.0.{number}.1"] for number, host in enumerate(hosts)}
    server.records["_sip._udp.site.example", "SRV"] = services  # type: ignore[assignment]
    server.deaf = {"AAAA"}
    (told,) = ask(server, Resolve(0, "site.example", 0, "udp"))
    assert told.targets == ("10.0.0.1:5060", "10.0.1.1:5060", "10.0.2.1:5060", "10.0.3.1:5060")


def test_a_service_that_says_it_is_none_is_asked_for_nowhere_else(server: NameServer) -> None:
    """One SRV record with the target `.` (RFC 2782)."""
    server.records = RECORDS | {("_sip._udp.shut.example", "SRV"): [(0, 0, 0, "")], ("shut.example", "A"): ["10.0.9.1"]}
    (told,) = ask(server, Resolve(0, "shut.example", 0, "udp"))
    assert told.targets == ()
    assert told.trouble == "_sip._udp.shut.example: no such service"
    assert ("shut.example", "A") not in server.asked


def test_a_chain_of_aliases_counts_no_longer_than_its_shortest_lived_link(server: NameServer) -> None:
    server.aliases = {"desk.example": ("farm.example", 3600), "farm.example": ("a.example", 5)}
    told = ask(server, Resolve(0, "desk.example", 5060, "udp"))
    assert told == [Resolved(0, "desk.example", ("10.0.1.1:5060",), 5)]


def test_an_alias_that_leads_nowhere_is_told(server: NameServer) -> None:
    server.aliases = {"desk.example": ("gone.example", 3600)}
    (told,) = ask(server, Resolve(0, "desk.example", 5060, "udp"))
    assert told.targets == () and told.trouble


def test_an_answer_too_long_for_a_datagram_is_asked_for_by_tcp(server: NameServer) -> None:
    server.records = {("many.example", "A"): [f"10.0.3.{number}" for number in range(1, 101)]}
    server.truncates = True
    (told,) = ask(server, Resolve(0, "many.example", 5060, "udp"))
    assert told.targets == tuple(f"10.0.3.{number}:5060" for number in range(1, 17))


def test_an_answer_that_counts_for_no_time_counts_for_none(server: NameServer) -> None:
    server.life = 0
    (told,) = ask(server, Resolve(0, "site.example", 0, "udp"))
    assert (told.targets, told.life) == (("10.0.1.1:5070", "10.0.2.1:5080"), 0)


def test_a_name_that_is_gone_and_is_back_is_found_again(server: NameServer) -> None:
    before = dict(server.records)
    server.records = {}
    (told,) = ask(server, Resolve(0, "pool.example", 5060, "udp"))
    assert told.targets == ()
    server.records = before
    (told,) = ask(server, Resolve(0, "pool.example", 5060, "udp"))
    assert told.targets[0] == "10.0.0.1:5060"


def test_of_an_answer_as_long_as_tcp_allows_no_more_lots_are_drawn_than_are_used() -> None:
    drawn = []

    def draw() -> float:
        drawn.append(1)
        return 0.5

    many = [Srv(1, 1, f"h{number}", 5060) for number in range(2900)]
    first = [Srv(0, 0, "first", 5060)]
    assert ordered([*many, *first], draw)[:1] == first
    assert len(ordered(many, draw)) == MOST and len(drawn) == 2 * MOST
