"""`deskphone run`: the phone itself, on copper or with `--sim` on a laptop.

Law: arguments to a Runtime and its drivers, signals to events; no behaviour.
"""

from __future__ import annotations

import argparse
import asyncio
import faulthandler
import gc
import logging
import os
import signal
import sys
from pathlib import Path

from deskphone import VERSION, dataclass_code
from deskphone.app import assembly, configuration
from deskphone.app.runtime import DriverEnded, Runtime
from deskphone.app.store import Store
from deskphone.config.layers import Layers
from deskphone.config.settings import Settings
from deskphone.core.agent import kept
from deskphone.core.effects import FetchSettings
from deskphone.core.events import Event, PowerOn, SettingsLoaded, SettingsRejected
from deskphone.provision import known
from deskphone.provision.problem import strip_login, without_login

log = logging.getLogger("deskphone")
EXIT_RESTART = 0
LATER = ("tftp://", "ftp://")  # fetched by the provisioning driver once the phone runs, and so is a URL with a login
SWITCH = 0.0005  # seconds, of sys.setswitchinterval


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `run` to the program's commands."""
    parser = subparsers.add_parser("run", help="be the phone")
    arguments(parser)
    parser.set_defaults(run=run)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `run`, which `demo` has too."""
    parser.add_argument("--sim", action="store_true", help="without copper: keys, display and lamps in the panel")
    parser.add_argument(
        "--config", metavar="FILE|URL", help="configuration (default: by DHCP; with --sim the last good one in --data)"
    )
    parser.add_argument("--provision", action="store_true", help="with --sim: look for a configuration as a phone does")
    parser.add_argument("--lease", metavar="FILE", help="what the DHCP client's hook wrote (default: of the image)")
    parser.add_argument("--keyring", metavar="FILE", help="who may sign firmware (default: of the image)")
    parser.add_argument("--update", metavar="DIR", help="where the updater is asked (default: of the image)")
    parser.add_argument("--captures", metavar="DIR", help="where packets are captured (default: of the image)")
    parser.add_argument("--panel", metavar="HOST:PORT", help="where the panel listens (with --sim; port 0: a free one)")
    parser.add_argument(
        "--sip-address",
        metavar="IP|all",
        help="with --sim: where SIP and voice are reached (default: 127.0.0.1 and ::1)",
    )
    parser.add_argument("--sip-port", type=_port, metavar="N", help="local SIP port (default: of the configuration)")
    parser.add_argument("--data", metavar="DIR", help="what the phone keeps (default: ~/.local/state/deskphone)")
    parser.add_argument("--control", metavar="SOCKET", help="unix socket for `deskphone manage` and `deskphone cli`")
    parser.add_argument(
        "--control-group", metavar="GROUP", default="", help="who may use it besides root and this user"
    )
    parser.add_argument("--audio", metavar="null|wav:IN,OUT|alsa", help="sound device (default: null with --sim)")
    parser.add_argument("--board", metavar="FILE", help="wiring facts (default: /etc/deskphone/handset.toml)")
    parser.add_argument("--no-terminal", action="store_true", help="with --sim: do not draw the phone in the terminal")


def _port(text: str) -> int:
    """0 to 65535, 0 for any free one."""
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text}: expected a port, 0 to 65535")
    return int(text)


def run(args: argparse.Namespace) -> int:
    """Be the phone until stopped; returns a sysexits(3) code."""
    faulthandler.enable()  # a crash in the C stack leaves every thread's Python stack in the journal
    assembly.start_logging(args)
    data = Path(args.data or os.environ.get("STATE_DIRECTORY") or Path.home() / ".local/state/deskphone")
    try:
        store = Store(data)
        settings, events, problem = _settings(args, data)
    except OSError as error:
        return fail(os.EX_CANTCREAT, f"--data {data}: {error.strerror}")
    if settings is None:
        return fail(problem[0], problem[1])
    args.loaded = any(isinstance(event, SettingsLoaded) for event in events)
    try:
        return asyncio.run(_live(args, store, settings, events))
    except assembly.BadArgument as error:
        return fail(error.code, str(error))
    except OSError as error:
        return fail(os.EX_UNAVAILABLE, str(error))
    except DriverEnded as error:
        if isinstance(error.__cause__, OSError):  # a port that is taken, a device that is not there
            return fail(os.EX_UNAVAILABLE, str(error.__cause__))
        return fail(os.EX_SOFTWARE, str(error))


def fail(code: int, text: str) -> int:
    """One line on standard error; returns the exit code, one of sysexits(3)."""
    print(f"deskphone: {text}", file=sys.stderr)
    return code


def _settings(args: argparse.Namespace, data: Path) -> tuple[Settings | None, list[Event], tuple[int, str]]:
    """The settings to start with, events about them, and what to say where there are none."""
    last = configuration.kept(data)
    args.kept = last is not None
    args.layers = last or Layers()
    if not args.config or args.config.startswith(LATER) or strip_login(args.config) != args.config:
        return args.layers.settings, [], (0, "")
    source = without_login(args.config)
    try:
        result, written = configuration.load(args.config, last, assembly.unit(args))
    except ValueError as error:
        why = without_login(str(error))
        return last.settings if last else None, [SettingsRejected(source, (why,))], (os.EX_NOINPUT, why)
    errors = tuple(without_login(str(error)) for error in result.errors)
    if result.layers is None:
        sys.stderr.write(without_login(result.report()))
        text = f"{source}: {len(errors)} errors, and no last good configuration in {data}"
        return last.settings if last else None, [SettingsRejected(source, errors)], (os.EX_CONFIG, text)
    for doubt in (*result.warnings, *result.unknown):
        log.warning("%s", without_login(str(doubt)))
    configuration.keep(data, result.layers, written)
    args.kept, args.layers = True, result.layers
    return (
        result.layers.settings,
        [SettingsLoaded(result.layers, source, refused=errors, idle=len(result.idle))],
        (0, ""),
    )


async def _live(args: argparse.Namespace, store: Store, settings: Settings, events: list[Event]) -> int:
    runtime = Runtime(store)
    ports = await assembly.ports(args, runtime, settings)
    _signals(runtime)
    _settle_interpreter()
    found = known.load(store.folder) if args.kept and not args.config else known.Known()
    power_on = PowerOn(args.layers, store.load(), VERSION, assembly.mac_address(args), found.source, found.at,
                       await asyncio.to_thread(store.secret, kept.SECTION))  # fmt: skip
    try:
        await runtime.run(ports, [power_on, *events])
    except DriverEnded:
        _write_recording(runtime, store.folder)
        raise
    return EXIT_RESTART


def _settle_interpreter() -> None:
    """Have Python's own pauses short, now that everything is imported.

    What is there by now stays, so the collector need not look at it again (70 ms each time). The SIP thread gets
    the interpreter from a busy loop within SWITCH, not within the usual 5 ms.
    """
    dataclass_code.done()
    gc.collect()
    gc.freeze()
    sys.setswitchinterval(SWITCH)


def _signals(runtime: Runtime) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, runtime.stop)
    loop.add_signal_handler(signal.SIGHUP, runtime.perform, FetchSettings("SIGHUP"))
    loop.add_signal_handler(signal.SIGUSR1, _write_recording, runtime, runtime.folder)


def _write_recording(runtime: Runtime, folder: Path) -> None:
    """SIGUSR1, or a crash: leave the recording in the data folder."""
    try:
        runtime.recorder.write(folder / "recording.json", runtime.phone)
    except OSError as error:
        log.error("cannot write the recording: %s", error)
