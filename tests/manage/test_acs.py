"""TR-069 told as stories: a phone that runs, its management plane, and an ACS that checks every message."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from deskphone.manage.client import Phone
from tests.manage.acs import PASSWORD, USER, Acs, knock
from tests.manage.plane import Plane
from tests.peers.child import wait_until
from tests.unit.manage.cwmp import server as ask

pytestmark = [pytest.mark.sip, pytest.mark.slow]
CLIENT, SERVER = "Device.Services.VoiceService.1.SIP.Client.1.", "Device.ManagementServer."
VENDOR = "Device.X_DESKPHONE_Settings."
KNOCKER, WORD = "acs", "knock knock"


@pytest.fixture
def acs() -> Iterator[Acs]:
    """The server, while a test runs."""
    server = Acs()
    thread = server.serve()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()
    assert server.wrong == []


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_the_life_of_a_phone_with_an_acs(plane: Plane, acs: Acs) -> None:
    port = free_port()
    phone = Phone(str(plane.socket), "a test")
    phone.ask("set", values={
        "management/tr069/acs_url": f"{acs.url}/acs", "management/tr069/user_name": USER,
        "management/tr069/password": PASSWORD, "management/tr069/enabled": "1",
        "management/tr069/connection_request/user_name": KNOCKER,
        "management/tr069/connection_request/password": WORD, "deskphone/tr069/connection_request/port": str(port),
    })  # fmt: skip

    def value(name: str) -> str:
        return str(phone.ask("show", names=[name])["settings"][0]["value"])

    # First boot: who it is, and everything it has.
    acs.requests.extend(
        [ask.get("Device."), ask.put({f"{CLIENT}AuthUserName": "agent7", f"{CLIENT}AuthPassword": "s3cret"})]
    )
    web = plane.manage("--http", "127.0.0.1:0", "--data", str(plane.folder / "manage"), log="acs")
    wait_until("the first session", lambda: acs.all("SetParameterValuesResponse"), 60)
    assert acs.events() == ["0 BOOTSTRAP", "1 BOOT"]
    values = acs.all("GetParameterValuesResponse")[0].values
    assert values["Device.DeviceInfo.ModelName"] == "420HD" and values[f"{SERVER}Password"] == ""
    assert value("voip/line/0/auth_name") == "agent7" and value("voip/line/0/auth_password") == "***"

    # A connection request; a stranger's is refused.
    url = acs.informs[0].values[f"{SERVER}ConnectionRequestURL"]
    wait_until("the session to be over", lambda: not acs.open, 30)
    assert knock(url, KNOCKER, "wrong") in (401, 503), "five guesses in a row: the last ones have to wait"
    assert knock(url + "x", KNOCKER, WORD) == 404 and len(acs.sessions) == 1
    acs.requests.extend([ask.watch(f"{CLIENT}AuthUserName", 2), ask.put({f"{SERVER}PeriodicInformInterval": 10})])
    wait_until("the guesses' pause to be over", lambda: knock(url, KNOCKER, WORD) == 200, 30)
    wait_until("the session asked for", lambda: acs.all("SetParameterAttributesResponse"), 30)
    assert acs.informs[1].events == [("6 CONNECTION REQUEST", "")]

    # A value that somebody changes at the phone.
    phone.ask("set", values={"voip/line/0/auth_name": "by-hand"})
    changed = wait_until(
        "the change to be told", lambda: [each for each in acs.informs if ("4 VALUE CHANGE", "") in each.events], 30
    )
    assert changed[0].values[f"{CLIENT}AuthUserName"] == "by-hand"

    # A configuration comes, one with a fault does not, and the journal goes.
    acs.files = {
        "/good.cfg": b"voip/line/0/description=Desk 7\n",
        "/bad.cfg": b"voip/line/0/description=x\nvoip/line/0/enabled=maybe\n",
    }
    wait_until("the session to be over", lambda: not acs.open, 30)
    acs.requests.extend([
        ask.download(f"{acs.url}/good.cfg", CommandKey="good"), ask.download(f"{acs.url}/bad.cfg", CommandKey="bad"),
        ask.download(f"{acs.url}/none.cfg", CommandKey="none"), ask.upload(f"{acs.url}/log", CommandKey="log"),
        ask.upload(f"{acs.url}/cfg", "1 Vendor Configuration File", CommandKey="cfg"),
    ])  # fmt: skip
    assert knock(url, KNOCKER, WORD) == 200
    wait_until("what came of the files", lambda: len(acs.all("TransferComplete")) == 5, 60)
    codes = {each.text("CommandKey"): each.text("FaultStruct/FaultCode") for each in acs.all("TransferComplete")}
    assert codes == {"good": "0", "bad": "9018", "none": "9016", "log": "0", "cfg": "0"}
    assert {"7 TRANSFER COMPLETE", "M Download", "M Upload"} <= set(acs.events())
    assert value("voip/line/0/description") == "Desk 7" and value("voip/line/0/enabled") == "1"
    assert b"voip/line/0/description=Desk 7" in acs.put["/cfg"] and acs.put["/log"]

    # All the while it comes by itself, as often as the ACS wants it now.
    periodic = ("2 PERIODIC", "")
    wait_until("two periodic informs", lambda: sum(periodic in each.events for each in acs.informs) >= 2, 60)

    secrets = [each for each in (PASSWORD, WORD, "s3cret") if each in web.child.said() + plane.phone.journal()]
    assert not secrets and b"s3cret" not in acs.put["/cfg"]
    phone.ask("set", values={"management/tr069/enabled": "0"})
    phone.close()
    wait_until("nothing to listen", lambda: _refuses(port), 30)


def _refuses(port: int) -> bool:
    with socket.socket() as guest:
        return guest.connect_ex(("127.0.0.1", port)) != 0
