"""Whether an optional part works, as the phone is told: once when it fails, once when it works again.

Law: a value of the driver that has it, asked and changed in one thread.
"""

from __future__ import annotations

from deskphone.core.events import DriverFailed, DriverRecovered
from deskphone.drivers.ports import Post


class Health:
    """Of the part with this name. It begins well."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.failed = False

    def fails(self, post: Post, error: Exception, of: str = "") -> None:
        """It failed by this error; `of` says at what, where that is not plain: a device, a path."""
        if not self.failed:
            self.failed, why = True, f"{type(error).__name__}: {error}"
            post(DriverFailed(self._name, f"{of}: {why}" if of else why))

    def works(self, post: Post) -> None:
        """It did its work."""
        if self.failed:
            self.failed = False
            post(DriverRecovered(self._name))
