"""The doors of hostile bytes outside the wire room: configuration, lease, gate, TFTP, manifest, multicast, USB reports.

Law: as in `wire_targets`; a ValueError of a room that says so in its docstring is its WireError.
"""

from __future__ import annotations

from collections.abc import Callable

from wire_targets import TARGETS as WIRE  # type: ignore[import-not-found, unused-ignore]
from wire_targets import UNIT, _frozen, run_one  # type: ignore[import-not-found, unused-ignore]

from deskphone.config.reader import read
from deskphone.config.schema.words import ContactMark
from deskphone.config.secret import Secret
from deskphone.config.writer import dump_file
from deskphone.core.effects import Account
from deskphone.net import lease
from deskphone.provision import multicast, tftp_packet
from deskphone.sip.policy import requests
from deskphone.sip.policy.challenge import Challenger
from deskphone.sip.policy.dialogs import Dialog, Dialogs
from deskphone.sip.policy.realms import Realms
from deskphone.sip.policy.sender import Contact, Sender, Servers
from deskphone.trust import manifest
from deskphone.wire import hid_report, xml
from deskphone.wire.errors import WireError
from deskphone.wire.message import parse_request

SERVERS = Servers({"192.0.2.1:5060": 0, "[2001:db8::1]:5060": 1})
SOURCES = ("192.0.2.1:5060", "192.0.2.1:9", "[2001:DB8:0::1]:5060", "[::ffff:192.0.2.1]:1", "192.0.2.9:5060")
CALL = Dialog("in-1", "far", "near", 5, "call")
SCENES = tuple(
    requests.Scene(calls=Dialogs(CALL), packages=frozenset({"as-feature-event"}), subscriptions=frozenset({"sub"}),
                   only_servers=only, challenge=not only)
    for only in (True, False)
)  # fmt: skip
ACCOUNT = Account(0, "sip:1502@site.example", "", "sip:a", "sip:a", "desk", Secret("secret"), 300)
QUESTION = multicast.Question(UNIT, "1.0", "192.0.2.7:5060", call_id="question", tag="tag")


def configuration(data: bytes) -> None:
    """A configuration file: reading never raises; what was taken is written and read again to the same."""
    result = read(data, "fuzz.cfg")
    assert all(len(str(each)) < 2_000 for each in (*result.errors, *result.warnings, *result.unknown))
    if result.layers is None:
        assert result.errors
        raise WireError("refused", "configuration", "one that is taken")
    if not result.layers.file:
        return
    again = read(dump_file(result.layers).encode(), "again.cfg")
    assert again.layers is not None and again.layers.settings == result.layers.settings


def gate(data: bytes) -> None:
    """A request at the gate: whoever sent it, one verdict; a stranger's commands nothing."""
    request = parse_request(data)
    for source in SOURCES:
        for rule in ContactMark:
            sender = Contact("0123456789abcdef", rule).judge(SERVERS.sender(source), request)
            for scene in SCENES:
                _judged(request, sender, scene)
    Challenger(bytes(32)).judge(request, ACCOUNT, "192.0.2.9", 1.0)


def _judged(request: object, sender: Sender, scene: requests.Scene) -> None:
    try:
        verdict = requests.judge(request, sender, scene)  # type: ignore[arg-type, unused-ignore]
    except WireError:
        return
    if verdict.answer is not None:
        assert 200 <= verdict.answer.code <= 699
        said = (verdict.answer.reason, *(text for pair in verdict.answer.headers for text in pair))
        assert all(text.isprintable() for text in said), said
    if not sender.trusted:
        assert not verdict.events and verdict.refer is None


def challenges(data: bytes) -> None:
    """A 401 to what went anywhere: a stranger gets no proof."""
    realms = Realms()
    realms.may_prove(data, "192.0.2.1")
    assert not Realms().may_prove(data.replace(b"REGISTER", b"INVITE"), "192.0.2.9", registered=False)


def xml_document(data: bytes) -> None:
    """Any XML document: no entity, bounded."""
    root = xml.parse(data)
    assert len(repr(root)) < 2_000_000


def lease_file(data: bytes) -> None:
    """What the DHCP client's hook wrote."""
    found = lease.parse(data.decode("utf-8", "replace"))
    _frozen(found.network)
    assert all(line.isprintable() for line in found.problems)


def tftp(data: bytes) -> None:
    """A packet of a TFTP server."""
    try:
        packet = tftp_packet.read(data)
    except ValueError as error:
        raise WireError("none", "TFTP packet", "one") from error
    _frozen(packet)
    if isinstance(packet, tftp_packet.Accepted):
        assert packet.size >= -1


def signed_manifest(data: bytes) -> None:
    """A manifest, of whoever signed it."""
    try:
        found = manifest.parse(data)
    except ValueError as error:
        raise WireError("none", "manifest", "one") from error
    _frozen(found)
    assert 0 < found.size <= manifest.SIZE and not manifest.newer(found.version, found.version)


def multicast_answer(data: bytes) -> None:
    """What any host on the LAN answers to the question for a configuration."""
    url, answer = multicast.url_of(data, QUESTION)
    assert bool(answer) or not url
    assert answer.count(b"\r\n\r\n") == (1 if answer else 0)
    assert url.isprintable()
    if not answer:
        raise WireError("none", "multicast answer", "a NOTIFY to our question")


def usb_telephone(data: bytes) -> None:
    """A report descriptor and reports of a USB device that says it is a headset."""
    size = int.from_bytes(data[:2], "little") % 512
    found = hid_report.telephone(data[2 : 2 + size])
    if found is None:
        raise WireError("none", "report descriptor", "a telephone")
    _frozen(found)
    report = data[2 + size :][:64]
    for lit in (frozenset[int](), found.read(report)[0]):
        assert all(len(each) < 4_200 for each in found.write(lit))


TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target
    for target in (
        configuration, gate, challenges, xml_document, lease_file, tftp, signed_manifest, multicast_answer,
        usb_telephone,
    )
}  # fmt: skip
EVERY: dict[str, Callable[[bytes], None]] = {**WIRE, **TARGETS}


def run(name: str, data: bytes) -> bool:
    """As `wire_targets.run`, for every target there is."""
    return run_one(EVERY[name], data)
