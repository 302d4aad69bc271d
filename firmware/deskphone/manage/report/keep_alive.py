"""The status report: what the phone is, posted as JSON to the URL the owner names, every so many minutes.

Law: the 420HD's keep-alive to its device manager in purpose and field names, to a URL of the owner's own; no caller, no
secret in it. One at a time; one that fails is told in the journal once, and the next comes at its time.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from typing import Any, ClassVar

import aiohttp

from deskphone.manage.client import AsyncPhone, Gone, Refusal
from deskphone.manage.papers import trusted
from deskphone.manage.report.reporter import Reporter

Json = dict[str, Any]
log = logging.getLogger("deskphone.manage")
NAMES = ("ems_server/provisioning/url", "ems_server/keep_alive_period", "ems_server/user_name")
SECONDS = 15.0  # for an answer


@dataclass(frozen=True, slots=True)
class Wish:
    """Where to report: url, "" for nowhere; every so many minutes, 0 for never; user and password for Basic."""

    url: str = ""
    minutes: float = 0.0
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def wanted(self) -> bool:
        """Whether there is a place to report to."""
        return bool(self.url) and self.minutes > 0 and not self.trouble

    @property
    def trouble(self) -> str:
        """Why nothing is reported although there is a URL, "" for nothing wrong."""
        return "ems_server/user_name: expected no colon (RFC 7617)" if self.url and ":" in self.user else ""


def report(status: Json) -> Json:
    """The body, from an answer to `status`."""
    state = status["state"]
    up = [each["address"] for each in state["servers"] if each["registered"]]
    return {
        "mac": status["mac"],
        "ip": status["address"],
        "model": status["model"],
        "fwVersion": status["version"],
        "hostName": status["host_name"],
        "upSeconds": status["up_seconds"],
        "status": "registered" if up else "started",
        "sipProxy": up,
        "servers": state["servers"],
        "userId": state["agent"]["id"],
        "agentState": state["agent"]["state"],
        "calls": len(state["calls"]),
        "configuration": status["source"],
        "provisioning": state["provisioning"],
        "failedParts": status["failed_parts"],
    }


def wish(values: dict[str, str]) -> Wish:
    """The wish of settings as text, by name, the password among them."""
    url, minutes, user = (values[name] for name in NAMES)
    return Wish(url, float(minutes), user, values["ems_server/user_password"])


class KeepAlive(Reporter[Wish]):
    """Reports at once and every so many minutes. phone: asked for its status each time."""

    name: ClassVar[str] = "status report"

    def __init__(self, phone: AsyncPhone) -> None:
        super().__init__(Wish())
        self._phone = phone

    async def _run(self, wish: Wish) -> None:
        login = aiohttp.BasicAuth(wish.user, wish.password, "utf-8") if wish.user else None
        limit = aiohttp.ClientTimeout(total=SECONDS)
        told, context = "", await trusted(wish.url)
        while True:
            try:
                body = report(await self._phone.ask("status"))
                async with (
                    aiohttp.ClientSession(
                        timeout=limit, auth=login, connector=aiohttp.TCPConnector(ssl=context)
                    ) as client,
                    client.post(wish.url, json=body, allow_redirects=False) as answer,
                ):
                    trouble = "" if answer.status < 300 else f"answered {answer.status}"
            except (aiohttp.ClientError, TimeoutError, OSError, ValueError, Gone, Refusal) as error:
                trouble = type(error).__name__
            if trouble and trouble != told:
                log.warning("the status report is not taken: %s", trouble)
            told = trouble
            await asyncio.sleep(wish.minutes * 60)
