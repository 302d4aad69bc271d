"""From power-on to service, and what the screen says on the way."""

from __future__ import annotations

import itertools

import pytest

from tests.stories.bench import Story


@pytest.mark.rig
def test_power_on_registers_and_shows_the_number(phone: Story) -> None:
    phone.power_on()
    phone.registered()
    seen = phone.shows("1502", "R*" if phone.name == "none" else "1502")
    assert seen.softkeys[0] == "Directory"
    assert "R*" in phone.state()["marks"]


@pytest.mark.rig
def test_a_wrong_password_is_named_as_such(phone: Story) -> None:
    phone.power_on(voip__line__0__auth_password="wrong")
    phone.shows("Wrong password")
    assert "!!" in phone.state()["marks"]
    assert not phone.state()["servers"][0]["registered"]


@pytest.mark.parametrize(
    ("code", "words"), [(403, "Not allowed"), (404, "Unknown number"), (503, "Service unavailable")]
)
def test_a_refused_registration_says_why(phone: Story, code: int, words: str) -> None:
    phone.server_answers("REGISTER", code, "No", times=9)
    phone.power_on()
    phone.shows(words)


@pytest.mark.rig
def test_a_silent_server_is_noticed_and_its_return_too(phone: Story) -> None:
    phone.server_silent(True)
    phone.power_on()
    phone.shows("No answer from server", within=8)
    phone.server_silent(False)
    phone.registered(within=20)
    phone.shows("1502")


@pytest.mark.bench("core")
def test_the_pause_between_tries_grows_and_obeys_retry_after(phone: Story) -> None:
    phone.server_answers("REGISTER", 503, "Busy", times=3, retry_after=0)
    phone.server_answers("REGISTER", 503, "Busy", times=1, retry_after=200)
    phone.power_on()
    from deskphone.core.effects import Register  # noqa: PLC0415 - the core bench only

    phone.pass_time(34.5)
    phone.bench.chance = 0.0  # the shortest that jitter makes of a pause
    phone.pass_time(300)
    asked = [when for when, effect in phone.bench.effects_at if isinstance(effect, Register)]
    pauses = [later - earlier for earlier, later in itertools.pairwise(asked)]
    assert [round(pause) for pause in pauses[:3]] == [0, 10, 20], "the first again at once: the network came"
    assert pauses[3] >= 200, "jitter may not shorten what the server asked for"


def test_the_servers_page_tells_which_server_and_since_when(phone: Story) -> None:
    phone.power_on()
    phone.registered()
    phone.press("menu")
    phone.shows("Menu", "Status")
    phone.press("4")
    phone.shows("Status", "Network Status", "SIP servers")
    phone.press("3")
    phone.shows("SIP servers", "127.0.0.1", "Registered")
