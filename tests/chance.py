"""How much generated input a test takes, and which: `FUZZ_SEED=7 FUZZ_EXAMPLES=10000 pytest tests/fuzz/...`.

`python -m tests` takes another seed each time and prints it, so that many short runs see more than one long one did;
both tries of a test have the same one. Where nobody says it, it is 0.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from hypothesis import HealthCheck, seed, settings

SEED = "FUZZ_SEED"
EXAMPLES = "FUZZ_EXAMPLES"


def chosen_seed() -> int:
    """The seed of this run."""
    return int(os.environ.get(SEED, "0"))


def fuzz(examples: int) -> Callable[..., Callable[..., None]]:
    """A property of so many examples, or of as many as the environment says."""
    chosen = settings(
        max_examples=int(os.environ.get(EXAMPLES, str(examples))), deadline=None, database=None, derandomize=False,
        suppress_health_check=[HealthCheck.too_slow],
    )  # fmt: skip
    return lambda test: seed(chosen_seed())(chosen(test))
