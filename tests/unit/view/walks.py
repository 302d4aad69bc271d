"""The way to every screen: what a person, the far end and the server do until it stands there.

Law: words of the stories only where they exist, an event of the core where no story has one. Named after the picture.
"""

from __future__ import annotations

from collections.abc import Callable

from deskphone.config.secret import Secret
from deskphone.core import events as ev
from deskphone.view.words import ENGLISH
from tests.stories.agent import TWO_SERVERS, fill_in
from tests.stories.bench import Story
from tests.stories.bench_core import CoreBench
from tests.stories.provisioning_server import ProvisioningServer, server_of
from tests.unit.view.conference_walks import (
    eight_calls,
    hold_refused,
    left,
    network_conference,
    refuses_the_conference,
    third_caller,
)
from tests.unit.view.page_walks import caller, contacts, desktop_logs_in, logged_calls

Walk = Callable[[Story], None]


def ready(phone: Story, **settings: str) -> None:
    phone.power_on(**settings)
    phone.registered()


def talking(phone: Story) -> None:
    ready(phone)
    phone.customer().call()
    phone.press("soft1")
    phone.in_call()
    phone.pass_time(1)
    phone.pass_time(66)


def two_calls(phone: Story) -> None:
    talking(phone)
    phone.customer("0409876", "Otto Second").call()
    phone.press("soft1")
    phone.in_call(2)


def consulting(phone: Story) -> None:
    talking(phone)
    phone.press("soft2", *"2001", "soft1")
    phone.pass_time(2)


def no_report(phone: Story) -> None:
    phone.server_reports_no_transfer()


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
    phone.server_answers("REGISTER", 403, "Forbidden", times=5)
    phone.power_on()
    phone.pass_time(1)


def told_by_dhcp(server: ProvisioningServer) -> None:
    server.dhcp_says(
        domain="desks.example.com", dhcp_server="192.168.100.131", host_name="420hd-020000001502",
        time_servers=("192.168.100.132",), sip_servers=("sips-a.example.com",),
    )  # fmt: skip
    server.gives_the_same()


def provisioning(step: Callable[[ProvisioningServer], None]) -> Walk:
    def go(phone: Story) -> None:
        step(server_of(phone))

    return go


ACD = {
    "voip__services__ACD__enabled": "1",
    "voip__services__ACD__unavailable_reason__0__code": "500",
    "voip__services__ACD__unavailable_reason__0__name": "Lunch break",
    "voip__services__ACD__unavailable_reason__1__code": "501",
    "voip__services__ACD__unavailable_reason__1__name": "Coffee break",
}

VOICE_MAIL = {"voip__services__msg_waiting_ind__voice_mail_number": "9664"}
ASKS = {"provisioning__configuration__http_auth__ui_interaction_enabled": "1"}


def logged_out(phone: Story) -> None:
    phone.agents(agent7001="1234")
    phone.power_on(**ACD)
    phone.large("Logged Out")


def typed_login(phone: Story) -> None:
    logged_out(phone)
    fill_in(phone)


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


# --- what the far end, the server and the parts do -----------------------------------------------------


def passes(seconds: float) -> Walk:
    return lambda phone: phone.pass_time(seconds)


def types(text: str) -> Walk:
    return lambda phone: phone.type(text)


def happens(make: Callable[[Story], ev.Event]) -> Walk:
    return lambda phone: phone.turn(make(phone))


def focus(phone: Story) -> str:
    assert isinstance(phone.bench, CoreBench)
    return phone.bench.phone.focus


def answers(method: str, code: int, reason: str) -> Walk:
    return lambda phone: phone.server_answers(method, code, reason)


def held_by_remote(phone: Story) -> None:
    ready(phone)
    customer = phone.customer()
    customer.call()
    phone.press("soft1")
    phone.in_call()
    customer.hold()


def two_sites(phone: Story) -> None:
    ready(phone, **TWO_SERVERS)


def secured(phone: Story) -> None:
    phone.turn(ev.CallMedia(focus(phone), False, False, "G722/16000", True))


def administration(phone: Story) -> None:
    ready(phone, deskphone__web__admin_password="123")
    phone.press("menu", "5")


