"""Assembly: which ports a phone is made of, on a laptop without copper (`sim`) or on a board with pins.

Law: builds the drivers from arguments, board file and settings; opens what must listen before the phone starts.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import time
from datetime import tzinfo
from ipaddress import ip_address
from pathlib import Path

from deskphone import VERSION
from deskphone.app import configuration
from deskphone.app.clock import Clock
from deskphone.app.control import Control
from deskphone.app.diagnostics import Sources
from deskphone.app.heartbeat import Heartbeat
from deskphone.app.housekeeping import Housekeeping
from deskphone.app.reload import Reload
from deskphone.app.runtime import Runtime
from deskphone.config.layers import Layers
from deskphone.config.lines import Unit
from deskphone.config.settings import Settings
from deskphone.core.screen.status import service_line
from deskphone.drivers.capture import FILE, Capture
from deskphone.drivers.localtime import zone_of
from deskphone.drivers.network_wish import NetworkWish
from deskphone.drivers.ports import Port
from deskphone.drivers.syslog import Syslog
from deskphone.drivers.system import Systemd, log_handler
from deskphone.net import interface, lan_port
from deskphone.net.lan_port import LanPort
from deskphone.net.resolver import Resolver
from deskphone.sip.options import ALSA, Sound, SoundDevice, UserAgentOptions, sound
from deskphone.sip.stack.useragent import PjsuaUserAgent

LOOPBACK = "127.0.0.1"
ALL_ADDRESSES = "all"
PANEL = "127.0.0.1:0"
HOST_NAME = "host-name"  # in the service's run directory, for firmware/dhcp
log = logging.getLogger("deskphone")


class BadArgument(ValueError):
    """An argument of the command line that makes no sense; the text says which and what was expected. code: of
    sysexits(3)."""

    def __init__(self, text: str, code: int = os.EX_USAGE) -> None:
        super().__init__(text)
        self.code = code


async def ports(args: argparse.Namespace, runtime: Runtime, settings: Settings) -> list[Port]:
    """The ports of the chosen bench, provisioning where it is wanted, and the heartbeat that asks all of them."""
    if args.keyring:
        _beginning("--keyring", Path(args.keyring))
    parts = await _sim(args, runtime) if args.sim else _copper(args, runtime)
    runtime.changed.append(Syslog(lambda: runtime.phone).look)
    runtime.changed.append(NetworkWish(lambda: runtime.phone, runtime.store.keep).look)
    parts.append(Resolver())
    if args.lease or not args.sim:
        parts.append(LanPort(Path(args.lease).with_name(lan_port.FILE.name) if args.lease else lan_port.FILE))
    own = Reload(args.config or "", runtime.folder, unit(args))
    parts.append(_provisioner(args, runtime, settings) if provisions(args) else own)
    if args.control:
        agent = next(each for each in parts if isinstance(each, PjsuaUserAgent))
        local, keyring = _local(args) if args.sim else "", Path(args.keyring) if args.keyring else None
        sources = Sources(capture=_capture(args), address=local, quality=agent.quality, keyring=keyring)
        control = Control(Path(args.control), runtime, args.control_group, sources)
        control.open()
        parts.append(control)
    heartbeat = Heartbeat(Systemd(), [*parts, runtime.store], lambda: service_line(runtime.phone))
    return [*parts, *_updater(args, heartbeat), heartbeat]


def _lease(args: argparse.Namespace) -> Path:
    """Where the DHCP client writes what it got."""
    if args.lease:
        return Path(args.lease)
    from deskphone.net import lease  # noqa: PLC0415 - a laptop's phone with a file of its own needs none

    return lease.DEFAULT


def _capture(args: argparse.Namespace) -> Capture | None:
    """The way to the image's packet capture; on a laptop there is none, unless a test has one."""
    if args.captures:
        return Capture(Path(args.captures) / FILE, Path(args.captures))
    run = "" if args.sim else os.environ.get("RUNTIME_DIRECTORY", "")
    return Capture(Path(run) / FILE) if run else None


