"""The provisioning driver: when to look, and the orders of the core (look now, take this host name).

Law: waits and counts; a check itself is in check.py, the calendar in schedule.py, the pauses after a failure in
again.py. It never gives up: after a failure there always is a next check. One that fails in a way nobody thought of is
told like any other failure: the phone goes on with the settings it has.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import time
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from pathlib import Path
from typing import ClassVar

from deskphone.config.schema.words import ProvisioningMethod
from deskphone.config.settings import Settings
from deskphone.core.effects import Effect, FetchLogin, FetchSettings, ProvisioningOrder, SetHostName
from deskphone.core.event import Network
from deskphone.core.events import Event, NetworkChanged, Provisioned
from deskphone.drivers.localtime import local, zone_of
from deskphone.drivers.ports import Part, Post
from deskphone.net.lease import Lease, Watch
from deskphone.provision import again, schedule, typed_login
from deskphone.provision.address import Login, address
from deskphone.provision.check import Means, check
from deskphone.provision.fetcher import web
from deskphone.provision.problem import Outcome, Problem, without_login
from deskphone.wire.dhcp import clean_host_name

log = logging.getLogger("deskphone.provisioning")
Check = Callable[[Means, Lease | None, Post], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds. look: between two looks at lease and clock. lease: how long a first lease is waited for.
    between: at least so long between two checks that a server asked for. again: seconds that a second of again.py
    takes."""

    look: float = 2.0
    lease: float = 60.0
    between: float = 60.0
    again: float = 1.0


def local_time(zone: tzinfo | None) -> datetime:
    """The time of this moment in a zone, None for the system's."""
    return local(time.time(), zone)


