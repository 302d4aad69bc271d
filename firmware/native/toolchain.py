"""What the machine brings to the build: the Python to build for, the C compiler, and what is missing.

Only looks; compiles nothing and downloads nothing.
"""

from __future__ import annotations

import json
import platform
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workshop import BuildError, output_of

PROBE = """
import json, sys, sysconfig
try:
    from importlib.metadata import version
    installed = version("deskphone-pjsua2")
except Exception:
    installed = ""
print(json.dumps({
    "version": sys.version, "tag": f"cp{sys.version_info[0]}{sys.version_info[1]}",
    "include": sysconfig.get_paths()["include"], "suffix": sysconfig.get_config_var("EXT_SUFFIX"),
    "platform": sysconfig.get_platform().replace("-", "_").replace(".", "_"), "installed": installed,
}))
"""


@dataclass(frozen=True)
class Interpreter:
    """A Python interpreter the wheel is built for."""

    executable: str
    version: str
    tag: str
    """Wheel tag of version and ABI, such as "cp311"."""
    include: str
    suffix: str
    """File name ending of an extension module."""
    platform: str
    installed: str
    """Version of deskphone-pjsua2 it has installed, or ""."""


def interpreter(executable: str) -> Interpreter:
    """Ask `executable` what an extension module for it needs. Raises BuildError when it does not run."""
    return Interpreter(executable=executable, **json.loads(output_of([executable, "-c", PROBE])))


def compiler() -> str:
    """The C compiler's target and version and the machine; part of every cache key."""
    if not shutil.which("cc"):
        raise BuildError("missing: cc (Debian package gcc)")
    triple = output_of(["cc", "-dumpmachine"]).strip()
    return f"{platform.machine()} {triple} {output_of(['cc', '-dumpfullversion']).strip()}"


def missing(recipe: Mapping[str, Any], python_include: str) -> list[tuple[str, str]]:
    """The tools and headers the build lacks, each with the Debian package that brings it."""
    lacking = [(tool, package) for tool, package in recipe["tools"].items() if not shutil.which(tool)]
    if not Path(python_include, "Python.h").exists():
        lacking.append((f"{python_include}/Python.h", "python3-dev"))
    if shutil.which("cc"):
        lacking += [(f"<{name}>", package) for name, package in recipe["headers"].items() if not has_header(name)]
    return lacking


def has_header(name: str) -> bool:
    """Whether the C compiler finds the header `name`."""
    probe = f"#include <stdio.h>\n#include <{name}>\n".encode()
    command = ["cc", "-E", "-x", "c", "-o", "/dev/null", "-"]
    return subprocess.run(command, input=probe, capture_output=True, check=False).returncode == 0


def require(recipe: Mapping[str, Any], python_include: str) -> None:
    """Raise BuildError naming every missing tool and header, and the one command that installs them."""
    lacking = missing(recipe, python_include)
    if lacking:
        lines = [f"  {what} (Debian package {package})" for what, package in lacking]
        packages = " ".join(sorted({package for _, package in lacking}))
        raise BuildError("\n".join(["missing:", *lines, f"install with: apt-get install {packages}"]))
