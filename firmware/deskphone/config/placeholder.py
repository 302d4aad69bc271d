"""<MAC> and <MODEL> in the spellings of other makers' servers and of DHCP servers that escape what they send.

Law: text in, text out; what they stand for is replaced where a URL is asked for.
"""

from __future__ import annotations

import re

_WORDS = {"<MAC>": "mac([-_]?addr(ess)?)?", "<MODEL>": "model"}
_FORMS = (
    r"<{0}>|%(25)?3c{0}%(25)?3e|&lt;{0}&gt;|[$#]?\{{{{1,2}} ?\$?{0} ?\}}{{1,2}}|\$\({0}\)|%%?{0}%%?|\[{0}\]"
    r"|(?<![A-Za-z0-9])__{0}__(?![A-Za-z0-9])|\${0}(?:\$|(?!\w))"
)
_OTHERS = {sign: re.compile(_FORMS.format(word), re.IGNORECASE) for sign, word in _WORDS.items()}


def canonical(text: str) -> str:
    """The text with `{mac}`, `$MAC`, `%MAC%`, `[mac]`, `%3CMAC%3E`, `&lt;MAC&gt;`, `__MAC__` and the like as `<MAC>`;
    `<MODEL>` likewise."""
    for sign, other in _OTHERS.items():
        text = other.sub(sign, text)
    return text
