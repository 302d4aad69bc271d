"""Builds pjproject, its pjsua2 binding and our SIP event extension into one wheel; everything stays in the cache.

Three results, each cached by what decides it: the pjproject tree with its libraries, the pjsua2 binding for one
Python, and the wheel with the extension. Editing a C file here costs only the last. Standard library only.

Usage: build.py source | wheel [--python EXE] | install --python EXE | pjsua | sanitized [--python EXE]
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import os
import shutil
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import source
import toolchain
from workshop import BuildError, Steps, cache_root, digest, fail, locked, made, output_of, say

HERE = Path(__file__).resolve().parent
NAME = "deskphone-pjsua2"
MODULE = "deskphone_sipext"
LICENSE = "GPL-2.0-or-later"
JOBS = "-j2"
BUILD_ID_C = 'const char *deskphone_pj_build_id(void) { return "%s"; }\n'


class Build:
    """One recipe, one source, one Python: where each result lives and how it is made when it is not there."""

    def __init__(self, python: str) -> None:
        self.recipe: dict[str, Any] = tomllib.loads((HERE / "pjproject.toml").read_text())
        self.options = [
            line.strip()
            for line in (HERE / "configure-options.txt").read_text().splitlines()
            if line.strip() and not line.startswith("#")
        ]
        self.python = toolchain.interpreter(python)
        self.source = source.obtain(self.recipe)
        flags = self.recipe["flags"]
        site = (HERE / "config_site.h").read_text()
        self.build_id = digest(
            self.recipe["version"], self.source.sha256, site, self.options, self.recipe["source"],
            flags["libraries"], toolchain.compiler(),
        )[:16]  # fmt: skip
        self.tree = cache_root() / f"pjproject-{self.build_id}"
        binding = digest(self.build_id, self.python.version, self.python.suffix, flags["binding"], BUILD_ID_C)[:16]
        self.binding = cache_root() / f"binding-{binding}"
        wheel = digest(binding, flags["extension"], *(path.read_text() for path in self.extension_files()))[:12]
        self.version = f"{self.recipe['version']}+k{wheel}"
        self.wheel_dir = cache_root() / f"wheel-{wheel}"

    @staticmethod
    def extension_files() -> list[Path]:
        """Our own sources in the wheel: the C files and the type stub."""
        return sorted([*HERE.glob("*.c"), *HERE.glob("*.h"), HERE / f"{MODULE}.pyi"])

    def libraries(self) -> Path:
        """The configured pjproject tree with its static libraries."""
        with locked(self.tree.name):
            if not self.tree.exists():
                toolchain.require(self.recipe, self.python.include)
                self.build_libraries()
        return self.tree

    def build_libraries(self) -> None:
        """Configure and compile the libraries in a partial tree, then move it to its place."""
        steps = Steps(self.tree.name)
        with made(self.tree) as tree:
            say(f"unpacking {self.source.path.name} ({self.source.origin})")
            source.unpack(self.source, tree)
            found = source.version_of(tree)
            expected = (self.recipe["version"], self.recipe["upstream"]["version"])
            if found not in expected:
                raise BuildError(f"{self.source.path}: pjproject {found}, expected {' or '.join(expected)}")
            for name in self.recipe["source"]["touch"]:
                (tree / name).touch()
            shutil.copy(HERE / "config_site.h", tree / "pjlib/include/pj/config_site.h")
            flags = " ".join(self.recipe["flags"]["libraries"])
            # No tests, no applications: those come one by one when asked for. Without `make dep`: it only serves
            # rebuilds in the same tree, and a tree here is built once.
            steps.run(
                "configure pjproject", ["sh", "./configure", *self.options], tree, {"CFLAGS": flags, "CXXFLAGS": flags}
            )
            steps.run("compile pjproject's libraries", ["make", JOBS, "lib"], tree)
            for output in tree.glob("*/build/output"):
                shutil.rmtree(output)
            self.move_paths(tree)

    def move_paths(self, tree: Path) -> None:
        """Rewrite the partial tree's path in the makefiles, for they are used again after the rename."""
        for path in [tree / "build.mak", *tree.glob("build/*.mak"), *tree.glob("*.pc")]:
            text = path.read_text()
            if str(tree) in text:
                path.write_text(text.replace(str(tree), str(self.tree)))

    def make_words(self, variables: str) -> list[str]:
        """The words of make variables of the built tree, such as "$(PJ_CFLAGS)"."""
        rule = f"include {self.tree}/build.mak\nwords:\n\t@echo {variables}\n"
        return output_of(["make", "-s", "--no-print-directory", "-f", "-", "words"], text=rule).split()

    def pjsua2(self) -> Path:
        """The directory with pjsua2.py and _pjsua2*.so for this Python."""
        tree = self.libraries()
        with locked(self.binding.name):
            if not self.binding.exists():
                toolchain.require(self.recipe, self.python.include)
                self.build_pjsua2(tree)
        return self.binding

    def build_pjsua2(self, tree: Path) -> None:
        """Generate the binding with SWIG, compile and link it together with the build id."""
        steps = Steps(self.binding.name)
        with made(self.binding) as work:
            includes = [f"-I{tree}/{part}/include" for part in ("pjlib", "pjlib-util", "pjmedia", "pjsip", "pjnath")]
            # -threads releases the GIL in calls into pjsip, without it a callback deadlocks.
            steps.run(
                "generate the pjsua2 binding",
                ["swig", "-c++", "-python", "-threads", "-w312", *includes, "-o", "wrap.cpp", "-outdir", ".",
                 f"{tree}/pjsip-apps/src/swig/pjsua2.i"],
                work,
            )  # fmt: skip
            (work / "build_id.c").write_text(BUILD_ID_C % self.build_id)
            flags = [*self.recipe["flags"]["binding"], f"-I{self.python.include}"]
            pj_flags = self.make_words("$(PJ_CXXFLAGS)")
            steps.run("compile the pjsua2 binding", ["c++", *pj_flags, *flags, "-c", "wrap.cpp"], work)
            steps.run("compile the build id", ["cc", *flags, "-c", "build_id.c"], work)
            steps.run(
                "link the pjsua2 binding",
                ["c++", "-shared", "-s", "wrap.o", "build_id.o", "-o", f"_pjsua2{self.python.suffix}",
                 *self.make_words("$(PJ_LDXXFLAGS) $(PJ_LDXXLIBS)")],
                work,
            )  # fmt: skip
            for name in ("wrap.cpp", "wrap.h", "wrap.o", "build_id.c", "build_id.o"):
                (work / name).unlink(missing_ok=True)

    def compile_extension(self, work: Path, build_id: str, steps: Steps) -> Path:
        """Compile our C files into `work` against the binding that will lie beside it; the path of the module.

        `build_id` is what the module expects of _pjsua2; tests pass a wrong one.
        """
        target = work / f"{MODULE}{self.python.suffix}"
        steps.run(
            "compile the SIP event extension",
            ["cc", "-shared", *self.make_words("$(PJ_CFLAGS)"), *self.recipe["flags"]["extension"],
             f"-I{self.python.include}", f'-DDESKPHONE_BUILD_ID="{build_id}"',
             f'-DDESKPHONE_PJ_VERSION="{source.version_of(self.tree)}"',
             f'-DDESKPHONE_PJ_SOURCE="{self.source.name}"', "-o", str(target),
             *map(str, sorted(HERE.glob("*.c"))), f"-L{self.binding}",
             f"-l:_pjsua2{self.python.suffix}", "-Wl,-rpath,$ORIGIN"],
            work,
        )  # fmt: skip
        return target

    def wheel(self) -> Path:
        """The wheel; made when its cache has none."""
        binding = self.pjsua2()
        name = f"{NAME.replace('-', '_')}-{self.version}-{self.python.tag}-{self.python.tag}-{self.python.platform}.whl"
        with locked(self.wheel_dir.name):
            if not self.wheel_dir.exists():
                with made(self.wheel_dir) as work:
                    steps = Steps(self.wheel_dir.name)
                    module = self.compile_extension(work, self.build_id, steps)
                    steps.run("strip the extension", ["strip", "--strip-unneeded", str(module)], work)
                    files = [binding / "pjsua2.py", binding / f"_pjsua2{self.python.suffix}", module]
                    write_wheel(work / name, self.version, [*files, HERE / f"{MODULE}.pyi"])
                    module.unlink()
        return self.wheel_dir / name

    def install(self) -> Path:
        """pip-install the wheel into the chosen Python, without network; nothing to do when it is there."""
        wheel = self.wheel()
        if self.python.installed != self.version:
            Steps("install").run(
                f"install {wheel.name}",
                [self.python.executable, "-m", "pip", "install", "--no-deps", "--no-index",
                 "--disable-pip-version-check", str(wheel)],
                HERE,
            )  # fmt: skip
        return wheel

    def sanitized(self) -> Path:
        """A directory with the binding and the extension, this one with AddressSanitizer (`make native-check`)."""
        binding = self.pjsua2()
        place = self.wheel_dir.with_name(self.wheel_dir.name.replace("wheel", "sanitized"))
        with locked(place.name):
            if not place.exists():
                self.recipe["flags"]["extension"] += self.recipe["flags"]["sanitized"]
                with made(place) as work:
                    for path in (binding / "pjsua2.py", binding / f"_pjsua2{self.python.suffix}"):
                        shutil.copy(path, work)
                    self.compile_extension(work, self.build_id, Steps(place.name))
        return place

    def pjsua(self) -> Path:
        """pjproject's own C user agent `pjsua`, linked from the same libraries, for benchmarks."""
        tree = self.libraries()
        with locked(self.tree.name):
            found = sorted((tree / "pjsip-apps/bin").glob("pjsua-*"))
            if not found:
                Steps("pjsua").run("compile pjsua", ["make", JOBS, "pjsua"], tree / "pjsip-apps/build")
                found = sorted((tree / "pjsip-apps/bin").glob("pjsua-*"))
        return found[0]


