"""as-feature-event: what the server says of the agent, and what the phone asks for."""

from __future__ import annotations

import pytest

from deskphone.wire import asfeature, xml
from deskphone.wire.asfeature import (
    AgentEvent,
    AgentLoggedOffEvent,
    AgentLoggedOnEvent,
    AgentNotReadyEvent,
    AgentReadyEvent,
    AgentWorkingAfterCallEvent,
    DoNotDisturbEvent,
    ForwardingEvent,
    ForwardingType,
    RequestedAgentState,
    UnknownDocument,
)
from deskphone.wire.errors import WireError

CSTA = "http://www.ecma-international.org/standards/ecma-323/csta/ed3"
LOGGED_OFF = f"""<?xml version="1.0" encoding="UTF-8"?>
<AgentLoggedOffEvent xmlns="{CSTA}">
  <device>1502</device>
</AgentLoggedOffEvent>
""".encode()
NOT_READY = f"""<AgentNotReadyEvent xmlns="{CSTA}">
  <device>1502</device><agentID>agent7001</agentID>
  <extensions><privateData><private xmlns:pri="http://schema.broadsoft.com/CSTAPrivateData">
    <pri:AgentNotReadyReasonValue>501</pri:AgentNotReadyReasonValue>
  </private></privateData></extensions>
</AgentNotReadyEvent>""".encode()


def test_logged_off_as_it_comes_after_the_first_subscribe() -> None:
    assert asfeature.parse(LOGGED_OFF) == AgentLoggedOffEvent("1502")


def test_not_ready_with_a_reason() -> None:
    assert asfeature.parse(NOT_READY) == AgentNotReadyEvent("1502", "agent7001", "501")


@pytest.mark.parametrize(
    "kind",
    [AgentLoggedOnEvent, AgentLoggedOffEvent, AgentReadyEvent, AgentNotReadyEvent, AgentWorkingAfterCallEvent],
)
def test_every_agent_event_has_its_own_type(kind: type[AgentEvent]) -> None:
    name = kind.__name__
    document = asfeature.parse(f'<{name} xmlns="{CSTA}"><agentID>a</agentID></{name}>'.encode())
    assert document == kind("", "a", "") and type(document) is kind


@pytest.mark.parametrize(
    "root",
    [
        'AgentReadyEvent xmlns="http://www.ecmainternational.org/standards/ecma-323/csta/ed3"',
        'AgentReadyEvent xmlns="urn:something:else"',
        "AgentReadyEvent",
        'csta:AgentReadyEvent xmlns:csta="http://x"',
        "undeclared:AgentReadyEvent",
    ],
)
def test_the_namespace_may_be_wrong_missing_or_undeclared(root: str) -> None:
    body = f"<{root}><device>1502</device></{root.split(maxsplit=1)[0]}>".encode()
    assert asfeature.parse(body) == AgentReadyEvent("1502")


def test_a_missing_device_and_an_empty_document_are_fine() -> None:
    assert asfeature.parse(b"<AgentReadyEvent/>") == AgentReadyEvent()
    assert asfeature.parse(b"<AgentReadyEvent><device/><agentID></agentID></AgentReadyEvent>") == AgentReadyEvent()


def test_an_unknown_root_comes_back_by_name() -> None:
    assert asfeature.parse(b"<CallRecordingModeEvent/>") == UnknownDocument("CallRecordingModeEvent")


def test_do_not_disturb_both_ways() -> None:
    for word, on in (("true", True), ("false", False), ("TRUE", True), (" 0 ", False)):
        body = f"<DoNotDisturbEvent><device>1502</device><doNotDisturbOn>{word}</doNotDisturbOn></DoNotDisturbEvent>"
        assert asfeature.parse(body.encode()) == DoNotDisturbEvent("1502", on)


def test_forwarding_as_the_server_tells_it() -> None:
    body = (
        f'<ForwardingEvent xmlns="{CSTA}"><device>1502</device><forwardingType>forwardImmediate</forwardingType>'
        "<forwardStatus>true</forwardStatus><forwardTo>2424</forwardTo><ringCount/></ForwardingEvent>"
    )
    assert asfeature.parse(body.encode()) == ForwardingEvent("1502", ForwardingType.IMMEDIATE, True, "2424")


@pytest.mark.parametrize(
    ("count", "rings"), [("3", 3), ("100", 100), ("0", None), ("101", None), ("x", None), ("", None)]
)
def test_ring_counts_outside_1_to_100_count_as_absent(count: str, rings: int | None) -> None:
    body = (
        "<ForwardingEvent><forwardingType>forwardNoAns</forwardingType><forwardStatus>false</forwardStatus>"
        f"<ringCount>{count}</ringCount></ForwardingEvent>"
    )
    document = asfeature.parse(body.encode())
    assert isinstance(document, ForwardingEvent) and document.rings == rings and not document.active


def test_a_forwarding_kind_without_a_key_is_unknown_not_wrong() -> None:
    body = b"<ForwardingEvent><forwardingType>forwardDND</forwardingType></ForwardingEvent>"
    assert asfeature.parse(body) == UnknownDocument("ForwardingEvent forwardDND")


