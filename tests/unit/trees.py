"""The product's source as syntax trees, each file parsed once for all tests that read it."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path


@cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of a file. Nobody changes it."""
    return ast.parse(path.read_text("utf-8"), str(path))
