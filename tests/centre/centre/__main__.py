"""`deskphone-centre`, `python -m centre`, and what `deskphone sipserver` hands its arguments to."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from centre.command import parser, run


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse and run; the exit code is one of sysexits(3)."""
    return run(parser().parse_args(arguments))


if __name__ == "__main__":
    sys.exit(main())
