"""The methods that order something: Download, Upload, Reboot, FactoryReset, ScheduleInform (TR-069 annex A.3.2, A.4.1).

Law: pure; an order is remembered and carried out when the session is over.
"""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlsplit

from deskphone.manage.cwmp import soap
from deskphone.manage.cwmp.cpe import Cpe
from deskphone.manage.cwmp.faults import Fault
from deskphone.manage.cwmp.memory import MOST_SCHEDULED, MOST_TRANSFERS, Transfer
from deskphone.manage.cwmp.parameters import key_of, wanted
from deskphone.manage.cwmp.xml import Element

FIRMWARE, CONFIGURATION = "1 Firmware Upgrade Image", "3 Vendor Configuration File"
UPLOADED, LOG = "1 Vendor Configuration File", "2 Vendor Log File"
DOWNLOADS, UPLOADS = (FIRMWARE, CONFIGURATION), (UPLOADED, LOG)
_SAME = {"3 Vendor Configuration File 1": UPLOADED, "4 Vendor Log File 1": LOG}
"""What CWMP 1.2 calls what is uploaded, by its number in a table; there is one of each."""
SCHEMES = ("http", "https")
LONGEST_URL = 256
UNKNOWN = "0001-01-01T00:00:00Z"
_LATER = 30 * 86400  # seconds that an order may be put off


def download(cpe: Cpe, arguments: Element, unix: float) -> str:
    """Download."""
    return _transfer(cpe, arguments, unix, "Download", DOWNLOADS)


def upload(cpe: Cpe, arguments: Element, unix: float) -> str:
    """Upload."""
    return _transfer(cpe, arguments, unix, "Upload", UPLOADS)


def _transfer(cpe: Cpe, arguments: Element, unix: float, verb: str, types: tuple[str, ...]) -> str:
    key, kind = key_of(arguments, "CommandKey"), wanted(arguments, "FileType").text.strip()
    if verb == "Upload":
        kind = _SAME.get(kind, kind)
    if kind not in types:
        raise Fault(9003, f"FileType: expected one of {', '.join(types)}")
    url = wanted(arguments, "URL").text.strip()
    user, password = arguments.child_text("Username"), arguments.child_text("Password")
    size, delay = _number(arguments, "FileSize"), _number(arguments, "DelaySeconds")
    if len(url) > LONGEST_URL or len(user) > 256 or len(password) > 256:
        raise Fault(9003, "URL, Username, Password: expected at most 256 characters")
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise Fault(9003, "URL: expected one") from None
    if parts.scheme not in SCHEMES:
        raise Fault(9013, "expected http or https")
    if not parts.hostname or (parts.username and (user or password)) or not re.fullmatch("[!-~]+", url):
        raise Fault(9003, "URL: expected a host, and no login in it")
    if delay > _LATER:
        raise Fault(9003, f"DelaySeconds: expected at most {_LATER}")
    if len(cpe.memory.transfers) >= MOST_TRANSFERS:
        raise Fault(9004, f"{MOST_TRANSFERS} transfers wait already")
    new = Transfer(verb, key, kind, url, user, password, size, unix + delay)
    cpe.memory = replace(cpe.memory, transfers=(*cpe.memory.transfers, new))
    times = f"<StartTime>{UNKNOWN}</StartTime><CompleteTime>{UNKNOWN}</CompleteTime>"
    return soap.method(f"{verb}Response", "<Status>1</Status>", times)


def reboot(cpe: Cpe, arguments: Element, unix: float) -> str:
    """Reboot, when the session is over and nobody has the phone in hand."""
    key = key_of(arguments, "CommandKey")
    if len(cpe.memory.reboot) >= MOST_SCHEDULED:
        raise Fault(9004, "restarts wait already")
    cpe.memory = replace(cpe.memory, reboot=(*cpe.memory.reboot, key))
    return soap.method("RebootResponse")


def factory_reset(cpe: Cpe, arguments: Element, unix: float) -> str:
    """FactoryReset, when the session is over."""
    cpe.memory = replace(cpe.memory, reset=True)
    return soap.method("FactoryResetResponse")


def schedule_inform(cpe: Cpe, arguments: Element, unix: float) -> str:
    """ScheduleInform."""
    wanted(arguments, "DelaySeconds")
    delay, key = _number(arguments, "DelaySeconds"), key_of(arguments, "CommandKey")
    if not 0 < delay <= _LATER:
        raise Fault(9003, f"DelaySeconds: expected 1 to {_LATER}")
    if len(cpe.memory.scheduled) >= MOST_SCHEDULED:
        raise Fault(9004, f"{MOST_SCHEDULED} are scheduled already")
    cpe.memory = replace(cpe.memory, scheduled=(*cpe.memory.scheduled, (unix + delay, key)))
    return soap.method("ScheduleInformResponse")


def _number(arguments: Element, name: str) -> int:
    """An unsignedInt, 0 where it is missing. Fault 9003."""
    text = arguments.child_text(name) or "0"
    if not re.fullmatch(r"\d{1,10}", text, re.ASCII):
        raise Fault(9003, f"{name}: expected a number")
    return int(text)
