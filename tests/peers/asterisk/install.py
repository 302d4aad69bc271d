"""Asterisk for the tests: Debian sid's packages unpacked into the cache, because Debian 12 has none.

Law: nothing is installed on the machine. A private apt configuration (the machine's own mirror, an empty package
database) finds Asterisk with all it needs, and `dpkg-deb` unpacks that; the tree runs by its own dynamic loader, so
neither root nor chroot is needed. Standard library only: runs before any package is there.
"""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(PROJECT / "firmware" / "native"))

from source import DEBIAN_KEYRING, debian_mirror  # noqa: E402
from workshop import BuildError, cache_root, digest, fail, locked, made, output_of, say  # noqa: E402

SUITE = "sid"
PURPOSE = "asterisk"
NOT_NEEDED = ("usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/perl", "usr/share/info")
LAYOUT = 1  # of what is made here; part of the name in the cache


def packages() -> list[str]:
    """The packages of this purpose in firmware/packages.txt."""
    lines = (PROJECT / "firmware" / "packages.txt").read_text().splitlines()
    return [
        name for purpose, name in (line.split() for line in lines if line[:1] not in ("#", "")) if purpose == PURPOSE
    ]


def tree() -> Path:
    """Where the unpacked tree is, or is to be."""
    return cache_root().parent / f"asterisk-{digest(LAYOUT, SUITE, packages())[:12]}"


def command(root: Path) -> list[str]:
    """The words that start Asterisk from its tree, with its own C library."""
    libraries = next((root / "usr" / "lib").glob("*-linux-gnu"))
    loader = next(libraries.glob("ld-linux*.so.*"))
    return [str(loader), "--library-path", str(libraries), str(root / "usr" / "sbin" / "asterisk")]


def modules(root: Path) -> Path:
    """The folder of its modules."""
    return next((root / "usr" / "lib").glob("*-linux-gnu/asterisk/modules"))


def unpack(root: Path, apt: Path) -> None:
    """Fetch the packages and what they depend on, and unpack them to `root`. BuildError says which step failed."""
    for name in ("lists/partial", "cache/archives/partial", "empty"):
        (apt / name).mkdir(parents=True, exist_ok=True)
    (apt / "status").touch()
    trust = f"signed-by={DEBIAN_KEYRING} " if Path(DEBIAN_KEYRING).exists() else ""
    (apt / "sources.list").write_text(f"deb [{trust}check-valid-until=no] {debian_mirror()} {SUITE} main\n")
    private = [
        f"-oDir::Etc::sourcelist={apt}/sources.list", f"-oDir::Etc::sourceparts={apt}/empty",
        "-oDir::Etc::preferences=/dev/null", f"-oDir::Etc::preferencesparts={apt}/empty",
        f"-oDir::State::lists={apt}/lists", f"-oDir::State::status={apt}/status", f"-oDir::Cache={apt}/cache",
        "-oAcquire::Languages=none", "-oAPT::Sandbox::User=", "-oDebug::NoLocking=true",
        "-oAPT::Install-Recommends=false",
    ]  # fmt: skip
    say(f"reading the index of Debian {SUITE}")
    output_of(["apt-get", *private, "update"])
    say(f"fetching {' '.join(packages())} and what they need (80 MB)")
    output_of(["apt-get", *private, "-y", "-qq", "--download-only", "install", *packages()])
    archives = sorted((apt / "cache" / "archives").glob("*.deb"))
    if not archives:
        raise BuildError(f"apt-get fetched no package of Debian {SUITE}")
    say(f"unpacking {len(archives)} packages")
    for archive in archives:
        output_of(["dpkg-deb", "-x", str(archive), str(root)])
    for name in NOT_NEEDED:
        shutil.rmtree(root / name, ignore_errors=True)


def main() -> int:
    """Make the tree where the cache has none."""
    root = tree()
    if root.exists():
        return 0
    with locked("asterisk"):
        if root.exists():
            return 0
        apt = root.with_name(root.name + ".apt")
        try:
            with made(root) as partial:
                unpack(partial, apt)
                said = subprocess.run([*command(partial), "-V"], capture_output=True, text=True, check=False)
                if said.returncode or not said.stdout.startswith("Asterisk "):
                    raise BuildError(f"Asterisk of Debian {SUITE} does not run on {platform.platform()}: {said.stderr}")
                (partial / "VERSION").write_text(said.stdout.split()[1].partition("+")[0] + "\n")
        except BuildError as error:
            return fail(error)
        finally:
            shutil.rmtree(apt, ignore_errors=True)
        say(f"Asterisk {(root / 'VERSION').read_text().strip()} is in {root}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
