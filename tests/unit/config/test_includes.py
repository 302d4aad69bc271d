"""One file for the floor and one for the desk: includes, and what must not become of them."""

from __future__ import annotations

import pytest

from deskphone.config.lines import Elsewhere, resolve
from deskphone.config.reader import read
from deskphone.config.result import ReadResult, Verdict
from tests.unit.config.family import ACCOUNT


class Shelf:
    """Files by name; remembers what was asked for."""

    def __init__(self, **files: str) -> None:
        self.files = {name.replace("__", "/").replace("_cfg", ".cfg"): text for name, text in files.items()}
        self.asked: list[str] = []

    def fetch(self, reference: str) -> bytes:
        self.asked.append(reference)
        if reference not in self.files:
            raise FileNotFoundError(2, "No such file or directory", reference)
        return self.files[reference].encode()

    def read(self, name: str) -> ReadResult:
        return read(self.files[name].encode(), name, fetch=self.fetch)


def test_a_desk_file_takes_the_floors_settings_and_has_the_last_word() -> None:
    shelf = Shelf(
        desk_cfg="include floor.cfg\nvoip/line/0/id=1502\n",
        floor_cfg="voip/line/0/id=none\nvoip/talk_event/enabled=1\n",
    )
    settings = shelf.read("desk.cfg").settings
    assert settings is not None and settings.line[0].id == "1502" and settings.talk_event.enabled


def test_an_include_below_wins_over_lines_above_it() -> None:
    shelf = Shelf(desk_cfg="voip/line/0/id=1502\nINCLUDE floor.cfg", floor_cfg="voip/line/0/id=floor")
    settings = shelf.read("desk.cfg").settings
    assert settings is not None and settings.line[0].id == "floor"


def test_a_mistake_in_an_included_file_is_reported_with_that_files_name_and_line() -> None:
    shelf = Shelf(desk_cfg="include floor.cfg", floor_cfg="\nvoip/signalling/sip/proxy_port=80")
    result = shelf.read("desk.cfg")
    assert result.verdict is Verdict.PARTLY
    assert str(result.errors[0]).startswith("floor.cfg:2: voip/signalling/sip/proxy_port: expected")


def test_a_missing_file_is_an_error_of_the_line_that_asks_for_it() -> None:
    result = Shelf(desk_cfg="\ninclude gone.cfg").read("desk.cfg")
    assert [str(error) for error in result.errors] == [
        "desk.cfg:2: include: expected gone.cfg, got No such file or directory"
    ]


def test_rules_between_settings_keep_quiet_while_a_part_is_missing() -> None:
    result = Shelf(desk_cfg="include gone.cfg\nvoip/signalling/sip/use_proxy=1\nvoip/line/0/id=7").read("desk.cfg")
    assert [error.key for error in result.errors] == ["include"]
    assert result.warnings == () and result.serverless == ""
    assert result.settings is not None and result.settings.line[0].id == "7", "the rest is in force"


def test_a_loop_is_found_and_drawn() -> None:
    result = Shelf(a_cfg="include b.cfg", b_cfg="include ./a.cfg").read("a.cfg")
    assert "b.cfg:1: include: expected no loop, got a.cfg again: a.cfg > b.cfg > a.cfg" in str(result.errors[0])


def test_one_file_may_be_included_twice_where_there_is_no_loop() -> None:
    shelf = Shelf(a_cfg="include b.cfg\ninclude b.cfg", b_cfg="voip/line/0/id=7")
    assert shelf.read("a.cfg").settings is not None


def test_eight_files_inside_each_other_are_read_and_a_ninth_is_not() -> None:
    files = {f"f{number}_cfg": f"include f{number + 1}.cfg" for number in range(9)}
    eight = Shelf(**files, f9_cfg="")
    eight.files["f8.cfg"] = "voip/line/0/id=deep"
    settings = eight.read("f0.cfg").settings
    assert settings is not None and settings.line[0].id == "deep"
    result = Shelf(**files, f9_cfg="").read("f0.cfg")
    assert "f8.cfg:1: include: expected at most 8 files inside each other" in str(result.errors[0])


def test_files_that_double_at_every_step_end_soon() -> None:
    files = {f"f{number}_cfg": f"include f{number + 1}.cfg\n" * 4 for number in range(8)}
    shelf = Shelf(**files, f8_cfg="")
    result = shelf.read("f0.cfg")
    assert "expected at most 64 included files" in result.report()
    assert len(shelf.asked) == 64


def test_without_a_way_to_fetch_an_include_is_an_error() -> None:
    result = read(b"include floor.cfg", "desk.cfg")
    assert "expected a file that can be had here, got floor.cfg" in str(result.errors[0])


