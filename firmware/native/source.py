"""Where pjproject's source comes from: `PJPROJECT`, else the commit asked for from upstream's git, else the release
as a component of a Debian source package. git checks by the commit's id, apt by Debian's signed index; what was
checked is kept in the cache. Nothing is compiled here.

No address of a package mirror is written here: the Debian way asks the machine's own apt which mirror it uses.
"""

from __future__ import annotations

import os
import re
import shutil
import tarfile
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from workshop import BuildError, cache_root, file_sha256, locked, output_of, say, tree_sha256

APT_HELPER = "/usr/lib/apt/apt-helper"
DEBIAN_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


@dataclass(frozen=True)
class Source:
    """A pjproject source on this machine: an archive or a directory, its SHA-256, where it came from, and what a
    journal says of it in a word or two ("b7317ffcaf1d", "Debian")."""

    path: Path
    sha256: str
    origin: str
    name: str


def obtain(recipe: Mapping[str, Any]) -> Source:
    """The source to build, from `$PJPROJECT`, the cache, upstream or Debian, in this order.

    `recipe` is pjproject.toml as read. Raises BuildError when no way works, naming each way and its fault.
    """
    given = os.environ.get("PJPROJECT")
    if given:
        return given_source(Path(given))
    with locked("source"):
        kept = cache_root() / "sources"  # a file is there only after its check
        upstream = kept / f"pjproject-{recipe['upstream']['commit']}.tar.gz"
        debian = kept / f"pjproject-{recipe['version']}-debian.tar.xz"
        if upstream.exists():
            return commit_source(recipe, upstream)
        if debian.exists():
            return debian_source(debian)
        try:
            return from_upstream(recipe, upstream)
        except BuildError as first:
            say(f"{first}; trying Debian's source package")
            try:
                return from_debian(recipe, debian)
            except BuildError as second:
                raise BuildError(
                    f"no pjproject {recipe['version']} source: upstream: {first}; Debian: {second}; "
                    "give a tree or an archive with PJPROJECT=DIR|TARBALL"
                ) from second


def commit_source(recipe: Mapping[str, Any], path: Path) -> Source:
    """The archive of upstream's commit."""
    return Source(path, file_sha256(path), "upstream", recipe["upstream"]["commit"][:12])


def debian_source(path: Path) -> Source:
    """Debian's copy of the release."""
    return Source(path, file_sha256(path), "debian", "Debian")


def given_source(path: Path) -> Source:
    """The source a person named with `PJPROJECT`; trusted as it is, only its version is checked later."""
    path = path.expanduser().resolve()
    if path.is_dir():
        return Source(path, tree_sha256(path), "given", "given")
    if path.is_file():
        return Source(path, file_sha256(path), "given", "given")
    raise BuildError(f"PJPROJECT={path}: expected a source directory or an archive")


def from_upstream(recipe: Mapping[str, Any], target: Path) -> Source:
    """Fetch the commit from upstream's git into the archive `target`. Raises BuildError where it does not answer.

    git itself refuses objects that do not hash to the commit's id.
    """
    upstream = recipe["upstream"]
    answers(upstream["url"], upstream["connect_timeout_s"])
    say(f"fetching {upstream['url']} at {upstream['commit']}")
    work = target.with_name(target.name + ".git")
    shutil.rmtree(work, ignore_errors=True)
    git = ["git", "-c", "http.lowSpeedLimit=1000", "-c", "http.lowSpeedTime=30", "-C", str(work)]
    try:
        output_of(["git", "init", "--quiet", "--bare", str(work)])
        output_of([*git, "fetch", "--quiet", "--depth=1", upstream["url"], upstream["commit"]])
        partial = target.with_name(target.name + ".partial")
        output_of([*git, "archive", "--format=tar.gz", f"--output={partial}", upstream["commit"]])
        partial.rename(target)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return commit_source(recipe, target)


def answers(url: str, seconds: float) -> None:
    """Whether a git server is there at all, found out sooner than git would. Raises BuildError where none answers."""
    if not url.startswith("http"):
        return
    try:
        urllib.request.urlopen(f"{url}/info/refs?service=git-upload-pack", timeout=seconds).close()
    except (OSError, urllib.error.URLError) as error:
        raise BuildError(f"upstream does not answer ({error})") from error


