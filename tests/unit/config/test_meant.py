"""Values written in ways of their own, as files of the 420HD family hold them: taken, and said, or refused."""

from __future__ import annotations

import time

import pytest

from deskphone.config.registry import slots_of, value_at
from deskphone.config.result import Verdict
from deskphone.config.settings import Settings
from tests.unit.config.family import ACCOUNT, S, reading, with_account

TALK, PORT, LIFE = "voip/talk_event/enabled", f"{S}/proxy_port", f"{S}/proxy_timeout"
PROXY, URL = f"{S}/proxy_address", "provisioning/configuration/url"
DST = "system/daylight_saving"
MASK = "network/lan/fixed_ip/netmask"


def value_of(name: str, written: str) -> tuple[str, list[str]]:
    """The value in force as the file would write it, and what is said of the line."""
    result = reading(f"{ACCOUNT}{name}={written}\n")
    assert result.settings is not None and result.verdict is Verdict.TAKEN, result.report()
    slot = slots_of(Settings)[name]
    told = [each.message for each in result.warnings if each.key == name and each.message.startswith("taken as")]
    return slot.option.kind.format(value_at(result.settings, slot.path)), told


@pytest.mark.parametrize(
    ("name", "written", "meant"),
    [
        (TALK, "1 # on", "1"),
        (TALK, "1 // on", "1"),
        (TALK, "TRUE;", "1"),
        (TALK, "1;on", "1"),
        (TALK, "'1'", "1"),
        (TALK, "\u201c1\u201d", "1"),
        (TALK, "\u201eenabled\u201c", "1"),
        (TALK, "yes.", "1"),
        (TALK, "1<br>", "1"),
        (TALK, "\uff2f\uff2e", "1"),
        (LIFE, "600.0", "600"),
        (PORT, "\uff15\uff10\uff17\uff10", "5070"),
        (PORT, "5060,5070", "5060"),
        (PROXY, "10.1.1.1:", "10.1.1.1"),
        ("system/ntp/primary_server_address", "ntp.example:123", "ntp.example"),
        ("system/ntp/gmt_offset", "\u221205:00", "-05:00"),
        ("system/ntp/gmt_offset", "\u201301:00", "-01:00"),
        (PORT, "5070,", "5070"),
        (PORT, "'05070' # SBC", "5070"),
        (PORT, "5070 (SBC)", "5070"),
        (LIFE, "600s", "600"),
        (LIFE, "600 seconds", "600"),
        (LIFE, "0x258 s", "600"),
        (f"{S}/sip_t1", "200 ms", "200"),
        ("voip/services/dnd_reject_code", "CODE_486", "486"),
        (f"{S}/transport_protocol", "TCP, UDP", "TCP"),
        (PROXY, "sips:10.1.1.1:5061;transport=tls", "10.1.1.1"),
        (PROXY, "<sip:10.1.1.1>", "10.1.1.1"),
        (PROXY, "10.1.1.1,10.1.1.2", "10.1.1.1"),
        (PROXY, "10.1.1.1 ; first site", "10.1.1.1"),
        (PROXY, "'sip.example.com' # first", "sip.example.com"),
        (PROXY, "sip.example.com;transport=tcp", "sip.example.com"),
        (TALK, "1 /* on */", "1"),
        (TALK, "1/*on*/", "1"),
        (TALK, "1 <!-- on -->", "1"),
        (PORT, "=5070", "5070"),
        (PROXY, "=> 10.1.1.1", "10.1.1.1"),
        (PROXY, "udp:10.1.1.1:5070", "10.1.1.1"),
        (PROXY, "tls:sip.example.com", "sip.example.com"),
        (PROXY, "10.1.1.1 :5070", "10.1.1.1"),
        (PROXY, "10.1.1.1: 5070", "10.1.1.1"),
        (PROXY, "10.1.1.1 5070", "10.1.1.1"),
        (PROXY, "10.1.1.1:5070/udp", "10.1.1.1"),
        (f"{DST}/start_date/month", "March", "3"),
        (f"{DST}/start_date/month", "Sept.", "9"),
        (f"{DST}/end_date/month", "OCT", "10"),
        (f"{DST}/end_date/week", "Last", "5"),
        (f"{DST}/end_date/week", "2nd", "2"),
        (f"{DST}/start_date/day_of_week", "0", "SUNDAY"),
        (f"{DST}/start_date/day_of_week", "7", "SUNDAY"),
        (f"{DST}/start_date/day_of_week", "1", "MONDAY"),
        (f"{DST}/start_date/hour", "02:00", "2"),
        (f"{DST}/offset", "1:00", "60"),
        ("system/ntp/gmt_offset", "+05:30:00", "+05:30"),
        ("system/ntp/gmt_offset", "-5 hours", "-5:00"),
        ("provisioning/period/daily/time", "0230", "02:30"),
        ("provisioning/period/daily/time", "2.30", "02:30"),
        ("provisioning/period/daily/time", "14h30", "14:30"),
    ],
)
def test_what_stands_about_a_value_is_left_out(name: str, written: str, meant: str) -> None:
    value, told = value_of(name, written)
    assert value == meant
    # Behind a blank a semicolon begins a comment, as ever: nothing to say.
    assert told or " ;" in written


