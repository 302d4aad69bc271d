"""How old the boot test is: `boot_age.py`, one line. Reads docs/boot-report.json; never fails, never starts anything.

For continuous integration, which has no image: the last one who had one ran `make boot-test` and committed the report.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REPORT = ROOT / "docs" / "boot-report.json"
PARTS = ("image", "board", "firmware", "buildroot.config")


def git(root: Path, *arguments: str) -> str:
    """What git says, "" where it fails."""
    done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def age(root: Path, report: Path) -> str:
    """One sentence."""
    if not report.exists():
        return f"boot test: no {report.relative_to(root)}: it never ran (make image BOARD=qemu boot-test)"
    told = json.loads(report.read_text())
    commit, name = told["commit"], told["commit"][:12] + (" (changed)" if told["dirty"] else "")
    changed = [part for part in PARTS if told["trees"].get(part) != git(root, "rev-parse", f"HEAD:{part}")]
    if not changed:
        return f"boot test ran on commit {name}: image, board and firmware have not changed since"
    count = git(root, "rev-list", "--count", f"{commit}..HEAD", "--", *PARTS)
    ago = f"{count} commits of image/ board/ firmware/ ago" if count else "a commit that is not in this clone"
    return f"boot test ran on commit {name}, {ago} (changed since: {', '.join(changed)})"


if __name__ == "__main__":
    print(age(ROOT, REPORT))