def _updater(args: argparse.Namespace, heartbeat: Heartbeat) -> list[Port]:
    """The way to the image's updater; on a laptop there is none, unless a test has one."""
    run = args.update or ("" if args.sim else os.environ.get("RUNTIME_DIRECTORY", ""))
    if not run:
        return []
    from deskphone.drivers import updater  # noqa: PLC0415 - only a device has one

    told = Path(run) / updater.TOLD.name if args.update else updater.TOLD
    return [updater.Updater(Path(run) / updater.FILE, told, lambda: heartbeat.dead)]


def provisions(args: argparse.Namespace) -> bool:
    """Whether files come from a server: a URL as --config, else a real phone, or a laptop that is told to."""
    return configuration.is_url(args.config) if args.config else bool(args.provision or not args.sim)


def start_logging(args: argparse.Namespace) -> None:
    """The journal under systemd, else standard error; a drawn terminal keeps the log to itself."""
    handler = logging.NullHandler() if draws_terminal(args) else log_handler()
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)


def draws_terminal(args: argparse.Namespace) -> bool:
    """Whether the phone is drawn where it was started."""
    return bool(args.sim and not args.no_terminal and sys.stdout.isatty() and sys.stdin.isatty())


def mac_address(args: argparse.Namespace) -> str:
    """The MAC address with colons, "" where the phone's interface has not come yet; on a laptop there always is one."""
    found = interface.mac_address()
    if found or not args.sim:
        return found
    import uuid  # noqa: PLC0415 - asks half of the standard library what machine this is

    number = f"{uuid.getnode():012x}"  # one made up where no interface has an IP address yet
    return ":".join(number[place : place + 2] for place in range(0, 12, 2))


def unit(args: argparse.Namespace) -> Unit:
    """The phone that reads a file, for what stands in it of <MAC>."""
    return Unit(mac_address(args).replace(":", ""))


def _provisioner(args: argparse.Namespace, runtime: Runtime, first: Settings) -> Port:
    from deskphone.provision.check import Means  # noqa: PLC0415
    from deskphone.provision.provisioner import Provisioner  # noqa: PLC0415
    from deskphone.trust.signature import KEYRING  # noqa: PLC0415

    kept = args.kept

    def keep(accepted: Layers, written: bytes) -> None:
        nonlocal kept
        configuration.keep(runtime.folder, accepted, written)
        kept, args.layers = True, accepted

    means = Means(
        mac=mac_address(args),
        version=VERSION,
        data=runtime.folder,
        settings=lambda: runtime.phone.settings if runtime.phone.powered else first,
        layers=lambda: args.layers,
        keep=keep,
        kept=lambda: kept,
        unix=lambda: int(time.time()),
        static=args.config or "",
        under=lambda file: runtime.phone.layers.with_file_of(file).settings,
        keyring=Path(args.keyring) if args.keyring else KEYRING,
    )
    run = os.environ.get("RUNTIME_DIRECTORY")
    return Provisioner(
        means,
        _lease(args),
        Path(run) / HOST_NAME if run else None,
        at_start=not args.loaded,
        interface=interface.mac_address,
    )


# --- the laptop ------------------------------------------------------------------------------------


async def _sim(args: argparse.Namespace, runtime: Runtime) -> list[Port]:
    from deskphone.sim.copper import SimCopper  # noqa: PLC0415 - only one bench is imported
    from deskphone.sim.panel import Panel  # noqa: PLC0415

    copper = SimCopper()
    voice = _sound(args.audio or "null")
    options = UserAgentOptions(address=_local(args), sip_port=args.sip_port, sound=voice, data=runtime.folder)
    agent = PjsuaUserAgent(options)
    host, port = _address(args.panel or PANEL)
    panel = Panel(host, port, runtime.snapshot, copper, agent.voice)
    await panel.open()
    parts: list[Port] = [agent, *copper.parts, panel, _clock(runtime), Housekeeping()]
    if draws_terminal(args):
        from deskphone.sim.terminal import Terminal  # noqa: PLC0415

        terminal = Terminal(runtime.snapshot, copper, runtime.stop, url=panel.url)
        parts.append(terminal)
    else:
        print(f"panel: {panel.url}", flush=True)
    return parts


def _sound(argument: str) -> Sound:
    try:
        chosen = sound(argument)
    except ValueError as error:
        raise BadArgument(str(error)) from error
    if chosen.source:
        head = _beginning("--audio", Path(chosen.source))
        if (head[:4], head[8:]) != (b"RIFF", b"WAVE"):
            raise BadArgument(f"--audio {chosen.source}: expected a WAV file, got another", os.EX_DATAERR)
    if chosen.sink and not Path(chosen.sink).absolute().parent.is_dir():
        raise BadArgument(f"--audio {chosen.sink}: expected a file in a folder that is there", os.EX_CANTCREAT)
    return chosen