@pytest.mark.parametrize(
    ("name", "written", "meant"),
    [
        (TALK, "Y", "1"),
        (TALK, "1\u200b", "1"),
        (PORT, "\u200e5070\u00a0", "5070"),
        (PROXY, "10.1.1.1\u200b", "10.1.1.1"),
        (PROXY, "\ufeffsip.exam\u00adple.com", "sip.example.com"),
        (MASK, "255.255.\u200d255.0", "255.255.255.0"),
        (URL, "\u200ehttp://prov.example/\u200b", "http://prov.example/"),
        ("network/lan/vlan/mode", "LLDP\u2060", "LLDP"),
        (TALK, "Active", "1"),
        (TALK, "Activated", "1"),
        (TALK, "T", "1"),
        ("system/syslog/log_level", "1", "BASIC"),
        ("system/syslog/log_level", "-1", "NONE"),
        ("system/ntp/gmt_offset", "GMT +01:00", "GMT +01:00"),
        (PROXY, "000.000.000.000", "0.0.0.0"),
        (PROXY, "[::]", "0.0.0.0"),
        ("network/lan/fixed_ip/gateway", "000.000.000.000", "0.0.0.0"),
        (f"{S}/tls_method", "TLSv1.2", "TLS_1_2"),
        (f"{S}/tls_method", "TLSv1.3", "TLS_1_3"),
        ("voip/media/out_of_band_dtmf", "SIP INFO", "VIA_SIP"),
        ("voip/media/out_of_band_dtmf", "telephone-event", "RFC2833"),
        ("voip/codec/codec_info/0/name", "PCMA/8000", "PCMA"),
        ("voip/codec/codec_info/0/name", "opus/48000/2", "OPUS"),
        ("voip/codec/codec_info/0/name", "G.711 mu-law", "PCMU"),
        ("provisioning/period/weekly/day", "Thurs.", "THURSDAY"),
        ("provisioning/period/weekly/day", "We", "WEDNESDAY"),
        ("voip/media/srtp/mode", "Disable", "DONOTSUPPORTENCRYPTION"),
        ("voip/media/srtp/mode", "optional", "SUPPORTENCRYPTION"),
        ("voip/services/reject_code", "486", "CODE_486"),
        ("provisioning/period/weekly/day", "Mon", "MONDAY"),
        ("provisioning/method", "DHCP Options (Dynamic URL)", "DYNAMIC"),
        ("network/lan/vlan/mode", "CDP+LLDP", "CDP_LLDP"),
        ("network/lan/vlan/mode", "LLDP-MED", "LLDP"),
        ("network/lan/_802_1x/eap_type", "md5", "EAP_MD5"),
        ("network/lan/_802_1x/eap_type", "EAP-TLS", "EAP_TLS"),
        ("network/lan_type", "Auto", "DHCP"),
        ("personal_settings/language", "Deutsch", "GERMAN"),
        ("personal_settings/language", "Portuguese (Brazil)", "PORTUGUESEBRAZILIAN"),
        ("voip/codec/codec_info/0/name", "G.722", "G722"),
        (MASK, "24", "255.255.255.0"),
        (MASK, "/16", "255.255.0.0"),
        (MASK, "255.255.255.000", "255.255.255.0"),
        (PROXY, "::ffff:10.1.1.1", "10.1.1.1"),
        (URL, "http://prov.example/my phones/<MAC>.cfg", "http://prov.example/my%20phones/<MAC>.cfg"),
        (URL, "http://prov.example/<Mac>.cfg; at night", "http://prov.example/<MAC>.cfg"),
        ("voip/line/0/call_forward/type", "Always", "UNCONDITIONAL"),
        ("voip/line/0/call_forward/type", "No Reply", "NO_REPLY"),
        ("voip/line/0/call_forward/type", "No Answer", "NO_REPLY"),
        ("provisioning/period/daily/time", "2:30:00", "02:30"),
        (TALK, "[1] Enable", "1"),
        (TALK, "[0]  Disable (default)", "0"),
        (PROXY, "192.168.001.005", "192.168.1.5"),
        (f"{DST}/mode", "DAY_OF_MONTH", "FIXED"),
        (URL, "<http://prov.example/<MAC>.cfg>", "http://prov.example/<MAC>.cfg"),
        (URL, "http:\\\\prov.example\\x\\", "http://prov.example/x/"),
        (URL, "http:/prov.example/x", "http://prov.example/x"),
        (URL, "http:// prov.example/x", "http://prov.example/x"),
        (URL, "http://prov.example/x http://prov2.example/x", "http://prov.example/x"),
        (URL, "http://prov.example/b\u00fcro.cfg", "http://prov.example/b%C3%BCro.cfg"),
        ("network/lan/fixed_ip/gateway", "192.168.001.001", "192.168.1.1"),
    ],
)
def test_words_and_forms_of_web_pages_and_of_other_makers_are_read(name: str, written: str, meant: str) -> None:
    assert value_of(name, written)[0] == meant


