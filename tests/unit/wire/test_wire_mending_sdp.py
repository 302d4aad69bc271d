"""What comes out of a session description from the field: kind by kind what is given, and what the stack then reads."""

from __future__ import annotations

import pytest

from deskphone.wire.mending_sdp import mend_sdp

HEAD = "v=0\no=- 1 2 IN IP4 10.0.0.1\ns=-\nc=IN IP4 10.0.0.1\nt=0 0\n"
# In words, what is given, what comes out.
MENDED = (
    ("blanks and other line ends are made good",
     " v=0\ro=- 1 2 IN IP4 10.0.0.1\n\n s=call \nc=IN IP4 10.0.0.1\x00t=0 0\n"
         "m=audio  40000   RTP/AVP 8  0 8\n a=sendrecv \n",
     "v=0\no=- 1 2 IN IP4 10.0.0.1\ns=call\nc=IN IP4 10.0.0.1\nt=0 0\n"
         "m=audio 40000 RTP/AVP 8 0\na=sendrecv\n"),
    ("blanks before the equals sign count only where no line is right",
     "v =0\nm =audio 40000 RTP/AVP 0\nc = IN IP4 10.0.0.1\n",
     "v=0\no=- 0 0 IN IP4 0.0.0.0\ns=-\nt=0 0\nm=audio 40000 RTP/AVP 0\nc=IN IP4 10.0.0.1\n"),
    ("letters of another case begin lines as well",
     "V=0\nO=- 1 2 IN IP4 10.0.0.1\ns=-\nC=IN IP4 10.0.0.1\nT=0 0\nM=audio 40000 RTP/AVP 0\nA=sendonly\n",
     HEAD + "m=audio 40000 RTP/AVP 0\na=sendonly\n"),
    ("nothing but a medium",
     "m=audio 40000 RTP/AVP 0\nc=IN IP4 10.0.0.1\n",
     "v=0\no=- 0 0 IN IP4 0.0.0.0\ns=-\nt=0 0\nm=audio 40000 RTP/AVP 0\nc=IN IP4 10.0.0.1\n"),
    ("no address, no medium",
     "v=0\nm=audio 40000 RTP/AVP 0\n",
     "v=0\no=- 0 0 IN IP4 0.0.0.0\ns=-\nc=IN IP4 0.0.0.0\nt=0 0\nm=audio 0 RTP/AVP 0\n"),
    ("an address of its own counts for its medium only",
     "v=0\nm=audio 40000 RTP/AVP 0\nc=IN IP4 10.0.0.1\nm=audio 40002 RTP/AVP 0\n",
     "v=0\no=- 0 0 IN IP4 0.0.0.0\ns=-\nc=IN IP4 0.0.0.0\nt=0 0\nm=audio 40000 RTP/AVP 0\nc=IN IP4 10.0.0.1\n"
         "m=audio 0 RTP/AVP 0\n"),
    ("an address without its network",
     "v=0\nc=ip6 [fe80::1]/64\nm=audio 40000 RTP/AVP 0\n",
     "v=0\no=- 0 0 IN IP4 0.0.0.0\ns=-\nc=IN IP6 fe80::1\nt=0 0\nm=audio 40000 RTP/AVP 0\n"),
    ("another network is none",
     "v=0\nc=ATM NSAP 47\nm=audio 40000 RTP/AVP 0\n",
     "v=0\no=- 0 0 IN IP4 0.0.0.0\ns=-\nc=IN IP4 0.0.0.0\nt=0 0\nm=audio 0 RTP/AVP 0\n"),
    ("an address that cannot be read switches its medium off",
     HEAD + "m=audio 40000 RTP/AVP 0\nc=IN IP4 {}\n",
     HEAD + "m=audio 0 RTP/AVP 0\n"),
    ("the type of an address is what it looks like",
     "v=0\no=me x -7 IN IP9 fe80::1\nc=IN IP4 fe80::1\nm=audio 40000 RTP/AVP 0\n",
     "v=0\no=me 0 0 IN IP6 fe80::1\ns=-\nc=IN IP6 fe80::1\nt=0 0\nm=audio 40000 RTP/AVP 0\n"),
    ("a type that nobody knows is what the address looks like",
     "v=0\no=me 1 2 IN IP9 10.0.0.1\nc=IN IP6 host\nm=audio 40000 RTP/AVP 0\n",
     "v=0\no=me 1 2 IN IP4 10.0.0.1\ns=-\nc=IN IP6 host\nt=0 0\nm=audio 40000 RTP/AVP 0\n"),
    ("an origin of too few words",
     "v=0\no=- 1 2\ns=\nc=IN IP4 10.0.0.1\nm=audio 40000 RTP/AVP 0\n",
     "v=0\no=- 0 0 IN IP4 0.0.0.0\ns=-\nc=IN IP4 10.0.0.1\nt=0 0\nm=audio 40000 RTP/AVP 0\n"),
    ("the first origin, the last name before the media",
     "v=0\no=a 1 2 in ip4 10.0.0.1\no=b 3 4 IN IP4 10.0.0.2\ns=one\ns=two\nc=IN IP4 10.0.0.1\n"
         "m=audio 40000 RTP/AVP 0\ns=three\n",
     "v=0\no=a 1 2 IN IP4 10.0.0.1\ns=two\nc=IN IP4 10.0.0.1\nt=0 0\nm=audio 40000 RTP/AVP 0\n"),
    ("bandwidths that are numbers, three of them",
     HEAD + "b=AS: 64\nb=TIAS:none\nm=audio 40000 RTP/AVP 0\nb=A:1\nb=B:2\nb=C:3\nb=D:4\n",
     "v=0\no=- 1 2 IN IP4 10.0.0.1\ns=-\nc=IN IP4 10.0.0.1\nb=AS:64\nt=0 0\n"
         "m=audio 40000 RTP/AVP 0\nb=A:1\nb=B:2\nb=C:3\n"),
    ("directions and names the stack acts on in lower case, others as they are",
     HEAD
         + "a=SendOnly\nm=audio 40000 RTP/AVP 0\na=PTIME: 20\na=X-Own:Value\na=b{d:1\na=recvonly:\n"
         "a=rtcp:none\na=rtcp:40001 IN IP4 10.0.0.1\n",
     HEAD + "a=sendonly\nm=audio 40000 RTP/AVP 0\na=ptime:20\na=X-Own:Value\na=b{d:1\na=recvonly\n"
         "a=rtcp:40001 IN IP4 10.0.0.1\n"),
    ("a key that cannot be one is left out",
     HEAD
         + "m=audio 40000 RTP/SAVP 0\n"
         "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
         "a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:short\n",
     HEAD + "m=audio 40000 RTP/SAVP 0\n"
         "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"),
    ("a format that nothing says what it is",
     HEAD
         + "m=audio 40000 RTP/AVP 0 96 101\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-16\n"
         "a=fmtp:96 x\na=fmtp:0\n",
     HEAD + "m=audio 40000 RTP/AVP 0 101\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-16\n"),
    ("a rate that was forgotten is 8000 where the phone knows it",
     HEAD
         + "m=audio 40000 RTP/AVP 8 96 97 98\na=rtpmap:8 PCMA\na=rtpmap:96 opus\n"
         "a=rtpmap:97 unknown\na=rtpmap:98 Opus / 48000 / 2 x\n",
     HEAD + "m=audio 40000 RTP/AVP 8 98\na=rtpmap:8 PCMA/8000\na=rtpmap:98 Opus/48000/2\n"),
    ("a mapping that cannot be read takes a format with it, but not one that has a number of its own",
     HEAD
         + "m=audio 40000 RTP/AVP 0 4 96\na=rtpmap:0\na=rtpmap:4 {}\na=rtpmap:96 {}\n"
         "a=rtpmap:128 a/8000\n",
     HEAD + "m=audio 40000 RTP/AVP 0\n"),
    ("the last mapping of a number counts",
     HEAD + "m=audio 40000 RTP/AVP 96\na=rtpmap:96 opus/48000\na=rtpmap:96 G722/8000\n",
     HEAD + "m=audio 40000 RTP/AVP 96\na=rtpmap:96 G722/8000\n"),
    ("numbers from 0 to 127, each once, without zeros before them",
     HEAD + "m=audio 04000 RTP/AVP 008 8 127 128 x 95\na=rtpmap:127 a/8000\n",
     HEAD + "m=audio 4000 RTP/AVP 8 127 95\na=rtpmap:127 a/8000\n"),
    ("a medium that is off keeps its words",
     HEAD + "m=video 0 RTP/AVP 96 200 x1 1x\nm=audio 40000 RTP/AVP 96\n",
     HEAD + "m=video 0 RTP/AVP 96 x1\nm=audio 0 RTP/AVP 96\n"),
    ("a port that is none, and one with a count",
     HEAD
         + "m=audio 65536 RTP/AVP 0\nm=audio 65535/2 RTP/AVP 0\nm=audio x RTP/AVP 0\n"
         "m=audio 40000 RTP/AVP\nm=\nm={ 40000 {} 0\n",
     HEAD + "m=audio 0 RTP/AVP 0\nm=audio 65535 RTP/AVP 0\nm=audio 0 RTP/AVP 0\nm=audio 0 RTP/AVP 0\n"
         "m=audio 0 RTP/AVP 0\nm={ 40000 RTP/AVP 0\n"),
    ("a medium that is no RTP keeps its formats",
     HEAD + "m=application 40000 UDP/BFCP *\na=floorctrl:c-s\n",
     HEAD + "m=application 40000 UDP/BFCP *\na=floorctrl:c-s\n"),
    ("a medium that is no RTP, with a format no SDP of the stack can have, is off",
     HEAD + "m=application 9 DTLS/SCTP 5000\na=sctpmap:5000 x 1\nm=control 9 TCP 300 a\nm=audio 40000 RTP/AVP 0\n",
     HEAD + "m=application 0 DTLS/SCTP 0\nm=control 0 TCP a\nm=audio 40000 RTP/AVP 0\n"),
    ("a place for reports keeps its port; its address, where it is one of the family of its medium",
     HEAD + "m=audio 1 RTP/AVP 0\na=rtcp:2 in ip4  [10.0.0.2]\nm=audio 3 RTP/AVP 0\na=rtcp:4 IN IP6 fe80::1\n"
         "m=audio 5 RTP/AVP 0\nc=IN IP6 fe80::1\na=rtcp:6 IN IP6 fe80::2\n"
         "m=audio 7 RTP/AVP 0\na=rtcp:8 IN IP4 name\nm=audio 9 RTP/AVP 0\na=rtcp:65536\na=rtcp:1x\na=rtcp: 10 IN\n",
     HEAD + "m=audio 1 RTP/AVP 0\na=rtcp:2 IN IP4 10.0.0.2\nm=audio 3 RTP/AVP 0\na=rtcp:4\n"
         "m=audio 5 RTP/AVP 0\nc=IN IP6 fe80::1\na=rtcp:6 IN IP6 fe80::2\n"
         "m=audio 7 RTP/AVP 0\na=rtcp:8\nm=audio 9 RTP/AVP 0\na=rtcp:10\n"),
    ("a kind of medium in small letters",
     HEAD + "m=AUDIO 40000 RTP/AVP 0\n",
     HEAD + "m=audio 40000 RTP/AVP 0\n"),
    ("the same attribute twice is there once",
     HEAD + "m=audio 40000 RTP/AVP 0\na=sendonly\na=sendonly\n",
     HEAD + "m=audio 40000 RTP/AVP 0\na=sendonly\n"),
)  # fmt: skip


