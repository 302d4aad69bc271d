"""A thousand power cuts while the stores are written: each is then the old one or the new one, and never neither."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from deskphone.app import configuration
from deskphone.app.store import Store
from deskphone.config.layers import Layer, Layers
from deskphone.provision import known, typed_login
from tests.cuts import model, scenario

pytestmark = [pytest.mark.slow, pytest.mark.needs("strace")]
CUTS = 1_000
GENERATIONS = 12
SEED = 14


def traced(folder: Path, *arguments: str) -> list[model.Call]:
    """What the scenario asked of the kernel; standard output is where it says that a generation is written."""
    data, trace = folder / "data", folder / "trace"
    command = ["strace", "-f", "-y", "-xx", "-s", "1000000", "-e", f"trace={model.CALLS}", "-o", str(trace)]
    program = [sys.executable, "-m", "tests.cuts.scenario", str(data), str(GENERATIONS), *arguments]
    done = subprocess.run(
        [*command, *program], capture_output=True, text=True, check=False, timeout=300, cwd=Path(__file__).parents[2]
    )
    assert done.returncode == 0, done.stderr
    return model.read_trace(trace.read_text(), data)


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[model.Call], Path]:
    folder = tmp_path_factory.mktemp("stores")
    return traced(folder), folder / "data"


def numbers(data: Path) -> dict[str, int | None]:
    """The generation that each store is of, read by the product's own readers; None: it reads as nothing."""
    layers, login, at = configuration.kept(data), typed_login.load(data), known.load(data).at
    sections = dict(Store(data).load())
    line = next((each for each in layers.file if each.name == "voip/line/0/id"), None) if layers else None
    person, _ = (
        Layers().load(Layer.PERSON, sections["settings-person"]) if "settings-person" in sections else (None, ())
    )
    return {
        "settings": int(str(line.value)) if line else None,
        "login": int(login.user) if login and login.password.reveal() == f"secret-{login.user}" else None,
        "known": at or None,
        "person": person.settings.volume.handset if person else None,
        "calls": json.loads(sections["calls"])["number"] if "calls" in sections else None,
    }


def generation(calls: list[model.Call], at: int) -> int:
    """The last one that was told to be written before that call."""
    return max((call.done for call in calls[:at] if call.kind == "told"), default=scenario.FIRST - 1)


def fits(store: str, found: int | None, written: int) -> bool:
    """Old (all of `written`) or new; before the first one nothing is old."""
    allowed: set[int | None] = {written, written + 1} if written >= scenario.FIRST else {None, scenario.FIRST}
    if store == "person":
        return found in {each % 11 if each is not None else None for each in allowed}
    return found in allowed


def wrong(calls: list[model.Call], data: Path, place: Path, cuts: int, ordered: bool) -> Counter[str]:
    """How many stores were neither old nor new after so many cuts, by store."""
    chance, found = Random(SEED + ordered), Counter[str]()
    first = next(place for place, call in enumerate(calls) if call.kind == "create")
    for _ in range(cuts):
        at = chance.randint(first, len(calls))
        model.cut(calls, at, chance, ordered).lay_out(place, data)
        written = generation(calls, at)
        try:
            said = numbers(place)
        except (ValueError, KeyError, TypeError):
            found["cannot be read"] += 1
            continue
        found.update(store for store, number in said.items() if not fits(store, number, written))
    return found


def test_the_trace_has_what_a_safe_store_does(calls: tuple[list[model.Call], Path]) -> None:
    kinds = Counter(call.kind for call in calls[0])
    files = 6 * GENERATIONS
    assert kinds["told"] == GENERATIONS
    assert kinds["create"] == kinds["rename"] == kinds["fsync"] == kinds["syncdir"] == files


@pytest.mark.parametrize("ordered", [True, False], ids=["writes in order", "writes out of order"])
def test_after_a_cut_each_store_is_old_or_new(
    calls: tuple[list[model.Call], Path], tmp_path: Path, ordered: bool
) -> None:
    assert wrong(calls[0], calls[1], tmp_path / "card", CUTS // 2, ordered) == Counter()


def test_without_fsync_the_cuts_tell_the_difference(tmp_path: Path) -> None:
    careless = traced(tmp_path, "careless")
    assert not any(call.kind == "fsync" for call in careless)
    found = wrong(careless, tmp_path / "data", tmp_path / "card", 100, ordered=False)
    assert found.total() > 20
