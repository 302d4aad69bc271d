"""Firmware that is handed over in pieces: judged as one that provisioning finds, one at a time, whole or not at all."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from deskphone.provision import firmware, handed
from deskphone.provision.firmware import Refused, Verdict
from deskphone.provision.handed import Declined, Hands
from tests.unit.provisioning.authority import Authority
from tests.unit.provisioning.test_firmware import IMAGE, text

PIECE = 45_000


class Bringer:
    """A phone's hands, and who brings."""

    def __init__(self, data: Path, owner: Authority) -> None:
        self.data, self.owner = data, owner
        self.hands = Hands(data, owner.certificate)

    async def begin(self, cms: bytes, undone: str = "") -> int:
        number, _ = await self.hands.begin(cms, model="420HD", version="0.1.0", undone=undone)
        return number

    async def bring(self, number: int, image: bytes) -> None:
        for at in range(0, len(image), PIECE):
            await self.hands.piece(number, at, image[at : at + PIECE])
        await self.hands.end(number, len(image))

    @property
    def lies_here(self) -> set[str]:
        return {each.name for each in (self.data / firmware.FOLDER).glob("*")}


@pytest.fixture
def bringer(tmp_path: Path, owner: Authority) -> Bringer:
    return Bringer(tmp_path, owner)


async def test_what_is_handed_over_waits_as_one_that_was_found(bringer: Bringer, owner: Authority) -> None:
    number = await bringer.begin(owner.sign(text()))
    assert number
    await bringer.bring(number, IMAGE)
    kept = await firmware.kept(bringer.data, owner.certificate, version="0.1.0")
    assert kept is not None and kept.path.read_bytes() == IMAGE and kept.manifest.version == "0.2.0"
    assert bringer.lies_here == {firmware.BUNDLE, firmware.CMS}
    assert await bringer.begin(owner.sign(text())) == 0, "it is here already"
    assert await bringer.begin(owner.sign(text("0.1.0"))) == 0, "it runs already"


@pytest.mark.parametrize(("changes", "verdict"), [
    ({"model": "450HD"}, Verdict.WRONG_MODEL), ({"version": "0.0.9"}, Verdict.OLDER),
])  # fmt: skip
async def test_what_is_not_for_this_phone_is_refused_before_a_byte_of_it(
    bringer: Bringer, owner: Authority, changes: dict[str, str], verdict: Verdict
) -> None:
    with pytest.raises(Refused) as raised:
        await bringer.begin(owner.sign(text(**changes)))  # type: ignore[arg-type]
    assert raised.value.verdict is verdict and bringer.lies_here == set()


async def test_a_strangers_is_refused_and_leaves_the_one_that_waits(
    bringer: Bringer, owner: Authority, stranger: Authority
) -> None:
    await bringer.bring(await bringer.begin(owner.sign(text())), IMAGE)
    for cms in (stranger.sign(text("0.3.0")), b"", b"<html>", bytes(200_000)):
        with pytest.raises(Refused) as raised:
            await bringer.begin(cms)
        assert raised.value.verdict is Verdict.BAD_SIGNATURE
    assert await firmware.kept(bringer.data, owner.certificate, version="0.1.0") is not None


async def test_a_version_that_was_undone_is_not_taken_again(bringer: Bringer, owner: Authority) -> None:
    with pytest.raises(Declined, match="undone"):
        await bringer.begin(owner.sign(text()), undone="0.2.0")


@pytest.mark.parametrize(
    ("image", "verdict"),
    [(IMAGE[:-1], Verdict.INCOMPLETE), (IMAGE[:-1] + b"x", Verdict.CHANGED), (IMAGE + b"x", Verdict.CHANGED)],
    ids=["short", "changed", "long"],
)
async def test_other_bytes_than_the_signed_ones_are_refused_and_nothing_lies_here(
    bringer: Bringer, owner: Authority, image: bytes, verdict: Verdict
) -> None:
    number = await bringer.begin(owner.sign(text()))
    with pytest.raises(Refused) as raised:
        await bringer.bring(number, image)
    assert raised.value.verdict is verdict and bringer.lies_here == set()
    assert await bringer.begin(owner.sign(text())), "and the right one may come"


