"""The sound of the stand-in: echo, milliwatt, customers that play and listen, early media."""

from __future__ import annotations

import asyncio
import math

import pytest

from centre import SipServer, sdp
from centre.audio import RATE, check_kind, decibels, goertzel, loop_of
from centre.ear import Ear
from centre.g711 import SILENCE, decode, encode
from centre.numbers import TABLE, help_text
from centre.rtp import Packet, Player
from tests.centre.unit.phone import PATIENCE, Phone
from tests.centre.unit.phone import sdp as phone_sdp


async def packet_of(phone: Phone, within: float = PATIENCE) -> Packet:
    async with asyncio.timeout(within):
        return Packet.parse(await asyncio.get_running_loop().sock_recv(phone.rtp, 2048))


def sine(hertz: float, count: int = 160, amplitude: float = 10000) -> list[int]:
    return [round(amplitude * math.sin(2 * math.pi * hertz * i / RATE)) for i in range(count)]


async def test_the_echo_sends_each_packet_back_with_its_payload_type(server: SipServer, alice: Phone) -> None:
    _, ok = await alice.call("9196")
    where = sdp.parse(ok.body)
    for payload_type, payload in ((8, b"\x55" * 160), (101, b"\x05\x00\x00\xa0")):
        alice.rtp.sendto(Packet(payload_type, 7, 160, 99, payload).to_bytes(), (where.host, where.port))
        back = await packet_of(alice)
        assert (back.payload_type, back.sequence, back.timestamp, back.payload) == (payload_type, 7, 160, payload)
        assert back.ssrc != 99, "one's own SSRC coming back is a loop (RFC 3550 section 8.2)"


async def test_the_echo_takes_codecs_it_does_not_know(server: SipServer, alice: Phone) -> None:
    offer = b"c=IN IP4 127.0.0.1\r\nm=audio 4000 RTP/AVP 96\r\na=rtpmap:96 opus/48000/2\r\na=fmtp:96 useinbandfec=1\r\n"
    _, ok = await alice.call("9196", body=offer)
    [only] = sdp.parse(ok.body).formats
    assert only == sdp.Format(96, "opus/48000/2", "useinbandfec=1")
    _, refused = await alice.call("9664", body=offer)
    assert refused.code == 488


@pytest.mark.parametrize("codec", ["PCMU", "PCMA"])
async def test_the_milliwatt_is_1004_hz_at_its_level(server: SipServer, alice: Phone, codec: str) -> None:
    number = {"PCMU": "0", "PCMA": "8"}[codec]
    offer = phone_sdp(alice.rtp_port).replace(b"8 0 101", number.encode())
    await alice.call("9664", body=offer)
    packets = [await packet_of(alice) for _ in range(5)]
    assert [p.sequence - packets[0].sequence for p in packets] == [0, 1, 2, 3, 4]
    assert [p.timestamp - packets[0].timestamp for p in packets] == [0, 160, 320, 480, 640]
    assert [p.marker for p in packets] == [True, False, False, False, False]
    samples = [s for p in packets for s in decode(codec, p.payload)]
    assert decibels(goertzel(samples, 1004)) == pytest.approx(-3.2, abs=0.5)
    assert decibels(goertzel(samples, 1900)) < -25


async def test_early_media_comes_before_the_answer(server: SipServer, alice: Phone) -> None:
    await alice.invite("9180")
    progress = await alice.next_response(183)
    assert b"m=audio" in progress.body
    assert (await packet_of(alice)).payload_type == 8


