"""Files as the scripts of exchanges and device managers write them for the family: whole ones, and what goes wrong.

The files are of our own making, after the shape of those that are about; values and words are ours.
"""

from __future__ import annotations

import pytest

from deskphone.config import servers
from deskphone.config.result import Verdict
from deskphone.config.secret import Secret
from deskphone.config.servers import Server
from tests.unit.config.family import ACCOUNT, S, phone_with_account, reading, with_account

SBC, SITE = ("sbc.example.net", 5160), ("pbx.example.net", 5060)

# An exchange's endpoint manager that names proxy and registrar, and empties what it does not use.
ENDPOINT_MANAGER = """system/ntp/enabled=1
system/ntp/primary_server_address=192.0.2.10
system/ntp/gmt_offset=-05:00
provisioning/configuration/url=tftp://192.0.2.10/02000000150a.cfg
network/lan_type=DHCP
network/lan/fixed_ip/ip_address=
network/lan/fixed_ip/netmask=
network/lan/fixed_ip/gateway=
voip/line/0/enabled=1
voip/line/0/id=7001
voip/line/0/description=Ada Desk
voip/line/0/auth_name=7001
voip/line/0/auth_password=pass-of-7001
voip/line/1/enabled=1
voip/line/1/id=7002
voip/line/2/enabled=0
voip/line/2/id=3
voip/line/2/auth_name=0
voip/line/2/auth_password=0
voip/signalling/sip/proxy_address=192.0.2.10
voip/signalling/sip/sip_registrar/enabled=1
voip/signalling/sip/sip_registrar/addr=192.0.2.10
voip/signalling/sip/use_proxy=1
personal_settings/language=SPANISH"""

# A provider's generator: blanks behind values, an edge in front of the platform, words in capitals.
PROVIDER = """voip/line/0/auth_name=7001
voip/line/0/auth_password=pass-of-7001
voip/line/0/enabled=1
voip/line/0/id=7001
voip/line/1/id=
voip/line/1/enabled=0
voip/line/1/description=\x20
voip/signalling/sip/proxy_address=pbx.example.net
voip/signalling/sip/proxy_port=5060
voip/signalling/sip/use_proxy=1
voip/signalling/sip/use_proxy_ip_port_for_registrar=1
voip/signalling/sip/sip_outbound_proxy/addr=sbc.example.net\x20
voip/signalling/sip/sip_outbound_proxy/enabled=1\x20
voip/signalling/sip/sip_outbound_proxy/port=5160
voip/services/application_server_type=BSFT
voip/services/msg_waiting_ind/subscribe_address=7001
voip/services/conference/conf_ms_addr=conf-room@pbx.example.net
voip/services/conference/mode=REMOTE
voip/signalling/sip/failback_retry_timeout=
voip/services/reject_code=CODE_486
personal_settings/soft_keys/ongoing_call/3/key_function=END
network/lan/dhcp/ntp/gmt_offset/enabled=0
system/ntp/gmt_offset=-03:00
personal_settings/language=PORTUGUESEBRAZILIAN
"""

# A hosted service's: comments with #, a dash above ASCII, TLS, and names that no phone of the family has.
HOSTED = """# Desk phone — made for 02:00:00:00:15:0a
system/type=420HD

voip/line/0/enabled=1
voip/line/0/id=user-7f
voip/line/0/auth_name=user-7f
voip/line/0/auth_password=pass-of-7f
voip/signalling/sip/use_proxy=1
voip/signalling/sip/proxy_address=sip.example.com
voip/signalling/sip/proxy_port=5061
voip/signalling/sip/use_proxy_ip_and_port_for_registration=1
voip/signalling/sip/transport_protocol=TLS
voip/signalling/sip/registration_expires=600
provisioning/method=STATIC
provisioning/configuration/url=https://desk.example.com/api/<MAC>.cfg
provisioning/check_sync/enabled=1
system/time/ntp_server=ntp.example.com
system/syslog/server=192.0.2.9
system/password=Key-4711
"""

# A device manager's first file, and the common half of a large phone's with thirty lines.
MANAGER = """; device manager
ems_server/provisioning/url=https://manager.example.com/
ems_server/user_name=system
ems_server/user_password={"c29tZXRoaW5nIQ=="}
provisioning/method=DYNAMIC
provisioning/period/type=HOURLY
provisioning/period/hourly/hours_interval=1
voip/regional_settings/selected_country=Australia
voip/regional_settings/selected_timezone=Australia/Brisbane
network/lan/vlan/mode=Disable
system/ntp/secondary_server_address=Disable
system/ntp/sync_time/hours=1
system/ntp/time_display_format=24HOUR
Voip/services/application_server_type=GENBAND
personal_settings/soft_key/3/key_function=Forward_All
""" + "".join(f"voip/line/{number}/enabled=0\r\nvoip/line/{number}/id=0\r\n" for number in range(1, 30))


