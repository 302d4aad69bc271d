"""Every screen as a picture: what a person sees at 128x64 does not change by accident.

`make golden` draws them anew (pytest --redraw); look at them before you commit. A failing test leaves what was
drawn beside the golden picture's name in build/golden/.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from deskphone.view.raster import raster, slots, small, width_of
from deskphone.view.render import render
from tests.stories.bench import Story
from tests.stories.bench_core import CoreBench
from tests.stories.provisioning_server import ProvisioningServer

GOLDEN = Path(__file__).parent / "golden"
FAILED = Path("build/golden")
Walk = Callable[[Story], None]


def ready(phone: Story, **settings: str) -> None:
    phone.power_on(**settings)
    phone.registered()


def talking(phone: Story) -> None:
    ready(phone)
    phone.customer().call()
    phone.press("soft1")
    phone.in_call()
    phone.pass_time(67)


def two_calls(phone: Story) -> None:
    talking(phone)
    phone.customer("0409876", "Otto Second").call()
    phone.press("soft1")
    phone.in_call(2)


def walk(*steps: Callable[[Story], None]) -> Walk:
    def go(phone: Story) -> None:
        for step in steps:
            step(phone)

    return go


def keys(*names: str) -> Walk:
    return lambda phone: phone.press(*names)


def incoming(phone: Story) -> None:
    ready(phone)
    phone.customer().call()


def refused(phone: Story) -> None:
    phone.server_answers("REGISTER", 403, "Forbidden")
    phone.power_on()
    phone.pass_time(1)


def provisioning(step: Callable[[ProvisioningServer], None]) -> Walk:
    def go(phone: Story) -> None:
        assert isinstance(phone.bench, CoreBench)
        step(ProvisioningServer(phone.bench))

    return go


ACD = {
    "voip__services__ACD__enabled": "1",
    "voip__services__ACD__unavailable_reason__0__code": "500",
    "voip__services__ACD__unavailable_reason__0__name": "Lunch break",
    "voip__services__ACD__unavailable_reason__1__code": "501",
    "voip__services__ACD__unavailable_reason__1__name": "Coffee break",
}


def logged_out(phone: Story) -> None:
    phone.agents(agent7001="1234")
    phone.power_on(**ACD)
    phone.large("Logged Out")


def typed_login(phone: Story) -> None:
    logged_out(phone)
    phone.press("soft1")
    phone.type("agent7001")
    phone.press("down")
    phone.type("1234")


def logged_in(phone: Story) -> None:
    typed_login(phone)
    phone.press("soft1")
    phone.large("Not Ready")


def agent_ready(phone: Story) -> None:
    logged_in(phone)
    phone.press("soft1")
    phone.large("Ready")


def deaf(phone: Story) -> None:
    phone.agent_server().deaf = True


def hot_seat(phone: Story) -> None:
    phone.power_on(system__login_sk_before_signed_in="1", voip__line__0__id="")


WALKS: dict[str, Walk] = {
    "logged_out": logged_out,
    "logging_in_username": walk(logged_out, keys("soft1", *"2433668")),
    "logging_in_password": walk(typed_login, keys("3")),
    "logging_in_pending": walk(logged_out, deaf, keys("soft1"), lambda phone: phone.type("a"), keys("soft1")),
    "login_failed": walk(logged_out, keys("soft1", "2", "soft1"), lambda phone: phone.pass_time(1)),
    "not_ready": logged_in,
    "ready": agent_ready,
    "not_ready_reasons": walk(agent_ready, keys("soft1")),
    "not_ready_reason": walk(agent_ready, keys("soft1", "ok"), lambda phone: phone.pass_time(1)),
    "ready_pending": walk(logged_in, deaf, keys("soft1")),
    "after_call_work": walk(logged_in, keys("soft3"), lambda phone: phone.pass_time(1)),
    "status_agent": walk(agent_ready, keys("menu", "4", "4")),
    "hot_seat_waiting": hot_seat,
    "hot_seat_sign_in": walk(hot_seat, keys("soft1", *"1777")),
    "starting": lambda phone: None,
    "registering": lambda phone: phone.power_on(),
    "registration_refused": refused,
    "wrong_password": lambda phone: (phone.power_on(voip__line__0__auth_password="x"), phone.pass_time(1))[0],
    "idle": ready,
    "idle_voice_mail": walk(ready, lambda phone: phone.mailbox(2)),
    "idle_dnd": walk(ready, keys("soft3")),
    "dialling": walk(ready, keys(*"0301234")),
    "dialling_long": walk(ready, keys(*"00493012345678901234567")),
    "dialling_letters": walk(ready, keys("2", "soft2", "3")),
    "ringing": walk(ready, keys(*"9408", "soft1"), lambda phone: phone.pass_time(1)),
    "incoming": incoming,
    "incoming_anonymous": walk(ready, lambda phone: phone.customer().call(anonymous=True)),
    "talking": talking,
    "talking_more": walk(talking, keys("soft4")),
    "talking_muted": walk(talking, keys("mute")),
    "held": walk(talking, keys("hold"), lambda phone: phone.pass_time(1)),
    "call_waiting": walk(talking, lambda phone: phone.customer("0409876", "Otto Second").call()),
    "two_calls": two_calls,
    "transfer_to": walk(talking, keys("soft2", *"2001")),
    "consulting": walk(talking, keys("soft2", *"2001", "soft1"), lambda phone: phone.pass_time(2)),
    "conference": walk(talking, keys("soft2", *"2001", "soft1"), lambda phone: phone.pass_time(2), keys("soft2")),
    "busy": walk(ready, keys(*"9486", "soft1"), lambda phone: phone.pass_time(0.2)),
    "unknown_number": walk(ready, keys(*"9404", "soft1"), lambda phone: phone.pass_time(0.2)),
    "volume": walk(ready, keys("volume_up")),
    "menu": walk(ready, keys("menu")),
    "menu_call_log": walk(ready, keys("menu", "1")),
    "menu_directory_empty": walk(ready, keys("menu", "2")),
    "menu_add_contact": walk(ready, keys("menu", "2", "1", *"526633")),
    "menu_settings": walk(ready, keys("menu", "3")),
    "menu_ring_tone": walk(ready, keys("menu", "3", "1")),
    "menu_volumes": walk(ready, keys("menu", "3", "2")),
    "menu_status": walk(ready, keys("menu", "4")),
    "status_network": walk(ready, keys("menu", "4", "1")),
    "status_firmware": walk(ready, keys("menu", "4", "2")),
    "status_servers": walk(ready, keys("menu", "4", "3")),
    "status_firmware_new": walk(ready, provisioning(lambda s: s.has_firmware("0.2.0", True)), keys("menu", "4", "2")),
    "status_provisioning": walk(ready, provisioning(lambda s: s.gives_the_same()), keys("menu", "4", "6")),
    "status_provisioning_refused": walk(ready, provisioning(lambda s: s.gives_a_login_page()), keys("menu", "4", "6")),
    "status_provisioning_waits": walk(talking, provisioning(lambda s: s.gives(number="1777")), keys("menu", "4", "6")),
    "idle_configuration_refused": walk(ready, provisioning(lambda s: s.gives_a_login_page())),
    "menu_administration": walk(ready, keys("menu", "5", "1", "2")),
    "command_menu": walk(ready, keys("soft4")),
    "automatic_forward": walk(ready, keys("soft4", "ok")),
    "number_to_forward_to": walk(ready, keys("soft4", "ok", "ok", *"2424")),
    "idle_forward": walk(ready, keys("soft4", "ok", "ok", *"2424", "soft1")),
}


@pytest.mark.parametrize("name", sorted(WALKS))
def test_the_screen_looks_as_agreed(name: str, request: pytest.FixtureRequest) -> None:
    bench = CoreBench()
    WALKS[name](Story(bench))
    drawn = raster(render(bench.phone).screen)
    path = GOLDEN / f"{name}.png"
    if request.config.getoption("--redraw"):
        drawn.save(path)
        return
    assert path.exists(), f"no golden picture of {name}: run make golden and look at it"
    with Image.open(path) as golden:
        difference = ImageChops.difference(drawn.convert("L"), golden.convert("L")).getbbox()
    if difference:
        FAILED.mkdir(parents=True, exist_ok=True)
        drawn.save(FAILED / f"{name}.png")
    assert difference is None, f"{name}: pixels differ in {difference}; see {FAILED / name}.png"


def test_no_golden_picture_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.glob("*.png")} == set(WALKS)


@pytest.mark.parametrize(
    "labels",
    [
        ("Not Ready", "Logout", "", "»"),
        ("Directory", "Missed", "DnD", "»"),
        ("Answer", "Silent", "Fwd", "Reject"),
        ("", "", "", "Cancel"),
        ("Not Ready", "Not Ready", "Not Ready", "Not Ready"),
    ],
)
def test_softkey_labels_never_overlap_and_stay_over_their_keys(labels: tuple[str, str, str, str]) -> None:
    placed = slots(labels, 128)
    for (_, _, right), (_, left, _) in itertools.pairwise(placed):
        assert right < left
    assert all(0 <= left < right <= 128 for _, left, right in placed)
    if len(placed) < 4:
        assert all(right - left >= width_of(small(), label) for label, left, right in placed)
