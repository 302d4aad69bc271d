"""Updates: when a new version is installed, when the device restarts into it, and whether its start was good.

Law: decides; the image's updater does it and says how far it is (docs/updates.md). Nothing begins while a person has
something in hand, and no restart while calls are dealt to the agent here: the phone would be away when one comes. A
registration is no part of being well: a server that is down must not undo an update.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from deskphone.config.schema.words import UpdateRestart
from deskphone.core.agent.state import Presence
from deskphone.core.deadlines import Deadline
from deskphone.core.effects import InstallUpdate, MarkGood, RestartDevice
from deskphone.core.events import FirmwareOffered, UpdateTold
from deskphone.core.moment import NEVER
from deskphone.core.phone import settings
from deskphone.core.phone.update_state import Update, UpdateStep
from deskphone.core.state import Phone
from deskphone.core.turn import IllegalEvent, Turn

WELL = 60.0  # seconds that the loop has to live before a start is good
AGAIN = 5.0  # seconds between two looks after that
PATIENCE = 600.0  # seconds from power-on on after which a trial that is not well is given up
NIGHT = 120  # minutes from the hour of the settings on in which NIGHT restarts
TOLD = frozenset(map(str, UpdateStep)) - {UpdateStep.ASKED, UpdateStep.RESTARTING}  # the others are the phone's own
AT_WORK = frozenset((Presence.LOGGED_ON, Presence.READY, Presence.AFTER_CALL_WORK))
"""The agent gets calls, or will without a touch of his: after-call work ends in Ready by the server's clock."""
DISPLAY = "display"  # as its driver is called
UNNAMED = frozenset((UpdateStep.ASKED, UpdateStep.INSTALLING))
"""Until the updater has read the bundle it names no version: what it says is about the one that was asked for."""
BUSY = frozenset(UpdateStep) - {UpdateStep.NONE, UpdateStep.FAILED, UpdateStep.GOOD, UpdateStep.ROLLED_BACK}


def offered(turn: Turn, event: FirmwareOffered) -> None:
    """A bundle whose announcement is good lies ready: wanted, but not again after its trial failed."""
    update = turn.phone.update
    if not update.there or event.outcome != "verified" or (event.version == update.version and update.step in BUSY):
        return
    if event.version == update.rolled_back:
        turn.note(f"firmware {event.version}: not installed again, its trial did not end well", "warning")
        return
    _set(turn, wanted=event.version)


def told(turn: Turn, event: UpdateTold) -> None:
    """The updater's word on how far it is. IllegalEvent for a step that is none of its own."""
    if event.step not in TOLD:
        raise IllegalEvent(f"update: expected a step of the updater, got {event.step[:20]!r}")
    step = UpdateStep(event.step)
    update = turn.phone.update
    version = event.version or (update.version if update.step in UNNAMED else "")
    news = (step, version) != (update.step, update.version)
    _set(turn, there=True, step=step, version=version, percent=event.percent, detail=event.detail)
    if step is UpdateStep.ROLLED_BACK:
        _set(turn, rolled_back=version)
    if step is UpdateStep.TRIAL and news:
        _set(turn, look_at=max(turn.now.mono, turn.phone.started + WELL), give_up_at=turn.phone.started + PATIENCE)
    elif step is UpdateStep.TRIAL and event.detail:  # it could not be marked
        _set(turn, look_at=turn.after(AGAIN))
    if step is not UpdateStep.TRIAL:
        _set(turn, look_at=NEVER, give_up_at=NEVER)
    if news and step is not UpdateStep.NONE:
        bad = step in (UpdateStep.FAILED, UpdateStep.ROLLED_BACK)
        text = f"update to {version}: {step}" + (f": {event.detail}" if event.detail else "")
        turn.note(text, "error" if bad else "info")


def carry_out(turn: Turn) -> None:
    """Nobody has anything in hand: install what waits; restart into what is installed, if the settings say now."""
    update = turn.phone.update
    if update.step is UpdateStep.INSTALLED and not update.wanted:
        if not _restart_waits_for(turn.phone):
            _restart(turn, f"update to {update.version}")
    elif update.wanted and update.step not in BUSY - {UpdateStep.INSTALLED}:
        _set(turn, step=UpdateStep.ASKED, version=update.wanted, percent=0, detail="", wanted="")
        turn.do(InstallUpdate(update.wanted))


def _restart_waits_for(phone: Phone) -> str:
    """What a restart into an update has to wait for, "" for nothing: a person, the agent, or the owner's rule, which is
    as soon as the phone is idle, or the hours of the night that the settings name."""
    if settings.occupied(phone):
        return "idle"
    if _agent_at_work(phone):
        return "agent"
    rule, clock = phone.settings.update, phone.clock
    minute = (clock.hour * 60 + clock.minute - rule.night_time) % (24 * 60)
    at_night = clock.year >= 2020 and minute < NIGHT
    return "" if rule.restart is UpdateRestart.IDLE or at_night else "night"


def _in_use(phone: Phone) -> bool:
    return settings.occupied(phone) or _agent_at_work(phone)


def _agent_at_work(phone: Phone) -> bool:
    return any(seat.presence in AT_WORK for seat in phone.agent.seats)


def _restart(turn: Turn, why: str) -> None:
    _set(turn, step=UpdateStep.RESTARTING)
    turn.do(RestartDevice(why))


def lacks(phone: Phone) -> str:
    """What a start lacks to be good, as far as the state knows, "" for nothing; the user agent's beat is asked for by
    who performs MarkGood."""
    failed = dict(phone.failed_parts)
    if DISPLAY in failed:
        return f"display: {failed[DISPLAY]}"
    if not (phone.accepted or phone.layers.file):
        return "settings: expected accepted or kept ones, got none"
    return ""


def _look(turn: Turn, _: None) -> None:
    """The loop has lived for a minute: is the trial well? If not it is asked again, and given up in the end."""
    why = lacks(turn.phone)
    if not why:
        _set(turn, look_at=NEVER, give_up_at=NEVER, detail="")
        turn.do(MarkGood())
        return
    if why != turn.phone.update.detail:
        turn.note(f"the trial of {turn.phone.update.version} is not good yet: {why}", "warning")
    _set(turn, look_at=turn.after(AGAIN), detail=why)
    if turn.now.mono >= turn.phone.update.give_up_at and not _in_use(turn.phone):
        _set(turn, look_at=NEVER, give_up_at=NEVER)
        _restart(turn, f"the trial of {turn.phone.update.version} is given up: {why}")


def _set(turn: Turn, **changes: Any) -> None:
    turn.set(update=replace(turn.phone.update, **changes))


def report(phone: Phone) -> dict[str, object]:
    """How far it is as plain values (JSON types), for machines."""
    update: Update = phone.update
    return {
        "step": str(update.step),
        "version": update.version,
        "percent": update.percent,
        "detail": update.detail,
        "waits_for_idle": update.wanted,
        "restart_waits_for": _restart_waits_for(phone) if update.step is UpdateStep.INSTALLED else "",
        "rolled_back": update.rolled_back,
    }


DEADLINES = (Deadline("good start", lambda phone: ((phone.update.look_at, None),), _look),)
