"""Updates by Debian's RAUC on a card of files: the good bundle is tried and kept; every other changes nothing."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
import updater
from updater import main

from tests.image.rauc_card import Card, Owner
from tests.image.test_data import why_not

pytestmark = [
    pytest.mark.slow,
    pytest.mark.needs("rauc", "mksquashfs", "dbus-daemon"),
    pytest.mark.skipif(bool(why_not()), reason=why_not() or "-"),
]
number = count(1)


@pytest.fixture(scope="module")
def owner(tmp_path_factory: pytest.TempPathFactory) -> Owner:
    return Owner(tmp_path_factory.mktemp("owner"))


@pytest.fixture
def card(owner: Owner, tmp_path: Path) -> Iterator[Card]:
    made = Card(tmp_path, owner)
    yield made
    made.off()


@pytest.fixture(scope="module")
def still(owner: Owner, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Card]:
    """A card on which nothing ever comes to pass."""
    made = Card(tmp_path_factory.mktemp("still"), owner)
    yield made
    assert made.restart() == ("A", "0.1.0")
    made.off()


def say(card: Card, verb: str) -> dict[str, object]:
    return card.serve(f"{verb} {next(number)}\n")


def offer(card: Card, bundle: Path) -> None:
    shutil.copy(bundle, card.folder / "download/bundle.img")


def slots(card: Card) -> tuple[bytes, bytes]:
    return (card.folder / "slotA").read_bytes(), (card.folder / "slotB").read_bytes()


def test_a_good_bundle_is_installed_tried_and_kept(card: Card, owner: Owner) -> None:
    offer(card, owner.bundle("0.2.0"))
    assert say(card, "install") | {"served": 0} == {
        "step": "installed", "version": "0.2.0", "percent": 0, "detail": "", "served": 0,
    }  # fmt: skip
    say(card, "restart")
    assert (card.folder / "restarts").read_text() == "--no-block reboot --reboot-argument=0 tryboot\n"
    assert card.restart() == ("B", "0.2.0")
    assert card.serve()["step"] == "trial"
    assert say(card, "good")["step"] == "good"
    assert card.restart(asked=False) == ("B", "0.2.0")
    assert card.serve()["step"] == "none"
    offer(card, owner.bundle("0.3.0"))
    assert say(card, "install")["step"] == "installed"
    assert card.restart() == ("A", "0.3.0")


def test_each_step_of_the_installing_is_told(card: Card, owner: Owner, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    program = card.folder / "bin/rauc"
    state = card.folder / "run/state"
    look = f'while read -r line; do echo "$line"; sleep 0.01; [ ! -f {state} ] || cat {state} >>{seen}; done'
    program.write_text(program.read_text().replace("exec ", "").rstrip() + f" | {look}\n")
    offer(card, owner.bundle("0.2.0"))
    say(card, "install")
    percents = [json.loads(each + "}")["percent"] for each in seen.read_text().split("}") if each.strip()]
    assert len(set(percents)) > 3 and percents == sorted(percents)


def test_a_trial_that_is_never_good_is_gone_at_the_next_start_and_a_second_time_for_good(
    card: Card, owner: Owner
) -> None:
    offer(card, owner.bundle("0.2.0"))
    for expected, detail in (("failed", "the trial ended early, 0.1.0 runs"), ("rolled_back", "0.1.0 runs")):
        assert say(card, "install")["step"] == "installed"
        say(card, "restart")
        assert card.restart() == ("B", "0.2.0")
        assert card.restart(asked=False) == ("A", "0.1.0")
        said = card.serve()
        assert (said["step"], said["version"], said["detail"]) == (expected, "0.2.0", detail)


def test_a_trial_that_is_given_up_is_not_tried_again(card: Card, owner: Owner) -> None:
    offer(card, owner.bundle("0.2.0"))
    say(card, "install")
    say(card, "restart")
    assert card.restart() == ("B", "0.2.0")
    say(card, "restart")
    assert card.restart() == ("A", "0.1.0")
    assert card.serve()["step"] == "rolled_back"


def test_switched_off_before_the_trial_it_is_the_old_one(card: Card, owner: Owner) -> None:
    offer(card, owner.bundle("0.2.0"))
    say(card, "install")
    assert card.restart(asked=False) == ("A", "0.1.0")
    assert card.serve()["detail"] == "switched off before the trial"


@pytest.mark.parametrize("cut", [0.02, 0.5, 0.99])
def test_a_cut_off_bundle_changes_nothing(still: Card, owner: Owner, cut: float) -> None:
    whole = owner.bundle("0.2.0").read_bytes()
    (still.folder / "download/bundle.img").write_bytes(whole[: int(len(whole) * cut)])
    before = slots(still)
    said = say(still, "install")
    assert said["step"] == "failed" and "cut off" in str(said["detail"])
    assert slots(still) == before


def test_another_owners_bundle_changes_nothing(still: Card, tmp_path_factory: pytest.TempPathFactory) -> None:
    offer(still, Owner(tmp_path_factory.mktemp("other"), "Other").bundle("0.2.0"))
    before = slots(still)
    said = say(still, "install")
    assert (said["step"], said["detail"]) == ("failed", "bad signature")
    assert slots(still) == before


def test_a_bundle_for_another_board_changes_nothing(still: Card, owner: Owner) -> None:
    offer(still, owner.bundle("0.2.0", compatible="deskphone-zero2w-handset"))
    before = slots(still)
    said = say(still, "install")
    assert (said["step"], said["detail"]) == ("failed", "for another board")
    assert slots(still) == before


def test_an_older_version_is_refused_unless_the_owner_signed_that(card: Card, owner: Owner) -> None:
    offer(card, owner.bundle("0.0.9"))
    before = slots(card)
    said = say(card, "install")
    assert (said["step"], said["detail"]) == ("failed", "older than 0.1.0")
    assert slots(card) == before
    offer(card, owner.bundle("0.0.9", description="downgrade", build="2000"))
    assert say(card, "install")["step"] == "installed"
    assert card.restart() == ("B", "0.0.9")


@pytest.mark.parametrize("signed", ["", "999", "1000", "-2000", "2e3"])
def test_an_order_to_go_back_counts_on_no_version_made_after_it(still: Card, owner: Owner, signed: str) -> None:
    offer(still, owner.bundle("0.0.9", description="downgrade", build=signed))
    before = slots(still)
    said = say(still, "install")
    assert (said["step"], said["detail"]) == ("failed", "signed before 0.1.0")
    assert slots(still) == before


def test_an_order_to_go_back_is_obeyed_once(card: Card, owner: Owner) -> None:
    """Whoever kept it plays it again when the phone has been brought forward."""
    order = owner.bundle("0.0.9", description="downgrade", build="2000")
    for bundle, slot in ((order, ("B", "0.0.9")), (owner.bundle("0.1.0"), ("A", "0.1.0"))):
        offer(card, bundle)
        assert say(card, "install")["step"] == "installed"
        say(card, "restart")
        assert card.restart() == slot
        assert card.serve()["step"] == "trial"
        assert say(card, "good")["step"] == "good"
    card.serve()
    for build, expected in (("2000", "order used already"), ("1999", "order used already"), ("2001", "")):
        offer(card, owner.bundle("0.0.9", description="downgrade", build=build))
        assert say(card, "install")["detail"] == expected


def test_an_order_whose_trial_did_not_end_well_may_be_tried_again(card: Card, owner: Owner) -> None:
    offer(card, owner.bundle("0.0.9", description="downgrade", build="2000"))
    for _ in range(2):
        assert say(card, "install")["step"] == "installed"
        say(card, "restart")
        assert card.restart() == ("B", "0.0.9")
        assert card.restart(asked=False) == ("A", "0.1.0")
        card.serve()


def test_a_bundle_that_is_changed_behind_the_look_at_its_version_is_not_tried(card: Card, owner: Owner) -> None:
    """The phone's user, taken over, puts an old signed bundle with a hole in the place of the new one."""
    offer(card, owner.bundle("0.2.0"))
    program = card.folder / "bin/rauc"
    swap = f'[ "$1" != install ] || cp {owner.bundle("0.0.9")} {card.folder}/download/bundle.img\n'
    program.write_text(program.read_text().replace("exec ", swap + "exec "))
    said = say(card, "install")
    assert (said["step"], said["detail"]) == ("failed", "expected 0.2.0, 0.0.9 was written")
    assert card.restart() == ("A", "0.1.0")