def mended(given: str) -> str:
    out = mend_sdp(given.encode())
    assert out is not None
    return out.decode().replace("\r\n", "\n")


@pytest.mark.parametrize(("given", "expected"), [row[1:] for row in MENDED], ids=[row[0] for row in MENDED])
def test_what_comes_out(given: str, expected: str) -> None:
    assert mended(given) == expected
    assert mended(expected) == expected, "what was mended once is good"


@pytest.mark.parametrize("raw", [b"", b"hello\r\n", b"a=sendrecv\r\n", b"v=0\r\n".ljust(32_769, b"\n")])
def test_what_is_none_at_all(raw: bytes) -> None:
    assert mend_sdp(raw) is None


def test_32_kilobytes_are_read() -> None:
    assert mend_sdp(b"v=0\r\n".ljust(32_768, b"\n")) is not None


def test_15_media_31_formats_and_67_attributes_are_what_the_stack_holds() -> None:
    assert mended(HEAD + "m=audio 0 RTP/AVP 0\n" * 16) == HEAD + "m=audio 0 RTP/AVP 0\n" * 15
    numbers = " ".join(map(str, [*range(1, 32), 96, 8, 0]))
    kept = " ".join(map(str, [8, 9, 96, 0, *(n for n in range(1, 30) if n not in (8, 9))]))
    formats = mended(f"{HEAD}m=audio 40000 RTP/AVP {numbers}\na=rtpmap:96 opus/48000/2\n")
    assert formats == f"{HEAD}m=audio 40000 RTP/AVP {kept}\na=rtpmap:96 opus/48000/2\n"
    fits = f"{HEAD}m=audio 40000 RTP/AVP {' '.join(map(str, range(31)))}\n"
    assert mended(fits) == fits
    many = [f"a=x{number}\n" for number in range(70)]
    audio = HEAD + "m=audio 40000 RTP/AVP 0\n"
    assert mended(audio + "".join(many) + "a=sendonly\n") == audio + "a=sendonly\n" + "".join(many[:66])
    assert mended(audio + "".join(many[:66]) + "a=sendonly\n") == audio + "".join(many[:66]) + "a=sendonly\n"
    off = f"{HEAD}m=audio 0 RTP/AVP {' '.join(map(str, range(40)))}\n"
    assert mended(off) == f"{HEAD}m=audio 0 RTP/AVP {' '.join(map(str, range(31)))}\n"


def test_of_many_keys_the_first_sixteen_stay() -> None:
    keys = [f"a=crypto:{tag} AES_CM_128_HMAC_SHA1_80 inline:{'A' * 40}\n" for tag in range(1, 67)]
    audio = HEAD + "m=audio 40000 RTP/SAVP 0\n"
    assert mended(audio + "".join(keys) + "a=sendonly\n") == audio + "".join(keys[:16]) + "a=sendonly\n"
