"""Files of the 420HD family as texts: what is no configuration, encodings, names as people write them, what is said.

The habits of their values: test_family_files.py.
"""

from __future__ import annotations

import codecs

import pytest

from deskphone.config.layers import Layers
from deskphone.config.nature import nature
from deskphone.config.reader import read
from deskphone.config.registry import slots_of, value_at
from deskphone.config.result import Verdict
from deskphone.config.secret import Secret
from deskphone.config.settings import Settings
from deskphone.view.words import LANGUAGES
from tests.unit.config.family import ACCOUNT, S, phone_with_account, reading, with_account


@pytest.fixture
def phone() -> Layers:
    """A phone that has its account."""
    return phone_with_account()


# --- 4. what is no configuration is none ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "called"),
    [
        (b'<html><body><a href="login?next=phone.cfg">Log in</a>\nstatus=unauthorized\n</body></html>', "an HTML page"),
        (b"<!DOCTYPE HTML>\nvoip/line/0/id=9\n", "an HTML page"),
        (b"\xef\xbb\xbf  <head><script>a=1</script>", "an HTML page"),
        (b'<?xml version="1.0"?><settings><phone-settings/></settings>', "XML"),
        (b'<polycomConfig><reg reg.1.address="7"/></polycomConfig>', "XML"),
        (b"<flat-profile>\n<Line_Enable_1_>Yes</Line_Enable_1_>", "XML"),
        (b'{"error": "unauthorized",\n "a=b": 1}', "JSON"),
        (b'[{"voip/line/0/id": "x=1"}]', "JSON"),
        (b"#!version:1.0.0.1\naccount.1.enable = 1\naccount.1.user_name = 7", "another maker's file (Yealink)"),
        (b"P271=1\nP47=sip.example\n", "another maker's file (Grandstream)"),
        (b"user_realname1!: Jo\nuser_name1!: 7\n", "another maker's file (snom)"),
        (b"sip line1 user name: 7\nsip proxy ip: 10.0.0.1\n", "another maker's file (Mitel, Aastra)"),
        (b"[general]\ncontext=default\nbindport=5060\n", "another maker's file"),
        (b"-----BEGIN CERTIFICATE-----\nMIIB=\n", "a certificate or key (PEM)"),
        (b"Salted__\x8a\x01\x02\x03voip/line/0/id=1", "an encrypted file (.cfx), which this phone does not read"),
        (b"\x1f\x8b\x08\x00\x00\x00", "compressed data (gzip)"),
        (b"\x7fELF\x01\x01\x00", "a program"),
        (b"voip/line/0/id=1\n\x00\x01\x02more", "binary data"),
        (b"voip/line/0/id=1\0voip/line/0/enabled=1\0", "binary data"),
        (bytes(range(256)) * 2, "binary data"),
        (b"\x13\0\0\x1avoip/line/0/id=1\n", "binary data"),
        (b"<br />\n<b>Warning</b>: no file in <b>prov.php</b>\nvoip/line/0/id=1\n", "an HTML page"),
        (b"// voip/line/0/id=1\n//voip/line/0/enabled=1\n", "a file of comments"),
        (b"", "an empty file"),
        (b"\r\n\x1a\x00\x00", "an empty file"),
        (b"; nothing\n// here\n", "a file of comments"),
        (b"status=unauthorized\nnext=/login\n", "a text that names no setting of this phone"),
        (b"Service unavailable, try again", "a text that names no setting of this phone"),
    ],
)
def test_a_body_that_names_no_setting_changes_nothing_and_is_called_by_its_name(
    body: bytes, called: str, phone: Layers
) -> None:
    result = reading(body, phone)
    assert (result.verdict, result.nature, result.settings) == (Verdict.NO_CONFIGURATION, called, None)
    assert [error.message for error in result.errors] == [f"expected path/name=value lines of this phone, got {called}"]
    assert nature(body) == called and result.warnings == () and result.unknown == ()


@pytest.mark.parametrize(
    "line", ["voip/line/0/id=7", "VOIP/LINE/0/ID = 7", "voip/services/vocanom/label=", "/voip/line/3/id="]
)
def test_one_name_of_this_phone_makes_it_a_configuration(line: str) -> None:
    assert reading(f"x=1\nhello\n{line}\n").verdict in (Verdict.TAKEN, Verdict.PARTLY)


