"""The code of the data classes, compiled when the image is built.

@dataclass writes the methods of each class as a text and compiles it at every import, which was a third of what the
program's imports take. The build keeps the code beside the program (image/scripts/keep_code.py).

Law: the same text has the same code. A text that is not kept is compiled as ever, and so is every text where the file
is missing, cannot be read, or is of another Python. Only the program's own folder is looked at: code is run from it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import importlib.util
import marshal
from collections.abc import Callable
from pathlib import Path
from types import CodeType
from typing import Any

FILE = Path(__file__).with_name("dataclasses.code")
MAGIC = importlib.util.MAGIC_NUMBER  # of the compiled files of this Python (PEP 3147)


def use(path: Path = FILE) -> int:
    """Have data classes that are declared from now on take their code from the file; returns how many codes it has."""
    codes: dict[bytes, CodeType] = {}
    with contextlib.suppress(OSError, ValueError, EOFError, TypeError):
        data = path.read_bytes()
        codes = marshal.loads(data[len(MAGIC) :]) if data.startswith(MAGIC) else {}
    if codes:
        _replace(lambda text: codes.get(_key(text)) or compile(text, "<string>", "exec"))
    return len(codes)


def done() -> None:
    """All that was to be imported is; from now on texts are compiled as ever, and the codes left over are forgotten."""
    vars(dataclasses).pop("exec", None)


def collect() -> dict[bytes, CodeType]:
    """From now on each compiled text of a data class is put into the mapping, by its key: for `write`."""
    codes: dict[bytes, CodeType] = {}

    def compiled(text: str) -> CodeType:
        return codes.setdefault(_key(text), compile(text, "<string>", "exec"))

    _replace(compiled)
    return codes


def write(codes: dict[bytes, CodeType], path: Path) -> None:
    """Keep the codes for this very Python; the same codes make the same bytes."""
    path.write_bytes(MAGIC + marshal.dumps(dict(sorted(codes.items()))))


def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def _replace(code: Callable[[str], CodeType]) -> None:
    """dataclasses runs its texts by `exec`; a name in a module goes before the built-in one."""

    def run(text: str, names: dict[str, Any], local: dict[str, Any]) -> None:
        exec(code(text), names, local)

    vars(dataclasses)["exec"] = run
