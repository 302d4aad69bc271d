"""The web pages, REST and metrics."""

from deskphone.trust import plain_aiohttp  # noqa: F401 - before any module here imports aiohttp: 2 MB
