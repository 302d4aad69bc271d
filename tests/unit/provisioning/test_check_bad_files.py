"""A check that brings nothing good: it changes nothing, and only a file that is there and bad is called bad."""

from __future__ import annotations

import pytest
from aiohttp import web

from deskphone.core.events import Provisioned, SettingsRejected
from deskphone.net.lease import Lease
from deskphone.provision import known
from deskphone.provision.check import check
from tests.unit.provisioning.bad_answers import cut_off, dripping, endless, login_page, ten_megabytes
from tests.unit.provisioning.check_bench import GOOD, NAME, Bench, Handler, files
from tests.unit.provisioning.conftest import Serve

SLOW = dripping(0.01)


async def broken(request: web.Request) -> web.StreamResponse:
    return web.Response(body=b"voip/line/0/id=1777\nvoip/signalling/sip/proxy_port=lots\n")


async def misprint(request: web.Request) -> web.StreamResponse:
    return web.Response(body=b"voip/line/0/id=1777\n\x00\x01\x02")


@pytest.mark.parametrize(
    ("handler", "expected", "words"),
    [
        (endless, "redirects", "at most 5 redirects"),
        (ten_megabytes, "too_large", "at most 1000000 bytes"),
        (login_page, "refused", "login page"),
        (cut_off, "incomplete", "then the end"),
        (SLOW, "timed_out", "within 0.3 s"),
        (broken, "refused", "proxy_port"),
        (misprint, "refused", "binary"),
    ],
    ids=["endless redirect", "10 MB", "login page", "half file", "slow server", "bad value", "binary"],
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


async def test_a_missing_include_takes_nothing(serve: Serve, bench: Bench) -> None:
    async with serve(files({NAME: GOOD + b"include gone.cfg\n"})) as url:
        assert await bench.check(url + "/") == "refused"
    assert bench.kept == []
    assert "gone.cfg" in bench.told
