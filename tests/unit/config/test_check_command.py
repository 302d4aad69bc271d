"""`deskphone config check`: each outcome has its exit code and its words."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from deskphone.app import config_command
from deskphone.config import cli

SERVER = "voip/signalling/sip/use_proxy=1\nvoip/signalling/sip/proxy_address=sip.example\n"
ACCOUNT = f"voip/line/0/enabled=1\nvoip/line/0/id=1502\n{SERVER}"


def check(*words: str) -> int:
    """`deskphone config check ...` as the program calls it."""
    parser = argparse.ArgumentParser("deskphone")
    config_command.add_parser(parser.add_subparsers(required=True))
    args = parser.parse_args(["config", "check", *words])
    code: int = args.run(args)
    return code


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        (ACCOUNT, 0, "good"),
        ("voip/talk_event/enabled=1", 0, "good"),
        (ACCOUNT + "voip/line/0/nonsense=1", 0, "good, 1 to look at"),
        (ACCOUNT + "voip/signalling/sip/proxy_port=80", 65, "1 line refused, the rest is taken"),
        (ACCOUNT + "voip/line/0/call_forward/timeout=x\nfoo", 65, "2 lines refused, the rest is taken"),
        (SERVER, 69, "the phone will not register: no DN (voip/line/0/id)"),
        ("voip/line/0/id=7", 69, "the phone will not register: no SIP Server is named"),
        (ACCOUNT + "include https://p.example/<MAC>-user.cfg", 75, "good as far as it can be read here, 1 to look at"),
        ("", 76, "no configuration but an empty file, nothing is taken"),
        ("<html>", 76, "no configuration but an HTML page, nothing is taken"),
        (ACCOUNT + "system/type=405HD", 78, "refused, nothing is taken (1 error)"),
        (ACCOUNT + "deskphone/provisioning/strict=1\na\nb", 78, "refused, nothing is taken (2 errors)"),
    ],
)
def test_each_outcome_has_its_exit_code_and_its_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, code: int, words: str
) -> None:
    file = tmp_path / "a.cfg"
    file.write_text(text)
    assert check(str(file)) == code
    told = capsys.readouterr()
    assert (told.out + told.err).count(f"{file}: {words}") == 1
    assert (told.out != "") == (code in {0, 75}), "what is good goes to standard output"


def test_every_line_refused_is_named_with_what_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "floor.cfg").write_text("voip/talk_event/enabled=maybe\n")
    file = tmp_path / "a.cfg"
    file.write_text("include floor.cfg\nvoip/signalling/sip/proxy_port=80\nvoip/talk_event/enabld=1\n")
    assert check(str(file)) == 65
    assert capsys.readouterr().err.splitlines() == [
        f"{tmp_path}/floor.cfg:1: voip/talk_event/enabled: expected 0 or 1, got 'maybe', kept 0",
        f"{file}:2: voip/signalling/sip/proxy_port: expected 0 or 1024 to 65535, got '80', kept 5060",
        f"{file}:3: voip/talk_event/enabld: unknown name, kept without effect; "
        "did you mean voip/talk_event/enabled? (warning)",
        f"{file}: 2 lines refused, the rest is taken, 1 to look at",
    ]


def test_a_missing_file_returns_66(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(str(tmp_path / "gone.cfg")) == 66
    assert "expected a readable file, got No such file or directory" in capsys.readouterr().err
    assert check(str(tmp_path)) == cli.EX_NOINPUT


def test_nothing_is_fetched_over_the_network(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.cfg"
    file.write_text("include http://192.0.2.1/floor.cfg\n")
    assert check(str(file)) == cli.EX_TEMPFAIL
    assert (
        "include: not read here: http://192.0.2.1/floor.cfg: a URL, which the phone fetches" in capsys.readouterr().err
    )


def test_with_its_mac_the_file_of_one_phone_is_read_as_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "00908f3bbcba-user.cfg").write_text("voip/line/0/id=1777\n")
    file = tmp_path / "a.cfg"
    file.write_text(f"{SERVER}include <MAC>-user.cfg\n")
    assert check(str(file)) == cli.EX_TEMPFAIL
    assert "another file for each phone" in capsys.readouterr().err
    assert check("--mac", "00:90:8F:3B:BC:BA", str(file)) == cli.EX_OK
    with pytest.raises(SystemExit):
        check("--mac", "12", str(file))


def test_a_zone_of_no_time_zone_database_costs_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.cfg"
    file.write_text("deskphone/time/zone=Europe/Berlinn\n")
    assert check(str(file)) == cli.EX_DATAERR
    assert "expected a zone of the time zone database, as Europe/Berlin, got 'Europe/Berlinn'" in (
        capsys.readouterr().err
    )
    file.write_text("deskphone/time/zone=Europe/Berlin\n")
    assert check(str(file)) == cli.EX_OK
