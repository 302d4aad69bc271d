"""`deskphone config check|dump|reference`: opens the files and prints; the answers come from `deskphone.config.cli`.

Files of this machine only: an include that names a URL is refused here, the provisioning client fetches those.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from deskphone.config import cli, lines


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `config` to the program's commands; `run` is set as its function."""
    parser = subparsers.add_parser("config", help="check, print and explain configuration files")
    parser.set_defaults(run=run)
    commands = parser.add_subparsers(dest="config_command", required=True, metavar="COMMAND")
    check = commands.add_parser("check", help="report every error and doubt of a file")
    check.add_argument("file", help="configuration file, or - for standard input")
    dump = commands.add_parser("dump", help="print the whole configuration, secrets masked")
    dump.add_argument("file", nargs="?", help="configuration file, or - for standard input (default: none)")
    dump.add_argument("--secrets", action="store_true", help="print secrets in clear")
    dump.add_argument("--changed", action="store_true", help="only what differs from the defaults")
    commands.add_parser("reference", help="print the reference of all settings in Markdown")


def run(args: argparse.Namespace) -> int:
    """Run the command and return its exit code (sysexits(3))."""
    outcome = _outcome(args)
    sys.stderr.write(outcome.err)
    sys.stdout.write(outcome.out)
    return outcome.code


def _outcome(args: argparse.Namespace) -> cli.Outcome:
    if args.config_command == "reference":
        return cli.show_reference()
    if args.file is None:
        return cli.dump(None, "defaults", only_changed=args.changed)
    source = "stdin" if args.file == "-" else args.file
    try:
        data = sys.stdin.buffer.read(lines.SIZE_LIMIT + 1) if args.file == "-" else _load(args.file)
    except OSError as wrong:
        return cli.Outcome(cli.EX_NOINPUT, "", f"{source}: expected a readable file, got {wrong.strerror}\n")
    if args.config_command == "check":
        return cli.check(data, source, fetch)
    return cli.dump(data, source, fetch, args.secrets, args.changed)


def _load(path: str) -> bytes:
    with Path(path).open("rb") as file:
        return file.read(lines.SIZE_LIMIT + 1)  # one byte too many tells the reader that it is too long


def fetch(reference: str, base: str) -> bytes:
    """An included file of this machine; ValueError for a URL."""
    if "://" in reference:
        raise ValueError("a URL, which is fetched by provisioning only")
    return _load(reference)
