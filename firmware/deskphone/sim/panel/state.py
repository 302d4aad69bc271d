"""The display as a page draws it. What the phone is, as outside tools get it, is `view.state_json`.

Law: no I/O and no memory. The fields are an interface that outside tools use: fields may be added; a renamed
or removed one is a CHANGELOG entry.
"""

from __future__ import annotations

import base64

from PIL.Image import Image

from deskphone.view.state_json import Json


def screen_json(frame: Image, bright: bool) -> Json:
    """The display's pixels: `bits` is base64 of one bit a pixel, rows padded to bytes, leftmost pixel first."""
    picture = frame if frame.mode == "1" else frame.convert("1")
    return {
        "width": picture.width,
        "height": picture.height,
        "bits": base64.b64encode(picture.tobytes()).decode("ascii"),
        "bright": bright,
    }
