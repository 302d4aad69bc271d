"""What the phone tells of its provisioning: a bad file, a silent server, another firmware, when and from where."""

from __future__ import annotations

import pytest

from deskphone.core.screen.status import provisioning_report, service_line
from tests.stories.bench import Story
from tests.stories.bench_core import CoreBench
from tests.stories.provisioning_server import on, server_of

pytestmark = pytest.mark.bench("core")


def test_a_bad_file_changes_nothing_and_says_why(phone: Story) -> None:
    server = on(phone)
    server.gives_a_login_page()
    phone.shows("1502", "Configuration refused")
    assert phone.state()["servers"][0]["registered"]
    phone.press("menu", "4", "6")
    phone.shows("Provisioning", "File refused", "000000001502.cfg:1:")
    phone.press(*["down"] * 6)
    phone.shows("HTML")


def test_bad_lines_cost_those_lines_and_are_counted_on_the_screen(phone: Story) -> None:
    server = on(phone)
    server.gives_with_bad_lines("voip/signalling/sip/proxy_port=80", "voip/dialing/timeout=soon")
    phone.shows("1502", "Settings: 2 lines", "refused")
    assert phone.state()["servers"][0]["registered"]
    assert isinstance(phone.bench, CoreBench)
    report = provisioning_report(phone.bench.phone)
    assert [line.partition(": ")[2] for line in report["lines_refused"]] == [
        "voip/signalling/sip/proxy_port: expected 0 or 1024 to 65535, got '80', kept 5060",
        "voip/dialing/timeout: expected -1 or 0 to 10 s, got 'soon', kept 5",
    ]
    phone.press("menu", "4", "6", *["down"] * 4)
    phone.shows("proxy_port: expected")
    phone.press("cancel", "cancel", "cancel")
    server.gives_with_bad_lines("nonsense")
    phone.shows("1502", "Settings: 1 line", "refused")
    server.gives()
    assert "refused" not in phone.screen().text


def test_once_the_old_file_is_back_nothing_is_refused_any_more(phone: Story) -> None:
    server = on(phone)
    server.gives_a_login_page()
    phone.shows("Configuration refused")
    server.gives_the_same()
    assert "Configuration refused" not in phone.screen().text


def test_a_silent_server_is_on_the_status_page_and_not_on_the_idle_screen(phone: Story) -> None:
    server = on(phone)
    server.is_silent()
    assert "refused" not in phone.screen().text
    phone.press("menu", "4", "6")
    phone.shows("Provisioning", "No answer", "Last check")


def test_the_status_page_tells_how_long_ago_the_last_check_was(phone: Story) -> None:
    server = on(phone)
    server.gives_the_same()
    phone.pass_time(3 * 3600)
    phone.press("menu", "4", "6")
    phone.shows("No change", "3h", "DHCP option  160", "From")
    phone.press("down", "down")
    phone.shows("https://prov")


@pytest.mark.parametrize(
    ("verdict", "word"),
    [
        ("verified", "Signature good"),
        ("bad_signature", "Bad signature"),
        ("wrong_model", "Wrong model"),
        ("older", "Older version"),
        ("incomplete", "Cut off"),
        ("changed", "File changed"),
        ("no_room", "No room"),
        ("unfetched", "Not fetched"),
    ],
)
def test_another_firmware_is_on_its_status_page_with_what_became_of_it(phone: Story, verdict: str, word: str) -> None:
    server = on(phone)
    server.has_firmware("0.2.0", verdict, "" if verdict == "verified" else "420HD.img: expected this, got that")
    phone.press("menu", "4", "2")
    phone.shows("Firmware Status", "0.2.0")
    phone.press("down")
    phone.shows(word)
    if verdict != "verified":
        phone.press("down")
        phone.shows("420HD.img: expected")


def test_a_firmware_that_is_offered_no_longer_is_on_the_page_no_longer(phone: Story) -> None:
    server = on(phone)
    server.has_firmware("0.2.0", "bad_signature")
    server.has_firmware("", "none")
    phone.press("menu", "4", "2")
    phone.shows("Firmware Status", "0.1.0")
    assert "0.2.0" not in phone.screen().text


def test_a_new_phone_says_what_became_of_its_first_file(phone: Story) -> None:
    phone.power_on(voip__line__0__id="")
    phone.shows("No account")
    server = server_of(phone)
    server.is_silent()
    phone.shows("No answer")
    server.gives_a_login_page()
    phone.shows("Configuration refused")
    server.gives()
    phone.registered()
    phone.shows("1502")


def test_after_power_on_the_page_still_tells_where_the_settings_came_from(phone: Story) -> None:
    server = on(phone)
    server.gives(number="1777")
    phone.press("menu", "4", "6")
    phone.pass_time(3 * 24 * 3600)
    phone.press("up")
    phone.shows("In force  3d")


def test_systemctl_status_of_a_phone_without_an_account(phone: Story) -> None:
    phone.power_on(voip__line__0__id="")
    assert isinstance(phone.bench, CoreBench)
    assert service_line(phone.bench.phone) == "no account; registered at 0 of 0"
    server_of(phone).is_silent()
    assert service_line(phone.bench.phone).endswith(
        "; provisioning unreachable: " + phone.bench.phone.provisioned.detail
    )  # type: ignore[union-attr]


def test_systemctl_status_tells_in_one_line_what_is_wrong(phone: Story) -> None:
    server = on(phone)
    assert isinstance(phone.bench, CoreBench)
    assert service_line(phone.bench.phone) == "1502; registered at 1 of 1"
    server.gives_a_login_page()
    told = service_line(phone.bench.phone)
    assert told.startswith(
        "1502; registered at 1 of 1; provisioning refused: https://prov.example.com/000000001502.cfg:1:"
    )
    assert "got an HTML page" in told
    server.gives_the_same()
    assert service_line(phone.bench.phone) == "1502; registered at 1 of 1; provisioning unchanged"