@pytest.mark.parametrize(
    "model",
    [
        "420HD",
        "IP420HDE",
        "GENESYS_420HD",
        "deskphone",
        "420hdeg",
        "",
        "420 HD",
        "420HD_2.2.16.704",
        "IPPHONE_420HD",
        "AudioCodes 420HD IP Phone",
        "405HD, 420HD, 430HD",
    ],
)
def test_a_file_for_this_model_by_any_of_its_names_is_taken(model: str) -> None:
    result = with_account(f"system/type={model}")
    assert result.verdict is Verdict.TAKEN and result.settings is not None and result.settings.system.model == "420HD"


@pytest.mark.parametrize("model", ["405HD", "440HD", "320HD", "SIP-T46G", "X420HD", "420HD2", "1420HD"])
def test_a_file_for_another_model_is_taken_not_at_all(model: str, phone: Layers) -> None:
    result = reading(f"{ACCOUNT}voip/talk_event/enabled=1\nsystem/type={model}", phone)
    assert result.verdict is Verdict.REFUSED and result.settings is None
    assert result.errors[0].message == f"expected 420HD, got '{model}' (the file of another phone?)"


@pytest.mark.parametrize("rubbish", [b"\0\x1b", b"\x1b[0m\0\0\x07", b"\0\0\1\2\3"])
def test_a_line_of_rubbish_costs_itself_and_no_other(rubbish: bytes) -> None:
    many = b"".join(b"voip/line/%d/description=Desk\n" % number for number in range(6)) * 4
    result = reading(ACCOUNT.encode() + many + b"deskphone/volume/ring=" + rubbish + b"x\n" + many)
    assert result.verdict is Verdict.PARTLY and result.settings is not None and result.refused == 1, result.report()
    assert str(result.errors[0]).startswith("a.cfg:31: deskphone/volume/ring: expected 0 to 10, got ")
    assert result.settings.line[0].auth_name == "4101"


# --- 5. encodings --------------------------------------------------------------------------------------

NAMED = f"{ACCOUNT}voip/line/0/description=José\n"


