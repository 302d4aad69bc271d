"""MQTT told as a story: a phone that runs, Debian's mosquitto with TLS and a login, its own clients as the others."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.manage.plane import Plane
from tests.peers.child import LOOPBACK, Child, free_port, wait_until
from tests.unit.provisioning.authority import Authority

pytestmark = [pytest.mark.sip, pytest.mark.slow, pytest.mark.needs("mosquitto", "mosquitto_pub", "mosquitto_sub")]
USER, PASSWORD = "phones", "of the broker"
DND = "voip/line/0/do_not_disturb/activated"


class Broker:
    """mosquitto by TLS with one user, and a client that hears everything from its start on."""

    def __init__(self, folder: Path, owner: Authority) -> None:
        folder.mkdir()
        folder.chmod(0o755)
        self.folder, self.owner, self.port = folder, owner, free_port()
        certificate, key = owner.issue("broker")
        users = folder / "users"
        subprocess.run(["mosquitto_passwd", "-c", "-b", str(users), USER, PASSWORD], check=True, capture_output=True)
        (folder / "config").write_text(
            f"user root\nlistener {self.port} {LOOPBACK}\nallow_anonymous false\npassword_file {users}\n"
            f"certfile {certificate}\nkeyfile {key}\n"
        )
        self.start()

    def start(self) -> None:
        self.child = Child(["mosquitto", "-c", str(self.folder / "config")], self.folder / "broker.log")
        wait_until("mosquitto", lambda: "running" in self.child.said(), 30)
        self.ear = Child([*self._client("mosquitto_sub"), "-t", "#", "-F", "%j"], self.folder / "ear.log")
        wait_until("the ear", lambda: "SUBSCRIBE" in self.child.said() or "mosq" in self.child.said(), 30)

    def stop(self) -> None:
        self.ear.stop(10)
        self.child.stop(10)

    def heard(self, topic: str) -> list[Any]:
        """What was said below a topic, in order, as JSON."""
        rows = [json.loads(line) for line in self.ear.said().splitlines() if line.startswith("{")]
        return [json.loads(row["payload"]) for row in rows if row["topic"].endswith(f"/{topic}")]

    def say(self, topic: str, payload: str, *more: str) -> None:
        command = [*self._client("mosquitto_pub"), "-t", topic, "-m", payload, "-q", "1", *more]
        subprocess.run(command, check=True, capture_output=True, timeout=30)

    def _client(self, program: str) -> list[str]:
        return [program, "-h", "localhost", "-p", str(self.port), "-u", USER, "-P", PASSWORD,
                "--cafile", str(self.owner.certificate)]  # fmt: skip


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    found = Broker(tmp_path / "broker", Authority(tmp_path / "ca", "owner"))
    yield found
    found.stop()


def test_a_phone_at_a_broker_from_its_first_word_to_its_last_will(plane: Plane, broker: Broker) -> None:
    def sets(name: str, value: str, secret: bool = False) -> None:
        done = plane.cli("set", name, "-", given=f"{value}\n") if secret else plane.cli("set", name, value)
        assert done.returncode == 0, done.stderr

    sets("deskphone/mqtt/user_name", USER)
    sets("deskphone/mqtt/password", PASSWORD, secret=True)
    sets("deskphone/mqtt/url", f"mqtts://localhost:{broker.port}")
    manage = plane.manage("--http", f"{LOOPBACK}:0", "--data", str(plane.folder / "of-mqtt"), log="mqtt")

    # A broker whose certificate nobody here vouches for is told nothing; with the owner's authority it is.
    wait_until("the refusal", lambda: "MQTT: " in manage.child.said(), 60)
    assert "ertificate" in manage.child.said() and broker.heard("online") == []
    folder = plane.folder / "data" / "certificates"
    folder.mkdir(exist_ok=True)
    (folder / "authority-owner.pem").write_bytes(broker.owner.certificate.read_bytes())
    sets("deskphone/mqtt/topic", "office/floor2")
    wait_until("the phone to be online", lambda: broker.heard("online") == [1], 60)
    wait_until("its state", lambda: broker.heard("state"), 30)
    state = broker.heard("state")[0]
    assert state["calls"] == [] and state["phone"]["model"] == "420HD"

    # What happens, in order; an order that nobody allowed is none.
    sets(DND, "1")
    wait_until("what happened", lambda: broker.heard("event/dnd.on"), 30)
    mac = state["phone"]["mac"].replace(":", "").lower()
    topic = f"office/floor2/{mac}"
    broker.say(f"{topic}/command", '{"verb": "dial", "number": "23", "id": "1"}')
    sets(DND, "0")
    wait_until("what happened then", lambda: broker.heard("event/dnd.off"), 30)
    assert broker.heard("answer") == []

    # Orders where the owner allows them: judged by the phone; what the broker kept is none, nor is what is too large.
    broker.say(f"{topic}/command", '{"verb": "dial", "number": "99", "id": "old"}', "-r")
    sets("deskphone/mqtt/commands", "1")
    wait_until("the phone to be back", lambda: broker.heard("online") == [1, 0, 1], 60)
    for order in (
        "no JSON",
        "[" * 4000,
        "x" * 20_000,
        '{"verb": "reboot", "id": "2"}',
        '{"verb": "dial", "number": "23", "id": "3"}',
    ):
        broker.say(f"{topic}/command", order)
    wait_until("what came of them", lambda: len(broker.heard("answer")) == 4, 30)
    answers = broker.heard("answer")
    assert [each["ok"] for each in answers] == [False] * 4, "it has no account to call by"
    assert [each.get("id") for each in answers] == [None, None, "2", "3"] and "verb" in answers[2]["error"]

    # The broker goes and comes back: the phone is there again. Killed, its last will says so.
    broker.stop()
    broker.start()
    wait_until("the phone to be there again", lambda: broker.heard("online") == [1], 120)
    manage.child.process.kill()
    wait_until("the last will", lambda: broker.heard("online") == [1, 0], 60)
    said = manage.child.said() + plane.phone.journal()
    assert PASSWORD not in said and "Traceback" not in said
    sets("deskphone/mqtt/url", "")
