"""CWMP's envelopes: SOAP 1.1 to a message, and answers back in the namespace that the ACS speaks.

Law: pure. One envelope a body (MaxEnvelopes is 1 since CWMP 1.2). Sources: TR-069 amendment 6 section 3.5, the schemas
cwmp-1-0 to cwmp-1-4.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from deskphone.manage.cwmp.faults import CLIENT, Fault
from deskphone.manage.cwmp.xml import BadXml, Element, escaped, parse, tag

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
ENCODING = "http://schemas.xmlsoap.org/soap/encoding/"
OURS = "urn:dslforum-org:cwmp-1-2"
"""What an Inform is sent in: the namespace of CWMP 1.2 to 1.4, which differ by headers that may be ignored."""
VERSIONS = "1.0,1.1,1.2,1.3,1.4"
_CWMP = re.compile(r"urn:dslforum-org:cwmp-1-[0-4]")
_HEADERS = ("ID", "HoldRequests", "NoMoreRequests", "SessionTimeout", "UseCWMPVersion", "SupportedCWMPVersions")
_TRUE = ("1", "true")


class BadMessage(ValueError):
    """A body that is no message of CWMP; the text says what was expected."""


class NotUnderstood(ValueError):
    """A header that must be understood and is not known (SOAP 1.1 section 4.2.3). message: what came with it."""

    def __init__(self, name: str, message: Message) -> None:
        super().__init__(name)
        self.message = message


@dataclass(frozen=True, slots=True)
class Message:
    """One envelope. namespace: of CWMP as the ACS writes it; id: to be answered with; name: Fault, or the method."""

    namespace: str
    id: str
    name: str
    body: Element
    hold: bool = False

    @property
    def fault_code(self) -> int:
        """The CWMP code of a Fault; 0 for one without."""
        detail = self.body.child("detail")
        inner = detail.child("Fault") if detail is not None else None
        text = inner.child_text("FaultCode") if inner is not None else ""
        return int(text) if re.fullmatch(r"[0-9]{1,6}", text, re.ASCII) else 0


def truth(text: str) -> bool:
    """A boolean of XML schema, in any case."""
    return text.strip().lower() in _TRUE


def read(data: bytes) -> Message:
    """A message of the ACS. BadMessage; NotUnderstood."""
    try:
        root = parse(data)
    except BadXml as error:
        raise BadMessage(str(error)) from error
    if (root.space, root.name) != (ENVELOPE, "Envelope"):
        raise BadMessage("expected a SOAP 1.1 envelope")
    header, body = root.child("Header"), root.child("Body")
    if body is None or len(body.children) != 1:
        raise BadMessage("expected one element in the body")
    method = body.children[0]
    known = method.space == ENVELOPE and method.name == "Fault"
    headers = header.children if header is not None else ()
    spaces = [each.space for each in (method, *headers) if _CWMP.fullmatch(each.space)]
    if not known and not _CWMP.fullmatch(method.space):
        raise BadMessage("expected a method of urn:dslforum-org:cwmp-1-0 to cwmp-1-4")
    ours = {each.name: each.text.strip() for each in headers if _CWMP.fullmatch(each.space)}
    hold = truth(ours.get("HoldRequests", ""))
    message = Message(spaces[0] if spaces else OURS, ours.get("ID", "")[:256], method.name, method, hold)
    for each in headers:
        must = truth(each.attributes.get(f"{ENVELOPE} mustUnderstand", ""))
        if must and not (_CWMP.fullmatch(each.space) and each.name in _HEADERS):
            raise NotUnderstood(each.name, message)
    return message


def write(namespace: str, number: str, inner: str, headers: str = "") -> bytes:
    """An envelope around the element of a method. headers: besides the ID."""
    identity = f'<cwmp:ID soap-env:mustUnderstand="1">{escaped(number)}</cwmp:ID>' if number else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<soap-env:Envelope xmlns:soap-env="{ENVELOPE}" xmlns:soap-enc="{ENCODING}" '
        'xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xmlns:cwmp="{namespace}"><soap-env:Header>{identity}{headers}</soap-env:Header>'
        f"<soap-env:Body>{inner}</soap-env:Body></soap-env:Envelope>"
    ).encode()


def method(name: str, *parts: str) -> str:
    """The element of a method."""
    return f"<cwmp:{name}>{''.join(parts)}</cwmp:{name}>"


def array(name: str, kind: str, rows: Sequence[str]) -> str:
    """A SOAP-encoded array."""
    return f'<{name} soap-enc:arrayType="{kind}[{len(rows)}]">{"".join(rows)}</{name}>'


def values(rows: Iterable[tuple[str, str, str]]) -> str:
    """The ParameterList of (name, type, value)."""
    return array("ParameterList", "cwmp:ParameterValueStruct", [
        f"<ParameterValueStruct>{tag('Name', name)}"
        f'<Value xsi:type="xsd:{kind}">{escaped(value)}</Value></ParameterValueStruct>'
        for name, kind, value in rows
    ])  # fmt: skip


def fault(wrong: Fault) -> str:
    """The Fault that answers a request."""
    side = "Client" if wrong.code in CLIENT else "Server"
    rows = "".join(
        "<SetParameterValuesFault>"
        + tag("ParameterName", row.name) + tag("FaultCode", str(row.code)) + tag("FaultString", row.text[:256])
        + "</SetParameterValuesFault>"
        for row in wrong.rows
    )  # fmt: skip
    inner = tag("FaultCode", str(wrong.code)) + tag("FaultString", wrong.text[:256]) + rows
    return (
        f"<soap-env:Fault><faultcode>{side}</faultcode><faultstring>CWMP fault</faultstring>"
        f"<detail><cwmp:Fault>{inner}</cwmp:Fault></detail></soap-env:Fault>"
    )


def not_understood(header: str) -> str:
    """The Fault for a header that must be understood."""
    return (
        "<soap-env:Fault><faultcode>soap-env:MustUnderstand</faultcode>"
        f"<faultstring>header {escaped(header[:64])} is not known</faultstring></soap-env:Fault>"
    )
