"""The phone's own process at a SIP server the test chose.

Law: `deskphone run --sim` and HTTP; the words (press, lift, state) are those of the stories.
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import cast

from tests.stories.bench import Bench, Story
from tests.stories.configuration import configuration
from tests.stories.phone_process import START, PhoneProcess

NUMBER = "1502"
CODEC_NAMES = {"G722": "G722_8000", "PCMA": "G711A", "PCMU": "G711U", "opus": "OPUS"}


class PeerPhone(PhoneProcess):
    """One phone process. A context manager: it ends with the block, and its journal is printed for a failed test."""

    def __init__(
        self, folder: Path, server: int, *arguments: str, number: str = NUMBER, prefix: tuple[str, ...] = (),
        patience: float = START, **settings: str,
    ) -> None:  # fmt: skip
        super().__init__(folder)
        self.prefix, self.patience = prefix, patience
        folder.mkdir(parents=True, exist_ok=True)
        self.number = number
        config = folder / "phone.cfg"
        config.write_bytes(configuration(number, "secret", voip__signalling__sip__proxy_port=str(server), **settings))
        try:
            self.start("--config", str(config), *arguments)
        except BaseException:
            self.end()
            raise

    def __enter__(self) -> PeerPhone:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def troubles(self) -> list[str]:
        """Lines of the journal that must not be there: illegal events, exceptions."""
        bad = ("illegal event", "Traceback", "goes on after a failed piece of work")
        return [line for line in self.journal().splitlines() if any(word in line for word in bad)]

    def memory(self) -> int:
        """Resident bytes (/proc/PID/statm)."""
        assert self.process is not None
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * 4096

    def softkey(self, command: str) -> None:
        """Press the softkey that does this, on whichever page of softkeys it is; AssertionError where there is none."""
        for _ in range(5):
            commands = self.state()["softkey_commands"]
            if command in commands:
                self.press(f"soft{commands.index(command) + 1}")
                return
            if "more" not in commands:
                break
            self.press(f"soft{commands.index('more') + 1}")
        raise AssertionError(f"no softkey does {command!r}: {self.state()['softkey_commands']}, {self.screen().text!r}")

    def story(self) -> Story:
        """The stories' waiting words on this phone; there is no stand-in to tell stories of a customer."""
        return Story(cast(Bench, self))
