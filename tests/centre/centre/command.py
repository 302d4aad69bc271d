"""`deskphone-centre`: the contact centre until Ctrl-C. Options to Settings, errors to sysexits(3), nothing else."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import ssl
import sys
from copy import deepcopy
from typing import NoReturn

from centre import dnoptions
from centre.agents import Roster
from centre.control import Control
from centre.customer import start_customers
from centre.numbers import help_text
from centre.server import SipServer
from centre.settings import DN, Settings

PROGRAM = "deskphone-centre"
DEFAULT_DNS = ("1502:secret", "1503:secret")


class Parser(argparse.ArgumentParser):
    """An ArgumentParser whose complaints are one line and EX_USAGE, not argparse's own exit code 2."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and end."""
        self.exit(os.EX_USAGE, f"{self.prog}: {message}; see {self.prog} --help\n")


def parser() -> Parser:
    """The command line."""
    made = Parser(
        prog=PROGRAM,
        description="A contact-centre SIP Server stand-in: registrar, calls between DNs, agents, a queue, customers.",
        epilog=help_text() + "\n\n" + dnoptions.help_text(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_options(made)
    return made


def _add_options(made: argparse.ArgumentParser) -> None:
    add = made.add_argument
    add("--sip-port", type=_port, default=5060, metavar="N", help="UDP and TCP port (default 5060; 0 = any free)")
    add("--certificate", default="", metavar="FILE.pem", help="TLS on the next port; the key is FILE.key beside it")
    add("--host", default="127.0.0.1", help="address to listen on, a literal (default 127.0.0.1)")
    add("--dn", action="append", type=_dn, metavar="NUMBER:PASSWORD[:NAME]",
        help=f"a DN, may be repeated (default {' '.join(DEFAULT_DNS)})")  # fmt: skip
    add("--second", metavar="ADDRESS", help="a second site, same port, DNs and agents, such as 127.0.0.2")
    add("--realm", default="deskphone", help="digest realm")
    add("--algorithm", action="append", choices=("MD5", "SHA-256"), help="digest algorithm, may be repeated (MD5)")
    add("--guests", action="store_true", help="let callers that are no DN place calls without a password")
    add("--control", type=_address, metavar="HOST:PORT", help="serve the HTTP control API there (default: not)")
    add("--customer-after", type=_positive, metavar="SECONDS",
        help="a customer calls a DN idle that long with nobody logged in (default: never)")  # fmt: skip
    add("--queue-customer-after", type=_positive, metavar="SECONDS",
        help="a customer calls the queue when an agent has been free that long (default: never)")  # fmt: skip
    add("--agent", action="append", type=_agent, metavar="ID:PASSWORD[:NAME]", help="an Agent Login, may be repeated")
    add("--queue", metavar="NUMBER", help="a queue whose customers go to the agent Ready for longest")
    add("--acw", type=_positive, metavar="SECONDS", help="after-call work after each call of the queue (default: none)")
    add("--agentlogin", action="store_true",
        help="all DNs: enable-agentlogin-subscribe=true and sip-cti-control=talk,hold")  # fmt: skip
    add("--option", action="append", type=_option, metavar="[DN:]NAME=VALUE",
        help="a DN option, of one DN or of all; may be repeated")  # fmt: skip
    add("--reason", action="append", type=_reason, metavar="CODE:NAME",
        help="a not-ready reason the desktop page offers; may be repeated")  # fmt: skip
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
    try:
        _set_options(dns, args)
    except ValueError as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)
        return os.EX_USAGE
    if wrong := _certificate(args.certificate):
        return wrong
    sites = _sites(dns, args)
    control = Control(sites[0], *args.control, *sites[1:]) if args.control else None
    where = ""
    try:
        for server in sites:
            where = f"{server.settings.host}:{args.sip_port}"
            await server.start()
        if control is not None:
            where = control.url
            await control.start()
    except OSError as error:
        print(f"{PROGRAM}: cannot listen on {where}: {error.strerror or error}", file=sys.stderr)
        await _stop(sites)
        return os.EX_UNAVAILABLE
    for server in sites:
        print(f"SIP Server on {server.address} (UDP, TCP), DNs {', '.join(dn.number for dn in dns)}", flush=True)
    if control is not None:
        print(f"control API on {control.url}/server/state, agent desktop on {control.url}/desktop", flush=True)
    for server in sites:
        if args.customer_after is not None and server is sites[0]:
            start_customers(server, args.customer_after)
        if args.queue and args.queue_customer_after is not None:
            start_customers(server, args.queue_customer_after, args.queue)
    await _until_told()
    if control is not None:
        await control.stop()
    await _stop(sites)
    return os.EX_OK


def _certificate(file: str) -> int:
    """Says why the certificate cannot be shown, and its exit code; 0 where it can, or there is to be none."""
    try:
        _ = Settings(certificate=file).tls_context
    except OSError as error:
        why = error.reason if isinstance(error, ssl.SSLError) else error.strerror
        print(f"{PROGRAM}: --certificate {file}: expected PEM, its key in FILE.key, got {why}", file=sys.stderr)
        return os.EX_DATAERR if isinstance(error, ssl.SSLError) else os.EX_NOINPUT
    return os.EX_OK


def _sites(dns: list[DN], args: argparse.Namespace) -> list[SipServer]:
    """The server, and its peer where there are two sites; each has its own DNs, and both have the same agents."""
    roster = Roster()
    sites = [
        SipServer(
            host=host, port=args.sip_port, realm=args.realm, guests=args.guests, roster=roster,
            algorithms=tuple(args.algorithm or ("MD5",)), dns={dn.number: deepcopy(dn) for dn in dns},
            shutdown_sip_reject_code=302 if args.second else 603, certificate=args.certificate,
        )
        for host in (args.host, *([args.second] if args.second else []))
    ]  # fmt: skip
    for server in sites:
        _open_centre(server, args)
    if len(sites) > 1:
        sites[0].join(sites[1])
    return sites


async def _stop(sites: list[SipServer]) -> None:
    for server in sites:
        await server.stop()


def _set_options(dns: list[DN], args: argparse.Namespace) -> None:
    """--agentlogin, then --option in their order. ValueError names what is unknown."""
    usual = [("", "enable-agentlogin-subscribe", "true"), ("", "sip-cti-control", "talk,hold")]
    for number, name, value in [*(usual if args.agentlogin else []), *(args.option or [])]:
        if number and number not in {dn.number for dn in dns}:
            raise ValueError(f"--option {number}:{name}: no such DN")
        for dn in dns:
            if number in ("", dn.number):
                dn.options |= dnoptions.checked([(name, value)])


def _open_centre(server: SipServer, args: argparse.Namespace) -> None:
    for agent, password, name in args.agent or []:
        server.agents.add(agent, password, name)
    if args.queue:
        server.add_queue(args.queue, after_call_work=args.acw or 0.0)
    server.reasons = dict(args.reason or [])


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


def _agent(text: str) -> tuple[str, str, str]:
    agent, _, rest = text.partition(":")
    password, _, name = rest.partition(":")
    if not agent:
        raise argparse.ArgumentTypeError(f"{text!r}: expected ID:PASSWORD[:NAME]")
    return agent, password, name


def _option(text: str) -> tuple[str, str, str]:
    head, equals, value = text.partition("=")
    number, colon, name = head.rpartition(":")
    if not equals or not name or (colon and not number):
        raise argparse.ArgumentTypeError(f"{text!r}: expected [DN:]NAME=VALUE")
    return number, name, value


def _reason(text: str) -> tuple[str, str]:
    code, _, name = text.partition(":")
    if not code.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r}: expected CODE:NAME")
    return code, name


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value < 1e6:
        raise argparse.ArgumentTypeError(f"{text!r}: expected seconds above 0")
    return value
