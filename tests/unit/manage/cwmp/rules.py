"""What CWMP's schemas (cwmp-1-0 to cwmp-1-4) say of the messages of a CPE, as tables; and a check of one against them.

Written from the schemas, not from the phone: it reads with another parser and shares nothing with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

ENVELOPE = "{http://schemas.xmlsoap.org/soap/envelope/}"
ARRAY = "{http://schemas.xmlsoap.org/soap/encoding/}arrayType"
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?"
NUMBER, BOOLEAN = r"\d{1,10}", "0|1|true|false"


def text(most: int) -> str:
    return rf"[\s\S]{{0,{most}}}"


@dataclass(frozen=True)
class Array:
    """SOAP-encoded: the type of its items, their element's name, what each is, how many at most."""

    kind: str
    item: str
    of: Any
    most: int = 10**6


VALUE = {"Name": text(256), "Value": "VALUE"}
FAULT = {"FaultCode": r"9\d{3}", "FaultString": text(256)}
MESSAGES: dict[str, dict[str, Any]] = {
    "Inform": {
        "DeviceId": {"Manufacturer": text(64), "OUI": r"[0-9A-F]{6}", "ProductClass": text(64),
                     "SerialNumber": text(64)},
        "Event": Array("cwmp:EventStruct", "EventStruct", {"EventCode": text(64), "CommandKey": text(32)}, 64),
        "MaxEnvelopes": "1",
        "CurrentTime": TIME,
        "RetryCount": NUMBER,
        "ParameterList": Array("cwmp:ParameterValueStruct", "ParameterValueStruct", VALUE),
    },
    "TransferComplete": {
        "CommandKey": text(32), "FaultStruct": {"FaultCode": r"0|9\d{3}", "FaultString": text(256)},
        "StartTime": TIME, "CompleteTime": TIME,
    },
    "GetRPCMethodsResponse": {"MethodList": Array("xsd:string", "string", text(64))},
    "SetParameterValuesResponse": {"Status": "[01]"},
    "GetParameterValuesResponse": {
        "ParameterList": Array("cwmp:ParameterValueStruct", "ParameterValueStruct", VALUE)},
    "GetParameterNamesResponse": {"ParameterList": Array("cwmp:ParameterInfoStruct", "ParameterInfoStruct", {
        "Name": text(256), "Writable": BOOLEAN})},
    "SetParameterAttributesResponse": {},
    "GetParameterAttributesResponse": {
        "ParameterList": Array("cwmp:ParameterAttributeStruct", "ParameterAttributeStruct", {
            "Name": text(256), "Notification": "[0-6]", "AccessList": Array("xsd:string", "string", text(64))})},
    "RebootResponse": {},
    "FactoryResetResponse": {},
    "ScheduleInformResponse": {},
    "DownloadResponse": {"Status": "[01]", "StartTime": TIME, "CompleteTime": TIME},
    "UploadResponse": {"Status": "[01]", "StartTime": TIME, "CompleteTime": TIME},
}  # fmt: skip
VALUES = {"string": text(65536), "boolean": BOOLEAN, "unsignedInt": NUMBER, "int": r"-?\d{1,10}", "dateTime": TIME}
EVENTS = re.compile(
    "0 BOOTSTRAP|1 BOOT|2 PERIODIC|3 SCHEDULED|4 VALUE CHANGE|6 CONNECTION REQUEST|7 TRANSFER COMPLETE"
    "|M (Reboot|ScheduleInform|Download|Upload)"
)
FORCED = (
    "Device.RootDataModelVersion", "Device.DeviceInfo.HardwareVersion", "Device.DeviceInfo.SoftwareVersion",
    "Device.DeviceInfo.ProvisioningCode", "Device.ManagementServer.ParameterKey",
    "Device.ManagementServer.ConnectionRequestURL",
)  # fmt: skip
SERVER_FAULTS = {"9000", "9001", "9002", "9004", "9009", *(str(code) for code in range(9010, 9020))}


