"""The loop: events from one queue, one at a time, through the reducer; effects and outputs to the drivers.

Law: the only place where the pure rooms meet the world. It decides nothing: a table says which driver an effect
belongs to. A driver task that ends or raises ends the process, and systemd starts it again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from PIL.Image import Image

from deskphone.app.clock import moment
from deskphone.app.recorder import Recorder
from deskphone.app.store import Store
from deskphone.core import effects as fx
from deskphone.core.events import Elapsed, Event
from deskphone.core.moment import NEVER, Moment
from deskphone.core.reduce import next_deadline, reduce
from deskphone.core.state import Phone
from deskphone.drivers.ports import Display, Driver, LampBank, Mixer, Ringer, UserAgent
from deskphone.view.outputs import Outputs, Screen
from deskphone.view.raster import raster
from deskphone.view.render import render

log = logging.getLogger("deskphone")
USER_AGENT = (
    fx.Configure, fx.Register, fx.Unregister, fx.KeepAlive, fx.Dial, fx.Ring, fx.Answer, fx.Reject, fx.Hangup,
    fx.Hold, fx.Retrieve, fx.SendDtmf, fx.Transfer, fx.NotifyRefer, fx.Subscribe, fx.Resubscribe,
)  # fmt: skip
COURTESY = 0.001  # seconds
PATIENCE = 1.0  # seconds


@dataclass(slots=True)
class Drivers:
    """One of each port, and further parts with a life of their own (keys, clock, panel ...)."""

    display: Display
    lamps: LampBank
    ringer: Ringer
    mixer: Mixer
    user_agent: UserAgent
    others: list[Driver] = field(default_factory=list)

    def all(self) -> list[Driver]:
        """Every part that has a `run`."""
        return [self.user_agent, self.display, self.lamps, self.ringer, self.mixer, *self.others]


class DriverEnded(RuntimeError):
    """A driver's task ended by itself; the process must end too."""


@dataclass(slots=True)
class Counters:
    """What the loop counted since it began."""

    events: int = 0
    illegal: int = 0
    frames: int = 0


