"""Facts of the recipe as values: packages, lock file, configuration files. Reads, judges nothing.

For check.py and the tests. Only what Buildroot's own language says in one line is understood: no make, no Kconfig.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

IMAGE = Path(__file__).resolve().parents[1]
ROOT = IMAGE.parent
BOARDS = tuple(sorted(path.parent.name for path in (ROOT / "board").glob("*/buildroot.config")))

# Where Buildroot calls a package otherwise than PyPI (normalised).
BUILDROOT_NAMES = {"pyalsaaudio": "python-alsaaudio", "systemd-python": "python-systemd"}
# Packages of the lock file that the image does not need, and why.
NOT_IN_THE_IMAGE = {
    "tzdata": "the time zones are the system's (zoneinfo)",
    "typing-extensions": "part of Python 3.13 and later, for what we use",
}


@dataclass(frozen=True, slots=True)
class Package:
    """One of our packages: folder, variables of its .mk, and (SHA-256, file) of its .hash."""

    folder: Path
    variables: dict[str, str]
    hashes: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        """As the folder is called."""
        return self.folder.name

    def value(self, suffix: str) -> str:
        """The value of NAME_SUFFIX, "" where it has none; references to its own version filled in."""
        prefix = self.name.upper().replace("-", "_")
        text = self.variables.get(f"{prefix}_{suffix}", "")
        return text.replace(f"$({prefix}_VERSION)", self.variables.get(f"{prefix}_VERSION", ""))


def package(folder: Path) -> Package:
    """The package in `folder`; OSError where a file of it is missing."""
    text = (folder / f"{folder.name}.mk").read_text().replace("\\\n", " ")
    variables = dict(re.findall(r"^([A-Z0-9_]+) = *(.*?) *$", text, re.MULTILINE))
    lines = (folder / f"{folder.name}.hash").read_text().splitlines()
    hashes = [line.split() for line in lines if line and not line.startswith("#")]
    return Package(folder, variables, tuple((words[1], words[2]) for words in hashes if words[0] == "sha256"))


def packages() -> list[Package]:
    """All of ours."""
    return [package(folder) for folder in sorted((IMAGE / "package").iterdir()) if folder.is_dir()]


def normalised(name: str) -> str:
    """A PyPI name as in lock files (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def locked(lock: Path) -> dict[str, tuple[str, frozenset[str]]]:
    """Name -> (version, SHA-256 of all its files) of a pip lock file."""
    found: dict[str, tuple[str, frozenset[str]]] = {}
    for block in re.split(r"(?m)^(?=[a-zA-Z])", lock.read_text()):
        head = re.match(r"([\w.-]+)==(\S+)", block)
        if head:
            found[normalised(head[1])] = (head[2], frozenset(re.findall(r"sha256:([0-9a-f]{64})", block)))
    return found


def buildroot_name(pypi: str) -> str:
    """What Buildroot, or we, call the package."""
    return BUILDROOT_NAMES.get(pypi, f"python-{pypi}")


def setting(config: Path, symbol: str) -> str:
    """The string a configuration file gives a symbol, "" where it has none."""
    found = re.findall(rf'^{symbol}="(.*)"$', config.read_text(), re.MULTILINE)
    return found[-1] if found else ""


def kernel_files(board: str) -> list[Path]:
    """What a board asks of its kernel: the files its buildroot.config names, in the order in which they count."""
    config = ROOT / "board" / board / "buildroot.config"
    names = " ".join(setting(config, f"BR2_LINUX_KERNEL_{kind}") for kind in ("CUSTOM_CONFIG_FILE",
                                                                            "CONFIG_FRAGMENT_FILES"))  # fmt: skip
    return [Path(name.replace("$(BR2_EXTERNAL_DESKPHONE_PATH)", str(IMAGE))).resolve() for name in names.split()]