async def test_one_at_a_time(bringer: Bringer, owner: Authority) -> None:
    first = await bringer.begin(owner.sign(text()))
    await bringer.hands.piece(first, 0, IMAGE[:PIECE])
    with pytest.raises(Declined, match="another"):
        await bringer.begin(owner.sign(text("0.3.0")))
    with pytest.raises(BlockingIOError), firmware.alone(bringer.data / firmware.FOLDER):
        pass  # provisioning keeps away
    await bringer.hands.drop(first + 1)
    with pytest.raises(Declined, match="another"):
        await bringer.begin(owner.sign(text("0.3.0")))
    await bringer.hands.drop(first)
    second = await bringer.begin(owner.sign(text("0.3.0")))
    for number, at in ((first, PIECE), (second, PIECE), (second + 1, 0)):
        with pytest.raises(Declined):
            await bringer.hands.piece(number, at, b"x")
    await bringer.hands.drop(second)
    await bringer.bring(await bringer.begin(owner.sign(text("0.3.0"))), IMAGE)
    assert bringer.lies_here == {firmware.BUNDLE, firmware.CMS}


async def test_while_the_phone_fetches_one_itself_nobody_hands_one_over(bringer: Bringer, owner: Authority) -> None:
    with firmware.alone(bringer.data / firmware.FOLDER), pytest.raises(Declined, match="fetches"):
        await bringer.begin(owner.sign(text()))
    assert await bringer.begin(owner.sign(text()))


async def test_a_card_without_room_is_a_refusal(
    bringer: Bringer, owner: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as full:
        full.setattr(firmware, "SPARE", 10**18)
        with pytest.raises(Refused) as raised:
            await bringer.begin(owner.sign(text()))
        assert raised.value.verdict is Verdict.NO_ROOM
    number = await bringer.begin(owner.sign(text()))
    shutil.rmtree(bringer.data / firmware.FOLDER)  # the card is gone under it
    with pytest.raises(Refused) as raised:
        await bringer.bring(number, IMAGE)
    assert raised.value.verdict is Verdict.NO_ROOM


async def test_one_whose_bringer_stays_away_is_given_up_without_being_asked(
    bringer: Bringer, owner: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await bringer.begin(owner.sign(text()))
    monkeypatch.setattr(handed, "PATIENCE", 0.05)
    await bringer.hands.piece(number, 0, IMAGE[:PIECE])
    async with asyncio.timeout(20):
        while bringer.lies_here:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    with firmware.alone(bringer.data / firmware.FOLDER):
        pass  # provisioning may fetch one
    with pytest.raises(Declined, match="any more"):
        await bringer.hands.piece(number, PIECE, b"x")


async def test_the_one_that_waits_stays_until_another_is_whole_where_both_have_room(
    bringer: Bringer, owner: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def waits() -> str:
        kept = await firmware.kept(bringer.data, owner.certificate, version="0.1.0")
        return kept.manifest.version if kept is not None else ""

    await bringer.bring(await bringer.begin(owner.sign(text())), IMAGE)
    other, newer = IMAGE[:-1] + b"x", text("0.3.0", image=IMAGE[:-1] + b"x")
    number = await bringer.begin(owner.sign(newer))
    await bringer.hands.piece(number, 0, other[:PIECE])
    await bringer.hands.drop(number)
    assert await waits() == "0.2.0"
    await bringer.bring(await bringer.begin(owner.sign(newer)), other)
    assert await waits() == "0.3.0" and bringer.lies_here == {firmware.BUNDLE, firmware.CMS}

    def room(folder: Path) -> object:
        return shutil._ntuple_diskusage(0, 0, firmware.SPARE + len(IMAGE) * (1 - len(list(folder.glob("*.img")))))  # type: ignore[attr-defined]

    monkeypatch.setattr(firmware.shutil, "disk_usage", room)  # type: ignore[attr-defined]
    assert await bringer.begin(owner.sign(text("0.4.0")))
    assert bringer.lies_here == {firmware.NEW}, "for both there is no room"


async def test_another_one_that_waits_is_not_read_to_take_this_one(
    bringer: Bringer, owner: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be large, and who asks waits for so many seconds only."""
    await bringer.bring(await bringer.begin(owner.sign(text())), IMAGE)
    read = list[Path]()
    monkeypatch.setattr(firmware, "_check", lambda path, offer: read.append(path))
    assert await bringer.begin(owner.sign(text())) == 0 and len(read) == 1
    assert await bringer.begin(owner.sign(text("0.3.0"))) and len(read) == 1


@contextlib.contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Writing past `size` fails (RLIMIT_FSIZE, setrlimit(2)), as on a card that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("size", [PIECE + 8_000, len(IMAGE) - 100], ids=["at a piece", "at the end"])
async def test_a_card_that_is_full_half_way_is_a_refusal_and_the_next_one_may_come(
    bringer: Bringer, owner: Authority, size: int
) -> None:
    number = await bringer.begin(owner.sign(text()))
    with files_of_at_most(size), pytest.raises(Refused) as raised:
        await bringer.bring(number, IMAGE)
    assert raised.value.verdict is Verdict.NO_ROOM and bringer.lies_here == set()
    await bringer.bring(await bringer.begin(owner.sign(text())), IMAGE)
