"""A network of IPv6 alone: the address comes by router advertisement as in the image, behind its packet filter.

The phone is switched on before there is a router; it registers, is called and calls, with voice, over IPv6.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest

from deskphone.config.settings import Settings
from deskphone.wire.message import Request
from tests.netns.lab import ROOT, SERVER6, Lab, inside, run, wait
from tests.peers.phone import PeerPhone
from tests.sip.useragent.conftest import granting
from tests.sip.useragent.peer import Peer, Rtp, audio_of, learn, sdp

pytestmark = [pytest.mark.netns, pytest.mark.slow, pytest.mark.needs("nft")]
NETWORK = "2001:db8:77:"
FILTER = ROOT / "image" / "rootfs" / "usr" / "lib" / "deskphone" / "firewall.nft"
PORT = 5070
VOICE = Settings().media.port


class Phone6(PeerPhone):
    """The phone in the lab's namespace, reached at every address it has, as on a board."""

    def __init__(self, lab: Lab, folder: Path, server: str, **settings: str) -> None:
        self._lab = lab
        super().__init__(
            folder, 5060, "--sip-address", "all", "--sip-port", str(PORT),
            prefix=("ip", "netns", "exec", lab.phone), voip__signalling__sip__proxy_address=server, **settings,
        )  # fmt: skip

    def _ask(self, path: str, body: dict[str, Any] | None = None) -> Any:
        return inside(self._lab.phone, lambda: super(Phone6, self)._ask(path, body))


def filtered(lab: Lab) -> None:
    """The image's packet filter, with what the phone asks it for in a call."""
    nft = ("ip", "netns", "exec", lab.phone, "nft")
    run(*nft, "-f", str(FILTER))
    for elements in (f"sip_udp {{ {PORT} }}", f"servers6 {{ {SERVER6} }}", f"voice {{ {VOICE}-{VOICE + 99} }}"):
        run(*nft, "add", "element", "inet", "deskphone", *elements.split(" ", 1))


def addresses(lab: Lab) -> str:
    """The phone's addresses as the kernel has them."""
    return run("ip", "-n", lab.phone, "-6", "addr", "show", "dev", "eth0", "scope", "global")


def test_the_phone_registers_is_called_and_calls(lab: Lab) -> None:
    filtered(lab)
    lab.plug_in()
    with Phone6(lab, lab.folder / "six", SERVER6) as phone:
        story = phone.story()
        assert NETWORK not in addresses(lab)
        lab.advertise()
        wait(lambda: NETWORK in addresses(lab), lambda: f"an address by advertisement\n{lab.log('router')}")
        with (
            contextlib.closing(inside(lab.server, lambda: Peer(SERVER6, 5060))) as server,
            contextlib.closing(inside(lab.server, lambda: Rtp(SERVER6))) as voice,
        ):
            granting(server)
            story.registered(within=60)
            register = next(each for each in server.seen if isinstance(each, Request))
            contact = register.headers.get("contact").partition("<")[2].partition(">")[0]
            assert f"@[{NETWORK}" in contact, contact
            assert "10.77." not in register.headers.get("via")
            dialog = server.invite(contact, (), sdp(voice.port, host=SERVER6))
            learn(dialog, server.response(180))
            story.press("soft1")
            answer = server.response(200, "INVITE")
            server.ack(dialog, answer)
            story.in_call()
            assert audio_of(answer)[0].startswith(NETWORK)
            story.wait("voice", lambda _: len(voice.packets) > 10)
            server.send("BYE", dialog)
            server.response(200, "BYE")
            story.idle()
            phone.press(*"2001", "ok")
            invite = server.request("INVITE")
            assert invite.uri.startswith(f"sip:2001@[{SERVER6}]")
            heard = len(voice.packets)
            server.reply(invite, 200, "OK", (), sdp(voice.port, host=SERVER6))
            server.request("ACK")
            story.in_call()
            story.wait("voice", lambda _: len(voice.packets) > heard + 10)
            story.press("cancel")
            server.reply(server.request("BYE"), 200, "OK")
            story.idle()
        assert phone.troubles() == []
