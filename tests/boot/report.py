"""What a boot test leaves for others: which commit the image is of, what was measured, excerpts. docs/boot-report.json.

Law: it names what was run, not what should have been; image/scripts/boot_age.py reads it.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from image.scripts.boot_age import PARTS, git


@dataclass
class Report:
    """Filled by the tests; `build` is BUILD_ID of the image, the commit it was made of."""

    root: Path
    build: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    excerpts: dict[str, list[str]] = field(default_factory=dict)

    def write(self) -> None:
        """Only where a machine told which image it has."""
        if not self.build:
            return
        commit = git(self.root, "rev-parse", self.build.removesuffix("-dirty")) or self.build
        told = {
            "what": "make boot-test: the image of this commit, booted in QEMU",
            "commit": commit,
            "dirty": self.build.endswith("-dirty"),
            "trees": {part: git(self.root, "rev-parse", f"{commit}:{part}") for part in PARTS},
            "date": time.strftime("%Y-%m-%d", time.gmtime()),
            "measured": self.facts,
            "excerpts": self.excerpts,
        }
        path = self.root / "docs" / "boot-report.json"
        path.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n")
        print(f"\n{path.relative_to(self.root)}: image of {commit[:12]}{' (changed)' if told['dirty'] else ''}")