@pytest.mark.parametrize(
    ("name", "written"),
    [
        (LIFE, "1h"),
        (LIFE, "600 ms"),
        (PORT, "5.060"),
        (LIFE, "3,600"),
        (LIFE, "3600,5"),
        (LIFE, "3.600"),
        ("personal_settings/functional_key/0/type", "1"),
        (PORT, "-1"),
        (PORT, "999999999999999999"),
        (PORT, "auto"),
        (PROXY, "10.1.1.256"),
        (PROXY, "010.001.001.001"),
        ("network/lan/fixed_ip/gateway", "192.168.001.010"),
        (TALK, "[2] Enable"),
        ("provisioning/period/daily/time", "02:30:15"),
        ("provisioning/period/daily/time", "2:30 PM"),
        ("voip/line/0/id", "4101\\nvoip/line/0/enabled=1"),
        (PROXY, "http://10.1.1.1/"),
        (PROXY, "10.1.1.1:70000"),
        (TALK, "perhaps # 1"),
        (MASK, "255.255.0.255"),
        (MASK, "0.0.0.255"),
        (URL, "prov.example/x.cfg"),
        (URL, "http://u:secret@/x y"),
        ("provisioning/speed_dial_uri", "//[x@y"),
        ("network/lan/_802_1x/eap_type", "PEAP"),
        (f"{S}/redundant_proxy/no_switch_on_code", "486,99"),
        (f"{DST}/start_date/month", "Ma"),
        (f"{DST}/start_date/month", "Marble"),
        (f"{DST}/start_date/week", "sixth"),
        (f"{DST}/start_date/day_of_week", "8"),
        (f"{DST}/start_date/hour", "02:30"),
        ("provisioning/period/daily/time", "2530"),
        (PROXY, "tel:4101"),
        (PROXY, "0x0a010101"),
        (URL, "http://http://prov.example/x"),
        (URL, "http://b%20c/x"),
    ],
)
def test_what_could_mean_two_things_costs_its_line(name: str, written: str) -> None:
    result = reading(f"{ACCOUNT}{name}={written}\n")
    assert result.verdict is Verdict.PARTLY and result.refused == 1 and result.settings is not None
    assert result.errors[0].key == name and "secret" not in result.report()


@pytest.mark.parametrize(
    "line", ["'voip/line/0/description=D 7'", "`voip/line/0/description`=D 7", "'voip/line/0/description'=D 7"]
)
def test_a_line_or_a_name_in_quotes_of_a_shell_is_read(line: str) -> None:
    result = with_account(line)
    assert result.settings is not None and result.settings.line[0].description == "D 7"


def test_a_line_that_a_spreadsheet_put_in_quotes_is_read() -> None:
    result = with_account('"voip/line/0/description=Meier, Anna ""Desk"""')
    assert result.settings is not None and result.settings.line[0].description == 'Meier, Anna "Desk"'


