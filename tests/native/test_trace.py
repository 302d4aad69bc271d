"""The trace: what passed stands in it both ways, byte for byte, and it never grows."""

from __future__ import annotations

import threading
import time

import deskphone_sipext as sipext

from tests.native.native_peer import Peer
from tests.native.native_phone import Phone
from tests.native.test_hook import only_known_events, send


def test_both_ways_stand_in_it_byte_for_byte(phone: Phone, peer: Peer) -> None:
    phone.decide = only_known_events
    before = sipext.trace()[-1][0] if sipext.trace() else 0
    sent = send(peer, phone, "NOTIFY", "check-sync;reboot=false")
    answer = phone.take("NOTIFY", 200)
    found = [each for each in sipext.trace(before) if b"Call-ID: outside" in each[7]]
    assert [each[2] for each in found] == [False, True]
    assert found[0][7] == sent and found[0][6] == len(sent)
    assert found[0][3:6] == ("UDP", "127.0.0.1", peer.port) == found[1][3:6]
    assert found[1][7].startswith(answer.first_line.encode())
    assert abs(found[1][1] - time.time()) < 60


def test_it_stays_small_whatever_comes_and_any_thread_may_read_it(phone: Phone, peer: Peer) -> None:
    phone.decide = only_known_events
    read: list[int] = []
    end = threading.Event()

    def look() -> None:
        while not end.is_set():
            read.append(len(sipext.trace()))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        for number in range(220):
            send(peer, phone, "NOTIFY", "nobodys", call_id=f"flood-{number}", X_Long="x" * 3000)
            phone.take("NOTIFY", 489)
    finally:
        end.set()
        thread.join()
    found = sipext.trace()
    assert len(found) <= 400 and sum(len(each[7]) for each in found) <= 262_144 and max(read) <= 400
    assert [each[0] for each in found] == list(range(found[0][0], found[-1][0] + 1))
    assert sipext.trace(found[-1][0]) == []
