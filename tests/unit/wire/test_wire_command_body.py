"""A command of the core becomes the body of a SUBSCRIBE."""

from __future__ import annotations

import pytest

from deskphone.config.secret import Secret
from deskphone.core.agent.login import proof
from deskphone.core.documents import (
    Challenge,
    Command,
    ForwardingType,
    RequestedAgentState,
    SetAgentState,
    SetDoNotDisturb,
    SetForwarding,
    SetHoteling,
)
from deskphone.wire import xml
from deskphone.wire.command_body import command_body

FEATURE = "application/x-as-feature-event+xml"
HOTELING = "application/x-broadworks-hoteling+xml"


@pytest.mark.parametrize(
    ("command", "content_type", "root", "name", "value"),
    [
        (SetAgentState(RequestedAgentState.READY), FEATURE, "SetAgentState", "requestedAgentState", "ready"),
        (
            SetAgentState(RequestedAgentState.NOT_READY, "501"),
            FEATURE, "SetAgentState", "AgentNotReadyReasonValue", "501",
        ),
        (SetDoNotDisturb("1502", True), FEATURE, "SetDoNotDisturb", "doNotDisturbOn", "true"),
        (SetForwarding("1502", ForwardingType.NO_ANSWER, True, "2424", 3), FEATURE, "SetForwarding", "ringCount", "3"),
        (SetHoteling("agent7001"), HOTELING, "SetHoteling", "guestAddress", "agent7001"),
        (SetHoteling(""), HOTELING, "SetHoteling", "guestAddress", ""),
        (
            SetHoteling("agent7001", proof(Challenge("abc"), Secret("1234"))),
            HOTELING, "SetHoteling", "response", "07a732249be2de21aa3263b3fe2f76ee",
        ),
    ],
)  # fmt: skip
def test_each_command_has_its_document(command: Command, content_type: str, root: str, name: str, value: str) -> None:
    label, body = command_body(command)
    document = xml.parse(body)
    assert (label, document.name, document.deep_text(name)) == (content_type, root, value)
    assert b"1234" not in body


def test_a_plain_refresh_has_no_body() -> None:
    assert command_body(None) == ("", b"")
