"""Fill Buildroot's download folder from elsewhere: `fetch.py TABLE FOLDER [PLACE...]`, each file checked by SHA-256.

A row of TABLE (sources.tsv) names the file's place in the folder, its hash, and where it comes from: `debian PATH`
below the archive DEBIAN names, by pip `pypi NAME==VERSION` (its source) or `wheel NAME==VERSION`, `git NAME TAG PREFIX`
from a clone in the folder CLONES.
What is there already is only checked. Standard library only.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path


def sha256(path: Path) -> str:
    """Of the whole file, "" where there is none."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""


def debian(target: Path, path: str) -> None:
    """One file of the archive's pool; apt's own helper knows about proxies."""
    url = f"{os.environ['DEBIAN'].rstrip('/')}/{path}"
    subprocess.run(["/usr/lib/apt/apt-helper", "download-file", url, str(target)], check=True, stdout=sys.stderr)


def pypi(target: Path, requirement: str) -> None:
    """A source distribution. pip wants to know its metadata first and builds what it needs for that."""
    pip(target, requirement, "--no-binary")


def wheel(target: Path, requirement: str) -> None:
    """A built package, of which nothing is run."""
    pip(target, requirement, "--only-binary")


def pip(target: Path, requirement: str, form: str) -> None:
    """The one file that pip downloads."""
    with tempfile.TemporaryDirectory() as work:
        name = requirement.partition("==")[0]
        command = [sys.executable, "-m", "pip", "-q", "download", "--no-deps", form, name, "-d", work, requirement]
        subprocess.run(command, check=True, stdout=sys.stderr)
        (found,) = Path(work).iterdir()
        target.write_bytes(found.read_bytes())


def git(target: Path, name: str, tag: str, prefix: str) -> None:
    """What `git archive | gzip -n` makes: for tag archives the forge's own bytes."""
    clone = Path(os.environ["CLONES"]) / name
    made = subprocess.run(
        ["git", "-C", str(clone), "archive", "--format=tar", f"--prefix={prefix}/", tag],
        check=True,
        capture_output=True,
    )
    packed = subprocess.run(["gzip", "-n"], input=made.stdout, check=True, capture_output=True)
    target.write_bytes(packed.stdout)


ORIGINS = {"debian": debian, "pypi": pypi, "wheel": wheel, "git": git}


def fetch(folder: Path, place: str, wanted: str, origin: str) -> str:
    """One row; a sentence when it failed."""
    target = folder / place
    if sha256(target) == wanted:
        return ""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + ".partial")
    kind, *words = origin.split()
    try:
        ORIGINS[kind](partial, *words)
    except (subprocess.CalledProcessError, KeyError, OSError, ValueError) as error:
        return f"{place}: {origin}: {error}"
    found = sha256(partial)
    if found != wanted:
        return f"{place}: {origin}: SHA-256 is {found}, expected {wanted}"
    partial.rename(target)
    return ""


def main(arguments: list[str]) -> int:
    """0 when every file is there."""
    table, folder, only = Path(arguments[0]), Path(arguments[1]), set(arguments[2:])
    rows = [line.split("\t") for line in table.read_text().splitlines() if line and not line.startswith("#")]
    said = [fetch(folder, *row) for row in rows if not only or row[0] in only]
    for sentence in filter(None, said):
        print(f"substitutes: {sentence}", file=sys.stderr)
    print(f"substitutes: {len(said) - sum(map(bool, said))} of {len(said)} archives in {folder}")
    return 1 if any(said) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
