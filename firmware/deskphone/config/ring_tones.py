"""The ring tones a phone has, by name.

The order is the menu's, and gives the 420HD's names `Ring01`, `Ring02` ... their meaning.
"""

RING_TONES = ("classic", "double", "marimba", "digital", "chime", "pulse", "vibes", "attention", "silent")


def named(text: str) -> str:
    """A ring tone of ours by its name, or by the 420HD's Ring01, Ring02 ...; the first where unknown."""
    word = text.strip().lower()
    number = word.removeprefix("ring").lstrip("0")
    if word in RING_TONES:
        return word
    return RING_TONES[(int(number) - 1) % len(RING_TONES)] if number.isascii() and number.isdigit() else RING_TONES[0]
