"""Files of the 420HD family as they are found: whatever such a phone took is taken, and nothing costs it its account.

Each kind of habit has its own part; the account stands in every file.
"""

from __future__ import annotations

import codecs

import pytest

from deskphone.config.kind import Choice
from deskphone.config.layers import Layer, Layers
from deskphone.config.nature import nature
from deskphone.config.reader import read
from deskphone.config.registry import slots_of, value_at
from deskphone.config.result import ReadResult, Verdict
from deskphone.config.schema.words import CodecName
from deskphone.config.secret import Secret
from deskphone.config.settings import Settings
from deskphone.view.words import LANGUAGES

S = "voip/signalling/sip"
ACCOUNT = f"""\
voip/line/0/enabled=1
voip/line/0/id=4101
voip/line/0/auth_name=4101
voip/line/0/auth_password=example-1
{S}/use_proxy=1
{S}/proxy_address=127.0.0.1
"""


def reading(text: str | bytes, base: Layers | None = None) -> ReadResult:
    return read(text.encode() if isinstance(text, str) else text, "a.cfg", base)


def with_account(text: str) -> ReadResult:
    """What comes of an account and these lines: the account is in force whatever they are."""
    result = reading(f"{ACCOUNT}{text}\n")
    assert result.settings is not None and result.serverless == "", result.report()
    assert result.settings.line[0].id == "4101" and result.settings.proxy.address == "127.0.0.1"
    return result


@pytest.fixture
def phone() -> Layers:
    """A phone that has its account."""
    layers = reading(ACCOUNT).layers
    assert layers is not None
    return layers


# --- 1. a bad value costs its line -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (f"{S}/proxy_port=70000", "expected 0 or 1024 to 65535, got '70000', kept 5060"),
        ("voip/talk_event/enabled=perhaps", "expected 0 or 1, got 'perhaps', kept 0"),
        (f"{S}/transport_protocol=SCTP", "expected one of UDP, TCP, TLS, got 'SCTP', kept UDP"),
        ("provisioning/period/daily/time=25:00", "expected a time of day hh:mm, got '25:00', kept 00:00"),
        ("system/ntp/primary_server_address=10.0.0.300", "got '10.0.0.300', kept 0.0.0.0"),
        ("provisioning/configuration/url=gopher://h/x", "got 'gopher://h/x', kept nothing"),
        (f"{S}/redundant_proxy/no_switch_on_code=200", "got '200', kept nothing"),
        ("voip/line/0/auth_password=" + "x" * 300, "got a secret of 300 characters (not shown), kept ***"),
        ("network/lan/fixed_ip/netmask=0.0.255.255", "expected a netmask like 255.255.255.0"),
        ("provisioning/configuration/url=http://h:99999/a.cfg", "expected a URL"),
        ("no equals sign here", "expected path/name=value, got a line of another form"),
    ],
)
def test_a_bad_value_costs_its_line_and_is_named_with_what_is_kept(line: str, told: str) -> None:
    result = with_account(line)
    assert result.verdict is Verdict.PARTLY and result.refused == 1
    assert str(result.errors[0]).startswith("a.cfg:7: ") and told in str(result.errors[0])


@pytest.mark.parametrize("line", [f"{S}/proxy_port=70000", "voip/talk_event/enabled=perhaps", "x", "voip/a b=1\nfoo"])
def test_where_it_is_strict_it_costs_the_file(line: str, phone: Layers) -> None:
    for strict in (f"deskphone/provisioning/strict=1\n{line}", f"{line}\ndeskphone/provisioning/strict=1"):
        result = reading(f"{ACCOUNT}{strict}")
        assert result.verdict is Verdict.REFUSED and result.settings is None and "kept" not in result.report()
    administrators, _ = phone.set(Layer.ADMINISTRATOR, "deskphone/provisioning/strict", True)
    assert reading(f"{ACCOUNT}{line}", administrators).settings is None


def test_what_is_kept_is_the_value_of_the_file_before(phone: Layers) -> None:
    base = reading(f"{S}/proxy_port=5070", phone).layers
    result = reading(f"{S}/proxy_port=lots", base)
    assert result.errors[0].message.endswith("kept 5070")
    assert result.settings is not None and result.settings.proxy.port == 5070


# --- 2. values of the family -------------------------------------------------------------------------


SOME = ("0", "1", "5061", "96", "200", "486", "-1", "7", "07:00", "+01:00", "*", "x.T", "Europe/Berlin",
        "host.example", "10.0.0.1", "255.0.0.0", "http://h/x", "https://h/x")  # fmt: skip


def another_value(name: str) -> Layers | None:
    """A phone whose file says something else than the default here."""
    slot = slots_of(Settings)[name]
    default = value_at(Settings(), slot.path)
    words = [each.value for each in slot.option.kind.words] if isinstance(slot.option.kind, Choice) else []
    for text in (*SOME, *words):
        try:
            value = slot.option.kind.parse(text)
        except ValueError:
            continue
        if value != default:
            return Layers().with_file({name: value})
    return None