def from_debian(recipe: Mapping[str, Any], target: Path) -> Source:
    """Fetch the component of Debian's source package to `target`, through a private apt configuration.

    The machine's apt settings stay untouched. apt checks the index by Debian's key and the file by the index's hash.
    """
    debian = recipe["debian"]
    if not shutil.which("apt-get") or not Path(APT_HELPER).exists():
        raise BuildError("apt-get and apt-helper are not on this machine")
    apt = cache_root() / "apt"
    for name in ("lists/partial", "cache/archives/partial", "empty"):
        (apt / name).mkdir(parents=True, exist_ok=True)
    trust = f"signed-by={DEBIAN_KEYRING} " if Path(DEBIAN_KEYRING).exists() else ""
    (apt / "sources.list").write_text(
        f"deb-src [{trust}check-valid-until=no] {debian_mirror()} {debian['suite']} main\n"
    )
    private = [
        f"-oDir::Etc::sourcelist={apt}/sources.list", f"-oDir::Etc::sourceparts={apt}/empty",
        f"-oDir::State::lists={apt}/lists", f"-oDir::Cache={apt}/cache", "-oAcquire::Languages=none",
        "-oAPT::Sandbox::User=",
    ]  # fmt: skip
    say(f"reading the index of Debian {debian['suite']} sources")
    output_of(["apt-get", *private, "update"])
    listing = output_of(["apt-get", *private, "source", "--print-uris", debian["package"]])
    uri, name, sha256 = component_of(listing, debian["component_suffix"])
    say(f"fetching {name}")
    partial = target.with_name(target.name + ".partial")
    output_of([APT_HELPER, *private, "download-file", uri, str(partial), f"SHA256:{sha256}"])
    found = file_sha256(partial)
    if found != sha256:
        partial.unlink()
        raise BuildError(f"{name}: SHA-256 is {found}, Debian's index says {sha256}")
    partial.rename(target)
    shutil.rmtree(apt, ignore_errors=True)
    return debian_source(target)


def component_of(listing: str, suffix: str) -> tuple[str, str, str]:
    """(address, file name, SHA-256) of the file ending in `suffix` in the output of `apt-get source --print-uris`."""
    for match in re.finditer(r"^'([^']+)' (\S+) \d+ SHA256:([0-9a-f]{64})$", listing, re.MULTILINE):
        if unquote(match[2]).endswith(suffix):
            return match[1], match[2], match[3]
    raise BuildError(f"the Debian source package has no component *{suffix}")


def debian_mirror() -> str:
    """The Debian mirror this machine's apt uses for its own release (not the security or updates suites)."""
    listing = output_of(
        ["apt-get", "indextargets", "--format", "$(ORIGIN)|$(LABEL)|$(REPO_URI)", "Created-By: Packages"]
    )
    for line in listing.splitlines():
        origin, label, uri = line.split("|", 2)
        if origin == "Debian" and label == "Debian":
            return uri
    raise BuildError("this machine's apt has no Debian source; run apt-get update, or set PJPROJECT")


def unpack(source: Source, target: Path) -> None:
    """Put the source tree into the empty directory `target`."""
    if source.path.is_dir():
        ignore = shutil.ignore_patterns(".git", "*.o", "*.a", "*.depend")
        shutil.copytree(source.path, target, dirs_exist_ok=True, symlinks=True, ignore=ignore)
        return
    try:
        with tarfile.open(source.path) as archive:
            archive.extractall(target, filter="data")
    except (tarfile.TarError, OSError) as error:
        raise BuildError(f"{source.path}: not a readable archive ({error})") from error
    inside = list(target.iterdir())
    if len(inside) == 1 and inside[0].is_dir():  # archives hold one top folder; lift its contents up
        top = inside[0].rename(target.with_name(target.name + ".top"))
        target.rmdir()
        top.rename(target)


def version_of(tree: Path) -> str:
    """The version in a tree's version.mak, as "2.17", "2.17.1" or "2.17-dev". Raises BuildError when it has none."""
    path = tree / "version.mak"
    if not path.is_file():
        raise BuildError(f"{tree}: no version.mak, so this is not a pjproject source")
    found = dict(re.findall(r"^export PJ_VERSION_(\w+)\s*:=[ \t]*(\S*)", path.read_text(), re.MULTILINE))
    numbers = [found.get("MAJOR", ""), found.get("MINOR", ""), found.get("REV", "")]
    return f"{'.'.join(number for number in numbers if number)}{found.get('SUFFIX', '')}"
