"""DHCP options and provisioning URLs: every printed form, and options that mean harm."""

from __future__ import annotations

import pytest

from deskphone.wire import dhcp, provisioning_url
from deskphone.wire.dhcp import Facts, ProvisioningOffer, read_facts
from deskphone.wire.dhcp_values import text
from deskphone.wire.errors import WireError
from deskphone.wire.provisioning_url import Device, Place, device

UNIT = device("420HD", "00:11:22:33:44:55")
IMG, CFG = "420HD.img", "001122334455.cfg"


def offer(options: dict[int, bytes], **more: int) -> ProvisioningOffer:
    return dhcp.read_offer(options, UNIT, **more)


def places(options: dict[int, bytes]) -> list[tuple[int, str, str]]:
    found = offer(options)
    assert not found.problems
    return [(source.option, source.place.firmware, source.place.configurations[0]) for source in found.sources]


@pytest.mark.parametrize(
    ("url", "firmware", "configuration"),
    [
        ("tftp://s", f"tftp://s/{IMG}", f"tftp://s/{CFG}"),
        ("ftp://s/", f"ftp://s/{IMG}", f"ftp://s/{CFG}"),
        ("http://s/fw.img", "http://s/fw.img", f"http://s/{CFG}"),
        ("https://s/fw.img;phone.cfg", "https://s/fw.img", "https://s/phone.cfg"),
        ("http://s/dir/fw.img ; phone.cfg", "http://s/dir/fw.img", "http://s/dir/phone.cfg"),
        ("http://s/;phone.cfg", f"http://s/{IMG}", "http://s/phone.cfg"),
        ("http://10.2.1.1/fw.img;<MODEL>_<MAC>_conf.cfg", "http://10.2.1.1/fw.img", "http://10.2.1.1/420HD_001122334455_conf.cfg"),
        ("http://prov/420HD/420HD.img;420HD.cfg", "http://prov/420HD/420HD.img", "http://prov/420HD/420HD.cfg"),
        ("HTTP://s:8080/<model>/<mac>.cfg", f"http://s:8080/420HD/{IMG}", "http://s:8080/420HD/001122334455.cfg"),
        ("http://s/prov", f"http://s/prov/{IMG}", f"http://s/prov/{CFG}"),
        ("http://s/prov/", f"http://s/prov/{IMG}", f"http://s/prov/{CFG}"),
        ("http://s/PHONE.CFG", f"http://s/{IMG}", "http://s/PHONE.CFG"),
        ("http://s/fw.img;/top.cfg", "http://s/fw.img", "http://s/top.cfg"),
        ("http://s/fw.img;https://t/x.cfg", "http://s/fw.img", "https://t/x.cfg"),
        ("http://s/get.php?mac=<MAC>&f=x.cfg", f"http://s/{IMG}", "http://s/get.php?mac=001122334455&f=x.cfg"),
        ("http://u:p@[2001:db8::1]:81/", f"http://u:p@[2001:db8::1]:81/{IMG}", f"http://u:p@[2001:db8::1]:81/{CFG}"),
    ],
)  # fmt: skip
def test_option_160_in_every_printed_form(url: str, firmware: str, configuration: str) -> None:
    assert places({160: url.encode()}) == [(160, firmware, configuration)]


@pytest.mark.parametrize(
    ("server", "files", "firmware", "configuration"),
    [
        ("prov.example.com", "", f"tftp://prov.example.com/{IMG}", f"tftp://prov.example.com/{CFG}"),
        ("10.1.1.9", "a.img;b.cfg", "tftp://10.1.1.9/a.img", "tftp://10.1.1.9/b.cfg"),
        ("10.1.1.9", " a.img ; b.cfg ", "tftp://10.1.1.9/a.img", "tftp://10.1.1.9/b.cfg"),
        ("10.1.1.9", "b.cfg", f"tftp://10.1.1.9/{IMG}", "tftp://10.1.1.9/b.cfg"),
        ("https://s/dir", "", f"https://s/dir/{IMG}", f"https://s/dir/{CFG}"),
        ("https://s/dir/", "a.img;b.cfg", "https://s/dir/a.img", "https://s/dir/b.cfg"),
        ("http://s", ";b.cfg", f"http://s/{IMG}", "http://s/b.cfg"),
        ("http://s/x.img;y.cfg", "a.img;b.cfg", "http://s/x.img", "http://s/y.cfg"),
        ("http://s/x.img", "a.img;b.cfg", "http://s/x.img", f"http://s/{CFG}"),
        ("http://s/;y.cfg", "a.img;b.cfg", f"http://s/{IMG}", "http://s/y.cfg"),
    ],
)
def test_options_66_and_67_by_the_printed_table(server: str, files: str, firmware: str, configuration: str) -> None:
    options = {66: server.encode()} | ({67: files.encode()} if files else {})
    assert places(options) == [(66, firmware, configuration)]


