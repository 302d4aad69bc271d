"""A cable between two network namespaces: a server's, and a phone's with the image's packet filter."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.needs import needs

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "image/rootfs/usr/lib/deskphone/firewall.nft"
SERVER, PHONE = "10.78.0.1", "10.78.0.2"


def run(*command: str) -> str:
    """What a program says; it must end well."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, cwd=ROOT / "firmware")
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return done.stdout


@contextmanager
def laid() -> Iterator[tuple[str, str]]:
    """The names of both namespaces, each with its address at eth0; skips where there are none to be had."""
    needs("ip", "nft")
    if os.geteuid() != 0:
        pytest.skip("network namespaces need root")
    server, phone = f"fw{os.getpid()}s", f"fw{os.getpid()}p"
    if subprocess.run(["ip", "netns", "add", server], capture_output=True, check=False).returncode != 0:
        pytest.skip("no network namespaces here")
    try:
        run("ip", "netns", "add", phone)
        run("ip", "-n", server, "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", phone)
        for space, address in ((server, SERVER), (phone, PHONE)):
            run("ip", "-n", space, "addr", "add", f"{address}/24", "dev", "eth0")
            run("ip", "-n", space, "link", "set", "eth0", "up")
            run("ip", "-n", space, "route", "add", "default", "dev", "eth0")
        run("ip", "netns", "exec", phone, "nft", "-f", str(RULES))
        yield server, phone
    finally:
        for space in (phone, server):
            subprocess.run(["ip", "netns", "del", space], capture_output=True, check=False)
