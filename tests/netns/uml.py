"""A kernel with VLANs where this machine's has none: Debian's User-Mode Linux, whose root is this machine's, read-only.

Law: it runs the tests of one file as they are, once, and tells what came of each; nothing of this machine changes.
A process of the guest is one of this machine whose system calls the kernel `linux.uml` catches. When that one is killed
alone they go on by themselves, and what they then do to "eth0" they do to this machine's. So all of them live in a
process namespace that ends as one, and in a network of their own.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

from tests.needs import needs
from tests.netns.lab import ROOT

MODULES = Path("/usr/lib/uml/modules")
INSIDE = "DESKPHONE_INSIDE_UML"
APART = ("unshare", "--net", "--pid", "--fork", "--kill-child", "sh", "-c", '"$@"; exit $?', "guest")
MEMORY, TIMEOUT = "512M", 500.0
GUEST = """#!/bin/sh
[ $$ = 1 ] || exit 1 # of the guest and of no other machine
exec </dev/null
mount -t proc proc /proc
mount -t sysfs sys /sys
mountpoint -q /dev || mount -t devtmpfs dev /dev
mount -t tmpfs none /run
mount -t tmpfs none /mnt
mkdir -p /mnt/lib /mnt/t
ln -s {modules} /mnt/lib/modules
for module in veth bridge 8021q; do modprobe -d /mnt $module; done
cd {root}
export PATH=/usr/sbin:/usr/bin:/sbin:/bin TMPDIR=/mnt HOME=/mnt PYTHONDONTWRITEBYTECODE=1 PYTHONPATH={path} {inside}=1
{python} -m pytest -c firmware/pyproject.toml --rootdir . -p no:cacheprovider -p no:xdist -o timeout=600 \\
    --basetemp=/mnt/t/p --color=no -rA -q {file}
echo o >/proc/sysrq-trigger
sleep 60
"""


def inside() -> bool:
    """Whether this is the guest."""
    return INSIDE in os.environ


@cache
def results(file: str) -> tuple[dict[str, str], str]:
    """What became of each test of a file (PASSED, FAILED, ERROR, SKIPPED) by its name, and all that was said."""
    needs("linux.uml", "modprobe")
    path = os.pathsep.join(str(ROOT / each) for each in ("firmware", "tests/centre"))
    script = ROOT / ".pytest_cache" / f"uml-{os.getpid()}.sh"
    script.parent.mkdir(exist_ok=True)
    script.write_text(
        GUEST.format(modules=MODULES, root=ROOT, path=path, inside=INSIDE, python=sys.executable, file=file)
    )
    script.chmod(0o755)
    try:
        done = subprocess.run(
            [*APART, "linux.uml", f"mem={MEMORY}", "rootfstype=hostfs", "rootflags=/", "ro", f"init={script}", "quiet",
             "con=null", "con0=fd:0,fd:1"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=False, timeout=TIMEOUT,
        )  # fmt: skip
    finally:
        script.unlink()
    said = done.stdout + done.stderr
    found = re.findall(r"^(PASSED|FAILED|ERROR|SKIPPED)\s.*?::(\w+(?:\[[^]\n]*\])?)", said, re.MULTILINE)
    return {name: word for word, name in found}, said
