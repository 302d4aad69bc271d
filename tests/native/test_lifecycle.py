"""Start, stop and the order of the end: whatever the order, the process lives and errors have words."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import deskphone_sipext as sipext
import pjsua2 as pj
import pytest

from tests.native.native_peer import Message, Peer
from tests.native.native_phone import Phone, Watched, refused_in_another_thread

NATIVE = Path(__file__).resolve().parents[2] / "firmware" / "native"


def test_start_belongs_between_init_and_start_of_the_library(bare_phone: Phone) -> None:
    with pytest.raises(sipext.Error, match="not started"):
        sipext.subscribe(0, "x", print)
    with pytest.raises(TypeError, match="callable"):
        sipext.start(None)  # type: ignore[arg-type]
    bare_phone.start()
    with pytest.raises(sipext.Error, match="already started"):
        sipext.start(bare_phone.hook)
    sipext.stop()
    with pytest.raises(sipext.Error, match="between libInit and libStart"):
        sipext.start(bare_phone.hook)


def test_without_a_library_every_call_is_a_clean_error() -> None:
    with pytest.raises(sipext.Error, match="not running"):
        sipext.start(print)
    with pytest.raises(sipext.Error, match="not running"):
        sipext.subscribe(0, "x", print)
    sipext.stop()


def test_stop_unsubscribes_and_waits_for_the_server(phone: Phone, peer: Peer) -> None:
    watched = Watched(phone)
    watched.establish()
    far_end_answered: list[Message] = []

    def answer_goodbye() -> None:
        while not far_end_answered:
            goodbye = peer.take("SUBSCRIBE")
            if goodbye and goodbye.get("Expires") == "0":
                peer.accept(goodbye, expires=0)
                peer.notify(goodbye, "terminated;reason=timeout")
                far_end_answered.append(goodbye)

    server = threading.Thread(target=answer_goodbye)
    server.start()
    sipext.stop(timeout_ms=20_000)
    server.join()
    assert watched.events[-1].kind == "TERMINATED" and watched.events[-1].reason == "timeout"


def test_stop_does_not_wait_for_a_silent_server(phone: Phone) -> None:
    established, asked = Watched(phone), Watched(phone, "x-unanswered")
    subscribe = phone.take("SUBSCRIBE")
    phone.peer.accept(subscribe)
    phone.peer.notify(subscribe, "active")
    established.wait("NOTIFY")
    sipext.stop(timeout_ms=0)
    for watched in (established, asked):
        assert watched.kinds()[-1] == "TERMINATED" and watched.events[-1].code == 0


def test_after_stop_later_calls_are_clean_errors_and_the_hook_is_quiet(phone: Phone, peer: Peer) -> None:
    watched = Watched(phone)
    watched.establish()
    seen = len(phone.seen)
    sipext.stop(timeout_ms=0)
    with pytest.raises(sipext.Error, match="terminated"):
        watched.handle.refresh()
    with pytest.raises(sipext.Error, match="not started"):
        sipext.subscribe(phone.account.getId(), "x", print)
    watched.handle.close()
    sipext.stop()
    headers = [("From", "<sip:a@b>;tag=1"), ("To", "<sip:c@d>"), ("Call-ID", "late"), ("CSeq", "1 OPTIONS")]
    peer.request("OPTIONS", phone.port, headers)
    phone.take("OPTIONS", 200)
    assert len(phone.seen) == seen


def test_the_library_may_go_without_stop(phone: Phone) -> None:
    established, asked = Watched(phone), Watched(phone, "x-unanswered")
    phone.peer.accept(phone.take("SUBSCRIBE"))
    established.wait("ANSWER")
    phone.endpoint.libDestroy(pj.PJSUA_DESTROY_NO_NETWORK)
    for watched in (established, asked):
        with pytest.raises(sipext.Error, match="terminated"):
            watched.handle.refresh()
        watched.handle.close()
    with pytest.raises(sipext.Error, match="not running"):
        sipext.subscribe(0, "x", print)
    sipext.stop()


def test_the_extension_starts_again_with_a_new_library(peer: Peer) -> None:
    for _ in range(2):
        phone = Phone(peer)
        try:
            phone.start()
            Watched(phone).establish()
        finally:
            phone.end()
        assert phone.peer.take("SUBSCRIBE")  # the goodbye of the first must not look like news of the second


def test_stop_is_refused_inside_a_callback(phone: Phone, peer: Peer) -> None:
    refusals: list[str] = []

    def decide(_message: bytes) -> Any:
        try:
            sipext.stop()
        except sipext.Error as error:
            refusals.append(str(error))
        return 200, "", []

    phone.decide = decide
    headers = [("From", "<sip:a@b>;tag=1"), ("To", "<sip:c@d>"), ("Call-ID", "1"), ("CSeq", "1 NOTIFY")]
    peer.request("NOTIFY", phone.port, [*headers, ("Event", "x")])
    phone.take("NOTIFY", 200)
    assert "cannot be called from a callback" in refusals[0]


def test_a_foreign_thread_is_refused(phone: Phone) -> None:
    assert "foreign thread" in refused_in_another_thread(lambda: sipext.subscribe(0, "x", print))


def test_a_process_that_exits_without_cleaning_up_exits_cleanly() -> None:
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from native_phone import Phone, Watched; from native_peer import Message, Peer\n"
        "phone = Phone(Peer()); phone.start(); watched = Watched(phone); phone.take('SUBSCRIBE')\n"
    )
    command = [sys.executable, "-c", script, str(Path(__file__).parent)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(bool({"VALGRIND", "SANITIZED"} & os.environ.keys()), reason="compiles; says nothing about memory")
def test_an_extension_of_another_build_refuses_to_load(tmp_path: Path) -> None:
    script = (
        "import sys, pathlib, shutil; sys.path.insert(0, sys.argv[1])\n"
        "import build, workshop; work = pathlib.Path(sys.argv[2])\n"
        "made = build.Build(sys.executable); binding = made.pjsua2()\n"
        "made.compile_extension(work, 'another-build', workshop.Steps('test-build-id'))\n"
        "shutil.copy(binding / f'_pjsua2{made.python.suffix}', work)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(NATIVE), str(tmp_path)], check=True, capture_output=True)
    command = [sys.executable, "-c", "import deskphone_sipext"]
    done = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert "ImportError: deskphone_sipext was built for pjproject" in done.stderr
    assert "build another-build" in done.stderr and sipext.BUILD_ID in done.stderr
