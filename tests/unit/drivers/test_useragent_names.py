"""Names of pjsua2 that the user agent uses exist: a misspelt one raises only where it is needed, in trouble."""

from __future__ import annotations

import ast
from pathlib import Path

import pjsua2 as pj
import pytest

import deskphone.sip.stack

STACK = Path(deskphone.sip.stack.__file__).parent


@pytest.mark.parametrize("path", sorted(STACK.glob("*.py")), ids=lambda path: path.name)
def test_every_name_of_pjsua2_exists(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "pj":
            assert hasattr(pj, node.attr), f"{path.name}:{node.lineno}: pjsua2 has no {node.attr}"
