"""Layers as the tests begin with them."""

from __future__ import annotations

from functools import lru_cache

from deskphone.config.layers import Layers
from deskphone.config.registry import slots_of, value_at
from deskphone.config.settings import Settings


@lru_cache(maxsize=256)  # the same few settings in thousands of tests, some milliseconds each
def of_file(settings: Settings) -> Layers:
    """Layers whose file says what these settings say differently from the factory."""
    factory, slots = Settings(), slots_of(Settings).items()
    values = {name: value_at(settings, slot.path) for name, slot in slots}
    return Layers().with_file(
        {name: values[name] for name, slot in slots if values[name] != value_at(factory, slot.path)}
    )
