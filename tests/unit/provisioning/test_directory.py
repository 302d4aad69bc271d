"""The company's directory: fetched with the configuration, told once, kept where the server has none for a while."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web

from deskphone.core.events import DirectoryLoaded
from tests.unit.provisioning.check_bench import NAME, Bench, files

BOOK = b"Anna Meier;2001\nBen;2002\n"
ENTRIES = (("Anna Meier", "2001"), ("Ben", "2002"))


def config(line: str) -> bytes:
    return f"voip/line/0/id=1502\n{line}\n".encode()


def told(bench: Bench) -> list[DirectoryLoaded]:
    return [each for each in bench.events if isinstance(each, DirectoryLoaded)]


@pytest.mark.parametrize("name", ["book.csv", "/books/book.csv", "{url}/books/book.csv"])
async def test_it_is_fetched_from_where_the_file_says(serve: Any, bench: Bench, name: str) -> None:
    found = {"books/book.csv": BOOK, f"books/{NAME}": b""}
    async with serve(files(found)) as url:
        found[f"books/{NAME}"] = config(f"provisioning/corporate_directory_uri={name.format(url=url)}")
        assert await bench.check(f"{url}/books/") == "updated"
    assert told(bench) == [DirectoryLoaded(ENTRIES)]


async def test_it_is_told_again_when_it_changes_or_is_named_anew(serve: Any, bench: Bench) -> None:
    found = {NAME: config("provisioning/corporate_directory_uri=book.csv"), "book.csv": BOOK}
    memory = bench.means().directory
    async with serve(files(found)) as url:
        await bench.check(url + "/", directory=memory)
        await bench.check(url + "/", directory=memory)
        assert told(bench) == []
        found["book.csv"] = b"Ben;2002\n"
        await bench.check(url + "/", directory=memory)
        assert told(bench) == [DirectoryLoaded((("Ben", "2002"),))]
        del found["book.csv"]
        await bench.check(url + "/", directory=memory)
        assert told(bench) == [], "a server without it for a while takes nothing away"
        found["book.csv"] = b"<html>Please log in</html>"
        await bench.check(url + "/", directory=memory)
        assert told(bench) == []
        found |= {NAME: config("provisioning/corporate_directory_uri="), "book.csv": b"Ben;2002\n"}
        await bench.check(url + "/", directory=memory)
        assert told(bench) == [], "that it is named no more is the core's to see"
        found[NAME] = config("provisioning/corporate_directory_uri=book.csv")
        await bench.check(url + "/", directory=memory)
        assert told(bench) == [DirectoryLoaded((("Ben", "2002"),))]


async def test_a_file_whose_etag_is_known_is_not_sent_again(serve: Any, bench: Bench) -> None:
    statuses: list[int] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path != "/book.csv":
            return web.Response(body=config("provisioning/corporate_directory_uri=book.csv"))
        same = request.headers.get("If-None-Match") == '"7"'
        statuses.append(304 if same else 200)
        return web.Response(status=304) if same else web.Response(body=BOOK, headers={"ETag": '"7"'})

    memory = bench.means().directory
    async with serve(answer) as url:
        for _ in range(2):
            await bench.check(url + "/", directory=memory)
    assert statuses == [200, 304]


async def test_speed_dials_come_the_same_way(serve: Any, bench: Bench) -> None:
    found = {NAME: config("provisioning/speed_dial_uri=dials.txt"), "dials.txt": b"1,2001,0\n2,2002,1\n"}
    async with serve(files(found)) as url:
        await bench.check(url + "/")
    assert told(bench) == [DirectoryLoaded((("1", "2001"), ("2", "2002")), speed_dials=True)]


async def test_a_directory_that_is_not_to_be_had_costs_the_configuration_nothing(
    serve: Any, bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    found = {NAME: config("provisioning/corporate_directory_uri=http://user:geheim@127.0.0.1:9/book.csv")}
    async with serve(files(found)) as url:
        assert await bench.check(url + "/") == "updated"
    assert told(bench) == []
    assert "127.0.0.1:9/book.csv" in caplog.text and "geheim" not in caplog.text


async def test_one_that_is_named_again_is_read_again_whatever_its_etag(serve: Any, bench: Bench) -> None:
    """The phone forgot it when it was named no more, or had another one meanwhile: `unchanged` would leave it so."""
    named = {"name": "a.csv"}

    async def answer(request: web.Request) -> web.StreamResponse:
        if not request.path.endswith(".csv"):
            return web.Response(body=config(f"provisioning/corporate_directory_uri={named['name']}"))
        if request.headers.get("If-None-Match") == f'"{request.path}"':
            return web.Response(status=304)
        body = BOOK if request.path == "/a.csv" else b"Ben;2002\n"
        return web.Response(body=body, headers={"ETag": f'"{request.path}"'})

    memory = bench.means().directory
    async with serve(answer) as url:
        for named["name"], expected in (("a.csv", 2), ("b.csv", 1), ("a.csv", 2), ("", 0), ("a.csv", 2)):
            bench.events.clear()
            await bench.check(url + "/", directory=memory)
            assert [len(each.entries) for each in told(bench)] == ([expected] if expected else []), named
