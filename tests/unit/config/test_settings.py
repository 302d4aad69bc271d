"""The settings as the rest of the phone sees them."""

from __future__ import annotations

import copy
import dataclasses
import pickle

import pytest

from deskphone.config.known import KNOWN, is_known
from deskphone.config.registry import aliases_of, changed, slots_of, value_at
from deskphone.config.settings import Secret, Settings

# Name and default as tables 1 to 9 of the 420HD guide print them; None where the guide names no default.
# server_type is left at the newer method, to which GENESYS is equal here.
GUIDE = {
    "voip/services/ACD/enabled": "0",
    "voip/services/ACD/server_type": None,
    "voip/services/ACD/server_use_sip_server": None,
    "voip/services/ACD/server_address": "0.0.0.0",
    "voip/services/ACD/server_port": "80",
    "voip/services/ACD/state_after_login": None,
    "voip/services/ACD/expire_time": "3600",
    "voip/signalling/sip/use_proxy": "0",
    "voip/signalling/sip/proxy_address": "0.0.0.0",
    "voip/signalling/sip/proxy_port": "5060",
    "voip/signalling/sip/registrar_ka/enabled": "0",
    "voip/signalling/sip/registrar_ka/timeout": "60",
    "voip/signalling/sip/proxy_timeout": "3600",
    "voip/signalling/sip/registration_failed_timeout": "60",
    "voip/signalling/sip/sip_registrar/enabled": "0",
    "voip/signalling/sip/use_proxy_ip_port_for_registrar": "0",
    "voip/signalling/sip/sip_registrar/addr": "0.0.0.0",
    "voip/signalling/sip/sip_registrar/port": "5060",
    "voip/signalling/sip/sip_outbound_proxy/enabled": "0",
    "voip/signalling/sip/sip_outbound_proxy/addr": "0.0.0.0",
    "voip/signalling/sip/sip_outbound_proxy/port": "5060",
    "voip/signalling/sip/redundant_proxy/mode": "DISABLE",
    "voip/signalling/sip/secondary_proxy/address": "0.0.0.0",
    "voip/signalling/sip/secondary_proxy/port": "5060",
    "system/web/enabled": "1",
    "voip/services/notify/check_sync/force_reboot_enabled": "0",
    "system/login_sk_before_signed_in": "0",
    "voip/block_non_numeric_key": "0",
    "voip/auto_answer/headset_beep/enabled": "0",
    "voip/auto_answer/speakerphone_beep/enabled": "0",
    "voip/proactive_mute/enabled": "0",
    "voip/talk_event/enabled": "0",
}


@pytest.mark.parametrize(("name", "default"), GUIDE.items())
def test_every_name_of_the_guide_is_a_setting_with_the_default_it_prints(name: str, default: str | None) -> None:
    slot = slots_of(Settings)[name]
    if default is not None:
        assert slot.option.kind.format(Settings().get(name)) == default


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("voip/signalling/sip/proxy_port", 1024, 65535),
        ("voip/signalling/sip/registrar_ka/timeout", 40, 65536),
        ("voip/signalling/sip/proxy_timeout", 0, 86400),
        ("voip/signalling/sip/registration_failed_timeout", 1, 86400),
        ("voip/signalling/sip/sip_registrar/port", 1024, 65535),
        ("voip/signalling/sip/sip_outbound_proxy/port", 1024, 65535),
    ],
)
def test_the_ranges_of_the_guide_hold_at_both_ends(name: str, low: int, high: int) -> None:
    kind = slots_of(Settings)[name].option.kind
    assert kind.parse(str(low)) == low
    assert kind.parse(str(high)) == high
    with pytest.raises(ValueError, match="expected"):
        kind.parse(str(high + 1))
    with pytest.raises(ValueError, match="expected"):
        kind.parse(str(low - 1))


def test_every_default_is_a_value_its_own_file_line_could_give() -> None:
    for slot in slots_of(Settings).values():
        value = value_at(Settings(), slot.path)
        if isinstance(value, Secret):
            assert not value, f"{slot.name}: a secret has no default"
        else:
            assert slot.option.kind.parse(slot.option.kind.format(value)) == value, slot.name


def test_every_setting_says_what_it_does() -> None:
    for slot in slots_of(Settings).values():
        assert slot.option.doc[:1].isalpha() or slot.option.doc[:1].isdigit(), slot.name
        assert "\n" not in slot.option.doc and not slot.option.doc.endswith("."), slot.name


def test_a_name_stands_either_in_the_schema_or_among_the_unused_ones() -> None:
    both = [name for name in [*slots_of(Settings), *aliases_of(Settings)] if is_known(name)]
    assert both == []
    assert len(KNOWN) > 350
    assert is_known("voip/services/group_paging/group/3/port")
    assert not is_known("voip/services/group_paging/group/3/prot")


def test_values_are_reached_by_attribute_by_name_and_by_the_vendors_other_spelling() -> None:
    settings = changed(Settings(), {("mwi", "expires"): 120, ("line", 0, "id"): "1502"})
    assert settings.line[0].id == settings.get("voip/line/0/id") == "1502"
    assert settings.get("voip/services/msg_waiting_ind/expiraition_timeout") == 120
    assert settings.get("voip/services/msg_waiting_ind/expiration_timeout") == 120
    with pytest.raises(KeyError):
        settings.get("voip/services/msg_waiting_ind/nothing")


def test_a_change_copies_and_leaves_the_original_and_its_neighbours_alone() -> None:
    before = Settings()
    after = changed(before, {("line", 2, "call_forward", "number"): "9", ("media", "codec", 4, "enabled"): True})
    assert before == Settings()
    assert after.line[2].call_forward.number == "9"
    assert after.line[1] == before.line[1] and after.line[3] == before.line[3]
    assert after.proxy is before.proxy
    assert [codec.enabled for codec in after.media.codec] == [True] * 5


def test_settings_are_frozen_and_comparable() -> None:
    assert Settings() == Settings() and hash(Settings()) == hash(Settings())
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().proxy.port = 1  # type: ignore[misc]


def test_the_codecs_in_use_keep_their_order() -> None:
    assert [codec.name for codec in Settings().media.codecs] == ["G722", "PCMA", "PCMU", "OPUS"]


def test_a_secret_shows_itself_to_nobody_but_who_asks() -> None:
    secret = Secret("hunter2")
    settings = changed(Settings(), {("line", 0, "auth_password"): secret})
    for shown in (repr(secret), str(secret), f"{secret}", f"{secret:>20}", repr(settings), str(settings)):
        assert "hunter2" not in shown
    assert settings.line[0].auth_password.reveal() == "hunter2"
    assert dataclasses.asdict(settings)["line"][0]["auth_password"] == secret
    assert copy.deepcopy(secret) is secret


def test_a_secret_does_not_change_and_is_not_pickled() -> None:
    secret = Secret("hunter2")
    with pytest.raises(AttributeError):
        secret._text = "other"
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(secret)
    assert secret == Secret("hunter2") != Secret("other") and not Secret("")
    assert secret != "hunter2"


def test_dtmf_has_the_word_its_wire_form_has() -> None:
    words = {}
    for word in ("RFC2833", "VIA_SIP", "INBAND"):
        mode = slots_of(Settings)["voip/media/out_of_band_dtmf"].option.kind.parse(word)
        words[word] = changed(Settings(), {("dtmf", "mode"): mode}).dtmf.method
    assert words == {"RFC2833": "rfc4733", "VIA_SIP": "info", "INBAND": "inband"}