def test_option_67_alone_offers_nothing() -> None:
    assert places({67: b"a.img;b.cfg"}) == [] == places({66: b"", 67: b"a.img"}) == places({160: b" \x00"})


def tlv(code: int, value: bytes) -> bytes:
    return bytes((code, len(value))) + value


@pytest.mark.parametrize(
    "value",
    [
        b"http://s/;x.cfg", b"http://s/;x.cfg\x00",
        tlv(1, b"http://s/;x.cfg"),
        b"\x00\x00" + tlv(1, b"http://s/;x.cfg") + b"\xff\x00",
        tlv(1, b"\x00\x64") + tlv(2, b"host.example.com") + tlv(3, b"http://s/;x.cfg"),
        tlv(1, b"http://s/;x.cfg") + b"\x02\x50cut",
    ],
)  # fmt: skip
def test_option_43_as_a_bare_url_or_in_sub_options(value: bytes) -> None:
    assert places({43: value}) == [(43, f"http://s/{IMG}", "http://s/x.cfg")]


def test_option_43_may_name_a_host() -> None:
    assert places({43: tlv(66, b"prov.example.com")}) == [
        (43, f"tftp://prov.example.com/{IMG}", f"tftp://prov.example.com/{CFG}")
    ]


def test_160_comes_before_66_before_43() -> None:
    options = {43: b"http://c", 66: b"http://b", 160: b"http://a"}
    assert [option for option, _, _ in places(options)] == [160, 66, 43]
    assert [source.option for source in offer({200: b"http://a", 66: b"b"}, url_option=200).sources] == [200, 66]
    assert offer({160: b"http://a"}, url_option=200).sources == ()


def test_the_mac_is_tried_in_the_other_case_too() -> None:
    place = provisioning_url.from_url("http://s", Device("420HD", "00908F3BBCBA"))
    assert place.configurations == ("http://s/00908F3BBCBA.cfg", "http://s/00908f3bbcba.cfg")
    place = provisioning_url.from_url("http://s", Device("420HD", "00908f3bbcba"))
    assert place.configurations == ("http://s/00908f3bbcba.cfg", "http://s/00908F3BBCBA.cfg")


def test_names_and_servers_of_a_lease() -> None:
    found = read_facts({
        12: b"desk-1502\x00", 2: (3600).to_bytes(4, "big"), 42: bytes((10, 0, 0, 1, 10, 0, 0, 2)),
        120: b"\x01\x0a\x01\x01\x05",
    })  # fmt: skip
    assert found == Facts("desk-1502", 3600, ("10.0.0.1", "10.0.0.2"), ("10.1.1.5",))
    assert read_facts({2: (-18000).to_bytes(4, "big", signed=True)}).time_offset == -18000


def test_sip_servers_by_name() -> None:
    value = b"\x00\x06sips-a\x07example\x03com\x00\x06sips-b\x07example\x03com\x00"
    assert read_facts({120: value}).sip_servers == ("sips-a.example.com", "sips-b.example.com")


