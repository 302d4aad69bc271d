"""The configuration file as an administrator writes it, with the mistakes administrators make."""

from __future__ import annotations

import pytest

from deskphone.config.reader import read
from deskphone.config.registry import changed
from deskphone.config.result import ReadResult, Verdict
from deskphone.config.settings import Secret, Settings
from tests.layers import of_file

GENESYS = b"""\
system/type=420HD
voip/line/0/enabled=1
voip/line/0/id=1502
voip/line/0/description=Agent desk 1502
voip/line/0/auth_name=1502
voip/line/0/auth_password=secret
voip/signalling/sip/use_proxy=1
voip/signalling/sip/proxy_address=sips-a.example.com
voip/signalling/sip/proxy_port=5060
voip/signalling/sip/proxy_timeout=300
voip/signalling/sip/redundant_proxy/mode=SIMULTANEOUS
voip/signalling/sip/secondary_proxy/address=sips-b.example.com
voip/services/ACD/enabled=1
voip/services/ACD/unavailable_reason/0/name=Lunch break
voip/services/ACD/unavailable_reason/0/code=500
voip/talk_event/enabled=1
"""


def reading(text: str | bytes, base: Settings | None = None) -> ReadResult:
    """What comes of a text on a phone with these settings of a file before."""
    return read(text.encode() if isinstance(text, str) else text, "a.cfg", of_file(base) if base else None)


def good(text: str | bytes, base: Settings | None = None) -> Settings:
    """The settings of a text of which every line must be taken."""
    result = reading(text, base)
    assert result.settings is not None and result.verdict is Verdict.TAKEN, result.report()
    return result.settings


def errors(text: str | bytes) -> list[str]:
    """The errors of a text with lines that must be refused; what they name stays as delivered."""
    result = reading(text)
    assert result.errors and result.verdict is not Verdict.TAKEN
    assert all(error.message.startswith("expected ") and ", got " in error.message for error in result.errors)
    return [str(error) for error in result.errors]


def test_the_file_of_a_genesys_contact_centre_is_read_without_a_complaint() -> None:
    result = read(GENESYS, "a.cfg")
    assert result.report() == "" and result.serverless == ""
    settings = result.settings
    assert settings is not None
    assert (settings.proxy.address, settings.secondary.address) == ("sips-a.example.com", "sips-b.example.com")
    assert settings.redundant.mode == "SIMULTANEOUS"
    assert settings.line[0].auth_password.reveal() == "secret"
    assert [(reason.code, reason.name) for reason in settings.acd.reasons] == [(500, "Lunch break")]
    assert settings.talk_event.enabled and settings.proxy.expires == 300


def test_blanks_round_the_equals_sign_do_not_count() -> None:
    assert good("  voip/line/0/id  =  1502  ").line[0].id == "1502"


def test_lines_may_end_as_windows_and_old_macs_end_them_and_begin_with_a_byte_order_mark() -> None:
    text = b"\xef\xbb\xbfvoip/line/0/id=1502\r\nvoip/talk_event/enabled=1\rvoip/auto_answer/enabled=1\n"
    settings = good(text)
    assert settings.line[0].id == "1502" and settings.talk_event.enabled and settings.auto_answer.enabled


def test_an_inline_comment_needs_a_blank_before_its_semicolon() -> None:
    assert good("voip/line/0/id=1502 ; the desk by the door").line[0].id == "1502"
    assert good("voip/signalling/sip/digit_map=10x;05xxxxxxxx;4xxx").dialing.digit_map == "10x;05xxxxxxxx;4xxx"
    assert good("voip/line/0/description=a#b").line[0].description == "a#b"
    assert good("voip/line/0/description= ; nothing", good(GENESYS)).line[0].description == ""


def test_umlauts_arrive_from_utf_8_and_from_latin_1() -> None:
    assert good("voip/line/0/description=J\u00fcrgen".encode()).line[0].description == "J\u00fcrgen"
    assert good("voip/line/0/description=J\u00fcrgen".encode("latin-1")).line[0].description == "J\u00fcrgen"


def test_later_lines_win() -> None:
    assert good("voip/line/0/id=1\nvoip/line/0/id=2").line[0].id == "2"


def test_a_partial_file_changes_only_what_it_names() -> None:
    base = good(GENESYS)
    after = good("voip/line/0/description=Door desk", base)
    assert after.line[0].description == "Door desk"
    assert changed(after, {("line", 0, "description"): base.line[0].description}) == base


