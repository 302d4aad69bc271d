"""The provisioning server of the core bench: what it offers reaches the phone as the driver would report it.

Law: the world of the stories; it never looks into the phone, only at what the phone asked for.
"""

from __future__ import annotations

from dataclasses import replace

from deskphone.config.reader import read
from deskphone.core import effects as fx
from deskphone.core import events as ev
from deskphone.core.event import Network
from tests.layers import of_file
from tests.stories.bench import Story
from tests.stories.bench_core import START, CoreBench
from tests.stories.configuration import configuration

URL = "https://prov.example.com/000000001502.cfg"


class ProvisioningServer:
    """Files of the configuration server, and the SIP Server's NOTIFY check-sync."""

    def __init__(self, bench: CoreBench) -> None:
        self.bench = bench

    def check_sync(self, reboot: bool | None = None) -> None:
        """NOTIFY check-sync from the first server; None: without the parameter."""
        self.bench.turn(ev.CheckSync(0, reboot))
        self.bench.pass_time(0.01)

    def gives(self, **settings: str) -> None:
        """The phone fetched this configuration and found it good."""
        result = read(configuration(**settings), URL)
        assert result.settings is not None, result.report()
        self._report("updated", ev.SettingsLoaded(of_file(result.settings), URL, kept=True, idle=len(result.idle)))

    def gives_with_bad_lines(self, *lines: str) -> None:
        """The phone fetched its configuration with these lines more, which it does not take."""
        result = read(configuration() + "".join(f"{line}\n" for line in lines).encode(), URL)
        assert result.layers is not None and result.refused == len(lines), result.report()
        refused = tuple(str(error) for error in result.errors)
        self._report("updated", ev.SettingsLoaded(result.layers, URL, kept=True, refused=refused))

    def gives_but_the_disk_is_full(self, **settings: str) -> None:
        """The same, and the phone could not keep it."""
        result = read(configuration(**settings), URL)
        assert result.settings is not None, result.report()
        self._report("not_kept", ev.SettingsLoaded(of_file(result.settings), URL))

    def gives_the_same(self) -> None:
        """The phone fetched what it has already."""
        self._report("unchanged")

    def gives_a_login_page(self) -> None:
        """The phone fetched a page of HTML."""
        result = read(b"<html><body>Please log in</body></html>", URL)
        assert result.settings is None
        self._report("refused", ev.SettingsRejected(URL, tuple(str(error) for error in result.errors)))

    def wants_a_login(self, url: str = URL) -> None:
        """The phone was answered 401, without a login or with a wrong one."""
        why = f"{url}: expected a file that needs no login, got 401 Unauthorized"
        for event in (ev.SettingsRejected(url, (why,)), ev.Provisioned(url, START, "login", why, "160")):
            self.bench.turn(event)
        self.bench.pass_time(0.01)

    def is_silent(self) -> None:
        """It does not answer."""
        self._report("unreachable", detail=f"{URL}: expected an answer, got Connection refused")

    def dhcp_says(self, mac: str = "", **facts: object) -> None:
        """The lease has these facts (fields of Network) beside its address; no address: the cable is out."""
        lease = Network("192.168.100.200", "255.255.255.128", "192.168.100.129", ("192.168.100.130",))
        self.bench.turn(ev.NetworkChanged(replace(lease, **facts), mac))  # type: ignore[arg-type]
        self.bench.pass_time(0.1)

    def has_firmware(self, version: str, verdict: str = "verified", why: str = "") -> None:
        """Another firmware, and what the phone found it to be (provision/firmware.py: Verdict)."""
        self.bench.turn(ev.FirmwareOffered(version, verdict, why))

    def _report(self, outcome: str, *events: ev.Event, detail: str = "") -> None:
        for event in events:
            self.bench.turn(event)
        self.bench.turn(ev.Provisioned(URL, START + int(self.bench.now), outcome, detail, "160"))
        self.bench.pass_time(0.01)

    @property
    def asked(self) -> int:
        """How often the phone went for its files."""
        return sum(isinstance(each, fx.FetchSettings) for each in self.bench.effects)

    @property
    def logins(self) -> list[fx.FetchLogin]:
        """What a person typed for it."""
        return [each.login for each in self.bench.effects if isinstance(each, fx.FetchSettings) and each.login]

    @property
    def restarts(self) -> list[str]:
        """Why the phone restarted."""
        return [each.why for each in self.bench.effects if isinstance(each, fx.Restart)]

    @property
    def host_names(self) -> list[str]:
        """What the phone told the DHCP server to be called."""
        return [each.name for each in self.bench.effects if isinstance(each, fx.SetHostName)]


def server_of(phone: Story) -> ProvisioningServer:
    """The one this phone asks."""
    assert isinstance(phone.bench, CoreBench)
    return ProvisioningServer(phone.bench)


def on(phone: Story, **settings: str) -> ProvisioningServer:
    """A phone that has been on for a minute, and its server."""
    phone.power_on(**settings)
    phone.registered()
    phone.pass_time(60)
    return server_of(phone)
