"""The doors of the wire room as functions of raw bytes: what the fuzzer and the daily tests call.

Law: a target may end in WireError and in nothing else; what it returns must be frozen, bounded and consistent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import is_dataclass

from strict_parser import StrictParser  # type: ignore[import-not-found, unused-ignore]

from deskphone.config.secret import Secret
from deskphone.core.agent.login import proof
from deskphone.core.events import AnswerHint, Party
from deskphone.wire import (
    alerting,
    asfeature,
    body_types,
    checksync,
    dhcp,
    digest,
    fields,
    hoteling,
    identity,
    mending,
    mending_sdp,
    message,
    phone_book,
    provisioning_url,
    referto,
    refusal,
    replaces,
    sdp,
    xml,
)
from deskphone.wire.errors import MAX_BODY, MAX_HEADERS, MAX_PARTS, MAX_TEXT, MAX_TOKEN, MAX_URI, WireError

PARSER = StrictParser()
UNIT = provisioning_url.device("420HD", "00908F3BBCBA")
MIXED = 'multipart/mixed;boundary="UniqueBoundary"'


def _frozen(value: object) -> None:
    """Fails where a value is not frozen through and through (hash goes all the way down)."""
    assert isinstance(value, tuple | str | int | bytes | type(None)) or is_dataclass(value)
    hash(value)
    assert len(repr(value)) < 40 * MAX_BODY


def _fields(data: bytes) -> tuple[tuple[str, str], ...]:
    """Header lines as the user agent hands them over; broken ones end the case."""
    return message.parse_headers(data).fields


def sip_message(data: bytes) -> None:
    """A whole request, then everything one may ask of it."""
    request = message.parse_request(data)
    _frozen(request)
    assert len(request.headers.fields) <= MAX_HEADERS and len(request.body) <= MAX_BODY
    assert all(name == name.lower() and "\r" not in value for name, value in request.headers.fields)
    for ask in ("call_id", "cseq", "from_", "to", "via", "event", "content_type", "retry_after"):
        try:
            _frozen(getattr(request, ask))
        except WireError:
            continue
    if request.method == "NOTIFY":
        _frozen(body_types.notify_documents(request.event.value, request.headers.get("content-type"), request.body))


def sip_response(data: bytes) -> None:
    """A whole response."""
    response = message.parse_response(data)
    _frozen(response)
    assert 100 <= response.code <= 699


def notify_body(data: bytes) -> None:
    """A line with package and Content-Type, then the body."""
    line, _, body = data.partition(b"\n")
    package, _, content_type = line.decode("iso-8859-1").partition(" ")
    documents = body_types.notify_documents(package, content_type.strip(), body)
    _frozen(documents)
    assert len(documents) <= MAX_PARTS


def as_feature(data: bytes) -> None:
    """One as-feature-event document; what it says can be said again."""
    document = asfeature.parse(data)
    _frozen(document)
    if isinstance(document, asfeature.ForwardingEvent):
        again = xml.parse(asfeature.set_forwarding(document.device, document.type, document.active, document.target))
        assert fields.readable(again.child_text("forwardDN"), MAX_TEXT) == document.target


def hoteling_event(data: bytes) -> None:
    """One hoteling document; a challenge can be answered or is refused."""
    document = hoteling.parse(data)
    _frozen(document)
    if isinstance(document, hoteling.HotelingEvent) and document.challenge:
        answer = proof(document.challenge, Secret("1234"))
        if answer is not None:
            body = hoteling.set_hoteling(document.guest or "", answer)
            assert xml.parse(body).deep_text("nonce") == document.challenge.nonce


def multipart_body(data: bytes) -> None:
    """A multipart body with a fixed boundary."""
    documents = body_types.notify_documents("as-feature-event", MIXED, data)
    _frozen(documents)
    assert len(documents) <= MAX_PARTS


def session(data: bytes) -> None:
    """The media lines of a session description."""
    for line in sdp.media(data):
        _frozen(line)
        assert line.port >= 0 and line.profile and line.kind


def message_summary(data: bytes) -> None:
    """A message-summary body."""
    _frozen(body_types.notify_documents("message-summary", "", data))


def sip_fragment(data: bytes) -> None:
    """A sipfrag body."""
    _frozen(body_types.notify_documents("refer", "message/sipfrag", data))


def check_sync(data: bytes) -> None:
    """The value of an Event header."""
    _frozen(checksync.read(message.parse_event(data.decode("iso-8859-1"))))


def authorization(data: bytes) -> None:
    """The value of an Authorization header: what is read can be told whether it is right."""
    given = digest.credentials(data.decode("iso-8859-1"))
    _frozen(given)
    assert len(digest.expected(given, "NOTIFY", "1234")) in (32, 64)
    assert len(given.user) <= MAX_TOKEN and len(given.nonce) <= MAX_TOKEN


def invite_headers(data: bytes) -> None:
    """Header lines of an INVITE: advice and identity never refuse, Replaces may."""
    headers = _fields(data)
    try:
        hint = alerting.answer_hint(headers)
        assert isinstance(hint, AnswerHint) and (hint.after is None or 0 <= hint.after <= alerting.MAX_AFTER)
        assert len(hint.alert) <= alerting.MAX_ALERT and (hint.alert.isprintable())
        for trusted in (True, False):
            party = identity.remote_party(headers, trusted)
            assert isinstance(party, Party) and len(party.uri) <= MAX_URI and not (party.anonymous and party.number)
            assert party.name.isprintable() and "\n" not in party.uri
        _frozen((hint, identity.diversion(headers), replaces.reasons(headers)))
    except WireError as error:
        raise AssertionError("advice and identity must not refuse a call") from error
    found = replaces.replaces(headers)
    if found is not None:
        assert replaces.parse_replaces(found.value) == found


def refer_headers(data: bytes) -> None:
    """Header lines of a REFER; the target that comes out must be a URI with nothing smuggled in."""
    refer = referto.parse(_fields(data))
    _frozen(refer)
    assert refer.target.isascii() and refer.target.isprintable() and not set(refer.target) & set(' <>"')
    assert not fields.uri(refer.target).headers
    assert referto.parse((("refer-to", f"<{refer.target}>"),)).target == refer.target


def dhcp_options(data: bytes) -> None:
    """Options as code, length, value; reading them never raises."""
    options = dict(dhcp.sub_options(data))
    found, facts = dhcp.read_offer(options, UNIT), dhcp.read_facts(options)
    _frozen(found)
    _frozen(facts)
    problems = found.problems + facts.problems
    assert len(found.sources) <= 3 and len(problems) <= 16
    assert all(line.isprintable() and line.isascii() and len(line) < 300 for line in problems)
    for source in found.sources:
        for url in (source.place.firmware, *source.place.configurations):
            assert url.partition("://")[0].lower() in provisioning_url.SCHEMES and url.isascii() and url.isprintable()
            assert " " not in url and len(url) <= provisioning_url.MAX_URL


def provisioning(data: bytes) -> None:
    """A URL in any printed form."""
    _frozen(provisioning_url.from_url(data.decode("iso-8859-1"), UNIT))


def directory_file(data: bytes) -> None:
    """A company's directory, and the same bytes as speed dials."""
    for read in (phone_book.speed_dials, phone_book.directory):
        try:
            found = read(data)
        except WireError:
            if read is phone_book.directory:
                raise
            continue
        _frozen(found)
        assert 0 < len(found) <= phone_book.MAX_ENTRIES
        for name, number in found:
            assert name.isprintable() and number.isascii() and number.isprintable() and " " not in number