async def test_a_customer_and_the_phone_hear_each_other(server: SipServer, bob: Phone) -> None:
    customer = server.call("1503", media="tone:700")
    invite = await bob.ring()
    await bob.pick_up(invite)
    await customer.wait("answered", within=PATIENCE)
    where = sdp.parse(invite.body)
    speech = encode("PCMA", sine(1000, 8000))
    for i in range(30):
        data = Packet(8, i, i * 160, 5, speech[i * 160 : i * 160 + 160]).to_bytes()
        bob.rtp.sendto(data, (where.host, where.port))
    await customer.wait_until(lambda: customer.ear.packets == 30, within=PATIENCE)
    assert customer.ear.level(1000) == pytest.approx(decibels(10000 / 32767), abs=1)
    assert customer.ear.level(2100) < -40
    assert customer.ear.loss == 0
    heard = decode("PCMA", b"".join([(await packet_of(bob)).payload for _ in range(4)]))
    assert decibels(goertzel(heard[160:], 700)) > -15


async def test_a_held_customer_falls_silent_and_speaks_again(server: SipServer, bob: Phone) -> None:
    customer = server.call("1503", media="tone:700")
    invite = await bob.ring()
    answer = await bob.pick_up(invite)
    await customer.wait("answered", within=PATIENCE)
    hold = bob.in_dialog_back("INVITE", invite, answer)
    hold.body = phone_sdp(bob.rtp_port, "sendonly")
    ok = await bob.ask(hold)
    assert sdp.parse(ok.body).direction == "recvonly"
    bob.ack(hold, ok)
    await customer.wait("held", within=PATIENCE)
    assert customer._player is not None and not customer._player.playing
    back = bob.in_dialog_back("INVITE", invite, answer)
    back.body = phone_sdp(bob.rtp_port)
    bob.ack(back, await bob.ask(back))
    await customer.wait("retrieved", within=PATIENCE)
    assert customer._player.playing


async def test_digits_are_heard_as_events_and_as_info(server: SipServer, alice: Phone) -> None:
    far = server.answering("2001", media="none")
    mine, ok = await alice.call("2001")
    where = sdp.parse(ok.body)
    for stamp, key in ((160, 5), (160, 5), (320, 11)):
        alice.rtp.sendto(Packet(101, stamp, stamp, 9, bytes([key, 0, 0, 160])).to_bytes(), (where.host, where.port))
    await far.wait_until(lambda: far.ear.digits == "5#", within=PATIENCE)
    info = alice.in_dialog("INFO", mine, ok, Content_Type="application/dtmf-relay")
    info.body = b"Signal=7\r\nDuration=160\r\n"
    assert (await alice.ask(info)).code == 200
    assert far.ear.digits == "5#7"


def test_lost_and_late_packets_are_counted() -> None:
    ear = Ear()
    for sequence in (65534, 65535, 2, 3, 1):
        ear.hear(Packet(0, sequence, 0, 1, b"\xff" * 160), "PCMU")
    assert (ear.packets, ear.lost) == (5, 1)
    ear.hear(Packet(0, 500, 0, 2, b""), "PCMU")
    assert ear.lost == 1, "a new source starts its own count"


@pytest.mark.parametrize("codec", ["PCMU", "PCMA"])
def test_g711_gives_back_what_it_takes(codec: str) -> None:
    every = bytes(range(256))
    again = encode(codec, decode(codec, every))
    assert decode(codec, again) == decode(codec, every)
    assert encode(codec, [0]) == bytes([SILENCE[codec]])
    for sample in (-32000, -5000, -100, 100, 5000, 32000):
        [back] = decode(codec, encode(codec, [sample]))
        assert abs(back - sample) <= max(16, abs(sample) / 16)


def test_g711_agrees_with_the_tables_of_the_standard() -> None:
    # ITU-T G.711 tables 1a and 2a, end and zero values (mu-law 14 bit << 2, A-law 13 bit << 3).
    assert decode("PCMU", b"\x80\x00\xff") == [32124, -32124, 0]
    assert decode("PCMA", b"\xaa\x2a\xd5\x55") == [32256, -32256, 8, -8]


