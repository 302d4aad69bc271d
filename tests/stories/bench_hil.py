"""The hil bench: the product's program with its real drivers on the rig (tests/hil), found by DHCP like on a desk.

Law: keys and hook are contacts, the display is read from its bytes, lamps are levels; what the far end knows is asked
of the far end. Nothing is asked of the program.
"""

from __future__ import annotations

import re
import time
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

from deskphone.drivers.board import HOOK
from deskphone.drivers.keypad import LIFTED_SCANS, PUT_DOWN_SCANS
from tests.hil.rig import network
from tests.hil.rig.reading import Unreadable, clock_and_marks, read
from tests.hil.rig.strategy import BOARD, Place
from tests.hil.rig.uml import MAC, artefacts
from tests.stories.bench import Seen
from tests.stories.bench_sip import NUMBER, SECOND_HOST, SipBench
from tests.stories.configuration import configuration
from tests.stories.telephone_keys import keys_of


class HilBench(SipBench):
    """One phone on the rig, one server; a second one where the phone's settings name it.

    date: the clock of the phone, as date(1) reads it (UTC). board: how it is wired. module: a parameter of copper.
    """

    name = "hil"

    def __init__(self, date: str = "", board: Path = BOARD, module: str = "", **server: Any) -> None:
        network.up()
        super().__init__(
            host=network.SERVERS[0], second_host=network.SERVERS[1], strange_host=network.STRANGER, **server
        )
        self.place = Place(self.folder, artefacts(), module, board, date)
        self.dhcp = network.Dnsmasq(self.folder, f"66,{network.SERVERS[0]}")
        self._offered: dict[str, str] = {}

    def __enter__(self) -> HilBench:
        with ExitStack() as stack:
            stack.callback(super().__exit__, None, None, None)
            super().__enter__()
            stack.enter_context(self.dhcp)
            stack.callback(self.place.off)
            self._ends = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._ends:
            if kind is not None and self.place.guest is not None:
                print(self.place.guest.console())
                self.place.copper.picture().save(self.folder.parent / "hil-failed.png")

    # --- switching on --------------------------------------------------------------------------------

    def power_on(self, **settings: str) -> None:
        """The file lies on the TFTP server that DHCP names; the phone must find it."""
        usual = {
            "voip__signalling__sip__proxy_address": network.SERVERS[0],
            "voip__signalling__sip__proxy_port": str(self.server.port),
            "provisioning__random_provisioning_time": "0",
        }
        moved = {SECOND_HOST: network.SERVERS[1]}
        settings = {name: moved.get(value, value) for name, value in settings.items()}
        if settings.get("voip__signalling__sip__secondary_proxy__address") == network.SERVERS[1]:
            second = self._start(self.servers[1])
            usual["voip__signalling__sip__secondary_proxy__port"] = str(second.port)
        self.offer(**{**usual, **settings})
        self.place.boot()
        self.place.plug_in()
        self.place.start()

    def offer(self, **settings: str) -> None:
        """The file on the TFTP server that DHCP names, from now on: what the phone was switched on with, and these."""
        self._offered |= settings
        path = self.dhcp.files / (MAC.replace(":", "") + ".cfg")
        new = path.with_suffix(".new")
        new.write_bytes(configuration(**self._offered))
        new.chmod(0o644)
        new.replace(path)

    def journal(self) -> str:
        return self.place.journal()

    def troubles(self) -> list[str]:
        """Lines of the journal that must not be there: a driver that fails, an illegal event, a traceback."""
        bad = re.compile(r"^ERROR (?!deskphone\.sip)|illegal event|Traceback")
        return [line for line in self.journal().splitlines() if bad.search(line)]

    # --- the words of the stories ----------------------------------------------------------------------

    def press(self, *keys: str) -> None:
        for key in keys:
            self.hold_down(key, 0)

    def hold_down(self, key: str, seconds: float) -> None:
        copper = self.place.copper
        copper.close(key)
        copper.noticed(key)
        time.sleep(seconds)
        copper.open(key)
        copper.noticed(key)

    def lift(self) -> None:
        self.place.copper.close(HOOK)
        self.place.copper.noticed(HOOK, LIFTED_SCANS + 1)

    def put_down(self) -> None:
        self.place.copper.open(HOOK)
        self.place.copper.noticed(HOOK, PUT_DOWN_SCANS + 1)

    def type(self, text: str) -> None:
        """Letter by letter on the keypad, as the agent does who cannot wait: the right key ends a letter."""
        last = ""
        for presses in keys_of(text):
            if presses and presses[0] == last:
                self.press("right")
            self.press(*presses)
            last = presses[0]

    def screen(self) -> Seen:
        """A frame may be half on its way over the bus: what cannot be read is looked at again, for a second."""
        self.place.must_run()
        end = time.monotonic() + 1
        while True:
            picture = self.place.copper.picture()
            try:
                return read(picture)
            except Unreadable:
                if picture.getbbox() is None:
                    return Seen("", (), ("", "", "", ""))  # dark
                if time.monotonic() > end:
                    raise
            time.sleep(0.02)

    def state(self) -> dict[str, Any]:
        """What eye and far end see, in the words of the panel."""
        seen, copper = self.screen(), self.place.copper
        picture = copper.picture()
        return {
            "title": seen.title,
            "rows": list(seen.rows),
            "softkeys": list(seen.softkeys),
            "marks": list(clock_and_marks(picture)) if picture.getbbox() else [],
            "lamps": {name: copper.lamp(name) for name in ("ring", "message", "mute", "headset", "speaker")},
            "hook_off": copper.hook_off,
            "servers": [
                {"address": network.SERVERS[number], "registered": bool(self.lines(number))}
                for number, each in enumerate(self.servers)
                if each in self._running
            ],
            "calls": self.do(self._calls),
            "tone": self.place.ear.names(),
            "audio": {"path": self.place.voice_path()},
            "agent": {"id": self.do(lambda: next((each.agents.at(NUMBER).guest for each in self.servers), ""))},
        }

    def _calls(self) -> list[dict[str, Any]]:
        """The dialogs the servers have with the phone, the oldest first."""
        return [
            {"state": "ringing" if leg.state == "early" else "established", "local_hold": leg.holding}
            for server in self._running
            for leg in server.calls.legs_of(NUMBER)
        ]
