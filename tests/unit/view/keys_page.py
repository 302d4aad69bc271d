"""docs/keys.md: every situation with a picture, its softkeys, and what each key does there, found out by pressing it.

Law: writes what it sees on the core bench. Run as `python tests/unit/view/keys_page.py`; `make golden` does so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from itertools import groupby

from deskphone.core import effects as fx
from deskphone.core import events as ev
from deskphone.core.moment import Moment
from deskphone.core.screen.commands import softkeys
from deskphone.core.screen.keys import KEYS
from deskphone.core.screen.situation import Situation, situation
from deskphone.core.screen.state import Presses
from deskphone.core.state import Phone
from deskphone.view.render import render
from tests.stories.bench import Story
from tests.stories.bench_core import CoreBench
from tests.unit.view.sheet import DOCS
from tests.unit.view.walks import WALKS

HEAD = """# Situations and keys
What the phone faces decides what a key means (`core/screen/situation.py`, first rule that fits). Here every situation
with each set of softkeys it has, as the display shows it, and what a press of each key leads to: what the phone asks of
the server, and the screen after it. Keys that do nothing there are left out. Found out by pressing them on the core
bench; `make golden` writes this page.
"""
ORDER = (
    *(f"soft{number}" for number in range(1, 5)), "ok", "cancel", "up", "down", "left", "right", "menu", "hold", "mute",
    "transfer", "redial", "voicemail", "contacts", "headset", "speaker", "volume_up", "volume_down", *"1*0#",
)  # fmt: skip
ORDERS = {
    fx.Answer: "answers", fx.Reject: "refuses the call", fx.Hangup: "ends the call", fx.Hold: "asks to hold",
    fx.Retrieve: "asks to resume", fx.Dial: "calls", fx.Transfer: "transfers", fx.SendDtmf: "sends the digit",
    fx.Restart: "restarts",
}  # fmt: skip


@cache
def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for where in Situation:
        found = [(name, bench) for name, bench in places() if situation(bench.phone) is where]
        if found:
            parts.append(f"## {where.value.capitalize()}")
            parts += [_place(name, bench) for name, bench in found]
    return "\n".join(parts)


def places() -> Iterable[tuple[str, CoreBench]]:
    """The first picture of each situation with each set of softkeys."""
    seen = set()
    for name, go in WALKS.items():
        bench = CoreBench()
        go(Story(bench))
        for key in bench.phone.keys_down:  # a picture taken with the finger on it
            bench.turn(ev.KeyUp(key))
        kind = situation(bench.phone), softkeys(bench.phone)
        if bench.phone.powered and bench.phone.notice is None and kind not in seen:
            seen.add(kind)
            bench.effects.clear()
            bench.effects_at.clear()
            yield name, bench


def _place(name: str, bench: CoreBench) -> str:
    lines = [
        f'<img src="../tests/unit/view/golden/{name}.png" width="384" alt="{name}">',
        "",
        "| key | leads to |",
        "|---|---|",
    ]
    said = [(key, _led_to(bench, key)) for key in ORDER if key in KEYS]
    for outcome, keys in groupby(said, key=lambda each: each[1]):
        labels = [_named(bench, key) for key, _ in keys]
        if outcome:
            lines.append(f"| {' '.join(labels)} | {outcome} |")
    return "\n".join([*lines, ""])


def _named(bench: CoreBench, key: str) -> str:
    label = bench.screen().softkeys[int(key[-1]) - 1] if key.startswith("soft") else ""
    return f"{label or f'`{key}`'}" if label else {"1": "`1` to `9`"}.get(key, f"`{key}`")


def _led_to(bench: CoreBench, key: str) -> str:
    """What a press does, in words; "" for nothing."""
    tried = bench.twin()
    tried.phone = replace(tried.phone, presses=Presses())  # by who has seen what the picture shows
    tried.press(key)
    if _essence(tried.phone) == _essence(bench.phone) and not any(type(each) in ORDERS for each in tried.effects):
        return ""
    asked = list(dict.fromkeys(ORDERS[type(each)] for each in tried.effects if type(each) in ORDERS))
    seen = render(tried.phone).screen
    rows = " / ".join(row.strip() for row in seen.words() if row.strip())
    screen = (
        f"**{seen.title}** {rows}".replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*").replace("\\*\\*", "**")
    )
    return "; ".join([*asked, screen])


def _essence(phone: Phone) -> Phone:
    """Without what every press leaves behind."""
    more = phone.more and bool(phone.open_calls)
    return replace(
        phone, now=Moment(), presses=Presses(), touched=True, dim_at=0.0, hands_off_at=0.0,
        more=more, letter_until=0.0, held_until=(), keys_down=(), rest_until=0.0,
    )  # fmt: skip


def main() -> None:
    """Write it."""
    (DOCS / "keys.md").write_text(page(), "utf-8")


if __name__ == "__main__":
    main()