@dataclass(frozen=True)
class Said:
    """A message of the phone, checked."""

    name: str
    id: str
    namespace: str
    body: ElementTree.Element

    def text(self, path: str) -> str:
        found = self.body.find(path)
        assert found is not None, path
        return found.text or ""

    @property
    def values(self) -> dict[str, str]:
        """Name to value of a ParameterList."""
        return {_text(each, "Name"): _text(each, "Value") for each in self.body.iter("ParameterValueStruct")}

    @property
    def names(self) -> list[str]:
        return [_text(each, "Name") for each in self.body.iter("ParameterInfoStruct")]

    @property
    def events(self) -> list[tuple[str, str]]:
        return [(_text(each, "EventCode"), _text(each, "CommandKey")) for each in self.body.iter("EventStruct")]

    @property
    def fault(self) -> str:
        return self.text(f"detail/{{{self.namespace}}}Fault/FaultCode") if self.name == "Fault" else ""

    @property
    def faults(self) -> dict[str, str]:
        """Of SetParameterValues: name to code."""
        rows = self.body.iter("SetParameterValuesFault")
        return {_text(each, "ParameterName"): _text(each, "FaultCode") for each in rows}


def _text(element: ElementTree.Element, name: str) -> str:
    found = element.find(name)
    assert found is not None, name
    return found.text or ""


def check(body: bytes) -> Said:
    """A body of the phone against the tables; AssertionError says what is wrong."""
    root = ElementTree.fromstring(body)
    assert root.tag == f"{ENVELOPE}Envelope" and [each.tag for each in root] == [f"{ENVELOPE}Header", f"{ENVELOPE}Body"]
    header, inner = root
    assert len(inner) == 1, "one element in the body"
    message = inner[0]
    number = ""
    for each in header:
        match = re.fullmatch(r"\{(urn:dslforum-org:cwmp-1-[0-4])\}(ID|SupportedCWMPVersions)", each.tag)
        assert match, each.tag
        if match[2] == "ID":
            assert each.get(f"{ENVELOPE}mustUnderstand") == "1" and each.text
            number = each.text
    if message.tag == f"{ENVELOPE}Fault":
        return Said("Fault", number, _fault(message), message)
    match = re.fullmatch(r"\{(urn:dslforum-org:cwmp-1-[0-4])\}(\w+)", message.tag)
    assert match, message.tag
    _struct(message, MESSAGES[match[2]], match[2])
    said = Said(match[2], number, match[1], message)
    if match[2] == "Inform":
        assert all(EVENTS.fullmatch(code) for code, _ in said.events) and said.events
        assert set(FORCED) <= set(said.values)
        assert all(key == "" for code, key in said.events if not code.startswith("M "))
    return said


def _fault(message: ElementTree.Element) -> str:
    """SOAP 1.1 section 4.4 and A.5: its namespace, "" for a fault of SOAP's own."""
    assert [each.tag for each in message][:2] == ["faultcode", "faultstring"]
    if len(message) == 2:
        assert message[0].text == "soap-env:MustUnderstand"
        return ""
    assert message[2].tag == "detail" and message[1].text == "CWMP fault"
    inner = message[2][0]
    match = re.fullmatch(r"\{(urn:dslforum-org:cwmp-1-[0-4])\}Fault", inner.tag)
    assert match
    code = _text(inner, "FaultCode")
    assert re.fullmatch(r"90[01]\d", code)
    assert message[0].text == ("Server" if code in SERVER_FAULTS else "Client"), code
    rows = {"ParameterName": text(256), **FAULT}
    for number, each in enumerate(inner):
        if number < 2:
            assert each.tag == list(FAULT)[number]
        else:
            assert each.tag == "SetParameterValuesFault"
            _struct(each, rows, "SetParameterValuesFault")
    return match[1]


def _struct(element: ElementTree.Element, fields: dict[str, Any], where: str) -> None:
    """A sequence: each once, in order, nothing else."""
    assert [each.tag for each in element] == list(fields), f"{where}: {[each.tag for each in element]}"
    assert not (element.text or "").strip()
    for each in element:
        _any(each, fields[each.tag], f"{where}/{each.tag}")


def _any(element: ElementTree.Element, rule: Any, where: str) -> None:
    if isinstance(rule, dict):
        _struct(element, rule, where)
    elif isinstance(rule, Array):
        assert element.get(ARRAY) == f"{rule.kind}[{len(element)}]", f"{where}: {element.get(ARRAY)}"
        assert len(element) <= rule.most
        for each in element:
            assert each.tag == rule.item, f"{where}: {each.tag}"
            _any(each, rule.of, f"{where}/{each.tag}")
    elif rule == "VALUE":
        kind = (element.get(TYPE) or "").removeprefix("xsd:")
        assert re.fullmatch(VALUES[kind], element.text or ""), f"{where}: {kind} {element.text!r}"
    else:
        assert len(element) == 0 and re.fullmatch(rule, element.text or ""), f"{where}: {element.text!r}"
