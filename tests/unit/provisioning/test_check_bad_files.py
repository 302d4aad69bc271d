"""A check that brings nothing good: it changes nothing, and only a file that is there and bad is called bad."""

from __future__ import annotations

import pytest
from aiohttp import web

from deskphone.core.events import Provisioned, SettingsLoaded, SettingsRejected
from deskphone.net.lease import Lease
from deskphone.provision import known
from deskphone.provision.check import check
from tests.unit.provisioning.bad_answers import cut_off, dripping, endless, login_page, ten_megabytes
from tests.unit.provisioning.check_bench import GOOD, NAME, Bench, Handler, files
from tests.unit.provisioning.conftest import Serve

SLOW = dripping(0.01)


async def strict(request: web.Request) -> web.StreamResponse:
    text = "voip/line/0/id=1777\nvoip/signalling/sip/proxy_port=lots\ndeskphone/provisioning/strict=1\n"
    return web.Response(body=text.encode())


async def misprint(request: web.Request) -> web.StreamResponse:
    return web.Response(body=b"voip/line/0/id=1777\n\x00\x01\x02")


@pytest.mark.parametrize(
    ("handler", "expected", "words"),
    [
        (endless, "redirects", "at most 5 redirects"),
        (ten_megabytes, "too_large", "at most 1000000 bytes"),
        (login_page, "refused", "got an HTML page"),
        (cut_off, "incomplete", "then the end"),
        (SLOW, "timed_out", "within 0.3 s"),
        (strict, "refused", "proxy_port"),
        (misprint, "refused", "binary"),
    ],
    ids=["endless redirect", "10 MB", "login page", "half file", "slow server", "strict", "binary"],
)
async def test_a_bad_file_changes_nothing_and_is_named(
    serve: Serve, bench: Bench, handler: Handler, expected: str, words: str
) -> None:
    async with serve(files({NAME: GOOD})) as url:
        await bench.check(url + "/")
    before, remembered = bench.settings, known.load(bench.data)
    async with serve(handler) as url:
        assert await bench.check(url + "/", seconds=0.3 if handler is SLOW else 3.0) == expected
    assert bench.all_of(SettingsRejected), bench.told
    assert words in bench.told
    assert bench.settings is before
    assert len(bench.kept) == 1
    assert known.load(bench.data) == remembered


@pytest.mark.parametrize(("url", "expected"), [("http://127.0.0.1:9/", "unreachable"), ("", "no_source")])
async def test_a_server_that_is_away_is_no_bad_configuration(bench: Bench, url: str, expected: str) -> None:
    assert await bench.check(url) == expected
    assert bench.all_of(SettingsRejected) == []


async def test_a_file_that_is_not_there_is_no_bad_configuration(serve: Serve, bench: Bench) -> None:
    async with serve(files({})) as url:
        assert await bench.check(url + "/") == "not_found"
    assert bench.all_of(SettingsRejected) == []


@pytest.mark.parametrize("option", [b"", b"\x00\x00", b"x" * 2_000, b"\xff\xfe\x00\x01", b"gopher://host/", b"http://"])
async def test_a_bad_option_is_no_source_and_no_crash(bench: Bench, option: bytes) -> None:
    await check(bench.means(), Lease({160: option, 66: option, 43: option}), bench.take)
    assert [each.outcome for each in bench.events if isinstance(each, Provisioned)] in (["no_source"], ["unreachable"])
    assert bench.all_of(SettingsRejected) == []


async def test_a_full_disk_does_not_keep_the_settings_from_the_phone(serve: Serve, bench: Bench) -> None:
    bench.full = True
    async with serve(files({NAME: GOOD})) as url:
        assert await bench.check(url + "/") == "not_kept"
    assert bench.settings.line[0].id == "1502"


async def test_a_folder_nobody_can_write_to_loses_no_settings_and_leaves_nothing(serve: Serve, bench: Bench) -> None:
    bench.full = True
    async with serve(files({NAME: GOOD})) as url:
        assert await bench.check(url + "/") == "not_kept"
        bench.full = False
        assert await bench.check(url + "/") == "updated", "not known, so fetched and kept as soon as there is room"
    assert len(bench.kept) == 1


async def test_a_missing_include_costs_its_line(serve: Serve, bench: Bench) -> None:
    async with serve(files({NAME: GOOD + b"include gone.cfg\n"})) as url:
        assert await bench.check(url + "/") == "updated"
    assert bench.settings.line[0].id == "1502"
    (loaded,) = bench.all_of(SettingsLoaded)
    assert isinstance(loaded, SettingsLoaded) and len(loaded.refused) == 1 and "gone.cfg" in loaded.refused[0]


async def test_an_included_file_whose_server_is_away_puts_the_whole_off(serve: Serve, bench: Bench) -> None:
    async with serve(files({NAME: GOOD + b"include http://127.0.0.1:9/gone.cfg\n"})) as url:
        assert await bench.check(url + "/") == "unreachable"
    assert bench.kept == []
    assert "gone.cfg" in bench.told


async def test_a_bad_line_costs_that_line_and_is_told_again_while_the_file_stays(serve: Serve, bench: Bench) -> None:
    found = {NAME: b"voip/line/0/id=1777\nvoip/signalling/sip/proxy_port=lots\n"}
    async with serve(files(found)) as url:
        assert await bench.check(url + "/") == "updated"
        assert bench.settings.line[0].id == "1777"
        assert await bench.check(url + "/") == "unchanged"
        (over,) = bench.all_of(Provisioned)
        assert isinstance(over, Provisioned) and len(over.refused) == 1
        assert "proxy_port: expected 0 or 1024 to 65535, got 'lots', kept 5060" in over.refused[0]
        found[NAME] = b"voip/line/0/id=1777\nvoip/signalling/sip/proxy_port=5070\n"
        assert await bench.check(url + "/") == "updated"
        (over,) = bench.all_of(Provisioned)
        assert isinstance(over, Provisioned) and over.refused == ()


async def test_a_file_that_names_one_setting_leaves_the_account(serve: Serve, bench: Bench) -> None:
    found = {NAME: GOOD}
    async with serve(files(found)) as url:
        assert await bench.check(url + "/") == "updated"
        found[NAME] = b"voip/talk_event/enabled=1\n"
        assert await bench.check(url + "/") == "updated"
    assert bench.settings.line[0].id == "1502" and bench.settings.talk_event.enabled


async def test_a_file_for_each_phone_is_included_by_its_mac(serve: Serve, bench: Bench) -> None:
    found = {NAME: b"voip/line/0/enabled=1\ninclude <MAC>-user.cfg\n", "00908F3BBCBA-user.cfg": GOOD}
    async with serve(files(found)) as url:
        assert await bench.check(url + "/") == "updated"
    assert bench.settings.line[0].id == "1502"
