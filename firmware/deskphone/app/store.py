"""What survives power-off: one small JSON file a section, old or new but never half.

Law: written by files.py. A file that cannot be read is left out at start.
"""

from __future__ import annotations

from pathlib import Path

from deskphone.files import write_whole

LIMIT = 1_000_000  # bytes of one section


class Store:
    """The data folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def load(self) -> tuple[tuple[str, str], ...]:
        """All sections, as (name, text); what cannot be read is no section."""
        found = []
        for path in sorted(self.folder.glob("*.json")):
            try:
                if path.stat().st_size <= LIMIT:
                    found.append((path.stem, path.read_text("utf-8")))
            except (OSError, UnicodeDecodeError):
                continue
        return tuple(found)

    def save(self, section: str, text: str) -> None:
        """Keep a section; OSError where the folder cannot be written (full, read-only)."""
        write_whole(self.folder / f"{section}.json", text.encode())
