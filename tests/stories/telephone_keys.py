"""Text on twelve keys: which key how often, by the letters printed on every telephone (ITU-T E.161)."""

from __future__ import annotations

from collections.abc import Iterator

PRINTED = {
    "1": ".@-_/:", "2": "abc", "3": "def", "4": "ghi", "5": "jkl", "6": "mno", "7": "pqrs", "8": "tuv", "9": "wxyz",
}  # fmt: skip


def keys_of(text: str) -> Iterator[tuple[str, ...]]:
    """The presses for each letter, in a field that begins with small letters. A digit comes after its key's letters."""
    for letter in text:
        for key, letters in PRINTED.items():
            if letter == key:
                yield (key,) * (1 if key == "1" else len(letters) + 1)
                break
            if letter in letters:
                yield (key,) * (letters.index(letter) + (2 if key == "1" else 1))
                break
        else:
            if letter != "0":
                raise ValueError(f"{letter!r}: not on the keys of a telephone")
            yield ("0", "0")
