"""What is written back: the dump, the reference page and the command."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from deskphone.app import config_command
from deskphone.config import cli, without_effect
from deskphone.config.known import KNOWN
from deskphone.config.layers import SECTIONS, Layer, Layers
from deskphone.config.reader import read
from deskphone.config.reference import page
from deskphone.config.registry import changed, slots_of
from deskphone.config.settings import Secret, Settings
from deskphone.config.writer import dump
from tests.layers import of_file

ROOT = Path(__file__).parents[3]
SECRET = changed(
    Settings(),
    {("line", 0, "auth_password"): Secret("hunter2"), ("line", 0, "id"): "1502"},
)


def test_the_dump_is_one_line_a_setting_in_alphabetical_order() -> None:
    names = [line.partition("=")[0] for line in dump(Settings()).splitlines()]
    assert names == sorted(slots_of(Settings))


def test_the_dump_masks_secrets_unless_asked() -> None:
    assert "hunter2" not in dump(SECRET)
    assert "voip/line/0/auth_password=***\n" in dump(SECRET)
    assert "voip/line/0/auth_password=hunter2\n" in dump(SECRET, secrets=True)


def test_the_dump_hides_the_password_in_a_url_and_reads_its_own_mask_as_no_change() -> None:
    base = changed(
        Settings(),
        {
            (
                "provisioning",
                "configuration_url",
            ): "https://me:hunter2@p.example/<MAC>.cfg"
        },
    )
    text = dump(base)
    assert "hunter2" not in text and "provisioning/configuration/url=https://***@p.example/<MAC>.cfg\n" in text
    assert read(text.encode(), "dump", of_file(base)).settings == base


def test_what_was_dumped_reads_back_as_the_same() -> None:
    assert read(dump(SECRET, secrets=True).encode(), "dump").settings == SECRET
    assert read(dump(SECRET).encode(), "dump", of_file(SECRET)).settings == SECRET


def test_the_short_dump_holds_only_what_differs() -> None:
    assert dump(SECRET, only_changed=True) == "voip/line/0/auth_password=***\nvoip/line/0/id=1502\n"


def test_the_reference_page_in_docs_is_up_to_date() -> None:
    committed = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert committed == page(), "run: deskphone config reference > docs/configuration.md"


def test_the_reference_page_names_every_setting_and_says_which_have_no_behaviour_yet() -> None:
    text = page()
    for option in {slot.option.name: slot.option for slot in slots_of(Settings).values()}.values():
        row = next(line for line in text.splitlines() if line.startswith(f"| `{option.name}`"))
        why = "" if option.behaviour else f": {without_effect.reason(option.name)}"
        status = ("works" if option.behaviour else "read") + ", restart" * option.restart + why
        assert row.rstrip("| ").endswith(status.rstrip("| "))
    assert f"{len(KNOWN)} further names" in text


def run(*words: str) -> int:
    """`deskphone config ...` as the program calls it."""
    parser = argparse.ArgumentParser("deskphone")
    config_command.add_parser(parser.add_subparsers(required=True))
    args = parser.parse_args(["config", *words])
    code: int = args.run(args)
    return code


def test_dump_prints_the_whole_configuration_and_no_secret(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.cfg"
    file.write_text("voip/line/0/auth_password=hunter2\nvoip/line/0/auth_name=1502\n")
    assert run("dump", str(file)) == cli.EX_OK
    out = capsys.readouterr().out
    assert "voip/line/0/auth_name=1502\n" in out and "hunter2" not in out
    assert len(out.splitlines()) == len(slots_of(Settings))
    assert run("dump", "--secrets", "--changed", str(file)) == cli.EX_OK
    assert capsys.readouterr().out == "voip/line/0/auth_name=1502\nvoip/line/0/auth_password=hunter2\n"


def test_dump_without_a_file_prints_the_defaults(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("dump") == cli.EX_OK
    assert capsys.readouterr().out == dump(Settings())


@pytest.fixture
def phone_folder(tmp_path: Path) -> Path:
    """What a phone keeps: a file's values, the administrator's, the person's."""
    (tmp_path / "last-good.cfg").write_text("deskphone/volume/ring=3\nvoip/line/0/auth_password=hunter2\n")
    layers = Layers().with_file({"deskphone/volume/ring": 3})
    layers, _ = layers.set(
        Layer.ADMINISTRATOR,
        "provisioning/configuration/url",
        "http://jo:secret@boot.example/a.cfg",
    )
    layers, _ = layers.set(Layer.PERSON, "deskphone/volume/ring", 9)
    for layer, section in SECTIONS.items():
        (tmp_path / f"{section}.json").write_text(layers.dump(layer))
    return tmp_path


def test_dump_tells_whose_each_value_is(phone_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("dump", "--origin", "--data", str(phone_folder)) == cli.EX_OK
    out = capsys.readouterr().out
    assert "deskphone/volume/ring=9 ; person, over 3\n" in out
    assert "voip/line/0/auth_password=*** ; file\n" in out and "hunter2" not in out
    assert "provisioning/configuration/url=http://***@boot.example/a.cfg ; administrator, over nothing\n" in out
    assert "deskphone/volume/speaker=6 ; factory\n" in out
    again = read(out.encode(), "dumped").settings
    assert again is not None and again.volume.ring == 9, "the text is a configuration file still"


def test_dump_of_a_phones_folder_prints_what_is_in_force(
    phone_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("dump", "--changed", "--data", str(phone_folder)) == cli.EX_OK
    assert "deskphone/volume/ring=9\n" in capsys.readouterr().out
    (phone_folder / "settings-person.json").write_text("{")
    assert run("dump", "--changed", "--data", str(phone_folder)) == cli.EX_OK
    told = capsys.readouterr()
    assert "deskphone/volume/ring=3\n" in told.out and "settings-person: expected the JSON of a layer" in told.err


def test_another_file_under_what_was_set_on_the_phone(phone_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = phone_folder / "new.cfg"
    file.write_text("deskphone/volume/ring=5\n")
    assert run("dump", "--origin", "--changed", "--data", str(phone_folder), str(file)) == cli.EX_OK
    told = capsys.readouterr()
    assert "deskphone/volume/ring=5 ; file\n" in told.out
    assert "settings-person: deskphone/volume/ring: the layer below changed, dropped" in told.err


def test_an_empty_folder_is_a_phone_as_delivered_and_no_folder_is_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("dump", "--data", str(tmp_path)) == cli.EX_OK
    assert capsys.readouterr().out == dump(Settings())
    assert run("dump", "--data", str(tmp_path / "gone")) == cli.EX_NOINPUT


def test_reference_prints_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("reference") == cli.EX_OK
    assert capsys.readouterr().out == page()
