"""What a switch says of the voice VLAN by LLDP-MED (ANSI/TIA-1057, Network Policy), as lldpcli tells it.

Law: standard library, pure. What is read came from the wire: whatever is no policy of the right shape is none.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress


def voice_policy(text: str) -> tuple[int, int] | None:
    """Number and priority of the voice VLAN in lldpcli's JSON (json0), None where no neighbour names a tagged one."""
    with suppress(ValueError, RecursionError):
        for policy in _policies(json.loads(text or "{}")):
            number, level = _inner(policy, "vlan", "vid"), _inner(policy, "pcp", "value")
            if policy.get("apptype") == "Voice" and number.isdecimal() and 1 <= int(number) <= 4094:
                return int(number), int(level) if level.isdecimal() and int(level) <= 7 else 0
    return None


def _inner(policy: dict[str, object], name: str, inner: str) -> str:
    match policy.get(name):
        case [{**found}, *_]:
            return str(found.get(inner, ""))[:5]
    return ""


def _policies(found: object) -> Iterator[dict[str, object]]:
    """Every `policy`, wherever it stands."""
    if isinstance(found, dict):
        for name, each in found.items():
            if name == "policy" and isinstance(each, list):
                yield from (one for one in each if isinstance(one, dict))
            else:
                yield from _policies(each)
    elif isinstance(found, list):
        for each in found:
            yield from _policies(each)