@pytest.mark.parametrize(
    ("text", "number", "server", "unknown"),
    [
        (ENDPOINT_MANAGER, "7001", Server(*[("192.0.2.10", 5060)] * 2), 0),
        (PROVIDER, "7001", Server(SITE, SITE, SBC), 0),
        (HOSTED, "user-7f", Server(*[("sip.example.com", 5061)] * 2), 5),
    ],
    ids=["endpoint manager", "provider", "hosted"],
)
def test_such_a_file_gives_its_account_and_no_line_is_refused(
    text: str, number: str, server: Server, unknown: int
) -> None:
    result = reading(text)
    assert result.settings is not None and result.verdict is Verdict.TAKEN and result.serverless == "", result.report()
    assert result.settings.line[0].id == number and servers.named(result.settings) == (server,)
    assert len(result.unknown) == unknown and all(each.suggestion for each in result.unknown[:2])


def test_a_device_managers_file_leaves_the_account_alone_and_says_what_it_could_not_read() -> None:
    result = reading(MANAGER, phone_with_account())
    assert result.settings is not None and result.settings.line[0].id == "4101"
    assert result.settings.provisioning.period.value == "HOURLY"
    assert [each.key for each in result.errors] == ["ems_server/user_password"]
    assert result.unknown == () and result.settings.time.zone


# --- what servers' scripts leave, and other phones of the family have ------------------------------------


@pytest.mark.parametrize(
    "left",
    ["{$ID_DEVICE}", "${ext}", "{{ ext }}", "{{ext}}", "%EXT%", "%%EXT%%", "<DN>", "[[EXT]]", "@@EXT@@", "9${x}"],
)
def test_a_place_holder_that_nobody_replaced_costs_its_line_and_not_the_account(left: str) -> None:
    result = reading(
        f"voip/line/0/id={left}\nvoip/line/0/auth_name={left}\nvoip/talk_event/enabled=1", phone_with_account()
    )
    assert result.settings is not None and result.settings.talk_event.enabled and result.refused == 2
    assert result.settings.line[0].id == "4101" and "place holder of a template" in str(result.errors[0])


@pytest.mark.parametrize("left", ["${pw}", "{$PASSWORD}", "{{ secret }}", "{{user.pw}}"])
def test_a_place_holder_in_place_of_a_password_leaves_the_old_one_and_is_not_shown(left: str) -> None:
    result = reading(f"voip/line/0/auth_password={left}\n", phone_with_account())
    assert result.settings is not None and result.settings.line[0].auth_password == Secret("example-1")
    assert "place holder of a template" in str(result.errors[0]) and left not in result.report()


@pytest.mark.parametrize("text", ["$pw", "{a$b}", "%pw%", "<pw>", "a${pw}", "{pw}", "{{a b}}", "$5{x}"])
def test_a_password_with_such_signs_is_one(text: str) -> None:
    result = with_account(f"voip/line/0/auth_password={text}")
    assert result.settings is not None and result.settings.line[0].auth_password == Secret(text)


@pytest.mark.parametrize("text", ["{braces}", "50%", "<3", "a%b%c", "[2-9]xx", "$5", "{", "Desk {7}", "@home"])
def test_signs_that_look_a_little_like_one_are_a_name(text: str) -> None:
    result = with_account(f"voip/line/0/description={text}")
    assert result.verdict is Verdict.TAKEN and result.settings is not None
    assert result.settings.line[0].description == text


@pytest.mark.parametrize("begin", ["{{ macro }}", "{% if phone %}", "{$HEAD}", "[[ head ]]", "<% head %>", "{"])
def test_what_a_template_left_at_the_top_makes_no_json_of_a_configuration(begin: str) -> None:
    result = reading(f"{begin}\n{ACCOUNT}")
    assert result.settings is not None and result.settings.line[0].id == "4101", result.report()


