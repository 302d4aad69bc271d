"""Sessions with an ACS, message by message: each that the phone says is checked against CWMP's schemas."""

from __future__ import annotations

import pytest

from deskphone.manage.cwmp.memory import Memory, Transfer, dumped, loaded
from deskphone.manage.cwmp.session import METHODS, End, Send, Session
from tests.unit.manage.cwmp import server
from tests.unit.manage.cwmp.desk import UNIX, URL, Desk
from tests.unit.manage.cwmp.rules import Said, check

VENDOR = "Device.X_DESKPHONE_Settings."
CLIENT = "Device.Services.VoiceService.1.SIP.Client.1."
INFO = "Device.DeviceInfo."


def test_the_first_session_says_who_it_is_and_that_it_is_new() -> None:
    desk = Desk()
    (inform,) = desk.session()
    assert desk.end.good and desk.memory.events == () and desk.memory.acs == URL
    assert inform.events == [("0 BOOTSTRAP", ""), ("1 BOOT", "")] and inform.namespace == "urn:dslforum-org:cwmp-1-2"
    assert inform.text("DeviceId/OUI") == "B827EB" and inform.text("DeviceId/SerialNumber") == "B827EB010203"
    assert inform.values[f"{INFO}SoftwareVersion"] == "0.1.0" and inform.text("RetryCount") == "0"


def test_what_no_acs_took_is_said_again() -> None:
    desk = Desk()
    for trouble in (b"", server.fault(8001), b"<html>", server.call("GetRPCMethods"), server.envelope("<c:Nothing/>")):
        desk.session(answer=lambda said, trouble=trouble: trouble)  # type: ignore[misc]
        assert not desk.end.good and len(desk.memory.events) == 2
    (inform,) = desk.session(retries=5)
    assert inform.text("RetryCount") == "5" and len(inform.events) == 2 and desk.memory.events == ()


def test_fault_8005_has_the_same_message_again_and_not_for_ever() -> None:
    def again(times: int) -> int:
        said: list[Said] = []

        def answer(each: Said) -> bytes:
            said.append(each)
            return server.fault(8005) if len(said) <= times else server.inform_response(each.id)

        desk = Desk()
        desk.session(answer=answer)
        assert len({each.id for each in said}) == 1
        return len(said) if desk.end.good else -len(said)

    assert again(2) == 3 and again(99) == -4


@pytest.mark.parametrize("version", ["1-0", "1-1", "1-2", "1-3", "1-4"])
def test_each_acs_is_answered_in_its_own_namespace(version: str) -> None:
    said = Desk().ask(server.envelope("<c:GetRPCMethods/>", number="id-9", version=version))
    assert said.namespace == f"urn:dslforum-org:cwmp-{version}" and said.id == "id-9"
    assert [each.text for each in said.body.iter("string")] == list(METHODS)


def test_a_transfer_that_ended_is_told_once_and_not_while_the_acs_holds_requests() -> None:
    ended = Transfer("Download", "load", "3", "http://x/").done(UNIX, UNIX + 2, 9016, "404")
    desk = Desk(Memory(acs=URL, transfers=(ended,)), events=())
    inform, complete, methods = desk.session(server.call("GetRPCMethods"))
    assert inform.events == [("7 TRANSFER COMPLETE", ""), ("M Download", "load")]
    assert complete.name == "TransferComplete" and complete.text("FaultStruct/FaultCode") == "9016"
    assert complete.text("StartTime") == "2027-01-15T08:00:00Z" and methods.name == "GetRPCMethodsResponse"
    assert desk.memory.transfers == () and len(desk.session()) == 1

    desk = Desk(Memory(acs=URL, transfers=(ended,)), events=())
    said: list[str] = []

    def holds(each: Said) -> bytes:
        said.append(each.name)
        if each.name == "Inform":
            return server.inform_response(each.id, hold=True)
        return server.transfer_response(each.id) if each.name == "TransferComplete" else b""

    desk.session(server.envelope("<c:GetRPCMethods/>", hold=True), answer=holds)
    assert said == ["Inform", "GetRPCMethodsResponse", "TransferComplete"] and desk.end.good


def test_what_nobody_took_of_a_transfer_stays_to_be_told() -> None:
    ended = Transfer("Upload", "log", "2", "http://x/").done(UNIX, UNIX)
    desk = Desk(Memory(acs=URL, transfers=(ended,)), events=())
    desk.session(answer=lambda each: server.inform_response(each.id) if each.name == "Inform" else b"")
    assert not desk.end.good and desk.memory.transfers == (ended,)


def test_unknown_methods_and_headers_are_refused_and_the_session_goes_on() -> None:
    strange = '<x:Strange xmlns:x="urn:x" s:mustUnderstand="1">1</x:Strange>'
    polite = '<x:Strange xmlns:x="urn:x" s:mustUnderstand="0">1</x:Strange><c:SessionTimeout>30</c:SessionTimeout>'
    desk = Desk()
    said = desk.session(
        server.envelope("<c:ScheduleDownload/>"), server.envelope("<c:GetRPCMethods/>", header=strange),
        server.envelope("<c:GetRPCMethods/>", header=polite),
    )[1:]  # fmt: skip
    assert [each.fault for each in said[:1]] == ["9000"] and desk.end.good
    assert said[1].text("faultcode") == "soap-env:MustUnderstand" and said[2].name == "GetRPCMethodsResponse"


