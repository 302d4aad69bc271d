"""Firmware by the web pages, by REST and by an ACS: brought to a phone that runs, installed when it is idle, told."""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deskphone.manage.client import Phone
from tests.manage.acs import PASSWORD as ACS_PASSWORD
from tests.manage.acs import USER, Acs
from tests.manage.plane import PASSWORD, Answer, Plane, Web
from tests.manage.updater import ANOTHER, TestUpdater
from tests.peers.child import wait_until
from tests.unit.manage.cwmp import server as ask
from tests.unit.provisioning.authority import Authority

pytestmark = [pytest.mark.sip, pytest.mark.slow]
IMAGE = hashlib.sha256(b"a bundle").digest() * 250_000  # 8 MB
GROWTH = 5_000_000  # bytes of memory that its passage may cost each of the two processes
LINE = "-" * 20 + "a test"


class Device:
    """A phone with an updater, its owner, its management plane and its ACS."""

    def __init__(self, folder: Path) -> None:
        self.owner, self.stranger = Authority(folder / "ca", "owner"), Authority(folder / "ca", "stranger")
        self.updater = TestUpdater(folder / "updater")
        self.plane = Plane(folder)
        self.acs = Acs()
        self._serving = self.acs.serve()
        self.start()

    def start(self, version: str = "") -> None:
        """As another release of the program, where a version is given."""
        self.plane.phone.prefix = (sys.executable, "-c", ANOTHER.format(version=version)) if version else ()
        self.plane.start("--keyring", str(self.owner.certificate), "--update", str(self.updater.folder))

    def signed(
        self, version: str, signer: Authority | None = None, image: bytes = IMAGE, model: str = "420HD"
    ) -> bytes:
        """The announcement of a version."""
        digest = hashlib.sha256(image).hexdigest()
        text = f"model={model}\nversion={version}\nsize={len(image)}\nsha256={digest}\n"
        return (signer or self.owner).sign(text.encode())

    def manage(self) -> Web:
        return self.plane.manage("--http", "127.0.0.1:0", "--data", str(self.plane.folder / "kept"))

    def end(self) -> None:
        self.plane.end()
        self.acs.shutdown()
        self._serving.join()
        self.acs.server_close()
        assert self.acs.wrong == []


@pytest.fixture(scope="module")
def device(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Device]:
    found = Device(Path(tmp_path_factory.mktemp("device")))
    yield found
    found.end()


def form(*fields: tuple[str, bytes]) -> bytes:
    """multipart/form-data (RFC 7578) of fields in this order; those after the token are files."""
    parts = [
        f'--{LINE}\r\nContent-Disposition: form-data; name="{name}"'.encode()
        + (b"" if name == "csrf" else f'; filename="{name}.bin"\r\nContent-Type: application/octet-stream'.encode())
        + b"\r\n\r\n" + data + b"\r\n"
        for name, data in fields
    ]  # fmt: skip
    return b"".join(parts) + f"--{LINE}--\r\n".encode()


def upload(web: Web, path: str, *fields: tuple[str, bytes], **heads: str) -> Answer:
    return web.ask("POST", path, form(*fields), Content_Type=f'multipart/form-data; boundary="{LINE}"', **heads)


