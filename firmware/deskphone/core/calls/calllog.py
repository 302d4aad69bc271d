"""The call log: missed, received, dialled; the missed count on the idle screen; the redial number.

Law: newest first, bounded, kept over power-off as JSON.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace

from deskphone.core.calls.state import CallState, Direction, LogEntry
from deskphone.core.effects import Store
from deskphone.core.events import CallEnded, Party
from deskphone.core.turn import Turn

KINDS = ("missed", "received", "dialled")


def add(turn: Turn, kind: str, remote: Party, at: int, duration: int = 0) -> None:
    """Put a call on top of the log. kind: one of KINDS. at: unix time it began. duration: seconds it was up."""
    entry = LogEntry(kind, remote.uri if not remote.number else remote.number, remote.name, at, duration)
    if any(each.kind == kind for each in turn.phone.log):  # who reads that list stays on the row they were at
        pages = (replace(each, cursor=each.cursor + 1) if each.name == kind else each for each in turn.phone.pages)
        turn.set(pages=tuple(pages))
    turn.set(log=(entry, *turn.phone.log)[: turn.phone.settings.calls.log_size])
    if kind == "missed":
        turn.set(missed=turn.phone.missed + 1)
    elif kind == "dialled":
        turn.set(redial=entry.number)
    keep(turn)


def ended(turn: Turn, event: CallEnded) -> None:
    """A call is over: which kind it was. What was refused before it rang is in the log already, or never."""
    call = turn.call(event.call)
    duration = call.length(turn.now.mono)
    if call.logged:
        return
    if call.own and not call.since:
        return  # the person's own desktop gave it up: nobody called
    if call.direction is Direction.OUT or call.own:
        add(turn, "dialled", call.asked or call.remote, call.began, duration)
    elif call.live or call.since or call.state is CallState.ENDING or event.answered_elsewhere:
        add(turn, "received", call.remote, call.began, duration)
    else:
        add(turn, "missed", call.remote, call.began)


def keep(turn: Turn) -> None:
    """Order that log, missed count and redial number be kept (JSON, section `calls`)."""
    entries = [asdict(entry) for entry in turn.phone.log]
    text = json.dumps({"log": entries, "missed": turn.phone.missed, "redial": turn.phone.redial})
    turn.do(Store("calls", text))


def load(turn: Turn, text: str) -> None:
    """At power-on: a kept log (JSON); an entry of an unknown kind is left out. ValueError, KeyError or TypeError for
    another text."""
    kept = json.loads(text)
    entries = tuple(
        LogEntry(str(each["kind"]), str(each["number"]), str(each["name"]), int(each["at"]), int(each["duration"]))
        for each in kept["log"][: turn.phone.settings.calls.log_size]
        if each.get("kind") in KINDS
    )
    turn.set(log=entries, missed=int(kept["missed"]), redial=str(kept["redial"]))


def seen(turn: Turn) -> None:
    """The missed calls were looked at: their count is 0, and kept so."""
    if turn.phone.missed:
        turn.set(missed=0)
        keep(turn)


def clear(turn: Turn) -> None:
    """Delete the log; the redial number goes with it."""
    turn.set(log=(), missed=0, redial="")
    keep(turn)
