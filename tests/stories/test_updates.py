"""Updates as an agent and a help desk see them: never in a call, at the owner's hour, kept only when all is well."""

from __future__ import annotations

import pytest

from deskphone.core import events as ev
from deskphone.core.screen.status import provisioning_report
from tests.stories import agent
from tests.stories.bench import Story
from tests.stories.bench_core import core
from tests.stories.in_service import on as in_service
from tests.stories.in_service import talking
from tests.stories.provisioning_server import ProvisioningServer, on, server_of
from tests.stories.updater import StoryUpdater, updater_of

pytestmark = pytest.mark.bench("core")
IDLE = {"deskphone__update__restart": "IDLE"}
MINUTE = 60.0


def installed(phone: Story, **settings: str) -> tuple[ProvisioningServer, StoryUpdater]:
    """A phone in service that has version 0.2.0 in its other slot."""
    in_service(phone, **settings)
    server, updater = server_of(phone), updater_of(phone)
    server.has_firmware("0.2.0")
    assert updater.asked == ["install 0.2.0"]
    updater.says("installed")
    return server, updater


def test_without_an_updater_a_firmware_waits_and_nothing_is_asked(phone: Story) -> None:
    server = on(phone)
    server.has_firmware("0.2.0")
    phone.pass_time(10 * MINUTE)
    assert StoryUpdater(core(phone)).asked == []


def test_an_update_waits_for_the_end_of_the_call_and_is_installed_then(phone: Story) -> None:
    server = on(phone)
    updater = updater_of(phone)
    customer = talking(phone)
    server.has_firmware("0.2.0")
    phone.pass_time(MINUTE)
    assert updater.asked == []
    customer.hang_up()
    phone.pass_time(1)
    assert updater.asked == ["install 0.2.0"]


def test_each_step_is_on_the_page_and_the_bar_grows(phone: Story) -> None:
    server = on(phone)
    updater = updater_of(phone)
    server.has_firmware("0.2.0")
    updater.says("installing", percent=42)
    phone.shows("Updating \u2588\u2588\u2591\u2591\u2591\u2591\u2591")
    phone.press("menu", "4", "2", "down", "down", "down")
    phone.shows("Update", "Installing", "0.2.0")
    phone.press("down")
    phone.shows("\u2588\u2588\u2588\u2588\u2588\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591", "42 %")
    updater.says("installing", percent=99)
    phone.shows("\u2588" * 13 + "\u2591", "99 %")
    updater.says("installed")
    phone.press("up")
    phone.shows("After restart")


def test_as_soon_as_it_is_idle_where_the_owner_says_so_but_never_in_a_call(phone: Story) -> None:
    in_service(phone, **IDLE)
    server, updater = server_of(phone), updater_of(phone)
    server.has_firmware("0.2.0")
    customer = talking(phone)
    updater.says("installed")
    phone.pass_time(30 * MINUTE)
    assert "restart" not in updater.asked
    customer.hang_up()
    phone.pass_time(1)
    assert updater.asked == ["install 0.2.0", "restart"]
    phone.pass_time(30 * MINUTE)
    assert updater.asked.count("restart") == 1


def test_at_night_in_the_hours_of_the_settings(phone: Story) -> None:
    """It is 10:24 when the story begins."""
    _, updater = installed(phone, deskphone__update__night_time="03:00")
    phone.pass_time(16 * 60 * MINUTE + 34 * MINUTE)  # 02:58
    assert "restart" not in updater.asked
    phone.pass_time(3 * MINUTE)
    assert updater.asked[-1] == "restart"


@pytest.mark.long
def test_a_phone_that_is_busy_in_those_hours_waits_for_the_next_night(phone: Story) -> None:
    _, updater = installed(phone, deskphone__update__night_time="10:30")
    customer = talking(phone)
    phone.pass_time(3 * 60 * MINUTE)
    customer.hang_up()
    phone.pass_time(60 * MINUTE)
    assert "restart" not in updater.asked
    phone.pass_time(21 * 60 * MINUTE)
    assert updater.asked[-1] == "restart"