@pytest.mark.parametrize(
    "body",
    [
        b"<DoNotDisturbEvent/>",
        b"<DoNotDisturbEvent><doNotDisturbOn>maybe</doNotDisturbOn></DoNotDisturbEvent>",
        b"<ForwardingEvent><forwardingType>forwardBusy</forwardingType></ForwardingEvent>",
        b"<AgentReadyEvent><agentID>" + b"7" * 300 + b"</agentID></AgentReadyEvent>",
    ],
)
def test_a_value_that_must_be_there_or_is_absurd_is_an_error(body: bytes) -> None:
    with pytest.raises(WireError):
        asfeature.parse(body)


def test_umlauts_in_iso_8859_1_in_utf_8_and_mislabelled() -> None:
    text = '<?xml version="1.0" encoding="{}"?><AgentReadyEvent><agentID>Jürgen Groß</agentID></AgentReadyEvent>'
    expected = AgentReadyEvent("", "Jürgen Groß")
    assert asfeature.parse(text.format("ISO-8859-1").encode("iso-8859-1")) == expected
    assert asfeature.parse(text.format("utf-8").encode()) == expected
    assert asfeature.parse(text.format("UTF-8").encode("iso-8859-1")) == expected
    assert asfeature.parse(text.format("utf-8").encode("iso-8859-1"), charset="ISO-8859-1") == expected
    assert asfeature.parse(b"\xef\xbb\xbf" + text.format("iso-8859-1").encode()) == expected
    bare = "<AgentReadyEvent><agentID>Jürgen Groß</agentID></AgentReadyEvent>"
    assert asfeature.parse(bare.encode("iso-8859-1")) == asfeature.parse(bare.encode()) == expected


# --- what the phone sends ----------------------------------------------------------------------------


def lines(body: bytes) -> list[str]:
    return body.decode().split("\r\n")


def test_ready_as_it_goes_out() -> None:
    assert lines(asfeature.set_agent_state(RequestedAgentState.READY)) == [
        '<?xml version="1.0" encoding="ISO-8859-1"?>',
        f'<SetAgentState xmlns="{CSTA}">',
        "<device></device>",
        "<requestedAgentState>ready</requestedAgentState>",
        "<agentID></agentID>",
        "<password></password>",
        "</SetAgentState>",
        "",
    ]


def test_not_ready_carries_its_reason_between_state_and_agent() -> None:
    assert lines(asfeature.set_agent_state(RequestedAgentState.NOT_READY, "500"))[3:-1] == [
        "<requestedAgentState>notReady</requestedAgentState>",
        "<extensions>",
        "<privateData>",
        '<private xmlns:pri="http://schema.broadsoft.com/CSTAPrivateData">',
        "<pri:AgentNotReadyReasonValue>500</pri:AgentNotReadyReasonValue>",
        "</private>",
        "</privateData>",
        "</extensions>",
        "<agentID></agentID>",
        "<password></password>",
        "</SetAgentState>",
    ]


def test_not_ready_without_a_reason_says_0() -> None:
    body = asfeature.set_agent_state(RequestedAgentState.NOT_READY)
    assert b"<pri:AgentNotReadyReasonValue>0</pri:AgentNotReadyReasonValue>" in body


def test_a_reason_goes_with_not_ready_only() -> None:
    with pytest.raises(WireError, match="notReady only"):
        asfeature.set_agent_state(RequestedAgentState.READY, "500")


@pytest.mark.parametrize("state", RequestedAgentState)
def test_what_we_send_can_be_read(state: RequestedAgentState) -> None:
    root = xml.parse(asfeature.set_agent_state(state))
    assert (root.name, root.child_text("requestedAgentState")) == ("SetAgentState", state)


def test_do_not_disturb_as_it_goes_out() -> None:
    assert lines(asfeature.set_do_not_disturb("1502", True))[1:-1] == [
        f'<SetDoNotDisturb xmlns="{CSTA}">',
        "<device>1502</device>",
        "<doNotDisturbOn>true</doNotDisturbOn>",
        "</SetDoNotDisturb>",
    ]


def test_forwarding_as_it_goes_out() -> None:
    assert lines(asfeature.set_forwarding("1502", ForwardingType.NO_ANSWER, True, "2424", 3))[1:-1] == [
        f'<SetForwarding xmlns="{CSTA}">',
        "<device>1502</device>",
        "<forwardingType>forwardNoAns</forwardingType>",
        "<activateForward>true</activateForward>",
        "<forwardDN>2424</forwardDN>",
        "<ringCount>3</ringCount>",
        "</SetForwarding>",
    ]
    assert b"ringCount" not in asfeature.set_forwarding("1502", ForwardingType.BUSY, False, "")
    for kind, rings in ((ForwardingType.BUSY, 3), (ForwardingType.NO_ANSWER, 0), (ForwardingType.NO_ANSWER, 101)):
        with pytest.raises(WireError):
            asfeature.set_forwarding("1502", kind, True, "2424", rings)


def test_a_number_with_markup_is_escaped_and_umlauts_change_the_declaration() -> None:
    body = asfeature.set_forwarding("1502", ForwardingType.BUSY, True, "<&>Jürgen")
    assert body.startswith(b'<?xml version="1.0" encoding="UTF-8"?>')
    assert xml.parse(body).child_text("forwardDN") == "<&>Jürgen"


@pytest.mark.parametrize("target", ["\x00", "a\x1b", "a\r\nb", "\ud800", "x" * 300])
def test_what_xml_cannot_say_is_refused(target: str) -> None:
    with pytest.raises(WireError):
        asfeature.set_forwarding("1502", ForwardingType.BUSY, True, target)