@pytest.mark.parametrize("word", ["Simultaneous", "SIMULTANEOUS", "simultaneous"])
def test_words_of_a_list_are_read_in_any_case(word: str) -> None:
    text = f"voip/signalling/sip/redundant_proxy/mode={word}"
    assert good(text, good(GENESYS)).redundant.mode == "SIMULTANEOUS"


def test_words_the_guide_prints_with_blanks_are_read() -> None:
    assert good("voip/services/ACD/state_after_login=Not Ready").acd.state_after_login == "NOT_READY"


@pytest.mark.parametrize(
    ("word", "on"),
    [("0", False), ("1", True), ("enable", True), ("Disable", False), ("on", True), ("FALSE", False), ("NONE", False)],
)
def test_a_switch_is_a_digit_or_the_word_of_the_guide(word: str, on: bool) -> None:
    assert good(f"voip/talk_event/enabled={word}").talk_event.enabled is on


@pytest.mark.parametrize("word", ["perhaps", "2", "-1", "1.0", "\u0661"])
def test_a_switch_is_nothing_else(word: str) -> None:
    assert errors(f"voip/talk_event/enabled={word}")[0].startswith(
        "a.cfg:1: voip/talk_event/enabled: expected 0 or 1, got "
    )


def test_all_errors_come_at_once_with_file_line_name_expectation_and_value() -> None:
    text = "; one\nvoip/signalling/sip/proxy_port=80\nvoip/line/0/id=1\nvoip/services/ACD/server_port=many\n"
    assert errors(text + "voip/signalling/sip/transport_protocol=pigeon") == [
        "a.cfg:2: voip/signalling/sip/proxy_port: expected 0 or 1024 to 65535, got '80', kept 5060",
        "a.cfg:4: voip/services/ACD/server_port: expected 1 to 65535, got 'many', kept 80",
        "a.cfg:5: voip/signalling/sip/transport_protocol: expected one of UDP, TCP, TLS, got 'pigeon', kept UDP",
    ]


@pytest.mark.parametrize(("line", "number"), [("0xb8", 184), ("0XB8", 184), ("184", 184), ("+184", 184)])
def test_numbers_may_be_hexadecimal(line: str, number: int) -> None:
    assert good(f"voip/media/media_tos={line}").media.tos == number


@pytest.mark.parametrize("value", ["300", "-1", "1e2", "0x1ff", "\u0661", "1 2", "99999999999999999999"])
def test_a_number_out_of_range_or_not_a_number_is_refused(value: str) -> None:
    assert "expected 0 to 255, got" in errors(f"voip/media/media_tos={value}")[0]


def test_a_value_outside_the_range_may_have_a_meaning() -> None:
    assert good("voip/dialing/timeout=-1").dialing.inter_digit_timeout == -1
    assert good("voip/services/ACD/logged_out_message_timer=-1").acd.logged_out_timer == -1
    assert "expected -1 or 0 to 10 s, got '-2'" in errors("voip/dialing/timeout=-2")[0]


@pytest.mark.parametrize("address", ["sip.example.com", "10.1.1.5", "2001:db8::5", "[2001:db8::5]", "host_a", "h."])
def test_an_address_is_a_name_or_an_ip_address(address: str) -> None:
    assert good(f"voip/signalling/sip/proxy_address={address}").proxy.address == address.strip("[]")


