"""Every row of the Status pages, as a person reads them to a help desk over the telephone."""

from __future__ import annotations

import textwrap

import pytest

from deskphone.core import events as ev
from deskphone.core.screen.status import provisioning_report
from deskphone.view.render import render
from tests.stories.agent import REASONS, TWO_SERVERS, log_in, power_on
from tests.stories.bench import Story
from tests.stories.bench_core import START, core
from tests.stories.in_service import talking
from tests.stories.provisioning_server import URL, on, server_of

pytestmark = pytest.mark.bench("core")
ADDRESS = ["https://prov.example", ".com/000000001502.cf", "g"]  # URL, as twenty characters a row
ROW = 20  # letters, beside the arrow
NETWORK, FIRMWARE, SERVERS, AGENT, AUDIO, PROVISIONING = "123456"


def read(phone: Story, page: str) -> list[str]:
    """Every row of a Status page, from the top to the end, and out of the menu again."""
    phone.press("menu", "4", page)
    rows = [row.strip() for row in phone.screen().rows]
    while render(core(phone).phone).screen.more[1]:  # the rows go round: the arrow says where the end is
        phone.press("down")
        rows.append(phone.screen().rows[-1].strip())
    phone.press("menu")
    return rows


def laid(*rows: str) -> list[str]:
    """Rows as the display has them: a value that has no room beside its label stands below it, and either is broken."""
    out = []
    for row in rows:
        whole = len(row.replace("  ", " ", 1)) <= ROW
        out += [row] if whole else [part for each in row.split("  ") for part in textwrap.wrap(each, ROW)]
    return out


# --- the agent ---------------------------------------------------------------------------------------


def test_nobody_is_logged_in_at_two_servers(phone: Story) -> None:
    power_on(phone, **TWO_SERVERS)
    phone.pass_time(60)
    subscriptions = ["Agent events  active", "Seat  active"]
    assert read(phone, AGENT) == [
        "Agent  -", "State  Logged Out", "Since  1m",
        "127.0.0.1:5060", *subscriptions, "127.0.0.2:5060", *subscriptions,
    ]  # fmt: skip


def test_before_any_server_has_told_there_is_no_state(phone: Story) -> None:
    phone.server_silent(True)
    phone.power_on(voip__services__ACD__enabled="1")
    assert read(phone, AGENT) == ["Agent  -", "State  -", "Not registered"]


def test_who_is_logged_in_where_in_which_state_and_since_when(phone: Story) -> None:
    power_on(phone, **TWO_SERVERS, **REASONS)
    log_in(phone)
    phone.large("Not Ready")
    phone.desktop.not_ready("500")
    phone.pass_time(185)
    told = ["Agent  agent7001", "State  Not Ready", "Reason  Lunch break", "Since  3m", "At  127.0.0.1:5060"]
    assert read(phone, AGENT)[:5] == told
    phone.desktop.not_ready("500")  # the same again, as at each refresh of the subscription
    assert read(phone, AGENT)[:5] == told
    phone.desktop.not_ready("501")
    assert read(phone, AGENT)[2:4] == ["Reason  Coffee break", "Since  now"]
    phone.pass_time(120)
    phone.desktop.ready()
    assert read(phone, AGENT)[:4] == ["Agent  agent7001", "State  Ready", "Since  now", "At  127.0.0.1:5060"]


@pytest.mark.parametrize("where", ["at the phone", "at the desktop"])
def test_after_the_log_out_nothing_of_the_agent_is_left(phone: Story, where: str) -> None:
    power_on(phone, **REASONS)
    log_in(phone)
    phone.large("Not Ready")
    phone.desktop.not_ready("500")
    phone.pass_time(600)
    if where == "at the phone":
        phone.press("soft2")
    else:
        phone.desktop.log_out()
    phone.large("Logged Out")
    why = "Logged out here  now" if where == "at the phone" else "Out by server  now"
    assert read(phone, AGENT)[:5] == ["Agent  -", "State  Logged Out", "Since  now", why, "127.0.0.1:5060"]


def test_a_subscription_that_is_not_there_says_why(phone: Story) -> None:
    phone.server_answers("SUBSCRIBE", 503, "Service Unavailable", times=50)
    phone.power_on(voip__services__ACD__enabled="1", voip__services__msg_waiting_ind__subscribe="1")
    phone.registered()
    rows = read(phone, AGENT)
    for package in ("Agent events", "Seat", "Voice mail"):
        told = laid(f"{package}  trying again", "Error  503 Service Unavailable")
        at = rows.index(told[0])
        assert rows[at : at + len(told)] == told


def test_a_server_that_never_notifies_is_told_by_its_reason(phone: Story) -> None:
    phone.agent_server().mute = True
    phone.power_on(voip__services__ACD__enabled="1")
    phone.registered()
    phone.pass_time(40)
    assert "Error  no NOTIFY" in read(phone, AGENT)