@pytest.mark.parametrize(
    "data",
    [
        NAMED.encode("utf-8"),
        NAMED.encode("cp1252"),
        NAMED.encode("utf-8-sig"),
        codecs.BOM_UTF16_LE + NAMED.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + NAMED.encode("utf-16-be"),
        NAMED.encode("utf-16-le"),
        NAMED.encode("utf-16-be"),
        NAMED.encode("utf-8") + b"\x1a",
        NAMED.encode("cp1252") + b"\0" * 300,
        NAMED.replace("\n", "\r\n").encode("cp1252") + b"\x1a\0",
        NAMED.replace("\n", "\r").encode("cp1252"),
        NAMED.replace("\n", "\r\r\n").encode("utf-8"),
        NAMED.replace("\n", "\f\r\n").encode("utf-8"),
        NAMED.replace("\n", "\u2028").encode("utf-8"),
        NAMED.replace("\n", "\x85").encode("utf-8"),
        NAMED.replace("\n", "\v").encode("utf-8"),
        NAMED.replace("\n", "\0\n").encode("utf-8"),
        b"\0" * 16 + NAMED.encode("utf-8") + b"\0" * 100 + b"\r\n",
        NAMED.encode("utf-8") + "system/ntp/enabled=1\r\n".encode("utf-16-le"),
        NAMED.encode("utf-8") + "system/ntp/enabled=1\r\n".encode("utf-16"),
        NAMED.encode("utf-8") + b"\x1a\x00\x07\xff rest of the sector",
        ("; 电话 Телефон\n" + NAMED).encode("utf-16-le"),
        ("; 电话 Телефон\n" + NAMED).encode("utf-16-be"),
        NAMED.encode("utf-16-le") + b"\n",
        NAMED.encode("utf-32"),
        codecs.BOM_UTF16_LE + NAMED.encode("utf-8"),
        codecs.BOM_UTF16_BE + NAMED.encode("cp1252"),
        codecs.BOM_UTF32_BE + NAMED.encode("utf-32-be"),
        b"\xef\xbb\xbf".decode("cp1252").encode() + NAMED.encode("utf-8"),
        b"\xef\xbb\xbf\xef\xbb\xbf" + NAMED.encode("utf-8"),
        "".join(f"\ufeff{line}\n" for line in NAMED.splitlines()).encode(),
        b"; first\n\xef\xbb\xbf" + NAMED.encode("utf-8"),
        b"; first\x1a\xef\xbb\xbf" + NAMED.encode("utf-8"),
        NAMED.encode("utf-8") + "personal_settings/dialed_calls_list/x=Zo\u00eb".encode("cp1252"),
    ],
)
def test_the_file_is_read_whatever_wrote_it(data: bytes) -> None:
    result = reading(data)
    assert result.settings is not None and result.errors == (), result.report()
    assert (result.settings.line[0].id, result.settings.line[0].description) == ("4101", "José")
    assert result.settings.proxy.address == "127.0.0.1"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (b"Jos\xe9 \xc2\xa0\xe2\x80\x8fDesk", "José Desk"),
        (b"J\xc3\xbcrgen M\xfcller", "Jürgen Müller"),
        ("\u200fדלפק 7\u200e".encode(), "דלפק 7"),
        ("Zero\u200bwidth\ufeff".encode(), "Zerowidth"),
        ("Tab\there\u2003wide".encode(), "Tab here wide"),
        (b"\x93Quoted\x94 \x80 5", "“Quoted” € 5"),
        (b"soft\xc2\xadhyphen", "softhyphen"),
    ],
)
def test_names_hold_what_people_write(written: bytes, meant: str) -> None:
    result = reading(ACCOUNT.encode() + b"voip/line/0/description=" + written)
    assert result.verdict is Verdict.TAKEN and result.settings is not None
    assert result.settings.line[0].description == meant


def test_a_password_keeps_its_signs_and_loses_only_what_nobody_sees() -> None:
    result = with_account('voip/line/0/auth_password="p\u200bä ß "')
    assert result.settings is not None and result.settings.line[0].auth_password == Secret('"pä ß "')


@pytest.mark.parametrize(
    "name",
    [
        "voip/line/0/id\u200b",
        "\ufeffvoip/line/0/id",
        "voip/line/0/id\u00a0",
        "\tvoip/line/0/id\t",
        "voip / line / 0 / id ",
        "voip//line//0///id",
        "/voip/line/0/id/",
        "voip\\line\\0\\id",
        "VOIP/Line/0/ID",
        '"voip/line/0/id"',
        "v\u00adoip/line/0/\u2060id",
    ],
)
def test_what_nobody_sees_in_a_name_is_not_part_of_it(name: str) -> None:
    result = reading(f"{name}=77\n")
    assert result.settings is not None and result.settings.line[0].id == "77"


@pytest.mark.parametrize("mark", ["\u200b", "\u200e", "\ufeff", "\u2060", "\u00ad"])
@pytest.mark.parametrize(
    ("name", "value"),
    [(f"{S}/proxy_address", "192.0.2.10"), (f"{S}/proxy_port", "5070"), ("voip/talk_event/enabled", "1"),
     ("provisioning/configuration/url", "http://h.example/a.cfg"), ("network/lan/fixed_ip/ip_address", "192.0.2.9"),
     ("provisioning/period/daily/time", "07:30"), ("deskphone/web/admin_user_name", "root")],
)  # fmt: skip
def test_what_nobody_sees_in_a_value_is_not_part_of_it(name: str, value: str, mark: str) -> None:
    slot = slots_of(Settings)[name]
    for written in (f"{mark}{value}", f"{value}{mark}", f"{value[:1]}{mark}{value[1:]}"):
        result = reading(f"{name}={written}\n")
        assert result.verdict is Verdict.TAKEN and result.settings is not None, result.report()
        assert slot.option.kind.format(value_at(result.settings, slot.path)) == value
    nothing = reading(f"{name}={mark}\n").settings
    assert nothing is not None and value_at(nothing, slot.path) == value_at(Settings(), slot.path)


