"""The packet capture as it runs: a real tcpdump, packets of loopback, and what must never be in its file."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import socket
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import ModuleType

import pytest

from deskphone.drivers.capture import Capture
from tests.peers.child import wait_until

SCRIPT = Path(__file__).resolve().parents[2] / "image/rootfs/usr/lib/deskphone/capture.py"


@pytest.fixture(scope="module")
def capture() -> ModuleType:
    spec = importlib.util.spec_from_file_location("capture", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["capture"] = module
    spec.loader.exec_module(module)
    return module


def udp(payload: bytes, kind: bytes = b"\x08\x00") -> bytes:
    """A packet of tcpdump's `any`: its head of 20 bytes, IPv4, UDP."""
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 28 + len(payload), 0, 0, 64, 17, 0, b"\x7f\0\0\x01", b"\x7f\0\0\x01")
    return kind + bytes(18) + ip + struct.pack(">HHHH", 5060, 5062, 8 + len(payload), 0) + payload


def tcp(payload: bytes) -> bytes:
    """The same with TCP and IPv6, whose head has options."""
    ip = struct.pack(">IHBB16s16s", 0x60000000, 32 + len(payload), 6, 64, bytes(16), bytes(16))
    head = struct.pack(">HHIIBBHHH", 5060, 40001, 0, 0, 0x80, 0x18, 1, 0, 0) + bytes(12)
    return b"\x86\xdd" + bytes(18) + ip + head + payload


def test_sip_stays_readable_and_its_proof_does_not(capture: ModuleType) -> None:
    packet = udp(b'REGISTER sip:a SIP/2.0\r\nAuthorization: Digest response="5ec2e7"\r\nExpires: 60\r\n\r\n')
    found = capture.Masker(276).masked(packet)
    assert len(found) == len(packet) and b"5ec2e7" not in found
    assert b"REGISTER sip:a SIP/2.0" in found and b"Expires: 60" in found


def test_of_voice_only_the_head_is_kept_and_of_rtcp_all(capture: ModuleType) -> None:
    masker, head = capture.Masker(276), b"\x80\x08" + bytes(10)
    assert masker.masked(udp(head + b"what is said")) == udp(head + b"what is said")[: -len(b"what is said")]
    report = b"\x80\xc8" + bytes(26)
    assert masker.masked(udp(report)) == udp(report)


@pytest.mark.parametrize("cut", range(0, 62, 3))
def test_a_header_that_goes_on_in_the_next_segment_is_written_over(capture: ModuleType, cut: int) -> None:
    message = b'REGISTER sip:a SIP/2.0\r\nAuthorization: Digest response="5ec2e7aa5ec2e7aa"\r\nExpires: 60\r\n\r\n'
    masker = capture.Masker(276)
    kept = b"".join(masker.masked(tcp(part))[20 + 40 + 32 :] for part in (message[: 30 + cut], message[30 + cut :]))
    assert len(kept) == len(message) and b"Expires: 60" in kept
    # Of a name that is not whole yet nothing is known; of the value at most what came before is.
    assert b"aa5ec2e7" not in kept and b'5ec2e7aa"' not in kept


@pytest.mark.parametrize("size", range(0, 80, 7))
def test_what_is_cut_off_anywhere_is_no_fault(capture: ModuleType, size: int) -> None:
    for packet in (udp(b"x" * 40), tcp(b"y" * 40), os.urandom(80)):
        assert len(capture.Masker(276).masked(packet[:size])) <= size


def test_what_cannot_be_read_alone_is_cut_off(capture: ModuleType) -> None:
    """A password may begin in one packet and end in the next; nothing in the second says that it is one."""
    masker, secret = capture.Masker(276), b"5ec2e7"
    block = udp(b"\0\3\0\2" + secret + b"\nvoip/line/0/id=1502\n")
    assert masker.masked(block) == block[: 20 + 28 + 4]
    for typed in (b"\x9c\x41\0\x17", b"\0\x17\x9c\x41"):
        letters = tcp(secret).replace(struct.pack(">HH", 5060, 40001), typed)
        assert masker.masked(letters) == letters[: -len(secret)]
    whole = udp(secret)
    later = whole[:26] + b"\0\x10" + whole[28:]
    assert masker.masked(later) == later[:40]
    head = struct.pack(">IHBB16s16s", 0x60000000, 14 + len(whole), 44, 64, bytes(16), bytes(16))
    later = b"\x86\xdd" + bytes(18) + head + b"\x11\0\0\x08\0\0\0\1"
    assert masker.masked(later + secret) == later


