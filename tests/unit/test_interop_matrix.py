"""The matrix of docs/interop.md is what the tests' marks say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_the_matrix_says_what_the_tests_prove() -> None:
    """In a process of its own: pytest collects there."""
    command = [sys.executable, str(ROOT / "docs" / "interop_matrix.py"), "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