def test_what_is_no_word_does_nothing_nor_does_a_restart_into_nothing_or_a_good_without_trial(still: Card) -> None:
    before = slots(still)
    step = still.serve()["step"]
    words = ("", "install", "install 1", "format 1\n", "restart -1\n", "good 1\ninstall 2\n", "\xff" * 90)
    assert {still.serve(word)["step"] for word in words} == {step}
    say(still, "restart")
    say(still, "good")
    assert slots(still) == before and not (still.folder / "restarts").exists()


def test_a_pipe_or_a_link_in_the_place_of_a_file_is_not_waited_at_nor_followed(still: Card) -> None:
    word, bundle = (still.folder / "download" / name for name in ("update", "bundle.img"))
    before, served = slots(still), still.serve()["served"]
    elsewhere = still.folder / "elsewhere"
    elsewhere.write_text(f"restart {next(number)}\n")
    for make in (os.mkfifo, lambda path: path.symlink_to(elsewhere), lambda path: path.mkdir()):
        word.unlink(missing_ok=True)
        make(word)
        assert main([str(word)], still.updater) == 0
        assert still.serve()["served"] == served
    word.rmdir()
    bundle.unlink(missing_ok=True)
    os.mkfifo(bundle)
    said = say(still, "install")
    assert (said["step"], said["detail"]) == ("failed", "no bundle there")
    bundle.unlink()
    assert slots(still) == before


def test_without_room_for_its_note_an_update_is_not_tried_and_says_so(
    card: Card, owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer(card, owner.bundle("0.2.0"))

    def full(path: Path, text: str) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(updater, "_keep", full)
    said = say(card, "install")
    assert (said["step"], said["detail"]) == ("failed", "no note of it can be kept: No space left on device")
    monkeypatch.undo()
    assert card.restart() == ("A", "0.1.0")


def test_the_kernel_has_what_a_verity_bundle_needs() -> None:
    fragment = (Path(__file__).resolve().parents[2] / "image/kernel/common.fragment").read_text()
    for symbol in ("CONFIG_DM_VERITY=y", "CONFIG_BLK_DEV_LOOP=y", "CONFIG_SQUASHFS=y"):
        assert symbol in fragment.splitlines()
