"""What a configuration includes, fetched for the reader's thread: with the login of its origin, counted, stopped."""

from __future__ import annotations

import asyncio
import hashlib
from typing import cast

import pytest

from deskphone.provision.fetcher import Fetcher, File
from deskphone.provision.problem import Outcome, Problem
from deskphone.provision.reading import Includes

URL = "https://me:secret@p.example/desk.cfg"
FLOOR = "https://p.example/floor.cfg"


class Shelf:
    """A server. holds: files by URL, or why there is none; None: an answer that never comes."""

    def __init__(self, holds: dict[str, bytes | Outcome | None]) -> None:
        self.holds, self.asked = holds, list[str]()
        self.waits = asyncio.Event()

    async def get(self, url: str) -> File:
        self.asked.append(url)
        found = self.holds[url.replace("me:secret@", "")]
        if isinstance(found, bytes):
            return File(found, url)
        if found is None:
            self.waits.set()
            await asyncio.get_running_loop().create_future()
        raise Problem(found or Outcome.UNREACHABLE, url, "a file", "none")


def includes(shelf: Shelf) -> Includes:
    return Includes(URL, b"include floor.cfg", cast(Fetcher, shelf))


async def test_a_file_of_the_same_origin_is_asked_for_with_its_login_and_is_in_the_digest() -> None:
    shelf = Shelf({FLOOR: b"a", "https://else.example/x.cfg": b"b"})
    found, alone = includes(shelf), includes(shelf).digest.hexdigest()
    assert await asyncio.to_thread(found.fetch, FLOOR) == b"a"
    assert await asyncio.to_thread(found.fetch, "https://else.example/x.cfg") == b"b"
    assert shelf.asked == ["https://me:secret@p.example/floor.cfg", "https://else.example/x.cfg"]
    wanted = hashlib.sha256(b"include floor.cfg" + hashlib.sha256(b"a").digest() + hashlib.sha256(b"b").digest())
    assert found.count == 2 and found.digest.hexdigest() == wanted.hexdigest() != alone


@pytest.mark.parametrize(("outcome", "away"), [(Outcome.UNREACHABLE, 1), (Outcome.NOT_FOUND, 0)])
async def test_a_server_that_is_away_is_remembered_and_a_file_that_is_not_there_is_not(
    outcome: Outcome, away: int
) -> None:
    found = includes(Shelf({FLOOR: outcome}))
    with pytest.raises(ValueError, match="expected a file, got none"):
        await asyncio.to_thread(found.fetch, FLOOR)
    assert len(found.away) == away and found.count == 1


async def test_a_phone_that_stops_waits_for_no_file_and_asks_for_no_other() -> None:
    shelf = Shelf({FLOOR: None})
    found = includes(shelf)
    asking = asyncio.create_task(asyncio.to_thread(found.fetch, FLOOR))
    await asyncio.wait_for(shelf.waits.wait(), 20)
    found.stop()  # the other thread may be just behind its question
    with pytest.raises(ValueError, match="being stopped"):
        await asyncio.wait_for(asking, 20)
    with pytest.raises(ValueError, match="being stopped"):
        await asyncio.to_thread(found.fetch, FLOOR)
    assert len(shelf.asked) == 1