@pytest.mark.parametrize(
    "address",
    [
        "10.1.1.256",
        "1.2.3",
        "-a.example",
        "a b",
        "sip:",
        "host:many",
        "a" * 300,
        f"{'a' * 64}.de",
        "\u00e4.de",
        "a@b",
        "4711",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    assert "expected an IP address or a host name" in errors(f"voip/signalling/sip/proxy_address={address}")[0]


@pytest.mark.parametrize("host", [f"{'a' * 64}.de", "a..de", ".de", "a." * 127 + "de"])
def test_a_url_whose_host_no_resolver_takes_is_refused(host: str) -> None:
    assert "expected a URL" in errors(f"provisioning/configuration/url=http://{host}/a.cfg")[0]


@pytest.mark.parametrize("nothing", ["", "0.0.0.0"])
def test_an_address_of_zeros_is_no_address(nothing: str) -> None:
    assert good(f"voip/signalling/sip/proxy_address={nothing}").proxy.address == ""


def test_a_misspelt_name_is_kept_and_the_right_one_suggested() -> None:
    result = reading("voip/line/0/enabled=1\nvoip/services/ACD/enabeld=1\nzzz/qqq=5")
    assert result.settings == Settings()
    assert [(item.name, item.value, item.suggestion) for item in result.unknown] == [
        ("voip/services/ACD/enabeld", "1", "voip/services/ACD/enabled"),
        ("zzz/qqq", "5", ""),
    ]
    assert "a.cfg:2: voip/services/ACD/enabeld: unknown name" in result.report()
    assert "did you mean voip/services/ACD/enabled?" in result.report()


def test_a_name_only_the_420hd_uses_is_no_misprint() -> None:
    result = reading("voip/services/vocanom/label=x\nvoip/services/group_paging/group/3/port=4000")
    assert result.settings is not None and result.unknown == ()
    assert result.idle == ("voip/services/vocanom/label", "voip/services/group_paging/group/3/port")
    assert "a.cfg:1: file: read, without effect here: 2 names (voip/services/vocanom/label, " in result.report()


def test_an_index_beyond_the_last_is_a_name_without_effect() -> None:
    result = reading("voip/services/ACD/unavailable_reason/49/name=Tea\nvoip/services/ACD/unavailable_reason/50/name=x")
    assert result.settings is not None and result.settings.acd.reason[49].name == "Tea"
    assert (result.idle, result.unknown) == (("voip/services/ACD/unavailable_reason/50/name",), ())


def test_the_value_of_an_unknown_name_does_not_leak_by_its_repr() -> None:
    result = reading("voip/line/0/id=1\nvoip/line/0/auth_pasword=hunter2")
    assert "hunter2" not in repr(result) and "hunter2" not in result.report()


@pytest.mark.parametrize(
    "text",
    [
        "voip/line/0/auth_password=" + "hunter2" * 100,
        "voip/line/0/auth_password=hunter2\x01",
        "voip/line/0/auth_password hunter2\nvoip/line/0/id=1",
    ],
)
def test_no_error_shows_a_secret(text: str) -> None:
    assert "hunter2" not in "".join(errors(text))


def test_nor_does_what_is_kept() -> None:
    base = changed(Settings(), {("line", 0, "auth_password"): Secret("hunter2")})
    result = reading("voip/line/0/auth_password=" + "x" * 300, base)
    assert "hunter2" not in result.report() and result.report().endswith("(not shown), kept ***\n")


def test_the_mask_of_a_dump_leaves_the_old_secret_in_place() -> None:
    base = changed(Settings(), {("line", 0, "auth_password"): Secret("old")})
    result = reading("voip/line/0/auth_password=***", base)
    assert result.settings is not None and result.settings.line[0].auth_password.reveal() == "old"
    assert "the old one stays" in result.report()


@pytest.mark.parametrize("name", ["expiraition_timeout", "expiration_timeout"])
def test_both_spellings_of_the_voice_mail_expiry_are_read(name: str) -> None:
    assert good(f"voip/services/msg_waiting_ind/{name}=99").mwi.expires == 99


@pytest.mark.parametrize("name", ["hk_blind_transfer/enable", "hk_blind_transfer/enabled"])
def test_both_spellings_of_the_transfer_key_are_read(name: str) -> None:
    assert good(f"voip/signalling/sip/{name}=1").transfer.hard_key_blind


def test_the_error_of_an_alias_shows_what_was_written() -> None:
    assert (
        "a.cfg:1: voip/services/msg_waiting_ind/expiration_timeout: expected"
        in errors("voip/services/msg_waiting_ind/expiration_timeout=x")[0]
    )


def test_system_user_name_is_the_agents_when_agent_login_is_on() -> None:
    result = reading("system/user_name=agent7001\nsystem/password=1234\nvoip/services/ACD/enabled=1\n")
    assert result.settings is not None
    assert (result.settings.acd.user_name, result.settings.acd.password.reveal()) == ("agent7001", "1234")
    assert result.settings.web == Settings().web
    assert "a.cfg:1: system/user_name: taken as the agent's" in result.report()
    assert "1234" not in result.report()


def test_system_user_name_is_the_web_administrators_when_agent_login_is_off() -> None:
    result = reading("system/user_name=boss\nsystem/password=1234")
    assert result.settings is not None
    assert (result.settings.web.admin_user, result.settings.web.admin_password.reveal()) == ("boss", "1234")
    assert result.settings.acd == Settings().acd


def test_an_export_of_a_real_phone_sets_no_agent_and_no_password_hash() -> None:
    result = reading("system/user_name=admin\nsystem/password=$1$abc$def\nvoip/services/ACD/enabled=1")
    assert result.settings is not None
    assert result.settings.acd.user_name == "" and not result.settings.acd.password
    assert not result.settings.web.admin_password
    assert "a hash of another phone's password is of no use here" in result.report()
    assert "$1$abc" not in result.report()


def test_the_names_without_doubt_win_over_the_doubtful_ones_wherever_they_stand() -> None:
    text = "deskphone/acd/user_name=right\nsystem/user_name=wrong\nvoip/services/ACD/enabled=1"
    assert good(text).acd.user_name == "right"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"x" * 1_000_001, "expected at most 1000000 bytes, got 1000001"),
        (b"voip/line/0/id=15\x0002", "got binary data"),
        (b"\n  <!DOCTYPE html><html>Please log in</html>", "got an HTML page"),
        (b"just words", "got a text that names no setting"),
    ],
)
def test_what_is_no_configuration_is_refused_with_a_reason(data: bytes, words: str) -> None:
    assert words in errors(data)[0] and reading(data).settings is None


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"voip/line/1/id=" + b"1" * 40_000, "a.cfg:2: voip/line/1/id: expected a line of at most 34000 characters"),
        (b"just words", "a.cfg:2: just: expected path/name=value"),
        (b"=5", "a.cfg:2: line: expected path/name=value"),
        (b"voip/x y=5", "a.cfg:2: voip/x: expected path/name=value"),
        (b"\n" * 20_000 + b"voip/line/0/id=1", "expected at most 20000 lines"),
    ],
)
def test_a_line_of_another_form_costs_that_line(line: bytes, words: str) -> None:
    data = b"voip/line/0/id=15\n" + line
    result = reading(data)
    assert words in errors(data)[0]
    assert result.settings is not None and result.settings.line[0].id == "15" and result.refused == 1


