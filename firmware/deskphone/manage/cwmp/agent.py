"""The TR-069 client: asks the phone, keeps what must survive, opens sessions when they are due, does what was ordered.

Law: all decisions are those of `schedule`, `cpe` and `session`; here are clock, file and network. One session at a
time, and beside it one transfer, whose server may be slow and whose questions to the phone take a connection of their
own; nothing of it can hold the phone up.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import ssl
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from deskphone.files import read_small, write_whole
from deskphone.manage.client import AsyncPhone, Gone, Refusal
from deskphone.manage.cwmp import memory as kept
from deskphone.manage.cwmp import table, transfers
from deskphone.manage.cwmp.cpe import Cpe, Snapshot
from deskphone.manage.cwmp.http import Http, HttpError
from deskphone.manage.cwmp.knock import Listener
from deskphone.manage.cwmp.memory import Memory, Transfer
from deskphone.manage.cwmp.parameters import Apply
from deskphone.manage.cwmp.schedule import Schedule
from deskphone.manage.cwmp.session import End, Send, Session, stamp
from deskphone.manage.cwmp.wish import Door, Wish
from deskphone.manage.cwmp.xml import BYTES
from deskphone.manage.firmware import progress
from deskphone.manage.papers import Papers

Json = dict[str, Any]
log = logging.getLogger("deskphone.manage")
FILE = "cwmp.json"
LONGEST_FILE = 1_000_000  # bytes
LOOK = 5.0  # seconds between two looks at what is watched
SESSION = 600.0  # seconds that one session may take
MANUFACTURER = "deskphone"


class Clock(Protocol):
    """What of the module `time` counts here."""

    def monotonic(self) -> float: ...
    def time(self) -> float: ...


class Agent:
    """Runs while there is a wish. phone, beside: connections of its own, for sessions and for transfers; folder: where
    its memory is."""

    def __init__(self, phone: AsyncPhone, beside: AsyncPhone, folder: Path, clock: Clock = time) -> None:
        self._phone, self._beside, self._file, self._clock = phone, beside, folder / FILE, clock
        self._wish = Wish()
        self._task: asyncio.Task[None] | None = None
        self._news = asyncio.Event()
        self._listener = Listener(self._knocked, clock.monotonic)
        self._knocks = False
        self._memory, self._schedule = Memory(), Schedule()
        self._context: ssl.SSLContext | None = None
        self._under_way: tuple[Transfer, asyncio.Task[Transfer]] | None = None

    @property
    def wanted(self) -> bool:
        """Whether there is an ACS."""
        return bool(self._wish.url)

    async def obey(self, now: Wish) -> None:
        """From now on by this wish; a session that is under way is not cut off, for it may be what changed the wish."""
        if now == self._wish:
            return
        if now.papers != self._wish.papers:
            self._context = None
        if not now.same_server(self._wish):
            self._schedule = self._schedule.anew()  # what failed before was another one's, or with other papers
        self._wish = now
        await self._listener.obey(now.door if self.wanted else Door())
        if self.wanted and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._run(), name="TR-069")
        self._news.set()

    async def close(self) -> None:
        """No more sessions and transfers; what is under way is given up."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._listener.close()

    def _knocked(self) -> None:
        self._knocks = True
        self._news.set()

    async def _run(self) -> None:
        self._memory = await asyncio.to_thread(self._load)
        try:
            await self._take_turns()
        finally:
            self._give_up()

    def _give_up(self) -> None:
        """The transfer that is under way."""
        if self._under_way is not None:
            self._under_way[1].cancel()
            self._under_way = None

    async def _take_turns(self) -> None:
        while self.wanted:
            self._news.clear()
            try:
                pause = await self._turn(self._wish)
            except (Gone, Refusal) as error:
                log.info("TR-069: %s", error)
                pause = LOOK
            except ssl.SSLError as error:
                log.error("TR-069: a certificate of the owner cannot be used: %s", error)
                pause = 60.0
            except Exception:  # a bug of ours must not leave the phone without its server for ever
                log.exception("TR-069: a turn failed")
                pause = 60.0
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._news.wait()

    # --- one turn --------------------------------------------------------------------------------------

    async def _turn(self, wish: Wish) -> float:
        """Look, do what is due; seconds until the next turn."""
        cpe = await self._looked(wish.url)
        now, unix = self._clock.monotonic(), self._clock.time()
        if cpe.memory.run != self._memory.run:
            self._schedule = self._schedule.anew()  # the count is one since the start (TR-069 3.2.1.1)
        self._schedule = self._schedule.obey(wish.interval, cpe.memory.periodic_time, now, unix)
        self._schedule, memory = self._schedule.tick(cpe.memory, now, unix)
        if self._knocks:
            self._knocks = False
            self._schedule = self._schedule.knocked(now)
            memory = memory.with_event(kept.REQUESTED)
        await self._keep(memory)
        await self._look_at_transfers(wish.papers, unix)
        await self._look_at_updates()
        await self._obey_orders()
        if self._schedule.due(self._memory, now):
            await self._session(wish)
            await self._obey_orders()
        due = self._memory if self._under_way is None else replace(self._memory, transfers=self._memory.ended)
        return min(LOOK, self._schedule.wait(due, self._clock.monotonic(), self._clock.time()) + 0.01)

    async def _looked(self, url: str) -> Cpe:
        """The phone as it is now, as far as it is watched; with the events of what happened to it."""
        run = (await self._phone.ask("happened", run="", number=0, wait=0))["run"]
        memory = self._memory.started(url, run)
        settings = [each.setting for each in Cpe(table.tree(), Snapshot({}, {}), memory).watched() if each.setting]
        cpe = Cpe(table.tree(), await self._snapshot(settings), memory)
        cpe.looked()
        return cpe

    async def _snapshot(self, names: list[str] | None) -> Snapshot:
        """names: of settings, None for all."""
        rows = [] if names == [] else (await self._phone.ask("show", names=names))["settings"]
        status = await self._phone.ask("status")
        url = self._listener.url(status["address"] or "127.0.0.1")
        return Snapshot({row["name"]: row["value"] for row in rows}, facts(status, url, self._clock.time()))

    async def _session(self, wish: Wish) -> None:
        """One session with the ACS, good or not."""
        cpe = Cpe(table.tree(), await self._snapshot(None), self._memory)
        session = Session(cpe, wish.url, self._schedule.retries)
        if self._context is None:
            self._context = await asyncio.to_thread(wish.papers.context)
        try:
            async with asyncio.timeout(SESSION), Http(wish.user, wish.password, self._context) as http:
                end = await self._talk(session, http, wish.url)
        except TimeoutError:
            end = End(False, f"it takes longer than {SESSION:.0f} s")
        except (HttpError, Gone, Refusal) as error:
            end = End(False, str(error))
        await self._keep(session.cpe.memory)
        if end.good:
            self._schedule = self._schedule.anew()
        else:
            self._schedule = self._schedule.failed(self._clock.monotonic(), random.random())
            log.warning("TR-069: a session failed (%d): %s", self._schedule.retries, end.why)

    async def _talk(self, session: Session, http: Http, url: str) -> End:
        step: Send | Apply | End = session.begin(self._clock.time())
        while not isinstance(step, End):
            if isinstance(step, Apply):
                step = await self._apply(session, step)
                continue
            await self._keep(session.cpe.memory)
            heads = {"Content_Type": 'text/xml; charset="utf-8"', "SOAPAction": ""} if step.body else {}
            step = session.received(await http.send("POST", url, BYTES, step.body, **heads), self._clock.time())
        return step

    async def _apply(self, session: Session, asked: Apply) -> Send | Apply | End:
        refusal, code, waits = "", 9002, False
        try:
            if asked.settings:
                done = await self._phone.ask("set", values=asked.settings)
                waits = done["waits"] or any(each["restart"] for each in done["settings"])
        except Refusal as error:
            refusal, code = str(error), 9001 if error.kind == "refused" else 9002
        return session.applied(await self._snapshot(None), refusal, waits, code)

    # --- what was ordered ------------------------------------------------------------------------------

    async def _look_at_transfers(self, papers: Papers, unix: float) -> None:
        """Keep what became of the one that was under way, between two sessions; begin the next that is due."""
        if self._under_way is not None and self._under_way[1].done():
            (each, task), self._under_way = self._under_way, None
            done = await task
            log.info("TR-069: %s of %s: %s", each.verb, each.file_type, done.text or done.step)
            await self._keep(self._memory.with_transfer(each, done))
        waiting = (each for each in self._memory.transfers if each.step is kept.Step.WAITING and each.due <= unix)
        if self._under_way is None and (due := next(waiting, None)) is not None:
            doing = transfers.carry_out(due, self._beside, papers, self._clock.time)
            task = asyncio.create_task(doing, name=f"TR-069: {due.verb}")
            task.add_done_callback(lambda _: self._news.set())
            self._under_way = due, task

    async def _look_at_updates(self) -> None:
        """A firmware that an ACS sent may be in use by now, or have failed."""
        waiting = [each for each in self._memory.transfers if each.step is kept.Step.APPLYING]
        if not waiting:
            return
        found = await progress(self._phone)
        for each in waiting:
            if (after := transfers.applied(each, found, self._clock.time())) is not None:
                log.info("TR-069: firmware %s: %s", each.version, after.text or "in use")
                await self._keep(self._memory.with_transfer(each, after))

    async def _obey_orders(self) -> None:
        """Factory settings, and a restart as soon as nobody has the phone in hand. An order that is not done stands."""
        try:
            if self._memory.reset:
                await self._phone.ask("factory_reset")
                self._give_up()
                await self._keep(Memory(run=self._memory.run))
            if self._memory.reboot:
                await self._phone.ask("restart")
                ordered = (*self._memory.restarting, *self._memory.reboot)
                await self._keep(replace(self._memory, reboot=(), restarting=ordered))
        except Refusal as error:
            log.info("TR-069: an order waits: %s", error)

    # --- memory ----------------------------------------------------------------------------------------

    def _load(self) -> Memory:
        try:
            return kept.loaded(read_small(self._file, LONGEST_FILE))
        except OSError:
            return Memory()

    async def _keep(self, memory: Memory) -> None:
        if memory != self._memory:
            self._memory = memory
            try:
                await asyncio.to_thread(self._write, kept.dumped(memory))
            except OSError as error:
                log.error("TR-069: %s cannot be written: %s", self._file, error.strerror)

    def _write(self, data: bytes) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_whole(self._file, data)


def facts(status: Json, url: str, unix: float) -> dict[str, str]:
    """What the phone is, by the words of `table`."""
    mac = status["mac"].replace(":", "").upper() or "000000000000"
    servers = status["state"]["servers"]
    return {
        "manufacturer": MANUFACTURER,
        "oui": mac[:6],
        "serial": mac,
        "mac": status["mac"],
        "model": status["model"],
        "hardware": status["model"],
        "version": status["version"],
        "up_seconds": str(status["up_seconds"]),
        "address": status["address"],
        "client_status": "Up" if any(each["registered"] for each in servers) else "Registering",
        "connection_url": url,
        "now": stamp(unix),
    }
