"""What a person far away wrote, as this phone can draw it: a character a letter, from left to right.

Law: pure. Where a name is written from right to left (Hebrew, Arabic), its words and letters are put so, numbers and
Latin words in it are not: the rules of Unicode's annex 9 for one line without marks of its own. Arabic letters are
joined to their neighbours by the forms that Unicode has for that (block Arabic Presentation Forms).
"""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby
from unicodedata import bidirectional, category, decomposition, mirrored, normalize

RIGHT_TO_LEFT = ("R", "AL")
NUMBERS = ("EN", "AN")
IN_NUMBERS = ("ES", "CS")  # signs and separators
MIRRORED = str.maketrans("()[]{}<>«»", ")(][}{><»«")
TATWEEL = "\u0640"  # the line that makes a word longer: it joins on both sides
NOT_DRAWN = ("Cf", "Cc", "Cs", "Mn", "Me")
"""General categories: marks that nobody sees, halves of characters, accents that stand alone."""
PICTURES = (range(0x2600, 0x2E80), range(0x10000, 0x110000))  # code points whose signs are pictures, as a smile


@lru_cache(maxsize=256)
def plain(text: str) -> str:
    """Without what the fonts have no place for: accents are on their letters (NFC) or left out, and so are characters
    that nobody sees, and little pictures; line ends and tabs are blanks."""
    if text.isascii() and text.isprintable():
        return text
    spaced = (" " if char.isspace() else char for char in normalize("NFC", text))
    return "".join(char for char in spaced if category(char) not in NOT_DRAWN and not _pictures(char))


def _pictures(char: str) -> bool:
    return category(char).startswith("S") and any(ord(char) in each for each in PICTURES)


@lru_cache(maxsize=256)
def visual(text: str) -> str:
    """Its letters from left to right, Arabic ones joined."""
    return _ordered(joined(text)) if any(bidirectional(char) in RIGHT_TO_LEFT for char in text) else text


@lru_cache(maxsize=1)
def _forms() -> dict[str, dict[str, str]]:
    """Of each Arabic letter, or lam with alef, its forms: isolated, final, initial, medial."""
    forms: dict[str, dict[str, str]] = {}
    for code in (*range(0xFB50, 0xFBB2), *range(0xFBD3, 0xFC00), *range(0xFE80, 0xFEFD)):
        form, *parts = decomposition(chr(code)).split()
        letters = "".join(chr(int(part, 16)) for part in parts)
        forms.setdefault(letters, {})[form.strip("<>")] = chr(code)
    return forms


def joined(text: str) -> str:
    """Each Arabic letter in the form that its neighbours give it; lam with alef behind it is one sign."""
    forms, out, before = _forms(), "", False
    place = 0
    while place < len(text):
        letters = text[place : place + 2] if text[place : place + 2] in forms else text[place]
        place += len(letters)
        after = text[place : place + 1]
        own = forms.get(letters, {})
        ahead = ("initial" in own or letters == TATWEEL) and (after == TATWEEL or "final" in forms.get(after, {}))
        name = ("medial" if ahead else "final") if before else ("initial" if ahead else "isolated")
        out += own.get(name, letters)
        before = ahead
    return out


def _ordered(text: str) -> str:
    levels = _levels(text)
    letters = [(char.translate(MIRRORED) if level % 2 and mirrored(char) else char, level)
               for char, level in zip(text, levels, strict=True)]  # fmt: skip
    for lowest in range(max(levels), 0, -1):  # rule L2: what is on this level or above turns round
        turned: list[tuple[str, int]] = []
        for above, together in groupby(letters, key=lambda each: each[1] >= lowest):
            run = list(together)
            turned += reversed(run) if above else run
        letters = turned
    return "".join(char for char, _ in letters)


def _levels(text: str) -> list[int]:
    """0 stands as written, 1 from right to left, 2 a number or a Latin word within that."""
    kinds = [_kind(char) for char in text]
    base = next((kind for kind in kinds if kind in "LR"), "L")
    for place, char in enumerate(text):  # a sign within a number is part of it (W4)
        between = 0 < place < len(text) - 1 and bidirectional(char) in IN_NUMBERS
        if between and kinds[place - 1] == kinds[place + 1] == "N":
            kinds[place] = "N"
    last = base
    for place, kind in enumerate(kinds):  # a number behind a Latin word goes with it (W7)
        kinds[place] = "L" if kind == "N" and last == "L" else kind
        last = kind if kind in "LR" else last
    place = 0
    while place < len(kinds):  # blanks and signs go with what is on both sides, else with the whole text (N1, N2)
        end = next((at for at in range(place, len(kinds)) if kinds[at] != " "), len(kinds))
        before = _side(kinds[place - 1]) if place else base
        after = _side(kinds[end]) if end < len(kinds) else base
        kinds[place:end] = [before if before == after else base] * (end - place)
        place = end + 1
    return [{"R": 1, "N": 2}.get(kind, 2 if base == "R" else 0) for kind in kinds]


def _kind(char: str) -> str:
    """L or R for a letter, N for a digit, a blank for all else."""
    direction = bidirectional(char)
    if direction in RIGHT_TO_LEFT:
        return "R"
    return "N" if direction in NUMBERS else "L" if direction == "L" else " "


def _side(kind: str) -> str:
    return "R" if kind == "N" else kind
