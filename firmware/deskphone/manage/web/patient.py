"""Routes of which one takes long: it has a connection of its own, so that no other page waits for it.

Law: no behaviour.
"""

from __future__ import annotations

import asyncio

from deskphone.manage.client import AsyncPhone


class Patient:
    """Routes. phone: shared with the other pages; patient: for what takes long, one at a time."""

    def __init__(self, phone: AsyncPhone, patient: AsyncPhone) -> None:
        self._phone, self._patient = phone, patient
        self._one_at_a_time = asyncio.Lock()
