"""A whole check against real servers: where the file is, when it is taken again, what the phone is told."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

from deskphone.core.events import Provisioned
from deskphone.provision import known
from tests.unit.provisioning.check_bench import GOOD, NAME, Bench, files
from tests.unit.provisioning.conftest import Serve
from tests.unit.provisioning.fileservers import FtpFiles, TftpFiles, ftp_server, tftp_server


async def test_a_good_file_is_taken_and_kept(serve: Serve, bench: Bench) -> None:
    async with serve(files({NAME: GOOD})) as url:
        assert await bench.check(url + "/") == "updated"
        assert bench.settings.line[0].id == "1502"
        assert len(bench.kept) == 1
        assert known.load(bench.data).source == f"{url}/{NAME}"


async def test_the_same_file_again_does_nothing(serve: Serve, bench: Bench) -> None:
    async with serve(files({NAME: GOOD})) as url:
        await bench.check(url + "/")
        assert await bench.check(url + "/") == "unchanged"
        assert len(bench.events) == 1
        assert len(bench.kept) == 1


async def test_a_changed_file_is_taken_again(serve: Serve, bench: Bench) -> None:
    found = {NAME: GOOD}
    async with serve(files(found)) as url:
        await bench.check(url + "/")
        found[NAME] = b"voip/line/0/id=1777\n"
        assert await bench.check(url + "/") == "updated"
    assert bench.settings.line[0].id == "1777"


async def test_a_change_in_an_included_file_is_noticed(serve: Serve, bench: Bench) -> None:
    found = {NAME: b"include common.cfg\n", "common.cfg": GOOD}
    async with serve(files(found)) as url:
        assert await bench.check(url + "/") == "updated"
        assert await bench.check(url + "/") == "unchanged"
        found["common.cfg"] = b"voip/line/0/id=1777\n"
        assert await bench.check(url + "/") == "updated"
    assert bench.settings.line[0].id == "1777"


async def test_an_etag_of_a_file_with_includes_is_not_believed(serve: Serve, bench: Bench) -> None:
    common = [GOOD]

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.match_info["path"] == NAME:
            if "If-None-Match" in request.headers:
                return web.Response(status=304)
            return web.Response(body=b"include common.cfg\n", headers={"ETag": '"1"'})
        return web.Response(body=common[0])

    async with serve(answer) as url:
        await bench.check(url + "/")
        common[0] = b"voip/line/0/id=1777\n"
        assert await bench.check(url + "/") == "updated"


async def test_the_mac_is_tried_in_capitals_where_small_letters_find_nothing(serve: Serve, bench: Bench) -> None:
    asked: list[str] = []
    async with serve(files({"00908F3BBCBA.cfg": GOOD}, asked)) as url:
        assert await bench.check(url + "/") == "updated"
    assert asked == [NAME, "00908F3BBCBA.cfg"]


async def test_where_the_kept_settings_are_gone_the_file_is_taken_again(serve: Serve, bench: Bench) -> None:
    async with serve(files({NAME: GOOD})) as url:
        await bench.check(url + "/")
        bench.kept.clear()
        assert await bench.check(url + "/") == "updated"


async def test_what_another_version_of_the_program_read_is_read_anew(serve: Serve, bench: Bench) -> None:
    """It may have known fewer settings: the same file says more to this one."""
    async with serve(files({NAME: GOOD})) as url:
        await bench.check(url + "/")
        assert await bench.check(url + "/") == "unchanged"
        assert await bench.check(url + "/", version="0.2.0") == "updated"
        assert await bench.check(url + "/", version="0.2.0") == "unchanged"


async def test_the_phone_is_told_which_option_named_the_place(serve: Serve, bench: Bench) -> None:
    async with serve(files({NAME: GOOD})) as url:
        for option in (160, 66, 43):
            await bench.check(url + "/", option=option)
            assert [each.named_by for each in bench.events if isinstance(each, Provisioned)] == [str(option)]
        await bench.check(static=url + "/" + NAME)
        assert [each.named_by for each in bench.events if isinstance(each, Provisioned)] == ["command_line"]


async def test_provisioning_that_is_off_asks_nobody(tmp_path: Path) -> None:
    bench = Bench(tmp_path, "provisioning/method=DISABLE\n")
    assert await bench.check("http://127.0.0.1:9/") == "off"


async def test_the_url_of_the_command_line_needs_no_dhcp(serve: Serve, bench: Bench) -> None:
    async with serve(files({"own.cfg": GOOD})) as url:
        assert await bench.check(static=url + "/own.cfg") == "updated"


async def test_by_tftp_as_option_66_says_it(bench: Bench) -> None:
    async with tftp_server(TftpFiles({NAME: b"include common.cfg\n", "common.cfg": GOOD})) as server:
        assert await bench.check(f"127.0.0.1:{server.port}", option=66) == "updated"
        assert await bench.check(f"tftp://127.0.0.1:{server.port}/", option=66) == "unchanged"
    assert bench.settings.line[0].id == "1502"


async def test_by_ftp_below_a_folder(bench: Bench) -> None:
    async with ftp_server(FtpFiles({f"phones/{NAME}": GOOD})) as server:
        assert await bench.check(f"ftp://127.0.0.1:{server.port}/phones/") == "updated"


async def test_the_phone_names_itself_at_the_end_of_its_user_agent(serve: Serve, bench: Bench) -> None:
    seen: list[str] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        seen.append(request.headers["User-Agent"])
        return web.Response(body=GOOD)

    async with serve(answer) as url:
        await bench.check(url + "/")
        bench.layers = bench.layers.with_file({"provisioning/configuration/mac_address_in_header": False})
        await bench.check(url + "/")
        bench.layers = bench.layers.with_file({"deskphone/provisioning/user_agent": "AUDC-IPPhone/2.2.16"})
        await bench.check(url + "/")
    assert seen == [
        "deskphone/0.1.0 (420HD; 00908F3BBCBA)",
        "deskphone/0.1.0 (420HD)",
        "AUDC-IPPhone/2.2.16 (420HD; 00908F3BBCBA)",
    ]
