"""`deskphone sipserver`: the stand-in alone, until Ctrl-C. Options to Settings, errors to sysexits(3), nothing else."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys

from deskphone.sim.sipserver.control import Control
from deskphone.sim.sipserver.numbers import help_text
from deskphone.sim.sipserver.server import SipServer
from deskphone.sim.sipserver.settings import DN

DEFAULT_DNS = ("1502:secret", "1503:secret")


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Add the `sipserver` command to a program's subparsers."""
    parser = subparsers.add_parser(
        "sipserver",
        help="a contact-centre SIP Server stand-in",
        description="A contact-centre SIP Server stand-in: registrar, calls between DNs, service numbers, customers.",
        epilog=help_text(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_arguments(parser)
    parser.set_defaults(run=run)
    return parser


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options alone."""
    add = parser.add_argument
    add("--sip-port", type=_port, default=5060, metavar="N", help="UDP and TCP port (default 5060; 0 = any free)")
    add("--host", default="127.0.0.1", help="address to listen on, a literal (default 127.0.0.1)")
    add("--dn", action="append", type=_dn, metavar="NUMBER:PASSWORD[:NAME]",
        help=f"a DN, may be repeated (default {' '.join(DEFAULT_DNS)})")  # fmt: skip
    add("--realm", default="deskphone", help="digest realm")
    add("--algorithm", action="append", choices=("MD5", "SHA-256"), help="digest algorithm, may be repeated (MD5)")
    add("--guests", action="store_true", help="let callers that are no DN place calls without a password")
    add("--control", type=_address, metavar="HOST:PORT", help="serve the HTTP control API there (default: not)")
    add("--customer-after", type=_positive, metavar="SECONDS",
        help="a customer calls a DN registered and idle that long (default: never)")  # fmt: skip
    add("--verbose", action="store_true", help="log every call and message line on stderr")


def run(args: argparse.Namespace) -> int:
    """Run until SIGINT or SIGTERM; the exit code is one of sysexits(3)."""
    logging.basicConfig(
        level=logging.INFO if args.verbose else logging.WARNING, format="%(asctime)s %(levelname)s %(message)s"
    )
    try:
        return asyncio.run(_serve(args))
    except KeyboardInterrupt:
        return os.EX_OK


async def _serve(args: argparse.Namespace) -> int:
    dns = args.dn or [_dn(text) for text in DEFAULT_DNS]
    server = SipServer(
        host=args.host, port=args.sip_port, realm=args.realm, guests=args.guests,
        algorithms=tuple(args.algorithm or ("MD5",)), dns={dn.number: dn for dn in dns},
    )  # fmt: skip
    control = Control(server, *args.control) if args.control else None
    where = f"{args.host}:{args.sip_port}"
    try:
        await server.start()
        if control is not None:
            where = control.url
            await control.start()
    except OSError as error:
        print(f"deskphone sipserver: cannot listen on {where}: {error.strerror or error}", file=sys.stderr)
        await server.stop()
        return os.EX_UNAVAILABLE
    print(f"SIP Server on {server.address} (UDP, TCP), DNs {', '.join(dn.number for dn in dns)}", flush=True)
    if control is not None:
        print(f"control API on {control.url}/server/state", flush=True)
    if args.customer_after is not None:
        server.start_customers(args.customer_after)
    await _until_told()
    if control is not None:
        await control.stop()
    await server.stop()
    return os.EX_OK


async def _until_told() -> None:
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    await told.wait()


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r}: expected a port, 0 to 65535")
    return int(text)


def _address(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not host:
        raise argparse.ArgumentTypeError(f"{text!r}: expected HOST:PORT")
    return host.strip("[]"), _port(port)


def _dn(text: str) -> DN:
    number, _, rest = text.partition(":")
    password, _, name = rest.partition(":")
    if not number:
        raise argparse.ArgumentTypeError(f"{text!r}: expected NUMBER:PASSWORD[:NAME]")
    return DN(number, password, name)


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value < 1e6:
        raise argparse.ArgumentTypeError(f"{text!r}: expected seconds above 0")
    return value
