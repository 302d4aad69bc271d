"""What may stand in a request at the control socket: any JSON. A field of another type is refused and is no bug."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from deskphone.app.control_requests import Refused
from tests.unit.app.control_bench import Bench
from tests.unit.app.control_bench import bench as bench  # noqa: PLC0414 - a fixture

JUNK: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, 1e308, 10**30, "", "x", "\ud800", "\0", "9" * 5000, [], [None], [["voip/line/0/id"]], {},
    {"voip/line/0/id": None}, {"voip/line/0/id": [1]}, {"": ""}, ["dial"], {"dial": 1}, "dial", "password",
)  # fmt: skip
FIELDS = (
    "address", "by", "call", "code", "data", "digest", "good", "hash", "kind", "lines", "manifest", "most", "names",
    "now", "number", "offset", "piece", "run", "seconds", "size", "values", "verb", "version", "wait",
)  # fmt: skip


@pytest.mark.parametrize("field", FIELDS)
async def test_a_field_of_another_type_is_refused_by_every_request(bench: Bench, field: str) -> None:
    requests = bench.control._requests
    for name in requests.table:
        if name in ("restart", "capture"):  # each ends or changes what the others ask
            continue
        for junk in JUNK:
            try:
                async with asyncio.timeout(0.5):
                    await requests.answer({"request": name, field: junk})
            except (Refused, TimeoutError):
                pass
    assert (await requests.answer({"request": "state"}))["state"]