def test_a_capture_that_was_killed_does_not_run_for_ever(tmp_path: Path) -> None:
    asked = Capture(tmp_path / "word", tmp_path)
    for until, step in ((5, "running"), (-60, "failed"), (100_000, "failed")):
        (tmp_path / "state").write_text(json.dumps({"step": "running", "number": 1, "until": int(time.time()) + until}))
        assert asked.state()["step"] == step
    asked.ask(5, "127.0.0.1")
    assert (tmp_path / "word").read_text().endswith(" 5 127.0.0.1\n")


def test_the_ring_keeps_the_newest(capture: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capture, "MOST_BYTES", 50_000)
    head = struct.pack("=IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 4096, 276)
    ring = capture.Ring(head)
    for number in range(100):
        packet = udp(b"\x00" + bytes(1000))
        ring.add(struct.pack("=IIII", number, 0, len(packet), len(packet)), packet)
    content = ring.content()
    assert capture.MOST_BYTES - 2000 < len(content) <= capture.MOST_BYTES and len(content) == ring.size
    last = len(content) - 16 - len(packet)
    assert struct.unpack_from("=I", content, last)[0] == 99


@pytest.mark.parametrize("word", [
    "", "capture 1 60 127.0.0.1", "capture 1 601 127.0.0.1\n", "capture 1 0 ::1\n", "capture 1 5 1.2.3\n",
    "capture 1 5 ::1 or port 1\n", "install 1\n", "capture 1 5 ::1\ncapture 2 5 ::1\n",
])  # fmt: skip
def test_another_word_captures_nothing_and_says_so(capture: ModuleType, tmp_path: Path, word: str) -> None:
    (tmp_path / "word").write_text(word)
    assert capture.main(str(tmp_path / "word"), str(tmp_path)) == 1
    state = json.loads((tmp_path / "state").read_text())
    assert state["step"] == "failed" and not (tmp_path / "capture.pcap").exists()


def test_a_link_to_another_file_is_no_word(capture: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "other").write_text("capture 1 5 127.0.0.1\n")
    (tmp_path / "word").symlink_to(tmp_path / "other")
    assert capture.main(str(tmp_path / "word"), str(tmp_path)) == 1


@pytest.mark.needs("tcpdump")
@pytest.mark.skipif(os.geteuid() != 0, reason="raw packets are root's")
def test_what_passes_is_captured_by_tcpdump_and_tcpdump_reads_the_file(tmp_path: Path) -> None:
    asked = Capture(tmp_path / "capture", tmp_path)
    asked.ask(60, "127.0.0.1")
    child = subprocess.Popen([sys.executable, "-I", "-B", str(SCRIPT), str(tmp_path / "capture"), str(tmp_path)])
    try:
        wait_until("the capture", lambda: asked.state()["step"] == "running", 30)
        with pytest.raises(ValueError, match="runs already"):
            asked.ask(60, "127.0.0.1")
        with (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as there,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as here,
        ):
            there.bind(("127.0.0.1", 0))
            message = b"OPTIONS sip:a SIP/2.0\r\nProxy-Authorization: Digest response=5ec2e7\r\n\r\n"
            end = threading.Event()

            def talk() -> None:
                while not end.wait(0.05):
                    here.sendto(message, there.getsockname())

            speaker = threading.Thread(target=talk)
            speaker.start()
            try:
                wait_until("a packet", lambda: there.recv(100), 30)
                wait_until("tcpdump", lambda: _listens(child.pid), 30)
                for _ in range(20):
                    there.recv(100)
            finally:
                end.set()
                speaker.join()
        subprocess.run(["kill", str(_child(child.pid))], check=True)  # what ends early is kept
        assert child.wait(30) == 0
    finally:
        child.kill()
        child.wait()
    assert asked.state()["step"] == "done" and asked.file is not None
    content = asked.file.read_bytes()
    assert b"OPTIONS sip:a" in content and b"5ec2e7" not in content
    read = subprocess.run(["tcpdump", "-r", str(asked.file), "-n", "-A"], capture_output=True, text=True, check=True)
    assert "OPTIONS sip:a SIP/2.0" in read.stdout and re.search(r"IP 127\.0\.0\.1\.\d+ > 127", read.stdout)


def _child(pid: int) -> int:
    """tcpdump, which the script started; 0 while there is none."""
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(text[0]) if text else 0


def _listens(pid: int) -> bool:
    """Whether tcpdump has its socket: a line of /proc/net/packet with its inode."""
    program = _child(pid)
    if not program:
        return False
    inodes = {line.split()[-1] for line in Path("/proc/net/packet").read_text().splitlines()[1:]}
    try:
        links = [os.readlink(each) for each in Path(f"/proc/{program}/fd").iterdir()]
    except OSError:
        return False
    return any(link == f"socket:[{inode}]" for link in links for inode in inodes)