def test_a_session_ends_where_an_acs_asks_without_end() -> None:
    session = Session(Desk().cpe, URL)
    step = session.received(server.inform_response(check(session.begin(UNIX).body).id), UNIX)
    count = 0
    while isinstance(step, Send):
        step, count = session.received(server.call("GetRPCMethods"), UNIX), count + 1
    assert isinstance(step, End) and not step.good and count < 3000


def test_orders_are_remembered_for_when_the_session_is_over() -> None:
    desk = Desk()
    said = desk.session(
        server.call("Reboot", CommandKey="r"), server.call("ScheduleInform", DelaySeconds=60, CommandKey="s"),
        server.download("https://files.example/420HD.cfg", Username="u", Password="p", DelaySeconds=5),
        server.upload("https://files.example/log"), server.call("FactoryReset"),
    )  # fmt: skip
    assert desk.end.good and not any(each.fault for each in said)
    memory = desk.memory
    assert memory.reboot == ("r",) and memory.scheduled == ((UNIX + 60, "s"),) and memory.reset
    load, log = memory.transfers
    assert (load.key, load.user, load.due, log.file_type) == ("load", "u", UNIX + 5, "2 Vendor Log File")
    assert said[3].text("Status") == "1" and said[3].text("StartTime") == "0001-01-01T00:00:00Z"
    assert loaded(dumped(memory)) == memory and "p" not in repr(load).split("'")


@pytest.mark.parametrize(("kind", "meant"), [
    ("3 Vendor Configuration File 1", "1 Vendor Configuration File"), ("4 Vendor Log File 1", "2 Vendor Log File"),
])  # fmt: skip
def test_what_is_uploaded_has_two_names(kind: str, meant: str) -> None:
    desk = Desk()
    assert not desk.ask(server.upload("https://f.example/x", kind)).fault
    assert [each.file_type for each in desk.memory.transfers] == [meant]


@pytest.mark.parametrize(("request_", "code"), [
    (server.call("Reboot"), "9003"), (server.call("Reboot", CommandKey="x" * 33), "9003"),
    (server.call("ScheduleInform", DelaySeconds=0, CommandKey="s"), "9003"),
    (server.call("ScheduleInform", DelaySeconds="-1", CommandKey="s"), "9003"),
    (server.call("ScheduleInform", CommandKey="s"), "9003"),
    (server.download("https://f.example/x", "2 Web Content"), "9003"), (server.download("ftp://f.example/x"), "9013"),
    (server.download("https:///x"), "9003"), (server.download("https://f.example:x/"), "9003"),
    (server.download("https://u:p@f.example/x", Username="u"), "9003"),
    (server.download("https://f.example/ x"), "9003"), (server.download("https://f/" + "x" * 256), "9003"),
    (server.download("https://f.example/x", FileSize="many"), "9003"),
    (server.upload("https://f.example/x", "3 Vendor Configuration File"), "9003"),
    (server.upload("https://f.example/x", "4 Vendor Log File 2"), "9003"),
    (server.call("AddObject", ObjectName=CLIENT[:-2], ParameterKey=""), "9005"),
    (server.call("DeleteObject", ObjectName=CLIENT, ParameterKey=""), "9005"),
    (server.call("AddObject", ParameterKey=""), "9003"),
    (server.get("Device.Nothing"), "9005"), (server.get("Device"), "9005"), (server.get(f"{INFO}UpTime."), "9005"),
    (server.get("Device.Nothing.", method="GetParameterAttributes"), "9005"),
    (server.call("GetParameterNames", ParameterPath="Device.Nothing.", NextLevel=1), "9005"),
    (server.call("GetParameterNames", ParameterPath=f"{INFO}UpTime", NextLevel=1), "9003"),
    (server.call("GetParameterNames", ParameterPath="Device.", NextLevel="maybe"), "9003"),
    (server.call("GetParameterNames", ParameterPath="Device."), "9003"),
    (server.watch(f"{INFO}UpTime", 2), "9009"), (server.watch(INFO, 2), "9009"), (server.watch(INFO, 9), "9003"),
    (server.watch("Device.Nothing", 1), "9005"),
])  # fmt: skip
def test_what_cannot_be_is_refused_with_its_code_and_changes_nothing(request_: bytes, code: str) -> None:
    desk = Desk()
    desk.session()
    before = desk.memory
    assert desk.ask(request_).fault == code and desk.memory == before and desk.set == []


def test_transfers_that_wait_are_bounded() -> None:
    desk = Desk()
    said = desk.session(*[server.download("https://f.example/x")] * 9)
    assert [each.fault for each in said[1:]] == [""] * 8 + ["9004"]


def test_memory_that_is_none_begins_anew() -> None:
    for data in (b"", b"[]", b"{}", b"{" * 9999, dumped(Memory())[:-3], b'{"acs": 1, "events": "x"}'):
        assert loaded(data) == Memory()