class Runtime:
    """One phone. `changed` functions are called after each render with nothing to say but "look again"."""

    def __init__(self, store: Store, size: tuple[int, int] = (128, 64)) -> None:
        self.phone = Phone()
        self.size = size
        self.outputs: Outputs = render(self.phone)
        self.frame: Image = raster(self.outputs.screen, size)
        self.counters = Counters()
        self.recorder = Recorder()
        self.changed: list[Callable[[], None]] = []
        self.restart: fx.Restart | None = None
        self.provisioning: Callable[[fx.FetchSettings | fx.SetHostName], None] = lambda effect: None
        self.folder = store.folder
        self._store = store
        self._queue: asyncio.Queue[tuple[Event, Moment]] = asyncio.Queue()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self._woken = NEVER  # the deadline the phone was woken for last
        self._drivers: Drivers | None = None
        self._ended = asyncio.Event()
        self._shown: Screen | None = None
        self._ordered = False  # the user agent was given an order since the last render

    # --- events in -------------------------------------------------------------------------------

    def post(self, event: Event) -> None:
        """Put an event into the queue, stamped with this moment; from any thread."""
        if self._loop is None:
            raise RuntimeError("post before run")
        try:
            running = asyncio.get_running_loop()
        except RuntimeError:
            running = None
        if running is self._loop:
            self._queue.put_nowait((event, moment()))
        elif not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._queue.put_nowait, (event, moment()))

    def snapshot(self) -> tuple[Phone, Outputs, Image]:
        """State, outputs and the picture that belong together."""
        return self.phone, self.outputs, self.frame

    def stop(self) -> None:
        """End `run` in order."""
        self._ended.set()

    # --- the loop --------------------------------------------------------------------------------

    async def run(self, drivers: Drivers, first: Sequence[Event]) -> None:
        """Run until `stop`, a Restart effect, or a driver's end (DriverEnded)."""
        self._loop = asyncio.get_running_loop()
        self._drivers = drivers
        self._render()
        tasks = {asyncio.create_task(each.run(self.post), name=each.name): each for each in drivers.all()}
        turns = asyncio.create_task(self._turns(), name="loop")
        ended = asyncio.create_task(self._ended.wait(), name="stop")
        for event in first:
            self.post(event)
        try:
            done, _ = await asyncio.wait({*tasks, turns, ended}, return_when=asyncio.FIRST_COMPLETED)
            for task in done - {ended}:
                error = task.exception() if not task.cancelled() else None
                raise DriverEnded(f"{task.get_name()} ended: {error!r}") from error
        finally:
            if self._alarm is not None:
                self._alarm.cancel()
            for task in (*tasks, turns, ended):
                task.cancel()
            await asyncio.gather(*tasks, turns, ended, return_exceptions=True)

    async def _turns(self) -> None:
        while True:
            self._turn(*await self._queue.get())
            await self._rest()
            self._render()
            self._set_alarm()

    async def _rest(self) -> None:
        """The turns that wait already. The far end's answer goes before the picture: an order to the SIP thread
        gets the interpreter for a moment, while drawing would keep it (one lock for all threads)."""
        while True:
            while not self._queue.empty():
                self._turn(*self._queue.get_nowait())
            if not self._ordered:
                return
            self._ordered = False
            await asyncio.sleep(COURTESY)

    def _set_alarm(self) -> None:
        """Wake the phone at its next deadline. One that stays though it was run (a bug) is tried again in PATIENCE."""
        if self._alarm is not None:
            self._alarm.cancel()
        assert self._loop is not None
        self._alarm, when = None, next_deadline(self.phone)
        if when < NEVER:
            at = when if when != self._woken else self._loop.time() + PATIENCE
            self._alarm = self._loop.call_at(at, self._wake, when)

    def _wake(self, when: float) -> None:
        self._woken = when
        self.post(Elapsed())

    def _turn(self, event: Event, now: Moment) -> None:
        before = self.phone
        try:
            self.phone, effects = reduce(before, event, now)
        except Exception:  # a bug of ours must not end a call: the event is dropped like an illegal one, loudly
            self.counters.illegal += 1
            log.exception("illegal event %s: the reducer raised", type(event).__name__)
            return
        self.counters.events += 1
        self.recorder.add(before, event, now, effects)
        for effect in effects:
            self._perform(effect)

    def _perform(self, effect: fx.Effect) -> None:
        assert self._drivers is not None
        match effect:
            case fx.Journal():
                log.log(logging.getLevelName(effect.level.upper()), "%s", effect.text)
            case fx.Illegal():
                self.counters.illegal += 1
                log.warning("illegal event %s: %s", effect.event, effect.why)
            case fx.Store():
                self._save(effect)
            case fx.Restart():
                log.warning("restart asked for: %s", effect.why)
                self.restart = effect
                self.stop()
            case fx.FetchSettings() | fx.SetHostName():
                self.provisioning(effect)
            case _ if isinstance(effect, USER_AGENT):
                self._ordered = True
                self._drivers.user_agent.perform(effect)
            case _:
                raise TypeError(f"no driver for {type(effect).__name__}")

    def _save(self, effect: fx.Store) -> None:
        try:
            self._store.save(effect.section, effect.text)
        except OSError as error:  # full or read-only: the phone goes on, the journal says so
            log.error("cannot store %s: %s", effect.section, error)

    # --- outputs ---------------------------------------------------------------------------------

    def _render(self) -> None:
        """Compute the outputs, and hand each driver what changed for it."""
        assert self._drivers is not None
        before, now = self.outputs, render(self.phone)
        self.outputs = now
        drivers, first = self._drivers, self._shown is None
        if now.screen != self._shown:
            self._shown = now.screen
            self.frame = raster(now.screen, self.size)
            self.counters.frames += 1
            drivers.display.show(self.frame, now.screen.bright)
        if first or now.lamps != before.lamps:
            drivers.lamps.set(now.lamps)
        if first or now.ringing != before.ringing:
            drivers.ringer.ring(now.ringing)
        if first or now.audio != before.audio:
            if first or (now.audio.path, now.audio.volume) != (before.audio.path, before.audio.volume):
                drivers.mixer.route(now.audio.path, now.audio.volume)
            drivers.user_agent.sound(now.audio)
        for look in self.changed:
            look()
