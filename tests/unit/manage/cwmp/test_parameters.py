"""Parameters as an ACS reads, sets and watches them."""

from __future__ import annotations

import re
import tracemalloc

import pytest

from deskphone.config.kind import SecretText
from deskphone.config.settings import Settings
from deskphone.manage.cwmp.cpe import Cpe, Snapshot
from deskphone.manage.cwmp.memory import Memory
from deskphone.manage.cwmp.session import Send, Session
from deskphone.manage.cwmp.table import ROWS, tree, vendor_path
from deskphone.manage.cwmp.tree import Parameter, Tree
from tests.unit.manage.cwmp import server
from tests.unit.manage.cwmp.desk import FACTS, UNIX, URL, Desk, polite
from tests.unit.manage.cwmp.rules import Said, check

VENDOR = "Device.X_DESKPHONE_Settings."
VOICE = "Device.Services.VoiceService.1."
CLIENT, NETWORK = f"{VOICE}SIP.Client.1.", f"{VOICE}SIP.Network.1."
INFO, SERVER = "Device.DeviceInfo.", "Device.ManagementServer."


def test_every_setting_stands_in_the_tree_and_every_name_is_one_of_tr_106() -> None:
    found = {each.setting for each in tree().parameters.values() if each.path.startswith(VENDOR)}
    assert found == set(Settings.slots())
    for path in tree().parameters:
        assert len(path) <= 256 and not tree().is_object(f"{path}.")
        assert all(re.fullmatch(r"[A-Za-z_][\w-]*|[1-9]\d*", part, re.ASCII) for part in path.split(".")), path
    assert vendor_path("voip/line/0/auth_name") == f"{VENDOR}voip.line.1.auth_name"
    sources = {source for _, _, source in ROWS if source[0] not in "@=!"}
    assert all(source.replace("{i}", "0") in Settings.slots() for source in sources)


def test_names_are_told_level_by_level_and_whole() -> None:
    def names(path: str, level: int) -> list[str]:
        return Desk().ask(server.call("GetParameterNames", ParameterPath=path, NextLevel=level)).names

    assert names("", 1) == ["Device."] and names(f"{SERVER}URL", 0) == [f"{SERVER}URL"]
    assert {INFO, SERVER, VENDOR, "Device.RootDataModelVersion"} <= set(names("Device.", 1))
    assert names(f"{VOICE}SIP.Client.", 1) == [f"{VOICE}SIP.Client.{number}." for number in range(1, 7)]
    assert f"{CLIENT}AuthUserName" in names(CLIENT, 1)
    whole = names("", 0)
    assert whole[0] == "Device." and len(whole) == len(set(whole)) and set(tree().parameters) < set(whole)
    assert names("Device.", 0) == whole


def test_values_are_those_of_the_phone_and_a_secret_reads_as_nothing() -> None:
    desk = Desk()
    desk.values |= {"voip/line/0/auth_password": "***", "voip/line/0/auth_name": "a<&>\u00e9"}
    every = desk.ask(server.get("Device.")).values
    assert set(every) == set(tree().parameters)
    assert every[f"{CLIENT}AuthUserName"] == "a<&>\u00e9" == every[vendor_path("voip/line/0/auth_name")]
    secret = [name for name, slot in Settings.slots().items() if isinstance(slot.option.kind, SecretText)]
    assert len(secret) > 5 and {every[vendor_path(name)] for name in secret} == {""}
    assert every[f"{CLIENT}AuthPassword"] == every[f"{SERVER}Password"] == "" == every[f"{NETWORK}ProxyServer"]
    assert every[f"{VOICE}SIP.ClientNumberOfEntries"] == "6" and every[f"{INFO}UpTime"] == "77"
    assert set(desk.ask(server.get(INFO, f"{INFO}UpTime", f"{SERVER}URL")).values) == {
        *(name for name in every if name.startswith(INFO)), f"{SERVER}URL"}  # fmt: skip


