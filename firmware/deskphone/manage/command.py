"""`deskphone manage`: the management plane as a process of its own, beside the phone.

Law: arguments to a server, and its end: by a signal, or when `system/web/enabled` says 0. It may be killed at any
moment; no call notices.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import socket
import ssl
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from deskphone import dataclass_code
from deskphone.manage.addresses import lasting
from deskphone.manage.certificate import FILE, Shown
from deskphone.manage.client import AsyncPhone, Gone, default_socket
from deskphone.manage.feed import Feed
from deskphone.manage.heap import bound
from deskphone.manage.report.reporters import Reporters

log = logging.getLogger("deskphone.manage")
LOOK = 5.0  # seconds between two looks whether the pages are still wanted
START = 15.0  # seconds a phone may take to be there
FIRST = 3  # SD_LISTEN_FDS_START
THREADS = 2
Place = tuple[str, int] | socket.socket
WANTED = ("system/web/enabled", "security/web/https_only", "system/web_session_timeout")


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `manage` to the program's commands."""
    parser = subparsers.add_parser("manage", help="web pages, REST and metrics of a running phone")
    parser.add_argument("--control", metavar="SOCKET", default=default_socket(), help="of `deskphone run --control`")
    parser.add_argument("--http", metavar="HOST:PORT", help="plain HTTP (port 0: a free one)")
    parser.add_argument("--https", metavar="HOST:PORT", help="HTTPS")
    parser.add_argument(
        "--inherited", action="store_true", help="the sockets systemd hands over: http and https by name"
    )
    parser.add_argument("--idle", type=float, default=0.0, metavar="SECONDS", help="end when nobody came for so long")
    parser.add_argument("--data", metavar="DIR", help="where its own certificate is kept")
    parser.add_argument("--certificate", metavar="FILE", help="the site's certificate and key (PEM) in place of it")
    parser.set_defaults(run=run)


class BadArgument(ValueError):
    """An argument that makes no sense; the text says which and what was expected. code: of sysexits(3)."""

    def __init__(self, text: str, code: int = os.EX_USAGE) -> None:
        super().__init__(text)
        self.code = code


def run(args: argparse.Namespace) -> int:
    """Serve until stopped; returns a sysexits(3) code."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    bound()
    try:
        if args.certificate:
            _check(Path(args.certificate))
        return asyncio.run(_serve(args))
    except BadArgument as error:
        return _fail(error.code, str(error))
    except Gone as error:
        return _fail(os.EX_UNAVAILABLE, error.strerror or str(error))
    except OSError as error:
        return _fail(os.EX_UNAVAILABLE, error.strerror or str(error))


def _fail(code: int, text: str) -> int:
    print(f"deskphone manage: {text}", file=sys.stderr)
    return code


def _check(file: Path) -> None:
    """BadArgument where the site's certificate cannot be read or is none."""
    try:
        file.open("rb").close()
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(file, password="")
    except ssl.SSLError as error:
        why = f"expected a certificate with its key in PEM, got {error.reason or 'none'}"
        raise BadArgument(f"--certificate {file}: {why}", os.EX_DATAERR) from error
    except OSError as error:
        why = f"expected a readable file, got {error.strerror}"
        raise BadArgument(f"--certificate {file}: {why}", os.EX_NOINPUT) from error


async def _serve(args: argparse.Namespace) -> int:
    from deskphone.manage.web.server import Server  # noqa: PLC0415 - aiohttp, only where something is served

    plain, secure = _places(args)
    # Each hash of a password takes 16 MB while it is made: so few threads.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS))
    phone = AsyncPhone(args.control, "the web interface")
    feed = Feed(AsyncPhone(args.control, "the web interface"))
    reporters = Reporters(phone, feed, lambda by: AsyncPhone(args.control, by), _folder(args))
    settings = await _first(phone)
    await reporters.look()
    if settings["system/web/enabled"] == "0":
        plain = secure = None
        _not_wanted()
    elif plain is None and secure is None and not reporters.wanted:
        raise BadArgument("--inherited: expected sockets named http or https of systemd, got none")
    only_secure = settings["security/web/https_only"] == "1"
    if plain is not None and secure is None and only_secure and not _loopback(_host(plain)):
        raise BadArgument(f"HTTP at {_host(plain)}: security/web/https_only=1 allows plain HTTP on 127.0.0.1 only")
    patient = AsyncPhone(args.control, "the web interface")
    server, shown = Server(phone, patient, feed, time.monotonic), None
    status = await phone.ask("status")
    _follow(server, settings, status)  # who started this by a name of the phone waits for its page
    try:
        if secure is not None:
            shown = Shown(_folder(args), Path(args.certificate) if args.certificate else None)
            await _show(phone, shown, status)
            server.secure_at = port = await server.listen(secure, shown.context)
            print(f"web: https://{_shown(_host(secure))}:{port}/", flush=True)
        if plain is not None:
            port = await server.listen(plain, None)
            print(f"web: http://{_shown(_host(plain))}:{port}/", flush=True)
        dataclass_code.done()  # a megabyte, mostly of the phone's own classes
        return await _until_ended(phone, server, reporters, shown, args.idle)
    finally:
        await reporters.close()
        await feed.close()
        await server.close()
        await phone.close()
        await patient.close()


