"""A day on a desk in virtual time, on the core bench: reducer and view, no process.

Law: the words of the stories only; what is measured is asked of Python, never of the phone.
"""

from __future__ import annotations

import gc
import json
import tracemalloc
from dataclasses import dataclass

from deskphone.app.codec import to_json
from deskphone.core import events as ev
from tests.stories.agent import READY_AFTER, TWO_SERVERS, log_in, power_on
from tests.stories.bench import Story
from tests.stories.bench_core import core
from tests.stories.provisioning_server import server_of

HOUR = 3_600.0
EVERY = 120.0  # seconds between two calls
LASTS = 70.0  # seconds of a call
OUTAGE = 90.0  # seconds that a server is away


@dataclass(frozen=True, slots=True)
class Hour:
    """At its end. state: bytes of the phone as JSON. heap: of Python, what the bench kept of effects let go. calls: so
    far; illegal: events that no state allowed, so far."""

    number: int
    state: int
    heap: int
    calls: int
    illegal: int


def live(phone: Story, hours: int, **settings: str) -> list[Hour]:
    """Begin a shift and live it; one row an hour."""
    tracemalloc.start()
    try:
        return _hours(phone, hours, settings)
    finally:
        tracemalloc.stop()


def _hours(phone: Story, hours: int, settings: dict[str, str]) -> list[Hour]:
    power_on(phone, **TWO_SERVERS, **READY_AFTER, **settings)
    server_of(phone).gives_the_same()
    log_in(phone)
    phone.large("Ready")
    bench, rows, calls = core(phone), list[Hour](), 0
    for number in range(1, hours + 1):
        end = number * HOUR
        at = 0
        while bench.now + EVERY < end:
            calls, at = calls + 1, at + 1
            _call(phone, at)
            if at == 10:
                _outage(phone, number % 2)
            if at == 20:
                server_of(phone).gives_the_same()
            phone.pass_time(max(0.0, EVERY - bench.now % EVERY))
        phone.pass_time(max(0.0, end - bench.now))
        rows.append(_measured(phone, number, calls))
    return rows


def _call(phone: Story, number: int) -> None:
    """A customer: most are answered, some are held, some give up; then after-call work or a break now and then."""
    customer = phone.customer(f"030{number:07}", "Jane Customer")
    customer.call()
    phone.pass_time(2)
    if number % 7 == 0:
        customer.hang_up()
    else:
        phone.press("soft1")
        customer.answered()
        phone.pass_time(LASTS / 2)
        if number % 3 == 0:
            phone.press("hold")
            phone.pass_time(5)
            phone.press("hold")
        phone.pass_time(LASTS / 2)
        customer.hang_up()
    phone.pass_time(1)
    if number % 5 == 0:
        desktop = core(phone).desktop
        for say in (desktop.after_call_work, lambda: desktop.not_ready("501"), desktop.ready):
            say()
            phone.pass_time(2)


def _outage(phone: Story, server: int) -> None:
    """One of the two servers dies and comes back."""
    phone.server_dies(server)
    phone.pass_time(OUTAGE)
    phone.server_lives(server)
    phone.pass_time(OUTAGE)


def _measured(phone: Story, number: int, calls: int) -> Hour:
    bench = core(phone)
    bench.effects.clear()
    bench.effects_at.clear()
    gc.collect()
    state = len(json.dumps(to_json(bench.phone)))
    assert isinstance(bench.phone.provisioned, ev.Provisioned)
    return Hour(number, state, tracemalloc.get_traced_memory()[0], calls, len(bench.illegal))