@pytest.mark.parametrize("name", ["voip/line/0/auth_password", "provisioning/configuration/http_auth/password"])
def test_a_secret_that_another_phone_encrypted_costs_its_line_and_the_old_one_stays(name: str) -> None:
    result = reading(f'{name}={{"dGhpcyBpcyBub3Q="}}\n', phone_with_account())
    assert result.settings is not None and result.settings.line[0].auth_password == Secret("example-1")
    assert "one that a 420HD encrypted (not shown)" in result.report() and "dGhp" not in result.report()


def test_lines_and_keys_that_only_a_larger_phone_has_are_said_once() -> None:
    more = "".join(f"voip/line/{n}/enabled=0\nvoip/line/{n}/id=0\n" for n in range(6, 30))
    result = with_account(more + "personal_settings/functional_key/40/type=EVENT\n")
    assert result.verdict is Verdict.TAKEN and result.unknown == () and len(result.idle) == 49
    assert len([each for each in result.warnings if "without effect here" in str(each)]) == 1


@pytest.mark.parametrize("name", ["voip/line/00/id", "voip/line/-1/id", "voip/line/N/id", "voip/line/1000/id"])
def test_what_is_no_index_is_unknown(name: str) -> None:
    assert [each.name for each in with_account(f"{name}=7").unknown] == [name]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("system/syslog/server", "system/syslog/server_address"),
        ("voip/signalling/sip/registration_expires", "voip/signalling/sip/proxy_timeout"),
        ("system/time/ntp_server", "system/ntp/primary_server_address"),
        ("voip/signalling/sip/proxy", "voip/signalling/sip/proxy_address"),
        ("voip/signalling/sip/proxy_adress", "voip/signalling/sip/proxy_address"),
        ("provisioning/period/hourly/interval", "provisioning/period/hourly/hours_interval"),
        ("voip/signalling/sip/use_proxy_ip_and_port_for_registration", f"{S}/use_proxy_ip_port_for_registrar"),
    ],
)
def test_a_name_of_somebody_elses_is_told_which_one_it_may_be(name: str, meant: str) -> None:
    assert [each.suggestion for each in with_account(f"{name}=x").unknown] == [meant]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("system/ldap/enabled=1", "LDAP is not built: name the company's directory as a file"),
        ("SYSTEM/LDAP/Enabled=TRUE", "LDAP is not built"),
        ("voip/services/electronic_hook_switch/enabled=ENABLE", "the board has no DHSG"),
        ("voip/services/busy_lamp_field/enabled=1", "lamps of other phones"),
        ("voip/services/group_paging/enabled=1", "paging by multicast"),
        ("xsi/contact/enable=1", "XSI is not built"),
    ],
)
def test_what_a_file_switches_on_and_this_phone_has_not_is_said_at_its_line(line: str, words: str) -> None:
    told = [str(each) for each in with_account(line).warnings if words in str(each)]
    assert len(told) == 1 and told[0].startswith("a.cfg:7: ")
    assert words not in with_account(line.partition("=")[0] + "=0").report()


@pytest.mark.parametrize("written", ["sip:4101@10.1.1.1", "4101@site.example", "<sips:4101@10.1.1.1:5061>"])
def test_a_number_with_its_domain_is_the_number(written: str) -> None:
    result = with_account(f"voip/line/0/id={written}")
    assert result.verdict is Verdict.TAKEN and "taken as 4101: the domain is the server's" in result.report()


@pytest.mark.parametrize("written", ["sip:", "41<01", "@site.example", "4101@", 'a"b'])
def test_what_is_no_number_costs_its_line(written: str) -> None:
    assert with_account(f"voip/line/0/id={written}").refused == 1


@pytest.mark.parametrize(
    ("line", "path", "value"),
    [
        ("system/ntp/gmt_offset=(GMT+01:00) Amsterdam, Berlin, Rome", "offset", "+01:00"),
        ("system/ntp/gmt_offset=+02:00 Jerusalem", "offset", "+02:00"),
        ("system/ntp/gmt_offset=UTC-03:00 (Brasilia)", "offset", "-03:00"),
        ("system/ntp/date_display_format=DD/MM/YYYY", "date_format", "EUROPEAN"),
        ("system/ntp/date_display_format=mm/dd/yyyy", "date_format", "AMERICAN"),
        ("system/ntp/time_display_format=12", "time_format", "12HOUR"),
        ("system/ntp/time_display_format=24h", "time_format", "24HOUR"),
    ],
)
def test_labels_of_web_pages_are_what_they_mean(line: str, path: str, value: str) -> None:
    result = with_account(line)
    assert result.verdict is Verdict.TAKEN and result.settings is not None, result.report()
    assert getattr(result.settings.time, path) == value