@pytest.mark.parametrize(
    ("option", "value"),
    [
        (12, b"a b"), (12, b"\xff\xfe"), (12, b"x" * 300), (12, b"x" * 60 + b"!"), (12, b"a;reboot"), (2, b"\x00"),
        (2, b"\x7f\xff\xff\xff"), (2, b""),
        (42, b""), (42, b"\x0a\x00\x00"), (42, b"x" * 2000),
        (160, b"gopher://s"), (160, b"s"),
        (160, b"http://"), (160, b"http://s:99999"), (160, b"http://s:x"), (160, b"http://[::"),
        (160, b"http://a b/"),
        (160, b"http://s/\x00x"), (160, b"http://s/" + b"x" * 1020), (160, b"http://s/<MAC>" * 60),
        (160, b"http://s/<x>"),
        (160, b"http://s/;ftp://"), (160, "http://ä.example/".encode()), (160, b"file:///etc/passwd"),
        (160, b"http://s/;javascript://x"), (66, b"a b"), (66, b"\x00\x0a\x01\x01"), (66, b"file:///etc/passwd"),
        (66, b";"),
        (43, b""), (43, b"\x01"), (43, b"\x01\xff"), (43, b"\x01\x02\x00\x01"), (43, b"http://"), (43, b"\x00" * 200),
        (120, b"\x01\xe0\x00\x00\x01"), (120, b"\x01\xff\xff\xff\xff"), (120, b"\x01\x00\x00\x00\x00"),
        (120, b""), (120, b"\x02x"), (120, b"\x01\x01"), (120, b"\x00"), (120, b"\x00\xc0\x0c"), (120, b"\x00\x05ab"),
        (120, b"\x00\x00"), (120, b"\x00\x02ab"), (120, b"\x00\x04a b.\x00"),
    ],
)  # fmt: skip
def test_a_hostile_option_costs_itself_and_leaves_a_line(option: int, value: bytes) -> None:
    good = {12: b"desk", 42: bytes((10, 0, 0, 1)), 160: b"http://good"}
    found, facts = offer(good | {option: value}), read_facts(good | {option: value})
    assert len(found.problems + facts.problems) == 1
    line = (found.problems + facts.problems)[0]
    assert line.startswith(f"DHCP option {option}: ") and line.isprintable() and line.isascii() and len(line) < 200
    kept = {12: facts.host_name, 42: facts.ntp_servers, 160: found.sources}
    assert all(kept[code] for code in kept if code != option)


def test_a_password_in_a_url_is_in_no_problem_line() -> None:
    for url in (
        b"http://user:hunter2@s/\x01",
        b"ftp://user:hunter2@s:x/",
        b"gopher://user:hunter2@s",
        b"user:hunter2 s",
    ):
        for option in (160, 66, 43):
            found = offer({option: url})
            assert found.problems and "hunter2" not in "".join(found.problems), (option, url)


@pytest.mark.parametrize("mac", ["", "001122", "00:11:22:33:44:5g", "00112233445566", "0\u06611122334455"])
def test_a_device_needs_a_mac_address(mac: str) -> None:
    with pytest.raises(WireError):
        device("420HD", mac)
    with pytest.raises(WireError):
        device("../x", "001122334455")


def test_the_host_name_is_a_label_whatever_the_agent_is_called() -> None:
    assert dhcp.clean_host_name("Agent 7001 (Jürgen)") == "agent-7001-j-rgen"
    assert dhcp.clean_host_name("-" * 300) == "" and len(dhcp.clean_host_name("a" * 300)) == 63


def test_a_static_url_is_one_place() -> None:
    assert provisioning_url.from_url("https://s/;a.cfg", UNIT) == Place(f"https://s/{IMG}", ("https://s/a.cfg",))