def peak(pid: int) -> int:
    """The most memory that a process ever had (proc(5)), in bytes."""
    found = re.search(r"^VmHWM:\s*(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.M)
    assert found
    return int(found.group(1)) * 1024


def test_a_firmware_uploaded_at_the_page_is_installed_and_its_progress_shown(device: Device) -> None:
    assert device.plane.cli("password", "set", given=f"{PASSWORD}\n").returncode == 0
    token = device.plane.cli("token", "new").stdout.strip().split()[-1]
    web = device.manage()
    good = (("announcement", device.signed("8.0.0")), ("bundle", IMAGE))
    assert upload(web, "/firmware", *good).status == upload(web, "/api/v1/firmware", *good).status == 401
    web.log_in()
    page = web.ask("GET", "/firmware").text
    assert "Automatic Update" in page and 'name="bundle"' in page
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found
    mine = ("csrf", found.group(1).encode())

    # What is no form of this session, and what is not the owner's, changes nothing.
    assert upload(web, "/firmware", *good).status == 422
    assert upload(web, "/firmware", ("csrf", b"x"), *good).status == 403
    assert upload(web, "/firmware", mine, *good, Origin="http://elsewhere.example").status == 403
    assert upload(web, "/firmware", mine, good[1], good[0]).status == 422
    assert upload(web, "/firmware", mine, good[0]).status == 422
    for announcement, words in (
        (device.signed("8.0.0", device.stranger), "by the owner of this phone"),
        (device.signed("8.0.0", model="450HD"), "expected firmware for 420HD"),
        (device.signed("0.0.1"), "expected a version after"),
        (bytes(200_000), "expected at most"),
        (device.signed("8.0.0", image=IMAGE[:-1]), "that were signed"),
        (device.signed("8.0.0", image=IMAGE[:-1] + b"x"), "that were signed"),
    ):
        answer = upload(web, "/firmware", mine, ("announcement", announcement), good[1])
        assert answer.status == 422 and words in answer.text, answer.text
    assert device.updater.asked == ""

    # The right one: by neither process is it held in memory.
    pids = (web.child.process.pid, device.plane.phone.process.pid)  # type: ignore[union-attr]
    before = [peak(pid) for pid in pids]
    answer = upload(web, "/firmware", mine, *good)
    assert answer.status == 200 and "8.0.0 is here" in answer.text, answer.text
    assert [peak(pid) - was < GROWTH for pid, was in zip(pids, before, strict=True)] == [True, True]
    device.updater.is_asked("install")
    assert (device.plane.folder / "data/firmware/bundle.img").read_bytes() == IMAGE
    device.updater.says("installing", "8.0.0", 42)
    wait_until("the progress", lambda: "8.0.0: Installing 42 %" in web.ask("GET", "/firmware").text, 30)
    device.updater.says("failed", "8.0.0", detail="no such slot")
    program = Web(web.child, web.urls)
    bearer = {"Authorization": f"Bearer {token}"}
    wait_until(
        "the program to be told",
        lambda: program.ask("GET", "/api/v1/firmware", **bearer).json()["update"]["detail"] == "no such slot", 30,
    )  # fmt: skip

    # A program: the bundle lies here already, so that the announcement is enough to have it tried again.
    again = upload(program, "/api/v1/firmware", *good, **bearer)
    assert (again.status, again.json()) == (202, {"version": "8.0.0"})
    device.updater.is_asked("install")
    device.updater.says("none")


def test_a_firmware_of_an_acs_is_told_when_it_is_in_use_or_will_not_be(device: Device) -> None:
    acs, updater = device.acs, device.updater
    acs.files = {
        "/good": IMAGE, "/good.cms": device.signed("9.0.0"), "/alien": IMAGE,
        "/alien.cms": device.signed("9.0.0", device.stranger),
        "/short": IMAGE[:-9], "/short.cms": device.signed("9.0.0"),
    }  # fmt: skip
    kind = "1 Firmware Upgrade Image"
    acs.requests.extend(
        ask.download(f"{acs.url}/{name}", kind, CommandKey=name) for name in ("alien", "short", "none", "good")
    )
    phone = Phone(str(device.plane.socket), "a test")
    phone.ask("set", values={
        "management/tr069/acs_url": f"{acs.url}/acs", "management/tr069/user_name": USER,
        "management/tr069/password": ACS_PASSWORD, "management/tr069/enabled": "1",
        "deskphone/update/restart": "IDLE",
    })  # fmt: skip
    phone.close()
    manage = device.plane.children[-1]

    # What is no good is told at once; the good one when it is in use.
    def told() -> dict[str, str]:
        return {each.text("CommandKey"): each.text("FaultStruct/FaultCode") for each in acs.all("TransferComplete")}

    wait_until("what came of the bad ones", lambda: len(told()) == 3, 90)
    assert told() == {"alien": "9019", "short": "9018", "none": "9016"}
    updater.is_asked("install")
    updater.says("installed", "9.0.0")
    updater.is_asked("restart")
    assert "good" not in told()

    # The device starts anew, into the new version: first on trial, then for good.
    device.plane.phone.power_cut()
    manage.stop(10)
    updater.says("trial", "9.0.0")
    device.start("9.0.0")
    device.manage()
    wait_until("the boot", lambda: ("1 BOOT", "") in acs.informs[-1].events, 60)
    wait_until("the session to be over", lambda: not acs.open, 30)
    assert "good" not in told()
    updater.says("good", "9.0.0")
    wait_until("the end of the transfer", lambda: "good" in told(), 60)
    assert told()["good"] == "0" and ("M Download", "good") in acs.informs[-1].events
    assert acs.informs[-1].values["Device.DeviceInfo.SoftwareVersion"] == "9.0.0"
