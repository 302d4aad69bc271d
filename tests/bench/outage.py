"""One of two sites dies, killed or frozen: how long each phone is without the other one, in network namespaces.

Law: the sites are two centres that know nothing of each other; all phones stand at the same two, in the same minute.
deskphone is registered at both (SIMULTANEOUS); pjsua has a name with two addresses and a name server, as its own
fail-over wants; baresip registers at both by `outbound` and `outbound2`. What has not happened in the time of the
measurement is given as that time. Namespaces need root.
"""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.bench.table import Row, at_most
from tests.netns import outage
from tests.netns.lab import why_not
from tests.netns.names import Names
from tests.netns.sites import PASSWORD, PHONE, SIP, SITES, Centre, Sites, SitesPhone
from tests.peers.baresip import Baresip
from tests.stories.agent import ACD, READY_AFTER, log_in

KEEP_ALIVE = 40
NUMBERS = {"deskphone": "1501", "kept": "1502", "pjsua": "1503", "baresip": "1504"}
"""kept: a second deskphone, with keep-alives, at which nothing is pressed."""
POLL = 0.05
SHORTLY = 0.5  # "at once", with the polling's own time
Times = dict[str, dict[str, float]]
"""What happened at which phone after how many seconds."""


def rows(fault: str, times: Times, window: float) -> list[Row]:
    """The table's lines of one fault: seconds since it for calls from the other site and where a keep-alive has to find
    it, else since a number was dialled. window: the seconds of `both`."""

    def of(kind: str, *phones: str) -> dict[str, float]:
        return {"deskphone" if each == "kept" else each: times[kind][each] for each in phones}

    all_three = ("deskphone", "pjsua", "baresip")
    site = f"one of two sites {fault}"
    found = [
        Row(f"{site}: called by the other, s", of("incoming", *all_three), at_most(SHORTLY, "s"), most=window),
        Row(f"{site}: answered by the other, s", of("outgoing", *all_three), at_most(5, "s"), most=window),
        Row(f"{site}: agent Ready there, s", of("agent", "deskphone"), at_most(10, "s"), most=window),
        Row(f"{site}: display, s", of("screen", "deskphone"), at_most(10, "s"), most=window),
    ]
    if window >= KEEP_ALIVE:
        limit = at_most(KEEP_ALIVE + 5, "s")
        found += [
            Row(f"{site}, keep-alive {KEEP_ALIVE} s: agent Ready, s", of("agent", "kept"), limit),
            Row(f"{site}, keep-alive {KEEP_ALIVE} s: display, s", of("screen", "kept"), limit),
        ]
    return found


def both(folder: Path, program: Path, window: float) -> dict[str, Times]:
    """Killed and frozen, at the same time; nothing where there are no network namespaces."""
    if why_not():
        return {}
    faults = {"killed": outage.killed, "frozen": outage.frozen}
    for name in faults:
        (folder / name).mkdir()
    with ThreadPoolExecutor(len(faults)) as pool:
        runs = {name: pool.submit(_run, folder / name, program, fault, window) for name, fault in faults.items()}
        return {name: run.result() for name, run in runs.items()}


def _run(folder: Path, program: Path, fault: Callable[..., Any], window: float) -> Times:
    with Sites(folder) as lab, contextlib.ExitStack() as ends:
        a, b = lab.open(lambda lab, name: Centre(lab, name, tuple(NUMBERS.values())))
        names = Names(lab, pool=tuple(SITES.values()))
        ends.callback(names.stop)
        pjsua = ends.enter_context(_pjsua(lab, program, names.address))
        baresip = lab.at("phone", lambda: _baresip(lab))
        ends.callback(baresip.stop)
        desks = {each: _desk(lab, each) for each in ("deskphone", "kept")}
        _wait(a, lambda state: all(state["dns"][number] for number in NUMBERS.values()))
        dial = {
            "deskphone": lambda: _dial(desks["deskphone"], a.answers),
            "pjsua": lambda: _now(lambda: pjsua(f"m\nsip:{a.answers}@pool.test:{SIP}")),
            "baresip": lambda: _now(lambda: baresip.command("dial", f"sip:{a.answers}@{SITES['a']}:{SIP}")),
        }
        began = time.monotonic()
        fault(lab, a)
        return _watch(b, desks, dial, began, window)