@pytest.mark.parametrize(
    ("option", "value", "place"),
    [
        (66, b'"10.0.0.1"', "tftp://10.0.0.1/001122334455.cfg"),
        (66, b"'http://prov/x/'", "http://prov/x/001122334455.cfg"),
        (66, b"10.0.0.1,10.0.0.2", "tftp://10.0.0.1/001122334455.cfg"),
        (66, b"10.0.0.1 10.0.0.2\0", "tftp://10.0.0.1/001122334455.cfg"),
        (43, b"prov.example.com", "tftp://prov.example.com/001122334455.cfg"),
        (43, tlv(66, b"10.0.0.1") + tlv(67, b"a.img;b.cfg"), "tftp://10.0.0.1/b.cfg"),
        (43, tlv(67, b"b.cfg") + tlv(66, b"10.0.0.1"), "tftp://10.0.0.1/b.cfg"),
        (66, b"2001:db8::1", "tftp://[2001:db8::1]/001122334455.cfg"),
        (66, bytes((10, 0, 0, 1)), "tftp://10.0.0.1/001122334455.cfg"),
        (160, bytes((10, 0, 0, 1, 10, 0, 0, 2)), "tftp://10.0.0.1/001122334455.cfg"),
        (160, b'"http://a/"\0', "http://a/001122334455.cfg"),
        (160, b"http://a/,http://b/", "http://a/001122334455.cfg"),
        (160, b"http://a/ https://b/", "http://a/001122334455.cfg"),
        (160, b"\xef\xbb\xbfhttp://a/\r\n", "http://a/001122334455.cfg"),
        (160, b"http://a/p.php?mac=<MAC>", "http://a/p.php?mac=001122334455"),
        (160, b"http://a/<mac>", "http://a/001122334455"),
        (160, b"http://a/<MAC>.boot", "http://a/001122334455.boot"),
        (160, b"http://a/x,y/", "http://a/x,y/001122334455.cfg"),
        (160, b"10.0.0.1", "tftp://10.0.0.1/001122334455.cfg"),
        (160, b"prov.example.com/phones/\0", "tftp://prov.example.com/phones/001122334455.cfg"),
        (160, b"10.0.0.1:69/a.cfg", "tftp://10.0.0.1:69/a.cfg"),
        (43, b'"http://a/"', "http://a/001122334455.cfg"),
        (43, b"\xef\xbb\xbfhttps://a/x.cfg\r\n", "https://a/x.cfg"),
        (43, tlv(43, tlv(66, b"http://a/")), "http://a/001122334455.cfg"),
        (43, tlv(150, bytes((10, 0, 0, 1))), "tftp://10.0.0.1/001122334455.cfg"),
        (43, tlv(66, bytes((10, 0, 0, 1))) + tlv(67, b"b.cfg"), "tftp://10.0.0.1/b.cfg"),
        # letters of two bytes each, and letters that a URL escapes
        (160, "http://a/x/".encode("utf-16-le"), "http://a/x/001122334455.cfg"),
        (160, "http://a/x/".encode("utf-16-be"), "http://a/x/001122334455.cfg"),
        (160, "\ufeffhttp://a/x/\0".encode("utf-16-le"), "http://a/x/001122334455.cfg"),
        (43, tlv(1, "http://a/x/".encode("utf-16-le")), "http://a/x/001122334455.cfg"),
        (160, "http://a/büro/".encode(), "http://a/b%C3%BCro/001122334455.cfg"),
        (160, b"http://a/b\xfcro/", "http://a/b%FCro/001122334455.cfg"),
        (160, b"http:\\\\a\\b\xfcro\\", "http://a/b%FCro/001122334455.cfg"),
        (160, b"http://a/our phones/x 1.cfg", "http://a/our%20phones/x%201.cfg"),
        # with a length, or a code and a length, as in option 43; brackets; slashes that are others or missing
        (160, b"\x0bhttp://a/x/", "http://a/x/001122334455.cfg"),
        (160, tlv(1, b"http://a/x/"), "http://a/x/001122334455.cfg"),
        (160, tlv(160, b"http://a/x/") + b"\xff", "http://a/x/001122334455.cfg"),
        (160, b"<http://a/x/>", "http://a/x/001122334455.cfg"),
        (160, b"http:\\\\a\\x\\", "http://a/x/001122334455.cfg"),
        (160, b"http:/a/x/", "http://a/x/001122334455.cfg"),
        (66, b"tftp:10.0.0.1", "tftp://10.0.0.1/001122334455.cfg"),
        (66, b"tftp:6969", "tftp://tftp:6969/001122334455.cfg"),
        (66, b"\\\\10.0.0.1\\x", "tftp://10.0.0.1/x/001122334455.cfg"),
        # several servers, a semicolon in a login, a script
        (160, b"10.0.0.1, 10.0.0.2", "tftp://10.0.0.1/001122334455.cfg"),
        (66, b"10.0.0.1;10.0.0.2", "tftp://10.0.0.1/001122334455.cfg"),
        (160, b"http://u:p;w@a/x.img;b.cfg", "http://u:p;w@a/b.cfg"),
        (160, b"http://a/phone.php", "http://a/phone.php"),
        (160, b"http://a/p.php?site=1;mac=<MAC>", "http://a/p.php?site=1;mac=001122334455"),
        (160, b"http://a/f.php?x=1;p.php?mac=<MAC>", "http://a/p.php?mac=001122334455"),
        (160, b"http://a/f.php?x=1;y=2;b.cfg", "http://a/b.cfg"),
    ],
)
def test_options_as_servers_of_the_field_write_them(option: int, value: bytes, place: str) -> None:
    offer = dhcp.read_offer({option: value}, provisioning_url.device("420HD", "001122334455"))
    assert [each.place.configurations[0] for each in offer.sources] == [place], offer.problems


@pytest.mark.parametrize("nobody", [b"0.0.0.0", b"::", bytes(4), b"", b"0.0.0.0\0"])
def test_a_boot_server_that_is_not_set_leaves_option_43_its_turn(nobody: bytes) -> None:
    assert [option for option, _, _ in places({66: nobody, 43: b"http://c/"})] == [43]


def test_files_of_a_server_on_windows_have_slashes_of_a_url() -> None:
    found = places({66: b"10.0.0.1", 67: b"boot\\x64\\wdsnbp.com;phones\\<MAC>.cfg"})
    assert found == [(66, "tftp://10.0.0.1/boot/x64/wdsnbp.com", f"tftp://10.0.0.1/phones/{CFG}")]


