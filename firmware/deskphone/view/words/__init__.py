"""Every word a person reads: one module a language, `words("ready")` for the one in use.

Law: words only. A key missing in a language falls back to English; a test keeps the languages complete.
Softkey labels are short: four share 128 pixels. Failure texts have the keys `failure:<SIP code>`.
"""

from __future__ import annotations

from deskphone.view.words.english import ENGLISH
from deskphone.view.words.german import GERMAN

LANGUAGES: dict[str, dict[str, str]] = {"ENGLISH": ENGLISH, "GERMAN": GERMAN}


class Words:
    """The words of one language by key. language: as in `settings.display.language`; English where it has none here."""

    def __init__(self, language: str) -> None:
        self.table = LANGUAGES.get(language.upper(), ENGLISH)

    def __call__(self, key: str) -> str:
        """The word; English where the language lacks it, the key's general form (`failure`) where both do."""
        return self.table.get(key) or ENGLISH.get(key) or ENGLISH.get(key.split(":", maxsplit=1)[0], key)

    def age(self, seconds: float) -> str:
        """Seconds as a short age: 5m, 3h, 2d; below a minute the word for now."""
        sizes = zip((86400, 3600, 60), self("age_units").split(), strict=True)
        return next((f"{int(seconds // size)}{unit}" for size, unit in sizes if seconds >= size), self("now"))

    def first(self, *keys: str) -> str:
        """The word of the first of these keys that has one in English, else that of the last key's general form."""
        return self(next((key for key in keys if key in ENGLISH), keys[-1]))
