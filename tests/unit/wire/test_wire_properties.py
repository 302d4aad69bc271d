"""What holds for any bytes: a value or WireError, nothing else; and what we write we read back."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from dataclasses import is_dataclass
from pathlib import Path

import pytest
import sipmessage
import wire_targets  # type: ignore[import-not-found, unused-ignore]
from hypothesis import given
from hypothesis import strategies as st

from deskphone import wire
from deskphone.config.secret import Secret
from deskphone.core.agent.login import proof
from deskphone.core.documents import (
    Challenge,
    ForwardingType,
    Proof,
    RequestedAgentState,
    SetAgentState,
    SetDoNotDisturb,
    SetForwarding,
    SetHoteling,
)
from deskphone.wire import asfeature, command_body, fields, hoteling, message, xml
from deskphone.wire.errors import MAX_TEXT, WireError

CORPUS = Path(wire_targets.__file__).parent / "corpus"
SEEDS = [(name, path) for name in wire_targets.TARGETS for path in sorted((CORPUS / name).iterdir())]
XML_TEXT = st.text(st.characters(codec="utf-8", min_codepoint=32, exclude_characters="\ufffe\uffff"), max_size=MAX_TEXT)
TOKENS = st.from_regex(r"[A-Za-z0-9\-.!%*_+`'~]{1,20}", fullmatch=True)

pytestmark = pytest.mark.timeout(60)  # a pattern that backtracks must fail, not hang


@pytest.mark.parametrize(("name", "path"), SEEDS, ids=[f"{name}-{path.name}" for name, path in SEEDS])
def test_every_input_ever_kept_ends_in_a_value_or_a_wire_error(name: str, path: Path) -> None:
    wire_targets.run(name, path.read_bytes())


def test_the_corpus_holds_accepted_inputs_for_every_door() -> None:
    accepted = {name for name, path in SEEDS if wire_targets.run(name, path.read_bytes())}
    assert accepted == set(wire_targets.TARGETS)


@given(data=st.data())
def test_any_bytes_at_any_door_end_in_a_value_or_a_wire_error(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(list(wire_targets.TARGETS)))
    wire_targets.run(name, data.draw(st.binary(max_size=400)))


@given(data=st.data())
def test_any_damage_to_a_known_input_ends_in_a_value_or_a_wire_error(data: st.DataObject) -> None:
    name, path = data.draw(st.sampled_from(SEEDS))
    seed = path.read_bytes()
    at, length = data.draw(st.integers(0, len(seed))), data.draw(st.integers(0, 20))
    wire_targets.run(name, seed[:at] + data.draw(st.binary(max_size=20)) + seed[at + length :])


@given(name=st.sampled_from(list(wire_targets.TARGETS)), byte=st.sampled_from(list(b'<>";,=()/ a.:%&-\t\\')))
def test_a_long_run_of_one_sign_is_no_trap(name: str, byte: int) -> None:
    for prefix in (
        b"",
        b"A: ",
        b"From: ",
        b"Alert-Info: ",
        b"\x0c\xff",
        b"http://s/",
        b"NOTIFY sip:a@b SIP/2.0\r\nVia: ",
    ):
        wire_targets.run(name, prefix + bytes((byte,)) * 8_000 + b"!\r\n\r\n")


@given(target=XML_TEXT, device=XML_TEXT)
def test_any_text_xml_can_say_survives_the_way_there_and_back(target: str, device: str) -> None:
    _, body = command_body.command_body(SetForwarding(device, ForwardingType.BUSY, True, target))
    root = xml.parse(body)
    assert (root.child_text("device"), root.child_text("forwardDN")) == (device.strip(), target.strip())
    assert root.name == "SetForwarding" and [child.name for child in root.children][:2] == ["device", "forwardingType"]


@given(
    nonce=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=64),
    password=st.text(max_size=20),
)
def test_a_password_never_leaves_in_clear_and_the_nonce_comes_back(nonce: str, password: str) -> None:
    body = hoteling.set_hoteling("7001", proof(Challenge(nonce), Secret(password)))
    root = xml.parse(body)
    assert root.deep_text("nonce") == nonce
    response = root.deep_text("response")
    assert len(response) == 32 and set(response) <= set("0123456789abcdef")


@given(text=st.text(max_size=MAX_TEXT))
def test_a_text_is_written_whole_or_refused(text: str) -> None:
    try:
        body = asfeature.set_do_not_disturb(text, True)
    except WireError:
        return
    assert xml.parse(body).child_text("device") == text.strip()


def test_every_value_that_leaves_the_room_is_frozen() -> None:
    names = [each.name for each in pkgutil.iter_modules(wire.__path__)]
    room = [vars(importlib.import_module(f"deskphone.wire.{name}")) for name in names]
    values = {each for module in room for each in module.values() if inspect.isclass(each) and is_dataclass(each)}
    assert len(values) > 20
    for value in values:
        assert vars(value)["__dataclass_params__"].frozen and hasattr(value, "__slots__"), value


def test_each_command_has_its_content_type() -> None:
    feature, seat = asfeature.CONTENT_TYPE, hoteling.CONTENT_TYPE
    for command, content_type, root in (
        (SetAgentState(RequestedAgentState.READY), feature, "SetAgentState"),
        (SetDoNotDisturb("1502", False), feature, "SetDoNotDisturb"),
        (SetForwarding("1502", ForwardingType.BUSY, False, ""), feature, "SetForwarding"),
        (SetHoteling("7001", Proof("n", Secret("r"))), seat, "SetHoteling"),
    ):
        written, body = command_body.command_body(command)
        assert (written, xml.parse(body).name) == (content_type, root)
    assert command_body.command_body(None) == ("", b"")


# --- against another parser: what sipmessage accepts, we read alike -------------------------------------


@given(
    method=TOKENS, call_id=TOKENS, number=st.integers(0, 2**31 - 1), tag=TOKENS,
    name=st.text(st.characters(min_codepoint=33, max_codepoint=0x17F, exclude_categories=["Cc", "Cf"]), max_size=20),
    user=st.from_regex(r"[a-z0-9*]{1,12}", fullmatch=True), body=st.binary(max_size=40),
)  # fmt: skip
def test_another_parser_reads_the_same(
    *, method: str, call_id: str, number: int, tag: str, name: str, user: str, body: bytes
) -> None:
    written = sipmessage.Request(method, sipmessage.URI("sip", "example.com", user), body)
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    written.headers.add("From", f'"{quoted}" <sip:{user}@example.com:5080>;tag=x{tag}'.replace("%", "_"))
    written.headers.add("i", call_id)
    written.headers.add("CSeq", f"{number} {method}")
    written.headers.add("Content-Length", str(len(body)))
    ours = message.parse_request(bytes(written))
    theirs = sipmessage.Message.parse(bytes(written))
    assert isinstance(theirs, sipmessage.Request)
    assert (ours.method, ours.uri, ours.body) == (theirs.method, str(theirs.uri), theirs.body)
    assert (ours.call_id, ours.cseq) == (call_id, (number, method))
    assert ours.from_tag == "x" + tag.replace("%", "_")
    uri = fields.uri(ours.from_.uri)
    assert (uri.user, uri.host, uri.port) == (user, "example.com", 5080)
    assert ours.from_.display == name.replace("%", "_")
