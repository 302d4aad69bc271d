"""Bodies that no good server sends: nothing but the end of a session comes of them."""

from __future__ import annotations

import random

import pytest

from deskphone.manage.cwmp import soap, xml
from deskphone.manage.cwmp.parameters import Apply
from deskphone.manage.cwmp.session import End, Send, Session
from tests.unit.manage.cwmp import server
from tests.unit.manage.cwmp.desk import UNIX, URL, Desk
from tests.unit.manage.cwmp.rules import check

GOOD = (
    server.get("Device.DeviceInfo."), server.call("GetParameterNames", ParameterPath="", NextLevel=1),
    server.put({"Device.DeviceInfo.ProvisioningCode": "x", "Device.ManagementServer.PeriodicInformEnable": True}),
    server.watch("Device.DeviceInfo.", 1), server.download("https://f.example/x"),
    server.call("Reboot", CommandKey="a"), server.fault(8003), server.inform_response("1", hold=True),
)  # fmt: skip
BOMB = '<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
)


@pytest.mark.parametrize("body", [
    f"{BOMB}]><l>&j;</l>".encode(), b'<!DOCTYPE l SYSTEM "file:///etc/passwd"><l/>',
    b'<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]><l>&x;</l>', b"<a>" * 100 + b"</a>" * 100,
    b"<a>" + b"<b/>" * 50_000 + b"</a>", b"<a " + b" ".join(b'x%d=""' % n for n in range(99)) + b"/>",
    b"<a>" + b"x" * 3_000_000 + b"</a>", '<?xml version="1.0"?><a>x</a>'.encode("utf-16"), b"<a>\xff\xfe</a>",
    b"<a>&x;</a>",     b"<a", b"\0", b"<x:a/>", b"text", b"<a/><a/>",
])  # fmt: skip
def test_what_is_no_small_plain_document_is_refused(body: bytes) -> None:
    with pytest.raises(xml.BadXml):
        xml.parse(body)


@pytest.mark.parametrize(("body", "text"), [
    (b"<a>\xc3\xa4</a>\0", "\u00e4"), (b"<a>x</a>\r\n\0\0", "x"),
    (b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe4</a>", "\u00e4"),
    (b'\n<?xml version="1.0" encoding="windows-1252"?><a>\x80</a>', "\u20ac"),
    (b'<?xml version="1.0" encoding="iso-8859-1"?><a>\xc3\xa4</a>', "\u00e4"),
])  # fmt: skip
def test_a_document_of_a_server_with_its_own_ways_is_read(body: bytes, text: str) -> None:
    assert xml.parse(body).text == text


@pytest.mark.parametrize(
    "inner",
    [
        "<Envelope><Body><a/></Body></Envelope>",
        "",
        "<c:A/><c:B/>",
        '<A xmlns="urn:dslforum-org:cwmp-1-9"/>',
        "<A/>",
        "x",
    ],
)
def test_what_is_no_message_of_cwmp_is_refused(inner: str) -> None:
    body = inner.encode() if inner.startswith("<Envelope") else server.envelope(inner)
    with pytest.raises(soap.BadMessage):
        soap.read(body)


def test_characters_that_xml_does_not_have_leave_as_question_marks() -> None:
    assert xml.parse(xml.tag("a", "\0\x1b<&>\ud800\ufffe\r\n]]>").encode()).text == "??<&>??\r\n]]>"


def test_fuzzed_requests_are_answered_or_end_the_session_and_every_answer_keeps_the_schema() -> None:
    chance = random.Random(20261129)
    answers = ends = 0
    for _ in range(1000):
        session = Session(Desk().cpe, URL)
        number = check(session.begin(UNIX).body).id
        step = session.received(server.inform_response(number), UNIX)
        step = session.received(_spoiled(chance), UNIX)
        if isinstance(step, Apply):
            step = session.applied(session.cpe.snapshot)
        if isinstance(step, End):
            ends += 1
        elif isinstance(step, Send) and step.body:
            check(step.body)
            answers += 1
    assert answers > 30 and ends > 100


def _spoiled(chance: random.Random) -> bytes:
    """A good message with a few bytes changed, cut, doubled or swapped for markup."""
    data = bytearray(chance.choice(GOOD))
    for _ in range(chance.randint(1, 2)):
        place = chance.randrange(len(data))
        match chance.randrange(4):
            case 0:
                data[place] = chance.randrange(256)
            case 1:
                del data[place : place + chance.randrange(1, 40)]
            case 2:
                data[place:place] = data[place : place + chance.randrange(1, 60)]
            case _:
                data[place:place] = chance.choice(
                    (b"<", b">", b"&", b"0", b"-1", b"</", b"]]>", b"\xc3\xa9", b" ", b".")
                )
        if not data:
            break
    return bytes(data)