def test_a_reason_with_line_breaks_stays_on_one_line() -> None:
    def fetch(reference: str) -> bytes:
        raise ValueError("401\r\nEvil: header\x1b[2J")

    result = read(b"include floor.cfg", "desk.cfg", fetch=fetch)
    assert str(result.errors[0]).isprintable()


@pytest.mark.parametrize(
    ("reference", "base", "target"),
    [
        ("floor.cfg", "desk.cfg", "floor.cfg"),
        ("..\\floor.cfg", "http://p.example/a/desk.cfg", "http://p.example/floor.cfg"),
        ("floor.cfg", "/data/desk.cfg", "/data/floor.cfg"),
        ("../floor.cfg", "/data/a/desk.cfg", "/data/floor.cfg"),
        ("floor.cfg", "http://p.example/a/desk.cfg", "http://p.example/a/floor.cfg"),
        ("/floor.cfg", "https://p.example/a/desk.cfg", "https://p.example/floor.cfg"),
        ("floor.cfg", "tftp://p.example/a/desk.cfg", "tftp://p.example/a/floor.cfg"),
        ("http://q.example/f.cfg", "/data/desk.cfg", "http://q.example/f.cfg"),
        ("/etc/shadow", "http://p.example/desk.cfg", "http://p.example/etc/shadow"),
    ],
)
def test_a_reference_is_relative_to_the_file_it_stands_in(reference: str, base: str, target: str) -> None:
    assert resolve(reference, base) == target


@pytest.mark.parametrize("reference", ["file:///etc/shadow", "gopher://x/y", "a\x07b", "x" * 600])
def test_a_reference_to_elsewhere_is_refused(reference: str) -> None:
    result = read(f"include {reference}".encode(), "http://p.example/desk.cfg", fetch=lambda _: b"")
    assert result.settings is None and result.errors[0].key == "include"


@pytest.mark.parametrize(
    "line",
    [
        "include = common.cfg",
        "include: common.cfg",
        "INCLUDE=common.cfg",
        "include common.cfg # for the floor",
        "include common.cfg // for the floor",
        "include\t'common.cfg' ; for the floor",
        "include <common.cfg>",
        "include ./more/../common.cfg",
        "include common.cfg;",
        "include common.cfg,  ",
        "include common.cfg -- for the floor",
        "include common.cfg /* for the floor */",
        "include common.cfg <!-- for the floor -->",
        "include \u201ccommon.cfg\u201d",
        "\u200binclude common.cfg",
        "include\u00a0common.cfg\u200e",
        "include .\\common.cfg",
        "@include common.cfg",
        "$INCLUDE common.cfg",
        "%include 'common.cfg'",
        ".include common.cfg",
        "include(common.cfg)",
        "include ('common.cfg'); // for the floor",
        '@include("common.cfg");',
    ],
)
def test_an_include_is_found_however_it_is_written(line: str) -> None:
    asked = list[str]()

    def fetch(reference: str) -> bytes:
        asked.append(reference)
        return b"voip/line/0/id=4101\n"

    result = read(f"{line}\n".encode(), "http://s/phones/a.cfg", None, fetch)
    assert asked == ["http://s/phones/common.cfg"] and not result.errors
    assert result.settings is not None and result.settings.line[0].id == "4101"


@pytest.mark.parametrize("line", ["#include common.cfg", '#include "common.cfg"', "#include <common.cfg>"])
def test_an_include_of_c_is_a_comment_and_said_to_be_one(line: str) -> None:
    result = read(f"{ACCOUNT}{line}\n# include what the floor needs.\n#include the rest\n".encode(), "a.cfg")
    assert not result.errors
    assert [str(each) for each in result.warnings if each.key == "include"] == [
        f"a.cfg:{ACCOUNT.count(chr(10)) + 1}: include: with # it is a comment: nothing is included"
    ]


@pytest.mark.parametrize("what", ["missing", "a page", "elsewhere", "nothing", "a loop"])
def test_a_login_in_an_include_is_told_to_nobody(what: str) -> None:
    url = "http://desk:geheim@s/a.cfg"

    def fetch(reference: str) -> bytes:
        if what == "missing":
            raise OSError(2, "no such file")
        if what == "elsewhere":
            raise Elsewhere("only the phone can")
        return b"<html>" if what == "a page" else f"include {url}\n".encode()

    data = f"voip/line/0/id=4101\ninclude {url}\n".encode()
    result = read(data, "http://s/b.cfg", None, None if what == "nothing" else fetch)
    said = result.report()
    assert "http://***@s/a.cfg" in said and "geheim" not in said