# --- the servers -------------------------------------------------------------------------------------


def test_each_server_with_what_its_registration_came_to(phone: Story) -> None:
    phone.power_on(**TWO_SERVERS)
    phone.registered()
    phone.pass_time(2 * 3600)
    core(phone).turn(ev.RegistrationFailed(1, 403, "Forbidden"))
    assert read(phone, SERVERS) == [
        "127.0.0.1:5060", "Registered  2h", "Calls go by it",
        "127.0.0.2:5060", "Not allowed  403", "Out since  now", "Next try  in 60 s", "Last answer  2h",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "reason", "row"),
    [
        (408, "Request Timeout", "No answer from server"),
        (503, "Service Unavailable", "Service unavailable  503"),
        (503, "tls:wrong_name", "Certificate: wrong name"),
        (423, "Interval Too Brief", "Registration too short  423"),
        (400, "Bad Request", "Registration refused  400"),
        (302, "Moved Temporarily", "Registration refused  302"),
        (488, "Not Acceptable Here", "Registration refused  488"),
    ],
)
def test_the_cause_of_a_failure(phone: Story, code: int, reason: str, row: str) -> None:
    phone.power_on()
    phone.registered()
    core(phone).turn(ev.RegistrationFailed(0, code, reason))
    assert read(phone, SERVERS) == laid("127.0.0.1:5060", row, "Out since  now", "Next try  in 5 s", "Last answer  now")


def test_a_server_that_has_not_answered_yet(phone: Story) -> None:
    phone.server_silent(True)
    phone.power_on()
    assert read(phone, SERVERS) == ["127.0.0.1:5060", "Registering..."]


def test_a_phone_without_an_account(phone: Story) -> None:
    phone.power_on(voip__line__0__id="")
    assert read(phone, SERVERS) == ["No account"]


# --- network, firmware, audio ------------------------------------------------------------------------


def test_all_that_the_network_gave(phone: Story) -> None:
    phone.power_on()
    server = server_of(phone)
    server.dhcp_says(
        dns=("192.168.100.130", "2001:db8::53"), domain="desks.example.com", dhcp_server="192.168.100.131",
        host_name="desk-1502", time_servers=("192.168.100.132",), sip_servers=("sips-a.example.com",),
        mac="02:00:00:00:15:02",
    )  # fmt: skip
    server.gives_the_same()
    assert read(phone, NETWORK) == [
        "IP Address", "192.168.100.200", "Netmask", "255.255.255.128", "Gateway", "192.168.100.129",
        "DNS  192.168.100.130", "DNS  2001:db8::53", "Domain", "desks.example.com", "DHCP server", "192.168.100.131",
        "DHCP option  160", "Time server", "192.168.100.132", "SIP server", "sips-a.example.com",
        "Host name  desk-1502", "MAC", "02:00:00:00:15:02",
    ]  # fmt: skip


def test_a_phone_without_a_network(phone: Story) -> None:
    phone.power_on()
    core(phone).turn(ev.NetworkChanged())
    rows = read(phone, NETWORK)
    assert rows == ["IP Address  -", "Netmask  -", "Gateway  -", "MAC", "02:00:00:00:15:02"]


def test_an_address_too_long_for_a_row_is_there_to_its_end(phone: Story) -> None:
    phone.power_on()
    server_of(phone).dhcp_says(dns=("2001:db8:1234:5678:9abc:def0:1234:5678",), netmask="", gateway="")
    rows = read(phone, NETWORK)
    at = rows.index("DNS")
    assert "".join(rows[at + 1 : at + 3]) == "2001:db8:1234:5678:9abc:def0:1234:5678"


def test_the_firmware_and_one_that_is_offered(phone: Story) -> None:
    server = on(phone)
    assert read(phone, FIRMWARE) == ["Model  420HD", "Version  0.1.0"]
    server.has_firmware("0.2.0", "older", "deskphone.img: expected 0.1.1 or newer")
    assert read(phone, FIRMWARE) == [
        "Model  420HD", "Version  0.1.0", "Offered  0.2.0", "Result  Older version",
        "deskphone.img:", "expected 0.1.1 or", "newer",
    ]  # fmt: skip
    server.has_firmware("", "unfetched")
    assert read(phone, FIRMWARE)[2:] == ["Offered  -", "Result  Not fetched"]


def test_the_sound_of_a_call_and_parts_that_are_out_of_order(phone: Story) -> None:
    phone.power_on()
    assert read(phone, AUDIO) == ["Codec  -", "Encrypted  No"]
    customer = talking(phone)
    assert read(phone, AUDIO) == ["Codec  G722/16000", "Encrypted  No"]
    core(phone).turn(ev.CallMedia(customer.call_id, False, False, "opus/48000", secure=True))  # type: ignore[attr-defined]
    core(phone).turn(ev.DriverFailed("lamps", "no such chip"))
    assert read(phone, AUDIO) == ["Codec  opus/48000", "Encrypted  Yes", "Out of order  lamps"]


