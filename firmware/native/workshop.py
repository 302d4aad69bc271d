"""The workshop: the cache outside the tree, its locks, and long steps that show progress and keep a log.

Knows nothing of pjproject. Every result is made in a `.partial` place and renamed when it is whole, so an
interrupted build leaves nothing that looks finished. Standard library only: runs before any package is installed.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

HEARTBEAT_S = 10.0
LOG_TAIL_LINES = 20


class BuildError(Exception):
    """A build cannot go on; the text says what failed, where to look and what was expected."""


def cache_root() -> Path:
    """The cache directory, `$XDG_CACHE_HOME/deskphone/native`, created when missing."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    root = Path(base) / "deskphone" / "native"
    for name in ("sources", "logs", "locks"):
        (root / name).mkdir(parents=True, exist_ok=True)
    return root


def digest(*parts: object) -> str:
    """SHA-256 (hex) over `parts`; their repr keeps ("ab", "c") and ("a", "bc") apart."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def file_sha256(path: Path) -> str:
    """SHA-256 (hex) of a file's bytes."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def tree_sha256(directory: Path) -> str:
    """SHA-256 (hex) over names and contents of a source tree; `.git` does not count."""
    total = hashlib.sha256()
    for path in sorted(directory.rglob("*")):
        relative = path.relative_to(directory)
        if path.is_file() and ".git" not in relative.parts:
            total.update(f"{relative}\0{file_sha256(path)}\n".encode())
    return total.hexdigest()


def say(text: str) -> None:
    """One progress line on stdout, at once."""
    print(f"native: {text}", flush=True)


@contextlib.contextmanager
def locked(name: str) -> Iterator[None]:
    """Hold the cache's lock `name`; a second build waits here and then finds the work done."""
    with (cache_root() / "locks" / name).open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"another build holds {name}; waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def made(final: Path) -> Iterator[Path]:
    """Give an empty `.partial` directory beside `final` and rename it to `final` when the body succeeds.

    Call it with the lock of `final` held: a leftover of an interrupted build is removed.
    """
    partial = final.with_name(final.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    yield partial
    partial.rename(final)


class Steps:
    """Runs the long steps of one job: a line when each starts, a heartbeat, a line when it ends; output in a log."""

    def __init__(self, job: str) -> None:
        self.log = cache_root() / "logs" / f"{job}.log"
        self.log.write_text("")

    def run(
        self,
        title: str,
        command: Sequence[str],
        cwd: Path,
        env: Mapping[str, str] | None = None,
    ) -> None:
        """Run `command` in `cwd`. Raises BuildError with the last lines of the log when it fails."""
        say(f"{title} ...")
        started = time.monotonic()
        with self.log.open("ab") as log:
            log.write(f"\n$ cd {cwd}\n$ {' '.join(command)}\n".encode())
            log.flush()
            try:
                process = subprocess.Popen(
                    command, cwd=cwd, env={**os.environ, **(env or {})},
                    stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                )  # fmt: skip
            except OSError as error:
                raise BuildError(f"{title}: cannot start {command[0]}: {error}") from error
            while True:
                try:
                    code = process.wait(HEARTBEAT_S)
                    break
                except subprocess.TimeoutExpired:
                    say(f"{title} ... {time.monotonic() - started:.0f} s")
                except BaseException:
                    process.terminate()
                    raise
        if code != 0:
            raise BuildError(f"{title} failed with exit status {code}\n{self.tail()}")
        say(f"{title}: done in {time.monotonic() - started:.1f} s")

    def tail(self) -> str:
        """The last lines of the log and its path, for an error message."""
        lines = self.log.read_text(errors="replace").splitlines()[-LOG_TAIL_LINES:]
        return "\n".join(["  | " + line for line in lines] + [f"full log: {self.log}"])


def output_of(command: Sequence[str], cwd: Path | None = None, text: str | None = None) -> str:
    """The stdout of a short command. Raises BuildError with its stderr when it fails."""
    try:
        done = subprocess.run(command, cwd=cwd, input=text, capture_output=True, text=True, check=False)
    except OSError as error:
        raise BuildError(f"cannot start {command[0]}: {error}") from error
    if done.returncode != 0:
        raise BuildError(f"{' '.join(command)} failed: {done.stderr.strip()[-2000:]}")
    return done.stdout


def fail(error: BuildError) -> int:
    """Print an error for a person; the exit status of a failed build (sysexits EX_SOFTWARE)."""
    print(f"native: {error}", file=sys.stderr, flush=True)
    return 70
