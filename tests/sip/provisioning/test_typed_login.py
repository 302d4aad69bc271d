"""The whole program before a server that wants a login: asked on its screen, kept for the next start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.sip.provisioning.program import FILE, GOOD, running, yesterday
from tests.unit.provisioning.check_bench import for_desk_only
from tests.unit.provisioning.conftest import serve  # noqa: F401 - a fixture

pytestmark = [pytest.mark.sip, pytest.mark.slow]
ASKS = "provisioning/configuration/http_auth/ui_interaction_enabled=1\n"


async def test_a_person_gets_the_phone_its_settings(serve: Any, tmp_path: Path) -> None:  # noqa: F811
    data = yesterday(tmp_path)
    good = data / "last-good.cfg"
    good.write_text(GOOD + ASKS)
    files = {FILE: (GOOD.replace("1502", "1777") + ASKS).encode()}
    async with serve(for_desk_only(files)) as url:
        async with running(data, url + "/") as program:
            await program.shows("Settings Login", "Username:")
            await program.types("desk")
            await program.press("down")
            await program.types("geheim")
            await program.press("ok")
            await program.shows("1777")
            assert "geheim" not in program.journal
        files[FILE] = files[FILE].replace(b"1777", b"1888")
        async with running(data, url + "/") as program:
            await program.shows("1888")
    assert "voip/line/0/id=1888" in good.read_text()
