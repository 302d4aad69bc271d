"""The device tree of QEMU's `virt` machine, with what a Pi has beside it: 54 pins, and an SPI bus on four of them.

Without a bus the display cannot be opened, and a start without its display is none that an update may keep. The bits go
to the kernel's virtual pins (gpio-sim), where nobody sees them. Needs dtc and fdtoverlay (device-tree-compiler).
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

PINS = """/dts-v1/;
/plugin/;
/ {
    fragment@0 {
        target-path = "/";
        __overlay__ {
            aliases { spi0 = "/spi"; };
            pins {
                compatible = "gpio-simulator";
                bank: bank0 {
                    gpio-controller;
                    #gpio-cells = <2>;
                    ngpios = <54>;
                    gpio-sim,label = "pinctrl-bcm2835";
                };
            };
            spi {
                compatible = "spi-gpio";
                #address-cells = <1>;
                #size-cells = <0>;
                num-chipselects = <1>;
                sck-gpios = <&bank 11 0>;
                mosi-gpios = <&bank 10 0>;
                cs-gpios = <&bank 8 1>;
                display@0 {
                    compatible = "rohm,dh2228fv";
                    reg = <0>;
                    spi-max-frequency = <8000000>;
                };
            };
        };
    };
};
"""


def with_pins(machine: Sequence[str], folder: Path) -> Path:
    """The tree of this machine (QEMU's program and the options that make its tree), in `folder`."""
    own, added, whole = folder / "virt.dtb", folder / "pins.dtbo", folder / "machine.dtb"
    program, *options = machine
    at = options.index("-M") + 1
    options[at] += f",dumpdtb={own}"
    subprocess.run([program, *options, "-display", "none"], check=True, capture_output=True, timeout=60)
    subprocess.run(["dtc", "-@", "-q", "-I", "dts", "-O", "dtb", "-o", str(added)], input=PINS, text=True, check=True)
    subprocess.run(["fdtoverlay", "-i", str(own), "-o", str(whole), str(added)], check=True)
    return whole
