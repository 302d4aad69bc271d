"""How much generated input a test takes, and which: `FUZZ_SEED=7 FUZZ_EXAMPLES=10000 pytest tests/fuzz/...`.

`python -m tests` takes another seed for each commit and prints it, so that many short runs see more than one long one
did, and what a run saw the next one of that commit sees again. Where nobody says it, it is 0.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, seed, settings

SEED = "FUZZ_SEED"
EXAMPLES = "FUZZ_EXAMPLES"


def chosen_seed() -> int:
    """The seed of this run."""
    return int(os.environ.get(SEED, "0"))


def seed_of_checkout() -> int:
    """Of the commit that is checked out; 0 where there is none."""
    root = Path(__file__).resolve().parents[1]
    asked = ["git", "-C", str(root), "rev-parse", "--short=5", "HEAD"]
    try:
        said = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
    except FileNotFoundError:  # no git
        return 0
    return int(said[:5], 16) if said else 0


def fuzz(examples: int) -> Callable[..., Callable[..., None]]:
    """A property of so many examples, or of as many as the environment says."""
    chosen = settings(
        max_examples=int(os.environ.get(EXAMPLES, str(examples))), deadline=None, database=None, derandomize=False,
        suppress_health_check=[HealthCheck.too_slow],
    )  # fmt: skip
    return lambda test: seed(chosen_seed())(chosen(test))
