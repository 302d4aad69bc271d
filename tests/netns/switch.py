"""A switch in network namespaces: the switch itself is a host ("wire"), and each host has a namespace of its own.

Law: nothing outside the namespaces changes; all of it goes with the `with`. A program started by `at` lives there.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import subprocess
from collections.abc import Callable, Mapping
from functools import partial
from typing import Self

from tests.netns.lab import T, inside, needs_namespaces, run
from tests.netns.road import Road, tap

_numbers = itertools.count(1)


class Switch:
    """address: of the switch, in a /24. hosts: name to address; first letters differ. roads: those at a bad road."""

    def __init__(self, address: str, hosts: Mapping[str, str], roads: tuple[str, ...] = ()) -> None:
        self.hosts = dict(hosts)
        number = next(_numbers)
        self.spaces = {name: f"dp{os.getpid()}-{number}{name[0]}" for name in ("wire", *hosts)}
        self.roads: dict[str, Road] = {}
        self._address, self._bad = address, roads
        self._ends = contextlib.ExitStack()

    def __enter__(self) -> Self:
        needs_namespaces()
        try:
            self._lay()
        except BaseException:
            self._ends.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.close()

    def at(self, name: str, make: Callable[[], T]) -> T:
        """Do something there; sockets and processes that it makes stay there."""
        return inside(self.spaces[name], make)

    def cut(self, name: str, *rules: str) -> None:
        """What a host sends is filtered by these rules of nft (`ip daddr 10.0.0.1 drop`); none: nothing is lost."""
        lines = ["table inet cut", "delete table inet cut"]
        if rules:
            lines += ["table inet cut {", "chain out {", "type filter hook output priority 0", *rules, "}", "}"]
        subprocess.run(
            ["ip", "netns", "exec", self.spaces[name], "nft", "-f", "-"],
            input="\n".join(lines) + "\n", text=True, check=True, timeout=30,
        )  # fmt: skip

    def cable(self, name: str, *, plugged: bool) -> None:
        """Pull a host's cable, or put it back: as a power cut is to all others."""
        run("ip", "-n", self.spaces["wire"], "link", "set", f"to-{name}", "up" if plugged else "down")

    def _lay(self) -> None:
        for space in self.spaces.values():
            run("ip", "netns", "add", space)
            self._ends.callback(run, "ip", "netns", "del", space)
            run("ip", "-n", space, "link", "set", "lo", "up")
        wire = self.spaces["wire"]
        run("ip", "-n", wire, "link", "add", "lan", "type", "bridge")
        run("ip", "-n", wire, "addr", "add", f"{self._address}/24", "dev", "lan")
        run("ip", "-n", wire, "link", "set", "lan", "up")
        for name, address in self.hosts.items():
            space, port = self.spaces[name], f"to-{name}"
            if name in self._bad:
                self.roads[name] = Road(self.at("wire", partial(tap, port)), self.at(name, partial(tap, "eth0")))
                self._ends.callback(self.roads[name].close)
            else:
                run("ip", "-n", wire, "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", space)
            run("ip", "-n", wire, "link", "set", port, "master", "lan", "up")
            run("ip", "-n", space, "addr", "add", f"{address}/24", "dev", "eth0")
            run("ip", "-n", space, "link", "set", "eth0", "up")