@pytest.mark.parametrize("name", ["voip/line/0/id", "voip/line/0/auth_name"])
@pytest.mark.parametrize("written", [
    "4102;", "'4102'", "4102 # Anna", "4102 // Anna", "4102,", "'4102'; Anna",
    "4102 /* Anna */", "4102 <!-- Anna -->", "=4102", "> 4102",
    "\u201c4102\u201d", "\u201e4102\u201c", "\u20184102\u2019", "\u00ab4102\u00bb",
])  # fmt: skip
def test_signs_of_other_files_round_a_user_are_no_part_of_it(name: str, written: str) -> None:
    assert value_of(name, written) == ("4102", ["taken as 4102"] if " ;" not in written else [])


def test_wide_digits_of_a_user_are_digits() -> None:
    assert value_of("voip/line/0/id", "\uff14\uff11\uff10\uff12") == ("4102", ["taken as 4102"])


@pytest.mark.parametrize("quotes", ["''", "``", "\u201c\u201d"])
def test_quotes_with_nothing_in_them_are_nothing(quotes: str) -> None:
    assert value_of(PROXY, quotes)[0] == "0.0.0.0" and value_of(PORT, quotes)[0] == "5060"


@pytest.mark.parametrize("written", ["max@site.example", "SITE\\max", "O'Brien", "a;b"])
def test_a_user_of_another_form_stays_as_it_is(written: str) -> None:
    assert value_of("voip/line/0/auth_name", written) == (written, [])
    assert value_of("voip/line/0/auth_name", f"{written};")[0] == written


@pytest.mark.parametrize("written", [
    "sip:4101", "tel:4101", "sips:4101", "<sip:4101>", "sip:4101;user=phone", "4101@site.example",
    "<sip:4101@site.example>", "sip:4101@site.example;transport=tcp",
])  # fmt: skip
def test_a_user_may_be_written_as_an_address(written: str) -> None:
    value, told = value_of("voip/line/0/id", written)
    assert value == "4101" and told == ["taken as 4101: the domain is the server's"]


@pytest.mark.parametrize(("written", "said"), [
    ('"abc"', "quotes round it are"), ("abc;", "; behind it is"), ("'abc'", "quotes round it are"),
    ("\u201cabc\u201d", "quotes round it are"), ("`abc`", "quotes round it are"), ("abc,", ", behind it is"),
    ("abc # Anna", "comment behind it is"), ("abc // Anna", "comment behind it is"),
])  # fmt: skip
def test_signs_round_a_password_count_and_are_said(written: str, said: str) -> None:
    result = with_account(f"voip/line/0/auth_password={written}")
    assert result.settings is not None and result.settings.line[0].auth_password.reveal() == written
    told = [each.message for each in result.warnings]
    assert f"the {said} taken as part of the secret" in told
    assert "Anna" not in str(told), "it may be part of the secret"


@pytest.mark.parametrize("written", ["a'b", "a;b", "a#b", "#abc", "'abc", "a//b", "\u201cabc", "a,b"])
def test_signs_within_a_password_are_nothing_to_say(written: str) -> None:
    assert with_account(f"voip/line/0/auth_password={written}").warnings == ()


@pytest.mark.parametrize("shown", ["***", "********", "\u2022" * 8, "\u25cf" * 8])
def test_a_password_that_a_page_did_not_show_stays(shown: str) -> None:
    result = with_account(f"voip/line/0/auth_password={shown}")
    assert result.settings is not None and result.settings.line[0].auth_password.reveal() == "example-1"


@pytest.mark.parametrize("sign", ["/* x", "<!-- x", "/* x */"])
def test_comments_that_nothing_ends_take_no_time(sign: str) -> None:
    before = time.process_time()
    assert reading(ACCOUNT + f"{sign}\n" * 19_000).verdict in (Verdict.PARTLY, Verdict.TAKEN)
    assert time.process_time() - before < 2.0


@pytest.mark.parametrize(
    "line",
    [f"{TALK}{{}}x=1", f"{TALK}=1{{}}x", f"{TALK} / {{}}x=1", "voip/line/0/auth_password=a{}#b",
     f"voip/line/0/auth_password={'a // ' * 6_000}#{{}}"],
    ids=["name", "value", "slash", "secret", "comments"],
)  # fmt: skip
def test_a_line_of_blanks_takes_no_time(line: str) -> None:
    before = time.process_time()
    assert reading(ACCOUNT + line.format(" " * 30_000) + "\n").verdict in (Verdict.PARTLY, Verdict.TAKEN)
    assert time.process_time() - before < 2.0
