"""The DHCP client's hook (firmware/dhcp) as dhcpcd runs it, with a made-up environment."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from deskphone.net.lease import Lease, Watch

DHCP = Path(__file__).resolve().parents[3] / "firmware" / "dhcp"
HOOK = DHCP / "dhcpcd-hooks" / "60-deskphone"


def run_hook(folder: Path, reason: str = "BOUND", **environment: str) -> Lease | None:
    """The hook as dhcpcd-run-hooks sources it; the lease it left."""
    done = subprocess.run(
        ["sh", "-c", f". {HOOK}"],
        env={"PATH": os.environ["PATH"], "reason": reason, "interface": "cable", "DESKPHONE_DHCP_DIR": str(folder),
             **environment},
        capture_output=True, text=True, check=False, timeout=30,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    watch = Watch(folder / "lease")
    watch.changed()
    return watch.lease
