"""The methods about parameters: their values, names and attributes (TR-069 annex A.3.2).

Law: pure; checks a whole request before anything of it counts. What an answer may be is bounded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime

from deskphone.config.kind import BadValue
from deskphone.config.layers import bare
from deskphone.config.settings import Settings
from deskphone.manage.cwmp import soap, table
from deskphone.manage.cwmp.cpe import ACTIVE, Cpe
from deskphone.manage.cwmp.faults import Fault, Row
from deskphone.manage.cwmp.memory import LONGEST_KEY
from deskphone.manage.cwmp.tree import Parameter
from deskphone.manage.cwmp.xml import Element, tag

MOST_ROWS = 20_000  # of an answer
MOST_NAMES = 2000  # of a question
MOST_SET = 1000  # settings that the control socket takes at once
_NUMBERS = frozenset((
    "int", "unsignedInt", "long", "unsignedLong", "integer", "short", "unsignedShort", "byte", "unsignedByte",
    "nonNegativeInteger", "positiveInteger", "nonPositiveInteger", "negativeInteger",
))  # fmt: skip
_TEXTS = frozenset(("string", "normalizedString", "token", "anySimpleType", "anyType"))
"""What says nothing of another type: servers write it for any value."""
_LIKE = {"boolean": frozenset({"boolean"}), "string": frozenset({"anyURI"}), "dateTime": frozenset({"dateTime"}),
         "int": _NUMBERS, "unsignedInt": _NUMBERS}  # fmt: skip
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Apply:
    """Settings to be set, each as a text of a file: all or none. Then `Session.applied` says what came of it.
    paths: which parameter each came from; own: what this room keeps."""

    settings: dict[str, str]
    paths: dict[str, str]
    own: dict[str, str]
    key: str


def wanted(arguments: Element, name: str) -> Element:
    """An argument. Fault 9003 where it is missing."""
    found = arguments.child(name)
    if found is None:
        raise Fault(9003, f"expected {name}")
    return found


def key_of(arguments: Element, name: str) -> str:
    """A CommandKey or ParameterKey. Fault 9003."""
    text = wanted(arguments, name).text.strip()
    if len(text) > LONGEST_KEY:
        raise Fault(9003, f"{name}: expected at most {LONGEST_KEY} characters")
    return text


def get_values(cpe: Cpe, arguments: Element) -> str:
    """GetParameterValues."""
    return soap.method("GetParameterValuesResponse", soap.values(cpe.rows(_named(cpe, arguments))))


def _named(cpe: Cpe, arguments: Element) -> list[Parameter]:
    """What ParameterNames names, each once. Fault 9004 where it is more than can be answered."""
    names = dict.fromkeys(each.text.strip() for each in wanted(arguments, "ParameterNames").children)
    if len(names) > MOST_NAMES:
        raise Fault(9004, f"expected at most {MOST_NAMES} names")
    found: dict[str, Parameter] = {}
    for name in names:
        found |= {below.path: below for below in cpe.tree.below(name)}
        if len(found) > MOST_ROWS:
            raise Fault(9004, f"expected at most {MOST_ROWS} parameters")
    return list(found.values())


def get_names(cpe: Cpe, arguments: Element) -> str:
    """GetParameterNames."""
    path, level = wanted(arguments, "ParameterPath").text.strip(), wanted(arguments, "NextLevel").text.strip()
    if level.lower() not in ("0", "1", "true", "false"):
        raise Fault(9003, "NextLevel: expected a boolean")
    rows = [
        f"<ParameterInfoStruct>{tag('Name', name)}<Writable>{int(writable)}</Writable></ParameterInfoStruct>"
        for name, writable in cpe.tree.names(path, soap.truth(level))
    ]
    return soap.method("GetParameterNamesResponse", soap.array("ParameterList", "cwmp:ParameterInfoStruct", rows))


def get_attributes(cpe: Cpe, arguments: Element) -> str:
    """GetParameterAttributes."""
    rows = [
        f"<ParameterAttributeStruct>{tag('Name', path)}<Notification>{cpe.notification(path)}</Notification>"
        '<AccessList soap-enc:arrayType="xsd:string[1]"><string>Subscriber</string></AccessList>'
        "</ParameterAttributeStruct>"
        for path in (each.path for each in _named(cpe, arguments))
    ]
    return soap.method(
        "GetParameterAttributesResponse", soap.array("ParameterList", "cwmp:ParameterAttributeStruct", rows)
    )


def set_attributes(cpe: Cpe, arguments: Element) -> str:
    """SetParameterAttributes: notifications. An access list changes nothing: there is one administrator."""
    levels: dict[str, int] = {}
    for each in wanted(arguments, "ParameterList").children:
        path, change = wanted(each, "Name").text.strip(), soap.truth(each.child_text("NotificationChange"))
        below = cpe.tree.below(path)
        if not change:
            continue
        text = wanted(each, "Notification").text.strip()
        if not re.fullmatch("[0-6]", text):
            raise Fault(9003, f"{path[:100]}: Notification: expected 0 to 6")
        level = (0, 1, 2, 0, 1, 2, 2)[int(text)]  # 3 to 6 ask for lightweight notifications (CWMP 1.3), which are none
        if level == ACTIVE and any(parameter.volatile for parameter in below):
            raise Fault(9009, f"{path[:100]} changes by itself")
        levels |= {each.path: level for each in below if each.path not in table.FORCED}
    kept = {**cpe.memory.attributes, **levels}
    default = dict.fromkeys(table.ACTIVE, ACTIVE)
    kept = {path: level for path, level in kept.items() if level != default.get(path, 0)}
    told = {path: value for path, value in cpe.memory.told.items() if path not in levels}
    cpe.memory = replace(cpe.memory, attributes=kept, told=told)
    cpe.looked()
    return soap.method("SetParameterAttributesResponse")


def set_values(cpe: Cpe, arguments: Element) -> Apply:
    """SetParameterValues: what is to be set. Fault 9003 with a row for each that does not fit."""
    key = key_of(arguments, "ParameterKey")
    settings, paths, own = dict[str, str](), dict[str, str](), dict[str, str]()
    rows, seen = list[Row](), set[str]()
    for each in wanted(arguments, "ParameterList").children:
        path, value = wanted(each, "Name").text.strip(), wanted(each, "Value")
        if path in seen:
            raise Fault(9003, f"{path[:100]} stands there twice")
        seen.add(path)
        parameter = cpe.tree.parameters.get(path)
        wrong = _wrong(parameter, path, value)
        if wrong is not None:
            rows.append(wrong)
        elif parameter is not None and parameter.own:
            own[parameter.own] = value.text.strip()
        elif parameter is not None:
            text = _text(parameter, value.text)
            if settings.setdefault(parameter.setting, text) != text:
                rows.append(Row(path, 9007, f"{paths[parameter.setting]} says otherwise"))
            paths[parameter.setting] = path
    if rows:
        raise Fault(9003, "nothing is set", tuple(rows))
    if len(settings) > MOST_SET:
        raise Fault(9004, f"expected at most {MOST_SET} settings at once")
    return Apply(settings, paths, own, key)


def _wrong(parameter: Parameter | None, path: str, value: Element) -> Row | None:
    """What is wrong with one row, None for nothing."""
    if parameter is None:
        return Row(path[:256], 9005, "Invalid parameter name")
    if not parameter.writable:
        return Row(path, 9008, "it cannot be set")
    said = next((text for name, text in value.attributes.items() if name.endswith(" type")), "").rpartition(":")[2]
    if said and said not in _TEXTS and said not in _LIKE[parameter.kind]:
        return Row(path, 9006, f"expected xsd:{parameter.kind}")
    if parameter.own:
        text = value.text.strip()
        good = _is_time(text) if parameter.kind == "dateTime" else len(text) <= 64
        return None if good else Row(path, 9007, f"expected {parameter.kind}")
    slot = Settings.slots()[parameter.setting]
    try:
        slot.option.kind.parse(bare(slot, _text(parameter, value.text)))  # nothing is no number, and no word of a list
    except BadValue as wrong:
        return Row(path, 9007, f"expected {wrong.expected}")
    return None


def _is_time(text: str) -> bool:
    """Whether it is a dateTime, of a day that there is."""
    try:
        return bool(_TIME.fullmatch(text)) and datetime.fromisoformat(text.replace("Z", "+00:00")) is not None
    except ValueError:
        return False


def _text(parameter: Parameter, text: str) -> str:
    """A value as a text of a file."""
    text = text if parameter.kind == "string" else text.strip()
    return ("1" if soap.truth(text) else "0") if parameter.kind == "boolean" and text.lower() in (
        "0", "1", "true", "false") else text  # fmt: skip


def add_object(cpe: Cpe, arguments: Element) -> str:
    """AddObject, DeleteObject: every table has the rows it has. Fault 9005 by their rules, 9003 without a name."""
    name = wanted(arguments, "ObjectName").text.strip()
    key_of(arguments, "ParameterKey")
    why = "is not known"
    if cpe.tree.is_object(name):
        why = "has the instances it has"
    raise Fault(9005, f"{name[:100]} {why}")
