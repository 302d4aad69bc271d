"""`deskphone demo` (what `make run` starts): the laptop phone with a contact centre of its own to call it.

Law: starts `sipserver` beside `run --sim` with a configuration for the two, and ends it with the phone. The contact
centre is a package of its own (`centre_command`).
"""

from __future__ import annotations

import argparse
import contextlib
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from deskphone.app import centre_command, run_command

NUMBER, PASSWORD = "1502", "secret"
AGENT, AGENT_PASSWORD = "7001", "1234"
QUEUE = "5000"
SECOND = "127.0.0.2"  # the other site
REASONS = {"500": "Lunch break", "501": "Coffee break"}
PANEL_PORT, DESKTOP_PORT, WEB_PORT = 8420, 8430, 8440
CUSTOMER_AFTER = 18  # seconds of an idle phone with nobody logged in until a customer calls it
QUEUE_CUSTOMER_AFTER = 4  # seconds of an agent who is Ready and free until a customer comes into the queue
CONFIG = """\
; The demo's phone: everything else is at its default.
voip/line/0/enabled=1
voip/line/0/id={number}
voip/line/0/description=Agent desk {number}
voip/line/0/auth_name={number}
voip/line/0/auth_password={password}
voip/signalling/sip/use_proxy=1
voip/signalling/sip/proxy_address=127.0.0.1
voip/signalling/sip/proxy_port={port}
voip/signalling/sip/proxy_timeout=300
voip/services/ACD/enabled=1
deskphone/login/first_mode=DIGITS
voip/services/ACD/unavailable_reason/0/code=500
voip/services/ACD/unavailable_reason/0/name=Lunch break
voip/services/ACD/unavailable_reason/1/code=501
voip/services/ACD/unavailable_reason/1/name=Coffee break
voip/talk_event/enabled=1
"""
TWO_SITES = """\
voip/signalling/sip/redundant_proxy/mode=SIMULTANEOUS
voip/signalling/sip/secondary_proxy/address={second}
voip/signalling/sip/secondary_proxy/port={port}
voip/signalling/sip/registrar_ka/enabled=1
voip/signalling/sip/registrar_ka/timeout=40
"""
STORY = """\
deskphone {number} with a contact centre on 127.0.0.1:{port}. Ctrl-C ends.

  The phone          http://{panel}/
  The agent desktop  http://{desktop}/desktop
  The web interface  http://{web}/  (set its password first: .venv/bin/deskphone cli --control {control} password set)

  1. Press Login under the display; user name {agent}, password {password} (OK goes to the next line), Login again.
  2. Press Ready: a customer is distributed to you. Lift the handset (or Answer at the desktop) and talk.
  3. Put it down, press Not Ready and choose a reason: no more calls come. The desktop shows and does the same.
  Dial 9196 to hear yourself. While nobody is logged in, customers call {number} itself now and then.
"""
TWO_SITES_STORY = """\
  Two sites, 127.0.0.1 and {second}: at the desktop Kill, Freeze or Shut down the one where the agent is, and press a
  key or dial: the agent and the calls go on at the other one. Without a key the phone finds out within 45 s.
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `demo` to the program's commands."""
    parser = subparsers.add_parser("demo", help="the phone on this laptop, with a contact centre to call it")
    run_command.arguments(parser)
    parser.add_argument("--sites", type=int, choices=(1, 2), default=1, help="SIP Servers to register at (default: 1)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run the demo until Ctrl-C; the exit code is the phone's, EX_UNAVAILABLE where there is no contact centre."""
    if not centre_command.installed():
        return centre_command.missing("demo")
    args.sim = True
    args.panel = args.panel or f"127.0.0.1:{_free(PANEL_PORT, socket.SOCK_STREAM)}"
    with (
        tempfile.TemporaryDirectory(prefix="deskphone-demo-") as folder,
        _server(Path(folder), args.sites) as (port, desktop),
    ):
        args.sip_port = args.sip_port or _free(5060, socket.SOCK_DGRAM)
        if not args.config:
            config = Path(folder) / "phone.cfg"
            text = CONFIG + (TWO_SITES if args.sites > 1 else "")
            config.write_text(text.format(number=NUMBER, password=PASSWORD, port=port, second=SECOND), "utf-8")
            args.config = str(config)
        args.data = args.data or folder
        args.control = args.control or str(Path(folder) / "control")
        web = f"127.0.0.1:{_free(WEB_PORT, socket.SOCK_STREAM)}"
        story = STORY.format(
            number=NUMBER, port=port, panel=args.panel, desktop=desktop, agent=AGENT, password=AGENT_PASSWORD,
            web=web, control=args.control,
        )  # fmt: skip
        print(story + (TWO_SITES_STORY.format(second=SECOND) if args.sites > 1 else ""), flush=True)
        with _management(Path(folder), args.control, web):
            return run_command.run(args)


@contextlib.contextmanager
def _server(folder: Path, sites: int) -> Iterator[tuple[int, str]]:
    """The contact centre in a process of its own, so that its voice does not wait for the phone's Python.

    Gives its SIP port, and HOST:PORT of the agent desktop.
    """
    port = _free(5080, socket.SOCK_DGRAM)
    desktop = f"127.0.0.1:{_free(DESKTOP_PORT, socket.SOCK_STREAM)}"
    command = [
        sys.executable, "-m", "deskphone", "sipserver", "--sip-port", str(port), "--control", desktop,
        "--dn", f"{NUMBER}:{PASSWORD}:Agent desk", "--dn", "1503:secret:Colleague", "--agentlogin",
        "--agent", f"{AGENT}:{AGENT_PASSWORD}:Ada Agent", "--agent", "7002:1234:Bo Backup", "--queue", QUEUE,
        "--customer-after", str(CUSTOMER_AFTER), "--queue-customer-after", str(QUEUE_CUSTOMER_AFTER),
        *(("--second", SECOND, "--option", "dr-forward=no-agent") if sites > 1 else ()),
        *(word for code, name in REASONS.items() for word in ("--reason", f"{code}:{name}")),
    ]  # fmt: skip
    log = (folder / "sipserver.log").open("wb")
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    try:
        _wait(server, port, folder / "sipserver.log")
        yield port, desktop
    finally:
        server.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(5)
        log.close()


@contextlib.contextmanager
def _management(folder: Path, control: str, web: str) -> Iterator[None]:
    """The web interface beside the phone, which it waits for; the phone does not mind what becomes of it."""
    command = [sys.executable, "-m", "deskphone", "manage", "--control", control, "--http", web]
    with (folder / "manage.log").open("wb") as log:
        manage = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    try:
        yield
    finally:
        manage.terminate()
        try:
            manage.wait(5)
        except subprocess.TimeoutExpired:
            manage.kill()


def _wait(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Until the server has its port; OSError with its own words where it ends instead."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise OSError(f"the contact centre ended: {log.read_text(errors='replace').strip()}")
        if not _is_free(port, socket.SOCK_DGRAM):
            return
        time.sleep(0.02)
    raise OSError("the contact centre did not start within 10 s")


def _is_free(port: int, kind: int) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _free(wanted: int, kind: int) -> int:
    """The wanted port, or the next free one."""
    return next((port for port in range(wanted, wanted + 100) if _is_free(port, kind)), wanted)
