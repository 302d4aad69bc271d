"""Every story runs on each bench it is not marked out of; a story's phone must see no illegal event."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.stories.bench import Story
from tests.stories.bench_core import CoreBench


@pytest.fixture(params=["core", pytest.param("sip", marks=pytest.mark.sip)])
def phone(request: pytest.FixtureRequest) -> Iterator[Story]:
    """A phone that is off, on one bench after the other."""
    only = request.node.get_closest_marker("bench")
    if only is not None and request.param not in only.args:
        pytest.skip(f"this story is told on {', '.join(only.args)} only")
    if request.param == "core":
        bench = CoreBench()
        yield Story(bench)
        assert bench.illegal == [], bench.illegal
    else:
        from tests.stories.bench_sip import SipBench  # noqa: PLC0415 - needs pjsua2; the core stories do not

        with SipBench() as sip:
            yield Story(sip)
            assert sip.illegal() == 0, sip.journal()
