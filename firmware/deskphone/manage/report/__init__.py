"""Those who report to other hosts without being asked."""

from deskphone.trust import plain_aiohttp  # noqa: F401 - before any module here imports aiohttp: 2 MB
