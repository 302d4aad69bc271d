"""The device's first name on the network: of the cable's interface, however late it comes, else of what there is."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.netns.lab import DHCP, why_not

pytestmark = [pytest.mark.netns, pytest.mark.slow]
SCRIPT = DHCP / "deskphone-host-name"


@pytest.fixture(autouse=True)
def permitted() -> None:
    reason = why_not() or ("" if shutil.which("unshare") else "not installed: unshare")
    if reason:
        pytest.skip(reason)


def name_after(folder: Path, *, before: str = "", meanwhile: str = "", wish: str = "") -> str:
    """The host name the script sets in a device of its own. before, meanwhile: what happens to its interfaces."""
    (folder / "host-name").write_text(wish)
    script = (
        "mount -t sysfs none /sys && mount -t tmpfs none /run && echo factory >/proc/sys/kernel/hostname\n"
        "add() { ip link add $1 address $2 type veth peer name other-$1; }\n"
        f"{before}\n"
        f"DESKPHONE_HOST_NAME_FILE={folder}/host-name {SCRIPT} eth0 >&2 & script=$!\n"
        f"{meanwhile}\n"
        "wait $script || exit\n"
        "cat /proc/sys/kernel/hostname\n"
    )
    done = subprocess.run(
        ["unshare", "--net", "--uts", "--mount", "sh", "-c", script],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


CABLE, RADIO = "add eth0 02:00:00:00:15:02", "add wlan0 02:00:00:00:17:77"


@pytest.mark.parametrize(
    ("before", "meanwhile", "expected"),
    [
        (CABLE, "", "420hd-020000001502"),
        ("", f"sleep 1; {CABLE}", "420hd-020000001502"),
        (RADIO, f"sleep 1; {CABLE}", "420hd-020000001502"),
        (RADIO, "", "420hd-020000001777"),
        ("", f"sleep 4; {RADIO}", "420hd-020000001777"),
        ("", "", "420hd"),
    ],
    ids=["cable", "late cable", "late cable beside a radio", "radio", "late radio", "nothing"],
)
def test_the_first_name_is_of_the_interface(tmp_path: Path, before: str, meanwhile: str, expected: str) -> None:
    assert name_after(tmp_path, before=before, meanwhile=meanwhile) == expected


def test_a_name_that_is_wished_for_needs_no_interface(tmp_path: Path) -> None:
    assert name_after(tmp_path, wish="1502\n") == "1502"
