"""`python -m deskphone.sim.sipserver`: the same as `deskphone sipserver`."""

import argparse
import os
import sys

from deskphone.sim.sipserver.command import add_arguments, epilog, run


def main() -> int:
    """Parse and run; wrong usage is EX_USAGE, as everywhere in deskphone."""
    parser = argparse.ArgumentParser(
        prog="deskphone sipserver", epilog=epilog(), formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_arguments(parser)
    try:
        args = parser.parse_args()
    except SystemExit as stop:
        return os.EX_USAGE if stop.code else os.EX_OK
    return run(args)


sys.exit(main())