WALKS: dict[str, Walk] = {
    "logged_out": logged_out,
    "logging_in_username": walk(logged_out, keys("soft1", *"2433668")),
    "logging_in_password": walk(typed_login, keys("3")),
    "logging_in_pending": walk(logged_out, deaf, keys("soft1"), lambda phone: phone.type("a"), keys("soft1")),
    "notice_logged_in_already": walk(logged_out, keys("soft1", "2"), desktop_logs_in, keys("soft1")),
    "logging_out": walk(agent_ready, deaf, keys("soft2")),
    "login_failed": walk(logged_out, keys("soft1", "2", "soft1"), lambda phone: phone.pass_time(1)),
    "not_ready": logged_in,
    "ready": agent_ready,
    "not_ready_reasons": walk(agent_ready, keys("soft1")),
    "not_ready_reason": walk(agent_ready, keys("soft1", "ok"), lambda phone: phone.pass_time(1)),
    "ready_pending": walk(logged_in, deaf, keys("soft1")),
    "after_call_work": walk(logged_in, keys("soft3"), lambda phone: phone.pass_time(1)),
    "status_agent": walk(agent_ready, keys("menu", "4", "4")),
    "status_marks": walk(ready, keys("menu", "4", "7")),
    "status_marks_2": walk(ready, keys("menu", "4", "7", *["down"] * 4)),
    "status_marks_3": walk(ready, keys("menu", "4", "7", *["down"] * 8)),
    "status_marks_4": walk(ready, keys("menu", "4", "7", "up")),
    "idle_both_sites": two_sites,
    "idle_one_site": walk(lambda phone: ready(phone, **TWO_SERVERS), lambda phone: phone.server_lost(1)),
    "idle_no_site": walk(
        lambda phone: ready(phone, **TWO_SERVERS),
        lambda phone: phone.server_lost(1),
        lambda phone: phone.server_lost(0),
    ),
    "idle_all_marks": walk(
        logged_calls,
        keys("soft4", "ok", "2", *"2424", "soft1"),
        passes(5),
        keys("soft3"),
        lambda phone: phone.mailbox(12),
        passes(1),
    ),
    "talking_marks": walk(talking, secured, keys("headset", "mute")),
    "provisioning_login": walk(
        lambda phone: ready(phone, **ASKS), provisioning(lambda s: s.wants_a_login()), types("desk")
    ),
    "web_code": walk(ready, happens(lambda phone: ev.WebCode(Secret("12345678"), 300))),
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
    "incoming_diverted": walk(
        ready, lambda phone: phone.customer().call(headers=(("Diversion", '"Anna" <sip:2002@site>;reason=user-busy'),))
    ),
    "talking": talking,
    "talking_more": walk(talking, keys("soft4")),
    "talking_muted": walk(talking, keys("mute")),
    "held": walk(talking, keys("hold"), lambda phone: phone.pass_time(1)),
    "call_waiting": walk(talking, lambda phone: phone.customer("0409876", "Otto Second").call()),
    "two_calls": two_calls,
    "transfer_to": walk(talking, keys("soft2", *"2001")),
    "consulting": consulting,
    "consulting_swapped": walk(consulting, keys("soft1"), passes(1)),
    "consultation_rings": walk(talking, keys("soft2", *"9408", "soft1"), passes(1)),
    "confirm_transfer": walk(consulting, keys("soft3")),
    "confirm_conference": walk(consulting, keys("soft2")),
    "transferring": walk(consulting, no_report, keys("soft3", "soft1"), passes(5)),
    "conference": walk(consulting, keys("soft2", "soft1"), passes(1)),
    "conference_more": walk(consulting, keys("soft2", "soft1"), passes(1), keys("soft4")),
    "conference_held": walk(consulting, keys("soft2", "soft1"), passes(1), keys("hold"), passes(1)),
    "conference_network": walk(network_conference, passes(2)),
    "conference_joining": walk(network_conference, passes(0.5), keys("up")),
    "dialling_pickup": walk(
        lambda phone: ready(phone, voip__services__call_pickup__enabled="1"), keys("soft4", "3", *"2001")
    ),
    "held_more": walk(talking, keys("hold", "soft4"), passes(1)),
    "hold_pending": walk(talking, lambda phone: phone.hold_waits(), keys("hold")),
    "three_calls": walk(two_calls, third_caller, keys("soft1"), passes(1)),
    "eight_calls": walk(eight_calls, keys("up", "up")),
    "call_waiting_third": walk(two_calls, third_caller),
    "busy": walk(ready, keys(*"9486", "soft1"), lambda phone: phone.pass_time(0.2)),
    "unknown_number": walk(ready, keys(*"9404", "soft1"), lambda phone: phone.pass_time(0.2)),
    "volume": walk(ready, keys("volume_up")),
    "menu": walk(ready, keys("menu")),
    "menu_call_log": walk(ready, keys("menu", "1")),
    "menu_directory_empty": walk(ready, keys("menu", "2")),
    "menu_add_contact": walk(ready, keys("menu", "2", "ok", *"526633")),
    "menu_settings": walk(ready, keys("menu", "3")),
    "menu_ring_tone": walk(ready, keys("menu", "3", "1")),
    "menu_language": walk(ready, keys("menu", "3", "up", "ok")),
    "menu_german": walk(ready, keys("menu", "3", "up", "ok", "2", "soft4")),
    "menu_volumes": walk(ready, keys("menu", "3", "2")),
    "menu_status": walk(ready, keys("menu", "4")),
    "status_network": walk(ready, provisioning(told_by_dhcp), keys("menu", "4", "1")),
    "status_network_2": walk(ready, provisioning(told_by_dhcp), keys("menu", "4", "1", *["down"] * 4)),
    "status_network_3": walk(ready, provisioning(told_by_dhcp), keys("menu", "4", "1", *["down"] * 8)),
    "status_network_4": walk(ready, provisioning(told_by_dhcp), keys("menu", "4", "1", "up")),
    "status_firmware": walk(ready, keys("menu", "4", "2")),
    "status_servers": walk(ready, keys("menu", "4", "3")),
    "status_servers_refused": walk(refused, keys("menu", "4", "3")),
    "status_servers_one_of_two": walk(
        two_sites, lambda phone: phone.server_lost(1), passes(7200), keys("menu", "4", "3", "down", "down")
    ),
    "status_agent_pending": walk(logged_in, deaf, keys("soft1", "menu", "4", "4")),
    "status_agent_wrong_password": walk(
        logged_out,
        lambda phone: setattr(phone.agent_server(), "on_wrong_password", "same nonce"),
        lambda phone: fill_in(phone, password="9"),
        keys("soft1"),
        passes(1800),
        keys("menu", "4", "4"),
    ),
    "status_firmware_new": walk(ready, provisioning(lambda s: s.has_firmware("0.2.0")), keys("menu", "4", "2")),
    "status_firmware_refused": walk(
        ready,
        provisioning(
            lambda s: s.has_firmware("", "bad_signature", "signature: expected one by the owner of this phone")
        ),
        keys("menu", "4", "2"),
    ),
    "status_provisioning": walk(ready, provisioning(lambda s: s.gives_the_same()), keys("menu", "4", "6")),
    "status_provisioning_2": walk(ready, provisioning(lambda s: s.gives_the_same()), keys("menu", "4", "6", "up")),
    "status_provisioning_refused": walk(ready, provisioning(lambda s: s.gives_a_login_page()), keys("menu", "4", "6")),
    "status_provisioning_waits": walk(talking, provisioning(lambda s: s.gives(number="1777")), keys("menu", "4", "6")),
    "idle_configuration_refused": walk(ready, provisioning(lambda s: s.gives_a_login_page())),
    "menu_administration": walk(ready, keys("menu", "5", "1", "2")),
    "command_menu": walk(ready, keys("soft4")),
    "automatic_forward": walk(ready, keys("soft4", "ok")),
    "number_to_forward_to": walk(ready, keys("soft4", "ok", "ok", *"2424")),
    "idle_forward": walk(ready, keys("soft4", "ok", "ok", *"2424", "soft1")),
    # calls on their way
    "calling": walk(ready, keys(*"9408"), happens(lambda phone: ev.KeyDown("ok"))),
    "early": walk(ready, keys(*"9180", "ok"), passes(0.05)),
    "answering": walk(incoming, happens(lambda phone: ev.KeyDown("soft1"))),
    "held_by_remote": held_by_remote,
    "hold_refused": hold_refused,
    "off_hook": walk(ready, lambda phone: phone.lift(), passes(60)),
    "deflect": walk(incoming, keys("soft3", *"2500")),
    # the other pages
    "call_log_missed": walk(logged_calls, keys("menu", "1", "1")),
    "call_log_received": walk(logged_calls, keys("menu", "1", "2")),
    "call_log_dialled": walk(logged_calls, keys("menu", "1", "3")),
    "call_log_missed_none": walk(ready, keys("menu", "1", "1")),
    "menu_directory": walk(contacts, keys("menu", "2")),
    "menu_directory_sought": walk(contacts, keys("menu", "2", *"732")),
    "menu_directory_not_found": walk(contacts, keys("menu", "2", *"738")),
    "incoming_volume": walk(ready, caller("0301234567", "Jane Customer"), keys("volume_up")),
    "incoming_long_name": walk(ready, caller("0301234567", "Maximiliane Mustermann-Schneider")),
    "incoming_right_to_left": walk(ready, caller("031234567", "\u05e9\u05dc\u05d5\u05dd (2) \u05db\u05d4\u05df")),
    "contact": walk(contacts, keys("menu", "2", "ok")),
    "contact_ring_tone": walk(contacts, keys("menu", "2", "ok", "3")),
    "select_from_directory": walk(contacts, keys("soft4", "ok", "ok", "down", "ok")),
    "select_from_directory_none": walk(ready, keys("soft4", "ok", "ok", "down", "ok")),
    "delete_all": walk(ready, keys("menu", "1", "4")),
    "delete_contact": walk(contacts, keys("menu", "2", "ok", "4")),
    "restart": walk(ready, keys("menu", "3", "7")),
    "administration": walk(administration, keys(*"123", "ok")),
    "status_audio": walk(talking, keys("menu", "4", "5")),
    "idle_part_failed": walk(ready, happens(lambda phone: ev.DriverFailed("keypad", "no answer"))),
    "idle_lines_refused": walk(ready, provisioning(lambda s: s.gives_with_bad_lines("voip/dialing/timeout=soon"))),
    "idle_certificate": walk(ready, happens(lambda phone: ev.RegistrationFailed(0, 503, "tls:not_valid_now"))),
    "idle_missed": walk(logged_calls, passes(60)),
    # notices
    "notice_call_lost": walk(talking, happens(lambda phone: ev.CallEnded(focus(phone), 408, "Request Timeout"))),
    "notice_hold_failed": walk(talking, answers("re-INVITE", 488, "Not Acceptable"), keys("hold")),
    "idle_forward_busy": walk(ready, keys("soft4", "ok", "2", *"2424", "soft1")),
    "idle_forward_no_reply": walk(ready, keys("soft4", "ok", "3", *"2424", "soft1")),
    "notice_no_voice_mail": walk(ready, keys("voicemail")),
    "notice_nothing_dialled": walk(ready, keys("redial")),
    "notice_call_under_way": walk(
        lambda phone: ready(phone, **VOICE_MAIL), keys(*"9408", "ok"), passes(1), keys("voicemail")
    ),
    "notice_no_free_call": walk(
        lambda phone: ready(phone, voip__number_of_calls_per_line="1", **VOICE_MAIL),
        keys(*"9196", "ok"),
        passes(1),
        keys("voicemail"),
    ),
    "notice_not_registered": walk(
        lambda phone: phone.server_silent(True), lambda phone: phone.power_on(), keys(*"2001", "ok")
    ),
    "notice_transferred": walk(consulting, keys("soft3", "soft1"), passes(0.2)),
    "notice_transfer_unreported": walk(consulting, no_report, keys("soft3", "soft1"), passes(61)),
    "notice_transfer_left": walk(consulting, no_report, keys("soft3", "soft1"), left, passes(0.2)),
    "notice_not_in_conference": walk(network_conference, refuses_the_conference),
    "notice_nobody_answers": walk(
        lambda phone: ready(phone, voip__dialing__unanswered_call_timeout="20"), keys(*"9408", "ok"), passes(20.5)
    ),
    "notice_transfer_failed": walk(talking, happens(lambda p: ev.TransferProgress(focus(p), 603, "Declined", True))),
    "notice_number_missing": walk(ready, keys("soft4", "ok", "ok", "soft1")),
    "notice_directory_full": walk(
        lambda phone: ready(phone, personal_settings__max_directory_size="0"),
        keys("menu", "2", "ok", "2", "down", "2", "soft1"),
    ),
    "notice_not_now": walk(ready, keys("hold")),
    "notice_key_off": walk(lambda phone: ready(phone, personal_settings__key__redial__enabled="0"), keys("redial")),
    "notice_call_gone": walk(talking, keys("1"), left, keys("2")),
    "notice_contact_incomplete": walk(ready, keys("menu", "2", "ok", "soft1")),
    "notice_wrong_password": walk(administration, keys("1", "ok")),
    "notice_username_missing": walk(logged_out, keys("soft1", "soft1")),
    "notice_not_accepted": walk(logged_in, deaf, keys("soft1"), passes(5.1)),
    **{
        key.replace(":", "_"): walk(
            ready, answers("INVITE", int(key.partition(":")[2]), ""), keys(*"2001", "ok"), passes(0.2)
        )
        for key in ENGLISH
        if key.startswith("failure:")
    },
}
