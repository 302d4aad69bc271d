"""Downloads and uploads that an ACS ordered, carried out: the configuration in and out, firmware in, the journal out.

Law: one at a time; whatever becomes of it is a Transfer that is done, with CWMP's code. A file with a fault sets
nothing. A firmware goes by the door that the web pages use (`manage.firmware`); its transfer is done when it is in use,
or when it is known that it will not be.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from collections.abc import Awaitable, Callable
from typing import Any

from deskphone.manage import configuration_file
from deskphone.manage.client import AsyncPhone, Gone, Refusal
from deskphone.manage.cwmp.faults import Fault
from deskphone.manage.cwmp.http import Http, HttpError
from deskphone.manage.cwmp.memory import Transfer
from deskphone.manage.cwmp.orders import CONFIGURATION, FIRMWARE, LOG, UPLOADED
from deskphone.manage.firmware import ANNOUNCEMENT, Bringing
from deskphone.manage.papers import Papers

log = logging.getLogger("deskphone.manage")
MOST = 1_000_000  # bytes of a configuration
ANSWER = 100_000  # bytes of a file server's answer to an upload
LINES = 500  # of the journal
SECONDS, LONG = 120.0, 1800.0  # for a file, and for a firmware
UNDER_WAY = ("asked", "installing", "installed", "restarting", "trial")
FORGOTTEN = 30 * 86_400.0  # seconds
Json = dict[str, Any]


async def carry_out(
    each: Transfer, phone: AsyncPhone, papers: Papers, clock: Callable[[], float] = time.time
) -> Transfer:
    """Do it; what became of it. Raises nothing but what ends the program: what is not told would be begun for ever."""
    began = clock()
    try:
        context = await asyncio.to_thread(papers.context)
        if (each.verb, each.file_type) == ("Download", FIRMWARE):
            return each.applying(began, await _bring(each, phone, context))
        await _WAYS[each.verb, each.file_type](each, phone, context)
    except Fault as wrong:
        return each.done(began, clock(), wrong.code, wrong.text)
    except ssl.SSLError as error:
        return each.done(began, clock(), 9002, f"a certificate of the owner cannot be used: {error}")
    except (Gone, Refusal) as error:
        return each.done(began, clock(), 9002, str(error))
    except Exception:
        log.exception("TR-069: a transfer failed")
        return each.done(began, clock(), 9002)
    return each.done(began, clock())


def applied(each: Transfer, found: Json, now: float) -> Transfer | None:
    """What became of a firmware that was brought, None while it is under way. found: as `manage.firmware.progress`.
    Nothing is final after a start until the updater has told how it was, and the phone what waits."""
    update = found["update"]
    if update is None or found["checking"]:
        return None
    step, about, wanted = update["step"], update["version"], update["waits_for_idle"]
    if each.version == wanted or (each.version == about and step in UNDER_WAY):
        return None
    if each.version == about and step in ("failed", "rolled_back"):
        return each.done(each.started, now, 9010, f"{step.replace('_', ' ')}: {update['detail']}")
    if each.version == found["version"]:
        return each.done(each.started, now)
    if other := wanted or (about if step in (*UNDER_WAY, "good") else ""):
        return each.done(each.started, now, 9010, f"{other} took its place")
    if now - each.started > FORGOTTEN:
        return each.done(each.started, now, 9010, "it was not installed in 30 days")
    return None


async def _configure(each: Transfer, phone: AsyncPhone, context: ssl.SSLContext) -> None:
    try:
        async with Http(each.user, each.password, context, SECONDS) as http:
            body = await http.send("GET", each.url, MOST)
    except HttpError as error:
        raise Fault(_code(error, 9010), str(error)) from error
    if each.size and each.size != len(body):
        raise Fault(9018, f"expected {each.size} bytes, got {len(body)}")
    done = await configuration_file.take(phone, body)
    if done.errors:
        raise Fault(9018, "; ".join(done.errors))


async def _bring(each: Transfer, phone: AsyncPhone, context: ssl.SSLContext) -> str:
    """The version of the firmware, which is at the phone now. Its announcement lies beside it, as `provisioning` has
    it: the same name with .cms behind."""
    try:
        async with Http(each.user, each.password, context, LONG) as http, Bringing(phone) as bringing:
            await bringing.begin(await http.send("GET", _beside(each.url), ANNOUNCEMENT))
            if each.size and each.size != bringing.size:
                raise Fault(9018, f"expected {each.size} bytes, its announcement says {bringing.size}")
            if bringing.needed:
                await http.fetch(each.url, bringing.size, bringing.more)
                await bringing.end()
            return bringing.version
    except HttpError as error:
        raise Fault(_code(error, 9010), str(error)) from error
    except Refusal as refused:
        codes = {"signature": 9019, "value": 9018, "refused": 9001}
        raise Fault(codes.get(refused.kind, 9002), str(refused)) from refused


def _beside(url: str) -> str:
    path, question, query = url.partition("?")
    return f"{path}.cms{question}{query}"


async def _give_configuration(each: Transfer, phone: AsyncPhone, context: ssl.SSLContext) -> None:
    await _put(each, context, await configuration_file.text(phone))


async def _give_log(each: Transfer, phone: AsyncPhone, context: ssl.SSLContext) -> None:
    await _put(each, context, "\n".join((await phone.ask("log", lines=LINES))["lines"]) + "\n")


async def _put(each: Transfer, context: ssl.SSLContext, text: str) -> None:
    try:
        async with Http(each.user, each.password, context, SECONDS) as http:
            await http.send("PUT", each.url, ANSWER, await asyncio.to_thread(text.encode), Content_Type="text/plain")
    except HttpError as error:
        raise Fault(9012 if error.status in (401, 403) else 9011, str(error)) from error


def _code(error: HttpError, otherwise: int) -> int:
    """The code of a download that failed (TR-069 annex A.5.1)."""
    if error.status in (401, 403):
        return 9012
    if error.cut:
        return 9017
    if error.status >= 400:
        return 9016
    return 9015 if not error.status else otherwise


_WAYS: dict[tuple[str, str], Callable[[Transfer, AsyncPhone, ssl.SSLContext], Awaitable[None]]] = {
    ("Download", CONFIGURATION): _configure,
    ("Upload", UPLOADED): _give_configuration,
    ("Upload", LOG): _give_log,
}
