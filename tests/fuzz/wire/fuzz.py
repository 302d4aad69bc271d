"""Fuzz every parser: `fuzz.py --seconds 60` runs each target in turn so long, on the committed corpus.

Law: new inputs go to a scratch folder; a finding is written beside the corpus as `finding-*` and ends in exit
code 1. With atheris (3.0.0) it is guided by coverage; without, the corpus is mutated blindly, by the same oracle.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
CORPUS = HERE / "corpus"
MAX_INPUT = 4_096
CASE_SECONDS = 5
sys.path[:0] = [str(HERE), str(HERE.parents[2] / "firmware")]


def main() -> int:
    """One process a target; print a line a target and a total."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=float, default=60, help="for each target (default 60)")
    arguments.add_argument("--target", default="", help="one target only")
    arguments.add_argument("--engine", choices=("atheris", "mutate"), default="", help="default: atheris if installed")
    arguments.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    engine = chosen.engine or ("atheris" if _has_atheris() else "mutate")
    if chosen.child:
        return (_atheris if engine == "atheris" else _mutate)(chosen.target, chosen.seconds)
    from other_targets import EVERY  # noqa: PLC0415

    names = [chosen.target] if chosen.target else list(EVERY)
    total, findings = 0, 0
    for name in names:
        runs, found, seconds = _child(name, chosen.seconds, engine)
        print(f"{name:16} {runs:>10} executions {runs / seconds:>9.0f}/s {'FINDING' if found else 'ok'}", flush=True)
        total, findings = total + runs, findings + found
    print(f"{'total':16} {total:>10} executions, {chosen.seconds:.0f} s each with {engine}, {findings} finding(s)")
    return 1 if findings else 0


def _child(name: str, seconds: float, engine: str) -> tuple[int, int, float]:
    """(executions, findings, seconds) of one target in a process of its own: a crash ends only that."""
    command = [sys.executable, __file__, "--child", "--engine", engine, "--target", name, "--seconds", str(seconds)]
    began = time.monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="fuzz-wire-") as scratch:
            done = subprocess.run(
                command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False,
                timeout=2 * seconds + 60, env={**os.environ, "TMPDIR": scratch},
            )  # fmt: skip
    except subprocess.TimeoutExpired as hung:
        print(f"{name} hangs:", (hung.stdout or b"")[-2_000:])
        return 0, 1, time.monotonic() - began
    counted = re.findall(r"Done (\d+) runs|#(\d+)\s", done.stdout)
    runs = max((int(a or b) for a, b in counted), default=0)
    if done.returncode:
        print(done.stdout[-6_000:])
    return runs, int(done.returncode != 0), max(time.monotonic() - began, 0.001)


def _has_atheris() -> bool:
    try:
        import atheris  # type: ignore[import-not-found, import-untyped, unused-ignore]  # noqa: F401, PLC0415
    except ImportError:
        return False
    return True


def _atheris(name: str, seconds: float) -> int:
    import atheris  # type: ignore[import-not-found, import-untyped, unused-ignore]  # noqa: PLC0415

    with atheris.instrument_imports(include=["deskphone"]):
        import other_targets  # noqa: F401, PLC0415

    scratch = tempfile.mkdtemp(prefix=f"fuzz-{name}-")
    options = [
        f"-max_total_time={max(int(seconds), 1)}", f"-max_len={MAX_INPUT}", f"-timeout={CASE_SECONDS}",
        "-rss_limit_mb=512", "-verbosity=1",
        f"-artifact_prefix={HERE / f'finding-{name}-'}", "-print_final_stats=1", scratch, str(CORPUS / name),
    ]  # fmt: skip
    atheris.Setup([sys.argv[0], *options], lambda data: _one(name, data))
    atheris.Fuzz()
    return 0


def _mutate(name: str, seconds: float) -> int:
    """Seeded mutation of the corpus: flips, cuts, copies, splices and words of the grammar."""
    signal.signal(signal.SIGALRM, _too_slow)
    seeds = [path.read_bytes() for path in sorted((CORPUS / name).iterdir())]
    words = [b"\r\n", b"\x00", b"<", b">", b'"', b";", b"=", b",", b"%0d%0a", b"--", b"\xff", b"<!DOCTYPE"]
    dice = random.Random(name)
    runs, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        data = _mutated(dice, bytearray(dice.choice(seeds)), seeds, words)
        runs += 1
        signal.alarm(CASE_SECONDS)
        try:
            _one(name, data)
        except Exception:
            traceback.print_exc()
            print(f"Done {runs} runs")
            return 1
    signal.alarm(0)
    print(f"Done {runs} runs")
    return 0


def _one(name: str, data: bytes) -> None:
    """One case; what is found is kept (atheris does not always write it)."""
    import other_targets  # noqa: PLC0415

    try:
        other_targets.run(name, data)
    except Exception:
        path = HERE / f"finding-{name}-{hashlib.sha256(data).hexdigest()[:16]}"
        path.write_bytes(data)
        print(f"{data!r}\nwritten to {path}")
        raise


def _too_slow(*_: object) -> None:
    raise TimeoutError(f"one input took more than {CASE_SECONDS} s")


def _mutated(dice: random.Random, data: bytearray, seeds: list[bytes], words: list[bytes]) -> bytes:
    for _ in range(dice.randint(1, 8)):
        at = dice.randint(0, len(data))
        end = min(len(data), at + dice.randint(1, 32))
        match dice.randrange(6):
            case 0 if data:
                data[at % len(data)] = dice.randrange(256)
            case 1:
                del data[at:end]
            case 2:
                data[at:at] = data[at:end] * dice.randint(1, 40)
            case 3:
                other = dice.choice(seeds)
                data[at:end] = other[dice.randint(0, len(other)) :][:64]
            case 4:
                data[at:at] = dice.choice(words)
            case _:
                del data[at:]
    return bytes(data[:MAX_INPUT])


if __name__ == "__main__":
    sys.exit(main())
