"""The loop: events from one queue, one at a time, through the reducer; effects and outputs to the drivers.

Law: the only place where the pure rooms meet the world. It decides nothing: a table, made of what each port says it
performs, tells whose an effect is. A port whose task ends or raises ends the process, and systemd starts it again. A
bug in the reducer costs an event, one in the view a picture.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from PIL.Image import Image

from deskphone.app.clock import moment
from deskphone.app.recorder import Recorder
from deskphone.app.store import Store
from deskphone.core import effects as fx
from deskphone.core.events import Elapsed, Event
from deskphone.core.moment import NEVER, Moment
from deskphone.core.reduce import next_deadline, reduce
from deskphone.core.state import Phone
from deskphone.drivers.ports import Port
from deskphone.view.outputs import Outputs
from deskphone.view.raster import raster
from deskphone.view.render import render

log = logging.getLogger("deskphone")
COURTESY = 0.001  # seconds that a picture waits after an order to the user agent
HANDOVER = 0.0001  # seconds in which the SIP thread takes the interpreter, for the far end waits for what was ordered
PATIENCE = 1.0  # seconds until a deadline that stayed is run again


class DriverEnded(RuntimeError):
    """A driver's task ended by itself; the process must end too."""


@dataclass(slots=True)
class Counters:
    """What the loop counted since it began: events taken, events no state allowed, pictures drawn; seconds that events
    waited until they were taken, all together and the longest."""

    events: int = 0
    illegal: int = 0
    frames: int = 0
    waited: float = 0.0
    longest: float = 0.0

    def count(self, waited: float) -> None:
        """One event, taken so many seconds after it came."""
        self.events += 1
        self.waited += waited
        self.longest = max(self.longest, waited)


class Runtime:
    """One phone. `changed` functions are called after each render with nothing to say but "look again".

    store: the port that keeps sections; it is there before the others, who begin with what it has.
    """

    def __init__(self, store: Store, size: tuple[int, int] = (128, 64)) -> None:
        self.phone = Phone()
        self.size = size
        screen = render(self.phone)
        self.frame: Image = raster(screen.screen, size)
        self.outputs: Outputs = replace(screen, frame=self.frame)
        self.counters = Counters()
        self.recorder = Recorder()
        self.changed: list[Callable[[], None]] = []
        self.restart: fx.Restart | None = None
        self.folder = store.folder
        self.store = store
        self._ports: tuple[Port, ...] = ()
        self._routes: dict[type[fx.Effect], Port] = {}
        self._told: set[str] = set()  # bugs of the view that the journal knows
        self._turned = asyncio.Event()  # since the last render
        self._broken: Exception | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = 0  # the loop's
        self._alarm: asyncio.TimerHandle | None = None
        self._woken = NEVER  # the deadline the phone was woken for last
        self._ended = asyncio.Event()
        self._ordered = False  # the user agent was given an order since the last render

    # --- events in -------------------------------------------------------------------------------

    def post(self, event: Event) -> None:
        """Put an event into the loop's queue, stamped with this moment; from any thread."""
        if self._loop is None:
            raise RuntimeError("post before run")
        if threading.get_ident() == self._thread:
            self._loop.call_soon(self._arrived, event, moment())
        elif not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._arrived, event, moment())

    def snapshot(self) -> tuple[Phone, Outputs, Image]:
        """State, outputs and the picture that belong together."""
        return self.phone, self.outputs, self.frame

    def stop(self) -> None:
        """End `run` in order; it returns when every port has ended. In the loop's thread."""
        self._ended.set()

    # --- the loop --------------------------------------------------------------------------------

    async def run(self, ports: Sequence[Port], first: Sequence[Event]) -> None:
        """Run until `stop`, a Restart effect, or a port's end (DriverEnded)."""
        self._loop, self._thread = asyncio.get_running_loop(), threading.get_ident()
        self._ports = (*ports, self.store)
        self._routes = {family: port for port in self._ports for family in port.performs}
        self._show()
        tasks = {asyncio.create_task(each.run(self.post), name=each.name): each for each in self._ports}
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
            await self._turned.wait()
            self._turned.clear()
            if self._broken is not None:
                raise self._broken
            await self._rest()
            self._render()
            self._set_alarm()

    async def _rest(self) -> None:
        """The far end's answer goes before the picture: an order to the SIP thread gets the interpreter for a moment,
        while drawing would keep it (one lock for all threads)."""
        while self._ordered:
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

    def _arrived(self, event: Event, now: Moment) -> None:
        try:
            self._turn(event, now)
        except Exception as error:  # no bug of an event or of a picture: `_turns` ends the program by it
            self._broken = error
            self._turned.set()

    def _turn(self, event: Event, now: Moment) -> None:
        before = self.phone
        try:
            self.phone, effects = reduce(before, event, now)
        except Exception:  # a bug of ours must not end a call: the event is dropped like an illegal one, loudly
            self.counters.illegal += 1
            log.exception("illegal event %s: the reducer raised", type(event).__name__)
            return
        self._turned.set()
        self.counters.count(moment().mono - now.mono)
        try:
            for effect in effects:
                self._perform(effect)
            if self._ordered:
                time.sleep(HANDOVER)
        finally:
            self.recorder.add(before, event, now, effects)

    def perform(self, effect: fx.Effect) -> None:
        """Hand an order to the port whose it is. TypeError where nobody performs this kind."""
        self._ordered = self._ordered or isinstance(effect, fx.UserAgentOrder)
        port = next((self._routes[kind] for kind in type(effect).__mro__ if kind in self._routes), None)
        if port is None:
            raise TypeError(f"no port performs {type(effect).__name__}")
        port.perform(effect)

    def _perform(self, effect: fx.Effect) -> None:
        match effect:
            case fx.Journal():
                log.log(logging.getLevelName(effect.level.upper()), "%s", effect.text)
            case fx.Illegal():
                self.counters.illegal += 1
                log.warning("illegal event %s: %s", effect.event, effect.why)
            case fx.Restart():
                log.warning("restart asked for: %s", effect.why)
                self.restart = effect
                self.stop()
            case _:
                self.perform(effect)

    # --- outputs ---------------------------------------------------------------------------------

    def _render(self) -> None:
        """Compute the outputs and hand them to every port, which sees what is new for it."""
        try:
            now = render(self.phone)
            if now.screen != self.outputs.screen:
                self.frame = raster(now.screen, self.size)
                self.counters.frames += 1
        except Exception as error:  # a bug of ours: what was shown last stays, and the next state is drawn again
            self._tell(error)
            return
        self.outputs = replace(now, frame=self.frame)
        self._show()

    def _show(self) -> None:
        for port in self._ports:
            port.show(self.outputs)
        for look in self.changed:
            look()

    def _tell(self, error: Exception) -> None:
        """A bug of the view in the journal, once a kind: it would come back with each second of a call."""
        where = traceback.extract_tb(error.__traceback__)[-1]
        kind = f"{type(error).__name__} at {where.filename}:{where.lineno}"
        if kind not in self._told:
            self._told.add(kind)
            log.error("the view raised: what was shown stays", exc_info=error)