def write_wheel(path: Path, version: str, files: list[Path]) -> None:
    """Write a wheel (binary distribution format, PEP 427) holding `files` at its top level."""
    info = f"{NAME.replace('-', '_')}-{version}.dist-info"
    tag = "-".join(path.stem.split("-")[-3:])
    metadata = f"Metadata-Version: 2.1\nName: {NAME}\nVersion: {version}\nLicense: {LICENSE}\n"
    metadata += "Summary: pjproject's pjsua2 binding and deskphone's SIP event extension, built from source\n"
    kind = f"Wheel-Version: 1.0\nGenerator: deskphone build.py\nRoot-Is-Purelib: false\nTag: {tag}\n"
    contents = {file.name: file.read_bytes() for file in files}
    contents[f"{info}/METADATA"] = metadata.encode()
    contents[f"{info}/WHEEL"] = kind.encode()
    record = ""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, data in contents.items():
            archive.writestr(name, data)
            checksum = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            record += f"{name},sha256={checksum},{len(data)}\n"
        archive.writestr(f"{info}/RECORD", record + f"{info}/RECORD,,\n")


def main(arguments: list[str]) -> int:
    """Run one command; the last line of stdout is the path of its result."""
    parser = argparse.ArgumentParser(prog="build.py", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("command", choices=["source", "wheel", "install", "pjsua", "sanitized"])
    parser.add_argument("--python", default=sys.executable, help="the interpreter to build for or install into")
    options = parser.parse_args(arguments)
    # A virtual environment's interpreter must keep its own name, so the path is made absolute but not resolved.
    executable = shutil.which(options.python) or options.python
    try:
        build = Build(os.path.abspath(executable))
        result = build.source.path if options.command == "source" else getattr(build, options.command)()
    except BuildError as error:
        return fail(error)
    print(result, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
