"""The media lines of a session description, in their order, whatever its writer did with blanks, case and line ends."""

from __future__ import annotations

import pytest

from deskphone.wire.errors import WireError
from deskphone.wire.sdp import Media, leads_nowhere, media

BODY = b"""v=0
a=session: no medium's
m=Audio 40000 rtp/savp 0 8
a=rtpmap:0 PCMU/8000
 a=RTPMAP: 8 PCMA/8000
a=sendonly
M=video 0 RTP/AVP 96
"""


def test_each_has_its_own_attributes_and_a_port() -> None:
    audio, video = media(BODY)
    assert audio == Media(
        "audio", 40_000, "RTP/SAVP", ("rtpmap:0 PCMU/8000", "RTPMAP: 8 PCMA/8000", "sendonly"), ("0", "8")
    )  # fmt: skip
    assert audio.live and audio.every("rtpmap") == ("0 PCMU/8000", "8 PCMA/8000") and audio.every("fmtp") == ()
    assert video == Media("video", 0, "RTP/AVP", (), ("96",)) and not video.live


def test_each_is_sent_where_its_own_line_says_else_the_sessions() -> None:
    head = b"c=IN IP4 10.0.0.9/127\r\n"
    found = media(
        head + b"m=audio 4 RTP/AVP 0\r\nc=IN IP6 2001:db8::1\r\nm=audio 6/2 RTP/AVP 8\r\nc=\r\nm=video 8 RTP/AVP 9"
    )
    assert [each.address for each in found] == ["2001:db8::1", "", "10.0.0.9"]


def test_codecs_have_the_names_of_their_payload_types() -> None:
    line = b"m=audio 4 RTP/AVP 0 8 9 13 101 111 96 x\r\na=rtpmap:8 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
    found = media(line + b"a=RTPMAP: 111 Opus/48000/2\r\na=rtpmap:97 GSM/8000")
    assert found[0].codecs == {"pcmu", "pcma", "g722", "telephone-event", "opus", ""}


@pytest.mark.parametrize("end", [b"\r\n", b"\r", b"\n\n"])
def test_lines_end_as_they_like(end: bytes) -> None:
    assert media(BODY.replace(b"\n", end)) == media(BODY)


def test_no_description_has_no_media_and_a_line_that_cannot_be_read_is_refused() -> None:
    assert media(b"hello") == media(b"") == ()
    for line in (b"m=audio", b"m=audio x RTP/AVP 0", b"m= 40000 RTP/AVP 0"):
        with pytest.raises(WireError, match="media line"):
            media(line)


def test_64_media_are_read_and_no_more() -> None:
    assert len(media(b"m=audio 0 RTP/AVP 0\n" * 64)) == 64
    with pytest.raises(WireError, match="64 at most"):
        media(b"m=audio 0 RTP/AVP 0\n" * 65)


def audio(*lines: str, port: int = 40000, connection: str = "10.0.0.9") -> bytes:
    head = ("v=0", "o=- 1 1 IN IP4 10.0.0.9", "s=-", f"c=IN IP4 {connection}", "t=0 0", f"m=audio {port} RTP/AVP 0")
    return "\r\n".join((*head, *lines, "")).encode()


@pytest.mark.parametrize(
    ("body", "nowhere"),
    [
        (audio(), False),
        (audio("a=sendonly"), False),
        (audio("a=recvonly"), False),
        (audio("a=inactive"), True),
        (audio(connection="0.0.0.0"), True),
        (audio(connection="::"), True),
        (audio(port=9, connection="0.0.0.0"), True),
        (audio("a=ice-ufrag:x", port=9, connection="0.0.0.0"), False),
        (audio("a=inactive", "m=audio 40002 RTP/AVP 8"), False),
        (audio("a=inactive", "m=audio 40002 RTP/AVP 8", "a=inactive"), True),
        (audio("a=inactive", "m=video 40002 RTP/AVP 96"), True),
        (audio("c=IN IP4 10.0.0.9", connection="0.0.0.0"), False),
        (audio("c=IN IP4 0.0.0.0"), True),
        (audio("a=INACTIVE"), True),
        (audio("m=audio 40002 RTP/AVP 8", "c=IN IP4 0.0.0.0"), False),
        (audio("c=IN IP4 0.0.0.0", "m=video 40002 RTP/AVP 96"), True),
        (audio(port=0), False),
        (b"", False),
        (b"m=audio x", False),
        (b"v=0\nc=IN IP4 0.0.0.0\nm=audio 9 RTP/AVP 8", True),
    ],
)
def test_an_offer_that_leads_nowhere(body: bytes, nowhere: bool) -> None:
    assert leads_nowhere(body) is nowhere
