"""Two stages: the file that all phones get names the place of their own; it is followed at once, and stays."""

from __future__ import annotations

from contextlib import AsyncExitStack

import pytest

from deskphone.core.events import Provisioned, SettingsLoaded
from deskphone.provision import check as checks
from tests.unit.provisioning.check_bench import GOOD, NAME, Bench, files
from tests.unit.provisioning.conftest import Serve

OWN = "own/00908f3bbcba.cfg"


def names(url: str, *more: str) -> bytes:
    """A first file."""
    lines = ("provisioning/method=STATIC", f"provisioning/configuration/url={url}", *more)
    return "".join(f"{line}\n" for line in lines).encode()


@pytest.mark.parametrize("place", ["{}/own/<MAC>.cfg", "{}/own/", "{}/own/00908f3bbcba.cfg"])
async def test_the_place_that_a_file_names_is_asked_at_once_and_from_then_on(
    serve: Serve, bench: Bench, place: str
) -> None:
    asked: list[str] = []
    found: dict[str, bytes] = {OWN: GOOD}
    async with serve(files(found, asked)) as url:
        found[NAME] = names(place.format(url), "deskphone/volume/ring=2")
        assert await bench.check(url + "/") == "updated"
        assert asked == [NAME, OWN]
        assert bench.settings.line[0].id == "1502" and bench.settings.volume.ring == 2
        assert len(bench.all_of(SettingsLoaded)) == 1, "one change, not two"
        asked.clear()
        assert await bench.check(url + "/elsewhere/") == "unchanged", "what DHCP says later does not undo it"
        assert asked == [OWN]


async def test_where_the_second_place_is_away_the_first_file_counts_and_the_place_stays(
    serve: Serve, bench: Bench
) -> None:
    found: dict[str, bytes] = {}
    async with serve(files(found)) as url:
        found[NAME] = names(f"{url}/{OWN}", "deskphone/volume/ring=2")
        assert await bench.check(url + "/") == "not_found"
        assert bench.settings.volume.ring == 2
        found[OWN] = GOOD
        assert await bench.check(url + "/") == "updated"
    assert bench.settings.line[0].id == "1502" and bench.settings.volume.ring == 2


async def test_where_the_card_is_full_nothing_of_the_first_file_is_lost(serve: Serve, bench: Bench) -> None:
    bench.full = True
    found: dict[str, bytes] = {OWN: GOOD}
    async with serve(files(found)) as url:
        found[NAME] = names(f"{url}/{OWN}", "deskphone/volume/ring=2")
        assert await bench.check(url + "/") == "not_kept"
    assert bench.settings.line[0].id == "1502" and bench.settings.volume.ring == 2


async def test_three_stages_are_followed(serve: Serve, bench: Bench) -> None:
    found: dict[str, bytes] = {"c.cfg": GOOD}
    async with serve(files(found)) as url:
        found |= {NAME: names(f"{url}/b.cfg"), "b.cfg": names(f"{url}/c.cfg")}
        assert await bench.check(url + "/") == "updated"
    assert bench.settings.line[0].id == "1502"


async def test_files_that_name_each_other_end(serve: Serve, bench: Bench) -> None:
    asked: list[str] = []
    found: dict[str, bytes] = {}
    async with serve(files(found, asked)) as url:
        found |= {NAME: names(f"{url}/b.cfg"), "b.cfg": names(f"{url}/{NAME}")}
        await bench.check(url + "/")
        assert len(asked) <= checks.STAGES
        found |= {f"{n}.cfg": names(f"{url}/{n + 1}.cfg") for n in range(20)} | {NAME: names(f"{url}/0.cfg")}
        bench.layers = type(bench.layers)()
        asked.clear()
        assert await bench.check(url + "/") == "updated"
        assert len(asked) == checks.STAGES


async def test_a_file_that_names_its_own_place_is_asked_once(serve: Serve, bench: Bench) -> None:
    asked: list[str] = []
    found: dict[str, bytes] = {}
    async with serve(files(found, asked)) as url:
        found[NAME] = names(f"{url}/{NAME}") + GOOD
        assert await bench.check(url + "/") == "updated"
    assert asked == [NAME]
    assert bench.settings.line[0].id == "1502"


async def test_the_second_server_gets_no_login_that_was_meant_for_the_first(serve: Serve, bench: Bench) -> None:
    async with AsyncExitStack() as stack:
        second = await stack.enter_async_context(serve(files({OWN: GOOD})))
        first_files: dict[str, bytes] = {}
        first = await stack.enter_async_context(serve(files(first_files)))
        first_files[NAME] = names(f"{second}/{OWN}")
        login = first.replace("://", "://desk:geheim@")
        assert await bench.check(login + "/") == "updated"
    assert "geheim" not in bench.told
    told = bench.all_of(Provisioned)
    assert isinstance(told[0], Provisioned)
    assert (told[0].source, told[0].named_by) == (f"{second}/{OWN}", "configuration")


async def test_what_lies_over_the_file_decides_where_to_look(serve: Serve, bench: Bench) -> None:
    """The administrator's place (by web or CLI) wins over the one a file names."""
    asked: list[str] = []
    found: dict[str, bytes] = {OWN: GOOD}
    async with serve(files(found, asked)) as url:
        found[NAME] = names(f"{url}/{OWN}")
        await bench.check(url + "/", under=lambda file: bench.settings)
    assert asked == [NAME]