def _beginning(option: str, path: Path) -> bytes:
    """The first bytes of a file that an option names. BadArgument where it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(12)
    except OSError as error:
        raise _unread(option, error) from error


def _unread(option: str, error: OSError) -> BadArgument:
    return BadArgument(f"{option} {error.filename}: expected a readable file, got {error.strerror}", os.EX_NOINPUT)


def _local(args: argparse.Namespace) -> str:
    """Where the laptop's phone is reached: loopback, an address of this machine, or "" for all of them."""
    chosen: str = args.sip_address or LOOPBACK
    if chosen == ALL_ADDRESSES:
        return ""
    try:
        return str(ip_address(chosen))
    except ValueError:
        raise BadArgument(f"--sip-address {chosen}: expected an IP address or `{ALL_ADDRESSES}`") from None


def _address(text: str) -> tuple[str, int]:
    """HOST:PORT, the host of IPv6 in brackets."""
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal() or int(port) > 65535:
        raise BadArgument(f"--panel {text}: expected HOST:PORT")
    return host.strip("[]") or LOOPBACK, int(port)


def _clock(runtime: Runtime) -> Clock:
    """The time of day where the phone stands; looked at again when the zone is another one."""

    def zone() -> tzinfo | None:
        return zone_of(runtime.phone.settings, runtime.phone.network.time_offset)

    clock = Clock(zone)
    before: list[object] = [None]

    def look() -> None:
        now: list[object] = [zone()]
        if now != before:
            before[:] = now
            clock.nudge()

    runtime.changed.append(look)
    return clock


# --- the board -------------------------------------------------------------------------------------


def _copper(args: argparse.Namespace, runtime: Runtime) -> list[Port]:
    from deskphone.drivers.board import PATHS  # noqa: PLC0415 - only one bench is imported
    from deskphone.drivers.board_file import BoardError, load_board  # noqa: PLC0415
    from deskphone.drivers.keypad import Keypad  # noqa: PLC0415
    from deskphone.drivers.lamps import GpioLamps  # noqa: PLC0415
    from deskphone.drivers.mixer import AlsaMixer  # noqa: PLC0415
    from deskphone.drivers.oled import Oled  # noqa: PLC0415
    from deskphone.drivers.packet_filter import wishes  # noqa: PLC0415
    from deskphone.drivers.power import PowerSupply  # noqa: PLC0415
    from deskphone.drivers.ringer import AlsaRinger  # noqa: PLC0415
    from deskphone.drivers.usb_headset import UsbHeadset  # noqa: PLC0415

    if args.panel:
        raise BadArgument("--panel needs --sim: a real phone has keys")
    if args.sip_address:
        raise BadArgument("--sip-address needs --sim: a real phone is reached at every address it has")
    try:
        board = load_board(Path(args.board) if args.board else DEFAULT_BOARD)
    except BoardError as error:
        raise BadArgument(str(error), os.EX_DATAERR) from error
    except OSError as error:
        raise _unread("--board", error) from error
    devices = {path: SoundDevice(board.audio.card(path).capture, board.audio.card(path).playback) for path in PATHS}
    if run := os.environ.get("RUNTIME_DIRECTORY"):
        runtime.changed.extend(wishes(Path(run), lambda: runtime.phone))
    chosen = _sound(args.audio or ALSA)
    voice = Sound(chosen.kind, chosen.source, chosen.sink, devices, card_rate=board.audio.rate_hz)
    agent = PjsuaUserAgent(UserAgentOptions(sip_port=args.sip_port, sound=voice, data=runtime.folder))
    return [
        agent,
        Oled(board.display),
        GpioLamps(board.lamps),
        UsbHeadset(),
        PowerSupply(),
        AlsaRinger(board.audio.card(board.audio.ringer).playback),
        AlsaMixer(board.audio),
        Keypad(board.matrix),
        _clock(runtime),
        Housekeeping(),
    ]


DEFAULT_BOARD = Path("/etc/deskphone/handset.toml")
