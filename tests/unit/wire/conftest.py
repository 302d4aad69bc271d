"""Settings of the wire tests: a quick hypothesis profile for every day, and the path to the fuzz targets."""

from __future__ import annotations

import sys
from pathlib import Path

from hypothesis import HealthCheck, settings

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "fuzz" / "wire"))

settings.register_profile(
    "daily", max_examples=60, deadline=None, database=None, derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip
settings.load_profile("daily")