# --- provisioning ------------------------------------------------------------------------------------


def test_after_power_on_there_is_no_check_yet(phone: Story) -> None:
    phone.power_on()
    assert read(phone, PROVISIONING) == ["From  -"]


def test_a_check_that_brought_new_settings(phone: Story) -> None:
    server = on(phone)
    server.gives()
    phone.pass_time(3600)
    assert read(phone, PROVISIONING) == [
        "Result  New settings", "Last check  1h", "DHCP option  160", "From", *ADDRESS, "In force  1h",
    ]  # fmt: skip


def test_a_refused_file_with_every_reason_and_what_stays_in_force(phone: Story) -> None:
    server = on(phone)
    server.gives()
    phone.pass_time(3600)
    server.gives_a_login_page()
    assert read(phone, PROVISIONING) == [
        "Result  File refused", "Last check  now",
        "000000001502.cfg:1:", "file: expected", "path/name=value", "lines of this phone,", "got an HTML page",
        "DHCP option  160", "From", *ADDRESS, "In force  1h",
    ]  # fmt: skip


def test_the_lines_that_were_not_taken(phone: Story) -> None:
    server = on(phone)
    server.gives_with_bad_lines("voip/dialing/timeout=soon")
    lines = ["000000001502.cfg:9:", "voip/dialing/timeout", ": expected -1 or 0", "to 10 s, got 'soon',", "kept 5"]
    assert read(phone, PROVISIONING)[2:7] == lines
    server.is_silent()
    assert read(phone, PROVISIONING)[:7] == [
        "Result  No answer", "Last check  now", "000000001502.cfg:", "expected an answer,", "got Connection", "refused",
        "000000001502.cfg:9:",
    ]  # fmt: skip


def test_no_more_than_twenty_reasons(phone: Story) -> None:
    phone.power_on()
    reasons = tuple(f"x.cfg:{number}: wrong" for number in range(1, 31))
    core(phone).turn(ev.SettingsRejected(URL, reasons))
    rows = read(phone, PROVISIONING)
    assert [row for row in rows if "wrong" in row] == list(reasons[:20])
    core(phone).turn(ev.SettingsLoaded(core(phone).phone.layers, URL, kept=True, refused=reasons))
    assert [row for row in read(phone, PROVISIONING) if "wrong" in row] == list(reasons[:20])


@pytest.mark.parametrize(
    ("named_by", "row"),
    [
        ("66", "DHCP option  66"),
        ("configuration", "Named  by settings"),
        ("multicast", "Named  by multicast"),
        ("redirect", "Named  by redirect"),
        ("command_line", "Named  by start command"),
    ],
)
def test_who_said_where_to_look_and_what_was_asked_there(phone: Story, named_by: str, row: str) -> None:
    server = on(phone)
    server.gives()
    core(phone).turn(ev.Provisioned("tftp://10.0.0.9/x.cfg", START, "not_found", "", named_by))
    told = laid("Result  File not found", "Last check  now", "Asked", "tftp://10.0.0.9/x.cfg", row, "From")
    assert read(phone, PROVISIONING)[: len(told)] == told


def test_new_settings_that_wait_for_the_end_of_a_call_and_what_was_set_here(phone: Story) -> None:
    server = on(phone)
    server.gives()
    phone.press("volume_up")
    phone.pass_time(5)
    talking(phone)
    server.gives(number="1777")
    assert read(phone, PROVISIONING)[2] == "After this call"
    assert read(phone, PROVISIONING)[-3:] == ["In force  now", "Set at the phone  1", "volume/ring"]


def test_the_same_for_machines(phone: Story) -> None:
    phone.power_on()
    nothing = {"outcome": "", "detail": "", "asked": "", "named_by": "", "at": 0, "errors": [], "lines_refused": []}
    settings = {
        "without_effect": 0,
        "waits_for_idle": False,
        "in_force_from": "",
        "in_force_since": 0,
        "firmware": None,
        "update": None,
    }
    assert provisioning_report(core(phone).phone) == {**nothing, **settings}
    phone.pass_time(60)
    server = server_of(phone)
    server.gives()
    since = core(phone).phone.accepted
    assert since == START + 60
    server.has_firmware("0.2.0", "older", "why")
    talking(phone)
    server.gives(number="1777")
    server.is_silent()
    told = provisioning_report(core(phone).phone)
    assert told == {
        "outcome": "unreachable", "detail": f"{URL}: expected an answer, got Connection refused", "asked": URL,
        "named_by": "160", "at": START + int(core(phone).now), "errors": [], "lines_refused": [],
        "without_effect": 0, "waits_for_idle": True, "in_force_from": URL, "in_force_since": since,
        "firmware": {"version": "0.2.0", "outcome": "older", "detail": "why"}, "update": None,
    }  # fmt: skip
