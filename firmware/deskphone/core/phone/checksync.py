"""NOTIFY check-sync: a fetch of the configuration or a restart, when the phone is idle, and never one after the other.

Law: a server may restart the phone a minute after its start. One that asks again within an hour of it waits twice as
long each time, up to an hour, over restarts: a phone is no use to a person while somebody restarts it for ever.
"""

from __future__ import annotations

import json

from deskphone.core.effects import FetchSettings, Restart, Store
from deskphone.core.events import CheckSync
from deskphone.core.moment import NEVER
from deskphone.core.turn import Turn

SECTION = "check-sync"
REST = 60.0  # seconds from power-on on in which no server may restart the phone
LONGEST = 3600.0  # seconds; the pause doubles up to this


def load(turn: Turn, text: str) -> None:
    """How long this run rests, as the one before left it. ValueError, KeyError or TypeError for another text."""
    pause = json.loads(text)["pause"]
    if isinstance(pause, bool) or not isinstance(pause, int | float) or not REST <= pause <= LONGEST:
        raise ValueError(f"pause: expected {REST:.0f} to {LONGEST:.0f} seconds, got {str(pause)[:20]}")
    turn.set(sync_pause=float(pause), rest_until=turn.after(pause))


def begin(turn: Turn) -> None:
    """At power-on: no server may restart the phone for REST seconds; `load` may make it more."""
    turn.set(sync_rests=True, sync_pause=REST, rest_until=turn.after(REST), started=turn.now.mono)


def asked(turn: Turn, event: CheckSync) -> None:
    """Fetch the configuration, or restart where the header or the settings ask for it.

    The wish waits in `sync_wanted` until the phone is idle and has rested. A restart once granted stays so, whatever is
    asked for after it.
    """
    forced = turn.phone.settings.check_sync.force_reboot
    restart = forced or event.reboot or turn.phone.sync_wanted == "restart"
    turn.set(sync_wanted="restart" if restart else "fetch")
    sender = f"server {event.server}" if event.server >= 0 else "a sender that knows the password"
    rests = f", not before {turn.phone.rest_until - turn.now.mono:.0f} s" if restart and turn.phone.sync_rests else ""
    turn.note(f"check-sync from {sender}: {turn.phone.sync_wanted} when idle{rests}")


def carry_out(turn: Turn) -> None:
    """The phone is idle: what was asked for, if its rest is over."""
    wanted = turn.phone.sync_wanted
    if not wanted or (wanted == "restart" and turn.phone.sync_rests):
        return
    turn.set(sync_wanted="")
    if wanted == "fetch":
        turn.do(FetchSettings("check-sync"))
        return
    pause = turn.phone.sync_pause
    again = turn.now.mono - turn.phone.started < max(LONGEST, 2 * pause)
    turn.do(Store(SECTION, json.dumps({"pause": min(LONGEST, 2 * pause) if again else REST})))
    turn.do(Restart(True, "check-sync"))


def rested(turn: Turn, _: None) -> None:
    """The phone was on for its pause: a server may restart it now."""
    turn.set(sync_rests=False, rest_until=NEVER)