def test_a_file_of_nothing_but_mistakes_gives_a_bounded_report() -> None:
    text = "voip/line/0/id=15\n" + "nonsense\n" * 5_000
    found = errors(text)
    assert len(found) == 101 and "more than 100" in found[-1]
    assert reading(text).refused == 5_000


def test_a_file_of_unknown_names_is_bounded_too() -> None:
    result = reading("voip/line/0/enabled=1\n" + "".join(f"some/name/{number}x=1\n" for number in range(5_000)))
    assert result.settings == Settings() and len(result.unknown) == 2_000


@pytest.mark.parametrize("digits", ["x.T", "[1-5]xxx;9x", "00x.;*xx;#", "(1xx|2xx)", "(0xx|1xx);2xx", "10x;;2xx;"])
def test_digit_maps_are_read(digits: str) -> None:
    assert good(f"voip/signalling/sip/digit_map={digits}").dialing.digit_map == digits


@pytest.mark.parametrize(
    ("written", "meant"),
    [("10x ; 20x;  30x", "10x;20x;30x"), ("10x ; as in Berlin", "10x"), ("10x; 20x", "10x; 20x"),
     ("10x ;", "10x;")],
)  # fmt: skip
def test_blanks_before_the_semicolons_of_a_digit_map_make_no_comment_of_its_rest(written: str, meant: str) -> None:
    assert good(f"voip/signalling/sip/digit_map={written}").dialing.digit_map == meant


@pytest.mark.parametrize("digits", ["12?", "[1-", "a^b", "1\x7f2!", ".x", "1x;.", "1x; 2y; 3x", "0(1|2)3", "1 2"])
def test_what_is_no_digit_map_is_refused(digits: str) -> None:
    assert "expected patterns of 0-9" in errors(f"voip/signalling/sip/digit_map={digits}")[0]


def test_a_zone_name_made_to_stall_a_regular_expression_is_refused_at_once() -> None:
    assert "zone name" in errors("deskphone/time/zone=A" + "_-" * 31 + "!")[0]


@pytest.mark.parametrize(("written", "minutes"), [("00:00", 0), ("7:05", 425), ("23:59", 1439)])
def test_a_time_of_day_is_minutes_after_midnight(written: str, minutes: int) -> None:
    assert good(f"provisioning/period/daily/time={written}").provisioning.daily_time == minutes


def test_a_time_of_day_that_does_not_exist_is_refused() -> None:
    assert "expected a time of day hh:mm, got '24:00'" in errors("provisioning/period/daily/time=24:00")[0]


def test_codes_are_a_list() -> None:
    name = "voip/signalling/sip/redundant_proxy/no_switch_on_code"
    assert good(f"{name}=486, 603").redundant.no_switch_codes == (486, 603)
    assert "SIP status codes" in errors(f"{name}=486,99")[0]


def test_a_url_keeps_its_patterns_and_other_schemes_are_refused() -> None:
    url = "https://prov.example.com/<MODEL>/<MAC>.cfg"
    assert good(f"provisioning/configuration/url={url}").provisioning.configuration_url == url
    assert "expected a URL" in errors("provisioning/configuration/url=file:///etc/shadow")[0]