def test_values_are_set_all_at_once_with_their_key() -> None:
    desk = Desk()
    done = desk.ask(server.put({
        f"{CLIENT}AuthUserName": "agent", f"{NETWORK}ProxyServer": "sip.example", f"{NETWORK}ProxyServerPort": 5070,
        f"{SERVER}PeriodicInformEnable": False, f"{INFO}ProvisioningCode": "TLCO",
        vendor_path("voip/line/1/enabled"): "TRUE", f"{SERVER}PeriodicInformTime": "2026-01-01T00:00:00Z",
    }, key="first"))  # fmt: skip
    assert done.text("Status") == "0"
    assert desk.set == [{
        "voip/line/0/auth_name": "agent", "voip/signalling/sip/proxy_address": "sip.example",
        "voip/signalling/sip/proxy_port": "5070", "management/tr069/inform/enabled": "0", "voip/line/1/enabled": "1",
    }]  # fmt: skip
    assert (desk.memory.parameter_key, desk.memory.provisioning_code) == ("first", "TLCO")
    assert desk.ask(server.get(f"{SERVER}ParameterKey", f"{INFO}ProvisioningCode")).values == {
        f"{SERVER}ParameterKey": "first", f"{INFO}ProvisioningCode": "TLCO"}  # fmt: skip
    desk.waits = True
    assert desk.ask(server.put({f"{CLIENT}AuthUserName": "b"})).text("Status") == "1"


def test_blanks_that_a_server_writes_round_a_value_are_none_of_it() -> None:
    desk = Desk()
    done = desk.ask(server.put({
        f"{NETWORK}ProxyServer": "\n   sip.example\n  ", f"{NETWORK}UserAgentTransport": "\tTCP ",
        f"{NETWORK}ProxyServerPort": " 5070\n", vendor_path("provisioning/configuration/url"): " http://h/a.cfg ",
        f"{NETWORK}OutboundProxy": ' "sbc.example" ', vendor_path("deskphone/volume/ring"): "\u200f5",
    }))  # fmt: skip
    assert done.text("Status") == "0" and desk.set[0]["voip/signalling/sip/proxy_port"] == "5070"


@pytest.mark.parametrize(("name", "value", "kind"), [
    *((f"{NETWORK}ProxyServerPort", 5070, kind) for kind in (
        "integer", "unsignedShort", "positiveInteger", "nonNegativeInteger", "long", "string", "anySimpleType")),
    *((f"{CLIENT}AuthUserName", "anna", kind) for kind in ("string", "token", "normalizedString", "anyURI", "anyType")),
    (f"{SERVER}PeriodicInformEnable", True, "anySimpleType"),
])  # fmt: skip
def test_a_type_of_the_same_family_is_none_of_another(name: str, value: object, kind: str) -> None:
    desk = Desk()
    assert not desk.ask(server.put({name: value}, kind=kind)).fault and len(desk.set) == 1


@pytest.mark.parametrize(("name", "value", "code"), [
    ("Device.Nothing", "x", "9005"), (INFO, "x", "9005"), (f"{INFO}UpTime", "1", "9008"),
    (f"{SERVER}ParameterKey", "x", "9008"), (f"{NETWORK}ProxyServerPort", 70_000, "9007"),
    (f"{NETWORK}ProxyServerPort", "many", "9007"), (f"{SERVER}PeriodicInformEnable", "maybe", "9007"),
    (f"{SERVER}PeriodicInformEnable", 1, "9006"), (f"{CLIENT}AuthUserName", True, "9006"),
    (f"{CLIENT}AuthUserName", "x" * 999, "9007"), (f"{SERVER}URL", "gopher://x", "9007"),
    (f"{SERVER}PeriodicInformTime", "soon", "9007"),
    (f"{SERVER}PeriodicInformTime", "2026-02-30T00:00:00Z", "9007"), (f"{INFO}ProvisioningCode", "x" * 65, "9007"),
])  # fmt: skip
def test_one_value_that_does_not_fit_is_named_and_nothing_is_set(name: str, value: object, code: str) -> None:
    desk = Desk()
    said = desk.ask(server.put({f"{CLIENT}RegisterURI": "agent", name: value}))
    assert said.fault == "9003" and said.faults[name] == code
    assert desk.set == [] and desk.memory.parameter_key == ""


def test_what_the_phone_itself_refuses_comes_back_beside_its_parameter() -> None:
    desk = Desk()
    desk.refusal = "voip/line/0/auth_name: it does not fit the rest"
    said = desk.ask(server.put({f"{CLIENT}AuthUserName": "agent"}))
    assert said.fault == "9003" and said.faults == {f"{CLIENT}AuthUserName": "9007"}
    desk.refusal = "the phone does not answer"
    said = desk.ask(server.put({f"{CLIENT}AuthUserName": "agent"}))
    assert said.fault == "9002" and said.faults == {} and desk.memory.parameter_key == ""


