"""`deskphone trace`: `deskphone cli trace`, by a shorter name."""

from __future__ import annotations

import argparse

from deskphone.manage.cli.command import add_short


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `trace` to the program's commands."""
    add_short(subparsers, "trace", "the last SIP messages of a running phone")
