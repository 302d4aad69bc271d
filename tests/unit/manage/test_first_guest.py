"""Who starts the management plane by knocking at one of its sockets is served by the phone's name at once."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import ssl
from pathlib import Path
from typing import Any

import pytest

from deskphone import dataclass_code
from deskphone.app.__main__ import parser
from deskphone.config.registry import value_at
from deskphone.config.settings import Settings
from deskphone.config.writer import shown
from deskphone.manage import command
from tests.peers.child import free_port

HTTPS_ONLY = "security/web/https_only"
STATUS = {"mac": "00908f3bbcba", "host_name": "420hd-00908f3bbcba", "domain": "office.example", "model": "420HD"}
STATUS |= {"address": "192.0.2.9", "certificate": "", "private_key": "", "problems": []}


async def phone(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A control socket that knows the name the network gave, and nothing that is to be reported."""
    async for line in reader:
        request = json.loads(line)
        answer: dict[str, Any] = {**STATUS, "broker": {}, "acs": {}}
        slots = [Settings.slots()[name] for name in request.get("names", ())]
        rows = [{"name": each.name, "value": shown(each, value_at(Settings(), each.path), False)} for each in slots]
        rows += [{"name": HTTPS_ONLY, "value": "0"}]
        secrets = (
            "deskphone/hooks/url",
            "deskphone/hooks/secret",
            "ems_server/provisioning/url",
            "ems_server/user_password",
        )
        answer |= {"settings": rows, "secrets": dict.fromkeys(secrets, "")}
        writer.write(json.dumps({"ok": True, **answer}).encode() + b"\n")
    writer.close()


async def test_the_first_request_by_the_phones_name_is_served(tmp_path: Path) -> None:
    port, path = free_port(), tmp_path / "control"
    told = ["manage", "--control", str(path), "--http", f"127.0.0.1:{port}", "--data", str(tmp_path)]
    async with await asyncio.start_unix_server(phone, path):
        serving = asyncio.create_task(command._serve(parser("manage").parse_args(told)))
        try:
            async with asyncio.timeout(60):
                while True:
                    try:
                        reader, writer = await asyncio.open_connection("127.0.0.1", port)
                        break
                    except ConnectionRefusedError:
                        assert not serving.done(), serving.exception()
                        await asyncio.sleep(0)
                writer.write(b"GET /style.css HTTP/1.1\r\nHost: 420HD-00908f3bbcba.office.example\r\n\r\n")
                assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"
                writer.close()
        finally:
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)


async def test_https_is_believed_by_every_name_and_address_and_keeps_no_code_it_does_not_need(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port, path = free_port(), tmp_path / "control"
    monkeypatch.setattr(command, "lasting", lambda: ("2001:db8:77::7",))
    told = ["manage", "--control", str(path), "--https", f"127.0.0.1:{port}", "--data", str(tmp_path)]
    dataclass_code.collect()  # as on a phone, whose image has the code of its data classes
    assert "exec" in vars(dataclasses)
    async with await asyncio.start_unix_server(phone, path):
        serving = asyncio.create_task(command._serve(parser("manage").parse_args(told)))
        try:
            async with asyncio.timeout(60):
                while not await _serves(port):
                    assert not serving.done(), serving.exception()
                context = ssl.create_default_context(cafile=str(tmp_path / "web.pem"))
                for name in ("2001:db8:77::7", "192.0.2.9", STATUS["host_name"], f"{STATUS['host_name']}.local"):
                    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname=name)
                    writer.close()
                assert "exec" not in vars(dataclasses), "a megabyte that nobody uses any more"
        finally:
            dataclass_code.done()
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)


async def _serves(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except ConnectionRefusedError:
        await asyncio.sleep(0)
        return False
    writer.close()
    return True
