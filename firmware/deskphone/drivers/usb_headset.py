"""Keys and lamps of a USB headset or handset, by its HID reports on /dev/hidraw: hook, mute, volume, digits; off-hook,
ring, mute and message lamps.

Law: what the device says becomes keys and hook, what the phone shows becomes its lamps; what they mean is decided
elsewhere. By hidraw, not evdev: Linux's hid-input has no key for the hook switch and no lamp for ring and off-hook
(6.12, drivers/hid/hid-input.c: HID_UP_TELEPHONY, HID_UP_LED). No device is no fault; one that goes is looked for.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from deskphone.core.events import Event, HookMoved, KeyDown, KeyUp
from deskphone.drivers import devices as nodes
from deskphone.drivers.ports import Part, Post
from deskphone.view.outputs import Lamp, Lamps, Outputs
from deskphone.wire.errors import WireError
from deskphone.wire.hid_report import MAX_DESCRIPTOR, Telephone, telephone

LOG = logging.getLogger("deskphone.headset")
OPENS = (nodes.HID,)
LOOK_S = 2.0  # how soon a plugged-in headset is seen
HOOK, MUTE = 0x0B0020, 0x0B002F
KEYS = {  # HID Usage Tables 1.4, sections 14 (telephony) and 15 (consumer)
    0x0B0021: "hold",  # Flash
    0x0B0024: "redial",
    MUTE: "mute",
    0x0C00E2: "mute",
    0x0C00E9: "volume_up",
    0x0C00EA: "volume_down",
    **{0x0B00B0 + digit: str(digit) for digit in range(10)},
    0x0B00BA: "*",
    0x0B00BB: "#",
}
OFF_HOOK_LAMP, MUTE_LAMP, MESSAGE_LAMP = 0x080017, 0x080009, 0x080019
RING_LAMPS = (0x080018, 0x0B009E)  # the lamp, and Telephony's Ringer
HIDIOCGRDESCSIZE, HIDIOCGRDESC = 0x80044801, 0x90044802  # linux/hidraw.h


def report_descriptor(handle: int) -> bytes:
    """The report descriptor of an open /dev/hidraw (linux/hidraw.h). Raises OSError."""
    (size,) = struct.unpack("i", fcntl.ioctl(handle, HIDIOCGRDESCSIZE, bytes(4)))
    answer = bytearray(struct.pack("I", size) + bytes(MAX_DESCRIPTOR))
    fcntl.ioctl(handle, HIDIOCGRDESC, answer)
    return bytes(answer[4 : 4 + size])


def devices() -> list[Path]:
    """The nodes /dev/hidraw*, by name."""
    return sorted(Path("/dev").glob("hidraw*"))


@dataclass(frozen=True, slots=True)
class Means:
    """How devices are found and asked; the tests have others. look_s: seconds until it is looked again."""

    devices: Callable[[], Iterable[Path]] = devices
    descriptor: Callable[[int], bytes] = report_descriptor
    look_s: float = LOOK_S


class Translator:
    """Reports of one device as events, and lamps as reports. Knows what the device last said, and what it shows."""

    def __init__(self, device: Telephone) -> None:
        self._device = device
        self._on: frozenset[int] = frozenset()
        self._lamps = Lamps()

    def lamps(self, lamps: Lamps) -> tuple[bytes, ...]:
        """The reports that show these lamps."""
        self._lamps = lamps
        lit = set[int]()
        if lamps.headset is not Lamp.OFF and self._device.headset:
            lit.add(OFF_HOOK_LAMP)
        if lamps.ring is Lamp.FAST:  # otherwise the phone's lamp tells of a call that is there
            lit.update(RING_LAMPS)
        if lamps.mute is not Lamp.OFF:
            lit.add(MUTE_LAMP)
        if lamps.message is not Lamp.OFF:
            lit.add(MESSAGE_LAMP)
        return self._device.write(frozenset(lit))

    def events(self, report: bytes) -> tuple[Event, ...]:
        """What one input report tells. Raises WireError."""
        known, on = self._device.read(report)
        before, self._on = self._on, (self._on - known) | on
        told: list[Event] = []
        for usage in sorted(known):
            was, now = usage in before, usage in on
            if usage == HOOK:
                told += self._hook(was, now)
            elif usage in KEYS and was != now:
                told.append(KeyDown(KEYS[usage]) if now else KeyUp(KEYS[usage]))
        return tuple(told)

    def gone(self) -> tuple[Event, ...]:
        """The plug was pulled: no key stays down, a lifted handset counts as put down."""
        told: list[Event] = [KeyUp(KEYS[usage]) for usage in sorted(self._on) if usage in KEYS]
        if HOOK in self._on and not self._device.headset:
            told.append(HookMoved(False))
        return tuple(told)

    def _hook(self, was: bool, now: bool) -> list[Event]:
        """A handset's switch is the hook. A headset's is its key: where it wants another state than the phone is in;
        its answer to our own lamp is no key."""
        if not self._device.headset:
            return [HookMoved(now)] if was != now else []
        if self._device.relative(HOOK):
            pressed = now and not was
        else:
            pressed = now not in (was, self._lamps.headset is not Lamp.OFF)
        return [KeyDown("headset"), KeyUp("headset")] if pressed else []


class UsbHeadset(Part):
    """The port of the first telephone among the HID devices; without one it looks again."""

    name = "usb headset"

    def __init__(self, means: Means | None = None) -> None:
        self._means = means or Means()
        self._lamps = Lamps()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._changed = asyncio.Event()

    def show(self, outputs: Outputs) -> None:
        """Show the phone's lamps, as far as the device has them (they do not blink: the device does)."""
        if outputs.lamps == self._lamps:
            return
        self._lamps = outputs.lamps
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._changed.set)

    async def run(self, post: Post) -> None:
        """Look for a device, listen to it until it goes, look again. Raises only what is a fault of the program."""
        self._loop = asyncio.get_running_loop()
        while True:
            handle, device = await asyncio.to_thread(self._find)
            if device is None:
                await asyncio.sleep(self._means.look_s)
                continue
            try:
                await self._serve(handle, Translator(device), post)
            finally:
                os.close(handle)

    def _find(self) -> tuple[int, Telephone | None]:
        for path in self._means.devices():
            try:
                handle = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
            except OSError:
                continue  # not ours, or gone again
            try:
                device = telephone(self._means.descriptor(handle))
            except (OSError, WireError) as error:
                LOG.debug("%s: %s", path, error)
                device = None
            if device is not None:
                LOG.info("%s: a %s", path, "headset" if device.headset else "handset")
                return handle, device
            os.close(handle)
        return -1, None

    async def _serve(self, handle: int, translator: Translator, post: Post) -> None:
        """Reports to events and lamps to reports, until the device goes; then no key of it stays down."""
        loop, gone = asyncio.get_running_loop(), asyncio.Event()

        def readable() -> None:
            try:
                report = os.read(handle, MAX_DESCRIPTOR)
            except BlockingIOError:
                return
            except OSError:
                report = b""
            if not report:
                gone.set()
                return
            with contextlib.suppress(WireError):  # a report that is none: the device may have others
                for event in translator.events(report):
                    post(event)

        loop.add_reader(handle, readable)
        writer = asyncio.create_task(self._show(handle, translator))
        try:
            await gone.wait()
            LOG.info("the USB headset has gone")
        finally:
            loop.remove_reader(handle)
            writer.cancel()
            await asyncio.wait([writer])
            for event in translator.gone():
                post(event)

    async def _show(self, handle: int, translator: Translator) -> None:
        """Lamps to the device, the newest wins. In a thread: USB waits for a device that does not answer."""
        while True:
            self._changed.clear()
            for report in translator.lamps(self._lamps):
                with contextlib.suppress(OSError):  # gone: the reader learns it
                    await asyncio.to_thread(os.write, handle, report)
            await self._changed.wait()
