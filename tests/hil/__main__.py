"""`python -m tests.hil [pytest arguments]`: everything on the rig, in a network namespace of its own. Without arguments
it is two rigs, side by side: one for the rig's own tests, one for the stories.

`python -m tests.hil measure` or `measure_voice`: the numbers instead (make hil-bench).

Law: nothing outside the namespace changes. As another user than root it is a user namespace, too.
"""

from __future__ import annotations

import compileall
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

from tests.again import side_by_side, tried
from tests.hil.rig.network import NAMESPACE
from tests.hil.rig.uml import artefacts

MEASURES = ("measure", "measure_voice")
RIGS = {"rig": "tests/hil", "stories on the rig": "tests/stories"}
ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str]) -> int:
    """Build the rig where it is not there, then run its tests."""
    artefacts()
    compileall.compile_dir(ROOT / "firmware" / "deskphone", quiet=1)  # the guest cannot keep what it compiles
    os.environ[NAMESPACE] = "1"
    before = ["unshare", "--net", *([] if os.geteuid() == 0 else ["--map-root-user"]), "--"]
    if arguments and arguments[0] in MEASURES:
        command = [*before, sys.executable, "-m", f"tests.hil.{arguments[0]}", *arguments[1:]]
        return subprocess.run(command, cwd=ROOT, check=False).returncode
    options = ["-q", "-m", "hil", "--durations=10"]
    if arguments:
        outcomes = [tried("rig", [*options, *arguments], before)]
    else:
        rigs = {name: partial(tried, name, [*options, folder], before, ()) for name, folder in RIGS.items()}
        outcomes = list(side_by_side(rigs).values())
    for outcome in outcomes:
        for test in outcome.unsteady:
            print(f"failed, and passed by itself: {test}", flush=True)
    return int(any(outcome.code for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