def _places(args: argparse.Namespace) -> tuple[Place | None, Place | None]:
    """Where to listen: plain and secure. Sockets of systemd are told apart by their names (sd_listen_fds(3))."""
    if args.inherited:
        told = os.environ.get("LISTEN_FDS", "")
        count = int(told) if told.isdecimal() and os.environ.get("LISTEN_PID") == str(os.getpid()) else 0
        names = os.environ.get("LISTEN_FDNAMES", "").split(":")
        handed = {name: socket.socket(fileno=FIRST + place) for place, name in enumerate(names[:count])}
        return handed.get("http"), handed.get("https")
    if not args.http and not args.https:
        raise BadArgument("expected --http HOST:PORT or --https HOST:PORT: nothing listens that was not asked for")
    return (_address(args.http) if args.http else None, _address(args.https) if args.https else None)


def _host(place: Place) -> str:
    return str(place.getsockname()[0]) if isinstance(place, socket.socket) else place[0]


def _not_wanted() -> None:
    print("deskphone manage: system/web/enabled=0: nothing listens", flush=True)


async def _first(phone: AsyncPhone) -> dict[str, str]:
    """The settings, as soon as the phone is there."""
    until = time.monotonic() + START
    while True:
        try:
            return await _settings(phone)
        except Gone:
            if time.monotonic() > until:
                raise
            await asyncio.sleep(0.5)


async def _settings(phone: AsyncPhone) -> dict[str, str]:
    found = await phone.ask("show", names=list(WANTED))
    return {each["name"]: each["value"] for each in found["settings"]}


async def _until_ended(phone: AsyncPhone, server: Any, reporters: Reporters, shown: Shown | None, idle: float) -> int:
    """Until a signal, or until there is nothing to do: no pages are wanted, or nobody came for `idle` seconds (0: for
    ever), and nothing is to be reported. A phone that starts anew is waited for.
    """
    ended, listens = asyncio.Event(), server.listens
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    while listens or reporters.wanted:
        try:
            async with asyncio.timeout(LOOK):
                await ended.wait()
                return os.EX_OK
        except TimeoutError:
            pass
        if idle and server.idle() > idle and not reporters.wanted:
            return os.EX_OK
        try:
            settings, status = await _settings(phone), await phone.ask("status")
            await server.entry.refresh()
            await reporters.look()
            if shown is not None:
                await _show(phone, shown, status)
        except Gone:
            continue
        if settings["system/web/enabled"] == "0" and listens:
            _not_wanted()
            await server.close()
            listens = False
        _follow(server, settings, status)
    return os.EX_OK


def _follow(server: Any, settings: dict[str, str], status: dict[str, Any]) -> None:
    """Obey what the settings and the phone's status say of the pages, while they are served, too."""
    server.entry.lifetime = float(settings["system/web_session_timeout"])
    server.only_secure = settings["security/web/https_only"] == "1"
    server.names = _names(status)


def _names(status: dict[str, Any]) -> tuple[str, str]:
    """By which names the phone is asked: its own, alone and in the domain that DHCP told; "" for none."""
    name, domain = status["host_name"], status["domain"]
    return name, f"{name}.{domain}" if name and domain else ""


def _folder(args: argparse.Namespace) -> Path:
    """Where this process keeps what it has."""
    return Path(args.data or os.environ.get("STATE_DIRECTORY") or Path.home() / ".local/state/deskphone-manage")


async def _show(phone: AsyncPhone, shown: Shown, status: dict[str, Any]) -> None:
    """Show the certificate of now, its own with the names and the address of the phone's status and those that this
    machine has beside. client.Gone; BadArgument where there is none to show."""
    found = await phone.ask("web_certificate")
    try:
        name, whole = _names(status)
        here = (name, whole, f"{name}.local" if name else "", status["address"], socket.gethostname(), *lasting())
        names = tuple(filter(None, here))
        problems = tuple(found["problems"])
        await asyncio.to_thread(shown.take, found["certificate"], found["private_key"], problems, names)
    except ssl.SSLError as error:
        why = f"expected a certificate with its key in PEM, got {error.reason or 'none'}"
        raise BadArgument(f"{shown.file}: {why}" if shown.file else why, os.EX_DATAERR) from error
    except OSError as error:
        raise OSError(error.errno, f"{shown.file or FILE}: {error.strerror or error}") from error


def _address(text: str) -> tuple[str, int]:
    """HOST:PORT, the host of IPv6 in brackets."""
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdecimal() or int(port) > 65535:
        raise BadArgument(f"{text}: expected HOST:PORT")
    return host.strip("[]"), int(port)


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")
