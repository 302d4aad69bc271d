"""What the loop does for its ports: orders by their family, one bug of the view, a slow card, a port that is stuck."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from deskphone.app import runtime as runtime_module
from deskphone.app.heartbeat import Heartbeat
from deskphone.app.runtime import DriverEnded, Runtime
from deskphone.app.store import Store
from deskphone.config.layers import Layers
from deskphone.core import effects as fx
from deskphone.core.events import KeyDown, KeyUp, PowerOn
from deskphone.core.state import Phone
from deskphone.drivers.ports import Part, Post
from deskphone.drivers.system import Systemd
from deskphone.drivers.worker import STUCK, Bell, Pulse, Worker, run_worker
from deskphone.view.outputs import Outputs


class Desk(Part):
    """A port for every order; writes down what it was told."""

    name = "desk"
    performs = (fx.UserAgentOrder, fx.ProvisioningOrder)

    def __init__(self) -> None:
        self.orders: list[str] = []
        self.shown: list[Outputs] = []
        self.moves = True

    async def run(self, post: Post) -> None:
        await asyncio.Event().wait()

    def perform(self, effect: fx.Effect) -> None:
        self.orders.append(type(effect).__name__)

    def show(self, outputs: Outputs) -> None:
        self.shown.append(outputs)

    def alive(self) -> bool:
        return self.moves


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - threads make it true, and tell nobody
            await asyncio.sleep(0.001)


async def started(runtime: Runtime, desk: Desk) -> asyncio.Task[None]:
    life = asyncio.create_task(runtime.run([desk], [PowerOn(Layers())]))
    await until(lambda: "Configure" in desk.orders)
    return life


def families() -> list[type[fx.Effect]]:
    """Every kind of effect the core has."""
    kinds = [each for each in vars(fx).values() if isinstance(each, type) and issubclass(each, fx.Effect)]
    orders = (fx.UserAgentOrder, fx.ProvisioningOrder, fx.NetworkOrder)
    return [each for each in kinds if each not in (fx.Effect, *orders)]


@pytest.mark.parametrize("kind", families(), ids=lambda kind: str(kind.__name__))
def test_every_effect_is_an_order_to_some_port_or_the_loops_own(kind: type[fx.Effect]) -> None:
    own = {"Journal", "Illegal", "Restart"}
    families = fx.UserAgentOrder | fx.ProvisioningOrder | fx.NetworkOrder | fx.UpdateOrder | fx.Store | fx.KeepSecret
    ordered = issubclass(kind, families)
    assert ordered != (kind.__name__ in own)


async def test_an_order_that_no_port_performs_ends_the_program_loudly(tmp_path: Path) -> None:
    class Deaf(Desk):
        performs = (fx.ProvisioningOrder,)

    with pytest.raises(DriverEnded, match="no port performs Configure"):
        await Runtime(Store(tmp_path)).run([Deaf()], [PowerOn(Layers())])


async def test_a_bug_in_the_view_costs_a_picture_and_one_line_not_the_phone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    desk, runtime = Desk(), Runtime(Store(tmp_path))
    life = await started(runtime, desk)
    await until(lambda: runtime.outputs.screen.name != "starting")
    before, healthy = runtime.frame, runtime_module.render
    broken = True

    def render(phone: Phone) -> Outputs:
        if broken:
            raise ZeroDivisionError("a row that is not there")
        return healthy(phone)

    monkeypatch.setattr(runtime_module, "render", render)
    for event in (KeyDown("menu"), KeyUp("menu"), KeyDown("down")):
        count = runtime.counters.events
        runtime.post(event)
        await until(lambda count=count: runtime.counters.events > count)  # type: ignore[misc]
    assert not life.done()
    assert runtime.frame is before
    broken = False
    runtime.post(KeyUp("down"))
    await until(lambda: runtime.frame is not before)
    assert desk.shown[-1].frame is runtime.frame
    assert len([record for record in caplog.records if "the view raised" in record.message]) == 1
    runtime.stop()
    await life


@pytest.fixture
def slow_card(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """fsync takes as long as the test wants, and never on the loop's thread."""
    done, real, loop = threading.Event(), os.fsync, threading.get_ident()

    def fsync(handle: int) -> None:
        assert threading.get_ident() != loop, "fsync on the event loop"
        assert done.wait(5)
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    return done


