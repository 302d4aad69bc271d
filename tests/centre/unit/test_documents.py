"""What a phone sends is read as its schema has it and not otherwise: a misspelt element is no command here."""

from __future__ import annotations

import pytest

from centre import documents as doc
from centre.documents import read_command
from tests.centre.unit.agentphone import (
    CSTA,
    proof_of,
    set_agent_state,
    set_do_not_disturb,
    set_forwarding,
    set_hoteling,
)


def test_each_command_is_read() -> None:
    for wish in doc.Wish:
        assert read_command(set_agent_state(wish).encode()) == doc.SetAgentState(wish)
    assert read_command(set_agent_state("notReady", "501").encode()) == doc.SetAgentState(doc.Wish.NOT_READY, "501")
    assert read_command(set_do_not_disturb(True).encode()) == doc.SetDoNotDisturb("1502", True)
    forwarding = doc.SetForwarding("1502", doc.Forwarding.NO_REPLY, True, "2424", 3)
    assert read_command(set_forwarding("forwardNoAns", "2424", 3).encode()) == forwarding
    assert read_command(set_hoteling("").encode()) == doc.SetHoteling("")
    proved = doc.SetHoteling("7001", "abc", "07a732249be2de21aa3263b3fe2f76ee")
    assert read_command(set_hoteling("7001", "abc", "1234").encode()) == proved
    assert proof_of("abc", "1234") not in repr(proved)


def test_a_name_may_have_letters_of_both_encodings() -> None:
    latin = set_hoteling("J\u00f6rg").encode("iso-8859-1")
    assert read_command(latin) == doc.SetHoteling("J\u00f6rg")
    assert read_command(latin.decode("iso-8859-1").replace("ISO-8859-1", "UTF-8").encode()) == doc.SetHoteling(
        "J\u00f6rg"
    )


GOOD = {
    "state": set_agent_state("notReady", "501"), "dnd": set_do_not_disturb(True),
    "forward": set_forwarding("forwardNoAns", "2424", 3), "hoteling": set_hoteling("7001", "abc", "1234"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("which", "old", "new"),
    [
        ("state", "SetAgentState", "SetAgentstate"), ("state", CSTA, "http://www.ecmainternational.org/x"),
        ("state", f' xmlns="{CSTA}"', ""), ("state", "requestedAgentState", "requestedState"),
        ("state", "<agentID></agentID>", ""), ("state", "<device></device>", ""),
        ("state", "<password></password>", "<password/><password/>"), ("state", "notReady", "NotReady"),
        ("state", "notReady", "ready"), ("state", "AgentNotReadyReasonValue", "AgentNotReadyReason"),
        ("state", "CSTAPrivateData", "CSTAprivateData"), ("state", "pri:", ""), ("state", "privateData>", "private>"),
        ("dnd", "doNotDisturbOn>", "doNotDisturb>"), ("dnd", "true", "1"), ("dnd", CSTA, "urn:x"),
        ("forward", "forwardDN>", "forwardTo>"), ("forward", "activateForward>", "forwardStatus>"),
        ("forward", "forwardNoAns", "forwardNoAnswer"), ("forward", ">3<", ">0<"), ("forward", ">3<", ">101<"),
        ("forward", "<device>1502</device>", ""),
        ("hoteling", "schema.broadsoft.com/hoteling", "schema.broadsoft.com/Hoteling"),
        ("hoteling", "guestAddress>", "guest>"), ("hoteling", "<algorithm>MD5</algorithm>", ""),
        ("hoteling", "MD5", "md5"), ("hoteling", "authenticationData>", "authentication>"),
        ("hoteling", "<SetHoteling", "<!DOCTYPE x><SetHoteling"), ("hoteling", "</SetHoteling>", ""),
    ],
)  # fmt: skip
def test_a_misspelt_command_is_refused(which: str, old: str, new: str) -> None:
    assert old in GOOD[which]
    with pytest.raises(ValueError):
        read_command(GOOD[which].replace(old, new).encode())
