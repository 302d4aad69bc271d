"""Who may manage the phone over the network: hashes in the data folder, never a password.

Law: written by files.py, whole or not at all. What was set at the phone, or by an administrator among the settings,
counts before what a configuration file says, and of these the newest; with none, nobody gets in.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from deskphone.config.settings import Secret
from deskphone.files import read_small, write_whole
from deskphone.trust import password

FILE = "credentials"  # no section of the store: it is not the phone's state
KINDS = {"password": password.is_hash, "token": password.is_token_hash}


class Credentials:
    """The administrator's password and token, as hashes by kind: scrypt for the password, SHA-256 for the token."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._kept = self._read()
        self._of_file: dict[str, tuple[Secret, str]] = {}

    def set(self, kind: str, hashed: str) -> None:
        """Keep a hash, or with "" none. ValueError where it is none; OSError where it cannot be written."""
        if kind not in KINDS:
            raise ValueError(f"expected one of {', '.join(KINDS)}, got {kind[:40]!a}")
        if hashed and not KINDS[kind](hashed):
            raise ValueError(f"expected the hash of a {kind}")
        kept = {**self._kept, kind: hashed}
        write_whole(self._path, json.dumps(kept).encode())
        self._kept = kept

    async def all(self, of_file: Secret) -> dict[str, str]:
        """The hashes by kind, "" for none. of_file: the password a configuration gives, for a phone that has no other;
        one that `trust.password` refuses lets nobody in."""
        own = {kind: self._kept.get(kind, "") for kind in KINDS}
        return {**own, "password": own["password"] or await self.of_file("administrator", of_file)}

    async def of_file(self, whose: str, word: Secret) -> str:
        """The hash of a password that a configuration gives, made once; "" for one that `trust.password` refuses."""
        known = self._of_file.get(whose)
        if known is None or known[0] != word:
            text = word.reveal()
            kept = "" if password.refused(text) else await asyncio.to_thread(password.hashed, text)
            known = self._of_file[whose] = (word, kept)
        return known[1]

    async def overtaken(self, word: str) -> str:
        """A password that an administrator wrote into the settings takes the place of the kept one; returns why it is
        none for the network, "" where it is one. OSError where it cannot be written."""
        if why := password.refused(word):
            return why
        if not await asyncio.to_thread(password.matches, word, self._kept.get("password", "")):
            self.set("password", await asyncio.to_thread(password.hashed, word))
        return ""

    async def given_back(self, word: Secret) -> str:
        """The settings' password is taken back: what was kept of it goes, one set later by another way stays. OSError
        where that cannot be written."""
        same: bool = await asyncio.to_thread(password.matches, word.reveal(), self._kept.get("password", ""))
        if same:
            self.set("password", "")
        return ""

    def _read(self) -> dict[str, str]:
        """What is kept; a file that cannot be read lets nobody in."""
        try:
            found = json.loads(read_small(self._path, 4096))
        except (OSError, ValueError, RecursionError):
            return {}
        if not isinstance(found, dict):
            return {}
        return {kind: text for kind, good in KINDS.items() if isinstance(text := found.get(kind), str) and good(text)}