class Provisioner(Part):
    """The driver. lease: the file of the DHCP hook, None where there is no DHCP client. host_name: file for it.

    at_start: whether to look at power-up (not where the program read the same file already).
    interface: the MAC address as the kernel has it now, given the one that is known; None: it does not change.
    """

    name = "provisioning"
    performs: ClassVar[tuple[type[Effect], ...]] = (ProvisioningOrder,)

    def __init__(
        self,
        means: Means,
        lease: Path | None = None,
        host_name: Path | None = None,
        *,
        at_start: bool = True,
        interface: Callable[[str], str] | None = None,
        pace: Pace = Pace(),
        chance: Callable[[float, float], float] = random.uniform,
        now: Callable[[tzinfo | None], datetime] = local_time,
        check: Check = check,
    ) -> None:
        self._means, self._host_name, self._at_start, self._pace = means, host_name, at_start, pace
        self._watch = Watch(lease) if lease is not None else None
        self._chance, self._now, self._check = chance, now, check
        self._interface = interface
        self._asked = asyncio.Event()
        self._person_waits = asyncio.Event()
        self._typed: list[FetchLogin] = []  # not kept yet
        self._news = False  # another place to look at, or another name of the file
        self._options: dict[int, bytes] | None = None
        self._leased_as = ""  # the MAC address of the last lease, where it is the phone's own
        self._due: float | None = None  # seconds since 1970
        self._failures = 0  # in a row
        self._again: float | None = None  # when to ask again (of the loop's time), None where the last check went well
        self._skew: float | None = None  # unix time less the loop's
        self._post: Post = lambda event: None

    def perform(self, effect: Effect) -> None:
        """FetchSettings: check now. SetHostName: leave the name for the DHCP client. Returns at once."""
        if isinstance(effect, FetchSettings):
            if effect.login is not None:
                self._typed.append(effect.login)
                self._person_waits.set()
            self._asked.set()
        elif isinstance(effect, SetHostName):
            if self._host_name is not None:
                self._announce(effect.name)
        else:
            super().perform(effect)

    async def run(self, post: Post) -> None:
        """Look at power-up, at the times of the settings, when asked, and when DHCP names another place."""
        self._post = post
        async with asyncio.TaskGroup() as group:
            group.create_task(self._watch_network())
            await self._life()

    async def _watch_network(self) -> None:
        while True:
            self._see_interface()
            self._see_lease()
            await asyncio.sleep(self._pace.look)

    async def _life(self) -> None:
        if self._at_start:
            await self._first()
        while True:
            await self._until_due()
            await self._look()
            await self._rest()

    async def _first(self) -> None:
        """At power-up: wait for a lease where one is needed, then at random, so that a site does not ask as one."""
        if not self._means.kept():
            await web()  # needed in a moment, most likely, and DHCP takes a moment
        waited = 0.0
        while (self._needs_lease() or not self._mac()) and waited < self._pace.lease and not self._asked.is_set():
            await self._pause(self._pace.look)
            waited += self._pace.look
        if self._means.kept():  # a phone that has nothing yet was plugged in by itself: it need not wait
            settings = self._means.settings()
            wait = self._chance(0.0, float(settings.provisioning.random_wait))
            log.info("first look in %.0f s", wait)
            await self._pause(wait)
        await self._look()

    def _needs_lease(self) -> bool:
        return self._dynamic() and self._watch is not None and self._watch.lease is None

    def _mac(self) -> str:
        """The MAC address a check would use, "" while there is none."""
        lease = self._watch.lease if self._watch is not None else None
        return (lease.mac if lease is not None else "") or self._means.mac

    def _dynamic(self) -> bool:
        """Whether DHCP says where to look."""
        settings = self._means.settings()
        dynamic = settings.provisioning.method is ProvisioningMethod.DYNAMIC
        return dynamic and not self._means.static

    async def _until_due(self) -> None:
        self._plan()
        while not self._asked.is_set():
            settings = self._means.settings()
            now = self._local(settings)
            planned = schedule.next_check(settings, now)
            if self._news or self._again_due(now) or (self._due is not None and now.timestamp() >= self._due):
                return
            # Other settings, or a clock set back: never later than the calendar says now.
            latest = schedule.longest_wait(settings)
            if planned is None:
                self._due = None
            elif self._due is None or self._due - planned.timestamp() > latest:
                self._plan()
            await self._pause(self._pace.look)

    def _again_due(self, now: datetime) -> bool:
        """Whether to ask again after a failure: its pause is over, or the clock was set meanwhile."""
        loop = asyncio.get_running_loop().time()
        before, self._skew = self._skew, now.timestamp() - loop
        was_set = before is not None and abs(self._skew - before) > again.CLOCK_SET
        return self._again is not None and (was_set or loop >= self._again)

    def _plan(self) -> None:
        settings = self._means.settings()
        now = self._local(settings)
        due = schedule.next_check(settings, now)
        late = self._chance(0.0, schedule.longest_wait(settings)) if due is not None else 0.0
        self._due = due.timestamp() + late if due is not None else None

    def _local(self, settings: Settings) -> datetime:
        lease = self._watch.lease if self._watch is not None else None
        return self._now(zone_of(settings, lease.network.time_offset if lease is not None else None))

    async def _look(self) -> None:
        self._asked.clear()
        self._person_waits.clear()
        self._news, self._again = False, None
        while self._typed:
            await asyncio.to_thread(self._keep, self._typed.pop(0))
        lease = self._watch.lease if self._watch is not None else None
        try:
            await self._check(self._means, lease, self._hear)
        except Exception as error:
            log.error("the check failed: %s", without_login(traceback.format_exc()))
            why = without_login(f"{type(error).__name__}: {error}")
            self._hear(Provisioned("", self._means.unix(), Outcome.FAILED, why))

    def _hear(self, event: Event) -> None:
        """What a check says; its outcome tells when the next one is due at the latest."""
        if isinstance(event, Provisioned):
            self._failures += 1
            bounds = again.pause(event.outcome, self._failures)
            self._again = None
            if bounds is None:
                self._failures = 0
            else:
                wait = (bounds[0] + self._chance(0.0, bounds[1] - bounds[0])) * self._pace.again
                self._again = asyncio.get_running_loop().time() + wait
                log.info("asked again in %.0f s", wait)
        self._post(event)

    async def _rest(self) -> None:
        """A server that asks again and again is obeyed once in a while; a person who typed a login, at once; after a
        failure its own pause may be shorter."""
        rest = self._pace.between
        if self._again is not None:
            rest = min(rest, self._again - asyncio.get_running_loop().time())
        await self._pause(rest, self._person_waits)

    async def _pause(self, seconds: float, until: asyncio.Event | None = None) -> None:
        """So long, or until that happens (None: until asked)."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for((until or self._asked).wait(), seconds)

    def _see_lease(self) -> None:
        """What the DHCP client learned since the last look; other options are a reason to look for files."""
        if self._watch is None:
            return
        if not self._watch.changed():
            return
        now = self._watch.lease
        self._post(NetworkChanged(now.network, now.mac) if now is not None else NetworkChanged())
        for problem in now.problems if now is not None else ():
            log.warning("%s", problem)
        if now is None:
            return
        # The same options after a cable was pulled and put back are no news; the cable's lease after the radio's is,
        # for its MAC address names another file.
        own = now.mac if now.mac == self._means.mac else self._leased_as
        if (now.options, own) != (self._options, self._leased_as):
            self._options, self._leased_as = now.options, own
            self._news = self._dynamic()
        if self._again is not None and not self._news:  # a cable, a lease: what failed without may work now
            self._again = min(self._again, asyncio.get_running_loop().time() + self._pace.look)
        if self._news:
            self._failures = 0

    def _see_interface(self) -> None:
        """The interface came (USB), or the cable's beside the radio's: from now on its address names the file."""
        found = self._interface(self._means.mac) if self._interface is not None else self._means.mac
        if found == self._means.mac:
            return
        log.info("the interface is %s", found)
        self._means = replace(self._means, mac=found)
        lease = self._watch.lease if self._watch is not None else None
        if lease is None or not lease.mac:
            self._post(NetworkChanged(lease.network if lease is not None else Network(), found))
            self._news = True

    def _keep(self, typed: FetchLogin) -> None:
        """Keep what a person typed, for the server that asked for it."""
        try:
            login = Login(address(typed.source).origin, typed.user, typed.password)
            typed_login.save(self._means.data, login)
        except (Problem, OSError) as error:
            log.error("the login cannot be kept: %s", error)

    def _announce(self, name: str) -> None:
        """Leave the name where the DHCP client's side finds it (firmware/dhcp)."""
        assert self._host_name is not None
        clean = clean_host_name(name)
        if not clean:
            log.warning("no host name can be made of %r", name[:40])
            return
        try:
            new = self._host_name.with_suffix(".new")  # in memory (/run): nothing to have on a card
            new.write_text(clean + "\n", "ascii")
            new.replace(self._host_name)
        except OSError as error:
            log.warning("host name %s cannot be announced: %s", clean, error)