def test_a_clock_that_nobody_set_knows_no_night(phone: Story) -> None:
    core(phone).set_clock(-core(phone).moment.unix + 2 * 3600)  # 1970, 02:00
    _, updater = installed(phone)
    phone.pass_time(24 * 60 * MINUTE)
    assert "restart" not in updater.asked


# --- an agent to whom calls are dealt -----------------------------------------------------------------


def agent_with_an_update(phone: Story, **settings: str) -> StoryUpdater:
    """Logged in, and 0.2.0 lies in the other slot."""
    agent.power_on(phone, **settings)
    agent.log_in(phone)
    server, updater = server_of(phone), updater_of(phone)
    server.has_firmware("0.2.0")
    return updater


def waits_for(phone: Story) -> object:
    told = provisioning_report(core(phone).phone)["update"]
    assert isinstance(told, dict)
    return told["restart_waits_for"]


def test_no_restart_while_the_agent_is_ready_nor_in_the_work_after_a_call(phone: Story) -> None:
    updater = agent_with_an_update(phone, **IDLE)
    phone.desktop.ready()
    phone.large("Ready")
    updater.says("installed")
    phone.pass_time(30 * MINUTE)
    assert (updater.asked[-1], waits_for(phone)) == ("install 0.2.0", "agent")
    phone.desktop.after_call_work()
    phone.pass_time(MINUTE)
    assert updater.asked[-1] == "install 0.2.0"
    phone.desktop.not_ready()
    phone.pass_time(1)
    assert updater.asked[-1] == "restart"


def test_an_agent_who_logs_out_lets_it_restart(phone: Story) -> None:
    updater = agent_with_an_update(phone, **IDLE)
    phone.desktop.ready()
    updater.says("installed")
    phone.pass_time(MINUTE)
    assert updater.asked[-1] == "install 0.2.0"
    phone.desktop.log_out()
    phone.pass_time(1)
    assert updater.asked[-1] == "restart"


def test_the_night_shift_takes_calls_and_the_update_waits(phone: Story) -> None:
    updater = agent_with_an_update(phone, deskphone__update__night_time="10:30")
    phone.desktop.ready()
    updater.says("installed")
    assert waits_for(phone) == "agent"
    phone.pass_time(30 * MINUTE)
    assert updater.asked[-1] == "install 0.2.0"
    phone.desktop.not_ready()
    phone.pass_time(MINUTE)
    assert updater.asked[-1] == "restart"


def test_by_day_the_night_is_what_it_waits_for(phone: Story) -> None:
    installed(phone)
    assert waits_for(phone) == "night"


# --- whether a start was good ------------------------------------------------------------------------


def test_a_trial_is_good_after_a_minute_and_not_before(phone: Story) -> None:
    in_service(phone)
    server_of(phone).gives()
    updater = updater_of(phone, "trial", "0.2.0")
    phone.pass_time(55)
    assert updater.asked == []
    phone.pass_time(6)
    assert updater.asked == ["good"]
    updater.says("good")
    phone.pass_time(20 * MINUTE)
    assert updater.asked == ["good"]


def test_no_server_answers_and_it_is_good_all_the_same(phone: Story) -> None:
    phone.power_on()
    server_of(phone).gives()
    core(phone).turn(ev.RegistrationFailed(0, 408, "Request Timeout", answered=False))
    updater = updater_of(phone, "trial", "0.2.0")
    phone.pass_time(61)
    assert updater.asked == ["good"]


def test_without_its_display_it_is_given_up_after_ten_minutes(phone: Story) -> None:
    in_service(phone)
    server_of(phone).gives()
    core(phone).turn(ev.DriverFailed("display", "OSError: no such device"))
    updater = updater_of(phone, "trial", "0.2.0")
    phone.pass_time(5 * MINUTE)
    assert updater.asked == []
    assert provisioning_report(core(phone).phone)["update"] == {
        "step": "trial", "version": "0.2.0", "percent": 0, "detail": "display: OSError: no such device",
        "waits_for_idle": "", "restart_waits_for": "", "rolled_back": "",
    }  # fmt: skip
    customer = talking(phone)
    phone.pass_time(6 * MINUTE)
    assert updater.asked == []
    customer.hang_up()
    phone.pass_time(6)
    assert updater.asked == ["restart"]


