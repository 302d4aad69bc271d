"""What the drivers open is written down once: each module that opens a device node names its kind."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

from deskphone.drivers import devices

DRIVERS = Path(devices.__file__).parent
# How a driver comes to a device node: by a library, or by its name.
DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
MARKS = ("RPi.GPIO", "luma.core", "alsaaudio", "/dev")


def openers() -> list[str]:
    """Modules of drivers/ with such a word among their strings."""
    found = []
    for path in sorted(DRIVERS.glob("*.py")):
        tree = ast.parse(path.read_text())
        strings = {
            node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        documented = [node for node in ast.walk(tree) if isinstance(node, DOCUMENTED)]
        documents = {ast.get_docstring(node, clean=False) for node in documented}
        if any(text.startswith(MARKS) for text in strings - documents):
            found.append(path.stem)
    return found


def test_every_driver_that_opens_a_device_names_its_kinds_and_no_kind_is_without_a_driver() -> None:
    opened = set[devices.DeviceKind]()
    names = [name for name in openers() if name != "devices"]
    assert names == ["alsa", "gpio", "oled", "usb_headset"]
    for name in names:
        opened.update(importlib.import_module(f"deskphone.drivers.{name}").OPENS)
    assert opened == set(devices.KINDS)
