"""The ring tones a phone has, by name.

Law: a table and a look-up. The order is the menu's, and gives the 420HD's names `Ring01`, `Ring02` ... their meaning.
"""

RING_TONES = ("classic", "double", "marimba", "digital", "chime", "pulse", "vibes", "attention", "silent")


def named(text: str) -> str:
    """A member of RING_TONES by its name in any case, or by the 420HD's Ring01, Ring02 ..., which begin again behind
    the last one; the first where the text means none."""
    word = text.strip().lower()
    number = word.removeprefix("ring").lstrip("0")
    if word in RING_TONES:
        return word
    return RING_TONES[(int(number) - 1) % len(RING_TONES)] if number.isascii() and number.isdigit() else RING_TONES[0]
