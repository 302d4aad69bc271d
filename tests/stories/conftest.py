"""Every story runs on each bench it is told for; a story's phone must see no illegal event."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.stories.bench import Story
from tests.stories.bench_core import CoreBench
from tests.stories.in_service import on


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the benches a story is not told for: that is no skipped test.

    `@pytest.mark.bench("core")` names the only ones; the rig takes seconds, so that its stories ask for it (`rig`).
    """
    kept, left = list[pytest.Item](), list[pytest.Item]()
    for item in items:
        only = item.get_closest_marker("bench")
        bench = getattr(item, "callspec", None) and item.callspec.params.get("phone")  # type: ignore[attr-defined]
        elsewhere = only is not None and bench and bench not in only.args
        unasked = bench == "hil" and item.get_closest_marker("rig") is None
        (left if elsewhere or unasked else kept).append(item)
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = kept


@pytest.fixture(params=["core", pytest.param("sip", marks=pytest.mark.sip), pytest.param("hil", marks=pytest.mark.hil)])
def phone(request: pytest.FixtureRequest) -> Iterator[Story]:
    """A phone that is off, on one bench after the other."""
    if request.param == "core":
        bench = CoreBench()
        yield Story(bench)
        assert bench.illegal == [], bench.illegal
    elif request.param == "hil":
        from tests.stories.bench_hil import HilBench  # noqa: PLC0415 - the rig is built when it is first asked for

        with HilBench() as hil:
            yield Story(hil)
            assert hil.troubles() == [], hil.journal()
    else:
        from tests.stories.bench_sip import SipBench  # noqa: PLC0415 - needs pjsua2; the core stories do not

        with SipBench() as sip:
            yield Story(sip)
            assert sip.illegal() == 0, sip.journal()


@pytest.fixture
def ready(phone: Story) -> Story:
    """A phone in service."""
    return on(phone)