def dropped_message(data: bytes) -> None:
    """A message the stack's parser drops: what is given to it again it reads, what is answered is one response."""
    verdict = mending.mend(data, refusal.Source("192.0.2.7", 5099), PARSER, "x")
    _frozen(verdict)
    assert verdict.kinds and len(verdict.kinds) <= 2 * MAX_HEADERS
    if isinstance(verdict, mending.Again):
        assert PARSER.message(verdict.raw) and len(verdict.raw) < 2 * len(data) + 1024
        head = verdict.raw.partition(b"\r\n\r\n")[0]
        assert b"\n" not in head.replace(b"\r\n", b"") and b"\r" not in head.replace(b"\r\n", b"")
    elif isinstance(verdict, mending.Answer):
        assert verdict.raw.endswith(b"\r\nContent-Length: 0\r\n\r\n") and verdict.raw.count(b"\r\n\r\n") == 1
        assert 0 < verdict.port < 65_536 and b"\n" not in verdict.raw.replace(b"\r\n", b"")


def stream_piece(data: bytes) -> None:
    """Bytes of a stream whose message does not tell its end: what is cut off is no more than there is."""
    mending.too_large(data, refusal.Source("192.0.2.7", 5099))
    framed = mending.frame(data)
    _frozen(framed)
    if framed is not None:
        assert 0 < framed.size <= len(data) and framed.raw.count(b"Content-Length: ") >= 1
        assert message.parse_headers(b"x: y\r\n" + framed.raw.partition(b"\r\n\r\n")[0].partition(b"\r\n")[2])


def session_description(data: bytes) -> None:
    """SDP from the field: what comes out has one m= line for each, every format said, and stays as it is."""
    mended = mending_sdp.mend_sdp(data)
    if mended is None:
        raise WireError("none", "SDP", "a description")
    lines = mended.decode().split("\r\n")
    assert all(len(line) > 1 and line[1] == "=" for line in lines[:-1]) and lines[0] == "v=0" and lines[-1] == ""
    assert sum(line[0] == "m" for line in lines[:-1]) <= mending_sdp.MOST_MEDIA
    assert mending_sdp.mend_sdp(mended) == mended


TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target
    for target in (
        sip_message, sip_response, notify_body, as_feature, hoteling_event, multipart_body, message_summary,
        sip_fragment, check_sync, authorization, invite_headers, refer_headers, dhcp_options,
        provisioning, directory_file, session, dropped_message, stream_piece, session_description,
    )
}  # fmt: skip


def run(name: str, data: bytes) -> bool:
    """Run one case; True where the bytes were accepted, False for WireError. Anything else escapes: a finding."""
    return run_one(TARGETS[name], data)


def run_one(target: Callable[[bytes], None], data: bytes) -> bool:
    """As `run`, for a target that stands elsewhere."""
    try:
        target(data)
    except WireError as error:
        line = str(error)
        assert line.isprintable() and len(line) < 400, line[:400]
        return False
    return True
