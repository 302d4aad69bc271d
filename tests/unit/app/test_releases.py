"""What one release kept on /data is read by the next one, and by the one before when an update was undone.

kept-0.1.0/ is what release 0.1.0 wrote. The law: a store only grows by what older readers skip; what cannot, gets
another name, and the old one is written beside it for one release (docs/updates.md).
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from deskphone.app import configuration
from deskphone.app.store import Store
from deskphone.config.layers import Layer, Layers
from deskphone.core import effects as fx
from deskphone.core import events as ev
from deskphone.core.calls import calllog
from deskphone.core.calls.state import LogEntry
from deskphone.core.moment import Moment
from deskphone.core.reduce import reduce
from deskphone.core.screen import directory
from deskphone.core.state import Contact, Phone
from deskphone.core.turn import Turn
from deskphone.provision import known, typed_login

KEPT = Path(__file__).parent / "kept-0.1.0"
SECTIONS = sorted(path.stem for path in KEPT.glob("*.json"))


def started(data: Path) -> tuple[Phone, list[str]]:
    """A phone that starts with this data folder, and what it complains of."""
    layers = configuration.kept(data)
    assert layers is not None
    power_on = ev.PowerOn(layers, Store(data).load(), "0.1.0", "02:00:00:00:15:02")
    phone, effects = reduce(Phone(), power_on, Moment(1_000.0, 1_790_000_100.0))
    return phone, [each.text for each in effects if isinstance(each, fx.Journal) and each.level != "info"]


def what_it_knows(phone: Phone) -> dict[str, Any]:
    settings = phone.settings
    return {
        "file": settings.line[0].id, "person": settings.volume.ring, "administrator": settings.volume.speaker,
        "calls": (phone.log, phone.missed, phone.redial), "contacts": phone.contacts, "login": phone.last_login.user,
        "check-sync": phone.sync_pause, "proxy": phone.sites.active,
    }  # fmt: skip


LOG = (LogEntry("missed", "0301234567", "Jane", 1_790_000_001), LogEntry("dialled", "1777", "", 1_790_000_002, 61))
WAS = {
    "file": "1502", "person": 9, "administrator": 3, "calls": (LOG, 1, "1777"),
    "contacts": (Contact("Jane", "0301234567", "Ring 2"), Contact("Bob", "1777")), "login": "7001",
    "check-sync": 120.0, "proxy": 1,
}  # fmt: skip


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return Path(shutil.copytree(KEPT, tmp_path / "data"))


def test_what_the_release_before_kept_is_read(data: Path) -> None:
    phone, complaints = started(data)
    assert what_it_knows(phone) == WAS and complaints == []
    assert known.load(data) == known.Known(
        "https://prov.example/1502.cfg", "ab" * 32, '"e1"', 1_790_000_000, "0.1.0", ("line 3: x",), 2
    )
    login = typed_login.load(data)
    assert login is not None and (login.user, login.password.reveal()) == ("agent", "typed")


def grown(value: Any) -> Any:
    """The same with another field in each object, as a later release may write it."""
    if isinstance(value, dict):
        return {**{name: grown(each) for name, each in value.items()}, "of_later": ["x", {"y": 1}]}
    return [grown(each) for each in value] if isinstance(value, list) else value


def test_what_the_next_release_adds_is_skipped_when_an_update_is_undone(data: Path) -> None:
    for path in (*data.glob("*.json"), data / "provisioning.state", data / "provisioning.login"):
        path.write_text(json.dumps(grown(json.loads(path.read_text()))))
    with (data / "last-good.cfg").open("a") as file:
        file.write("deskphone/of_later/setting=7\n")
    phone, complaints = started(data)
    assert what_it_knows(phone) == WAS
    assert all("of_later" in each for each in complaints)
    assert known.load(data).at == 1_790_000_000
    assert typed_login.load(data) is not None


def written_now(data: Path) -> dict[str, Any]:
    """The same state, as this release writes it."""
    phone, _ = started(data)
    turn = Turn(phone)
    calllog.keep(turn)
    directory._set(turn, phone.contacts)
    texts = {each.section: each.text for each in turn.effects if isinstance(each, fx.Store)}
    texts["settings-person"] = phone.layers.dump(Layer.PERSON)
    texts["settings-administrator"] = phone.layers.dump(Layer.ADMINISTRATOR)
    return {section: json.loads(text) for section, text in texts.items()}


def covers(new: Any, old: Any) -> bool:
    """Whether a reader of the old form finds in the new one all that it read, of the same kind."""
    if isinstance(old, dict):
        return isinstance(new, dict) and all(name in new and covers(new[name], each) for name, each in old.items())
    if isinstance(old, list):
        return isinstance(new, list) and len(new) == len(old) and all(map(covers, new, old))
    return type(new) is type(old) and new == old


def test_the_release_before_reads_what_this_one_writes(data: Path) -> None:
    now = written_now(data)
    for section, new in now.items():
        assert covers(new, json.loads((KEPT / f"{section}.json").read_text())), section
    assert {"calls", "contacts", "settings-person", "settings-administrator"} == now.keys()
    layers = configuration.kept(data)
    assert layers is not None
    configuration.keep(data, layers, b"")
    old, new = ((folder / "last-good.cfg").read_text().splitlines() for folder in (KEPT, data))
    assert set(old) <= set(new)


@pytest.mark.parametrize("section", SECTIONS)
def test_one_store_that_cannot_be_read_costs_itself_alone(data: Path, section: str) -> None:
    (data / f"{section}.json").write_text('{"another": "form"}')
    phone, complaints = started(data)
    short = {"settings-person": "person", "settings-administrator": "administrator"}.get(section, section)
    now = what_it_knows(phone)
    assert {name: each for name, each in now.items() if name != short} == {
        name: each for name, each in WAS.items() if name != short
    }
    assert complaints and now[short] != WAS[short]


def test_a_layer_of_a_later_version_is_read_as_far_as_it_is_known() -> None:
    kept = json.loads((KEPT / "settings-person.json").read_text())
    layers, notes = (
        Layers()
        .with_file({"deskphone/volume/ring": 6})
        .load(Layer.PERSON, json.dumps({**kept, "version": kept["version"] + 1}))
    )
    assert layers.settings.volume.ring == 9 and notes == ()
