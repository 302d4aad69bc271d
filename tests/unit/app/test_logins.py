"""Who may manage the phone: what is kept of a password, and which of several counts."""

from __future__ import annotations

import stat

from deskphone.trust import password
from tests.unit.app.control_bench import Bench, bench

__all__ = ["bench"]  # pytest finds the fixture by its name here
PASSWORD = "deskphone/web/admin_password"


async def test_only_hashes_are_kept_and_a_shipped_password_lets_nobody_in(bench: Bench) -> None:
    async with bench.guest() as guest:
        assert (await guest.ask("credentials"))["password"] == ""
        assert (await guest.ask("set", values={PASSWORD: "1234"}))["ok"]
        assert (await guest.ask("credentials"))["password"] == "", "1234 is everybody's"
        assert (await guest.ask("set", values={PASSWORD: "of the file"}))["ok"]
        assert password.matches("of the file", (await guest.ask("credentials"))["password"])
        assert (await guest.ask("set_credential", kind="password", hash="correct horse"))["kind"] == "value"
        assert (await guest.ask("set_credential", kind="root", hash=""))["kind"] == "value"
        kept = password.hashed("correct horse")
        assert (await guest.ask("set_credential", kind="password", hash=kept))["ok"]
        assert (await guest.ask("credentials"))["password"] == kept
    file = bench.runtime.folder / "credentials"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and "correct horse" not in file.read_text()


async def test_the_newest_of_two_ways_to_set_the_password_counts(bench: Bench) -> None:
    async with bench.guest() as guest:

        async def lets_in() -> set[str]:
            kept = (await guest.ask("credentials"))["password"]
            return {word for word in ("at the display", "in the settings", "1234") if password.matches(word, kept)}

        assert (await guest.ask("set_credential", kind="password", hash=password.hashed("at the display")))["ok"]
        answer = await guest.ask("set", values={PASSWORD: "in the settings"})
        assert answer["settings"][0]["value"] == "***" and answer["warnings"] == []
        assert await lets_in() == {"in the settings"}
        kept = (await guest.ask("credentials"))["password"]
        assert (await guest.ask("set", values={PASSWORD: "in the settings"}))["ok"]
        assert (await guest.ask("credentials"))["password"] == kept, "the same again ends no session"
        assert (await guest.ask("factory_reset"))["reset"] == 1
        assert await lets_in() == {"in the settings"}, "who is far away gets in again"
        doubt = (await guest.ask("set", values={PASSWORD: "1234"}))["warnings"]
        assert len(doubt) == 1 and "everybody" in doubt[0] and await lets_in() == {"in the settings"}
        assert (await guest.ask("set", values={PASSWORD: "in the settings"}))["ok"]
        assert (await guest.ask("set", values={PASSWORD: None}))["ok"] and await lets_in() == set()
        assert (await guest.ask("set_credential", kind="password", hash=password.hashed("at the display")))["ok"]
        assert (await guest.ask("set", values={PASSWORD: None}))["ok"] and await lets_in() == {"at the display"}
