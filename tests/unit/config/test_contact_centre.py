"""docs/provisioning.md: what a contact centre sets is obeyed, and shown by tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

from deskphone.config.known import KNOWN
from deskphone.config.registry import slots_of
from deskphone.config.settings import Settings

ROOT = Path(__file__).parents[3]


def test_every_setting_of_the_contact_centres_table_is_obeyed_and_its_tests_exist() -> None:
    text = (ROOT / "docs" / "provisioning.md").read_text("utf-8")
    table = text.partition("## The settings a contact centre sets")[2].partition("\nNot obeyed")[0]
    rows = [row.split("|")[1:3] for row in table.splitlines() if row.startswith("| `")]
    options = {slot.option.name: slot.option for slot in slots_of(Settings).values()}
    names = [name for named, _ in rows for name in re.findall("`([^`]+)`", named)]
    assert len(set(names)) == len(names) >= 40
    assert [name for name in names if name not in options or not options[name].behaviour] == []
    own = [option.behaviour for name, option in options.items() if not name.startswith("deskphone/")]
    read, recognised = len(own) - sum(own), len(KNOWN)
    count = (
        f"Of the {len(own) + recognised} names of the 420HD that are known here {sum(own)} are obeyed, {read} read, "
    )
    assert f"{count}{recognised} recognised" in " ".join(text.split())
    tests = [path for _, told in rows for path in told.replace(",", " ").split()]
    assert [path for path in tests if not (ROOT / path).exists()] == []
