"""docs/walk.md: the walk of `guide_walk_desk` gone on the core bench, with what the screen says at each step.

Law: writes what it sees. Run as `python tests/unit/view/walk_page.py`; `make golden` does so.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from tests.stories.bench import Story
from tests.stories.bench_core import CoreBench
from tests.unit.view.guide_walk import POOL, POOL_NAME, Part, Step
from tests.unit.view.guide_walk_desk import PARTS
from tests.unit.view.sheet import DOCS

HEAD = """# A walk through the guide
What a person does under every heading of the guide of the 420HD, key by key, and what the screen says then. The phone
goes this way each time the tests run: the page is what it showed. Keys are named as the panel names them; behind a
softkey stands its label. The screen is written as **title**, rows, [softkeys], and the marks of the status bar
([what they mean](screens.md)); then what is heard. `make golden` writes this page.
"""
Doing = tuple[str, Callable[[Story], object]]


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *(line for each in PARTS for line in _part(each))])


def _part(of: Part) -> list[str]:
    lines = [f"## {of.heading}"]
    if of.note:
        lines.append(of.note)
    if not of.steps:
        return [*lines, ""]
    bench = CoreBench()
    phone = Story(bench)
    phone.agents(agent7001="1234")
    bench.server.names[POOL_NAME] = POOL
    if of.settings:
        lines.append("With " + ", ".join(f"`{name.replace('__', '/')}={value}`" for name, value in of.settings) + ":")
    lines += ["", "| # | what is done | what the screen says |", "|---|---|---|"]
    bench.power_on(**dict(of.settings))
    for number, step in enumerate(of.steps, 1):
        said = _done(phone, step)
        lines.append(f"| {number} | {said} | {_seen(bench)} |")
    assert not bench.illegal, f"{of.heading}: {bench.illegal}"
    return [*lines, ""]


def _done(phone: Story, step: Step) -> str:
    """Do it, and say what was done."""
    if len(step) == 2 and callable(step[1]):
        words, act = cast(Doing, step)
        act(phone)
        return words
    said = []
    for key in cast(tuple[str, ...], step):
        label = phone.screen().softkeys[int(key[-1]) - 1] if key.startswith("soft") else ""
        said.append(f"`{key}` {label}".strip() if label else f"`{key}`")
        phone.press(key)
    return " ".join(said)


def _seen(bench: CoreBench) -> str:
    seen, state = bench.screen(), bench.state()
    rows = " / ".join(row.strip() for row in seen.rows if row.strip())
    keys = ", ".join(label for label in seen.softkeys if label)
    heard = f" *{state['tone']}*" if state["tone"] else ""
    text = f"**{seen.title}** {rows} [{keys}] {' '.join(seen.marks)}".strip() + heard
    return text.replace("|", "\\|").replace("<", "&lt;")


def main() -> None:
    """Write it."""
    (DOCS / "walk.md").write_text(page(), "utf-8")


if __name__ == "__main__":
    main()