def test_one_name_twice_and_one_setting_by_two_names_with_two_values_are_refused() -> None:
    name = f"{CLIENT}AuthUserName"
    row = f'<ParameterValueStruct><Name>{name}</Name><Value xsi:type="xsd:string">a</Value></ParameterValueStruct>'
    twice = server.envelope(
        f"<c:SetParameterValues><ParameterList>{row}{row}</ParameterList><ParameterKey/></c:SetParameterValues>"
    )
    desk = Desk()
    assert desk.ask(twice).fault == "9003"
    vendor = vendor_path("voip/line/0/auth_name")
    assert desk.ask(server.put({name: "a", vendor: "b"})).faults == {vendor: "9007"} and desk.set == []
    assert desk.ask(server.put({name: "a", vendor: "a"})).name == "SetParameterValuesResponse"


def test_a_watched_value_that_somebody_else_changes_is_told() -> None:
    desk = Desk()
    name = f"{CLIENT}AuthUserName"
    desk.session(server.watch(name, 2), server.watch(f"{CLIENT}Enable", 1), server.watch(f"{INFO}UpTime", 1))
    levels = desk.ask(server.get(CLIENT, method="GetParameterAttributes")).body.iter("Notification")
    assert sorted(str(each.text) for each in levels) == ["0", "0", "0", "1", "2"]

    def looked() -> tuple[tuple[str, str], ...]:
        cpe = desk.cpe
        cpe.looked()
        desk.memory = cpe.memory
        return desk.memory.events

    assert looked() == ()
    desk.values["voip/line/0/enabled"] = "0"
    desk.facts["up_seconds"] = "78"
    assert looked() == (), "a passive one waits for the next session"
    desk.values["voip/line/0/auth_name"] = "by hand"
    assert looked() == looked() == (("4 VALUE CHANGE", ""),)
    inform = desk.session()[0]
    assert inform.values[name] == "by hand" and inform.values[f"{CLIENT}Enable"] == "0" and desk.memory.events == ()
    assert looked() == ()
    desk.session(server.put({name: "by the ACS"}))
    assert looked() == () and name not in desk.session()[0].values, "what the ACS set it need not be told"
    desk.session(server.watch(name, 0))
    desk.values["voip/line/0/auth_name"] = "again"
    assert looked() == () and desk.memory.attributes.keys() == {f"{CLIENT}Enable", f"{INFO}UpTime"}


def test_what_somebody_else_sets_while_the_acs_sets_another_is_still_told() -> None:
    desk = Desk()
    name, other = f"{CLIENT}AuthUserName", f"{CLIENT}RegisterURI"
    desk.session(server.watch(name, 2), server.watch(other, 2))

    def meanwhile(said: Said) -> bytes:
        if said.name == "Inform":
            desk.values = desk.values | {"voip/line/0/auth_name": "by hand"}
        return polite(said)

    desk.session(server.put({other: "23"}), answer=meanwhile)
    cpe = desk.cpe
    cpe.looked()
    assert cpe.memory.events == (("4 VALUE CHANGE", ""),) and [each.path for each in cpe.news()] == [name]


def test_what_an_acs_is_always_told_it_cannot_switch_off() -> None:
    desk = Desk()
    desk.session(server.watch("Device.DeviceInfo.", 0), server.watch(f"{SERVER}ConnectionRequestURL", 0))
    levels = desk.ask(server.get(INFO, SERVER, method="GetParameterAttributes")).body.iter("ParameterAttributeStruct")
    on = {each.findtext("Name") for each in levels if each.findtext("Notification") == "2"}
    assert on == {f"{INFO}SoftwareVersion", f"{INFO}ProvisioningCode"}
    desk.facts["version"] = "0.2.0"
    cpe = desk.cpe
    cpe.looked()
    assert cpe.memory.events == (("4 VALUE CHANGE", ""),)


def test_a_watched_secret_is_not_told() -> None:
    desk = Desk()
    desk.session(server.watch(f"{CLIENT}AuthPassword", 2))
    desk.values["voip/line/0/auth_password"] = "***"
    cpe = desk.cpe
    cpe.looked()
    assert cpe.memory.events == () and "***" not in str(cpe.memory.told)


def test_ten_thousand_parameters_in_one_answer_stay_below_40_mb() -> None:
    rows = [Parameter(f"Device.X_Y.{n}.{'Name' * 40}", "string", fact="version") for n in range(1, 10_001)]
    cpe = Cpe(Tree(rows), Snapshot({}, FACTS | {"version": "x" * 200}), Memory())
    session = Session(cpe, URL)
    session.received(server.inform_response("1"), UNIX) if session.begin(UNIX) else None
    tracemalloc.start()
    step = session.received(server.get("Device."), UNIX)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(step, Send) and len(check(step.body).values) == 10_000 and peak < 40_000_000
    many = session.received(server.get(*["Device."] * 2000), UNIX)
    assert isinstance(many, Send) and len(many.body) < 2 * len(step.body), "asked again and again it is no more"
