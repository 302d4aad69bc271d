"""Whether a kernel can be what the image asks of it: names of symbols, and modules that can be read.

Law: facts from files, no build, standard library only; the exit code is 1 where something was found.
`names TREE FILE...`: each CONFIG_ symbol of the files is declared in the tree's Kconfig.
`modules KERNEL_CONFIG BUILDROOT_CONFIG`: what compresses modules is what depmod and kmod can read.
`installed TARGET`: depmod found the modules. `table TREE NAME FILE...` prints rows of kernel/symbols.tsv.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import asked

DECLARED = re.compile(r"^\s*(?:menu)?config\s+(\w+)\s*$", re.MULTILINE)
# What must be built for the target and for the building machine, by the kernel's choice (Buildroot: package/kmod).
READERS = {
    "GZIP": ("BR2_PACKAGE_ZLIB", "BR2_PACKAGE_HOST_KMOD_GZ"),
    "XZ": ("BR2_PACKAGE_XZ", "BR2_PACKAGE_HOST_KMOD_XZ"),
    "ZSTD": ("BR2_PACKAGE_ZSTD", "BR2_PACKAGE_HOST_KMOD_ZSTD"),
}
MODULE = (".ko", ".ko.gz", ".ko.xz", ".ko.zst")


def declarations(tree: Path) -> dict[str, list[str]]:
    """Symbol -> the Kconfig files that declare it, relative to the tree."""
    found: dict[str, list[str]] = {}
    for path in sorted(tree.rglob("Kconfig*")):
        if path.is_file():
            for name in DECLARED.findall(path.read_text(errors="replace")):
                found.setdefault(name, []).append(str(path.relative_to(tree)))
    return found


def asked_of(files: Iterable[Path]) -> dict[str, str]:
    """Symbol without CONFIG_ -> "file:line" that asks for it, the last one."""
    return {
        name.removeprefix("CONFIG_"): f"{path}:{number}"
        for path in files
        for name, (_, number) in asked.symbols(path).items()
        if name.startswith("CONFIG_")
    }


def unknown(declared: Iterable[str], files: Iterable[Path]) -> list[str]:
    """One sentence for each symbol that is asked for and that no Kconfig declares."""
    known = set(declared)
    return [
        f"{where}: CONFIG_{name}: no Kconfig of this kernel declares it"
        for name, where in asked_of(files).items()
        if name not in known
    ]


def modules_agree(kernel: Mapping[str, tuple[str, int]], buildroot: Mapping[str, tuple[str, int]]) -> list[str]:
    """What compresses modules against what reads them; the values as asked.symbols gives them."""

    def on(config: Mapping[str, tuple[str, int]], name: str) -> bool:
        return config.get(name, ("n", 0))[0] == "y"

    if not on(kernel, "CONFIG_MODULES") or not any(on(kernel, f"CONFIG_MODULE_COMPRESS{way}") for way in
                                                   ("", *(f"_{name}" for name in READERS))):  # fmt: skip
        return []
    way = next((name for name in READERS if on(kernel, f"CONFIG_MODULE_COMPRESS_{name}")), None)
    if way is None:
        return ["CONFIG_MODULE_COMPRESS=y without a way of compressing"]
    missing = [name for name in READERS[way] if not on(buildroot, name)]
    return [f"modules are compressed with {way.lower()}: expected {name}=y, or they cannot be read" for name in missing]


def installed(target: Path) -> list[str]:
    """Each kernel's modules of a root file system are in its modules.dep: what is not cannot be loaded."""
    said = []
    for folder in sorted(path for path in (target / "lib/modules").glob("*") if path.is_dir()):
        files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.name.endswith(MODULE)}
        table = folder / "modules.dep"
        listed = {line.partition(":")[0] for line in table.read_text().splitlines()} if table.exists() else set()
        lost = sorted(files - listed)
        if lost:
            said.append(f"{folder.name}: {len(lost)} of {len(files)} modules are not in modules.dep, as {lost[0]}")
    return said


def table(tree: Path, files: Iterable[Path], name: str) -> list[str]:
    """Rows of symbols.tsv: symbol, the tree's name, the Kconfig file (the shortest path where there are several)."""
    known = declarations(tree)
    return [f"{symbol}\t{name}\t{min(known[symbol], key=len)}" for symbol in sorted(asked_of(files)) if symbol in known]


def main(arguments: list[str]) -> int:
    """0 when nothing was found."""
    what, first, *rest = arguments
    match what:
        case "names":
            said = unknown(declarations(Path(first)), map(Path, rest))
        case "modules":
            said = modules_agree(asked.symbols(Path(first)), asked.symbols(Path(rest[0])))
        case "installed":
            said = installed(Path(first))
        case "table":
            print("\n".join(table(Path(first), map(Path, rest[1:]), rest[0])))
            return 0
        case _:
            raise SystemExit(__doc__)
    for line in said:
        print(f"kernel: {line}", file=sys.stderr)
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