def test_the_time_servers_are_those_of_option_42_else_of_option_4() -> None:
    here, there = bytes((10, 0, 0, 1)), bytes((10, 0, 0, 9))
    assert read_facts({42: here, 4: there}).ntp_servers == ("10.0.0.1",)
    assert read_facts({4: there}).ntp_servers == ("10.0.0.9",)
    assert read_facts({42: bytes(4), 4: there}).ntp_servers == ("10.0.0.9",)
    assert read_facts({42: bytes(4) + here}).ntp_servers == ("10.0.0.1",)
    assert read_facts({42: b"4VdA4VdB"}).ntp_servers == ("52.86.100.65", "52.86.100.66")


@pytest.mark.parametrize(
    ("option", "value"),
    [(42, b"pool.ntp.org"), (42, b"time.example\0\0\0\0"), (42, bytes(4)), (42, b"\xff" * 4), (4, b"\xe0\0\1\1"),
     (2, b"\xff" * 4), (2, b"3600")],
)  # fmt: skip
def test_what_is_nobodys_time_costs_its_option_and_is_told(option: int, value: bytes) -> None:
    facts = read_facts({option: value})
    assert (facts.ntp_servers, facts.time_offset) == ((), None)
    assert len(facts.problems) == 1 and facts.problems[0].startswith(f"DHCP option {option}: ")


def test_sub_options_of_another_program_are_no_place() -> None:
    value = b"\x01\x0cMS-UC-Client\x02\x05https\x03\x06pool.x\x04\x03443"
    offer = dhcp.read_offer({43: value}, provisioning_url.device("420HD", "001122334455"))
    assert offer.sources == () and "Skype" in offer.problems[0]


NAME = b"\x01a\x07example\x03com\0"


@pytest.mark.parametrize(
    ("value", "servers"),
    [
        (b"\0" + NAME + b"\x01b\xc0\x02", ("a.example.com", "b.example.com")),
        (b"\0" + NAME + b"\x01b\xc0\x03", ("a.example.com", "b.example.com")),
        (b"\0" + NAME + b"\0\0", ("a.example.com",)),
        (b"\0a.example.com", ("a.example.com",)),
        (b"a.example.com, 10.0.0.1", ("a.example.com", "10.0.0.1")),
        (b"10.0.0.1", ("10.0.0.1",)),
        (b"\x01" + bytes((10, 0, 0, 1)) + b"\0", ("10.0.0.1",)),
        (b"\x01" + bytes(4) + bytes((10, 0, 0, 1)), ("10.0.0.1",)),
        (b"\x0110.0.0.1", ("10.0.0.1",)),
        (b"\x01sip.example.com\0", ("sip.example.com",)),
        (bytes((10, 0, 0, 1)), ("10.0.0.1",)),
        (bytes((10, 0, 0, 1, 10, 0, 0, 2)), ("10.0.0.1", "10.0.0.2")),
        (b"\x01.0.1", ("46.48.46.49",)),
        (b"\x014VdA4VdB", ("52.86.100.65", "52.86.100.66")),
    ],
)
def test_sip_servers_as_servers_of_the_field_write_them(value: bytes, servers: tuple[str, ...]) -> None:
    assert read_facts({120: value}).sip_servers == servers


@pytest.mark.parametrize("value", [b"\0\xc0\0", b"\0\x01a\xc0\x01", b"\x01" + bytes(4), b"\0" + NAME + b"\xc0"])
def test_names_that_lead_in_a_circle_or_to_nobody_cost_the_option(value: bytes) -> None:
    facts = read_facts({120: value})
    assert facts.sip_servers == () and len(facts.problems) == 1


def test_bytes_that_fill_up_an_option_of_addresses_are_none_of_it() -> None:
    here, there = bytes((10, 0, 0, 1)), bytes((10, 0, 0, 9))
    assert read_facts({42: here + there + bytes(2)}).ntp_servers == ("10.0.0.1", "10.0.0.9")
    assert read_facts({120: b"\x01" + here + bytes(1)}).sip_servers == ("10.0.0.1",)
    assert read_facts({120: b"\x01" + bytes((224, 0, 1, 75)) + here}).sip_servers == ("10.0.0.1",), (
        "no group is a server"
    )


@pytest.mark.parametrize("value", [b"\xff\xff", b"pr\xfcv.example.com", b"pr\xc3\xbcv/x", b"\x01\x02"])
def test_a_host_beyond_ascii_is_no_text(value: bytes) -> None:
    with pytest.raises(WireError, match="not all text"):
        text(value, url=True)
