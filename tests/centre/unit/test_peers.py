"""The stand-in against real SIP programs: baresip as a phone, SIPp as a caller. Slow; skipped where not installed."""

from __future__ import annotations

import asyncio
import glob
import math
import struct
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from centre import SipServer
from centre.audio import decibels, goertzel
from tests.needs import needs

pytestmark = [pytest.mark.slow, pytest.mark.peer]

CONFIG = """\
module_path {modules}
module g711.so
module aufile.so
module aubridge.so
module sndfile.so
module_app account.so
module_app menu.so
audio_source aufile,{folder}/speech.wav
audio_player aubridge,nobody
audio_alert aubridge,nobody
snd_path {folder}
sip_listen 127.0.0.1:0
net_interface 127.0.0.1
"""
MODULES = "/usr/lib/baresip/modules"


def write_tone(path: Path, hertz: float, seconds: int) -> None:
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        samples = (round(9000 * math.sin(2 * math.pi * hertz * i / 8000)) for i in range(8000 * seconds))
        sound.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))


@asynccontextmanager
async def baresip(
    server: SipServer, folder: Path, codec: str, *commands: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A baresip registered as 1502 that answers by itself and speaks 1000 Hz."""
    needs("baresip")
    write_tone(folder / "speech.wav", 1000, 20)
    (folder / "config").write_text(CONFIG.format(modules=MODULES, folder=folder))
    (folder / "accounts").write_text(
        f"<sip:1502@127.0.0.1:{server.port}>;auth_user=1502;auth_pass=secret;regint=60;answermode=auto;"
        f"audio_codecs={codec}\n"
    )
    arguments = [part for command in commands for part in ("-e", command)]
    process = await asyncio.create_subprocess_exec(
        "baresip", "-f", str(folder), *arguments, "-t", "20",
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        await server.wait_registered("1502", within=10)
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await asyncio.wait_for(process.wait(), 10)


@pytest.mark.parametrize("codec", ["PCMA", "PCMU"])
async def test_a_customer_and_baresip_hear_each_other(tmp_path: Path, codec: str) -> None:
    async with SipServer(dns={"1502": "secret"}) as server, baresip(server, tmp_path, codec):
        customer = server.call("1502", media="tone:700")
        await customer.wait("answered", within=5)
        assert customer.codec == codec
        assert await customer.hear(1000, above=-20, within=5) > -20
        assert customer.ear.level(700) < -40, "no echo of ourselves"
        assert customer.ear.loss <= 0.01
        customer.leave()
        await server.wait_until(lambda: not server.calls.live, within=5)
    [heard] = glob.glob(f"{tmp_path}/dump-*-dec.wav")
    with wave.open(heard) as sound:
        frames = sound.readframes(sound.getnframes())
        samples = list(struct.unpack(f"<{len(frames) // 2}h", frames))
    assert decibels(goertzel(samples[800:], 700)) > -20, "baresip heard our tone"


async def test_baresip_dials_the_echo_and_hangs_up(tmp_path: Path) -> None:
    async with SipServer(dns={"1502": "secret"}) as server, baresip(server, tmp_path, "PCMA", "/dial 9196"):
        await server.wait_until(lambda: any(c.state == "answered" for c in server.calls.live), within=5)
        echo = server.calls.live[0].second
        assert echo is not None
        await server.wait_until(lambda: getattr(echo, "packets_sent", 0) > 20, within=5)
    assert any(m.method == "BYE" and m.direction == "in" for m in server.messages)


async def test_sipp_places_fifty_calls_to_the_echo_without_a_failure(tmp_path: Path) -> None:
    needs("sipp")
    async with SipServer(guests=True) as server:
        process = await asyncio.create_subprocess_exec(
            "sipp", "-sn", "uac", "-s", "9196", "-i", "127.0.0.1", "-m", "50", "-r", "50", "-d", "100", "-nostdin",
            "-timeout", "20", f"127.0.0.1:{server.port}", cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        output, _ = await asyncio.wait_for(process.communicate(), 30)
        assert process.returncode == 0, output.decode("utf-8", "replace")[-1500:]
        assert server.agent.errors == 0 and server.calls.live == []
