"""`deskphone replay FILE`: run a recording through the reducer and show what the phone went through.

Law: reads one file, prints; exit code 0 where the replay ends in the recorded state, 65 where it does not.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from deskphone.app.codec import CodecError
from deskphone.app.recorder import replay
from deskphone.view.render import render


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `replay` to the program's commands."""
    parser = subparsers.add_parser("replay", help="reproduce the state from a recording")
    parser.add_argument("file", help="a recording (recording.json of the data folder)")
    parser.add_argument("--quiet", action="store_true", help="only the outcome, not each event")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Replay and print; returns a sysexits(3) code."""
    try:
        outcome = replay(Path(args.file).read_text("utf-8"))
    except OSError as error:
        print(f"{args.file}: expected a readable file, got {error.strerror}", file=sys.stderr)
        return os.EX_NOINPUT
    except (CodecError, UnicodeDecodeError) as error:
        print(f"{args.file}: {error}", file=sys.stderr)
        return os.EX_DATAERR
    if not args.quiet:
        print("\n".join(outcome.log))
    screen = render(outcome.phone).screen
    print(f"{outcome.events} events; the screen then: {screen.title} | " + " | ".join(screen.words()))
    print(
        "the replay ends in the recorded state" if outcome.agrees else "the replay does NOT end in the recorded state"
    )
    return os.EX_OK if outcome.agrees else os.EX_DATAERR
