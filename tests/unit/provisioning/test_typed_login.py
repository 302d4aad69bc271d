"""The login a person typed: kept for one origin, used before any other, forgotten when refused, told to nobody."""

from __future__ import annotations

import logging
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from deskphone.config.secret import Secret
from deskphone.core.effects import FetchLogin, FetchSettings
from deskphone.provision import typed_login
from deskphone.provision.address import Login
from tests.unit.provisioning.check_bench import GOOD, NAME, Bench, for_desk_only
from tests.unit.provisioning.conftest import Serve
from tests.unit.provisioning.world import QUICK, World

ASKS = "provisioning/configuration/http_auth/ui_interaction_enabled=1\n"
FILES = {NAME: GOOD}
TYPED = FetchLogin("https://prov.example.com/x/00908f3bbcba.cfg", "desk", Secret("geheim"))


def keep(data: Path, origin: str, password: str = "geheim") -> None:
    typed_login.save(data, Login(origin, "desk", Secret(password)))


async def test_it_is_used_for_the_server_it_was_typed_for(serve: Serve, tmp_path: Path) -> None:
    bench = Bench(tmp_path, ASKS)
    async with serve(for_desk_only(FILES)) as url:
        assert await bench.check(url) == "login"
        keep(tmp_path, url)
        assert await bench.check(url) == "updated"
    assert "geheim" not in bench.told


async def test_no_other_server_sees_it(serve: Serve, tmp_path: Path) -> None:
    bench, asked = Bench(tmp_path, ASKS), list[str]()
    async with serve(for_desk_only(FILES)) as named, serve(for_desk_only(FILES, asked)) as other:
        keep(tmp_path, named)
        assert await bench.check(other) == "login"
        assert asked == ["", ""], "for both cases of the MAC, without a login"
        assert typed_login.load(tmp_path) is not None, "and it is kept for the one it is for"
        assert await bench.check(named) == "updated"


async def test_where_the_settings_forbid_to_ask_it_is_not_used(serve: Serve, tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    async with serve(for_desk_only(FILES)) as url:
        keep(tmp_path, url)
        assert await bench.check(url) == "login"
    assert typed_login.load(tmp_path) is not None


async def test_it_wins_over_those_that_were_refused(serve: Serve, tmp_path: Path) -> None:
    auth = "provisioning/configuration/http_auth"
    bench = Bench(tmp_path, f"{ASKS}{auth}/user_name=desk\n{auth}/password=old\n")
    async with serve(for_desk_only(FILES)) as url:
        keep(tmp_path, url)
        assert await bench.check(url.replace("://", "://desk:older@")) == "updated"


async def test_refused_it_is_forgotten_and_the_settings_count_again(serve: Serve, tmp_path: Path) -> None:
    auth = "provisioning/configuration/http_auth"
    bench = Bench(tmp_path, f"{ASKS}{auth}/user_name=desk\n{auth}/password=geheim\n")
    async with serve(for_desk_only(FILES)) as url:
        keep(tmp_path, url, "wrong")
        assert await bench.check(url) == "login"
        assert typed_login.load(tmp_path) is None
        assert await bench.check(url) == "updated"


async def test_a_server_that_is_away_does_not_cost_it(tmp_path: Path) -> None:
    keep(tmp_path, "http://127.0.0.1:9")
    assert await Bench(tmp_path, ASKS).check("http://127.0.0.1:9/") == "unreachable"
    assert typed_login.load(tmp_path) is not None


def test_the_file_is_the_phones_alone(tmp_path: Path) -> None:
    keep(tmp_path, "https://a:443")
    assert stat.S_IMODE((tmp_path / typed_login.NAME).stat().st_mode) == 0o600
    assert typed_login.load(tmp_path) == Login("https://a:443", "desk", Secret("geheim"))
    typed_login.forget(tmp_path)
    typed_login.forget(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"origin": "a", "user": "b"}', "\xff", '"' + "x" * 5_000 + '"'])
def test_what_cannot_be_read_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / typed_login.NAME).write_text(text, "latin-1")
    assert typed_login.load(tmp_path) is None


async def test_who_typed_it_does_not_wait_for_the_pause_between_two_checks(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    world = World(tmp_path)
    world.bound()
    async with world.running(pace=replace(QUICK, between=60.0)) as driver:
        await world.looked(1)
        driver.perform(FetchSettings("a login was typed", TYPED))
        await world.looked(2)
        for _ in range(20):  # a server has to wait all the same
            driver.perform(FetchSettings("check-sync"))
            await world.looked(2)
    assert typed_login.load(tmp_path) == Login("https://prov.example.com:443", "desk", Secret("geheim"))
    assert "geheim" not in caplog.text


async def test_what_cannot_be_kept_is_told_without_a_secret(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / (typed_login.NAME + ".new")).mkdir()
    world = World(tmp_path)
    world.bound()
    async with world.running() as driver:
        driver.perform(FetchSettings("a login was typed", TYPED))
        driver.perform(FetchSettings("a login was typed", replace(TYPED, source="gopher://x/")))
        await world.until(lambda: caplog.text.count("the login cannot be kept") == 2, "both journal lines")
    assert "geheim" not in caplog.text
