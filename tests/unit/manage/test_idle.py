"""What an idle management plane has in memory: nothing of what is off."""

from __future__ import annotations

import asyncio
import json
import ssl
import subprocess
import sys

from deskphone.manage.papers import trusted

LOOK = """
import json, sys
import deskphone.manage.command, deskphone.manage.web.server
from aiohttp import connector
print(json.dumps([sorted(sys.modules), connector._SSL_CONTEXT_VERIFIED.cert_store_stats()["x509"]]))
"""


def test_what_is_off_is_not_loaded_nor_the_systems_certificates() -> None:
    done = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=True, timeout=120)
    modules, certificates = json.loads(done.stdout)
    assert certificates == 0, "aiohttp made itself a trust of 2.5 MB that nobody uses"
    off = ("aiomqtt", "paho", "deskphone.manage.cwmp.agent", "deskphone.manage.cwmp.table", "deskphone.provision",
           "deskphone.app", "deskphone.core", "xml.dom", "unittest", "multiprocessing")  # fmt: skip
    assert [name for name in modules if name in off or name.startswith(tuple(f"{each}." for each in off))] == []


def test_who_reports_to_https_trusts_the_systems_authorities_and_checks() -> None:
    assert asyncio.run(trusted("http://crm.example/")) is True
    context = asyncio.run(trusted("https://crm.example/"))
    assert isinstance(context, ssl.SSLContext) and context.verify_mode is ssl.CERT_REQUIRED and context.check_hostname
    assert context.cert_store_stats() == ssl.create_default_context().cert_store_stats()
