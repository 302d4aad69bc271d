"""A USB headset's or handset's keys and lamps: reports in and out of a device that is a socket here."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from deskphone.core.events import Event, HookMoved, KeyDown, KeyUp
from deskphone.drivers.usb_headset import Means, Translator, UsbHeadset
from deskphone.view.outputs import Lamp, Lamps
from deskphone.wire.hid_report import telephone
from tests.unit.drivers.fakes import Posted
from tests.unit.drivers.showing import showing
from tests.unit.wire.hid_descriptors import HANDSET, HEADSET, KEYBOARD

CALL, MUTE = bytes([2, 0b001]), bytes([2, 0b010])
QUIET = bytes([2, 0])
TALKING = Lamps(headset=Lamp.ON)


def translator(descriptor: bytes) -> Translator:
    device = telephone(descriptor)
    assert device is not None
    return Translator(device)


def pressed(name: str) -> tuple[Event, ...]:
    return KeyDown(name), KeyUp(name)


def test_the_headsets_button_is_the_headset_key_and_its_answer_to_our_lamp_is_none() -> None:
    headset = translator(HEADSET)
    assert headset.events(CALL) == pressed("headset"), "a call is answered"
    assert headset.lamps(TALKING) == (bytes([3, 0b001]),)
    assert headset.events(CALL) == ()
    assert headset.events(QUIET) == pressed("headset"), "and ended"
    headset.lamps(Lamps())
    assert headset.events(QUIET) == ()


def test_a_call_taken_with_the_phones_own_key_is_no_key_of_the_headset() -> None:
    headset = translator(HEADSET)
    headset.lamps(TALKING)
    assert headset.events(CALL) == (), "the headset says that it is off hook because we told it so"
    headset.lamps(Lamps())
    assert headset.events(QUIET) == ()


def test_mute_is_a_press_and_volume_is_held() -> None:
    headset = translator(HEADSET)
    assert headset.events(MUTE) == (KeyDown("mute"),)
    assert headset.events(QUIET) == (KeyUp("mute"),)
    assert headset.events(bytes([1, 0b01])) == (KeyDown("volume_up"),)
    assert headset.events(bytes([1, 0b01])) == ()
    assert headset.events(bytes([1, 0b00])) == (KeyUp("volume_up"),)


def test_a_reports_keys_do_not_release_those_of_another() -> None:
    headset = translator(HEADSET)
    headset.events(bytes([1, 0b01]))
    assert headset.events(MUTE) == (KeyDown("mute"),)


def test_lamps_are_those_of_the_phone() -> None:
    headset = translator(HEADSET)
    assert headset.lamps(Lamps(ring=Lamp.FAST)) == (bytes([3, 0b100]),)
    assert headset.lamps(Lamps(ring=Lamp.ON)) == (bytes([3, 0]),), "the lamp of a call that is there is no ring"
    assert headset.lamps(Lamps(headset=Lamp.ON, mute=Lamp.SLOW)) == (bytes([3, 0b011]),)
    assert headset.lamps(Lamps()) == (bytes([3, 0]),)


def test_a_handset_is_the_hook() -> None:
    handset = translator(HANDSET)
    assert handset.events(b"\x01") == (HookMoved(True),)
    assert handset.events(b"\x01") == ()
    assert handset.events(b"\x00") == (HookMoved(False),)


def test_a_device_that_goes_leaves_no_key_down_and_no_handset_lifted() -> None:
    headset, handset = translator(HEADSET), translator(HANDSET)
    headset.events(bytes([1, 0b10]))
    handset.events(b"\x01")
    assert headset.gone() == (KeyUp("volume_down"),)
    assert handset.gone() == (HookMoved(False),)


class Usb:
    """Sockets in place of /dev/hidraw: the driver opens its end by /proc, the test has the other."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._number = folder, 0
        self.plugged: dict[Path, bytes] = {}
        self._opened: dict[int, bytes] = {}

    def plug(self, descriptor: bytes) -> Path:
        path = self._folder / f"hidraw{self._number}"
        self._number += 1
        os.mkfifo(path)
        self.plugged[path] = descriptor
        return path

    def means(self) -> Means:
        return Means(lambda: sorted(self.plugged), self.descriptor, 0.005)

    def descriptor(self, handle: int) -> bytes:
        return self.plugged[Path(os.readlink(f"/proc/self/fd/{handle}"))]


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(2500):
        if condition():
            return
        await asyncio.sleep(0.002)
    raise AssertionError("waited 5 s in vain")


async def test_a_headset_is_found_beside_a_keyboard_read_and_looked_for_again(tmp_path: Path) -> None:
    usb, posted = Usb(tmp_path), Posted()
    usb.plug(KEYBOARD)
    path = usb.plug(HEADSET)
    driver = UsbHeadset(usb.means())
    task = asyncio.create_task(driver.run(posted))
    device = os.open(path, os.O_RDWR)
    try:
        # A pipe has no two ends: what the driver writes comes back to it as a report of number 3, which tells nothing.
        os.write(device, CALL)
        await until(lambda: posted.events == list(pressed("headset")))
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        os.close(device)


async def test_lamps_reach_the_device_and_its_end_is_noticed(tmp_path: Path) -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    theirs.setblocking(False)
    found = [Path(f"/proc/self/fd/{ours.fileno()}")]
    posted, opened = Posted(), os.dup(ours.fileno())
    driver = UsbHeadset(Means(lambda: found, lambda _: HANDSET, 0.005))
    os.set_blocking(opened, False)
    translated = translator(HANDSET)
    serving = asyncio.create_task(driver._serve(opened, translated, posted))
    driver._loop = asyncio.get_running_loop()
    heard: list[bytes] = []

    def listen() -> bool:
        try:
            heard.append(theirs.recv(64))
        except BlockingIOError:
            return False
        return True

    await until(listen)
    assert heard == [b"\x00\x00"]
    driver.show(showing(lamps=Lamps(ring=Lamp.FAST)))
    await until(listen)
    assert heard[-1] == b"\x00\x02"
    theirs.send(b"\x01")
    await until(lambda: posted.events == [HookMoved(True)])
    theirs.close()
    await asyncio.wait_for(serving, 5)
    assert posted.events == [HookMoved(True), HookMoved(False)]
    ours.close()
    os.close(opened)
