"""The phone's own process at a SIP server the test chose.

Law: `deskphone run --sim` and HTTP; the words (press, lift, state) are those of the stories.
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import cast

from tests.stories.bench import Bench, Story
from tests.stories.bench_core import configuration
from tests.stories.phone_process import PhoneProcess

NUMBER = "1502"
CODEC_NAMES = {"G722": "G722_8000", "PCMA": "G711A", "PCMU": "G711U", "opus": "OPUS"}


class PeerPhone(PhoneProcess):
    """One phone process. A context manager: it ends with the block, and its journal is printed for a failed test."""

    def __init__(self, folder: Path, server: int, *arguments: str, **settings: str) -> None:
        super().__init__(folder)
        folder.mkdir(parents=True, exist_ok=True)
        config = folder / "phone.cfg"
        config.write_bytes(configuration(NUMBER, "secret", voip__signalling__sip__proxy_port=str(server), **settings))
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

    def story(self) -> Story:
        """The stories' waiting words on this phone; there is no stand-in to tell stories of a customer."""
        return Story(cast(Bench, self))
