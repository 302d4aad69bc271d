"""The phone's side of the updater: a word with a number, said again until it is taken; what is told becomes events."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from deskphone.core.effects import InstallUpdate, MarkGood, RestartDevice, SetHostName
from deskphone.core.events import Event, UpdateTold
from deskphone.drivers import updater as module
from deskphone.drivers.updater import Updater

SAID = {"step": "installing", "version": "0.2.0", "percent": 7, "detail": "", "served": 0}


async def until(true: object) -> None:
    assert callable(true)
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK_S", 0.01)


async def test_what_the_updater_says_is_told_once_and_news_again(tmp_path: Path) -> None:
    told, heard = tmp_path / "state", list[Event]()
    life = asyncio.create_task(Updater(tmp_path / "update", told).run(heard.append))
    for percent in (7, 7, 8):
        await asyncio.to_thread(told.write_text, json.dumps({**SAID, "percent": percent}))
        await until(lambda wanted=percent: heard and heard[-1].percent == wanted)  # type: ignore[misc, attr-defined]
    life.cancel()
    assert heard == [UpdateTold("installing", "0.2.0", 7), UpdateTold("installing", "0.2.0", 8)]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"step": 1}', '{"step":"good","version":"","percent":"x","detail":"","served":1}', "\0" * 9],
)
def test_half_a_file_says_nothing_and_the_whole_one_does(tmp_path: Path, text: str) -> None:
    told, heard = tmp_path / "state", list[Event]()
    told.write_text(text)
    driver = Updater(tmp_path / "update", told)
    driver._look(heard.append)
    assert heard == []
    told.write_text(json.dumps(SAID))
    driver._look(heard.append)
    assert heard == [UpdateTold("installing", "0.2.0", 7)]


async def test_a_word_has_a_number_and_is_said_again_until_it_is_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "REPEAT_S", 0.05)
    word, told = tmp_path / "update", tmp_path / "state"
    driver = Updater(word, told)
    life = asyncio.create_task(driver.run(lambda event: None))
    driver.perform(InstallUpdate("0.2.0"))
    first = await asyncio.to_thread(word.read_text)
    assert first.startswith("install ")
    await until(lambda: word.read_text() != first)
    assert (await asyncio.to_thread(word.read_text)).startswith("install ")

    def serve() -> int:
        number = int(word.read_text().split()[1])
        told.write_text(json.dumps({**SAID, "served": number}))
        return number

    await until(lambda: serve() and driver._asked == "")
    driver.perform(RestartDevice("update"))
    assert (await asyncio.to_thread(word.read_text)).startswith("restart ")
    life.cancel()


async def test_the_same_failure_again_is_an_answer_to_who_asked_again(tmp_path: Path) -> None:
    word, told, heard = tmp_path / "update", tmp_path / "state", list[Event]()
    driver = Updater(word, told)
    failed = UpdateTold("failed", "0.2.0", 0, "bad signature")
    for _ in range(2):
        driver.perform(InstallUpdate("0.2.0"))
        number = int(word.read_text().split()[1])
        said = {"step": "failed", "version": "0.2.0", "percent": 0, "detail": "bad signature", "served": number}
        told.write_text(json.dumps(said))
        for _ in range(3):
            driver._look(heard.append)
    assert heard == [failed, failed]


async def test_good_is_said_only_when_every_port_moves(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    word, dead = tmp_path / "update", {"user agent"}
    driver = Updater(word, tmp_path / "state", lambda: frozenset(dead))
    life = asyncio.create_task(driver.run(lambda event: None))
    driver.perform(MarkGood())
    await until(lambda: "user agent does not move" in caplog.text)
    assert not word.exists()
    dead.clear()
    await until(word.exists)
    assert (await asyncio.to_thread(word.read_text)).startswith("good ")
    life.cancel()


async def test_a_run_directory_that_is_gone_is_a_line_in_the_journal(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    Updater(tmp_path / "gone/update").perform(InstallUpdate("0.2.0"))
    assert "the updater cannot be asked to install" in caplog.text
    with pytest.raises(LookupError):
        Updater(tmp_path / "update").perform(SetHostName("a"))
