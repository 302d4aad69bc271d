"""`deskphone sipserver`: hands its words to the contact centre, where one is installed.

Law: the contact centre is no part of the product. A laptop has it as a package that offers the command `sipserver`
(entry points of the group deskphone.commands, a function of the words to an exit code); a card has none.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import entry_points

GROUP, NAME = "deskphone.commands", "sipserver"
HOW = "the contact centre is not installed here: `make run` brings it, or `pip install -e tests/centre` in the sources"


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `sipserver`. Its options are the contact centre's own, --help too, so here no word is an option."""
    parser = subparsers.add_parser(
        NAME, help="a contact centre on this laptop: a SIP Server to register at", add_help=False, prefix_chars="\0"
    )
    parser.add_argument("words", nargs="*")
    parser.set_defaults(run=lambda args: run(args.words))


def installed() -> bool:
    """Whether this machine has a contact centre."""
    return bool(entry_points(group=GROUP, name=NAME))


def missing(command: str) -> int:
    """One line on how to get it; EX_UNAVAILABLE."""
    print(f"deskphone {command}: {HOW}", file=sys.stderr)
    return os.EX_UNAVAILABLE


def run(words: Sequence[str]) -> int:
    """The contact centre until it ends; its exit code."""
    found = next(iter(entry_points(group=GROUP, name=NAME)), None)
    if found is None:
        return missing(NAME)
    main: Callable[[Sequence[str]], int] = found.load()
    return main(words)
