"""`deskphone capture`: `deskphone cli capture`, by a shorter name."""

from __future__ import annotations

import argparse

from deskphone.manage.cli.command import add_short


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `capture` to the program's commands."""
    add_short(subparsers, "capture", "capture packets at a running phone")
