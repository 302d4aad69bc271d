"""Root's script for the network (firmware/dhcp/deskphone-network) in a device of its own: interfaces, a name, /run."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.netns.lab import DHCP, needs_namespaces

SCRIPT = DHCP / "deskphone-network"
CABLE, RADIO = "add eth0 02:00:00:00:15:02", "add wlan0 02:00:00:00:17:77"


@dataclass(frozen=True)
class Told:
    """The host name afterwards, and what the script said."""

    name: str
    said: str


def tell(
    folder: Path, *, before: str = CABLE, meanwhile: str = "", wish: str = "", settings: str | bytes | None = ""
) -> Told:
    """Run the script. before, meanwhile: what happens to the interfaces; settings: what the phone has left
    there of its settings in force, None for what the folder has already.

    folder gets what it tells systemd-timesyncd (70-settings.conf) and the DHCP client. Skips where there can be no such
    device.
    """
    needs_namespaces()
    (folder / "host-name").write_text(wish)
    if settings is not None:
        (folder / "network-wish").write_bytes(settings.encode() if isinstance(settings, str) else settings)
    environment = (
        f"DESKPHONE_HOST_NAME_FILE={folder}/host-name DESKPHONE_SETTINGS={folder}/network-wish"
        f" DESKPHONE_TIMESYNCD_DIR={folder} DESKPHONE_NETWORK_DIR={folder} DESKPHONE_DHCPCD_CONF={DHCP}/dhcpcd.conf"
    )
    script = (
        "mount -t sysfs none /sys && mount -t tmpfs none /run && echo factory >/proc/sys/kernel/hostname\n"
        "add() { ip link add $1 address $2 type veth peer name other-$1; }\n"
        f"{before}\n"
        f"{environment} {SCRIPT} eth0 >&2 & script=$!\n"
        f"{meanwhile}\n"
        "wait $script || exit\n"
        "cat /proc/sys/kernel/hostname\n"
    )
    done = subprocess.run(
        ["unshare", "--net", "--uts", "--mount", "sh", "-c", script],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return Told(done.stdout.strip(), done.stderr)
