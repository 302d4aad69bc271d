"""Keep the compiled code of the program's data classes in the image: keep_code.py TARGET, by Buildroot's own Python.

That is the image's Python for another processor, without its libraries. So the program's modules are imported with
stand-ins for what is not there; data classes of a module that cannot do with them are compiled at its import, as ever.
Exit code 1 and a line where nothing could be kept (firmware/deskphone/dataclass_code.py).
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

PACKAGE = "deskphone"


class StandIn(ModuleType):
    """A library that is not there: each of its names is a class that can be derived from, and made of anything."""

    __path__: list[str] = []  # noqa: RUF012 - what makes it a package

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        made = type(name, (), {"__init__": lambda *_, **__: None})
        setattr(self, name, made)
        return made


class StandIns(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """The last place where an import is looked for; finds the libraries that are installed for the image."""

    def __init__(self, site_packages: Path) -> None:
        self.libraries = {path.name.partition(".")[0] for path in site_packages.iterdir()} - {PACKAGE}

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name.partition(".")[0] not in self.libraries:
            return None
        return importlib.util.spec_from_loader(name, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return StandIn(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing is in it."""


def keep(package: Path) -> tuple[int, list[str]]:
    """Write the file of the program that is installed there; (codes kept, modules that could not be imported)."""
    sys.dont_write_bytecode = True
    sys.meta_path.append(StandIns(package.parent))
    if importlib.util.find_spec("_ssl") is None:  # Buildroot's Python for the building machine is without
        sys.modules["ssl"] = StandIn("ssl")
    with tempfile.TemporaryDirectory() as alone:  # of the libraries beside it none is looked at
        (Path(alone) / PACKAGE).symlink_to(package.resolve())
        sys.path.insert(0, alone)
        dataclass_code = importlib.import_module(f"{PACKAGE}.dataclass_code")
        codes: dict[bytes, CodeType] = dataclass_code.collect()
        left = [name for name in modules(package) if not imported(name)]
    dataclass_code.write(codes, package / dataclass_code.FILE.name)
    return len(codes), left


def modules(package: Path) -> list[str]:
    """The dotted names of all modules of the program, compiled or not, but for those that are programs."""
    paths = {path.relative_to(package.parent).with_suffix("") for path in package.rglob("*.py*")}
    return sorted(".".join(path.parts) for path in paths if not {"__pycache__", "__main__", "__init__"} & {*path.parts})


def imported(name: str) -> bool:
    try:
        importlib.import_module(name)
    except Exception:  # whatever a stand-in cannot be
        return False
    return True


def main() -> int:
    (package,) = Path(sys.argv[1]).glob(f"usr/lib/python3.*/site-packages/{PACKAGE}")
    python, expected = package.parents[1].name, f"python{sys.version_info.major}.{sys.version_info.minor}"
    if python != expected:
        print(f"keep_code: the image has {python}, expected {expected}, which this is", file=sys.stderr)
        return 1
    kept, left = keep(package)
    print(f"keep_code: code of {kept} data classes kept; not imported here: {' '.join(left) or 'none'}")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