def test_a_display_that_comes_late_makes_it_good_late(phone: Story) -> None:
    in_service(phone)
    server_of(phone).gives()
    core(phone).turn(ev.DriverFailed("display", "OSError: busy"))
    updater = updater_of(phone, "trial", "0.2.0")
    phone.pass_time(3 * MINUTE)
    core(phone).turn(ev.DriverRecovered("display"))
    phone.pass_time(6)
    assert updater.asked == ["good"]


def test_a_phone_without_settings_is_not_good(phone: Story) -> None:
    core(phone).turn(ev.PowerOn(core(phone).phone.layers, (), "0.2.0"))
    updater = updater_of(phone, "trial", "0.2.0")
    phone.pass_time(5 * MINUTE)
    assert updater.asked == []
    server_of(phone).gives()
    phone.pass_time(6)
    assert updater.asked == ["good"]


def test_marking_good_that_failed_is_tried_again(phone: Story) -> None:
    in_service(phone)
    server_of(phone).gives()
    updater = updater_of(phone, "trial", "0.2.0")
    phone.pass_time(61)
    updater.says("trial", detail="mount: /boot cannot be written")
    phone.pass_time(6)
    assert updater.asked == ["good", "good"]


def test_what_was_undone_is_said_and_not_installed_again_but_the_next_version_is(phone: Story) -> None:
    in_service(phone)
    server, updater = server_of(phone), updater_of(phone, "rolled_back", "0.2.0")
    phone.shows("Update undone 0.2.0")
    phone.press("menu", "4", "2", "down", "down")
    phone.shows("Update", "Undone")
    phone.press("menu")
    server.has_firmware("0.2.0")
    phone.pass_time(MINUTE)
    assert updater.asked == []
    server.has_firmware("0.2.1")
    assert updater.asked == ["install 0.2.1"]


def test_what_failed_is_tried_again_with_the_next_check_and_the_reason_is_on_the_page(phone: Story) -> None:
    server = on(phone)
    updater = updater_of(phone)
    server.has_firmware("0.2.0")
    updater.says("failed", detail="for another board")
    phone.pass_time(60 * MINUTE)
    assert updater.asked == ["install 0.2.0"]
    phone.press("menu", "4", "2", "down", "down", "down", "down")
    phone.shows("Failed", "for another board")
    server.has_firmware("0.2.0")
    assert updater.asked == ["install 0.2.0", "install 0.2.0"]


def test_a_bundle_that_cannot_be_read_failed_by_the_version_that_was_asked_for(phone: Story) -> None:
    server = on(phone)
    updater = updater_of(phone)
    server.has_firmware("0.2.0")
    updater.says("failed", "", detail="bad signature")
    told = provisioning_report(core(phone).phone)["update"]
    assert isinstance(told, dict) and (told["step"], told["version"]) == ("failed", "0.2.0")
    server.has_firmware("0.2.0")
    updater.says("failed", "", detail="bad signature")
    server.has_firmware("0.2.0")
    assert updater.asked == ["install 0.2.0"] * 3


def test_a_newer_one_takes_the_place_of_one_that_waits_for_the_night(phone: Story) -> None:
    server, updater = installed(phone)
    server.has_firmware("0.2.0")
    assert updater.asked == ["install 0.2.0"]
    server.has_firmware("0.3.0")
    assert updater.asked == ["install 0.2.0", "install 0.3.0"]


@pytest.mark.parametrize("step", ["asked", "restarting", "", "format", "None"])
def test_a_word_that_is_not_the_updaters_changes_nothing(phone: Story, step: str) -> None:
    in_service(phone)
    before = core(phone).phone.update
    core(phone).turn(ev.UpdateTold(step, "0.2.0"))
    assert core(phone).phone.update == before
    assert [each.event for each in core(phone).illegal] == ["UpdateTold"]
    core(phone).illegal.clear()
