"""What is heard and said: RTP measured at the far end, tones and mixing in a WAV file, the browser's voice."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path as File

import pytest

from deskphone.core.effects import Dial, Register
from deskphone.core.events import CallEnded, CallMedia, DriverFailed, Registered
from deskphone.core.voice_path import VoicePath
from deskphone.sip.options import Sound, SoundDevice
from deskphone.view.outputs import Audio
from tests.sip.useragent.conftest import Phone, account_at, settings_for, talk_out, wait_for
from tests.sip.useragent.peer import Peer, Rtp, audio_of, direction_of, sdp
from tests.sip.useragent.sounds import (
    PATIENCE,
    PCMU,
    heard,
    power,
    read_wav,
    sine,
    speak_until,
    spoken,
    unfinished_wav,
    write_wav,
)

pytestmark = pytest.mark.sip
Make = Callable[..., Phone]


def test_the_microphone_is_heard_at_the_far_end_until_muted(
    make_phone: Make, peer: Peer, rtp: Rtp, tmp_path: File
) -> None:
    write_wav(tmp_path / "in.wav", sine(1000, 16_000, 1.0))
    phone = make_phone(sound=Sound("wav", str(tmp_path / "in.wav"), ""))
    phone.do(Register(account_at(peer)))
    phone.expect(Registered)
    talk_out(phone, peer, rtp)
    phone.sound(Audio(VoicePath.HANDSET, calls=("out-1",)))
    wait_for(lambda: heard(rtp, 1000) > 0.2, "the tone at the far end")
    phone.sound(Audio(VoicePath.HANDSET, calls=("out-1",), muted=True))
    wait_for(lambda: heard(rtp, 1000) < 0.005, "silence at the far end")
    before = len(rtp.packets)
    wait_for(lambda: len(rtp.packets) > before + 5, "RTP goes on while muted")
    phone.sound(Audio(VoicePath.HANDSET, calls=("out-1",)))
    wait_for(lambda: heard(rtp, 1000) > 0.2, "the tone again")


def test_the_far_end_and_a_tone_are_heard_here(make_phone: Make, peer: Peer, rtp: Rtp, tmp_path: File) -> None:
    phone = make_phone(sound=Sound("wav", "", str(tmp_path / "out.wav")))
    phone.do(Register(account_at(peer)))
    phone.expect(Registered)
    phone.sound(Audio(VoicePath.HANDSET, volume=6, tone="dial", country="DE"))
    wait_for(lambda: (tmp_path / "out.wav").exists() and phone.agent.voice.levels()[1] > 0, "the tone in the bridge")
    invite, _ = talk_out(phone, peer, rtp)
    phone.sound(Audio(VoicePath.HANDSET, volume=6, calls=("out-1",)))
    place, frames = audio_of(invite), spoken(1300)
    speak_until(
        lambda: power(unfinished_wav(tmp_path / "out.wav")[-1600:], 1300, 16_000) > 0.2,
        "the far end",
        lambda number: rtp.send(place, PCMU, frames[number % 50], number, number * 160),
    )
    phone.stop()
    recorded = read_wav(tmp_path / "out.wav")
    pieces = [recorded[at : at + 1600] for at in range(0, len(recorded), 1600)]
    assert max(power(piece, 425, 16_000) for piece in pieces) > 0.05, "the German dial tone"


def test_two_calls_in_a_conference_hear_each_other_and_us(
    make_phone: Make, peer: Peer, rtp: Rtp, tmp_path: File
) -> None:
    write_wav(tmp_path / "in.wav", sine(1000, 16_000, 1.0, 6000))
    other = Rtp()
    phone = make_phone(sound=Sound("wav", str(tmp_path / "in.wav"), ""))
    phone.do(Register(account_at(peer)))
    phone.expect(Registered)
    first, _ = talk_out(phone, peer, rtp, "out-1")
    talk_out(phone, peer, other, "out-2")
    phone.sound(Audio(VoicePath.HANDSET, calls=("out-1", "out-2")))
    place, frames = audio_of(first), spoken(1600, 6000)
    speak_until(
        lambda: heard(other, 1600) > 0.05 and heard(other, 1000) > 0.05,
        "the first call and our microphone in the second",
        lambda number: rtp.send(place, PCMU, frames[number % 50], number, number * 160),
    )
    assert heard(rtp, 1600) < 0.02, "nobody hears himself"
    other.close()


def test_a_browser_hears_and_speaks(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    frames: list[bytes] = []
    phone.agent.voice.attach(frames.append)
    invite, _ = talk_out(phone, peer, rtp)
    phone.sound(Audio(VoicePath.HANDSET, volume=6, calls=("out-1",)))
    place, out, back = audio_of(invite), struct.pack("<16000h", *sine(800, 16_000, 1.0)), spoken(1900)

    def say(number: int) -> None:
        at = number % 50 * 640
        phone.agent.voice.feed(out[at : at + 640])
        rtp.send(place, PCMU, back[number % 50], number, number * 160)

    def all_heard() -> bool:
        last = b"".join(frames[-5:])
        here = power(list(struct.unpack(f"<{len(last) // 2}h", last)), 1900, 16_000)
        return heard(rtp, 800) > 0.2 and here > 0.2 and min(phone.agent.voice.levels()) > 0.1

    speak_until(all_heard, "800 Hz there, 1,900 Hz here, and both levels", say)
    phone.agent.voice.attach(None)
    for _ in range(10):
        phone.agent.voice.feed(bytes(640))  # frames that were under way when the page closed
    wait_for(lambda: phone.agent.voice.levels() == (0.0, 0.0) or heard(rtp, 800) < 0.01, "the browser gone")
    frames_then, packets = len(frames), len(rtp.packets)
    wait_for(lambda: len(rtp.packets) > packets + 10, "the call going on")
    assert len(frames) == frames_then


def test_browsers_come_and_go_but_their_port_outlives_the_clock(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    """The clock thread calls into the port all the time: a port that went meanwhile ended the process."""
    talk_out(phone, peer, rtp)
    phone.sound(Audio(VoicePath.HANDSET, calls=("out-1",)))
    board = phone.agent.board
    assert board is not None
    ports = set()
    for _ in range(20):
        frames: list[bytes] = []
        phone.agent.voice.attach(frames.append)
        phone.agent.voice.feed(bytes(640))
        wait_for(lambda heard=frames: len(heard) > 0, "a frame for this browser")  # type: ignore[misc]
        ports.add(board._browser)
        phone.agent.voice.attach(None)
    assert len(ports) == 1, "one port for all of them"
    there: list[bool] = []
    finish = board._devices.finish

    def watched() -> None:
        there.append(board._browser is not None)
        finish()
        there.append(board._browser is not None and not board._devices.is_open)

    board._devices.finish = watched  # type: ignore[method-assign]
    ports.clear()
    phone.stop()
    assert there == [True, True], "the clock stops first"


def test_a_sound_card_that_does_not_open_is_told_and_the_call_lives(make_phone: Make, peer: Peer, rtp: Rtp) -> None:
    nowhere = {VoicePath.HANDSET: SoundDevice("no such card", "no such card")}
    phone = make_phone(sound=Sound("alsa", devices=nowhere))
    phone.do(Register(account_at(peer)))
    phone.expect(Registered)
    talk_out(phone, peer, rtp)
    phone.sound(Audio(VoicePath.HANDSET, calls=("out-1",)))
    failed = phone.expect(DriverFailed)
    assert failed.name == "audio"
    assert "handset" in failed.detail
    wait_for(lambda: len(rtp.packets) > 5, "RTP without a card")


def test_packets_are_marked_for_the_network(make_phone: Make, peer: Peer) -> None:
    phone = make_phone()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(5)
        listener.setsockopt(socket.IPPROTO_IP, socket.IP_RECVTOS, 1)
        place = f"sip:127.0.0.1:{listener.getsockname()[1]}"
        phone.do(Register(replace(account_at(peer), registrar=place, proxy=place)))
        marks = listener.recvmsg(65_535, 64)[1]
    assert marks[0][2][0] == 160, "CS5 on SIP"


def test_an_idle_phone_runs_no_sound_clock(phone: Phone) -> None:
    board = phone.agent.board
    assert board is not None
    assert not board._devices.is_open
    phone.sound(Audio(VoicePath.SPEAKER, tone="busy"))
    wait_for(lambda: board._devices.is_open, "the clock")
    phone.sound(Audio())
    wait_for(lambda: not board._devices.is_open, "the clock stopped", PATIENCE)


def test_the_quality_of_a_call_can_be_read(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    invite, _ = talk_out(phone, peer, rtp)
    phone.sound(Audio(VoicePath.HANDSET, calls=("out-1",)))
    place = audio_of(invite)
    for number in (0, 1, 2, 4, 5):  # the fourth is lost
        rtp.send(place, PCMU, bytes([0xFF]) * 160, number, number * 160)

    def read() -> bool:
        quality = phone.agent.quality("out-1")
        return quality is not None and quality.received >= 5 and quality.sent > 10

    wait_for(read, "quality")
    quality = phone.agent.quality("out-1")
    assert quality is not None
    assert quality.codec == "PCMU/8000"
    assert quality.lost == 1
    assert 10 < quality.loss_percent < 20


def test_a_far_end_without_media_on_hold_is_not_taken_for_lost(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    _, dialog = talk_out(phone, peer, rtp)
    peer.send("INVITE", dialog, (), sdp(rtp.port, "inactive"))
    response = peer.response(200, "INVITE")
    assert direction_of(response) == "inactive"
    peer.ack(dialog, response)
    assert phone.expect(CallMedia).remote_hold


@pytest.mark.parametrize("codec", ["8 PCMA/8000", "9 G722/8000", "111 opus/48000/2"])
def test_other_codecs_are_spoken(phone: Phone, peer: Peer, rtp: Rtp, codec: str) -> None:
    phone.do(Dial("out-1", 0, "2001"))
    invite = peer.request("INVITE")
    payload, name = codec.split()
    assert f"a=rtpmap:{codec}" in invite.body.decode().split("\r\n")
    peer.reply(invite, 200, "OK", (), sdp(rtp.port, codec=f"{payload} {name}"))
    phone.sound(Audio(VoicePath.HANDSET, calls=("out-1",)))
    assert phone.expect(CallMedia).codec.split("/")[0].lower() == name.split("/")[0].lower()
    wait_for(lambda: len(rtp.payloads(int(payload))) > 5, "RTP of that codec")


def test_a_call_whose_rtp_stops_is_ended(make_phone: Make, peer: Peer, rtp: Rtp) -> None:
    phone = make_phone(settings_for(media={"loss_timeout": 1}))
    phone.do(Register(account_at(peer)))
    phone.expect(Registered)
    talk_out(phone, peer, rtp)
    assert phone.expect(CallEnded).code == 408


def test_a_call_to_a_dead_far_end_is_over_though_nobody_answers_the_bye(make_phone: Make, peer: Peer, rtp: Rtp) -> None:
    phone = make_phone(settings_for(media={"loss_timeout": 1}))
    phone.do(Register(account_at(peer)))
    phone.expect(Registered)
    peer.automatic["BYE"] = lambda request: None
    talk_out(phone, peer, rtp)
    assert phone.expect(CallEnded).code == 408
    phone.nothing(CallEnded, 1.0)


def test_a_far_end_that_holds_and_is_silent_is_not_taken_for_dead(make_phone: Make, peer: Peer, rtp: Rtp) -> None:
    """sendonly permits, it does not oblige (RFC 3264 section 5.1): the watch counts where media is due."""
    phone = make_phone(settings_for(media={"loss_timeout": 1}))
    phone.do(Register(account_at(peer)))
    phone.expect(Registered)
    _, dialog = talk_out(phone, peer, rtp)
    peer.send("INVITE", dialog, (), sdp(rtp.port, "sendonly"))
    peer.ack(dialog, peer.response(200, "INVITE"))
    assert phone.expect(CallMedia, remote_hold=True)
    phone.nothing(CallEnded, 3.0)  # three times the patience of the settings
    peer.send("INVITE", dialog, (), sdp(rtp.port))  # taken back, and still silent: now it is dead
    peer.ack(dialog, peer.response(200, "INVITE"))
    assert phone.expect(CallEnded).code == 408
