"""What an auto-configuration server writes: its requests, as texts of the tests' own."""

from __future__ import annotations

from xml.sax.saxutils import escape

TYPES = {"bool": "boolean", "int": "int", "str": "string"}


def envelope(inner: str, number: str = "77", hold: bool | None = None, version: str = "1-0", header: str = "") -> bytes:
    """An envelope in a namespace of CWMP."""
    held = "" if hold is None else f"<c:HoldRequests>{int(hold)}</c:HoldRequests>"
    return (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:e="http://schemas.xmlsoap.org/soap/encoding/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xmlns:c="urn:dslforum-org:cwmp-{version}"><s:Header><c:ID s:mustUnderstand="1">{number}</c:ID>{held}{header}'
        f"</s:Header><s:Body>{inner}</s:Body></s:Envelope>"
    ).encode()


def inform_response(number: str, **more: bool) -> bytes:
    return envelope("<c:InformResponse><MaxEnvelopes>1</MaxEnvelopes></c:InformResponse>", number, **more)


def transfer_response(number: str) -> bytes:
    return envelope("<c:TransferCompleteResponse/>", number)


def call(name: str, **arguments: object) -> bytes:
    """A method with plain arguments, in order."""
    inner = "".join(f"<{key}>{escape(str(value))}</{key}>" for key, value in arguments.items())
    return envelope(f"<c:{name}>{inner}</c:{name}>")


def get(*names: str, method: str = "GetParameterValues") -> bytes:
    inner = "".join(f"<string>{escape(name)}</string>" for name in names)
    return envelope(
        f'<c:{method}><ParameterNames e:arrayType="xsd:string[{len(names)}]">{inner}</ParameterNames></c:{method}>'
    )


def put(values: dict[str, object], key: str = "k", kind: str = "") -> bytes:
    """SetParameterValues; kind: of XML schema, in place of the values' own."""
    rows = "".join(
        f"<ParameterValueStruct><Name>{escape(name)}</Name>"
        f'<Value xsi:type="xsd:{kind or TYPES[type(value).__name__]}">{escape(_text(value))}</Value>'
        "</ParameterValueStruct>"
        for name, value in values.items()
    )
    return envelope(
        f"<c:SetParameterValues><ParameterList>{rows}</ParameterList><ParameterKey>{key}</ParameterKey>"
        "</c:SetParameterValues>"
    )


def watch(name: str, level: int, change: bool = True) -> bytes:
    """SetParameterAttributes of one name."""
    return envelope(
        "<c:SetParameterAttributes><ParameterList><SetParameterAttributesStruct>"
        f"<Name>{name}</Name><NotificationChange>{int(change)}</NotificationChange><Notification>{level}</Notification>"
        "<AccessListChange>0</AccessListChange><AccessList></AccessList></SetParameterAttributesStruct>"
        "</ParameterList></c:SetParameterAttributes>"
    )


def download(url: str, kind: str = "3 Vendor Configuration File", **more: object) -> bytes:
    fields = {
        "CommandKey": "load", "FileType": kind, "URL": url, "Username": "", "Password": "", "FileSize": 0,
        "TargetFileName": "", "DelaySeconds": 0, "SuccessURL": "", "FailureURL": "", **more,
    }  # fmt: skip
    return call("Download", **fields)


def upload(url: str, kind: str = "2 Vendor Log File", **more: object) -> bytes:
    fields = {"CommandKey": "log", "FileType": kind, "URL": url, "Username": "", "Password": "", "DelaySeconds": 0}
    return call("Upload", **{**fields, **more})


def fault(code: int, number: str = "") -> bytes:
    inner = (
        "<s:Fault><faultcode>Server</faultcode><faultstring>CWMP fault</faultstring><detail><c:Fault>"
        f"<FaultCode>{code}</FaultCode><FaultString>no</FaultString></c:Fault></detail></s:Fault>"
    )
    return envelope(inner, number or "77")


def _text(value: object) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)
