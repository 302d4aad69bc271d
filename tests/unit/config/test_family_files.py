"""Files of the 420HD family as they are found: whatever such a phone took is taken, and nothing costs it its account.

Each kind of habit has its own part; the account stands in every file. What is no configuration, how it is encoded and
what is said of it: test_family_texts.py.
"""

from __future__ import annotations

import pytest

from deskphone.config.kind import Choice
from deskphone.config.layers import Layer, Layers
from deskphone.config.registry import slots_of, value_at
from deskphone.config.result import Verdict
from deskphone.config.schema.words import CodecName
from deskphone.config.settings import Settings
from tests.unit.config.family import ACCOUNT, S, phone_with_account, reading, with_account


@pytest.fixture
def phone() -> Layers:
    """A phone that has its account."""
    return phone_with_account()


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
        ("system/syslog/server_address=10.0.0.9\nsystem/syslog/mode=UDP", "syslog.mode", "NETWORK"),
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
        ("/*\nvoip/line/0/id=9\n*/", "from /* to */ are skipped as comments (1 here)"),
        ("/* a */\n/* voip/line/0/id=9 */", "from /* to */ are skipped as comments (2 here)"),
        ("<!-- old:\nvoip/line/0/id=9\n-->", "from <!-- to --> are skipped as comments (1 here)"),
        ("-- voip/line/0/id=9\n-----", "begin with -- are skipped as comments (2 here)"),
        ("REM voip/line/0/id=9\nrem x", "begin with REM are skipped as comments (2 here)"),
        ("% voip/line/0/id=9", "begin with % are skipped as comments (1 here)"),
        ("=====\n* * *\n```", "lines of signs alone are skipped (3 here)"),
        ("/* nothing ends it", "from /* to */ are skipped as comments (1 here)"),
    ],
)
def test_comments_and_headings_of_others_are_skipped_and_said_once(line: str, words: str) -> None:
    result = with_account(line)
    assert result.verdict is Verdict.TAKEN and words in result.report()
    assert result.settings is not None and result.settings.line[0].id == "4101"


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


@pytest.mark.parametrize("text", ["voip/line/0/enabled=maybe", "voip/line/0/enabled=7\nno line of this kind"])
def test_a_whole_truth_of_which_nothing_could_be_read_changes_nothing(text: str, phone: Layers) -> None:
    phone = phone.with_file(
        {**{each.name: each.value for each in phone.file}, "deskphone/provisioning/whole_file": True}
    )
    result = reading(text, phone)
    assert result.verdict is Verdict.REFUSED and result.settings is None


def test_a_persons_value_lives_through_files_that_leave_it_alone(phone: Layers) -> None:
    phone, _ = phone.set(Layer.PERSON, "deskphone/volume/ring", 9)
    result = reading("voip/talk_event/enabled=1", phone)
    assert result.settings is not None and result.settings.volume.ring == 9
    result = reading("deskphone/volume/ring=2", phone)
    assert result.settings is not None and result.settings.volume.ring == 2
