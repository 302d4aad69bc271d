"""What has to survive a restart of the management plane: events that wait, transfers, what an ACS set besides settings.

Law: a frozen value, JSON out and in; what cannot be read is as if nothing had been kept. Bounded. A password of a
transfer lies in it, so its file is the owner's only.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from enum import StrEnum
from typing import Any

BOOTSTRAP, BOOT, PERIODIC, SCHEDULED = "0 BOOTSTRAP", "1 BOOT", "2 PERIODIC", "3 SCHEDULED"
VALUE_CHANGE, REQUESTED, TRANSFERRED = "4 VALUE CHANGE", "6 CONNECTION REQUEST", "7 TRANSFER COMPLETE"
MOST_EVENTS = 64  # of an Inform (EventList of the schema)
MOST_TRANSFERS = 8  # that wait
MOST_SCHEDULED = 8
LONGEST_KEY = 32  # characters of a CommandKey and a ParameterKey
Events = tuple[tuple[str, str], ...]


class Step(StrEnum):
    """Where a transfer stands. APPLYING: a firmware is at the phone and not in use yet. DONE: the ACS is to be told."""

    WAITING = "waiting"
    APPLYING = "applying"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Transfer:
    """A Download or Upload. due, started, ended: unix seconds; code: of the fault, 0 for none. version: of a
    firmware."""

    verb: str
    key: str
    file_type: str
    url: str
    user: str = ""
    password: str = field(default="", repr=False)
    size: int = 0
    due: float = 0.0
    started: float = 0.0
    ended: float = 0.0
    code: int = 0
    text: str = ""
    step: Step = Step.WAITING
    version: str = ""

    def applying(self, started: float, version: str) -> Transfer:
        """A firmware came; its login is forgotten."""
        return replace(self, step=Step.APPLYING, started=started, version=version, user="", password="")

    def done(self, started: float, ended: float, code: int = 0, text: str = "") -> Transfer:
        """It came to an end; its login is forgotten."""
        return replace(
            self, step=Step.DONE, started=started, ended=ended, code=code, text=text[:256], user="", password=""
        )


@dataclass(frozen=True, slots=True)
class Memory:
    """acs: the URL that took a 0 BOOTSTRAP; run: of the phone that was told as 1 BOOT. events: that no ACS has taken.
    scheduled: (unix seconds, key). reboot: keys of Reboots not carried out; restarting: those whose start is awaited.
    attributes: notification by path where it is not the default's. told: the last value of what is watched."""

    acs: str = ""
    run: str = ""
    parameter_key: str = ""
    provisioning_code: str = ""
    periodic_time: str = "0001-01-01T00:00:00Z"
    events: Events = ()
    transfers: tuple[Transfer, ...] = ()
    scheduled: tuple[tuple[float, str], ...] = ()
    reboot: tuple[str, ...] = ()
    restarting: tuple[str, ...] = ()
    reset: bool = False
    attributes: Mapping[str, int] = field(default_factory=dict)
    told: Mapping[str, str] = field(default_factory=dict)

    def with_event(self, code: str, key: str = "") -> Memory:
        """One more event for the next Inform; one that stands there already is not told twice, but an M event is: two
        orders may have one key (TR-069 3.7.1.5, table 7)."""
        again = (code, key) in self.events and not code.startswith("M ")
        if again or len(self.events) >= MOST_EVENTS:
            return self
        return replace(self, events=(*self.events, (code, key)))

    def without(self, events: Events) -> Memory:
        """An ACS took these."""
        return replace(self, events=tuple(each for each in self.events if each not in events))

    def started(self, url: str, run: str) -> Memory:
        """The phone, or its ACS, may be another one than that which is remembered: as events. A new ACS begins with
        nothing of the one before."""
        memory = self
        if self.acs != url:
            boot = tuple(each for each in self.events if each[0] == BOOT)
            news = Memory(run=self.run, restarting=self.restarting)
            memory = replace(news, events=((BOOTSTRAP, ""), *boot))
        if memory.run != run:
            memory = memory.with_event(BOOT)
            for key in memory.restarting:
                memory = memory.with_event("M Reboot", key)
            memory = replace(memory, run=run, restarting=())
        return memory

    def with_own(self, key: str, own: Mapping[str, str]) -> Memory:
        """A SetParameterValues counts: its ParameterKey, and what of it is no setting."""
        code = own.get("provisioning_code", self.provisioning_code)
        moment = own.get("periodic_time", self.periodic_time)
        return replace(self, parameter_key=key, provisioning_code=code, periodic_time=moment)

    def with_transfer(self, before: Transfer, after: Transfer) -> Memory:
        """A transfer went on."""
        return replace(self, transfers=tuple(after if each is before else each for each in self.transfers))

    @property
    def ended(self) -> tuple[Transfer, ...]:
        """Transfers that the ACS is to be told of."""
        return tuple(each for each in self.transfers if each.step is Step.DONE)


def dumped(memory: Memory) -> bytes:
    """As JSON."""
    return json.dumps(asdict(memory)).encode()


def loaded(data: bytes) -> Memory:
    """Of JSON; a new one where it is none of ours."""
    try:
        found = json.loads(data)
        return _made(found)
    except (ValueError, TypeError, KeyError, RecursionError, AttributeError):
        return Memory()


def _made(found: Any) -> Memory:
    plain = {name: str(found[name]) for name in ("acs", "run", "parameter_key", "provisioning_code", "periodic_time")}
    return Memory(
        **plain,
        events=tuple((str(code), str(key)) for code, key in found["events"][:MOST_EVENTS]),
        transfers=tuple(_transfer(each) for each in found["transfers"]),
        scheduled=tuple((float(due), str(key)) for due, key in found["scheduled"]),
        reboot=tuple(map(str, found["reboot"])),
        restarting=tuple(map(str, found["restarting"])),
        reset=found["reset"] is True,
        attributes={str(path): int(level) for path, level in found["attributes"].items()},
        told={str(path): str(value) for path, value in found["told"].items()},
    )


def _transfer(found: dict[str, Any]) -> Transfer:
    """Of JSON; what a later version of the program keeps besides is skipped: an update may be undone."""
    known = {each.name: found[each.name] for each in fields(Transfer) if each.name in found}
    return Transfer(**{**known, "step": Step(found["step"])})