def test_sounds_are_whole_frames_and_bad_kinds_are_refused() -> None:
    assert len(loop_of("melody", "PCMA")) % 160 == 0
    assert set(loop_of("silence", "PCMU")) == {0xFF}
    for bad in ("noise", "tone:high"):
        with pytest.raises(ValueError, match="expected"):
            check_kind(bad)


def test_rtp_with_csrc_extension_and_padding_is_read_and_rubbish_refused() -> None:
    data = bytes([0xB1, 0x80, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3]) + b"csrc" + b"\xbe\xde\0\1abcd" + b"voice" + b"\0\0\3"
    assert Packet.parse(data) == Packet(0, 1, 2, 3, b"voice", True)
    for bad in (b"", b"\x80" * 11, b"\x40" + b"\0" * 20, b"\x90" + b"\0" * 12, b"\xa0" + b"\0" * 11 + b"\xff"):
        with pytest.raises(ValueError):
            Packet.parse(bad)


def test_an_answer_mirrors_the_offer() -> None:
    assert [sdp.answer_direction(d) for d in sdp.DIRECTIONS] == ["sendrecv", "recvonly", "sendonly", "inactive"]
    assert sdp.answer_direction("sendonly", "sendonly") == "inactive"
    offer = sdp.parse(
        b"v=0\r\nc=IN IP4 0.0.0.0\r\nm=video 9 RTP/AVP 97\r\nm=audio 4 RTP/AVP 0\r\nc=IN IP4 10.0.0.1\r\n"
    )
    assert (offer.host, offer.port, offer.on_hold, offer.audio_index) == ("10.0.0.1", 4, False, 1)
    answer = sdp.build(
        host="127.0.0.1", port=6, formats=offer.formats, direction="sendrecv", version=1, answering=offer
    )
    assert b"m=video 0 RTP/AVP 97\r\nm=audio 6 RTP/AVP 0\r\n" in answer
    assert sdp.parse(b"c=IN IP4 0.0.0.0\r\nm=audio 4 RTP/AVP 0\r\n").on_hold, "the hold of RFC 2543"


@pytest.mark.parametrize(
    "bad", [b"", b"v=0\r\n", b"m=audio x RTP/AVP 0\r\n", b"m=audio 1\r\n", b"m=audio 1 RTP/AVP 0" * 2000]
)
def test_bad_sdp_is_a_value_error(bad: bytes) -> None:
    with pytest.raises(ValueError):
        sdp.parse(bad)


async def test_a_bad_offer_is_refused_with_488(server: SipServer, alice: Phone) -> None:
    assert (await alice.call("9664", body=b"rubbish"))[1].code == 488


def test_the_table_of_numbers_is_in_the_help() -> None:
    assert [row.number for row in TABLE] == sorted({row.number for row in TABLE}), "sorted, none twice"
    assert all(f"{row.number}  {row.help}" in help_text() for row in TABLE)


@pytest.mark.parametrize(
    ("number", "code"), [("9302", 302), ("9404", 404), ("9486", 486), ("9500", 500), ("9503", 503), ("9603", 603)]
)
async def test_a_number_refuses_as_the_table_says(server: SipServer, alice: Phone, number: str, code: int) -> None:
    _, answer = await alice.call(number)
    assert answer.code == code
    if code == 302:
        assert answer.headers["Contact"] == f"<sip:9196@{server.address}>"
    if code == 503:
        assert answer.headers["Retry-After"] == "5"


async def test_a_player_does_not_burst_after_a_pause() -> None:
    class Line:
        ssrc = 1
        sent: list[Packet]

        def send(self, packet: Packet) -> None:
            self.sent.append(packet)

    line = Line()
    line.sent = []
    player = Player(line, 0, b"\xff" * 320)  # type: ignore[arg-type]
    player.start()
    player._due -= 10  # the machine slept for ten seconds
    player._send()
    player._send()
    player.stop()
    assert player._due >= asyncio.get_running_loop().time() - 1
    assert len(line.sent) == 3