def test_an_empty_value_means_the_default_for_every_setting() -> None:
    tried = 0
    for name, slot in slots_of(Settings).items():
        base = another_value(name)
        if slot.option.empty or base is None:
            continue
        tried += 1
        result = reading(f"{name}=\nvoip/services/vocanom/label=x", base)
        assert result.settings is not None and result.errors == (), result.report()
        assert value_at(result.settings, slot.path) == value_at(Settings(), slot.path), name
        assert result.layers is not None and result.layers.origin(name) is Layer.FACTORY
    assert tried > len(slots_of(Settings)) - 10


@pytest.mark.parametrize(
    ("line", "path", "value"),
    [
        ("system/syslog/mode=DISABLE", "syslog.mode", "DISABLE"),
        ("system/syslog/mode=4", "syslog.mode", "LOCAL"),
        ("system/syslog/log_level=-1", "syslog.level", "NONE"),
        (f"{S}/redundant_proxy/mode=NONE", "redundant.mode", "DISABLE"),
        (f"{S}/redundant_proxy/mode=Disabled", "redundant.mode", "DISABLE"),
        ("network/lan/_802_1x/eap_type=off", "network.port_access.type", "DISABLE"),
        ("voip/services/msg_waiting_ind/enabled=DISABLE", "mwi.mode", "DISABLE"),
        ("voip/talk_event/enabled=NONE", "talk_event.enabled", False),
        ("voip/dialing/unanswered_call_timeout=DISABLE", "dialing.unanswered_timeout", 0),
        ("system/syslog/server_address=NONE", "syslog.server", ""),
        ("provisioning/redirect_server_url=none", "provisioning.redirect_url", ""),
        ("system/daylight_saving/activate=0", "time.summer.active", "DISABLE"),
        ("voip/services/ACD/state_after_login=NotReady", "acd.state_after_login", "NOT_READY"),
        ('voip/line/0/extension_display="Desk 7"', "line.extension_display", "Desk 7"),
    ],
)
def test_words_for_off_and_numbers_of_words_are_read(line: str, path: str, value: object) -> None:
    result = with_account(line)
    assert result.verdict is Verdict.TAKEN, result.report()
    found: object = result.settings
    for part in path.split("."):
        found = getattr(found, part)
        found = found[0] if isinstance(found, tuple) else found
    assert found == value


@pytest.mark.parametrize("codec", ["G723", "iLBC", "SILK_8000", "AMR", "NONE", "G729"])
def test_a_codec_this_phone_has_not_is_skipped_and_said(codec: str) -> None:
    result = with_account(f"voip/codec/codec_info/0/name=PCMA\nvoip/codec/codec_info/1/name={codec}")
    assert result.verdict is Verdict.TAKEN and result.settings is not None
    offered = [each.name for each in result.settings.media.codecs]
    assert offered[0] is CodecName.PCMA and CodecName.NONE not in offered
    assert ("codec_info/1/name" in "".join(str(each) for each in result.warnings[:1])) == (codec != "NONE")


@pytest.mark.parametrize("written", ["4101", "+4930123", "4101@sip.example", "sip:4101@sip.example"])
def test_an_id_where_an_address_is_meant_is_none_and_is_said(written: str) -> None:
    result = with_account(f"voip/services/msg_waiting_ind/subscribe_address={written}")
    assert result.verdict is Verdict.TAKEN and result.settings is not None and result.settings.mwi.address == ""
    assert "an id and no address, taken as not set" in result.report()


@pytest.mark.parametrize(
    "name",
    ["voip/media/srtp/use_MKI", "PERSONAL_SETTINGS/Language", "/voip/services/acd/enabled", "Voip/Talk_Event/ENABLED"],
)
def test_names_are_compared_without_case_and_may_begin_with_a_slash(name: str) -> None:
    result = with_account(f"{name}={'HEBREW' if 'anguage' in name else '1'}")
    assert result.verdict is Verdict.TAKEN and result.unknown == ()
    assert result.layers is not None and len(result.layers.file) == 7


@pytest.mark.parametrize(
    ("old", "path", "value"),
    [
        ("system/ntp/daylight_saving/activate=1", "time.summer.active", "ENABLE"),
        ("System/NTP/daylight_saving/start_date/month=3", "time.summer.start.month", 3),
        ("system/ntp/daylight_saving/end_date/hour=4", "time.summer.end.hour", 4),
        (f"{S}/use_redundant_proxy=0", "redundant.enabled", False),
        ("voip/services/msg_waiting_ind/expiration_timeout=60", "mwi.expires", 60),
    ],
)
def test_names_of_older_firmware_go_on_working(old: str, path: str, value: object) -> None:
    result = with_account(old)
    found: object = result.settings
    for part in path.split("."):
        found = getattr(found, part)
    assert result.unknown == () and result.verdict is Verdict.TAKEN and found == value


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("// voip/line/0/id=9", "begin with // are skipped as comments (1 here)"),
        ("! old\n!\n! older", "begin with ! are skipped as comments (3 here)"),
        ("[VOIP]", "headings in brackets mean nothing here and are skipped (1 here)"),
        ("[a]\n//b\n[c]", "(2 here)"),
    ],
)
def test_comments_and_headings_of_others_are_skipped_and_said_once(line: str, words: str) -> None:
    result = with_account(line)
    assert result.verdict is Verdict.TAKEN and words in result.report()


