"""What another use of the heap left behind is never taken for a part of a message, whatever it was.

glibc fills what it hands out, and hands out nothing twice without filling it: each byte that nobody wrote is then a
comma, or a semicolon, the two that go on with a Contact.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from tests.stories.agent import TWO_SERVERS
from tests.stories.bench import Story
from tests.stories.bench_sip import SipBench

pytestmark = [pytest.mark.sip, pytest.mark.slow]


class UntidyBench(SipBench):
    """A phone whose memory is full of one character."""

    def __init__(self, left: str) -> None:
        super().__init__()
        # The library's fill is the complement of what it is told.
        self.prefix = ("env", f"GLIBC_TUNABLES=glibc.malloc.tcache_count=0:glibc.malloc.perturb={255 - ord(left)}")


@pytest.fixture(params=[",", ";"], ids=["commas", "semicolons"])
def phone(request: pytest.FixtureRequest) -> Iterator[Story]:
    with UntidyBench(request.param) as bench:
        yield Story(bench)


def test_it_registers_takes_a_new_file_and_a_call(phone: Story) -> None:
    bench = phone.bench
    phone.power_on(**TWO_SERVERS)
    phone.registered_everywhere(within=30)
    config = bench.folder / "phone.cfg"
    config.write_bytes(config.read_bytes() + b"voip/line/0/description=another\n")
    os.kill(bench.process.pid, signal.SIGHUP)
    bench.child.says("is in force", 30)
    customer = phone.customer("0301234567", "Jane Customer")
    customer.call()
    phone.shows("Jane Customer", within=10)
    phone.lift()
    customer.answered(10)
    phone.in_call(within=10)
    customer.hang_up()
    customer.ended(10)
    phone.put_down()
    phone.idle(within=10)
    assert bench.process.poll() is None
