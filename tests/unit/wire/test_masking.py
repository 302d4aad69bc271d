"""What of a message is written over before a person sees it, and what is left to read."""

from __future__ import annotations

import random
import time

import pytest

from deskphone.wire.masking import masked

REGISTER = (
    b"REGISTER sip:centre.example SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1\r\nCSeq: 2 REGISTER\r\n"
    b"From: <sip:1502@centre.example>;tag=a\r\n"
    b'Authorization: Digest username="1502", realm="centre", nonce="n0nce",\r\n uri="sip:centre.example",'
    b' response="5ec2e7"\r\nExpires: 60\r\nContent-Length: 0\r\n\r\n'
)
SECRETS = (
    b'proxy-authorization : Digest response="5ec2e7"\r\n',
    b"\r\nAuthorization:Basic 5ec2e7==\r\n",
    b"\nAuthorization:\tBearer 5ec2e7\n",
    b"\r\nCookie: session=5ec2e7\r\n",
    b"Refer-To: <sip:1502:5ec2e7@centre.example>",
    b"Location: https://phone:5ec2e7@files.example/a.cfg",
    b"Location: https://files.example/a.cfg?sv=2026&sig=5ec2e7%3D",
    b"Call-Info: <https://files.example/a.png?key=5ec2e7>;purpose=icon",
    b"GET /a.cfg?5ec2e7 HTTP/1.1\r\nHost: files.example\r\n\r\n",
    b"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:5ec2e7AAAA|2^20|1:32\r\n",
    b"v=0\r\nk=base64:5ec2e7\r\n",
    b"\r\na=key-mgmt:mikey 5ec2e7\r\n",
    b"<AgentLogin><password>5ec2e7</password></AgentLogin>",
    b"<x:agentPassword kind='a'>5ec2e7</x:agentPassword>",
    b'<login password="5ec2e7" id="1"/>',
    b'{"user": "a", "password": "5ec2e7"}',
    b"voip/line/0/auth_password=5ec2e7\n",
    b"user=1502&psw=5ec2e7&go=1",
    b"INFO sip:a SIP/2.0\r\nContent-Type: application/dtmf-relay\r\n\r\nSignal=5ec2e7\r\nDuration=160\r\n",
    b"INFO sip:a SIP/2.0\r\nContent-Type: application/dtmf\r\nContent-Length: 6\r\n\r\n5ec2e7",
    b"INFO sip:a SIP/2.0\r\nc: application/dtmf\r\nl: 6\r\n\r\n5ec2e7",
    b"INFO sip:a SIP/2.0\nVia: b\nc:application/dtmf\n\n5ec2e7",
    b"<AgentLogin><password>5ec2e7",  # cut off by the end of what is kept
)


def test_a_proof_is_written_over_and_the_rest_of_the_message_is_as_it_was() -> None:
    found = masked(REGISTER)
    assert len(found) == len(REGISTER)
    for secret in (b"5ec2e7", b"n0nce"):
        assert secret not in found
    for kept in (
        b"REGISTER sip:centre.example SIP/2.0\r\n",
        b"Authorization: Digest",
        b"From: <sip:1502@",
        b"Expires: 60",
    ):
        assert kept in found


@pytest.mark.parametrize("message", SECRETS, ids=lambda message: message.decode().split()[0][:24])
def test_each_secret_is_written_over(message: bytes) -> None:
    found = masked(b"\r\n" + message)
    assert b"5ec2e7" not in found and len(found) == len(message) + 2


def test_what_is_no_secret_is_left_alone() -> None:
    message = (
        b"INVITE sip:9196@centre.example SIP/2.0\r\nContact: <sip:1502@192.0.2.9:5060;transport=tcp>\r\n"
        b'WWW-Authenticate: Digest realm="centre", nonce="n0nce"\r\nContent-Type: application/sdp\r\n\r\n'
        b"v=0\r\nc=IN IP4 192.0.2.9\r\nm=audio 4000 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n"
    )
    assert masked(message) == message


@pytest.mark.parametrize("piece", [b"a", b"password=", b"\r\n ", b"sip:a:", b"://", b"<pin", b'secret:"\\', b"INFO ",
                                   b"\nINFO x\nContent-Type:application/dtmf "])  # fmt: skip
def test_sixty_kilobytes_of_anything_take_no_time_and_keep_their_length(piece: bytes) -> None:
    chance = random.Random(len(piece))
    message = b"".join(piece + bytes([chance.randrange(256)]) for _ in range(60_000 // (len(piece) + 1)))
    for each in (message, piece * (60_000 // len(piece))):
        before = time.process_time()
        assert len(masked(each)) == len(each)
        assert time.process_time() - before < 2.0


@pytest.mark.parametrize(
    "message",
    [b"\nINFO x" * 150 + b"\nContent-Type: application/dtmf " * 95,
     b"\nINFO x" * 300 + b"\nContent-Type: application/dtmf " * 60,
     b"INFO x SIP/2.0\n" * 120 + b"c:application/dtmf\n" * 120],
    ids=["first lines and content types", "more first lines", "whole lines"],
)  # fmt: skip
def test_a_message_made_of_heads_of_digits_takes_no_time(message: bytes) -> None:
    before = time.process_time()
    assert len(masked(message)) == len(message)
    assert time.process_time() - before < 0.3