# --- 3. a file changes only what it names --------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["voip/talk_event/enabled=1", "provisioning/method=STATIC\nprovisioning/configuration/url=http://h/<MAC>.cfg",
     "personal_settings/language=GERMAN", f"{S}/proxy_port=5070"],
)  # fmt: skip
def test_the_account_stays_where_a_file_does_not_speak_of_it(text: str, phone: Layers) -> None:
    result = reading(text, phone)
    assert result.settings is not None and result.settings.line[0].id == "4101"
    assert result.layers is not None and {each.name for each in phone.file} < {each.name for each in result.layers.file}


@pytest.mark.parametrize("where", ["in the file", "in force", "the administrator's", "not at all"])
def test_where_it_is_the_whole_truth_what_it_does_not_name_is_the_default(where: str, phone: Layers) -> None:
    name = "deskphone/provisioning/whole_file"
    text = "voip/talk_event/enabled=1\n" + (f"{name}=1\n" if where == "in the file" else "")
    if where == "in force":
        phone = phone.with_file({**{each.name: each.value for each in phone.file}, name: True})
    elif where == "the administrator's":
        phone, _ = phone.set(Layer.ADMINISTRATOR, name, True)
    result = reading(text, phone)
    assert result.settings is not None and result.settings.talk_event.enabled
    assert (result.settings.line[0].id == "") == (where != "not at all")


def test_a_whole_truth_of_which_a_part_is_missing_changes_nothing(phone: Layers) -> None:
    result = reading("deskphone/provisioning/whole_file=1\ninclude gone.cfg\nvoip/talk_event/enabled=1", phone)
    assert result.verdict is Verdict.REFUSED and result.settings is None


def test_a_persons_value_lives_through_files_that_leave_it_alone(phone: Layers) -> None:
    phone, _ = phone.set(Layer.PERSON, "deskphone/volume/ring", 9)
    result = reading("voip/talk_event/enabled=1", phone)
    assert result.settings is not None and result.settings.volume.ring == 9
    result = reading("deskphone/volume/ring=2", phone)
    assert result.settings is not None and result.settings.volume.ring == 2


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


@pytest.mark.parametrize("model", ["420HD", "IP420HDE", "GENESYS_420HD", "deskphone", "420hdeg", ""])
def test_a_file_for_this_model_by_any_of_its_names_is_taken(model: str) -> None:
    result = with_account(f"system/type={model}")
    assert result.verdict is Verdict.TAKEN and result.settings is not None and result.settings.system.model == "420HD"


@pytest.mark.parametrize("model", ["405HD", "440HD", "320HD", "SIP-T46G"])
def test_a_file_for_another_model_is_taken_not_at_all(model: str, phone: Layers) -> None:
    result = reading(f"{ACCOUNT}voip/talk_event/enabled=1\nsystem/type={model}", phone)
    assert result.verdict is Verdict.REFUSED and result.settings is None
    assert result.errors[0].message == f"expected 420HD, got '{model}' (the file of another phone?)"


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
    "name", ["voip/line/0/id\u200b", "\ufeffvoip/line/0/id", "voip/line/0/id\u00a0", "\tvoip/line/0/id\t"]
)
def test_what_nobody_sees_in_a_name_is_not_part_of_it(name: str) -> None:
    result = reading(f"{name}=77\n")
    assert result.settings is not None and result.settings.line[0].id == "77"


# --- 7. what is read and not, or only by half, obeyed --------------------------------------------------


def test_names_without_effect_are_said_once_a_file_with_those_that_matter_first() -> None:
    text = f"voip/services/greeting/enabled=0\n{S}/enable_sips=1\nvoip/services/vocanom/label=x\nxsi/host=h\n"
    result = with_account(text)
    assert result.idle == (
        f"{S}/enable_sips",
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


@pytest.mark.parametrize("zone", ["Europe/Berlinn", "Mars/Olympus", "CET-1CEST", "Europe"])
def test_a_zone_that_does_not_exist_costs_its_line(zone: str) -> None:
    there = {"Europe/Berlin"}
    text = f"voip/line/0/id=7\ndeskphone/time/zone={zone}"
    result = read(text.encode(), "a.cfg", has_zone=there.__contains__)
    assert result.settings is not None and result.settings.time.zone == "" and result.refused == 1
    good = read(b"deskphone/time/zone=Europe/Berlin", "a.cfg", has_zone=there.__contains__)
    assert good.verdict is Verdict.TAKEN