def _watch(
    b: Centre, desks: dict[str, SitesPhone], dial: dict[str, Callable[[], float]], began: float, window: float
) -> Times:
    """Customers of site B call each phone until it rings; then each phone dials once."""
    times: Times = {each: {} for each in ("incoming", "outgoing", "agent", "screen")}
    calling: dict[str, int] = {}
    dialled: dict[str, float] = {"kept": began}
    while (now := time.monotonic()) < began + max(window, KEEP_ALIVE + 10 if window >= KEEP_ALIVE else 0):
        for phone in dial:
            if phone not in times["incoming"] and phone not in calling and now < began + window:
                calling[phone] = b.ask("call", {"dn": NUMBERS[phone], "from": "0301234567"})["id"]
        told = b.ask("state")
        far = {each["id"]: each["state"] for each in told["far_ends"]}
        for phone, number in list(calling.items()):
            if far.get(number) == "ringing":
                times["incoming"][phone] = time.monotonic() - began
                b.ask("farend", {"id": number, "do": "leave"})
            if far.get(number) != "calling":
                del calling[phone]
        for phone in [each for each in dial if each not in dialled and (each in times["incoming"] or now > began + 2)]:
            dialled[phone] = dial[phone]()
        for phone, since in dialled.items():
            desk, passed = told["desktops"][NUMBERS[phone]], time.monotonic() - since
            if phone in dial and ("talking", "out") in [(each["state"], each["direction"]) for each in desk["calls"]]:
                times["outgoing"].setdefault(phone, passed)
            if phone in desks:
                if desk["state"] == "ready":
                    times["agent"].setdefault(phone, passed)
                if not SitesPhone.registered(desks[phone].state())[0]:
                    times["screen"].setdefault(phone, passed)
        time.sleep(POLL)
    for kind, phones in (("incoming", dial), ("outgoing", dial), ("agent", desks), ("screen", desks)):
        for phone in phones:
            times[kind].setdefault(phone, window)
    return times


def _now(dial: Callable[[], object]) -> float:
    """When it was dialled."""
    now = time.monotonic()
    dial()
    return now


def _dial(phone: SitesPhone, number: str) -> float:
    story = phone.story()
    story.idle(within=5)  # what rang has stopped
    return _now(lambda: story.dial(number))


def _desk(lab: Sites, name: str) -> SitesPhone:
    kept = {
        "voip__signalling__sip__registrar_ka__enabled": "1",
        "voip__signalling__sip__registrar_ka__timeout": str(KEEP_ALIVE),
    }
    number = NUMBERS[name]
    phone = lab.phone(number=number, **ACD, **READY_AFTER, **(kept if name == "kept" else {}))
    phone.sites_have_it("ab")
    agent = 7001 + list(NUMBERS).index(name)
    log_in(phone.story(), str(agent), PASSWORD)
    phone.story().large("Ready", within=20)
    return phone


def _baresip(lab: Sites) -> Baresip:
    a, b = SITES.values()
    more = f';sipnat=outbound;outbound="sip:{a}:{SIP}";outbound2="sip:{b}:{SIP}"'
    return Baresip(lab.folder / "baresip", SIP, NUMBERS["baresip"], host=PHONE, domain=a, more=more)


@contextlib.contextmanager
def _pjsua(lab: Sites, program: Path, names: str) -> Iterator[Callable[[str], None]]:
    """pjproject's application at the name of both; what is called with a line says it to its standard input."""
    number = NUMBERS["pjsua"]
    command = [
        str(program), f"--id=sip:{number}@pool.test", f"--registrar=sip:pool.test:{SIP}", "--realm=*",
        f"--username={number}", "--password=secret", f"--nameserver={names}", "--null-audio", "--no-tcp",
        "--local-port=0", f"--bound-addr={PHONE}", f"--ip-addr={PHONE}", "--rtp-port=20000", "--auto-answer=180",
        "--max-calls=16", "--log-level=1", "--app-log-level=1",
    ]  # fmt: skip
    with (lab.folder / "pjsua.log").open("wb") as log:
        process = lab.at("phone", lambda: subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log))
    assert process.stdin is not None
    entrance = process.stdin

    def say(line: str) -> None:
        entrance.write(f"{line}\n".encode())
        entrance.flush()

    try:
        yield say
    finally:
        process.kill()
        process.wait()
        entrance.close()


def _wait(site: Centre, test: Callable[[Any], bool], within: float = 30.0) -> None:
    until = time.monotonic() + within
    while not test(state := site.ask("state")):
        assert time.monotonic() < until, f"site {site.name} has {state['dns']}"
        time.sleep(POLL)
