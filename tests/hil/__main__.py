"""`python -m tests.hil [pytest arguments]`: everything on the rig, in a network namespace of its own.

`python -m tests.hil measure` or `measure_voice`: the numbers instead (make hil-bench).

Law: nothing outside the namespace changes. As another user than root it is a user namespace, too.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.again import tried
from tests.hil.rig.network import NAMESPACE
from tests.hil.rig.uml import artefacts

MEASURES = ("measure", "measure_voice")
TOLD = ("tests/hil", "tests/stories")  # where the rig's tests are
ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str]) -> int:
    """Build the rig where it is not there, then run its tests."""
    artefacts()
    os.environ[NAMESPACE] = "1"
    before = ["unshare", "--net", *([] if os.geteuid() == 0 else ["--map-root-user"]), "--"]
    if arguments and arguments[0] in MEASURES:
        command = [*before, sys.executable, "-m", f"tests.hil.{arguments[0]}", *arguments[1:]]
        return subprocess.run(command, cwd=ROOT, check=False).returncode
    outcome = tried("rig", ["-q", "-m", "hil", "--durations=10", *(arguments or TOLD)], before)
    for test in outcome.unsteady:
        print(f"failed, and passed by itself: {test}", flush=True)
    return outcome.code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
