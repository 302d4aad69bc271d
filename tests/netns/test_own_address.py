"""The address in SDP is that of the way to the server: with two interfaces, and with no default route at all."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.netns.lab import needs_namespaces

pytestmark = [pytest.mark.netns, pytest.mark.slow]
SERVERS = ("10.5.0.9", "10.6.0.9", "fd00:6::9", "127.0.0.1", "10.7.0.9", "sips.example.com")
ASK = f"""
from deskphone.config.secret import Secret
from deskphone.core.effects import Account
from deskphone.sip.stack.account_config import own_address
for host in {SERVERS}:
    at = f"[{{host}}]" if ":" in host else host
    print(own_address(Account(0, "sip:1502@x", "", f"sip:{{at}}:5060", "", "1502", Secret(), 300, "udp")) or "-")
"""
INTERFACES = (
    "ip link set lo up",
    "ip link add one type veth peer name far-one", "ip link add two type veth peer name far-two",
    *(f"ip link set {each} up" for each in ("one", "two", "far-one", "far-two")),
    "ip addr add 10.5.0.2/24 dev one", "ip addr add 10.6.0.2/24 dev two", "ip addr add fd00:6::2/64 dev two nodad",
)  # fmt: skip


def test_it_is_of_the_interface_that_the_server_is_reached_by() -> None:
    needs_namespaces()
    script = "; ".join((*INTERFACES, f"exec {sys.executable} -c '{ASK.replace(chr(39), chr(34))}'"))
    done = subprocess.run(
        ["unshare", "--net", "sh", "-ec", script], capture_output=True, text=True, check=False, timeout=60,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["10.5.0.2", "10.6.0.2", "fd00:6::2", "-", "-", "-"]