async def test_a_slow_card_holds_nothing_up_and_has_everything_after_a_stop(
    tmp_path: Path, slow_card: threading.Event
) -> None:
    store = Store(tmp_path)
    desk, runtime = Desk(), Runtime(store)
    life = await started(runtime, desk)
    for text in ("1", "2", "3"):
        runtime.perform(fx.Store("person", text))
    runtime.perform(fx.Store("calls", "[]"))
    count = runtime.counters.events
    runtime.post(KeyDown("menu"))
    await until(lambda: runtime.counters.events > count)
    assert not (tmp_path / "person.json").exists()
    runtime.stop()
    asyncio.get_running_loop().call_later(0.01, slow_card.set)
    await life
    assert dict(store.load())["person"] == "3"
    assert dict(store.load())["calls"] == "[]"


async def test_a_card_that_takes_nothing_costs_a_line_each_and_not_the_phone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = Store(tmp_path / "gone")
    desk, runtime = Desk(), Runtime(store)
    life = await started(runtime, desk)
    (tmp_path / "gone").rename(tmp_path / "elsewhere")
    runtime.perform(fx.Store("person", "{}"))
    await until(lambda: any("cannot store person" in record.message for record in caplog.records))
    assert not life.done()
    runtime.stop()
    await life


class Ear:
    """The module systemd.daemon, written down."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def notify(self, status: str) -> bool:
        self.heard.append(status)
        return True


def test_the_watchdog_is_fed_only_while_every_port_moves(caplog: pytest.LogCaptureFixture) -> None:
    ear, keys, voice = Ear(), Desk(), Desk()
    voice.name = "useragent"
    systemd = Systemd(ear, {"NOTIFY_SOCKET": "/run/x", "WATCHDOG_USEC": "10000000"})
    heartbeat = Heartbeat(systemd, [keys, voice], lambda: "well")
    heartbeat.beat()
    assert ear.heard.count("WATCHDOG=1") == 1
    voice.moves = False
    heartbeat.beat()
    heartbeat.beat()
    assert ear.heard.count("WATCHDOG=1") == 1
    told = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert [record.getMessage().split()[0] for record in told] == ["useragent"]  # once, and by its name
    voice.moves = True
    heartbeat.beat()
    assert ear.heard.count("WATCHDOG=1") == 2


async def test_a_thread_that_hangs_in_one_piece_of_work_is_seen() -> None:
    now, hang, inside, bell = [0.0], threading.Event(), threading.Event(), Bell()
    pulse = Pulse(lambda: now[0])

    def work() -> None:
        with pulse.working():
            inside.set()
            hang.wait(5)
        while not bell.stopped:
            bell.wait(None)

    task = asyncio.create_task(run_worker("card", bell, work))
    await until(inside.is_set)
    assert pulse.alive()
    now[0] = STUCK
    assert not pulse.alive()
    hang.set()
    await until(pulse.alive)
    now[0] = 10 * STUCK  # waiting for news is no work
    assert pulse.alive()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_part_with_a_thread_says_that_it_hangs_and_ends_with_its_task() -> None:
    now, hang, inside, ended = [0.0], threading.Event(), threading.Event(), threading.Event()

    class Card(Worker):
        name = "card"

        def _work(self, post: Post) -> None:
            with self._pulse.working():
                inside.set()
                hang.wait(5)
            while not self._bell.stopped:
                self._bell.wait(None)
            ended.set()

    card = Card(lambda: now[0])
    task = asyncio.create_task(card.run(lambda event: None))
    await until(inside.is_set)
    now[0] = STUCK
    assert not card.alive()
    hang.set()
    await until(card.alive)
    assert not ended.is_set()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert ended.is_set(), "the thread has ended before the task has"


def test_an_unknown_order_is_refused_by_name() -> None:
    class Part_(Part):
        name = "part"

    with pytest.raises(LookupError, match="Ring"):
        Part_().perform(fx.Ring("in-1"))
