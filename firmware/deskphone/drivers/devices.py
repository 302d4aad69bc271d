"""The kinds of device node that the drivers open, each with what it takes that the phone's user may.

Law: standard library only, facts only; a driver names its kinds in OPENS. The unit's DeviceAllow, the groups of the
user, the udev rules and the kernel's configuration must cover exactly these: `make image-check` and the tests compare.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DeviceKind:
    """allow: of systemd's DeviceAllow, by the name in /proc/devices. group: who may open it; udev: the match of the
    rule that says so, "" where systemd's own rules do. kernel: the symbol whose driver makes the node; it must be built
    in, because DeviceAllow is worked out when the unit starts."""

    name: str
    allow: str
    group: str
    udev: str
    kernel: str


PINS = DeviceKind("pins", "char-gpiochip", "gpio", 'SUBSYSTEM=="gpio", KERNEL=="gpiochip*"', "GPIO_CDEV")
PIN_REGISTERS = DeviceKind("pins, by RPi.GPIO", "/dev/gpiomem", "gpio", 'KERNEL=="gpiomem"', "RASPBERRYPI_GPIOMEM")
SPI = DeviceKind("SPI", "char-spi", "spi", 'SUBSYSTEM=="spidev"', "SPI_SPIDEV")
I2C = DeviceKind("I2C", "char-i2c", "i2c", 'SUBSYSTEM=="i2c-dev"', "I2C_CHARDEV")
SOUND = DeviceKind("sound cards", "char-alsa", "audio", "", "SND")
HID = DeviceKind("USB headsets' keys", "char-hidraw", "hidraw", 'SUBSYSTEM=="hidraw"', "HIDRAW")
KINDS = (PINS, PIN_REGISTERS, SPI, I2C, SOUND, HID)