# --- 7. what is read and not, or only by half, obeyed --------------------------------------------------


def test_names_without_effect_are_said_once_a_file_with_those_that_matter_first() -> None:
    names = ("voip/services/greeting/enabled=0", f"{S}/connect_media_on_180=1", "voip/services/vocanom/label=x")
    text = "".join(f"{line}\n" for line in (*names, "xsi/host=h"))
    result = with_account(text)
    assert result.idle == (
        f"{S}/connect_media_on_180",
        "voip/services/greeting/enabled",
        "voip/services/vocanom/label",
        "xsi/host",
    )
    told = [str(each) for each in result.warnings if "without effect here" in str(each)]
    assert told == [f"a.cfg:1: file: read, without effect here: 4 names ({', '.join(result.idle)})"]


def test_an_export_with_hundreds_of_names_gets_one_line_about_those_without_effect() -> None:
    text = "".join(f"{slot.name}=\n" for slot in slots_of(Settings).values())
    result = with_account(text.replace("voip/line/0/", "voip/line/1/").replace(S, "voip/line/2"))
    assert len([each for each in result.warnings if "without effect here" in str(each)]) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("voip/codec/codec_info/2/name", "G729"),
        ("voip/codec/codec_info/2/name", "LN16BIT_16000"),
        ("personal_settings/language", "HEBREW"),
        (f"{S}/redundant_proxy/mode", "PRIMARY_FALLBACK"),
    ],
)
def test_a_value_that_is_obeyed_only_by_half_is_said_at_its_line(name: str, value: str) -> None:
    result = with_account(f"{name}={value}\n{S}/redundant_proxy/address=b.example")
    option = slots_of(Settings)[name].option
    told = f"a.cfg:7: {name}: {value} is read, without effect here; obeyed are"
    assert (told in result.report()) == bool(option.only and option.kind.parse(value) not in option.only)


def test_the_languages_that_are_obeyed_are_those_there_are_words_of() -> None:
    only = slots_of(Settings)["personal_settings/language"].option.only
    assert {str(each) for each in only} == set(LANGUAGES)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("network/lan_type=STATIC", "network/lan_type"),
        ("network/lan_type=STATIC\nnetwork/lan/fixed_ip/ip_address=phone.example", "network/lan_type"),
        ("network/lan_type=STATIC\nnetwork/lan/fixed_ip/ip_address=10.0.0.5\n"
         "network/lan/fixed_ip/netmask=255.0.255.0", "network/lan_type"),
        ("network/lan/vlan/mode=MANUAL\nnetwork/lan/vlan/id=4096", "network/lan/vlan/mode"),
        ("provisioning/method=STATIC\nprovisioning/configuration/url=prov.example/a.cfg", "provisioning/method"),
        ("provisioning/method=STATIC\nprovisioning/configuration/url=http://h/<SERIAL>.cfg", "provisioning/method"),
    ],
)  # fmt: skip
def test_a_network_or_a_place_that_cannot_be_is_not_taken(text: str, kept: str) -> None:
    result = with_account(text)
    assert result.settings is not None and result.verdict is Verdict.PARTLY
    slot = slots_of(Settings)[kept]
    assert value_at(result.settings, slot.path) == value_at(Settings(), slot.path)
    assert kept in [error.key for error in result.errors]


@pytest.mark.parametrize(
    "zone",
    ["Europe/Berlinn", "Mars/Olympus", "CET-1CEST", "Europe", "CET-1CEST,M3.5.0,M10.5.0/3", "'Mars/Olympus'"],
)
def test_a_zone_that_does_not_exist_costs_its_line(zone: str) -> None:
    there = {"Europe/Berlin"}
    text = f"voip/line/0/id=7\ndeskphone/time/zone={zone}"
    result = read(text.encode(), "a.cfg", has_zone=there.__contains__)
    assert result.settings is not None and result.settings.time.zone == "" and result.refused == 1
    good = read(b"deskphone/time/zone=Europe/Berlin", "a.cfg", has_zone=there.__contains__)
    assert good.verdict is Verdict.TAKEN
