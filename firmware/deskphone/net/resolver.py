"""From the name of a SIP server to its addresses (RFC 3263), asked of the network's own name servers.

Law: looks up and orders, decides nothing: which address is used, and how long an answer counts, is `core.lines.way`'s.
Transport is the settings', so that no NAPTR is asked (RFC 3263 section 4.1); a port that is written asks no SRV either
(4.2). c-ares does the packets: it takes an answer only from the server asked, and reads the machine's own hosts file.
"""

from __future__ import annotations

import asyncio
import importlib
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any, ClassVar

from deskphone.core.effects import Effect, NetworkOrder, Resolve
from deskphone.core.events import Resolved
from deskphone.drivers.ports import Part, Post

SIP_PORT = 5060
PATIENCE = 4.0  # seconds for all questions of one name
HOSTS_LIFE = 60  # seconds an answer out of the hosts file counts
MOST = 16  # addresses of one name


@dataclass(frozen=True, slots=True)
class Srv:
    """One SRV record (RFC 2782): the lowest priority is tried first, weight shares the load within one."""

    priority: int
    weight: int
    host: str
    port: int


class Resolver(Part):
    """The port that resolves names of servers. options: of c-ares, for tests: `nameservers`, `udp_port`. draw: a number
    from [0, 1), for weights."""

    name = "resolver"
    performs: ClassVar[tuple[type[Effect], ...]] = (NetworkOrder,)

    def __init__(self, draw: Callable[[], float] = random.random, **options: Any) -> None:
        self._draw, self._options = draw, options
        self._orders: asyncio.Queue[Resolve] = asyncio.Queue()

    async def run(self, post: Post) -> None:
        """Answer orders, each by itself: a name that nobody answers keeps no other one waiting."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                order = await self._orders.get()
                tasks.create_task(self._answer(order, post))

    def perform(self, effect: Effect) -> None:
        """Resolve: look a name up. Resolved follows, without targets where nothing is found within PATIENCE."""
        assert isinstance(effect, Resolve)
        self._orders.put_nowait(effect)

    async def _answer(self, order: Resolve, post: Post) -> None:
        # 8 MB that a phone with addresses in its file never needs; loaded beside the loop, which has keys to see to.
        aiodns = await asyncio.to_thread(importlib.import_module, "aiodns")
        # A new one each time: the name servers may be others by now.
        asked = aiodns.DNSResolver(timeout=1.0, tries=2, **self._options)
        try:
            async with asyncio.timeout(PATIENCE):
                targets, life = await self._targets(asked, order)
            post(Resolved(order.server, order.name, targets[:MOST], life))
        except (aiodns.error.DNSError, OSError, ValueError) as error:
            trouble = str(error.args[-1]) if error.args else "no answer"
            post(Resolved(order.server, order.name, trouble=trouble))
        finally:
            await asked.close()

    async def _targets(self, asked: Any, order: Resolve) -> tuple[tuple[str, ...], int]:
        found, life = ([], 0) if order.port else await _services(asked, f"_sip._{order.transport}.{order.name}")
        if not found:
            addresses, life = await _addresses(asked, order.name)
            return tuple(_place(each, order.port or SIP_PORT) for each in addresses), life
        services = ordered(found, self._draw)
        hosts = await asyncio.gather(*(_addresses(asked, each.host) for each in services), return_exceptions=True)
        places: list[str] = []
        for each, host in zip(services, hosts, strict=True):
            if isinstance(host, BaseException):  # a record that outlived its host: the others are there for that
                continue
            life = min(life, host[1])
            places += [_place(address, each.port) for address in host[0]]
        troubles = [host for host in hosts if isinstance(host, BaseException)]
        if troubles and not places:
            raise troubles[0]
        return tuple(dict.fromkeys(places)), life


def ordered(records: Iterable[Srv], draw: Callable[[], float]) -> list[Srv]:
    """As they are to be tried, MOST of them: by priority, and within one by lot, a weight of 20 twice as often first as
    one of 10 (RFC 2782). An answer by TCP has room for three thousand: no lots are drawn for what is not used."""
    result: list[Srv] = []
    by_priority = sorted(records, key=lambda each: (each.priority, each.weight))
    for _, group in groupby(by_priority, key=lambda each: each.priority):
        left = list(group)
        while left and len(result) < MOST:
            lot = draw() * sum(each.weight for each in left)
            chosen = left[-1]
            for each in left:
                lot -= each.weight
                if lot < 0:
                    chosen = each
                    break
            left.remove(chosen)
            result.append(chosen)
    return result


async def _ask(asked: Any, name: str, kind: str) -> list[Any]:
    """The answer section; empty where there is none, and where nobody answers: what is asked next may have one."""
    import aiodns  # noqa: PLC0415

    try:
        return list((await asked.query_dns(name, kind)).answer)
    except aiodns.error.DNSError:
        return []


async def _services(asked: Any, name: str) -> tuple[list[Srv], int]:
    """The SRV records of a service, and their life; none where there are none. ValueError where they say that there is
    no such service (target `.`, RFC 2782)."""
    answer = await _ask(asked, name, "SRV")
    records = [(each.ttl, each.data) for each in answer if hasattr(each.data, "target")]
    found = [
        Srv(data.priority, data.weight, data.target, data.port) for _, data in records if data.target not in ("", ".")
    ]
    if records and not found:
        raise ValueError(f"{name}: no such service")
    return found, min((ttl for ttl, _ in records), default=0)


async def _addresses(asked: Any, host: str) -> tuple[list[str], int]:
    """IPv4 and IPv6 addresses of a host, in the order of the answers, and their life, or that of the shortest-lived
    alias that leads to them. DNSError where it has none at all."""
    answers = await asyncio.gather(*(_ask(asked, host, kind) for kind in ("A", "AAAA")))  # one may never come
    found = [_text(each.data.addr) for answer in answers for each in answer if hasattr(each.data, "addr")]
    if found:
        return found, min(each.ttl for answer in answers for each in answer)
    result = await asked.getaddrinfo(host)  # the hosts file; raises what there is to say
    own = sorted((_text(node.addr[0]) for node in result.nodes), key=lambda each: ":" in each)
    return list(dict.fromkeys(own)), HOSTS_LIFE


def _text(address: str | bytes) -> str:
    return address.decode("ascii") if isinstance(address, bytes) else address


def _place(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
