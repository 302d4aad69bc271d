"""Two stages as servers of the field hand them out: whatever the second place is, the phone ends up there."""

from __future__ import annotations

from contextlib import AsyncExitStack

import pytest
from aiohttp import web

from deskphone.core.events import Provisioned, SettingsLoaded
from tests.unit.provisioning.check_bench import GOOD, NAME, Bench, Handler, files, for_desk_only
from tests.unit.provisioning.conftest import Serve
from tests.unit.provisioning.test_stages import OWN, names

UPPER = "own/00908F3BBCBA.cfg"
FIRST = "provisioning/method={}\nprovisioning/configuration/url={}\ndeskphone/volume/ring=2\n"


@pytest.mark.parametrize(
    ("method", "place", "found"),
    [
        ("STATIC", "{}/own/<MAC>.cfg", OWN),
        ("Static", "{}/own/<mac>.cfg", UPPER),
        ("Static URL", "{}/own/<MODEL>-<MAC>.cfg", "own/420HD-00908f3bbcba.cfg"),
        ("static", "{}/own/all.txt;<MAC>.cfg", OWN),
        ("STATIC", "{}/get?mac=<MAC>&model=<MODEL>", "get"),
        ("STATIC ; own file", "{}/own/  ", OWN),
    ],
)
async def test_each_way_to_write_the_place_is_followed(
    serve: Serve, bench: Bench, method: str, place: str, found: str
) -> None:
    there: dict[str, bytes] = {found: GOOD}
    async with serve(files(there)) as url:
        there["boot.cfg"] = FIRST.format(method, place.format(url)).replace("\n", "\r\n").encode()
        assert await bench.check(f"{url}/boot.cfg") == "updated"
        assert bench.settings.line[0].id == "1502" and bench.settings.volume.ring == 2
        assert await bench.check(f"{url}/boot.cfg") == "unchanged"


async def test_an_included_file_may_name_the_place_and_its_includes_are_from_there(serve: Serve, bench: Bench) -> None:
    found: dict[str, bytes] = {NAME: b"include site/boot.cfg\n", "own/more.cfg": b"deskphone/volume/ring=3\n"}
    async with serve(files(found)) as url:
        found |= {"site/boot.cfg": names(f"{url}/{OWN}"), OWN: GOOD + b"include more.cfg\n"}
        assert await bench.check(url + "/") == "updated"
    assert bench.settings.line[0].id == "1502" and bench.settings.volume.ring == 3


@pytest.mark.parametrize(
    ("second", "outcome"),
    [
        (b"<html><body>Log in</body></html>", "refused"),
        (b"", "refused"),
        (b"; nothing yet\n", "refused"),
        (b"account.1.enable = 1\n", "refused"),
        (b"system/type=405HD\nvoip/line/0/id=9\n", "refused"),
        (b"voip/line/0/id=1502\nvoip/talk_event/enabled=perhaps\n", "updated"),
        (b"Salted__nothing for us", "refused"),
    ],
)
async def test_whatever_lies_at_the_second_place_the_first_file_counts_and_the_place_stays(
    serve: Serve, bench: Bench, second: bytes, outcome: str
) -> None:
    found: dict[str, bytes] = {OWN: second}
    async with serve(files(found)) as url:
        found[NAME] = names(f"{url}/{OWN}", "voip/line/0/enabled=1", "deskphone/volume/ring=2")
        assert await bench.check(url + "/") == outcome
        assert bench.settings.volume.ring == 2 and bench.settings.line[0].id in ("", "1502")
        found[OWN] = GOOD
        assert await bench.check(f"{url}/another/") == "updated"
    assert bench.settings.line[0].id == "1502"


async def test_a_second_place_that_wants_a_login_gets_the_one_the_first_file_brought(
    serve: Serve, bench: Bench
) -> None:
    async with AsyncExitStack() as stack:
        second = await stack.enter_async_context(serve(for_desk_only({OWN: GOOD})))
        first: dict[str, bytes] = {}
        url = await stack.enter_async_context(serve(files(first)))
        auth = "provisioning/configuration/http_auth"
        first[NAME] = names(f"{second}/{OWN}", f"{auth}/user_name=desk", f"{auth}/password=geheim")
        assert await bench.check(url + "/") == "updated"
        login = second.replace("://", "://desk:geheim@")
        first[NAME] = names(f"{login}/{OWN}")
        bench.layers = type(bench.layers)()
        assert await bench.check(url + "/") == "updated"
    assert bench.settings.line[0].id == "1502"
    assert "geheim" not in str(bench.all_of(Provisioned))


async def test_a_second_place_may_send_on_to_a_third_by_http(serve: Serve, bench: Bench) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path == "/go":
            raise web.HTTPFound(f"/{OWN}")
        there: Handler = files({NAME: names(f"http://{request.host}/go"), OWN: GOOD})
        return await there(request)

    async with serve(answer) as url:
        assert await bench.check(url + "/") == "updated"
    assert bench.settings.line[0].id == "1502"


@pytest.mark.parametrize("second", [b"provisioning/method=DYNAMIC\n", b"deskphone/provisioning/whole_file=1\n"])
async def test_a_second_file_that_gives_the_place_up_again_changes_nothing_from_check_to_check(
    serve: Serve, bench: Bench, second: bytes
) -> None:
    """DHCP's file is read at each check then; what comes of both is what is in force already."""
    found: dict[str, bytes] = {OWN: GOOD + second}
    async with serve(files(found)) as url:
        found[NAME] = names(f"{url}/{OWN}")
        assert await bench.check(url + "/") == "updated"
        before, kept = bench.layers, len(bench.kept)
        for _ in range(3):
            await bench.check(url + "/")
            assert (bench.layers, bench.settings.line[0].id) == (before, "1502")
        assert len(bench.kept) - kept <= 6 and len(bench.all_of(SettingsLoaded)) <= 1


async def test_the_place_a_file_names_is_said_to_be_the_configurations(serve: Serve, bench: Bench) -> None:
    found: dict[str, bytes] = {OWN: GOOD}
    async with serve(files(found)) as url:
        found[NAME] = names(f"{url}/{OWN}")
        await bench.check(url + "/")
        (told,) = bench.all_of(Provisioned)
        assert isinstance(told, Provisioned) and told.named_by == "configuration"
        assert told.source == f"{url}/{OWN}"
